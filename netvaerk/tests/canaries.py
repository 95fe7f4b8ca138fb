"""A word of its own in each field that only some may read, so that a word found tells what leaked, from where, to whom.

Who may read what is written down here once more, from the rows alone: were it asked of the product's own rules, a
mistake in them would hide itself.
"""

import base64
import binascii
import contextlib
import io
import random
import re
import string
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from functools import cache
from zipfile import ZipFile, is_zipfile

from django.apps import apps
from django.db import connection
from django.utils import timezone

from meetings.models import FeedbackResponse, FeedbackRound, Meeting, MeetingPlan, Reopening
from members.encryption import EncryptedJSONField, EncryptedTextField
from members.models import Role, User
from networks.models import Charter, CharterDraft, CharterRevision, Membership

WORD = re.compile(rb"zq[a-z]{10}", re.IGNORECASE)
PACKED = re.compile(rb"[A-Za-z0-9+/_=-]{16,}")

EVERYONE, NOBODY = None, frozenset()
Readers = frozenset[int] | None

# What is not encrypted, and yet not for everyone: what is shared with HR.
IN_THE_CLEAR = {"networks.SupportRequest": ("text", "answer")}


# All other text of the two rooms where members write, by who reads it. A new field stands here or is unreadable.
_HR_AND_APPROVERS = "the design and its approval: HR, the sponsor, those asked, and the catalogue's readers"
_HANDLED_BY_HR = "written by HR, or by the applicant to HR"
_DATES = "dates, places and seasons, which HR and the sponsor read too"
_NO_TEXT = "a choice from a list, a key, a number or a hash; not what somebody has written"
READ_BY_MORE = {
    f"{model}.{field}": why
    for why, models_of_it in {
        _HR_AND_APPROVERS: {
            "networks.Network": (
                "name slug search_text sort_text purpose personal_outcomes personal_outcome_note gains type_reason "
                "tags participation_terms time_needed guests themes exercises activities rhythm governance support "
                "farewell"
            ),
            "networks.StrategicDirection": (
                "title solutions development gains political_approver administrative_approver"
            ),
            "networks.DirectionDecision": "approver",
            "networks.Decision": "reason",
            "networks.BasisVersion": "note texts",
            "networks.Consultation": "question",
            "networks.ConsultationVersion": "texts",
            "networks.ConsultationReply": "text",
            "networks.GoalHierarchy": "goal why how",
            "networks.PolicyDraft": "title text link",
        },
        _HANDLED_BY_HR: {
            "networks.Application": "reason override_reason",
            "networks.Membership": "kept_reason kept_facts",
            "networks.SupportRequest": "text answer",
            "meetings.ClosedPeriod": "name",
            "meetings.QuestionVersion": "version texts left_out added",
        },
        _DATES: {
            "meetings.MeetingPlan": "name weekdays place",
            "meetings.Meeting": "place",
            "meetings.MeetingChange": "from_place to_place",
        },
        _NO_TEXT: {
            "meetings.Meeting": "uid",
            "meetings.CalendarFeed": "token_hash",
            "meetings.CalendarReply": "message_hash",
            "meetings.FeedbackRound": "question_set",
            "meetings.MonthlyFigures": "figures",
            "meetings.AgendaItem": "exercise",
            "meetings.ReflectionNote": "prompt",
            "meetings.ReminderChoice": "days answer_days",
        },
    }.items()
    for model, fields in models_of_it.items()
    for field in fields.split()
}


@dataclass(frozen=True)
class Canary:
    """One word, where it was planted and who may read it."""

    model: str
    field: str
    owner: str
    author: int | None = None
    readers: Readers = EVERYONE
    is_encrypted: bool = True

    def may_be_read_by(self, person: User | None) -> bool:
        return self.readers is EVERYONE or (person is not None and person.pk in self.readers)

    def is_own_of(self, person: User) -> bool:
        """What one has written oneself is in one's own data, also after one has left."""
        return self.author == person.pk or self.may_be_read_by(person)

    def __str__(self):
        return f"{self.model}.{self.field} of {self.owner}"


# --- Who may read ----------------------------------------------------------------------------------------------------


@cache
def _with_role(*roles: str) -> Readers:
    return frozenset(User.objects.filter(is_active=True, role_assignments__role__in=roles).values_list("pk", flat=True))


@cache
def members_of(network) -> Readers:
    inside = Membership.objects.filter(network=network, state="active", leader__user__is_active=True)
    return frozenset(inside.values_list("leader__user", flat=True))


def _hr() -> Readers:
    return _with_role(Role.HR_CONSULTANT, Role.HR_ADMIN)


def _top() -> Readers:
    return _with_role(Role.EXECUTIVE_BOARD, Role.POLITICAL)


def _of_charter(charter: Charter, field: str) -> Readers:
    """Whoever may sign up reads the ground rules of a group that shows them."""
    is_shown = field == "ground_rules" and charter.shows_ground_rules and charter.state == Charter.State.IN_EFFECT
    return EVERYONE if is_shown else members_of(charter.network)


