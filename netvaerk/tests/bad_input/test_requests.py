"""Requests that no page of ours makes: too much, too long, of the wrong kind, or without their token."""

import json

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from meetings import reply_links
from meetings.models import Meeting
from members.fields import harmless_line
from members.leader_import import applying
from netvaerk.tests.bad_input import world
from netvaerk.tests.bad_input.rows import covers
from netvaerk.tests.pages import text_of

PROFILE = "/konto/profil/"


@covers(11)
@pytest.mark.parametrize("length", [2_500_001, 10 * 1024 * 1024])
def test_ten_megabytes_in_a_field_are_refused(length):
    response = world.signed_in("leder").post(PROFILE, {"language": "x" * length})

    assert response.status_code == 400
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 2_500_000


@covers(11)
def test_what_is_just_within_the_limit_is_read():
    fits = "language=" + "x" * 2_400_000

    response = world.signed_in("leder").post(PROFILE, fits, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert "Vælg en af mulighederne." in text_of(response)


@covers(12)
def test_a_thousand_fields_are_enough():
    client = world.signed_in("leder")

    assert client.post(PROFILE, {f"felt_{number}": "x" for number in range(1001)}).status_code == 400
    assert client.get("/netvaerk/?" + "&".join(f"a{number}=1" for number in range(1001))).status_code == 400


@covers(7, 8, 9, 10)
@pytest.mark.parametrize("bad", ["%00", "%ED%A0%80", "%FF%FE", "a%00b"])
def test_bytes_that_are_no_text_are_refused_in_a_form(bad):
    address = "/netvaerk/ledere-paa-tvaers/emner/nyt/"
    body = f"title={bad}&text={bad}&kind=experience"

    response = world.signed_in("tovholder").post(address, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code in (200, 400)
    assert "gået i stykker" in text_of(response) or "styretegn" in text_of(response)


@covers(8, 9)
@pytest.mark.parametrize("body", [json.dumps({"a": "\ud800"}), '{"a": "\\u0000"}', "{", "[" * 5000, ""])
def test_json_is_no_way_in(body):
    client = world.signed_in("leder")
    for address in ("/konto/profil/", "/sprog/", "/konto/beskeder/laest/", "/konto/log-ind/noegle/"):
        assert client.post(address, body, content_type="application/json").status_code < 500


@covers(70)
def test_requests_no_browser_sends_are_refused():
    client = world.signed_in("leder")

    assert client.get("/", HTTP_HOST="evil.invalid").status_code == 400
    assert client.get("/", HTTP_HOST="a b\r\nc").status_code == 400
    assert client.get("/", HTTP_COOKIE="x=" + "y" * 9000).status_code in (200, 302, 400)
    assert client.get("/netvaerk/", {"q": "y" * 64_000}).status_code in (200, 400, 414)
    for method in ("put", "delete", "patch"):
        for address in ("/konto/profil/", "/ledere/import/", "/sprog/"):
            assert getattr(client, method)(address).status_code in (403, 404, 405)
    assert client.get("/sprog/").status_code == 405
    assert client.generic("BREW", "/sprog/").status_code == 405


@covers(71)
def test_a_form_without_its_token_keeps_nothing_and_says_what_to_do():
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.person("leder"))
    other = Client(enforce_csrf_checks=True)
    other.get("/konto/log-ind/")
    for token in ("", "x", "æ" * 64, other.cookies["csrftoken"].value, "x" * 100_000):
        response = client.post(PROFILE, {"language": "en", "csrfmiddlewaretoken": token})
        assert response.status_code == 403
        assert 'lang="da"' in response.content.decode()
    assert world.person("leder").language == "da"


@covers(71)
def test_a_session_that_has_ended_asks_for_a_login_and_leads_back():
    response = world.signed_in("").post(PROFILE, {"language": "en"})

    assert response.status_code == 302
    assert response["Location"] == f"/konto/log-ind/?next={PROFILE}"


@covers(72)
def test_a_token_that_does_not_fit_gives_the_same_page():
    meeting = Meeting.objects.of_member(world.person("leder")).upcoming(timezone.now()).first()
    good = reply_links.address(meeting, world.person("leder")).rpartition("/svar/")[2].strip("/")
    client = Client()
    told = set()
    for token in (good[:-1], good.swapcase(), good + "x", "x", good[: len(good) // 2], "%00", "a:b:c", "x" * 4000):
        response = client.get(f"/moeder/svar/{token}/")
        told.add((response.status_code, text_of(response)))
        assert client.post(f"/moeder/svar/{token}/", {"answer": "accepted"}).status_code == response.status_code

    assert len(told) == 1
    assert client.get(f"/moeder/svar/{good}/").status_code == 200
    feeds = {client.get(f"/kalender/{token}.ics").status_code for token in ("x", "x" * 43, "%00", "A" * 5000)}
    assert feeds == {404}
    resets = {
        (page.status_code, text_of(page))
        for page in (
            client.get(f"/konto/adgangskode/ny/{token}/", follow=True) for token in ("1-abc", "zz-x", "1-" + "a" * 500)
        )
    }
    assert len(resets) == 1


# --- Files -----------------------------------------------------------------------------------------------------------

NAMES = (
    "../../etc/passwd.csv",
    "a\r\nb.csv",
    "x" * 300 + ".csv",
    "CON.csv",
    "\u202efdc.csv",
    "a\x00b.csv",
    '"><b>.csv',
    "..\\x.csv",
)
CONTENTS = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
    "html": b"<!DOCTYPE html><script>x()</script>",
    "eicar": rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 4 + b"IHDR\x00\x00\xc3\x50\x00\x00\xc3\x50",
    "exe": b"MZ\x90\x00" + b"\x00" * 60,
    "empty": b"",
    "zip": b"PK\x05\x06" + b"\x00" * 18,
}


def upload(client, name: str, content: bytes):
    return client.post("/ledere/import/", {"file": SimpleUploadedFile(name, content)})


@covers(61, 69)
@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("ending", ["csv", "xlsx", "pdf", "svg"])
def test_a_file_that_is_something_else_is_refused(kind, ending):
    client = world.signed_in("hr")

    with world.undone():
        response = upload(client, f"fil.{ending}", CONTENTS[kind])

    assert response.status_code == 400
    assert response.context["form"].errors or "alert-error" in response.content.decode()


@covers(69)
def test_a_file_over_the_limit_is_refused():
    with world.undone():
        response = upload(world.signed_in("hr"), "fil.csv", b"Navn;E-mail\n" + b"x" * 26 * 1024 * 1024)

    assert response.status_code == 400
    assert "10 MB" in text_of(response)


@covers(68)
@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_only_a_name(name):
    content = b"Fornavn;Efternavn;E-mail;Enhed\nAnna;Prik;anna.prik@kommune.invalid;Skole\n"
    file, _layout = applying.receive(name, content, actor=world.person("hr"), now=timezone.now())

    page = world.signed_in("hr").get(f"/ledere/import/{file.pk}/kolonner/").content.decode()

    assert len(file.file_name) <= 200
    assert file.file_name == harmless_line(file.file_name)
    assert not set(file.file_name) & set("\r\n\x00\u202e")
    assert "><b>" not in page
    with world.undone():
        assert upload(world.signed_in("hr"), name.replace("\x00", ""), content).status_code in (200, 302, 400)
