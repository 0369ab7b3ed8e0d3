"""The workbench's live pages in a real browser before the real server: try a draft, watch an instance, mend it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.api import models
from tests.api.trials import MODEL, drawn
from tests.browser.conftest import AXE, DESK, PHONE
from tests.platforms import PASSWORD, Platform

DATABASES = ("postgresql",)  # where two processes of the server tell each other what changed
V1 = "/passerelle/v1"
GARAGE = {
    "partyId": "garage-martin",
    "name": "Garage <b>Martin</b>",
    "kind": "partner",
    "contacts": [{"name": "Jean Martin", "email": "jean@martin.example"}],
}
NASTY = "<img src=x onerror=document.title='broken'>"


@pytest.fixture
def house(platform: Platform) -> Platform:
    platform.expect("POST", f"{V1}/parties", GARAGE)
    platform.add_person("fiona", name="Fiona", roles=["member"], groups=["front-desk"])
    platform.add_person("mona", name="Mona", roles=["modeller", "operator"])
    return platform


@pytest.fixture
def desk(chromium: Browser, house: Platform) -> Iterator[BrowserContext]:
    """A browser in which Mona has logged in. Fails the test for anything that a page complains of."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=house.url, viewport=DESK, locale="en")
    context.on("page", lambda page: page.on("pageerror", lambda error: complaints.append(str(error))))
    context.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("User name").fill("mona")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{house.url}/")
    yield context
    context.close()
    assert complaints == []


def _ready(page: Page) -> Page:
    page.wait_for_selector(".live-diagram:not([data-ready='0'])")
    return page


def _trial(house: Platform, desk: BrowserContext, model: str = MODEL) -> tuple[str, Page]:
    key = house.expect("POST", f"{V1}/trials", {"files": [{"name": "claim.bpmn", "content": drawn(model)}], "name": "Claims"}, user="mona")["trialKey"]
    page = desk.pages[0]
    page.goto(f"/workbench/trials/{key}")
    return key, _ready(page)


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({exclude: ['.live-canvas']}, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]]


def _handoff(page: Page, words: str) -> Locator:
    """The badge on the diagram that says so."""
    return page.get_by_role("button", name=re.compile(f"Handoff: {words}"))


def _begin(page: Page, values: str) -> None:
    page.get_by_role("button", name="Begin…").click()
    page.get_by_label("Variables (JSON)").fill(values)
    page.get_by_role("dialog").get_by_role("button", name="Begin", exact=True).click()


