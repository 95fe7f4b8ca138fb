"""The running site as a browser, a proxy and a reader of logs meet it: real sockets, gunicorn, DEBUG off."""

import logging
import re
import subprocess
import sys
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings import feeds, reply_links
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_people
from members.danish import today
from members.tests.factories import create_hr
from netvaerk.key_addresses import KeylessFormatter, is_key
from netvaerk.tests.production import HOST, Site
from netvaerk.tests.servers import ROOT
from netvaerk.tests.test_doors import ROUTES, address

PASSWORD = "en-lang-adgangskode"


def is_our_policy(value: str) -> bool:
    """Whether all of the policy is there, and nothing else: its parts come in another order in each process."""
    directives = dict(part.split(" ", 1) for part in value.split("; ") if part)
    wanted = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    is_strict = directives.get("default-src") == directives.get("frame-ancestors") == "'none'" and "unsafe" not in value
    return is_strict and directives == {name: " ".join(sources) for name, sources in wanted.items()}


EVERYWHERE = {
    "Content-Security-Policy": is_our_policy,
    "Permissions-Policy": lambda value: "camera=()" in value and "publickey-credentials-get=(self)" in value,
    "Cross-Origin-Resource-Policy": lambda value: value == "same-origin",
    "Cache-Control": bool,
}
# What a redirect to https, a static file and a host that is not ours do not reach.
PAGES = EVERYWHERE | {
    "Strict-Transport-Security": lambda value: value == "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": lambda value: value == "nosniff",
    "Referrer-Policy": lambda value: value in ("same-origin", "strict-origin"),
    "Cross-Origin-Opener-Policy": lambda value: value == "same-origin",
    "X-Frame-Options": lambda value: value == "DENY",
    "Cache-Control": lambda value: {"private", "no-store", "max-age=3600"} & set(value.split(", ")),
}


def missing(answer, wanted=PAGES) -> list[str]:
    return [name for name, is_right in wanted.items() if not is_right(answer.headers.get(name) or "")]


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        site = Site()
    yield site
    site.close()


@pytest.fixture
def people(transactional_db):
    people = create_people()
    people.member.set_password(PASSWORD)
    people.member.save()
    return people


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network, date=today(timezone.now()) + timedelta(days=10))


def signed_in(site, user) -> dict[str, str]:
    """The cookie of a session of theirs, begun under the secret key of before and taken over by the one of now."""
    client = Client()
    client.force_login(user)
    first = site.ask("/", Cookie=f"sessionid={client.cookies['sessionid'].value}")
    return {"Cookie": first.cookies()["sessionid"].partition(";")[0]}


def test_every_kind_of_answer_carries_its_headers(site, people, meeting):
    mine, hr = signed_in(site, people.member), signed_in(site, create_hr())
    feed = reverse("meetings:feed", args=[feeds.create(people.member, now=timezone.now())])
    link = urlsplit(reply_links.address(meeting, people.member)).path
    first = site.ask(feed)
    answers = {
        "sign-in": (200, site.ask("/konto/log-ind/")),
        "home": (200, site.ask("/", **mine)),
        "to sign-in": (302, site.ask("/")),
        "a meeting": (200, site.ask(f"/moeder/{meeting.pk}/", **mine)),
        "others'": (404, site.ask(f"/moeder/{meeting.pk}/", **signed_in(site, people.other_leader))),
        "not theirs to do": (403, site.ask("/persondata/", **mine)),
        "nowhere": (404, site.ask("/findes/ikke/")),
        "no token": (403, site.ask("/konto/log-ind/", method="POST", body=b"login=a")),
        "wrong method": (405, site.ask("/sprog/")),
        "broken": (500, site.ask("/kalender/t/gaar-i-stykker/")),
        "feed": (200, first),
        "feed unchanged": (304, site.ask(feed, If_None_Match=first["ETag"])),
        "no such feed": (404, site.ask("/kalender/findes-ikke.ics")),
        "reply link": (200, site.ask(link)),
        "ics": (200, site.ask(f"/moeder/{meeting.pk}/kalender.ics", **mine)),
        "csv": (200, site.ask("/opfoelgning/eksport.csv", **hr)),
        "xlsx": (200, site.ask("/opfoelgning/eksport.xlsx", **hr)),
        "brand": (200, site.ask("/brand.css")),
        "alive": (200, site.ask("/sundhed/")),
        "ready": (503, site.ask("/sundhed/klar/")),
    }  # fmt: skip

    assert {name: answer.status for name, (_code, answer) in answers.items()} == {
        name: code for name, (code, _answer) in answers.items()
    }
    assert {name: found for name, (_code, answer) in answers.items() if (found := missing(answer))} == {}
    for name in ("ics", "csv", "xlsx"):
        answer = answers[name][1]
        assert answer["Content-Disposition"].startswith("attachment; filename="), name
        assert "no-store" in answer["Cache-Control"], name
    assert {answers[name][1]["Referrer-Policy"] for name in ("feed", "no such feed", "reply link")} == {"strict-origin"}
    assert "no-store" in answers["reply link"][1]["Cache-Control"]
    assert answers["home"][1]["Cache-Control"] == "private, no-cache"
    # The name of the program, and no version to look weaknesses up by.
    assert {answer["Server"] for _code, answer in answers.values()} == {"gunicorn"}
    assert not re.search(r"\d", "".join(answer["X-Powered-By"] + answer["Via"] for _code, answer in answers.values()))


