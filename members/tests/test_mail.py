"""The letter: its words in the recipient's language, its headers clean, its calendar as Outlook and Gmail expect it."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from members.mail import Mail, one_line, render_mail, to_mime
from members.models import Message, User

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
CALENDAR = "BEGIN:VCALENDAR\r\nSUMMARY:Møde på Ærø\r\nEND:VCALENDAR\r\n".encode()


def letter(mail, *, first_name="Søren", last_name="Ærø", address="soeren@egebjerg-kommune.invalid"):
    recipient = User(pk=3, email=address, first_name=first_name, last_name=last_name)
    message = Message(pk=1, kind="invitation", subject_id=7, recipient=recipient, created_at=NOW, dated_at=NOW)
    return to_mime(mail, message, address)


def parsed(mail, **person):
    return message_from_bytes(letter(mail, **person).as_bytes(), policy=policy.default)


def test_letter_says_who_sent_it_and_that_a_machine_did(settings):
    settings.MAIL_DOMAIN = "ledernetvaerk.egebjerg-kommune.invalid"

    mime = parsed(Mail("Flyttet: Ledere på tværs, nu tor. 11. mar. kl. 13.00", "Hej Søren\n", headers={"X-A": "b"}))

    assert mime["Subject"] == "Flyttet: Ledere på tværs, nu tor. 11. mar. kl. 13.00"
    assert mime["To"] == "Søren Ærø <soeren@egebjerg-kommune.invalid>"
    assert mime["Date"].datetime == NOW
    assert mime["Auto-Submitted"] == "auto-generated"
    assert mime["List-Id"] == "<beskeder.ledernetvaerk.egebjerg-kommune.invalid>"
    assert mime["Message-ID"].endswith("@ledernetvaerk.egebjerg-kommune.invalid>")
    assert mime["X-A"] == "b"
    assert mime.get_content().splitlines() == ["Hej Søren"]


def test_message_id_tells_nothing_and_follows_from_the_key(settings):
    first = letter(Mail("A", "a\n"))["Message-ID"]

    assert first == letter(Mail("B", "b\n"))["Message-ID"]
    assert "invitation" not in first
    settings.SECRET_KEY = "another " * 10
    assert letter(Mail("A", "a\n"))["Message-ID"] != first


def test_letter_is_plain_ascii_and_short_lines_on_the_wire():
    mail = Mail("Æ" * 300, "ø" * 3000 + "\n", f"<p>{'å' * 3000}</p>", calendar=CALENDAR, calendar_method="REQUEST")

    data = letter(mail, first_name="Ærøskøbing" * 20).as_bytes()

    assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_calendar_stands_beside_the_text_and_as_a_file():
    mime = parsed(Mail("Møde", "Hej\n", "<p>Hej</p>", calendar=CALENDAR, calendar_method="REQUEST"))

    alternative, attachment = mime.iter_parts()
    text, html, calendar = alternative.iter_parts()
    assert mime.get_content_type() == "multipart/mixed"
    assert alternative.get_content_type() == "multipart/alternative"
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert calendar["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST"}
    assert calendar.get_payload(decode=True) == CALENDAR
    assert (attachment.get_content_type(), attachment.get_filename()) == ("application/ics", "invite.ics")
    assert attachment.get_payload(decode=True) == CALENDAR


def test_letter_is_the_same_bytes_each_time():
    mail = Mail("Møde", "Hej\n", "<p>Hej</p>", calendar=CALENDAR, calendar_method="CANCEL")

    assert letter(mail).as_bytes() == letter(mail).as_bytes()


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("Møde\r\nBcc: x@y.dk", "Møde Bcc: x@y.dk"),
        ("a\x00b\u2028c\u0085d", "a b c d"),
        ("\u202eksirk", "ksirk"),
        ("  to   mellemrum ", "to mellemrum"),
        ("\ud800x", "x"),
    ],
)
def test_header_text_is_one_clean_line(dirty, clean):
    assert one_line(dirty) == clean


@pytest.mark.parametrize("name", ["HR <hr@kommune.dk>", 'a"b', "x@y, z:", "æ\r\nBcc: a@b.dk", "=?utf-8?q?x?="])
def test_recipients_name_cannot_become_an_address(name):
    mime = parsed(Mail("A", "a\n"), first_name=name)

    assert [address.addr_spec for address in mime["To"].addresses] == ["soeren@egebjerg-kommune.invalid"]
    assert mime["Bcc"] is None
    assert not set(mime["To"].addresses[0].display_name) & set('<>@"\r\n')


@given(st.text(max_size=300))
def test_any_subject_arrives_as_it_was_cleaned(subject):
    data = letter(Mail(subject, "a\n")).as_bytes()

    mime = message_from_bytes(data, policy=policy.default)
    assert set(mime.keys()) <= {
        "Subject", "From", "To", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert " ".join((mime["Subject"] or "").split()) == one_line(subject, limit=200)


@pytest.fixture
def templates(settings, tmp_path):
    """A mail of three files over the shared layout."""
    (tmp_path / "moved_subject.txt").write_text("Flyttet: {{ network }}\n")
    (tmp_path / "moved.txt").write_text(
        '{% extends "email/base.txt" %}{% block content %}{{ network }} er flyttet.\n\n\n\nSes vi?{% endblock %}'
        "{% block button %}Se mødet{% endblock %}{% block reason %}Du er med i {{ network }}.{% endblock %}"
    )
    (tmp_path / "moved.html").write_text(
        '{% extends "email/base.html" %}{% block content %}<p>{{ network }} er flyttet.</p>{% endblock %}'
        "{% block button %}Se mødet{% endblock %}"
    )
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]


def render(language="da"):
    recipient = User(email="anne@egebjerg-kommune.invalid", first_name="Anne", last_name="Holm", language=language)
    context = {"network": "Børn & <unge>", "button_url": "https://netvaerk.invalid/moeder/7/?a=1&b=2"}
    return render_mail("moved", context, recipient=recipient)


def test_render_mail_fills_subject_text_and_html(templates, settings):
    mail = render()

    assert mail.subject == "Flyttet: Børn & <unge>"
    assert mail.text.startswith(
        "Hej Anne\n\nBørn & <unge> er flyttet.\n\nSes vi?\n\nSe mødet: https://netvaerk.invalid/"
    )
    assert "?a=1&b=2" in mail.text
    assert "Du er med i Børn & <unge>." in mail.text
    assert f"{settings.SITE_URL}/konto/profil/" in mail.text
    assert settings.MUNICIPALITY_NAME in mail.text
    assert "Børn &amp; &lt;unge&gt; er flyttet." in mail.html
    assert mail.html.count("<a href=") == 2, "the button and the way to one's choices"
    assert settings.MUNICIPALITY_NAME in mail.html


def test_render_mail_fetches_nothing_from_anywhere(templates):
    html = render().html

    for trace in ("<img", "src=", "url(", "<link", "<script", "@import"):
        assert trace not in html


def test_render_mail_speaks_the_recipients_language(templates, monkeypatch):
    spoken = []
    monkeypatch.setattr("members.mail.render_to_string", lambda *args: spoken.append(translation.get_language()) or "")

    with translation.override("da"):
        render("en")
        assert translation.get_language() == "da"

    assert spoken == ["en"]