def _of_message(message, field: str) -> Readers:
    inside = members_of(message.network)
    return inside | _top() | _hr() | {message.network.sponsor_id} if message.sent_at else inside


def _of_round(round: FeedbackRound) -> Readers:
    inside = members_of(round.network)
    if round.state != FeedbackRound.State.SHARED:
        return inside
    return inside | _top() | _hr() | {round.network.sponsor_id}


def _of_reply(reply, field: str) -> Readers:
    brought = reply.theme_feedback
    if brought.shared_at:
        return members_of(brought.network)
    return frozenset({reply.author_id, brought.focus_person_id})


def _one(person: User) -> Readers:
    return frozenset({person.pk})


AUTHORS = ("author_id", "owner_id", "focus_person_id", "written_by_id", "proposed_by_id", "created_by_id", "user_id")


def _author_of(row) -> int | None:
    if hasattr(row, "membership"):
        return row.membership.leader.user_id
    return next((getattr(row, name) for name in AUTHORS if getattr(row, name, None)), None)


# For each model: whose its rows are, and who may read one field of one row. A model that is not here fails the build.
RULES: dict[str, tuple[Callable, Callable]] = {
    "networks.Charter": (lambda row: row.network, _of_charter),
    "networks.CharterRevision": (lambda row: row.charter.network, lambda row, field: members_of(row.charter.network)),
    "networks.CharterDraft": (
        lambda row: row.membership.leader.user,
        lambda row, field: _one(row.membership.leader.user),
    ),
    "networks.CharterAnswer": (lambda row: row.charter.network, lambda row, field: members_of(row.charter.network)),
    "networks.PersonalGoals": (
        lambda row: row.membership.leader.user,
        lambda row, field: _one(row.membership.leader.user),
    ),
    "networks.ManagementMessage": (lambda row: row.network, _of_message),
    "networks.SupportRequest": (lambda row: row.network, lambda row, field: members_of(row.network) | _hr()),
    "meetings.MeetingChange": (
        lambda row: row.meeting.network,
        lambda row, field: members_of(row.meeting.network),
    ),
    "meetings.Minutes": (lambda row: row.meeting.network, lambda row, field: members_of(row.meeting.network)),
    "meetings.Reopening": (lambda row: row.meeting.network, lambda row, field: members_of(row.meeting.network)),
    "meetings.AgendaItem": (lambda row: row.meeting.network, lambda row, field: members_of(row.meeting.network)),
    "meetings.FeedbackRound": (lambda row: row.network, lambda row, field: _of_round(row)),
    "meetings.FeedbackResponse": (lambda row: row.round.network, lambda row, field: NOBODY),
    "meetings.FeedbackRelease": (lambda row: row.round.network, lambda row, field: _of_round(row.round)),
    "meetings.SeasonSummary": (lambda row: row.round.network, lambda row, field: _of_round(row.round)),
    "meetings.ThemeReply": (lambda row: row.theme_feedback.network, _of_reply),
    "meetings.ReflectionNote": (lambda row: row.user, lambda row, field: _one(row.user)),
} | {
    label: (lambda row: row.network, lambda row, field: members_of(row.network))
    for label in (
        "networks.Goal",
        "meetings.Meeting",
        "meetings.MeetingPlan",
        "meetings.FeedbackSchedule",
        "meetings.ThemeFeedback",
        "meetings.Topic",
        "meetings.Agreement",
        "meetings.LearningCard",
        "meetings.MovingRule",
    )
}
# A field that holds nothing until something else has happened is planted only where it does.
AS_THEY_ARE = {("networks.ManagementMessage", "reply"), ("meetings.FeedbackRound", "own_questions")}


def fields_to_plant() -> list[tuple[type, str, bool]]:
    """(model, field, whether it is encrypted) of all that not everyone may read."""
    found = []
    for model in apps.get_models():
        names = [field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)]
        found += [(model, name, True) for name in names]
        found += [(model, name, False) for name in IN_THE_CLEAR.get(model._meta.label, ())]
    return found


# --- Planting --------------------------------------------------------------------------------------------------------


