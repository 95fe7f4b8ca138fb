"""Meetings as rows of a list: plain strings made once, so that a long list costs no more than it must."""

from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from meetings.models import Meeting, MeetingQuerySet, Rsvp
from members.danish import compact_date, short_day, time_range, week_with_year

COLUMNS = ("pk", "date", "start_time", "end_time", "starts_at", "network__name", "place", "state")


class Row(NamedTuple):
    """What templates/meetings/_meeting_rows.html shows of a meeting. The tag is my answer while it can be changed."""

    url: str
    week: str
    iso: str
    when: str
    network: str
    place: str
    tag: str
    tag_label: str


def rows(meetings: MeetingQuerySet, *, user=None, now: datetime | None = None, with_links: bool = True) -> list[Row]:
    """One row per meeting, in the order given. With `user` and `now`, a member sees what they have answered."""
    columns = COLUMNS
    if user is not None and now is not None:
        meetings, columns = meetings.with_answer_of(user), (*COLUMNS, "my_answer")
    return _rows(meetings.values_list(*columns), now, with_links)


def rows_of(meetings: list[Meeting], *, now: datetime) -> list[Row]:
    """The same of meetings that are at hand, each with `my_answer`."""
    values = (
        (m.pk, m.date, m.start_time, m.end_time, m.starts_at, m.network.name, m.place, m.state, m.my_answer)
        for m in meetings
    )
    return _rows(values, now, True)


def rows_of_values(found: list[dict], *, now: datetime, with_links: bool) -> list[Row]:
    """The same of COLUMNS that are at hand, each with `my_answer` where one is to be shown."""
    columns = (*COLUMNS, "my_answer") if found and "my_answer" in found[0] else COLUMNS
    return _rows(map(itemgetter(*columns), found), now, with_links)


def _rows(values, now: datetime | None, with_links: bool) -> list[Row]:
    address = reverse("meetings:meeting", args=[0]).replace("/0/", "/%d/")
    states = {state.value: str(state.label) for state in Meeting.State}
    answers = {answer.value: str(answer.label) for answer in Rsvp.Answer}
    spoken = cache(time_range)  # most meetings of a plan begin and end alike
    found = []
    for pk, day, start, end, starts_at, network, place, state, *answer in values:
        tag, tag_label = state, states[state]
        if answer and state == Meeting.State.CONVENED and now < starts_at:
            tag = answer[0] or Rsvp.Answer.NO_REPLY.value
            tag_label = answers[tag]
        found.append(
            Row(
                url=address % pk if with_links else "",
                week=week_with_year(day),
                iso=f"{day.isoformat()}T{start:%H:%M}",
                when=_("Udsat fra %(date)s") % {"date": compact_date(day)}
                if state == Meeting.State.POSTPONED
                else f"{short_day(day)} {day.year} {spoken(start, end)}",
                network=network,
                place=place,
                tag=tag,
                tag_label=tag_label,
            )
        )
    return found
