"""What stands in the way of meetings in Egebjerg, and a meeting or two that had to give way."""

from datetime import date, datetime, time, timedelta

from dateutil.easter import easter

from meetings import closed_periods, date_poll, moving_rule, scheduling
from meetings.date_poll import Time
from meetings.models import ClosedPeriod, Meeting
from members.danish import today
from members.models import User
from networks.models import Network

Kind = ClosedPeriod.Kind


def keep_days(staff: dict[str, User], *, now: datetime) -> None:
    """The invented school breaks and byråd of two years back and two ahead, before anything is planned."""
    for year in range(today(now).year - 2, today(now).year + 3):
        sunday = easter(year)
        for kind, name, first, last in (
            (Kind.SCHOOL_BREAK, "Vinterferie", _monday(year, 7), 4),
            (Kind.SCHOOL_BREAK, "Påskeferie", sunday - timedelta(days=6), 2),
            (Kind.SCHOOL_BREAK, "Sommerferie", _monday(year, 27), 39),
            (Kind.SCHOOL_BREAK, "Efterårsferie", _monday(year, 42), 4),
            (Kind.CLOSED, "Jul og nytår", date(year, 12, 21), 13),
        ):
            closed_periods.add(
                kind=kind,
                name=name,
                first_date=first,
                last_date=first + timedelta(days=last),
                actor=staff["hr"],
                now=now,
            )
        council = [_last_tuesday(year, month) for month in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11)]
        closed_periods.add(
            kind=Kind.POLITICAL,
            name="Byrådsmøde",
            first_date=council[0],
            last_date=council[0],
            more_dates=council[1:],
            actor=staff["hr"],
            now=now,
        )


def _monday(year: int, week: int) -> date:
    return date.fromisocalendar(year, week, 1)


def _last_tuesday(year: int, month: int) -> date:
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 1) % 7)


def change_dates(*, now: datetime) -> None:
    """One meeting has no date and the members are asked; another waits for its coordinator."""
    across = Network.objects.get(name="Ledere på tværs")
    coordinator, *others = _people(across)
    _rule(across, [coordinator, *others], now)
    asked = now - timedelta(days=2)
    meeting = _postpone(across, coordinator, "Tre af os skal til budgetseminar den dag.", asked)
    poll = date_poll.ask(
        meeting,
        _times(meeting),
        deadline=today(now) + timedelta(days=4),
        actor=coordinator,
        now=asked + timedelta(minutes=5),
    )
    keys = list(poll.candidates.values_list("pk", flat=True))
    said = (("yes", "no", "yes"), ("if_needed", "yes", "yes"), ("no", "no", "if_needed"), ("yes", "yes", "yes"))
    answering = [coordinator, *(person for person in others if person.email != "leder@demo.invalid")][:6]
    for number, person in enumerate(answering):
        date_poll.answer(
            poll,
            answers=dict(zip(keys, said[number % 4], strict=True)),
            user=person,
            now=asked + timedelta(hours=number + 1),
        )
    nurseries = Network.objects.get(name="Dagtilbudsledere i hele kommunen")
    _postpone(nurseries, _people(nurseries)[0], "Egehuset er lukket på grund af vandskade.", now - timedelta(days=1))


def _people(network: Network) -> list[User]:
    members = network.memberships.active().select_related("leader__user").order_by("-is_coordinator", "pk")
    return [membership.leader.user for membership in members]


def _postpone(network: Network, coordinator: User, reason: str, now: datetime) -> Meeting:
    meeting = Meeting.objects.filter(network=network).upcoming(now)[3]
    scheduling.postpone(meeting, actor=coordinator, now=now, seen_sequence=meeting.sequence, reason=reason)
    meeting.refresh_from_db()
    return meeting


def _times(meeting: Meeting) -> list[Time]:
    """Two at the usual time, and a morning."""
    usual = [Time(meeting.date + timedelta(days=days), meeting.start_time, meeting.end_time) for days in (1, 7)]
    return [*usual, Time(meeting.date + timedelta(days=14), time(9), time(11))]


def _rule(network: Network, people: list[User], now: datetime) -> None:
    written = now - timedelta(days=300)
    moving_rule.write(network, text=str(moving_rule.SUGGESTION), seen=0, actor=people[0], now=written)
    for person in people[1:6]:
        moving_rule.agree(network, seen=1, actor=person, now=written + timedelta(days=1))
