"""What meetings do when memberships begin and end, within the transaction that made it so."""

import logging

from meetings import agenda, agreements, invitations, reminders, roles, scheduling, topics
from meetings.feeds import HideTokens
from members import outbox
from members.signals import choices_changed
from networks.signals import (
    membership_ended,
    membership_paused,
    membership_resumed,
    membership_started,
    network_closed,
)


def connect() -> None:
    """Called once, when the app is ready."""
    membership_started.connect(invite_newcomer, dispatch_uid="meetings.invite_newcomer")
    membership_ended.connect(withdraw_from_leaver, dispatch_uid="meetings.withdraw_from_leaver")
    membership_ended.connect(release_agreements, dispatch_uid="meetings.release_agreements")
    membership_paused.connect(withdraw_from_leaver, dispatch_uid="meetings.withdraw_on_leave")
    membership_resumed.connect(invite_newcomer, dispatch_uid="meetings.invite_on_return")
    network_closed.connect(cancel_all, dispatch_uid="meetings.cancel_all")
    choices_changed.connect(replan_reminders, dispatch_uid="meetings.replan_reminders")
    for name in ("django.request", "django.server"):
        logging.getLogger(name).addFilter(HideTokens())


def invite_newcomer(membership, now, **_kwargs) -> None:
    """The coming meetings and nothing of the past."""
    invitations.invite(invitations.coming(membership.network, now), [membership.leader.user_id], now=now)


def withdraw_from_leaver(membership, now, **_kwargs) -> None:
    user = membership.leader.user_id
    for plan in membership.network.plans.values_list("pk", flat=True):
        outbox.supersede(("plan_published",), subject_id=plan, now=now, recipients=[user])
    invitations.withdraw(invitations.coming(membership.network, now), user, now=now)
    invitations.release_postponed(membership.network, user)
    coming = membership.network.meetings.filter(starts_at__gt=now)
    roles.release(user, coming)
    agenda.release(user, coming)
    topics.forget_marks(user, membership.network)


def release_agreements(membership, now, **_kwargs) -> None:
    agreements.release(membership.network, membership.leader.user_id, now=now)


def replan_reminders(user, now, **_kwargs) -> None:
    reminders.replan_person(user.pk, now=now)


def cancel_all(network, actor, now, **_kwargs) -> None:
    scheduling.cancel_coming(network, actor=actor, now=now)
