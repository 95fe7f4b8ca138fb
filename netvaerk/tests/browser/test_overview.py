"""Three days at the desk: HR finds what needs follow-up, the board looks for two minutes, a leader searches."""

import pytest
from playwright.sync_api import expect

from netvaerk.models import SavedView
from netvaerk.tests.browser.chromium import DESK, PHONE
from netvaerk.tests.browser.soundness import faults_of

pytestmark = pytest.mark.browser


def sound(page):
    """It fits both screens and axe has nothing to say."""
    assert faults_of(page, screens=[DESK, PHONE]) == []
    page.set_viewport_size(DESK)


def main(page):
    return page.get_by_role("main")


def result(page):
    """What the list says of itself."""
    return main(page).locator(".result-count")


def test_hr_finds_what_to_do_next_keeps_a_view_and_takes_the_list_along(sit_down):
    page = sit_down("hr")
    page.goto("/")
    main(page).get_by_role("link", name="Se alt i Opfølgning").click()
    expect(page.get_by_role("heading", name="Opfølgning", exact=True)).to_be_visible()
    assert main(page).get_by_role("heading", level=2).all_inner_texts()[1:3] == ["Gået i stå", "Kræver opmærksomhed"]
    sound(page)

    page.get_by_label("Årsag").select_option(label="Tilmelding venter")
    main(page).get_by_role("button", name="Vis", exact=True).click()
    expect(result(page)).to_have_text("1 netværk")
    page.get_by_label("Gem valget som").fill("Venter på mig")
    main(page).get_by_role("button", name="Gem visningen").click()
    expect(main(page).get_by_role("link", name="Venter på mig", exact=True)).to_have_attribute("aria-current", "true")
    assert SavedView.objects.get(name="Venter på mig").query == "rule=application"
    sound(page)

    with page.expect_download() as download:
        main(page).get_by_role("link", name="Hent som Excel").click()
    assert download.value.suggested_filename == "opfoelgning.xlsx"
    main(page).get_by_role("link", name="Se tilmeldinger Plejens ledere").click()
    expect(page.get_by_role("heading", name="Plejens ledere")).to_be_visible()


def test_hr_sets_the_limits_and_sees_who_is_without_a_network(sit_down):
    page = sit_down("hr")
    page.goto("/opfoelgning/")
    main(page).get_by_role("link", name="Se og ret grænserne").click()
    sound(page)
    page.get_by_label("Mål for fremmøde, procent").fill("10")
    main(page).get_by_role("button", name="Gem grænserne").click()
    expect(main(page).get_by_text("Grænserne er gemt")).to_be_visible()
    expect(main(page).get_by_text("Fremmødet er")).to_have_count(0)

    main(page).get_by_role("link", name="Ledere uden netværk").click()
    sound(page)
    page.get_by_label("Område (valgfrit)", exact=True).select_option(label="Børn og Unge")
    main(page).get_by_role("button", name="Vis", exact=True).click()
    with page.expect_download() as download:
        main(page).get_by_role("link", name="Hent som CSV").click()
    assert download.value.suggested_filename == "ledere-uden-netvaerk.csv"


@pytest.mark.parametrize("login", ["direktion", "byraad"])
def test_top_management_looks_for_two_minutes_and_prints(sit_down, login):
    page = sit_down(login)
    page.goto("/status/")
    for name in ("Udviklingen", "Hvordan binder netværkene områderne sammen?", "Hvad skal netværkene give kommunen?"):
        expect(main(page).get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("img", name="Aktive netværk:")).to_be_visible()
    sound(page)

    main(page).get_by_role("link", name="Udgave til udskrift").click()
    sound(page)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") in range(3, 9)


def test_a_leader_searches_from_any_page_by_keyboard(sit_down):
    page = sit_down("leder")
    page.goto("/moeder/")
    box = page.get_by_role("banner").get_by_role("searchbox")
    box.fill("paa tvaers")
    box.press("Enter")
    expect(main(page).get_by_role("link", name="Ledere på tværs", exact=True).first).to_be_visible()
    expect(result(page)).to_contain_text("resultater for “paa tvaers”")
    sound(page)

    page.goto("/soeg/?q=xyzzy")
    expect(result(page)).to_have_text("Intet fundet for “xyzzy”.")
    expect(main(page).get_by_role("searchbox")).to_have_value("xyzzy")
    sound(page)


def test_a_leader_has_no_way_into_follow_up_or_status(sit_down):
    page = sit_down("leder")
    page.goto("/")
    assert page.locator("a[href^='/opfoelgning/'], a[href^='/status/']").count() == 0
