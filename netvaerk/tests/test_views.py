from datetime import date

import pytest
from django.urls import reverse

from members.tests.factories import create_user

pytestmark = pytest.mark.django_db


def test_language_is_kept_with_the_person(client):
    user = create_user()
    client.force_login(user)

    response = client.post(reverse("set_language"), {"language": "en", "next": "/om/"})

    user.refresh_from_db()
    assert (response.status_code, response["Location"], user.language) == (302, "/om/", "en")
    assert "About leader networks" in client.get("/om/").content.decode()


def test_language_of_a_visitor_is_kept_in_a_cookie(client):
    client.post(reverse("set_language"), {"language": "en", "next": "/om/"})

    assert "About leader networks" in client.get("/om/").content.decode()


@pytest.mark.parametrize(
    "following", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_language_leads_nowhere_else(client, following):
    response = client.post(reverse("set_language"), {"language": "en", "next": following})

    assert response["Location"] == "/"


def test_an_unknown_language_changes_nothing(client):
    user = create_user()
    client.force_login(user)

    client.post(reverse("set_language"), {"language": "xx"})

    user.refresh_from_db()
    assert user.language == "da"


def test_language_is_changed_by_post_only(client):
    assert client.get(reverse("set_language")).status_code == 405


@pytest.mark.parametrize("name", ["about", "privacy", "accessibility"])
def test_anyone_may_read_the_pages_about_the_house(client, name):
    assert client.get(reverse(f"netvaerk:{name}")).status_code == 200


def test_the_accessibility_statement_claims_only_what_was_tested(client, settings):
    assert "endnu ikke selv fået siderne gennemgået" in client.get(reverse("netvaerk:accessibility")).content.decode()

    settings.ACCESSIBILITY_ASSESSED_ON = date(2027, 3, 5)
    settings.ACCESSIBILITY_METHOD = "gennemgang ved Anne Holm"
    clean = client.get(reverse("netvaerk:accessibility")).content.decode()
    settings.ACCESSIBILITY_PROBLEMS = ["Kortet kan ikke læses op", "<b>To</b>"]
    settings.ACCESSIBILITY_STATEMENT_URL = "https://was.digst.dk/netvaerk-example"
    page = client.get(reverse("netvaerk:accessibility")).content.decode()

    assert "fredag den 5. marts 2027" in clean
    assert ("gennemgang ved Anne Holm" in clean, "ingen fejl, som bryder kravene" in clean) == (True, True)
    assert ("Kortet kan ikke læses op" in page, "&lt;b&gt;To" in page, "was.digst.dk" in page) == (True, True, True)
    assert "ingen fejl, som bryder kravene" not in page
