"""The workbench's list and drafts in a real browser: drop a file, draw together, lose the connection, deploy with the list of changes."""

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.api import models
from tests.browser.conftest import AXE, DESK
from tests.platforms import PASSWORD, Platform

DATABASES = ("postgresql",)  # where two processes of the server tell each other what changed
CLAIM = Path("processes/claim/claim.bpmn")
SMALL = {"width": 1024, "height": 768}
DROP = """([name, content]) => {
  const given = new DataTransfer();
  given.items.add(new File([content], name));
  for (const kind of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: given, bubbles: true, cancelable: true}));
}"""
SVG, BPMN = "{http://www.w3.org/2000/svg}", "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
NOT_DRAWN = {f"{BPMN}{name}" for name in ("definitions", "process", "message")}
LOOK = """async (image) => {
  const drawn = await createImageBitmap(new Blob([Uint8Array.from(atob(image), (letter) => letter.charCodeAt(0))], {type: "image/png"}));
  const paper = new OffscreenCanvas(drawn.width, drawn.height), brush = paper.getContext("2d"), colours = new Set();
  brush.drawImage(drawn, 0, 0);
  const {data} = brush.getImageData(0, 0, drawn.width, drawn.height);
  for (let at = 0; at < data.length; at += 4) colours.add(data.subarray(at, at + 3).join());
  return [drawn.width, drawn.height, [...colours]];
}"""
Open = Callable[..., Page]


