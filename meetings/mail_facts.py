"""What the mails about meetings are made of, for many messages in a handful of queries.

It says what is true when it is read, and is used for those messages alone.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property

from meetings import reminders
from meetings.invitations import CHANGED, INVITATION
from meetings.models import Invitation, Meeting, MeetingChange, Rsvp
from members.mail import Form, Mail, render_form
from members.models import Message, User
from networks.models import Membership


def calendar_words() -> dict[str, str | bool]:
    """What every mail about meetings may say of calendars."""
    return {
        "reads_calendars": bool(settings.REPLY_ADDRESS),
        "subscription_url": settings.SITE_URL + reverse("meetings:subscription"),
    }


class Held(NamedTuple):
    """A person's invitation as it is now."""

    sequence: int
    is_cancelled: bool


class Facts:
    def __init__(self, messages: Sequence[Message]):
        self.messages = messages
        self._people = {message.recipient_id for message in messages}
        meetings = Meeting.objects.select_related("network").defer("theme", "link")
        self.meetings = meetings.in_bulk({message.subject_id for message in messages})
        self._forms: dict[Hashable, Form] = {}

    def meeting_and_invitation(self, message: Message) -> tuple[Meeting | None, Held | None]:
        return self.meetings.get(message.subject_id), self._held.get((message.subject_id, message.recipient_id))

    def answer(self, message: Message) -> str:
        return self._answers.get((message.subject_id, message.recipient_id)) or Rsvp.Answer.NO_REPLY

    def is_member(self, user: int, meeting: Meeting) -> bool:
        return Membership.State.ACTIVE in self._memberships[meeting.network_id, user]

    def is_on_leave(self, user: int, meeting: Meeting) -> bool:
        return Membership.State.ON_LEAVE in self._memberships[meeting.network_id, user]

    def reminder_choice(self, meeting: Meeting) -> reminders.Choice:
        return self._choices.get(meeting.network_id) or reminders.usual()

    def change_since_told(self, message: Message) -> tuple[bool, MeetingChange | None]:
        """Whether this person was told of the meeting before, and the first change since then."""
        told = [
            sequence for sequence in self._told[message.subject_id, message.recipient_id] if sequence < message.sequence
        ]
        if not told:
            return False, None
        since = (change for change in self._changes[message.subject_id] if change.sequence > max(told))
        return True, next(since, None)

    def fill(
        self, template_base: str, meeting: Meeting, context: Mapping[str, Hashable], *, recipient: User, link: str
    ) -> Mail:
        """The mail, its words made once for all who are told the same of the meeting in the same language."""
        key = (template_base, recipient.language, meeting, *sorted(context.items()))
        if key not in self._forms:
            words = calendar_words() | {"meeting": meeting, "network": meeting.network, **context}
            self._forms[key] = render_form(template_base, words, language=recipient.language)
        return self._forms[key].fill(recipient, link)

    # --- Read when the first message asks ---

    @cached_property
    def _held(self) -> dict[tuple[int, int], Held]:
        rows = Invitation.objects.filter(meeting__in=self.meetings, user__in=self._people)
        return {
            (meeting, user): Held(*held)
            for meeting, user, *held in rows.values_list("meeting", "user", "sequence", "is_cancelled")
        }

    @cached_property
    def _answers(self) -> dict[tuple[int, int], str]:
        rows = Rsvp.objects.filter(meeting__in=self.meetings, user__in=self._people)
        return {(meeting, user): answer for meeting, user, answer in rows.values_list("meeting", "user", "answer")}

    @cached_property
    def _memberships(self) -> dict[tuple[int, int], set[str]]:
        networks = {meeting.network_id for meeting in self.meetings.values()}
        rows = Membership.objects.inside().filter(network__in=networks, leader__user__in=self._people)
        states = defaultdict(set)
        for network, user, state in rows.order_by().values_list("network", "leader__user", "state"):
            states[network, user].add(state)
        return states

    @cached_property
    def _choices(self) -> dict[int, reminders.Choice]:
        return reminders.choices_of({meeting.network_id for meeting in self.meetings.values()})

    @cached_property
    def _told(self) -> dict[tuple[int, int], list[int]]:
        rows = Message.objects.filter(
            kind__in=(INVITATION, CHANGED),
            subject_id__in=self.meetings,
            recipient__in=self._people,
            state__in=(Message.State.SENT, Message.State.IN_DOUBT),
        )
        told = defaultdict(list)
        for meeting, user, sequence in rows.values_list("subject_id", "recipient", "sequence"):
            told[meeting, user].append(sequence)
        return told

    @cached_property
    def _changes(self) -> dict[int, list[MeetingChange]]:
        changes = defaultdict(list)
        for change in MeetingChange.objects.filter(meeting__in=self.meetings).defer("reason").order_by("sequence"):
            changes[change.meeting_id].append(change)
        return changes