def test_a_draft_is_tried_with_every_party_and_kept_as_a_scenario(house: Platform, desk: BrowserContext) -> None:
    key, page = _trial(house, desk)
    _begin(page, '{"plate": "AB-123-CD"}')
    expect(page.get_by_role("img", name="1 token here")).to_be_visible()
    with desk.expect_page() as opened:
        page.get_by_role("button", name="Act as Fiona").click()
    fiona = opened.value
    fiona.get_by_role("link", name=re.compile("Check the report")).first.click()
    expect(fiona.get_by_text("you act as Fiona")).to_be_visible()
    fiona.get_by_role("button", name="Take").click()
    fiona.get_by_role("button", name=re.compile("Done")).click()
    # what Fiona did there has moved the token here, without loading the page again
    expect(_handoff(page, "Front desk to Garage, partner, accept within 2 days, complete within 7 days, waits")).to_be_visible()
    page.get_by_role("tab", name="Mails").click()
    expect(page.get_by_text("jean@martin.example")).to_be_visible()
    page.get_by_role("tab", name="Parties").click()
    with desk.expect_page() as opened:
        page.get_by_role("button", name="Open the link: Jean Martin").click()
    expect(opened.value.get_by_text("Estimate the damage").first).to_be_visible()

    base = f"/trials/{key}/v2/user-tasks"
    (task,) = house.expect("POST", f"{base}/search", {"filter": {"state": "CREATED"}}, user="mona")["items"]
    house.expect("POST", f"{base}/{task['userTaskKey']}/completion", {"variables": {"hours": 12}}, user="mona")
    page.get_by_role("tab", name="Programs").click()
    page.get_by_label("Variables it answers (JSON)").fill("{")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("This is not JSON")).to_be_visible()
    page.get_by_label("Variables it answers (JSON)").fill('{"slot": "2026-02-01"}')
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("No program is waited for")).to_be_visible()
    page.get_by_role("tab", name="Scenario").click()
    page.get_by_label("Name").fill("Twelve hours")
    page.get_by_role("button", name="Keep and run it").click()
    expect(page.get_by_text("It runs again, step by step.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download folder").click()
    assert download.value.suggested_filename == "twelve-hours.zip"
    assert _violations(page) == []
    assert house.expect("POST", "/v2/process-instances/search", {})["items"] == []


def test_a_draft_s_page_tries_it_with_what_was_just_typed(house: Platform, desk: BrowserContext) -> None:
    files = [{"name": "claim.bpmn", "content": drawn()}]
    draft = house.expect("POST", f"{V1}/drafts", {"name": "Claims, next", "files": files}, user="mona")["draftKey"]
    page = desk.pages[0]
    page.goto(f"/workbench/drafts/{draft}")
    badge = page.get_by_role("button", name=re.compile("Handoff: Front desk to Garage"))
    badge.click()
    page.get_by_label("Accept within", exact=True).fill("9")
    page.get_by_role("button", name="Try it").click()
    _ready(page)
    expect(badge).to_contain_text("9 d")
    expect(page.get_by_role("heading", name=re.compile("Claims, next"))).to_be_visible()
    expect(page.get_by_text("Nothing runs yet.")).to_be_visible()


def test_time_moves_in_a_trial_and_a_limit_passes(house: Platform, desk: BrowserContext) -> None:
    _key, page = _trial(house, desk)
    _begin(page, '{"plate": "AB-123-CD"}')
    expect(page.get_by_role("img", name="1 token here")).to_be_visible()
    base = f"/trials/{_key}/v2/user-tasks"
    (task,) = house.expect("POST", f"{base}/search", {}, user="mona")["items"]
    house.expect("POST", f"{base}/{task['userTaskKey']}/completion", {}, user="mona")
    expect(_handoff(page, "Front desk to Garage.*waits.*due in 2 d")).to_be_visible()
    page.get_by_role("button", name="+1 week").click()
    expect(_handoff(page, "Front desk to Garage.*waits 7 d.*late 5 d")).to_be_visible()
    page.get_by_role("button", name="Other…").click()
    page.get_by_label("By how long").fill("soon")
    page.get_by_role("button", name="Move the time").click()
    expect(page.get_by_role("alert")).to_have_text("Expected a duration such as 2 days, 4 h or 1 d 6 h.")
    page.get_by_label("By how long").fill("2 days 12 h")
    page.get_by_role("button", name="Move the time").click()
    expect(_handoff(page, "Front desk to Garage.*waits 9 d.*late 7 d")).to_be_visible()


def test_a_phone_acts_as_one_party(house: Platform, desk: BrowserContext, chromium: Browser) -> None:
    key, page = _trial(house, desk)
    _begin(page, '{"plate": "AB-123-CD"}')
    page.get_by_role("button", name="On a phone: Fiona").click()
    code = page.locator(".live-qr img")
    expect(code).to_be_visible()
    address = code.get_attribute("alt")
    assert address
    with chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True) as phone:
        view = phone.new_page()
        view.goto(address)
        expect(view.get_by_text("Check the report").first).to_be_visible()
        assert view.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert phone.request.get(f"{house.url}/trials/{key}/v2/topology").status == 401
        assert phone.request.get(f"{house.url}/workbench/session").status == 401


def test_names_of_a_model_are_text(house: Platform, desk: BrowserContext) -> None:
    escaped = NASTY.replace("<", "&lt;").replace(">", "&gt;")
    _key, page = _trial(house, desk, MODEL.replace("Check the report", escaped).replace('name="Garage"', f'name="{escaped}"'))
    _begin(page, f'{{"plate": "{NASTY}"}}')
    page.get_by_role("tab", name="Now").click()
    expect(page.get_by_role("button", name=NASTY, exact=True)).to_be_visible()
    for tab in ("Values", "History", "Parties"):
        page.get_by_role("tab", name=re.compile(tab)).click()
        page.wait_for_timeout(100)
    assert page.title() != "broken"