def test_what_is_refused_at_the_door_carries_headers_too(site, transactional_db):
    redirect = site.ask("/konto/log-ind/?next=/moeder/", scheme="http")
    stranger = site.ask("/", host="ondt.example")
    stranger_in_clear = site.ask("/", host="ondt.example", scheme="http")

    assert (redirect.status, redirect["Location"]) == (301, f"https://{HOST}/konto/log-ind/?next=/moeder/")
    assert redirect.cookies() == {}
    assert (stranger.status, stranger_in_clear.status) == (400, 400)
    assert [missing(answer, EVERYWHERE) for answer in (redirect, stranger, stranger_in_clear)] == [[], [], []]
    # Only over https is a browser told to stay there.
    assert (redirect["Strict-Transport-Security"], site.ask("/sundhed/", scheme="http").status) == ("", 200)


def test_static_files_are_kept_for_a_year_under_a_name_of_their_content(site, transactional_db):
    page = site.ask("/konto/log-ind/").text
    names = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    answers = {name: site.ask(name) for name in names}

    assert len(names) >= 3
    for name, answer in answers.items():
        assert answer.status == 200, name
        assert re.search(r"\.[0-9a-f]{12}\.", name)
        assert {"max-age=315360000", "public", "immutable"} == set(answer["Cache-Control"].split(", "))
        assert missing(answer, EVERYWHERE) == []
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_cookies_stay_with_the_browser_and_on_https(site, people):
    page = site.ask("/konto/log-ind/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    csrf = page.cookies()["csrftoken"]
    fields = f"csrfmiddlewaretoken={token}&login={quote(people.member.email)}&password={PASSWORD}"
    posted = {"method": "POST", "Cookie": csrf.partition(";")[0], "Origin": f"https://{HOST}"}
    inside = site.ask("/konto/log-ind/", body=fields.encode(), **posted)
    spoken = site.ask("/sprog/", body=f"csrfmiddlewaretoken={token}&language=en".encode(), **posted)
    out = site.ask("/konto/log-ud/", body=f"csrfmiddlewaretoken={token}".encode(), **posted)
    cookies = page.cookies() | inside.cookies() | spoken.cookies()

    assert (inside.status, spoken.status) == (302, 302)
    assert set(cookies) >= {"csrftoken", "sessionid", "django_language"}
    for name, line in cookies.items():
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        path = "path=/konto/log-ind/" if name == "kendt_enhed" else "path=/"  # only the sign-in asks which is known
        assert {"secure", "httponly", "samesite=lax", path} <= attributes, name
        assert not any(part.startswith("domain") for part in attributes), name
    assert "expires" not in cookies["sessionid"].lower()  # it ends with the browser
    assert (out.status, out["Clear-Site-Data"]) == (302, '"cache"')
    from_elsewhere = site.ask("/sprog/", body=b"language=da", **posted | {"Origin": "https://ondt.example"})
    assert from_elsewhere.status == 403


def test_what_is_too_long_is_refused_and_the_site_goes_on(site, transactional_db):
    posted = {"Cookie": site.ask("/konto/log-ind/").cookies()["csrftoken"].partition(";")[0]}
    posted |= {"method": "POST", "Origin": f"https://{HOST}"}
    told = [
        site.ask("/" + "a" * 65_536).status,
        site.ask("/konto/log-ind/", Cookie="a=" + "b" * 9 * 1024).status,
        site.ask("/konto/log-ind/", **{f"X-Many-{turn}": "x" for turn in range(150)}).status,
        site.ask("/konto/log-ind/", body=b"x=" + b"y" * 3_000_000, **posted).status,
        site.ask("/konto/log-ind/", body=b"&".join([b"x=1"] * 1001), **posted).status,
    ]

    assert told == [414, 431, 431, 400, 400]
    assert site.ask("/konto/log-ind/").status == 200


def tell_keys(site, people, meeting) -> list[str]:
    """Ask for addresses that are keys, in all the ways that are logged; returns the keys."""
    secret = "hemmelignoegle"
    feed = feeds.create(people.member, now=timezone.now())
    reply = urlsplit(reply_links.address(meeting, people.member)).path.split("/")[-2]
    for path in (
        f"/kalender/{feed}.ics",
        f"/kalender/{secret}.ics",
        f"/kalender/{secret}/gaar-i-stykker/",
        f"/moeder/svar/{reply}/",
        f"/moeder/svar/{secret}/",
        f"/konto/adgangskode/ny/1-{secret}/",
        f"/soeg/?q={secret}",
    ):
        site.ask(path)
        site.ask("/brand.css", Referer=f"https://{HOST}{path}")
    return [feed, reply, secret]


def test_no_log_holds_a_key_or_what_was_searched_for(site, people, meeting):
    keys = tell_keys(site, people, meeting)
    access, errors = site.access_log.read_text(), site.log.read_text()

    assert '"GET /kalender/***" 200' in access
    assert '"GET /soeg/" 302' in access
    assert "Internal Server Error: /kalender/***" in errors
    assert "Traceback" in errors  # which tells where and of what kind, and none of the words
    assert "nothing came of /" not in errors
    assert [key for key in keys if key in access + errors] == []


def test_gunicorn_by_itself_would_log_the_keys(django_db_setup, people, meeting):
    site = Site("--config", "/dev/null")
    try:
        keys = tell_keys(site, people, meeting)
        access = site.access_log.read_text()
    finally:
        site.close()

    assert [key for key in keys if key in access] == keys


BEFORE_THE_WORKERS = """
import runpy, sys, threading
import netvaerk.wsgi
told = runpy.run_path("gunicorn.conf.py")
assert told["preload_app"]
told["when_ready"](None)
from django.db import connections
lines = [each.connection for each in connections.all()]
print("networks.views.network" in sys.modules, threading.active_count(), lines)
"""


def test_workers_share_the_pages_and_neither_a_line_nor_a_thread():
    told = subprocess.run(
        [sys.executable, "-c", BEFORE_THE_WORKERS], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert told.stdout.split("\n")[0] == "True 1 [None]", told.stderr


# --- Each guard by itself --------------------------------------------------------------------------------------------

GUARDS = {
    "csp.middleware.CSPMiddleware": {"Content-Security-Policy"},
    "netvaerk.headers.HeadersMiddleware": {"Permissions-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"},
    "django.middleware.security.SecurityMiddleware": {
        "Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
    },
    "django.middleware.clickjacking.XFrameOptionsMiddleware": {"X-Frame-Options"},
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("guard", [None, *GUARDS])
def test_each_header_has_its_guard(client, settings, guard):
    settings.DEBUG, settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_PRELOAD = False, 31536000, True
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != guard]

    answer = client.get("/findes/ikke/", secure=True)

    assert set(missing(answer)) == GUARDS.get(guard, set())


def test_every_address_that_holds_a_key_is_known_as_one():
    with_keys = {address(name, parts) for name, parts in ROUTES if {"token", "key"} & set(parts)}

    assert len(with_keys) >= 3
    assert [path for path in with_keys if not is_key(path)] == []


def test_a_log_line_loses_its_keys():
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Not Found: %s", ("/kalender/abc.ics",), None)

    assert KeylessFormatter("%(message)s").format(record) == "Not Found: /kalender/***"
    assert logging.Formatter("%(message)s").format(record) == "Not Found: /kalender/abc.ics"
