"""Temafeedback: a member brings a theme, and the others write to that person, by name and to nobody else."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from meetings.feedback import FeedbackRefused
from meetings.models import Meeting, ThemeFeedback, ThemeReply
from members import outbox
from members.audit import record
from members.models import User
from networks import permissions
from networks.models import Network

KIND = "theme_announced"
OPEN_AFTER = timedelta(days=14)  # what one thinks of on the way home counts too


def meetings_ahead(network: Network, now: datetime):
    """Where a theme can be brought: announced before the meeting begins."""
    return network.meetings.upcoming(now).filter(starts_at__gt=now)


@transaction.atomic
def bring(meeting: Meeting, *, actor: User, kind: str, theme: str, question: str, now: datetime) -> ThemeFeedback:
    """Announce a theme for a coming meeting. The mail to the others says neither who nor what."""
    network = Network.objects.select_for_update().get(pk=meeting.network_id)
    if not permissions.is_active_member(actor, network):
        raise PermissionDenied
    if network.state != Network.State.ACTIVE or not meetings_ahead(network, now).filter(pk=meeting.pk).exists():
        raise FeedbackRefused(_("Vælg et møde, der ligger forude."))
    if meeting.theme_feedback.filter(focus_person=actor).exists():
        raise FeedbackRefused(_("Du har allerede bragt et tema til det møde."))
    brought = ThemeFeedback.objects.create(
        network=network, meeting=meeting, focus_person=actor, kind=kind, theme=theme, question=question, created_at=now
    )
    others = network.memberships.active().exclude(leader__user=actor).values_list("leader__user", flat=True)
    outbox.enqueue(KIND, subject_id=brought.pk, recipients=others, now=now, useless_after=meeting.starts_at)
    record(actor, "theme_brought", brought, now=now)
    return brought


def takes_replies(brought: ThemeFeedback, now: datetime) -> bool:
    """From the announcement until two weeks after the meeting, while the focus person alone reads."""
    meeting = brought.meeting
    is_on = meeting.state not in (Meeting.State.CANCELLED, Meeting.State.POSTPONED)
    return brought.shared_at is None and is_on and now < meeting.ends_at + OPEN_AFTER


@transaction.atomic
def reply(brought: ThemeFeedback, *, actor: User, text: str, now: datetime) -> None:
    """Write to the focus person; one may write one's own again until it is shared."""
    brought = _locked(brought)
    if not permissions.is_active_member(actor, brought.network) or actor.pk == brought.focus_person_id:
        raise PermissionDenied
    if not takes_replies(brought, now):
        raise FeedbackRefused(_("Der kan ikke skrives flere svar til det tema."))
    ThemeReply.objects.update_or_create(
        theme_feedback=brought, author=actor, defaults={"text": text, "written_at": now}
    )


@transaction.atomic
def share(brought: ThemeFeedback, *, actor: User, now: datetime) -> None:
    """Let the group read the replies, names and all: the focus person's choice alone, and for good."""
    brought = _locked(brought)
    if actor.pk != brought.focus_person_id or not permissions.is_active_member(actor, brought.network):
        raise PermissionDenied
    if brought.shared_at is None:
        brought.shared_at = now
        brought.save(update_fields=["shared_at"])
        record(actor, "theme_shared", brought, now=now)


@transaction.atomic
def withdraw(brought: ThemeFeedback, *, actor: User, now: datetime) -> None:
    """Take the theme back, with all that was written to it."""
    brought = _locked(brought)
    if actor.pk != brought.focus_person_id:
        raise PermissionDenied
    outbox.supersede(KIND, subject_id=brought.pk, now=now)
    record(actor, "theme_withdrawn", brought, now=now)
    brought.delete()


def replies_for(user: User, brought: ThemeFeedback) -> list[ThemeReply]:
    """All to the focus person, and to everyone once shared; otherwise one's own and no more."""
    replies = brought.replies.select_related("author")
    if brought.shared_at is None and user.pk != brought.focus_person_id:
        replies = replies.filter(author=user)
    return list(replies)


def _locked(brought: ThemeFeedback) -> ThemeFeedback:
    locked = ThemeFeedback.objects.select_for_update().get(pk=brought.pk)
    return ThemeFeedback.objects.select_related("network", "meeting").get(pk=locked.pk)
