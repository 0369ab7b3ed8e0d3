"""The portal in a real browser, JavaScript switched off unless a check needs it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AXE, DESK, PHONE, Open, log_in
from tests.portal.house import House


def fill_in_report(page: Page) -> None:
    page.goto("/start/holder")
    page.get_by_label("Your full name").fill("Julie Durand")
    page.get_by_label("Licence plate").fill("AB-123-CD")
    page.get_by_label("No", exact=True).check()
    page.get_by_label("What happened?").fill("The van behind me did not stop.")
    page.get_by_label("When was it?").fill("2026-11-20")


def do_task(page: Page, name: str) -> None:
    page.goto("/?box=groups")
    page.get_by_role("button", name=f"Take “{name}”").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_claim_goes_from_the_customer_through_insurer_and_garage_and_back(open_page: Open) -> None:
    julie, fanny, karim, paul = (open_page(name, size=PHONE if name == "julie" else DESK) for name in ("julie", "fanny", "karim", "paul"))
    fill_in_report(julie)
    julie.get_by_role("button", name="Send").click()
    expect(julie.get_by_role("status")).to_contain_text("This is the number to quote")

    do_task(fanny, "Check completeness")
    fanny.get_by_label("Yes, everything is there").check()
    fanny.get_by_role("button", name="Done, pass it on").click()
    do_task(karim, "Assess damage")
    karim.get_by_label("Reserve").fill("1,200")
    karim.get_by_role("button", name="Done, pass it on").click()
    do_task(paul, "Estimate the repair")
    paul.get_by_label("Hours of work").fill("6.5")
    paul.get_by_role("button", name="Done, pass it on").click()
    do_task(karim, "Decide on the claim")
    karim.get_by_role("button", name="Done, pass it on").click()
    do_task(julie, "Read the decision")
    julie.get_by_role("button", name="Done", exact=True).click()  # nobody is left to pass it on to

    julie.goto("/cases?state=ended")
    expect(julie.get_by_role("main")).to_contain_text("AB-123-CD, Julie Durand")


def test_everything_can_be_done_with_the_keyboard_alone(open_page: Open, house: House) -> None:
    house.report()
    page = open_page(script=True)
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("fanny")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "button", "Take “Check completeness”")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check completeness")
    tab_to(page, "radio", "Yes, everything is there")
    page.keyboard.press("Space")
    tab_to(page, "textbox", "Note for the adjuster")
    page.keyboard.type("Typed without a mouse")
    tab_to(page, "button", "Done, pass it on")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("is passed on")
    assert house.variables(house.task("assess"))["note"] == "Typed without a mouse"


def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until it has the focus, and can be seen to have it."""
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            visible = "element => [element, element.nextElementSibling].some(e => e && getComputedStyle(e).outlineStyle !== 'none')"
            assert wanted.evaluate(visible), f"The focus on {name} cannot be seen."
            return
    raise AssertionError(f"Expected to reach {name} with the Tab key.")


def test_an_error_keeps_what_was_typed_and_takes_one_to_the_field(open_page: Open) -> None:
    page = open_page("julie", size=PHONE, script=True)
    fill_in_report(page)
    page.get_by_label("Licence plate").fill("wrong plate")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("What happened?")).to_have_value("The van behind me did not stop.")
    expect(page.get_by_label("Licence plate")).to_have_value("wrong plate")
    expect(page.get_by_label("Licence plate")).to_have_accessible_description(
        "As on the car, for example AB-123-CD. Error: This is not in the expected format."
    )

    page.get_by_role("alert").get_by_role("link").click()

    expect(page.get_by_label("Licence plate")).to_be_focused()


def test_the_end_of_a_login_keeps_what_was_typed(open_page: Open, house: House) -> None:
    page = open_page("julie")
    fill_in_report(page)
    page.context.clear_cookies(name="passerelle_login")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("nothing is lost")

    log_in(page, "julie")

    expect(page.get_by_label("What happened?")).to_have_value("The van behind me did not stop.")
    assert house.cases() == []

    page.get_by_role("button", name="Send").click()

    assert len(house.cases()) == 1


