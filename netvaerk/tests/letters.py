"""One mail of every kind, built as the outbox builds it."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from meetings.models import FeedbackSchedule, Meeting
from members import kinds
from members.danish import today
from members.mail import Mail
from members.mime import to_bytes
from members.models import Message, Role, RoleChange, User
from netvaerk.tests.canaries import letter
from networks.models import Application, Charter, Membership, Network, StrategicDirection

OF_EACH = 3


def letters(wanted=None) -> Iterator[tuple[str, User, bytes]]:
    """(kind, receiver, all that the mail is): some of each kind the demo has queued, and one of each it has not."""
    for message, mail in mails(wanted):
        yield message.kind, message.recipient, letter(to_bytes(mail, message, message.recipient.email))


def mails(wanted=None) -> Iterator[tuple[Message, Mail]]:
    """The same before they are written down as bytes."""
    now, built = timezone.now(), Counter()
    for kind in kinds._kinds if wanted is None else wanted:
        for message in Message.objects.filter(kind=kind).select_related("recipient").order_by("-pk")[:60]:
            mail = _build(message, message.due_at) or _build(message, now)
            if mail and built[kind] < OF_EACH:
                built[kind] += 1
                yield message, mail
            if built[kind] == OF_EACH:
                break
    for message in _the_rest(now) if wanted is None else ():
        if message.kind not in built:
            yield message, kinds.get(message.kind).build(message, now)


def _build(message: Message, now):
    try:
        return kinds.get(message.kind).build(message, now)
    except kinds.Suppress:
        return None


def _the_rest(now) -> Iterator[Message]:
    """Rows brought into the state that a mail is about, one after the other."""

    def about(kind: str, subject, recipient: User, sequence: int = 0) -> Message:
        return Message(
            kind=kind, subject_id=subject.pk, recipient=recipient, sequence=sequence, created_at=now, due_at=now
        )

    def as_it_is(row, **values):
        type(row).objects.filter(pk=row.pk).update(**values)
        row.refresh_from_db()
        return row

    hr = User.objects.get(email="hr@demo.invalid")
    member = User.objects.get(email="leder@demo.invalid")
    coordinator = User.objects.get(email="tovholder@demo.invalid")
    day = today(now)

    application = Application.objects.filter(network__state=Network.State.ENROLLING).latest("pk")
    State = Application.State
    for kind, values in (
        ("application_rejected", {"state": State.REJECTED, "reason": "Der er ikke flere pladser."}),
        ("application_promoted", {"state": State.PENDING}),
        ("network_invitation", {"state": State.INVITED, "answer_by": None}),
        ("offer_expired", {"state": State.WITHDRAWN, "answer_by": day - timedelta(days=1), "decided_by": None}),
    ):
        as_it_is(application, **values)
        yield about(kind, application, hr if kind == "application_promoted" else application.leader.user)

    network = coordinator.posts.get().memberships.filter(network__charters__isnull=False).first().network
    yield about("network_resumed", network, coordinator)
    as_it_is(network, review_date=day, ends_on=day, hr_contact=hr)
    yield about("network_review", network, hr, day.toordinal())
    yield about("network_ends", network, hr, day.toordinal())
    direction = StrategicDirection.objects.filter(networks=network).get()
    yield about("direction_review", direction, hr)

    charter = Charter.objects.filter(network=network).latest("number")
    yield about("charter_changed", charter, coordinator, charter.revision)
    as_it_is(charter, state=Charter.State.LAPSED)
    yield about("charter_lapsed", charter, coordinator)

    unclosed = Meeting.objects.filter(network=network, ends_at__lt=now).latest("starts_at")
    as_it_is(unclosed, state=Meeting.State.CONVENED, closed_at=None, held_at=None)
    yield about("meeting_unclosed", unclosed, coordinator)
    schedule = FeedbackSchedule.objects.get()
    as_it_is(schedule, missed_on=day, missed_why=FeedbackSchedule.Missed.TOO_FEW)
    leads = schedule.network.memberships.active().filter(is_coordinator=True).first()
    yield about("feedback_missed", schedule, leads.leader.user, day.toordinal())

    inside = Membership.objects.filter(network=network, leader__user=member).get()
    yield about("leave_over", inside, member)
    yield about("member_joined", inside, coordinator)
    change = RoleChange.objects.create(
        act=RoleChange.Act.GIVEN, role=Role.HR_CONSULTANT, person=member, changed_by=hr, reason="Vikar", changed_at=now
    )
    yield about("role_changed", change, member)
    made = RoleChange.objects.create(
        act=RoleChange.Act.GIVEN, role=Role.HR_ADMIN, person=member, changed_by=hr, reason="Vikar", changed_at=now
    )
    yield about("new_administrator", made, hr)
    moved = RoleChange.objects.create(
        act=RoleChange.Act.ADDRESS, person=member, changed_by=hr, reason="gammel@demo.invalid", changed_at=now
    )
    yield about("address_changed", moved, member)
    renumbered = RoleChange.objects.create(
        act=RoleChange.Act.NUMBER, person=member, changed_by=hr, reason="4711", changed_at=now
    )
    yield about("address_changed", renumbered, member)
    yield about("password_reset", hr, hr)
    yield about("follow_up_weekly", network, hr)

    mail = Message.objects.create(kind="digest", subject_id=1, recipient=coordinator, created_at=now, due_at=now)
    news = ("charter_proposed", "feedback_opened", "theme_announced", "meeting_invitation")
    waiting = Message.objects.filter(recipient=coordinator, kind__in=news)
    waiting.update(state=Message.State.DUE, is_held=True, digest=mail, useless_after=None)
    yield mail

    as_it_is(inside, state=Membership.State.LEFT)
    yield about("membership_ended", inside, member)
