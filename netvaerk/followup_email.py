"""The weekly mail to HR: what needs follow-up, Monday at eight. Not sent to whom it has nothing to say.

It is planned as a row in the outbox with the week in its key, so that each gets one a week, and built when it is sent.
Process facts alone: no name of a member and no word from inside a network.
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.danish import today, wall_to_utc
from members.models import Message, Role, User
from members.outbox import Mail, Suppress
from netvaerk import followup
from netvaerk.followup import State
from netvaerk.models import WeeklyMailRefusal
from netvaerk.personal_data import retention

KIND = "follow_up_weekly"
AT = time(8)
USEFUL = timedelta(hours=12)
PLANNED_AHEAD = timedelta(days=2)
SHOWN = 10
DAYS_OF_A_WEEK = 7  # what is due for disposal is said with the rest; by itself only on a month's first Monday


def register() -> None:
    outbox.register(KIND, build=weekly, label=_("Ugens opfølgning"))
    outbox.explain({"nothing to follow up": _("Der var ikke noget at følge op på"), "said no": _("Har sagt nej tak")})


def plan(*, now: datetime) -> int:
    """Queue the mail of the next Monday from two days before; run as often as one likes."""
    day = today(now)
    monday = day + timedelta(days=-day.weekday() % 7)
    due = wall_to_utc(monday, AT)
    if due <= now:
        monday += timedelta(days=7)
        due = wall_to_utc(monday, AT)
    if due - now > PLANNED_AHEAD:
        return 0
    hr = User.objects.filter(
        is_active=True,
        weekly_mail_refusal__isnull=True,
        role_assignments__role__in=[Role.HR_CONSULTANT, Role.HR_ADMIN],
    )
    return outbox.enqueue(
        KIND,
        subject_id=monday.toordinal(),
        recipients=hr.order_by("pk").values_list("pk", flat=True).distinct(),
        now=now,
        due_at=due,
        useless_after=due + USEFUL,
        priority=Message.Priority.LOW,
    )


def wants(user: User) -> bool:
    return not WeeklyMailRefusal.objects.filter(user=user).exists()


def choose(user: User, *, wants_mail: bool) -> None:
    """Monday's mail, or not; what waits already asks again when it is sent."""
    if wants_mail:
        WeeklyMailRefusal.objects.filter(user=user).delete()
    else:
        WeeklyMailRefusal.objects.get_or_create(user=user)


def weekly(message: Message, now: datetime) -> Mail:
    recipient = message.recipient
    if not recipient.is_hr:
        raise Suppress("not in HR")
    if not wants(recipient):
        raise Suppress("said no")
    with translation.override(recipient.language):
        lines = followup.lines(now)
    urgent = [line for line in lines if line.findings]
    due = _due_for_disposal(recipient, now)
    if not urgent and not (due and today(now).day <= DAYS_OF_A_WEEK):
        raise Suppress("nothing to follow up")
    context = {
        "stalled": sum(line.state == State.STALLED for line in urgent),
        "attention": sum(line.state == State.ATTENTION for line in urgent),
        "lines": urgent[:SHOWN],
        "more": max(len(urgent) - SHOWN, 0),
        "due": due,
        "due_url": settings.SITE_URL + reverse("netvaerk:personal_data"),
        "now": now,
        "button_url": settings.SITE_URL + reverse("netvaerk:followup"),
    }
    return outbox.render_mail("netvaerk/email/follow_up_weekly", context, recipient=recipient)


def _due_for_disposal(recipient: User, now: datetime) -> int:
    """How much personal data has become too old: for those who may dispose of it, as nothing here does so by itself."""
    return sum(rule.count(now) for rule in retention.RULES) if recipient.is_hr_admin else 0
