"""The directory in a real browser: kept by keyboard and thumb, without JavaScript, readable by machines."""

import pytest
from playwright.sync_api import Page, expect

from engine import parties
from engine.parties import PLATFORM
from tests.browser.conftest import DESK, PHONE, Open
from tests.browser.test_portal import LONG, check
from tests.portal.house import House

LIST = "name,party_id,contact_email\nGarage Nord,,nord@garage.example\nGarage Sud,,sud@garage.example\n"
BAD = "name,time_zone\nGarage Nord,Mars\n" + LONG + ",Venus\n"


@pytest.fixture
def garage(house: House) -> int:
    about = {
        "name": f"Garage {LONG}",
        "timetable": {"mon": [["08:00", "12:00"], ["13:00", "15:00"], ["16:00", "18:00"]]},
        "contacts": [{"email": f"{'x' * 60}@garage.example"}, {"email": "a@b.example"}],
    }
    return int(house.write(lambda session: parties.save(session, about, by=PLATFORM).key))


def choose(page: Page, content: str) -> None:
    page.goto("/parties/import")
    page.get_by_label("CSV file").set_input_files({"name": "parties.csv", "mimeType": "text/csv", "buffer": content.encode()})
    page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_party_is_added_found_and_given_other_hours(open_page: Open, house: House, size: dict[str, int]) -> None:
    page = open_page("admin", size=size)
    page.goto("/parties")
    page.get_by_role("link", name="Add a party").click()
    page.get_by_label("Name", exact=True).first.fill("Garage Élan")
    page.get_by_label("Country", exact=True).select_option("France")
    page.get_by_label("Time zone").select_option("Paris")
    expect(page.get_by_label("Monday, span 1, from")).to_be_hidden()  # the usual week needs no grid
    page.get_by_text("Other hours").click()
    page.get_by_label("Monday, span 1, from").fill("8")
    page.get_by_label("Monday, span 1, to").fill("12")
    page.get_by_role("button", name="Tuesday to Friday as on Monday").click()
    expect(page.get_by_label("Friday, span 1, to")).to_have_value("12")
    page.get_by_label("E-mail address").fill("paul@elan.example")
    page.get_by_label("E-mail address").press("Enter")  # saves, and does not copy Monday

    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.goto("/parties?q=elan")
    expect(page.get_by_role("main")).to_contain_text("paul@elan.example")
    with_hours = house.write(lambda session: parties.search(session, "elan")[0].timetable)
    assert with_hours == {day: [["08:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def test_a_list_is_checked_then_imported(open_page: Open) -> None:
    page = open_page("admin", size=PHONE)
    choose(page, LIST)
    expect(page.get_by_role("main")).to_contain_text("Nothing has been imported yet.")
    page.get_by_role("button", name="Import 2 parties").click()

    expect(page.get_by_role("status").first).to_contain_text("Imported.")
    expect(page.get_by_role("main")).to_contain_text("Garage Sud")


def test_french_words_fit_a_phone_too(open_page: Open, garage: int) -> None:
    page = open_page("admin", size={"width": 320, "height": 700})
    page.get_by_role("button", name="Français").click()
    for path in ("/parties", f"/parties/{garage}", "/parties/new", "/parties/import", "/people", "/people/paul", "/groups"):
        page.goto(path)
        scroll, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert scroll <= width, f"{path} scrolls sideways: {scroll} > {width}"


@pytest.mark.parametrize("dark", [False, True])
def test_pages_with_errors_and_previews_are_accessible_and_fit_a_phone(open_page: Open, garage: int, dark: bool) -> None:
    page = open_page("admin", size={"width": 320, "height": 700}, script=True, dark=dark)
    found = []

    def look(where: str) -> None:
        found.extend(check(page, where))
        scroll, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert scroll <= width, f"{where} scrolls sideways: {scroll} > {width}"

    for path in ("/parties", f"/parties/{garage}", f"/people/new?party={garage}"):
        page.goto(path)
        look(path)
    page.goto(f"/parties/{garage}")
    for label, text in (("Name", ""), ("Monday, span 1, from", "23"), ("E-mail address", "x"), ("Part of the country", "ZZ")):
        page.get_by_label(label, exact=label != "Part of the country").first.fill(text)
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("alert")).to_be_focused()
    look("a party with errors")
    for content in (LIST, BAD, "colour\nred\n"):
        choose(page, content)
        look(content)
    assert not found, "\n".join(found)


def test_targets_of_the_directory_are_large_enough_for_a_thumb(open_page: Open, garage: int) -> None:
    page = open_page("admin", size=PHONE)
    small = """() => [...document.querySelectorAll('button, .button, .kinds a, .files a, main input:not([type=hidden]), select, summary, .option label')]
        .filter(e => e.offsetParent && !e.matches('.option input, .hidden'))
        .map(e => [e.textContent.trim() || e.name, e.getBoundingClientRect().height]).filter(([, height]) => height < 40)"""
    for path in ("/parties", f"/parties/{garage}", "/parties/import"):
        page.goto(path)
        assert page.evaluate(small) == [], path
