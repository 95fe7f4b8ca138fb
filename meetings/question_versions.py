"""HR administrators keep the standard questions: what is asked from now on. Rounds planned before keep theirs."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from meetings import questions
from meetings.models import QuestionVersion
from members.audit import record
from members.models import User
from networks.conflicts import ChangedMeanwhile
from networks.models import NetworkType
from networks.refusal import Refused

MOST_ADDED = 3
TEXT_LENGTH = 200


def latest(kind: str) -> QuestionVersion | None:
    return QuestionVersion.objects.filter(kind=kind).order_by("-number").first()


@transaction.atomic
def publish(
    kind: str,
    *,
    texts: dict[str, str],
    left_out: Sequence[str],
    added: Sequence[tuple[str, str]],
    is_rewording: bool,
    seen: str,
    actor: User,
    now: datetime,
) -> QuestionVersion:
    """Make the next version. `texts` is the wording by key; `added` pairs a key, empty when new, with a statement.

    With `is_rewording` results stay comparable; otherwise each changed question begins anew.
    """
    if not actor.is_hr_admin:
        raise PermissionDenied
    before, shipped = latest(kind), questions.SHIPPED[kind]
    is_seen = seen == (before.version if before else shipped.version)
    number = (before.number if before else 1) + 1
    row = QuestionVersion(kind=kind, number=number, created_by=actor, created_at=now)
    row.left_out = [question.key for question in shipped.questions if question.key in left_out]
    row.texts = _texts(shipped, before, texts, number, is_rewording=is_rewording)
    row.added = _added(before, added, number, is_rewording=is_rewording)
    content = {"texts": row.texts, "left_out": row.left_out, "added": row.added}
    if content == _content(before) and not is_seen and before:
        return before  # the same form sent twice
    if not is_seen:
        raise _changed(kind)
    if content == _content(before):
        raise Refused(_("Der er ikke ændret noget."))
    _require_something_to_rate(shipped, row)
    row.version = f"{kind}-{number}-{_mark(kind, number, content)}"
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise _changed(kind) from None
    record(actor, "publish_questions", row, now=now)
    return row


def _changed(kind: str) -> ChangedMeanwhile:
    told = _("En anden har lavet en ny udgave, siden du åbnede siden. Din er ikke gemt endnu.")
    return ChangedMeanwhile(told, questions.current(kind))


def _content(row: QuestionVersion | None) -> dict:
    if row is None:
        return {"texts": {}, "left_out": [], "added": []}
    return {"texts": row.texts, "left_out": row.left_out, "added": row.added}


def _texts(shipped, before: QuestionVersion | None, texts: dict, number: int, *, is_rewording: bool) -> dict:
    """Only what differs from the shipped wording is kept; that one can be read in every language."""
    known = before.texts if before else {}
    found = {}
    for question in shipped.questions:
        earlier = known.get(question.key, {"text": question.in_danish, "since": 0})
        text = texts.get(question.key, earlier["text"]).strip()
        since = earlier["since"] if text == earlier["text"] or is_rewording else number
        if text != question.in_danish or since:
            found[question.key] = {"text": text, "since": since}
    return found


def _added(before: QuestionVersion | None, added, number: int, *, is_rewording: bool) -> list[dict]:
    known = {one["key"]: one for one in (before.added if before else ())}
    found = []
    for place, (key, text) in enumerate((key, text.strip()) for key, text in added if text.strip()):
        earlier = known.get(key)
        keeps = earlier is not None and (is_rewording or earlier["text"] == text)
        found.append(
            {
                "key": key if earlier else f"added_{number}_{place + 1}",
                "text": text,
                "since": earlier["since"] if keeps else number,
            }
        )
    return found[:MOST_ADDED]


def _require_something_to_rate(shipped, row: QuestionVersion) -> None:
    """Whatever the type and the gains of a network, there is a statement left to rate."""
    kept = [question for question in shipped.questions if question.key not in row.left_out and not question.is_open]
    if not row.added and not all(
        any(question.is_for(kind) for question in kept) for kind in (NetworkType.FAGLIG, NetworkType.TVAERFAGLIG)
    ):
        raise Refused(_("Behold mindst ét udsagn, som alle netværk skal vurdere."))


def _mark(kind: str, number: int, content: dict) -> str:
    said = json.dumps([kind, number, content], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:12]
