"""What HR does with one leader's post: correct it, and end it."""

from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import transaction

from members import address_change, audit, permissions
from members.models import Leader, User
from members.signals import post_ended

PERSON_FIELDS = ("first_name", "last_name", "email", "phone")
POST_FIELDS = ("employee_number", "title", "unit", "level", "field", "line_manager")


@transaction.atomic
def edit_post(leader: Leader, values: dict, *, actor: User, now: datetime) -> Leader:
    """Write what HR has typed about the person and the post."""
    leader = Leader.objects.select_for_update(of=("self",)).select_related("user").get(pk=leader.pk)
    if not permissions.can_edit_leader(actor, leader):
        raise PermissionDenied
    user = leader.user
    old, old_number = user.email, leader.employee_number
    if (values["email"], values["employee_number"]) != (old, old_number):
        address_change.require_right([user], actor)
    if values["email"] != old:
        # An old address kept by the sign-in library would still let its next holder ask for a new password.
        EmailAddress.objects.filter(user=user).delete()
    for name in PERSON_FIELDS:
        setattr(user, name, values[name])
    for name in POST_FIELDS:
        setattr(leader, name, values[name])
    user.save(update_fields=PERSON_FIELDS)
    leader.save(update_fields=POST_FIELDS)
    if user.email != old:
        address_change.note([(user, old)], actor=actor, now=now)
    elif leader.employee_number not in ("", old_number):
        address_change.note_numbers([(user, old_number)], actor=actor, now=now)
    audit.record(actor, "edited leader", leader, now=now)
    return leader


@transaction.atomic
def end_post(leader: Leader, *, on: date, actor: User, now: datetime) -> Leader:
    """The last day in the post was `on`. Ending it twice changes nothing."""
    leader = Leader.objects.select_for_update().get(pk=leader.pk)
    if not permissions.can_see_leaders(actor):
        raise PermissionDenied
    if leader.valid_to is None:
        leader.valid_to = on
        leader.save(update_fields=["valid_to"])
        audit.record(actor, "ended post", leader, now=now)
        post_ended.send(sender=Leader, leader=leader, actor=actor, now=now)
    return leader


def is_managed_by(leader: Leader | None, other: Leader) -> bool:
    """Whether `other` stands somewhere above `leader`, or is the same."""
    managers = dict(Leader.objects.filter(line_manager__isnull=False).values_list("pk", "line_manager"))
    pk, passed = leader and leader.pk, set()
    while pk is not None and pk not in passed:
        if pk == other.pk:
            return True
        passed.add(pk)
        pk = managers.get(pk)
    return False
