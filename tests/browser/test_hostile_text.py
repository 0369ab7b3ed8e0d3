"""Text that tries to be code, wherever somebody may write: it shows as text, runs nothing and reaches no other host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.api.trials import MODEL, drawn
from tests.browser.conftest import DESK
from tests.browser.test_drafts import DROP
from tests.platforms import PASSWORD, Platform

V1 = "/passerelle/v1"
ELSEWHERE = "http://evil.example"


def nasty(where: str) -> str:
    """Names the place that it was found in, if it ever runs."""
    return f"{where}\"'><img src={ELSEWHERE}/{where} onerror=pwned('{where}')><script>pwned('{where}')</script>{{{{7*7}}}}"


def attacked() -> str:
    """The claim of the trials with such a text in every name."""
    names = ["Insurer", "Claim", "Front desk", "Garage", "Check the report", "Estimate the damage", "Nobody answers", "Book the repair"]
    model = drawn(MODEL)
    for name in names:
        model = model.replace(f'name="{name}"', f'name="{escape(nasty(name.split()[0].lower()))}"')
    model = model.replace('type="book-repair"', f'type="{escape(nasty("job"))}"')
    model = model.replace('name="plate" type', f'name="plate" label="{escape(nasty("label"))}" type')
    milestone = f'<extensionElements><handoff:milestone label="{escape(nasty("milestone"))}"/></extensionElements>'
    words = f"<documentation>{escape(nasty('documentation'))}</documentation>"
    form = '<zeebe:userTask/><zeebe:formDefinition formId="ask"/>'
    model = model.replace('<startEvent id="begin"/>', f'<startEvent id="begin">{words}{milestone}</startEvent>')
    check = f'name="{escape(nasty("check"))}"'
    return model.replace(f"{check}/>", f"{check}>{words}<extensionElements>{form}</extensionElements></userTask>")


def form(*more: dict[str, Any]) -> str:
    texts = {name: nasty(f"form-{name}") for name in ("label", "description")}
    field = {"id": "f", "type": "textfield", "key": "plate", **texts}
    options = {"id": "g", "type": "radio", "key": "how", "label": "How", "values": [{"label": nasty("option"), "value": "x"}]}
    said = {"id": "h", "type": "text", "text": f"Words {nasty('text')}\n\n[link](javascript:pwned('link')) ![x]({ELSEWHERE}/markdown)"}
    return json.dumps({"id": "ask", "type": "default", "schemaVersion": 18, "components": [field, options, said, *more]})


HTML = [
    {"id": "i", "type": "html", "content": f"<b>Bold</b>{nasty('html').replace('{{7*7}}', '')}<style>@import '{ELSEWHERE}/css'; * {{ background: url({ELSEWHERE}/b) }}</style>"
     f"<p style='background:url({ELSEWHERE}/style)' onclick=pwned('click')>p</p><svg onload=pwned('svg')><image href='{ELSEWHERE}/svg'/></svg>"
     f"<video poster='{ELSEWHERE}/poster'></video><iframe src='{ELSEWHERE}/frame'></iframe><form action='{ELSEWHERE}'><input autofocus onfocus=pwned('focus')></form>"},
    {"id": "j", "type": "image", "source": f"{ELSEWHERE}/image.png", "alt": nasty("alt")},
    {"id": "k", "type": "iframe", "url": "https://evil.example/iframe", "label": nasty("iframe")},
]  # fmt: skip

DECISION = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="{escape(nasty("dmn"))}" namespace="n">
  <decision id="size" name="{escape(nasty("decision"))}"><decisionTable id="t" hitPolicy="FIRST">
    <input id="in" label="{escape(nasty("input"))}"><inputExpression id="e" typeRef="number"><text>amount</text></inputExpression></input>
    <output id="out" name="size" typeRef="string"/>
    <rule id="r"><description>{escape(nasty("annotation"))}</description><inputEntry id="a"><text>-</text></inputEntry>
      <outputEntry id="b"><text>{escape(json.dumps(nasty("rule")))}</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


@pytest.fixture
def house(platform: Platform) -> Platform:
    party = {"partyId": "garage-martin", "name": nasty("party"), "kind": "partner", "contacts": [{"name": nasty("contact"), "email": "jean@martin.example"}]}
    platform.expect("POST", f"{V1}/parties", party)
    platform.add_person("mona", name=nasty("person"), roles=["modeller", "operator", "admin"])
    platform.add_person("theo", name=nasty("editor"), roles=["modeller"])
    return platform


@pytest.fixture
def desk(chromium: Browser, house: Platform) -> Iterator[Page]:
    """Mona's browser. Fails the test for whatever ran, asked, was refused by the page's policy, or wanted to leave the house."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=house.url, viewport=DESK, locale="en")
    _watched(context, house, complaints)
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=username]", "mona")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{house.url}/")
    yield page
    context.close()
    assert complaints == []


def _watched(context: BrowserContext, house: Platform, complaints: list[str]) -> None:
    def stay(route: Route) -> None:
        complaints.append(f"asked for {route.request.url}")
        route.abort()

    def look(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))

    context.expose_function("pwned", lambda where: complaints.append(f"ran: {where}"))
    context.route(re.compile(f"^(?!{re.escape(house.url)}/|data:|blob:)"), stay)
    context.on("page", look)
    context.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)


