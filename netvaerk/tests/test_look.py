"""The frame of every page: what it says, what it links to, and that nothing in it needs more than our own files."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from pytest_django.asserts import assertInHTML

from members.tests.factories import create_board, create_hr, create_political, create_user
from netvaerk import branding, navigation
from netvaerk.tests.pages import text_of

STATIC = settings.ROOT / "static"
TEMPLATES = settings.ROOT / "templates"
STYLE_SHEETS = sorted(STATIC.rglob("*.css"))
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "email" not in path.parts)
UNSAFE = re.compile(
    r"""<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|javascript:|data:image""", re.IGNORECASE
)
NOWHERE = "/findes-ikke/"


def labels(user, path="/"):
    return [item.label for item in navigation.items(user, RequestFactory().get(path))]


def current(user, path):
    return [item.label for item in navigation.items(user, RequestFactory().get(path)) if item.is_current]


# --- Navigation ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_navigation_follows_the_roles():
    assert labels(create_user()) == ["Min side", "Netværk", "Møder"]
    assert labels(create_hr()) == [
        "Min side",
        "Netværk",
        "Møder",
        "Opfølgning",
        "Ledere",
        "Kurs",
        "Lukkedage",
        "Status",
    ]
    assert labels(create_board()) == ["Min side", "Netværk", "Møder", "Kurs", "Godkendelser", "Status"]
    assert labels(create_political()) == ["Min side", "Netværk", "Møder", "Status"]
    assert labels(AnonymousUser()) == []


@pytest.mark.django_db
def test_navigation_marks_the_part_one_is_in():
    hr = create_hr()

    assert current(hr, reverse("home")) == ["Min side"]
    assert current(hr, reverse("networks:catalogue") + "ledere-paa-tvaers/") == ["Netværk"]
    assert current(hr, "/om/") == []


# --- The frame -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_frame_says_where_and_who_and_lets_one_leave(client, settings):
    settings.MUNICIPALITY_NAME = "Prøve Kommune"
    client.force_login(create_hr(first_name="Åse", last_name="Ørsted"))
    html = client.get(NOWHERE).content.decode()

    assert '<html lang="da">' in html
    assert 'href="#indhold"' in html
    assert 'id="indhold"' in html
    assert "Prøve Kommune" in html
    assert "Åse Ørsted" in html
    assert f'<form method="post" action="{reverse("account_logout")}">' in html
    assert f'<form method="post" action="{reverse("set_language")}">' in html
    assert f'<a href="{reverse("members:leaders")}">Ledere</a>' in html
    for route in ("about", "privacy", "accessibility"):
        assert reverse(f"netvaerk:{route}") in html


@pytest.mark.django_db
def test_frame_shows_a_logo_when_there_is_one(client, settings):
    settings.MUNICIPALITY_LOGO = "img/icon.svg"

    assert '<img src="/static/img/icon.svg" alt=""' in client.get(reverse("account_login")).content.decode()


@pytest.mark.django_db
def test_frame_of_a_stranger_has_no_menu(client):
    html = client.get(reverse("account_login")).content.decode()

    assert "site-nav" not in html
    assert reverse("account_logout") not in html


@pytest.mark.django_db
def test_frame_speaks_english_to_whoever_chose_it(client):
    client.force_login(create_user(language="en"))

    html = client.get(NOWHERE).content.decode()

    assert '<html lang="en">' in html
    assertInHTML('<button type="submit" name="language" value="da" lang="da">Dansk</button>', html)


@pytest.mark.django_db
def test_policy_forbids_everything_but_our_own_files(client):
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy


@pytest.mark.django_db
def test_rendered_pages_need_nothing_the_policy_forbids(client):
    pages = [client.get(reverse("account_login")), client.post(reverse("account_login"), {"login": "x"})]
    client.force_login(create_hr())
    pages += [client.get(NOWHERE), client.get(reverse("account_change_password"))]

    for page in pages:
        assert not UNSAFE.findall(page.content.decode())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_no_inline_style_or_script(path):
    assert not UNSAFE.findall(path.read_text())


def test_icons_in_templates_are_in_the_sprite():
    known = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "vendor/dkfds/icons.svg").read_text()))
    used = set()
    for path in PAGES:
        used |= set(
            re.findall(
                r'_icon\.html" with (?:[^%]*\s)?name="([a-z-]+)"|icons(?:\.svg"| )?[^#"\n]*#([a-z-]+)"',
                path.read_text(),
            )
        )
    names = {name for pair in used for name in pair if name}

    assert "menu" in names
    assert names <= known


# --- Signing in ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_demo_logins_show_only_on_a_demo_machine(client, settings):
    def shown():
        return "tovholder@demo.invalid" in client.get(reverse("account_login")).content.decode()

    settings.DEBUG = True
    assert not shown()

    create_user(email="hr@demo.invalid")
    assert shown()

    settings.DEBUG = False
    assert not shown()


@pytest.mark.django_db
def test_nobody_signs_up_by_themselves(client):
    html = client.get(reverse("account_signup")).content.decode()

    assert "HR opretter dig" in html
    assert '<input type="password"' not in html


@pytest.mark.django_db
def test_wrong_password_is_said_in_one_sentence(client):
    create_user(email="anne@demo.invalid", password="rigtig-adgangskode")

    html = client.post(reverse("account_login"), {"login": "anne@demo.invalid", "password": "forkert"}).content.decode()

    assert html.count('role="alert"') == 1
    assert "error-summary" in html


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["account_reset_password", "account_reset_password_done", "account_inactive"])
def test_entrance_pages_stand_in_the_frame(client, route):
    response = client.get(reverse(route))

    assert response.status_code == 200
    assert "site-footer" in response.content.decode()


# --- Error pages -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_missing_page_shows_a_way_on(client):
    client.force_login(create_user())
    response = client.get(NOWHERE)

    assert response.status_code == 404
    assertInHTML("<h1>Siden findes ikke</h1>", response.content.decode())
    assert f'href="{reverse("home")}"' in response.content.decode()


@pytest.mark.django_db
def test_a_missing_page_leads_who_is_signed_out_to_sign_in(client):
    assert "Måske kan du se den, når du er logget ind. Log ind" in text_of(client.get(NOWHERE))


@pytest.mark.django_db
def test_an_address_that_only_a_button_leads_to_shows_a_way_on(client):
    client.force_login(create_user())

    opened = client.get(reverse("members:inbox_read"))

    assert (opened.status_code, opened["Allow"]) == (405, "POST")
    assertInHTML("<h1>Siden kan ikke åbnes direkte</h1>", opened.content.decode())
    assert f'href="{reverse("home")}"' in opened.content.decode()
    assert client.put(reverse("members:inbox_read")).content == b""  # no person asks so


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "429.html", "500.html"])
def test_page_for_what_went_wrong_needs_no_database_and_no_request(name):
    html = render_to_string(name)  # without the mark for it, touching the database is an error

    assert "site-header" in html
    assert 'href="/"' in html


# --- The municipality's colours --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_brand_css_carries_the_colours_to_anyone_and_may_be_kept(client, settings):
    settings.BRAND_COLOUR, settings.BRAND_COLOUR_DARK = "#003a70", "#00203F"

    response = client.get(reverse("brand_css"))

    assert response.content.decode() == ":root{--brand:#003a70;--brand-dark:#00203F}\n"
    assert response["Content-Type"].startswith("text/css")
    assert "max-age=3600" in response["Cache-Control"]
    assert client.get(reverse("brand_css"), headers={"if-none-match": response["ETag"]}).status_code == 304

    settings.BRAND_COLOUR = "#7a0019"
    assert client.get(reverse("brand_css"), headers={"if-none-match": response["ETag"]}).status_code == 200


@pytest.mark.parametrize("value", ["red", "#12345", "#1b5e4b;}body{display:none", "#1b5e4b\n", "", "#GGGGGG"])
def test_brand_colour_that_is_no_colour_is_refused(settings, value):
    settings.BRAND_COLOUR = value

    with pytest.raises(ImproperlyConfigured):
        branding.style_sheet()
    assert [error.id for error in branding.check_brand_colours(None)] == ["netvaerk.E001"]


def test_brand_colour_too_pale_to_read_is_refused(settings):
    settings.BRAND_COLOUR = "#ffcc00"

    assert [error.id for error in branding.check_brand_colours(None)] == ["netvaerk.E002"]


def test_default_colours_can_be_read():
    assert branding.check_brand_colours(None) == []
    assert round(branding.contrast_on_white("#000000"), 1) == 21.0
    assert round(branding.contrast_on_white("#767676"), 2) == 4.54


# --- Files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STYLE_SHEETS, ids=lambda path: path.name)
def test_style_sheet_asks_only_for_files_that_are_here(path):
    css = path.read_text()

    for address in re.findall(r"url\(['\"]?([^'\")]+)['\"]?\)", css):
        assert (path.parent / address).is_file(), address
    assert "sourceMappingURL" not in css
    assert "@import" not in css
    assert "@charset" not in css  # after the first byte it would swallow the rule that follows it


def test_scripts_refer_to_no_source_map():
    for path in STATIC.rglob("*.js"):
        assert "sourceMappingURL" not in path.read_text(), path


def test_files_get_hashed_names_and_are_compressed(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

    call_command("collectstatic", interactive=False, verbosity=0)

    (style_sheet,) = tmp_path.glob("css/netvaerk.*.css")
    assert re.search(r"icons/check\.[0-9a-f]{12}\.svg", style_sheet.read_text())
    assert Path(f"{style_sheet}.gz").is_file()


def test_first_visit_stays_light():
    files = [
        "vendor/dkfds/dkfds.css",
        "css/netvaerk.css",
        "vendor/dkfds/dkfds.js",
        "js/netvaerk.js",
        "vendor/dkfds/icons.svg",
    ]
    fonts = (STATIC / "vendor/dkfds/fonts").glob("*-Latin1.woff2")
    weight = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files)

    assert weight + sum(font.stat().st_size for font in fonts) < 110_000


def test_vendored_design_keeps_its_licences():
    names = {path.name for path in (STATIC / "vendor/dkfds/licences").iterdir()}

    assert names == {"dkfds.md", "IBMPlexSans-OFL-1.1.txt", "icons-Apache-2.0.txt"}
