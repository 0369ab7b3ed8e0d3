"""Choosing who gets the work, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Open
from tests.browser.test_portal import LONG, check
from tests.portal.house import House
from tests.portal.test_recipients import add, begin, crossed_to


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_garage_is_searched_for_and_gets_the_work(open_page: Open, house: House, size: dict[str, int]) -> None:
    add(house, *(f"Garage {number:02}" for number in range(12)))
    task = begin(house)
    page = open_page("fanny", size=size)
    page.goto(f"/tasks/{task.key}")
    page.get_by_label("Plate").fill("XY-9")
    page.get_by_label("Search the directory").fill("garage 11")
    page.get_by_label("Search the directory").press("Enter")  # searches, and does not pass the work on
    expect(page.get_by_label("Plate")).to_have_value("XY-9")
    page.get_by_label("Garage 11").check()
    page.get_by_role("button", name="Done, pass it on").last.click()

    expect(page.get_by_role("status")).to_contain_text("is passed on")
    assert crossed_to(house) == ["Garage 11"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_question_is_accessible_fits_a_phone_and_shows_name_and_address_only_when_needed(open_page: Open, house: House, dark: bool) -> None:
    add(house, *(f"Garage {number:02}" for number in range(12)), LONG)
    task = begin(house)
    page = open_page("fanny", size={"width": 320, "height": 700}, script=True, dark=dark)
    page.goto(f"/tasks/{task.key}")
    expect(page.get_by_label("Their name")).to_be_hidden()
    found = check(page, "asked")
    page.get_by_label("Somebody who is not in the directory").check()
    expect(page.get_by_label("Their name")).to_be_visible()
    page.get_by_role("button", name="Done, pass it on").last.click()
    found += check(page, "with an error")
    page.get_by_label("Search the directory").fill(LONG[:10])
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_label(LONG)).to_be_visible()
    found += check(page, "searched")
    scroll, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")

    assert scroll <= width
    assert not found, "\n".join(found)