def test_two_quick_clicks_begin_one_case(open_page: Open, house: House) -> None:
    page = open_page("julie", script=True)
    fill_in_report(page)
    page.get_by_role("button", name="Send").dblclick(no_wait_after=True)

    expect(page.get_by_role("status")).to_contain_text("This is the number to quote")
    assert len(house.cases()) == 1


def test_french_is_spoken_to_those_who_prefer_it(open_page: Open) -> None:
    page = open_page(language="fr-FR")
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion")
    log_in(page, "julie")
    page.get_by_role("button", name="Français").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("À faire")
    assert page.locator("html").get_attribute("lang") == "fr"


EVERY_PAGE = ("/", "/?box=groups", "/?q=nothing", "/start", "/start/holder", "/cases", "/cases?state=ended", "/password", "/nowhere")
DIRECTORY = ("/parties", "/parties?kind=customer", "/parties/new", "/parties/1", "/parties/import")
ADMIN_PAGES = ("/people", "/people/new", "/people/fanny", "/groups", "/groups/garage", *DIRECTORY)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.mark.parametrize("username", ["admin", "julie", "fanny"])
def test_no_page_scrolls_sideways_on_a_phone(open_page: Open, house: House, username: str) -> None:
    number = house.report(name=LONG, plate="AB-123-CD")
    task = house.claim(house.task(), "fanny")
    page = open_page(username, size={"width": 320, "height": 700})
    own = (
        (f"/tasks/{task.key}", f"/cases/{number}") if username == "fanny" else ADMIN_PAGES if username == "admin" else (f"/cases/{number}",)
    )

    for path in EVERY_PAGE + own:
        page.goto(path)
        for scroll, width in [page.evaluate("[document.documentElement.scrollWidth, innerWidth]")]:
            assert scroll <= width, f"{path} scrolls sideways: {scroll} > {width}"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_is_accessible(open_page: Open, house: House, size: dict[str, int], dark: bool) -> None:
    number = house.report()
    house.report(name="Other")
    task = house.claim(house.task(), "fanny")
    found = check_pages(open_page(size=size, dark=dark, script=True), ("/login",))
    julie = open_page("julie", size=size, dark=dark, script=True)
    found += check_pages(julie, (*EVERY_PAGE, f"/cases/{number}"))
    julie.goto("/start/holder")
    julie.get_by_role("button", name="Send").click()
    found += check(julie, "the form with errors")
    found += check_pages(open_page("fanny", size=size, dark=dark, script=True), (f"/tasks/{task.key}", "/?box=groups", f"/cases/{number}"))
    found += check_pages(open_page("admin", size=size, dark=dark, script=True), ADMIN_PAGES)

    assert not found, "\n".join(found)


def check_pages(page: Page, paths: tuple[str, ...]) -> list[str]:
    found = []
    for path in paths:
        page.goto(path)
        found += check(page, path)
    return found


def check(page: Page, where: str) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, and its best practices."""
    page.evaluate(AXE.read_text())  # evaluated by the tool, so the page's own policy need not allow it
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{where}: {violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def test_targets_are_large_enough_for_a_thumb(open_page: Open, house: House) -> None:
    house.report()
    page = open_page("fanny", size=PHONE)
    small = """() => [...document.querySelectorAll('button, .button, .tabs a, .boxes a, main input:not([type=hidden]), select, summary, .option label')]
        .filter(e => e.offsetParent && !e.matches('.option input'))
        .map(e => [e.textContent.trim() || e.name, e.getBoundingClientRect().height]).filter(([, height]) => height < 40)"""

    for path in ("/?box=groups", "/start", "/cases", "/password"):
        page.goto(path)
        assert page.evaluate(small) == [], path


def test_names_that_look_like_markup_show_as_text(open_page: Open, house: House) -> None:
    nasty = "<img src=x onerror=document.title='owned'><b>Ann</b>"
    number = house.report(name=nasty)
    task = house.claim(house.task(), "fanny")
    page = open_page("fanny", script=True)

    for path in ("/?box=mine", f"/tasks/{task.key}", f"/cases/{number}", "/cases"):
        page.goto(path)
        expect(page.get_by_role("main")).to_contain_text(nasty)
        assert "owned" not in page.title()
        assert page.locator("main img, main b").count() == 0