class Flock:
    """All the words that stand in the database, and how to find them in whatever comes out of the house."""

    def __init__(self):
        self.words: dict[bytes, Canary] = {}
        self.planted: frozenset[Canary] = frozenset()
        self._named: dict[Canary, str] = {}
        self._chance = random.SystemRandom()

    def word(self, canary: Canary) -> str:
        if canary not in self._named:
            letters = "".join(self._chance.choice(string.ascii_lowercase) for _letter in range(10))
            self._named[canary] = f"zq{letters}"
            self.words[self._named[canary].encode()] = canary
        return self._named[canary]

    def plant(self) -> "Flock":
        _fill_what_the_demo_leaves_empty()
        members_of.cache_clear()
        _with_role.cache_clear()
        for model, field, is_encrypted in fields_to_plant():
            self._plant(model, field, is_encrypted=is_encrypted)
        self.planted = frozenset(self.words.values())
        return self

    def _plant(self, model, field: str, *, is_encrypted: bool) -> None:
        label = model._meta.label
        owner_of, readers_of = RULES[label]
        is_json = isinstance(model._meta.get_field(field), EncryptedJSONField)
        rows = defaultdict(list)
        for row in model.objects.order_by("pk"):
            value = getattr(row, field)
            if (is_json or (label, field) in AS_THEY_ARE) and not value:
                continue
            canary = Canary(label, field, str(owner_of(row)), _author_of(row), readers_of(row, field), is_encrypted)
            word = self.word(canary)
            if is_json:
                value = _with_word(value, word)
            else:
                value = f"https://skaerm.invalid/{word}" if field == "link" else word
            rows[repr(value)].append((row.pk, value))
        for same in rows.values():
            model.objects.filter(pk__in=[pk for pk, _value in same]).update(**{field: same[0][1]})

    # --- Finding ---

    def find(self, *things) -> set[Canary]:
        """Which words stand in these texts and bytes."""
        found = set()
        for thing in things:
            data = thing if isinstance(thing, bytes) else str(thing).encode(errors="replace")
            found |= {word.lower() for word in WORD.findall(data)}
        return {self.words[word] for word in found if word in self.words}

    def find_packed(self, *things) -> set[Canary]:
        """The same, also in what is packed in them."""
        return self.find(
            *(
                layer
                for thing in things
                for layer in layers(thing if isinstance(thing, bytes) else str(thing).encode(errors="replace"))
            )
        )


def in_the_open(flock: Flock) -> set[tuple[str, str]]:
    """(table, word) of what the database itself would give away."""
    return {
        (table, str(canary)) for table, cells in stored() for canary in flock.find_packed(cells) if canary.is_encrypted
    }


def _with_word(value, word: str):
    """The same value with the word in all that is somebody's own sentence."""
    if isinstance(value, dict):
        return {key: _with_word(inner, word) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_word(inner, word) for inner in value]
    return word if isinstance(value, str) and value else value


def _fill_what_the_demo_leaves_empty() -> None:
    """A draft nobody has proposed, an old wording, a meeting put right, a plan in the making, an answer given."""
    now = timezone.now()
    charter = Charter.objects.filter(state=Charter.State.IN_EFFECT).earliest("pk")
    membership = Membership.objects.filter(network=charter.network, state="active").earliest("pk")
    CharterDraft.objects.create(membership=membership, ground_rules="x", values="x", note="x", saved_at=now)
    CharterRevision.objects.create(
        charter=charter, number=1, was_substance=True, ground_rules="x", values="x", changed_at=now
    )
    held = Meeting.objects.filter(network=charter.network, state=Meeting.State.HELD).latest("starts_at")
    Reopening.objects.create(
        meeting=held, reason="x", reopened_by=membership.leader.user, reopened_at=now - timedelta(hours=1)
    )
    plan = MeetingPlan.objects.filter(network=charter.network).latest("pk")
    plan.pk, plan.state, plan.published_at = None, MeetingPlan.State.DRAFT, None
    plan.save()
    open_round = FeedbackRound.objects.get(state=FeedbackRound.State.OPEN)
    FeedbackResponse.objects.create(round=open_round, answers={"keep": "x", "free_space": 4})


# --- Unpacking -------------------------------------------------------------------------------------------------------


def layers(data: bytes) -> Iterable[bytes]:
    """The bytes, the files of a spreadsheet or archive, and what is packed in them as base64, squeezed or not."""
    if is_zipfile(io.BytesIO(data)):
        packed = ZipFile(io.BytesIO(data))
        for name in packed.namelist():
            yield name.encode()
            yield from layers(packed.read(name))
        return
    yield data
    for run in set(PACKED.findall(data)):
        inner = _from_base64(run)
        if inner is not None:
            yield inner
            with contextlib.suppress(zlib.error):
                yield zlib.decompress(inner)


def _from_base64(run: bytes) -> bytes | None:
    run = run.lstrip(b".=").rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(run + b"=" * (-len(run) % 4))
    except (binascii.Error, ValueError):
        return None


def whole(response) -> bytes:
    """Body and headers, cookies among them."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if not response.get("Content-Type", "").startswith("text/"):
        body = b"\n".join(layers(body))
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    packed = b"\n".join(layers(f"{headers}\n{response.cookies.output()}".encode()))
    return body + b"\n" + packed


def letter(data: bytes) -> bytes:
    """Every header and every part of a mail, as the receiver reads it and as it travels."""
    mime = message_from_bytes(data)
    read = [part.get_payload(decode=True) or b"" for part in mime.walk() if not part.is_multipart()]
    heads = [str(make_header(decode_header(str(value)))).encode() for _name, value in mime.items()]
    return b"\n".join([data, *read, *heads])


def stored() -> Iterable[tuple[str, bytes]]:
    """Every cell of every table, as the database would hand it to one who has stolen it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield table, repr(row).encode()
                yield from ((table, bytes(cell)) for cell in row if isinstance(cell, bytes | memoryview))