def test_an_instance_is_watched_and_mended(house: Platform, desk: BrowserContext) -> None:
    house.deploy(("claim.bpmn", drawn()))
    started = house.start("claim", plate="AB-123-CD")
    page = desk.pages[0]
    page.goto(f"/workbench/instances/{started['processInstanceKey']}")
    _ready(page)
    expect(page.get_by_role("heading", name=re.compile("AB-123-CD"))).to_be_visible()
    for variables in ({}, {"hours": 3}):
        (task,) = house.tasks(state="CREATED")
        house.complete_task(task, variables)
    job = house.lease("book-repair")
    house.expect("POST", f"/v2/jobs/{job['jobKey']}/failure", {"retries": 0, "errorMessage": "The calendar is down."}, user="worker")
    expect(page.get_by_text("The calendar is down.")).to_be_visible()
    expect(page.get_by_role("img", name="1 incident")).to_be_visible()
    assert _violations(page) == []
    page.get_by_role("button", name="Give it 3 more tries").click()
    expect(page.get_by_text("The calendar is down.")).to_be_hidden()

    page.get_by_role("tab", name="Values").click()
    page.get_by_role("button", name="Change hours").click()
    page.get_by_role("textbox", name=re.compile("Value")).fill("12345678901234567890")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("hours was set.")).to_be_visible()
    assert house.variables(started)["hours"] == 12345678901234567890
    # the mark of bpmn.io stays visible
    assert page.evaluate("""() => { const box = document.querySelector('.bjs-powered-by').getBoundingClientRect();
        return !!document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).closest('.bjs-powered-by'); }""")
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Keep it").click()
    assert house.instance(started)["state"] == "ACTIVE"
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Cancel the instance").click()
    expect(page.locator(".live-head .tag", has_text="canceled")).to_be_visible()
    assert house.instance(started)["state"] == "TERMINATED"


