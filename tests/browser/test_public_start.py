"""Without an account, in a real browser: from the form to the case on a phone, and nothing that axe would name on any page of it."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from engine import clock
from engine.public_starts import PublicStart
from tests.browser.conftest import DESK, PHONE, Open
from tests.browser.test_portal import check
from tests.portal.house import House
from tests.portal.reception import CLAIM, REPORT, Reception


@pytest.fixture
def house(database: Engine) -> House:
    return House(database)


@pytest.fixture
def desk(house: House) -> Reception:
    return Reception(house)


@pytest.fixture
def pictures() -> Iterator[Path | None]:
    """Where pictures of the pages go, for whoever wants to look at them."""
    folder = os.environ.get("PASSERELLE_TEST_PICTURES")
    yield Path(folder) if folder else None


def _fill(page: Page) -> None:
    for name, value in REPORT.items():
        page.locator(f"[name={name}]").fill(value)


def test_from_the_form_to_the_case_on_a_phone(open_page: Open, desk: Reception) -> None:
    page = open_page(size=PHONE, touch=True)  # the log-in page says where one goes without an account
    page.get_by_role("link", name="Report a motor claim").click()
    _fill(page)
    page.locator("#f-photos-file").set_input_files(CLAIM / "files" / "rear.jpg")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Now look into your mailbox")
    page.goto("/mails")
    page.get_by_role("link", name="Confirm your e-mail address").click()
    page.frame_locator("iframe").get_by_role("link", name="Look at it and send it").click()
    expect(page.get_by_text("rear.jpg")).to_be_visible()
    assert "/p/" not in page.url
    page.get_by_role("button", name="Yes, send it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Your case {desk.number}")
    expect(page.get_by_text("We have your report")).to_be_visible()
    page.goto("/mails")
    page.get_by_role("link", name="Follow your case").click()
    page.frame_locator("iframe").get_by_role("link", name="Follow the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Your case {desk.number}")


def test_a_public_start_needs_no_mouse_and_nobody_meets_the_trap(open_page: Open, desk: Reception) -> None:
    page = open_page(script=True)
    page.goto("/public/claim")
    _fill(page)
    page.locator("[name=holderName]").focus()
    met = []
    for _ in range(40):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
        if met[-1] == "Continue":
            break
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Now look into your mailbox")
    assert "_homepage" not in met
    assert len(desk.rows(PublicStart)) == 1


@pytest.mark.parametrize(("size", "language"), [(PHONE, "fr"), (DESK, "en")])
def test_axe_finds_nothing_from_the_public_start_to_the_answer(
    open_page: Open, desk: Reception, pictures: Path | None, size: dict[str, int], language: str
) -> None:
    page = open_page(size=size, language=language, script=True)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(check(page, name))
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{name} is {width} px wide"
        if pictures is not None:
            page.screenshot(path=pictures / f"{name}-{size['width']}-{language}.png", full_page=True)

    def press() -> None:
        page.locator("main .deeds button").last.click()

    for name, path in (("log-in", "/login"), ("public", "/public"), ("public-form", "/public/claim"), ("proof-unknown", "/p/x")):
        page.goto(path)
        look(name)
    page.goto("/public/claim")
    press()
    look("public-wrong")
    _fill(page)
    press()
    look("public-mailed")
    page.goto(desk.proof())
    look("confirm")
    press()
    look("track-started")
    page.goto(desk.proof())
    look("proof-used")
    desk.reject()
    page.goto(desk.follow())
    look("track-your-turn")
    desk.house.write(lambda session: clock.pin(session, clock.now(session) + timedelta(days=20)))
    page.reload()
    look("track-late")
    desk.complete("readDecision", read=True)
    page.reload()
    look("track-over")
    press()
    look("feedback-wrong")
    page.locator("label[for=worked-not]").click()
    page.locator("[name=reason]").fill("It took too long.")
    press()
    look("feedback-given")
    if pictures is not None:
        page.emulate_media(media="print")
        page.screenshot(path=pictures / f"printed-{size['width']}-{language}.png", full_page=True)
        page.emulate_media(media="screen")
    page.goto("/public/claim")
    _fill(page)
    press()
    desk.change(PublicStart, desk.rows(PublicStart)[-1].key, expires_at=clock.machine_now())
    page.goto(desk.proof())
    look("proof-expired")

    assert not found, "\n".join(found)
