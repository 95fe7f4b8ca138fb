import pytest
from django.core.exceptions import ImproperlyConfigured
from django.views.debug import SafeExceptionReporterFilter

from netvaerk.environment import imap_url_config


def test_a_mailbox_in_its_parts():
    assert imap_url_config("imaps://moeder%40kommune.dk:hem%3Amelig%2F@imap.kommune.dk", is_development=False) == {
        "SCHEME": "imaps",
        "HOST": "imap.kommune.dk",
        "PORT": 993,
        "USER": "moeder@kommune.dk",
        "PASSWORD": "hem:melig/",
        "FOLDER": "INBOX",
    }


def test_port_and_folder_can_be_told():
    told = imap_url_config("imap+tls://u:p@host:1143/INBOX/Svar%20her", is_development=False)

    assert (told["PORT"], told["FOLDER"]) == (1143, "INBOX/Svar her")


def test_no_mailbox():
    assert imap_url_config("", is_development=False) is None


@pytest.mark.parametrize(
    "url", ["imaps://host", "imaps://user@host", "https://u:hemmelig@host", "imaps://u:hemmelig@host:port", "hemmelig"]
)
def test_a_mailbox_not_whole_stops_the_start_without_showing_the_password(url):
    with pytest.raises(ImproperlyConfigured) as told:
        imap_url_config(url, is_development=True)

    assert "hemmelig" not in str(told.value)


def test_no_error_page_shows_the_password(settings):
    settings.REPLY_MAILBOX = imap_url_config("imaps://u:hemmelig@host", is_development=False)

    shown = SafeExceptionReporterFilter().get_safe_settings()

    assert shown["REPLY_MAILBOX"]["HOST"] == "host"
    assert "hemmelig" not in str(shown)


def test_an_unencrypted_mailbox_is_for_development_only():
    assert imap_url_config("imap://u:p@localhost", is_development=True)["PORT"] == 143
    with pytest.raises(ImproperlyConfigured):
        imap_url_config("imap://u:p@localhost", is_development=False)