@pytest.fixture
def workbench(chromium: Browser, platform: Platform) -> Iterator[Open]:
    """A browser of its own for each modeller; fails the test for anything that a page complains of."""
    platform.add_person("mona", roles=["modeller"], name="Mona Lange")
    platform.add_person("theo", roles=["modeller"], name="Theo Petit", language="fr")
    complaints: list[str] = []
    contexts = []

    def open_one(username: str = "mona", path: str = "/workbench/", size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(base_url=platform.url, viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"/login?back={path}")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_selector("h1, .draft-bar")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


def begin(platform: Platform, *files: tuple[str, str], name: str = "Claim", user: str = "mona") -> str:
    body = {"name": name, "files": [{"name": one, "content": content} for one, content in files]}
    return str(platform.expect("POST", "/passerelle/v1/drafts", body, user=user)["draftKey"])


def stored(platform: Platform, key: str) -> dict[str, str]:
    return {one["name"]: one["content"] for one in platform.expect("GET", f"/passerelle/v1/drafts/{key}")["files"]}


def state(page: Page) -> Locator:
    return page.locator(".save-state")


def rename(page: Page, name: str) -> None:
    page.fill(".draft-name", name)
    page.press(".draft-name", "Enter")


def _squeezed(text: str) -> str:
    """A label is broken into lines where there is little room."""
    return "".join(text.split())


def form(*keys: str) -> str:
    fields = [{"id": f"f-{key}", "type": "textfield", "key": key, "label": key.title()} for key in keys]
    return json.dumps({"id": "ask", "type": "default", "schemaVersion": 18, "components": fields})


@pytest.mark.alone
def test_a_dropped_file_shows_within_seconds_what_becomes_of_it_and_is_kept_only_on_demand(workbench: Open, platform: Platform) -> None:
    page = workbench()
    page.wait_for_selector(".welcome")
    page.evaluate(DROP, ["claim.bpmn", CLAIM.read_text()])

    expect(page.locator(".verdict")).to_contain_text("It would run here", timeout=5000)
    expect(page.locator("table.handoffs tbody tr")).to_have_count(11)
    expect(page.locator("table.handoffs")).to_contain_text("accept within 8 hours of working time")
    expect(page.locator(".report-picture .djs-container svg")).to_be_visible()
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    assert platform.expect("POST", "/passerelle/v1/drafts/search", {})["items"] == []
    page.click("text=Keep as draft")
    page.wait_for_url("**/drafts/*")
    expect(state(page)).to_have_text("Saved")
    assert stored(platform, page.url.rpartition("/")[2]) == {"claim.bpmn": CLAIM.read_text()}


@pytest.mark.parametrize("content", ["<nothing/>", "", "no xml at all", models.process("p", models.user_task("x", assignee="=a +"))])
def test_what_would_be_refused_is_said_with_the_reason(workbench: Open, content: str) -> None:
    page = workbench()
    page.wait_for_selector(".welcome")
    page.evaluate(DROP, ["it.bpmn", content])

    expect(page.locator(".verdict")).to_contain_text("refused for 1 reason")
    expect(page.locator(".findings li.error")).to_contain_text("Expected")


def test_what_stands_in_a_model_is_shown_as_text(workbench: Open) -> None:
    page = workbench()
    page.wait_for_selector(".welcome")
    nasty = "&lt;img src=x onerror=&quot;document.title='gone'&quot;&gt;"
    page.evaluate(DROP, ["it.bpmn", CLAIM.read_text().replace("Decide on the claim", nasty).replace('name="Garage"', f'name="{nasty}"')])

    expect(page.locator("table.handoffs")).to_contain_text("<img src=x")
    assert page.locator("img").count() == 0
    assert page.title() != "gone"


def test_a_draft_saves_by_itself(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look"))))
    page = workbench(path=f"/workbench/drafts/{key}")
    rename(page, "A better name")
    page.evaluate(DROP, ["ask.form", form("plate")])

    expect(page.locator("#tab-forms .count")).to_have_text("1")
    expect(state(page)).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.locator(".draft-name")).to_have_value("A better name")
    assert stored(platform, key)["ask.form"] == form("plate")


def test_what_is_done_without_a_connection_is_sent_later_even_by_another_page(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look"))))
    page = workbench(path=f"/workbench/drafts/{key}")
    page.context.set_offline(True)
    rename(page, "Done on the train")

    expect(state(page)).to_contain_text("Not connected")
    assert platform.expect("GET", f"/passerelle/v1/drafts/{key}")["name"] == "Claim"
    page.context.set_offline(False)
    expect(state(page)).to_have_text("Saved")
    assert platform.expect("GET", f"/passerelle/v1/drafts/{key}")["name"] == "Done on the train"

    page.context.set_offline(True)
    rename(page, "Done in the tunnel")
    expect(state(page)).to_contain_text("Not connected")
    page.close()
    other = page.context.new_page()
    page.context.set_offline(False)
    other.goto(f"/workbench/drafts/{key}")
    expect(other.locator(".draft-name")).to_have_value("Done in the tunnel")
    expect(state(other)).to_have_text("Saved")
    assert platform.expect("GET", f"/passerelle/v1/drafts/{key}")["name"] == "Done in the tunnel"


def test_what_was_drawn_without_a_connection_outlives_its_tab_and_overwrites_nobody(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", CLAIM.read_text()))
    page = workbench(path=f"/workbench/drafts/{key}")
    online = page.context

    def draw_without_connection(hours: int) -> None:
        badge = page.locator(".handoff-badge[data-flow=orderFlow]")
        badge.click()
        online.set_offline(True)
        page.get_by_label("Accept within", exact=True).fill(str(hours))
        page.keyboard.press("Enter")
        expect(badge).to_contain_text(f"{hours} h + 2 d")
        expect(state(page)).to_contain_text("Not connected")

    def open_again() -> Page:
        page.close()
        other = online.new_page()
        online.set_offline(False)
        other.goto(f"/workbench/drafts/{key}")
        other.wait_for_selector(".canvas[aria-busy=false]")
        return other

    def drawn(hours: int) -> dict[str, str]:
        return {"claim.bpmn": CLAIM.read_text().replace('acceptWithin="PT4H"', f'acceptWithin="PT{hours}H"')}

    draw_without_connection(6)
    assert stored(platform, key) == drawn(4)
    page = open_again()
    expect(page.locator(".handoff-badge[data-flow=orderFlow]")).to_contain_text("6 h + 2 d")
    expect(state(page)).to_have_text("Saved")
    assert stored(platform, key) == drawn(6)

    draw_without_connection(7)
    theirs = [{"name": "claim.bpmn", "content": drawn(9)["claim.bpmn"]}]
    platform.expect("PUT", f"/passerelle/v1/drafts/{key}", {"revision": 2, "changes": theirs}, user="theo")
    page = open_again()
    expect(page.locator(".bar-note[role=alert]")).to_contain_text("Theo Petit")
    expect(page.locator(".handoff-badge[data-flow=orderFlow]")).to_contain_text("7 h + 2 d")
    assert stored(platform, key) == drawn(9)
    page.click("text=Keep mine")
    page.wait_for_url(lambda url: key not in url)
    expect(state(page)).to_have_text("Saved")
    assert stored(platform, page.url.rpartition("/")[2]) == drawn(7)
    assert stored(platform, key) == drawn(9)


def test_what_is_exported_opens_again_as_it_was(workbench: Open, platform: Platform, tmp_path: Path) -> None:
    changed = CLAIM.read_text().replace('acceptWithin="PT4H"', 'acceptWithin="PT9H"')
    key = begin(platform, ("claim.bpmn", changed))
    page = workbench(path=f"/workbench/drafts/{key}")
    page.wait_for_selector(".handoff-badge[data-form]")

    def exported(kind: str) -> Path:
        page.click(".editor-tools .menu summary")
        with page.expect_download() as download:
            page.click(f".editor-tools .menu-items button:has-text('{kind}')")
        page.click(".editor-tools .menu summary")
        download.value.save_as(tmp_path / download.value.suggested_filename)
        return tmp_path / download.value.suggested_filename

    model, picture, image = exported("BPMN"), exported("SVG"), exported("PNG")
    assert model.read_bytes() == changed.encode()

    # the picture by itself: all labels, a badge for each handoff, nothing from elsewhere
    drawing = ElementTree.parse(picture).getroot()
    texts = {_squeezed("".join(one.itertext())) for one in drawing.iter(f"{SVG}text")}
    labels = [one.get("name", "") for one in ElementTree.fromstring(changed).iter() if one.tag.startswith(BPMN) and one.tag not in NOT_DRAWN]
    assert {_squeezed(one) for one in labels} - texts - {""} == set()
    badges = ["".join(one.itertext()) for one in drawing.iter(f"{SVG}g") if one.get("class") == "handoff"]
    assert len(badges) == 11
    assert len([one for one in badges if "9 h + 2 d" in one]) == 1
    alone = page.context.new_page()
    requests: list[str] = []
    alone.on("request", lambda one: requests.append(one.url))
    alone.goto(picture.as_uri())
    assert requests == [picture.as_uri()]
    width, height = alone.evaluate("[document.documentElement.width, document.documentElement.height].map((one) => one.baseVal.value)")
    assert 1000 < width < 5000 and 400 < height < 5000
    alone.close()

    # the image: twice as large, and drawn on
    across, down, colours = page.evaluate(LOOK, base64.b64encode(image.read_bytes()).decode())
    assert (across, down) == (int(width * 2), int(height * 2))
    assert len(colours) > 20 and {"20,96,184", "160,74,0", "156,17,80"} <= set(colours)

    page.goto("/workbench/")
    with page.expect_file_chooser() as chooser:
        page.click("text=Open files…")
    chooser.value.set_files(model)
    page.click("text=Keep as draft")
    page.wait_for_url("**/drafts/*")
    page.wait_for_selector(".canvas[aria-busy=false]")
    assert exported("BPMN").read_bytes() == changed.encode()


def test_two_at_once_are_told_of_each_other_and_neither_is_overwritten(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look"))))
    mona = workbench("mona", f"/workbench/drafts/{key}")
    theo = workbench("theo", f"/workbench/drafts/{key}")
    expect(theo.locator(".others")).to_contain_text("Mona Lange")
    expect(mona.locator(".others")).to_contain_text("Theo Petit")

    theo.context.set_offline(True)  # he does not hear of hers
    rename(theo, "His name")
    rename(mona, "Her name")
    expect(state(mona)).to_have_text("Saved")
    theo.context.set_offline(False)
    expect(theo.locator(".bar-note[role=alert]")).to_contain_text("Mona Lange a enregistré")
    assert platform.expect("GET", f"/passerelle/v1/drafts/{key}")["name"] == "Her name"

    theo.click("text=Montrer les différences")
    expect(theo.locator("dialog")).to_be_visible()
    theo.keyboard.press("Escape")
    theo.click("text=Garder la mienne")
    theo.wait_for_url(lambda url: key not in url)
    expect(theo.locator(".draft-name")).to_have_value("His name (le mien)")
    assert platform.expect("GET", f"/passerelle/v1/drafts/{key}")["name"] == "Her name"


def test_a_save_whose_answer_was_lost_is_no_conflict(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look"))))
    page = workbench(path=f"/workbench/drafts/{key}")
    lost = []

    def lose(route: Route) -> None:
        if route.request.method == "PUT" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route(f"**/drafts/{key}", lose)
    rename(page, "First")
    page.wait_for_selector(".save-state[data-state=offline]")
    rename(page, "Second")

    expect(state(page)).to_have_text("Saved")
    expect(page.locator(".bar-note")).to_have_count(0)
    assert lost == [200]
    assert platform.expect("GET", f"/passerelle/v1/drafts/{key}")["name"] == "Second"


def test_their_state_can_be_taken_instead(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look"))))
    page = workbench(path=f"/workbench/drafts/{key}")
    page.context.set_offline(True)
    rename(page, "Mine")
    platform.expect("PUT", f"/passerelle/v1/drafts/{key}", {"revision": 1, "name": "Theirs"}, user="theo")
    page.context.set_offline(False)
    page.click("text=Take theirs")

    expect(page.locator(".draft-name")).to_have_value("Theirs")
    expect(state(page)).to_have_text("Saved")
    page.reload()
    expect(page.locator(".draft-name")).to_have_value("Theirs")
    expect(page.locator(".bar-note")).to_have_count(0)


def test_a_deployment_shows_what_changes_and_how_many_stay(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", CLAIM.read_text()))
    platform.expect("POST", f"/passerelle/v1/drafts/{key}/deployment", {"revision": 1}, user="mona")
    told = ("plate", "holderName", "phone", "policyNumber", "place", "description")
    platform.start("claim", **dict.fromkeys(told, "x"), accidentDate="2026-01-31")
    later = CLAIM.read_text().replace('acceptWithin="PT4H"', 'acceptWithin="PT9H"')
    changes = [{"name": "claim.bpmn", "content": later}]
    platform.expect("PUT", f"/passerelle/v1/drafts/{key}", {"revision": 1, "changes": changes}, user="mona")
    page = workbench(path=f"/workbench/drafts/{key}")
    page.click("text=Deploy…")

    expect(page.locator("dialog .change")).to_have_count(1)
    expect(page.locator("dialog .change")).to_contain_text(re.compile("Repair order.*accept within: 4 hours.*9 hours", re.S))
    expect(page.locator("dialog")).to_contain_text("2 running instances stay on the old version")
    page.click("dialog .actions .primary")
    expect(page.locator("dialog")).to_contain_text("claim: version 2")
    page.click("dialog a:has-text('claim: version 2')")
    page.wait_for_url("**/versions/*")
    expect(page.locator(".versions .change")).to_contain_text("accept within: 4 hours")
    expect(page.locator(".picture .was-changed")).to_have_count(1)
    page.click(".versions .change")
    expect(page.locator(".picture .chosen")).to_have_count(1)


def test_promise_and_reality_stand_on_the_same_edge_once_cases_have_run(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", CLAIM.read_text()))
    platform.expect("POST", f"/passerelle/v1/drafts/{key}/deployment", {"revision": 1}, user="mona")
    platform.wait()
    told = ("plate", "holderName", "phone", "policyNumber", "place", "description")
    platform.start("claim", **dict.fromkeys(told, "x"), accidentDate="2026-01-31")
    platform.wait(days=6)
    page = workbench(path=f"/workbench/drafts/{key}")
    badge = page.locator(".handoff-badge.customer:has(.real)")

    expect(badge).to_have_count(1)
    expect(badge.locator(".real")).to_contain_text("1 late now")
    badge.click()
    listed = page.get_by_role("region", name="Policy holder → Front desk")
    expect(listed).to_contain_text("promised 8 h + 3 d · 1 so far · 1 late now")
    expect(listed.get_by_role("listitem")).to_have_count(1)
    expect(listed.get_by_role("listitem")).to_contain_text(re.compile(r"Case \d{3} \d{3}.*late", re.S))
    listed.get_by_role("link", name="All that are late").click()
    expect(page.get_by_role("button", name="Late from Policy holder → Front desk")).to_be_visible()
    expect(page.get_by_text("1 instance", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_draft_with_problems_cannot_be_deployed_and_says_why(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look", assignee="=a +"))))
    page = workbench(path=f"/workbench/drafts/{key}")
    expect(page.locator("#tab-diagram .count.bad")).to_have_text("1")
    page.click("text=Deploy…")

    expect(page.locator("dialog .findings li.error")).to_contain_text("Expected a FEEL expression")
    expect(page.locator("dialog .actions .primary")).to_be_disabled()
    assert platform.expect("POST", "/v2/process-definitions/search")["items"] == []


def test_an_operator_looks_at_a_draft_and_changes_nothing(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", CLAIM.read_text()), ("ask.form", form("plate")))
    page = workbench("operator", f"/workbench/drafts/{key}")

    expect(page.locator(".picture .djs-container svg")).to_be_visible()
    expect(page.locator(".draft-name")).not_to_be_editable()
    expect(page.locator("text=Deploy…")).to_have_count(0)
    page.click("#tab-forms")
    expect(page.locator(".phone .fjs-form-field-textfield")).to_have_count(1)
    expect(page.locator(".fjs-editor-container")).to_have_count(0)
    page.goto("/workbench/")
    expect(page.locator("text=New process")).to_have_count(0)
    assert platform.expect("GET", f"/passerelle/v1/drafts/{key}")["revision"] == 1


def test_the_second_field_of_a_form_dragged_before_the_first_leaves_both_there(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look"))), ("ask.form", form("plate", "name")))
    page = workbench(path=f"/workbench/drafts/{key}")
    page.click("#tab-forms")
    fields = page.locator(".fjs-editor-container .fjs-element[data-field-type=textfield]")
    expect(fields).to_have_count(2)
    expect(page.locator(".phone .fjs-form-field-textfield")).to_have_count(2)
    second, first = fields.nth(1).bounding_box(), fields.nth(0).bounding_box()
    assert second and first
    page.mouse.move(second["x"] + second["width"] / 2, second["y"] + 10)
    page.mouse.down()
    for step in range(1, 11):
        x = second["x"] + second["width"] / 2 - (second["width"] / 2 - 8) * step / 10
        page.mouse.move(x, second["y"] + 10 - (second["y"] - first["y"] - 20) * step / 10)
        page.wait_for_timeout(30)
    page.mouse.up()

    expect(fields).to_have_count(2)
    expect(fields.nth(0)).to_contain_text("Name")
    expect(fields.nth(1)).to_contain_text("Plate")
    expect(state(page)).to_have_attribute("data-state", "saved")
    expect(page.locator(".phone .fjs-form-field-textfield").first).to_contain_text("Name")
    assert [one["key"] for one in json.loads(stored(platform, key)["ask.form"])["components"]] == ["name", "plate"]


def test_one_click_makes_the_receivers_form_from_a_contract_and_a_contract_from_a_form(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", CLAIM.read_text()))
    page = workbench(path=f"/workbench/drafts/{key}")
    page.wait_for_selector(".canvas .djs-container svg")
    page.click("#tab-forms")
    page.click("text=From a contract…")
    page.click("dialog .change:has-text('Garage') >> nth=0")
    expect(page.locator(".notices")).to_contain_text("was made")
    expect(state(page)).to_have_attribute("data-state", "saved")

    files = stored(platform, key)
    (made,) = [name for name in files if name.endswith(".form")]
    schema = json.loads(files[made])
    assert schema["components"][1].get("readonly") is True
    assert f'formDefinition formId="{schema["id"]}"' in files["claim.bpmn"]

    page.evaluate(DROP, ["ask.form", form("extra")])
    page.click(".side .file:has-text('ask')")
    page.click("text=Contract from this form…")
    page.click("dialog .change >> nth=0")
    expect(state(page)).to_have_attribute("data-state", "saved")
    assert 'name="extra"' in stored(platform, key)["claim.bpmn"]
    assert platform.expect("POST", f"/passerelle/v1/drafts/{key}/deployment", {"revision": platform.expect("GET", f"/passerelle/v1/drafts/{key}")["revision"]})


def test_rows_of_a_decision_are_answered_and_the_rules_that_matched_are_marked(workbench: Open, platform: Platform) -> None:
    key = begin(platform, ("claim.bpmn", models.process("claim", models.user_task("look"))))
    page = workbench(path=f"/workbench/drafts/{key}")
    page.click("#tab-decisions")
    page.click("text=New decision")
    page.fill(".decision-tests input", "1200")

    expect(page.locator(".decision-tests tbody tr")).to_contain_text('"large"')
    marked = page.locator('.dmn-place td.input-cell[data-row-id="decision-rule-2"]')
    expect(marked).to_have_css("background-color", "rgb(229, 245, 234)")
    expect(state(page)).to_have_attribute("data-state", "saved")
    assert "decision.dmn" in stored(platform, key)


@pytest.mark.parametrize("size", [DESK, SMALL], ids=["1440", "1024"])
def test_pages_have_no_serious_barriers(workbench: Open, platform: Platform, size: dict[str, int]) -> None:
    key = begin(platform, ("claim.bpmn", CLAIM.read_text()))
    done = platform.expect("POST", f"/passerelle/v1/drafts/{key}/deployment", {"revision": 1}, user="mona")
    process = done["deployments"][0]["processDefinition"]["processDefinitionKey"]
    page = workbench(size=size)
    for path, ready in (("/", ".processes table"), (f"/drafts/{key}", ".canvas .djs-container svg"), (f"/versions/{process}", ".versions .djs-container svg")):
        page.goto(f"/workbench{path}")
        page.wait_for_selector(ready)
        page.evaluate(f"{AXE.read_text()};0")  # npm ci in tests/browser
        found = page.evaluate("axe.run({exclude: [['.djs-container']]}, {resultTypes: ['violations']})")["violations"]
        serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]

        assert serious == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
