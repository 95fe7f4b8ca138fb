"""Development only: the mails that were written to a folder instead of sent, read in the browser."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

BETWEEN_MAILS = b"-" * 79 + b"\n"
SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "Auto-Submitted", "List-Id")
MOST_SHOWN = 200


@dataclass
class Letter:
    """One mail in the folder; `name` finds it again."""

    name: str
    written_at: datetime
    mime: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.mime["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.mime["To"] or "")

    @property
    def date(self) -> datetime:
        try:
            return parsedate_to_datetime(self.mime["Date"])
        except (TypeError, ValueError):
            return self.written_at

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(self.mime[name])) for name in SHOWN_HEADERS if self.mime[name]]

    @property
    def text(self) -> str:
        body = self.mime.get_body(("plain",))
        return body.get_content() if body else ""

    @property
    def calendar(self) -> str:
        """The calendar entry as it is written, with folded lines joined."""
        for part in self.mime.walk():
            if part.get_content_type() in ("text/calendar", "application/ics"):
                text = part.get_payload(decode=True).decode("utf-8", "replace")
                return text.replace("\r\n", "\n").replace("\n ", "")
        return ""


def folder() -> Path:
    """Where mails lie, or 404 where they are really sent or anyone but a developer might look."""
    is_here = settings.DEBUG and settings.EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend"
    if not is_here:
        raise Http404
    return Path(settings.EMAIL_FILE_PATH)


def letters() -> list[Letter]:
    """All mails, newest first. Django writes one file per connection, with a dashed line after each mail."""
    files = sorted(folder().glob("*.log"), key=lambda file: (file.stat().st_mtime, file.name), reverse=True)
    return [letter for file in files[:MOST_SHOWN] for letter in reversed(read(file))]


def read(file: Path) -> list[Letter]:
    written_at = datetime.fromtimestamp(file.stat().st_mtime, tz=timezone.get_current_timezone())
    mails = [mail for mail in file.read_bytes().split(BETWEEN_MAILS) if mail.strip()]
    return [
        Letter(f"{file.stem}-{number}", written_at, message_from_bytes(mail, policy=policy.default))
        for number, mail in enumerate(mails)
    ]


@login_not_required
@require_safe
def mailbox(request):
    return render(request, "netvaerk/mailbox.html", {"letters": letters()})


@login_not_required
@require_safe
def mailbox_letter(request, name):
    stem, _, number = name.rpartition("-")
    # Looked up among the folder's own files, so that no name leads out of it.
    file = next((file for file in folder().glob("*.log") if file.stem == stem), None)
    found = read(file) if file else []
    if not number.isdecimal() or int(number) >= len(found):
        raise Http404
    return render(request, "netvaerk/mailbox_letter.html", {"letter": found[int(number)]})


urlpatterns = [
    path("postkasse/", mailbox, name="mailbox"),
    path("postkasse/<slug:name>/", mailbox_letter, name="mailbox_letter"),
]
