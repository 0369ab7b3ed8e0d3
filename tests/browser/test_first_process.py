"""The newcomer's way of docs/first-process.md, step by step, in a real browser before the real server.

    PASSERELLE_TEST_FIRST_PROCESS=docs/images/first-process pytest tests/browser/test_first_process.py -k sqlite

writes the pictures of that page anew; without the variable nothing is written.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import pictures
from tests.browser.conftest import PHONE
from tests.platforms import PASSWORD, Platform

SIZE = {"width": 1280, "height": 800}
NAME = "Order of catering"


class Album:
    """Shows the pictures of the page; keeps them where somebody asked for it."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium, self._folder = chromium, os.environ.get("PASSERELLE_TEST_FIRST_PROCESS")

    def keep(self, name: str, page: Page) -> None:
        if self._folder:
            page.wait_for_timeout(400)  # for the eye only: notices, focus rings
            pictures.keep(page, self._chromium, Path(self._folder) / f"{name}.png")


@pytest.fixture
def album(chromium: Browser) -> Album:
    return Album(chromium)


@pytest.fixture
def desk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The browser of the process owner, who has just installed it. Fails the test for anything that a page complains of."""
    platform.add_person("anna", name="Anna Weber", roles=["admin", "member"])
    complaints: list[str] = []
    context = chromium.new_context(base_url=platform.url, viewport=SIZE, locale="en", timezone_id="UTC")
    context.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = context.new_page()
    page.goto("/login?back=/workbench/")
    page.fill("[name=username]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector(".welcome")
    yield context
    context.close()
    assert complaints == []


def test_a_newcomer_draws_tries_and_deploys_a_process_and_a_guest_does_its_first_task(
    desk: BrowserContext, platform: Platform, chromium: Browser, album: Album
) -> None:
    page = desk.pages[0]
    draws(page, album)
    says_who_takes_part(page, desk, album)
    asks_one_thing_more(page, album)
    tries(page, desk, album)
    deploys(page, album)
    hands_over(page, album)
    link = finds_the_mail(page, album)
    does_it_as_a_guest(link, chromium, platform, album)

    page.goto("/")
    expect(page.locator("main")).to_contain_text("Check the answer")
    assert [one["elementId"] for one in platform.tasks(state="CREATED")] == ["CheckAnswer"]


def draws(page: Page, album: Album) -> None:
    album.keep("01-list", page)
    page.click(".choice:has-text('Order from a partner')")
    page.get_by_label("What is it called?").fill(NAME)
    album.keep("02-name", page)
    page.click("text=Begin to draw")
    page.wait_for_selector(".canvas[aria-busy=false]")
    expect(page.locator(".draft-name")).to_have_value(NAME)
    page.click("#tab-outline")
    page.locator(".outline button", has_text=re.compile("^Partner ")).click()
    name = page.locator(".draw-panel").get_by_label("Name", exact=True)
    name.fill("Caterer")
    name.press("Enter")
    expect(page.locator(".canvas [data-element-id=Partner]")).to_contain_text("Caterer")
    page.click("#tab-handoffs")
    album.keep("03-diagram", page)
    badge = page.locator(".handoff-badge[data-flow=OrderFlow]")
    badge.click()
    page.get_by_label("Accept within", exact=True).fill("4")
    page.keyboard.press("Enter")
    expect(badge).to_contain_text("4 h + 3 d")
    album.keep("04-limit", page)


def says_who_takes_part(page: Page, desk: BrowserContext, album: Album) -> None:
    page.click("#tab-problems")
    problem = page.locator(".problems li", has_text="the group 'our-company' has nobody")
    album.keep("05-problem", page)
    with desk.expect_page() as opened:
        problem.locator("text=Say who…").click()
    group = opened.value
    group.get_by_label("Anna Weber").check()
    album.keep("06-group", group)
    group.get_by_role("button", name="Save").click()
    expect(group.locator("main")).to_contain_text("Our company")
    group.close()
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # a headless browser's tabs are all visible
    expect(problem).to_have_count(0)


def asks_one_thing_more(page: Page, album: Album) -> None:
    """A question in the sender's form, from there into the contract, from there into the receiver's form."""
    page.click("#tab-forms")
    page.click(".side .file:has-text('Write the order')")
    page.wait_for_selector(".fjs-editor-container .fjs-element")
    page.locator(".fjs-palette-field[data-field-type=textarea]").press("Enter")
    asked = page.locator(".fjs-editor-container .fjs-element[data-field-type=textarea]")
    asked.click()
    panel = page.locator(".fjs-properties-container")
    if not panel.get_by_label("Field label").is_visible():
        panel.locator(".bio-properties-panel-group-header", has_text="General").click()
    panel.get_by_label("Field label").fill("Allergies")
    panel.get_by_label("Key", exact=True).fill("allergies")
    expect(page.locator(".phone")).to_contain_text("Allergies")
    album.keep("07-form", page)
    page.click("text=Contract from this form…")
    page.click("dialog .change:has-text('Caterer') >> nth=0")
    expect(page.locator(".notices")).to_contain_text("has the fields of this form")
    page.click("text=From a contract…")
    page.click("dialog .change:has-text('Our company → Caterer')")
    expect(page.locator(".side .file[aria-current]")).to_contain_text("Carry out the order")
    expect(page.locator(".phone")).to_contain_text(re.compile("Carry out the order.*Allergies.*Delivered on", re.S))
    expect(page.locator(".save-state")).to_have_attribute("data-state", "saved")
    album.keep("08-receiver", page)


def tries(page: Page, desk: BrowserContext, album: Album) -> None:
    page.click("text=Try it")
    page.wait_for_url("**/trials/*")
    with desk.expect_page() as opened:
        page.get_by_role("button", name="Act as Caterer").click()
    caterer = opened.value
    expect(caterer.locator("main")).to_contain_text("Nothing waits for you")
    page.bring_to_front()
    with desk.expect_page() as opened:
        page.get_by_role("button", name=re.compile(f"Begin: {NAME}")).first.click()
    company = opened.value
    company.get_by_role("button", name="Start now").click()
    company.get_by_role("link", name="Open").click()
    company.get_by_role("button", name="Take").click()
    writes_the_order(company)
    company.get_by_label("Caterer", exact=True).check()
    company.get_by_role("button", name="Done, pass it on").click()
    page.bring_to_front()
    expect(page.get_by_role("button", name=re.compile("Handoff: Our company to Caterer.*waits"))).to_be_visible()
    album.keep("09-trial", page)
    caterer.bring_to_front()
    caterer.reload()
    caterer.get_by_role("link", name=re.compile("My groups")).click()
    caterer.get_by_role("link", name=re.compile("Carry out the order")).first.click()
    expect(caterer.get_by_label("Allergies")).to_have_value("No nuts")
    album.keep("10-caterer", caterer)
    caterer.get_by_role("button", name="Take").click()
    caterer.get_by_label("Delivered on").fill("2030-05-31")
    caterer.get_by_role("button", name=re.compile("Done")).click()
    expect(caterer.locator("main")).to_contain_text("is passed on")
    company.bring_to_front()
    company.goto(company.url.partition("/cases/")[0].partition("/tasks/")[0] + "/")
    expect(company.locator("main")).to_contain_text("Check the answer")
    for view in (caterer, company):
        view.close()
    page.bring_to_front()


def writes_the_order(page: Page) -> None:
    page.get_by_label("What is needed").fill("Lunch for the board")
    page.get_by_label("How many").fill("12")
    page.get_by_label("Allergies").fill("No nuts")


def deploys(page: Page, album: Album) -> None:
    page.goto("/workbench/")
    page.click(f"a:has-text('{NAME}')")
    page.wait_for_selector(".canvas[aria-busy=false]")
    page.click("text=Deploy…")
    expect(page.locator("dialog")).to_contain_text("This is new here")
    album.keep("11-deploy", page)
    page.click("dialog .actions .primary")
    expect(page.locator("dialog")).to_contain_text("order-of-catering: version 1")
    page.click("dialog a:has-text('Start it')")


def hands_over(page: Page, album: Album) -> None:
    page.get_by_role("link", name=re.compile(NAME)).click()
    page.get_by_role("button", name="Start now").click()
    page.get_by_role("link", name="Open").click()
    page.get_by_role("button", name="Take").click()
    writes_the_order(page)
    page.locator("[name='_name.partner']").fill("Luc Martin")
    page.locator("[name='_address.partner']").fill("luc@traiteur.example")
    page.get_by_role("button", name="Done, pass it on").scroll_into_view_if_needed()
    album.keep("12-who", page)
    page.get_by_role("button", name="Done, pass it on").click()
    expect(page.locator("main")).to_contain_text("is passed on")


def finds_the_mail(page: Page, album: Album) -> str:
    page.goto("/mails")
    page.get_by_role("link", name=re.compile("Luc Martin")).first.click()
    album.keep("13-mail", page)
    link = page.locator("main a[href*='/l/'], main iframe").first
    return link.get_attribute("href") or ""


def does_it_as_a_guest(link: str, chromium: Browser, platform: Platform, album: Album) -> None:
    with chromium.new_context(base_url=platform.url, viewport=PHONE, is_mobile=True, has_touch=True, locale="en") as phone:
        view = phone.new_page()
        view.goto(link)
        view.get_by_role("button", name="I am Luc Martin").click()
        expect(view.locator("main")).to_contain_text("Carry out the order")
        album.keep("14-guest", view)
        view.get_by_label("Delivered on").fill("2030-05-31")
        view.get_by_role("button", name="Send").click()
        expect(view.get_by_role("heading", level=1)).to_have_text("Thank you, it is sent")