def test_the_list_is_found_again_by_its_address(house: Platform, desk: BrowserContext) -> None:
    house.deploy(("claim.bpmn", drawn()))
    started: list[Any] = [house.start("claim", plate=f"AB-{number}") for number in range(3)]
    house.complete_task(house.tasks(state="CREATED")[0])
    page = desk.pages[0]
    page.goto("/workbench/instances")
    expect(page.get_by_text("3 instances")).to_be_visible()
    page.get_by_label("Title or number").fill("ab-1")
    expect(page.get_by_text("1 instance", exact=True)).to_be_visible()
    assert page.url.endswith("?q=ab-1")
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Waits for").select_option(label="Garage <b>Martin</b> (1)")
    expect(page.get_by_text("1 instance", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 instance", exact=True)).to_be_visible()
    assert _violations(page) == []
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page).to_have_url(f"{house.url}/workbench/instances/{started[0]['processInstanceKey']}")
    expect(page).to_have_title(re.compile(r"^Case \d{3} \d{3} · AB-0 · Passerelle$"))
    house.wait(days=3)
    page.goto("/workbench/")
    page.get_by_role("link", name="1 late handoff of Claim").click()
    expect(page.get_by_label("Only what is late (1)")).to_be_checked()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("late")


@pytest.mark.alone
def test_the_live_page_is_ready_soon(house: Platform, desk: BrowserContext) -> None:
    house.deploy(("claim.bpmn", drawn()))
    started = house.start("claim", plate="AB-123-CD")
    page = desk.pages[0]
    began = time.monotonic()
    page.goto(f"/workbench/instances/{started['processInstanceKey']}")
    _ready(page)

    assert time.monotonic() - began < 3  # one second on a quiet machine


def test_a_lost_line_is_told_and_goes_on_by_itself_without_loss(house: Platform, desk: BrowserContext) -> None:
    house.deploy(("claim.bpmn", drawn()))
    started = house.start("claim", plate="AB-123-CD")
    page = desk.pages[0]
    page.goto(f"/workbench/instances/{started['processInstanceKey']}")
    _ready(page)
    page.evaluate("window.loadedOnce = true")
    desk.set_offline(True)
    expect(page.get_by_text("The connection to the server is lost.")).to_be_visible(timeout=45_000)
    (task,) = house.tasks(state="CREATED")
    house.complete_task(task, {})

    desk.set_offline(False)
    expect(_handoff(page, "Front desk to Garage.*waits")).to_be_visible()
    expect(page.get_by_text("The connection to the server is lost.")).to_be_hidden()
    expect(page.get_by_role("button", name="Estimate the damage")).to_be_visible()
    assert page.evaluate("window.loadedOnce")


def test_a_server_that_was_away_is_found_again(house: Platform, desk: BrowserContext) -> None:
    _key, page = _trial(house, desk)
    _begin(page, '{"plate": "AB-123-CD"}')
    expect(page.get_by_role("img", name="1 token here")).to_be_visible()
    refused = re.compile(r"/passerelle/v1/")
    page.route(refused, lambda route: route.abort("connectionrefused"))
    expect(page.get_by_text("The connection to the server is lost.")).to_be_visible()
    page.unroute(refused)

    expect(page.get_by_text("The connection to the server is lost.")).to_be_hidden()
    page.get_by_role("button", name="+1 h").click()
    expect(page.get_by_text(re.compile("It is .* now"))).to_be_visible()


def test_a_model_without_a_drawing_shows_its_steps_with_what_stands_where(house: Platform, desk: BrowserContext) -> None:
    key = house.expect("POST", f"{V1}/trials", {"files": [{"name": "claim.bpmn", "content": MODEL}]}, user="mona")["trialKey"]
    page = desk.pages[0]
    page.goto(f"/workbench/trials/{key}")
    steps = page.get_by_role("region", name="Steps")
    expect(steps).to_contain_text("This model has no drawing.")
    assert [one.split("\n")[0] for one in steps.get_by_role("listitem").all_inner_texts()][:4] == [
        "Begin · Front desk",
        "Check the report Task · Front desk",
        "Estimate the damage Task · Garage",
        "Book the repair Program · Front desk",
    ]
    _begin(page, '{"plate": "AB-123-CD"}')
    expect(steps.get_by_role("listitem").filter(has_text="Check the report")).to_contain_text("1 here now")
    base = f"/trials/{key}/v2/user-tasks"
    (task,) = house.expect("POST", f"{base}/search", {}, user="mona")["items"]
    house.expect("POST", f"{base}/{task['userTaskKey']}/completion", {}, user="mona")
    expect(steps.get_by_role("listitem").filter(has_text="Check the report")).to_contain_text("to Garage waits")
    expect(steps.get_by_role("listitem").filter(has_text="Estimate the damage")).to_contain_text("1 here now")
    assert _violations(page) == []
    # the real instance has the same list
    house.deploy(("claim.bpmn", MODEL))
    started = house.start("claim", plate="AB-123-CD")
    page.goto(f"/workbench/instances/{started['processInstanceKey']}")
    expect(steps.get_by_role("listitem").filter(has_text="Check the report")).to_contain_text("1 here now")


def test_a_program_s_error_failure_and_work_are_answered_by_hand_and_mended(house: Platform, desk: BrowserContext) -> None:
    contract = '<handoff:contract><handoff:field name="slot" type="date" label="Appointment"/></handoff:contract>'
    flow = '<sequenceFlow id="f4" sourceRef="book" targetRef="done"'
    model = MODEL.replace(f"{flow}/>", f"{flow}><extensionElements>{contract}</extensionElements></sequenceFlow>")
    model = model.replace("<flowNodeRef>done</flowNodeRef>", "").replace("<flowNodeRef>estimate", "<flowNodeRef>done</flowNodeRef><flowNodeRef>estimate")
    key, page = _trial(house, desk, model)
    _begin(page, '{"plate": "AB-123-CD"}')
    expect(page.get_by_role("img", name="1 token here")).to_be_visible()
    for answers in ({}, {"hours": 12}):
        (task,) = house.expect("POST", f"/trials/{key}/v2/user-tasks/search", {"filter": {"state": "CREATED"}}, user="mona")["items"]
        house.expect("POST", f"/trials/{key}/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": answers}, user="mona")
    page.get_by_role("tab", name="Programs").click()
    expect(page.get_by_text("Proposed from what the model wants of it.")).to_be_visible()
    assert '"slot"' in page.get_by_label("Variables it answers (JSON)").input_value()

    page.get_by_label("How it ends").select_option("It fails")
    page.get_by_label("Message").fill("The calendar is down.")
    page.get_by_role("button", name="Let it fail").click()
    expect(page.get_by_text("No tries are left: an incident stands")).to_be_visible()
    page.get_by_role("button", name="Show the incident").click()
    expect(page.get_by_text("The calendar is down.")).to_be_visible()
    page.get_by_role("button", name="Give it 3 more tries").click()
    expect(page.get_by_text("The calendar is down.")).to_be_hidden()
    page.get_by_role("tab", name="Programs").click()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("No program is waited for")).to_be_visible()
    page.get_by_role("tab", name="Scenario").click()
    page.get_by_label("Name").fill("Down and up")
    page.get_by_role("button", name="Keep and run it").click()
    expect(page.get_by_text("It runs again, step by step.")).to_be_visible()
    expect(page.locator("pre.live-code")).to_contain_text('"more tries": "book-repair"')
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete the trial").click()
    expect(page.get_by_role("heading", name="Trials")).to_be_visible()


