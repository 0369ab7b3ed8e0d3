"""A guest in a real browser: from the mail to done on a phone, and nothing on any of the pages that axe would name."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from engine import clock, links
from engine.notifications import Notification
from tests.browser.conftest import DESK, PHONE, Open
from tests.browser.test_portal import check
from tests.portal.guesthouse import Guesthouse
from tests.portal.house import House


@pytest.fixture
def inn(house: House) -> Guesthouse:
    return Guesthouse(house)


@pytest.fixture
def pictures() -> Iterator[Path | None]:
    """Where pictures of the pages go, for whoever wants to look at them."""
    folder = os.environ.get("PASSERELLE_TEST_PICTURES")
    yield Path(folder) if folder else None


def test_from_the_mail_to_done_on_a_phone_in_two_clicks_beside_filling_in(open_page: Open, inn: Guesthouse) -> None:
    clicks: list[str] = []

    def click(what: Locator) -> None:
        clicks.append(str(what))
        what.click()

    page = open_page(size=PHONE, touch=True)
    page.goto("/mails")
    page.get_by_role("link", name="Estimate the damage").click()  # in somebody's mail program, this is opening the mail
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", level=1)).to_contain_text("Estimate the damage")

    click(mail.get_by_role("link", name="Open the task"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Estimate the damage")
    assert "/l/" not in page.url
    page.get_by_label("Hours of work").fill("12.5")
    click(page.get_by_role("button", name="Send"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it is sent")

    assert inn.task().state == "COMPLETED"
    assert len(clicks) <= 2


def test_a_guest_needs_no_mouse(open_page: Open, inn: Guesthouse) -> None:
    page = open_page(script=True)
    page.goto(inn.path())
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "hours":
            break
    page.keyboard.type("12")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it is sent")


@pytest.mark.parametrize(("size", "language"), [(PHONE, "fr"), (DESK, "en")])
def test_axe_finds_nothing_on_any_page_of_a_guest(open_page: Open, inn: Guesthouse, pictures: Path | None, size: dict[str, int], language: str) -> None:
    page = open_page(size=size, language=language, script=True)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(check(page, name))
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{name} is {width} px wide"
        if pictures is not None:
            page.screenshot(path=pictures / f"{name}-{size['width']}-{language}.png", full_page=True)

    for name, path in _ways_in(inn):
        page.goto(path)
        look(name)
    _a_guest_at_work(page, inn, look)

    assert not found, "\n".join(found)


def _ways_in(inn: Guesthouse) -> list[tuple[str, str]]:
    """Links that do not open, and the mails of this machine."""
    mail = inn.hand_over(plate="QQ-111-QQ")
    revoked, passed, expired = (inn.link(handoff_key=row.key) for row in (mail, inn.hand_over(), inn.hand_over()))
    inn.write(lambda s: links.end(s, revoked.key, because="revoked"))
    inn.write(lambda s: links.end(s, passed.key, because="passed on"))
    now = inn.read(clock.now)
    inn.change(links.Link, expired.key, expires_at=now - timedelta(days=1))
    first = inn.read(lambda s: s.scalars(select(Notification.key).order_by(Notification.key)).first())
    return [
        ("mails", "/mails"),
        ("mail", f"/mails/{first}"),
        ("unknown", "/l/x"),
        ("needed", "/g/1"),
        ("revoked", inn.path(revoked)),
        ("passed-on", inn.path(passed)),
        ("expired", inn.path(expired)),
    ]


def _a_guest_at_work(page: Page, inn: Guesthouse, look: Callable[[str], None]) -> None:
    shared = inn.link(handoff_key=inn.hand_over(plate="SS-111-SS").key)
    inn.change(links.Link, shared.key, name=None, assurance="code", language=None)  # the browser's language, then
    page.goto(inn.path(shared))
    look("code")
    page.locator("main form button").click()
    look("code-sent")
    page.locator("[name=code]").fill("000000" if inn.code() != "000000" else "111111")
    page.locator("main form button").first.click()
    look("code-wrong")
    page.locator("[name=code]").fill(inn.code())
    page.locator("main form button").first.click()
    look("who")
    page.locator("[name=other]").fill("Anna Blanc")
    page.locator("main form button").last.click()
    look("task")
    home = page.url.split("/tasks")[0]
    page.goto(f"{home}/work")
    look("work")
    page.goto(f"{home}/colleague")
    look("colleague")
    page.goto(home)
    page.locator("[name=hours]").fill("x")
    page.locator(".questions button").last.click()  # keep for later
    look("task-kept")
    page.locator("[name=hours]").fill("x")
    page.locator(".questions .deeds button").first.click()
    look("task-wrong")
    page.locator("[name=hours]").fill("12")
    page.locator("[name=note]").fill("A new door, and the paint.\nTwo days.")
    page.locator(".questions .deeds button").first.click()
    look("receipt")
    page.goto(home)
    look("over")
    page.goto(inn.path(inn.link(handoff_key=inn.hand_over(plate="TT-111-TT").key)))
    page.goto(page.url.split("/tasks")[0] + "/decline")
    look("decline")
    page.locator("[name=reason]").fill("No lift that is high enough")
    page.locator("main form button").first.click()
    look("declined")
    page.goto(inn.path(inn.link(handoff_key=inn.hand_over(plate="UU-111-UU").key)))
    page.goto(page.url.split("/tasks")[0] + "/colleague")
    page.locator("[name=name]").fill("Paul Blanc")
    page.locator("[name=address]").fill("paul.blanc@garage.example")
    page.locator("main form button").first.click()
    look("passed")
