"""A mail's words: in the recipient's language, and made once for those who are told the same."""

import pytest
from django.utils import translation

from members.mail import one_line, render_form, render_mail
from members.models import User


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


@pytest.mark.parametrize("name", ["Anne", "<b>x</b>", "O'Brien & Søn", "{{ 7 }}", "\\g<0>"])
def test_a_form_filled_in_is_the_mail_written_for_one(templates, name):
    recipient = User(email="anne@egebjerg-kommune.invalid", first_name=name, last_name="Holm", language="da")
    link, context = "https://netvaerk.invalid/moeder/7/?a=1&b=2", {"network": "Børn & <unge>"}

    form = render_form("moved", context, language="da")

    assert form.fill(recipient, link) == render_mail("moved", {**context, "button_url": link}, recipient=recipient)


def test_a_form_keeps_nothing_of_whom_it_was_filled_in_for(templates):
    anne, bo = (User(email=f"{name}@egebjerg-kommune.invalid", first_name=name) for name in ("Anne", "Bo"))
    form = render_form("moved", {"network": "Børn"}, language="da")

    form.fill(anne, "https://netvaerk.invalid/hemmelig/")
    mail = form.fill(bo, "https://netvaerk.invalid/")

    assert "Anne" not in mail.text + mail.html
    assert "hemmelig" not in mail.text + mail.html