def _shows(page: Page, *places: str) -> None:
    for place in places:
        expect(page.locator("body")).to_contain_text(nasty(place))


def _in_tabs(page: Page, tabs: dict[str, str]) -> None:
    for name, place in tabs.items():
        page.locator("main [role=tab]", has_text=name).click()
        _shows(page, *place.split())


def test_a_draft_and_a_dropped_file_show_it_as_text(desk: Page, house: Platform) -> None:
    files = {"claim.bpmn": attacked(), "ask.form": form(*HTML), "size.dmn": DECISION}
    body = {"name": nasty("draft"), "files": [{"name": name, "content": content} for name, content in files.items()]}
    key = house.expect("POST", f"{V1}/drafts", body, user="mona")["draftKey"]
    house.expect("POST", f"{V1}/drafts/{key}/presence", {}, user="theo")
    desk.goto("/workbench/")
    _shows(desk, "draft", "person")
    desk.evaluate(DROP, ["<img src=x onerror=pwned('file')>.bpmn", attacked()])
    desk.wait_for_selector(".verdict")
    _shows(desk, "garage", "job")

    desk.goto(f"/workbench/drafts/{key}")
    desk.wait_for_selector(".canvas .djs-container svg .djs-element")
    for element in ("check", "out", "book", "garage"):
        desk.click(f".djs-element[data-element-id={element}] >> nth=0", force=True)
        desk.locator(".draw-panel [role=tab]", has_text="Technical").click()
    for drawer in ("#tab-problems", "#tab-handoffs", "#tab-outline"):
        desk.click(drawer)
    _shows(desk, "editor", "garage")
    for tab in ("forms", "decisions", "versions"):
        desk.click(f"#tab-{tab}")
        desk.wait_for_selector({"forms": ".fjs-editor-container .fjs-form-field-html, .fjs-form-field", "decisions": ".dmn-place table", "versions": "#tab-panel"}[tab])
        if tab == "forms":
            expect(desk.locator(".phone .fjs-form-field-text")).to_contain_text("Words")
            assert desk.locator(".phone img, .form-place img[src], .phone [onclick], .phone iframe").count() == 0
            expect(desk.locator(".phone")).to_contain_text("form-description\"'><img")
    desk.click("text=Deploy…")
    desk.wait_for_selector("dialog .actions")
    assert json.loads({one["name"]: one["content"] for one in house.expect("GET", f"{V1}/drafts/{key}")["files"]}["ask.form"]) == json.loads(files["ask.form"])


def test_a_trial_and_an_instance_show_it_as_text(desk: Page, house: Platform) -> None:
    files = [{"name": "claim.bpmn", "content": attacked()}, {"name": "ask.form", "content": form()}]
    trial = house.expect("POST", f"{V1}/trials", {"name": nasty("trial"), "files": files}, user="mona")["trialKey"]
    begin = {"processDefinitionId": "claim", "variables": {"plate": nasty("value")}}
    house.expect("POST", f"{V1}/trials/{trial}/cases", begin, user="mona")
    _advance(house, f"/trials/{trial}")
    desk.goto("/workbench/trials")
    _shows(desk, "trial", "person")
    desk.goto(f"/workbench/trials/{trial}")
    desk.wait_for_selector(".live-diagram:not([data-ready='0'])")
    _in_tabs(desk, {"Programs": "book job", "Mails": "contact", "Parties": "party", "Values": "value", "Handoffs": "garage party"})
    (job,) = house.expect("GET", f"{V1}/trials/{trial}", user="mona")["jobs"]
    house.expect("POST", f"{V1}/trials/{trial}/jobs/{job['jobKey']}/answer", {"failure": nasty("failure")}, user="mona")
    _in_tabs(desk, {"Programs": "failure"})

    house.deploy(("claim.bpmn", attacked()), ("ask.form", form()))
    key = house.start("claim", plate=nasty("value"))["processInstanceKey"]
    _advance(house, "")
    job = house.lease(nasty("job"))
    house.expect("POST", f"/v2/jobs/{job['jobKey']}/failure", {"retries": 0, "errorMessage": nasty("failure")}, user="worker")
    desk.goto("/workbench/instances")
    _shows(desk, "value")
    desk.goto(f"/workbench/instances/{key}")
    desk.wait_for_selector(".live-diagram:not([data-ready='0'])")
    _shows(desk, "failure", "book")
    _in_tabs(desk, {"Values": "value", "Handoffs": "garage party"})
    (process,) = house.expect("POST", "/v2/process-definitions/search")["items"]
    desk.goto(f"/workbench/versions/{process['processDefinitionKey']}")
    desk.wait_for_selector("h1")
    # what participants see of it
    for path in ("/cases", "/start/claim", "/parties", "/people", "/waiting"):
        desk.goto(path)
        assert desk.locator("img[src*=evil], main script").count() == 0


def _advance(house: Platform, base: str) -> None:
    """The first two tasks are done: the job waits."""
    for variables in ({}, {"hours": 3}):
        (task,) = house.expect("POST", f"{base}/v2/user-tasks/search", {"filter": {"state": "CREATED"}}, user="mona")["items"]
        house.expect("POST", f"{base}/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": variables}, user="mona")
