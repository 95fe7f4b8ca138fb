"""What a database that has gone back in time must not do: send mail again, let in the dismissed, revive the erased."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from meetings import feedback
from members import restore
from members.models import User
from netvaerk.personal_data import erasure


@dataclass(frozen=True)
class Settled:
    held: int
    sessions: int
    rounds: int
    erased: int
    left: list[str]  # what HR must settle, in words


@transaction.atomic
def settle(erased: dict[int, datetime], *, now: datetime) -> Settled:
    """Once, before anyone is let in."""
    held = restore.hold(now=now)
    sessions = Session.objects.all().delete()[0]
    UserSession.objects.all().delete()
    rounds = feedback.end_restored(now)
    back = came_back(erased)
    left = [sentence for person in back for sentence in erasure.repeat(person, erased_at=erased[person.pk], now=now)]
    return Settled(held=held, sessions=sessions, rounds=rounds, erased=len(back), left=left)


def came_back(erased: dict[int, datetime]) -> list[User]:
    """Those on the list who are persons here. A number may be given anew after a restore: its holder joined later."""
    people = User.objects.filter(pk__in=erased).order_by("pk")
    return [person for person in people if not person.is_erased and person.date_joined < erased[person.pk]]