def test_a_modeller_watches_and_only_an_operator_mends(house: Platform, chromium: Browser) -> None:
    house.add_person("theo", name="Theo", roles=["modeller"])
    house.deploy(("claim.bpmn", drawn()))
    started = house.start("claim", plate="AB-123-CD")
    for variables in ({}, {"hours": 3}):
        (task,) = house.tasks(state="CREATED")
        house.complete_task(task, variables)
    job = house.lease("book-repair")
    house.expect("POST", f"/v2/jobs/{job['jobKey']}/failure", {"retries": 0, "errorMessage": "The calendar is down."}, user="worker")
    for username, mends in (("theo", False), ("operator", True)):
        context = chromium.new_context(base_url=house.url, viewport=DESK, locale="en")
        page = context.new_page()
        page.goto(f"/login?back=/workbench/instances/{started['processInstanceKey']}")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("img", name="1 incident")).to_be_visible()

        assert page.get_by_role("button", name="Cancel…").count() == mends
        assert page.get_by_role("button", name="Give it 3 more tries").count() == mends
        page.get_by_role("tab", name="Values").click()
        expect(page.get_by_text("plate" if mends else "No values, or none that you may see.")).to_be_visible()
        assert page.get_by_role("button", name="New value…").count() == mends
        context.close()


def test_a_case_waits_for_a_message_that_one_sends_by_hand(house: Platform, desk: BrowserContext) -> None:
    model = models.process("paying", models.receive_task("wait", "paid"), roots=models.message("paid", "paid", "number"))
    key = house.expect("POST", f"{V1}/trials", {"files": [{"name": "paying.bpmn", "content": model}]}, user="mona")["trialKey"]
    page = desk.pages[0]
    page.goto(f"/workbench/trials/{key}")
    _begin(page, '{"number": "A-7"}')
    page.get_by_role("tab", name="Now").click()
    page.get_by_role("button", name="Send it…").click()
    expect(page.get_by_label("Correlation key")).to_have_value("A-7")
    page.get_by_label("What it brings").fill("{]")
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_text("This is not JSON")).to_be_visible()
    page.get_by_label("What it brings").fill('{"euros": 12}')
    page.get_by_role("dialog").get_by_role("button", name="Send").click()

    expect(page.get_by_text("Nothing: it has ended.")).to_be_visible()
    page.get_by_role("tab", name="Scenario").click()
    page.get_by_label("Name").fill("Paid")
    page.get_by_role("button", name="Keep and run it").click()
    expect(page.get_by_text("It runs again, step by step.")).to_be_visible()


def test_what_changes_before_the_line_is_open_is_not_missed(house: Platform, desk: BrowserContext) -> None:
    house.deploy(("claim.bpmn", drawn()))
    started = house.start("claim", plate="AB-123-CD")
    page = desk.pages[0]
    held: list[Route] = []
    page.route(re.compile("/passerelle/v1/events"), lambda route: held.append(route))
    page.goto(f"/workbench/instances/{started['processInstanceKey']}")
    _ready(page)
    expect(page.get_by_role("img", name="1 token here")).to_be_visible()
    (task,) = house.tasks(state="CREATED")
    house.complete_task(task, {})
    expect(page.get_by_role("button", name="Check the report", exact=True)).to_be_visible()

    for route in held:
        route.continue_()
    expect(page.get_by_role("button", name="Estimate the damage", exact=True)).to_be_visible()
