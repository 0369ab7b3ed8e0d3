"""Drawing in the workbench: handoffs while editing, the panel's questions, undo, keyboard, and names that try to be code."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK
from tests.platforms import PASSWORD, Platform

CLAIM = Path("processes/claim/claim.bpmn")
FORMS = sorted(Path("processes/claim").glob("*.form"))
NARROW = {"width": 1024, "height": 768}
PAYLOAD = '"><img src=x onerror=window.pwned=1><script>window.pwned=1</script>'
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "handoff": "urn:passerelle:handoff:1.0",
}

SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="t">
  <bpmn:collaboration id="all"><bpmn:participant id="pool" name="@Shop@" processRef="p" /></bpmn:collaboration>
  <bpmn:process id="p" isExecutable="true">
    <bpmn:documentation>@About@</bpmn:documentation>
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="sales" name="@Sales@"><bpmn:flowNodeRef>s</bpmn:flowNodeRef><bpmn:flowNodeRef>a</bpmn:flowNodeRef><bpmn:flowNodeRef>b</bpmn:flowNodeRef></bpmn:lane>
      <bpmn:lane id="stock" name="@Stock@"><bpmn:flowNodeRef>e</bpmn:flowNodeRef></bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="s" name="Begin"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="a" name="@Take order@"><bpmn:documentation>@Listen@</bpmn:documentation><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:userTask id="b" name="@Pack@"><bpmn:incoming>f2</bpmn:incoming></bpmn:userTask>
    <bpmn:endEvent id="e" name="Done" />
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a" />
    <bpmn:sequenceFlow id="f2" name="@then@" sourceRef="a" targetRef="b" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="all">
    <bpmndi:BPMNShape id="pool_di" bpmnElement="pool" isHorizontal="true"><dc:Bounds x="100" y="80" width="620" height="280" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="sales_di" bpmnElement="sales" isHorizontal="true"><dc:Bounds x="130" y="80" width="590" height="140" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="stock_di" bpmnElement="stock" isHorizontal="true"><dc:Bounds x="130" y="220" width="590" height="140" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s_di" bpmnElement="s"><dc:Bounds x="172" y="132" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="a_di" bpmnElement="a"><dc:Bounds x="260" y="110" width="100" height="80" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="b_di" bpmnElement="b"><dc:Bounds x="440" y="110" width="100" height="80" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="e_di" bpmnElement="e"><dc:Bounds x="640" y="272" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="f1_di" bpmnElement="f1"><di:waypoint x="208" y="150" /><di:waypoint x="260" y="150" /></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="f2_di" bpmnElement="f2"><di:waypoint x="360" y="150" /><di:waypoint x="440" y="150" /></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


@pytest.fixture
def workbench(chromium: Browser, platform: Platform) -> Iterator[Callable[..., Page]]:
    """A modeller's own window on a draft; fails the test for anything that the page complains of."""
    platform.add_person("mona", roles=["modeller"], name="Mona Lange")
    platform.add_person("theo", roles=["modeller"], name="Theo Petit", language="fr")
    complaints: list[str] = []
    contexts = []

    def open_one(username: str = "mona", size: dict[str, int] = DESK, path: str = "/workbench/") -> Page:
        context = chromium.new_context(base_url=platform.url, viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
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


@pytest.fixture
def draw(workbench: Callable[..., Page], platform: Platform) -> Callable[..., Page]:
    """Opens files in a draft; a text is a model of its own."""

    def opened(*files: Path | str, **options) -> Page:
        contents = [
            {"name": "model.bpmn", "content": file} if isinstance(file, str) else {"name": file.name, "content": file.read_text(encoding="utf-8")}
            for file in files
        ]
        draft = platform.expect("POST", "/passerelle/v1/drafts", {"name": "Drawn", "files": contents}, user=options.get("username", "mona"))
        page = workbench(**options, path=f"/workbench/drafts/{draft['draftKey']}")
        page.wait_for_selector(".djs-shape")
        page.wait_for_selector(".canvas[aria-busy=false]")
        return page

    return opened


def small(**names: str) -> str:
    text = SMALL
    for name in ("Shop", "About", "Sales", "Stock", "Take order", "Listen", "Pack", "then"):
        text = text.replace(f"@{name}@", names.get("all", name))
    return text


def exported(page: Page) -> str:
    page.wait_for_selector(".canvas:not([data-unsaved])")  # the text follows a command by 300 ms, and is proven before it is told
    page.click(".editor-tools .menu summary")
    with page.expect_download() as download:
        page.click(".editor-tools .menu-items button:text-is('BPMN file')")
    page.click(".editor-tools .menu summary")
    return Path(download.value.path()).read_bytes().decode()


def model(page: Page) -> ElementTree.Element:
    return ElementTree.fromstring(exported(page))


def choose(page: Page, name: str) -> None:
    if not page.locator(".outline").count():
        page.click("#tab-outline")
    page.locator(".outline button", has_text=name).filter(has_text=re.compile(f"^{re.escape(name)} ")).first.click()


def drag(page: Page, element: str, by: tuple[int, int]) -> None:
    box = page.locator(f"[data-element-id={element}] .djs-hit").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0] / 2, y + by[1] / 2, steps=4)
    page.mouse.move(x + by[0], y + by[1], steps=4)
    page.mouse.up()


def test_a_limit_is_edited_in_words_and_one_undo_takes_it_back(draw):
    page = draw(CLAIM)
    badge = page.locator(".handoff-badge[data-flow=orderFlow]")
    badge.click()
    page.get_by_label("Accept within", exact=True).fill("6")
    page.keyboard.press("Enter")
    expect(badge).to_contain_text("6 h + 2 d")
    assert model(page).find(".//*[@id='orderFlow']//handoff:contract", NS).get("acceptWithin") == "PT6H"

    page.click("[aria-label=Undo]")
    expect(badge).to_contain_text("4 h + 2 d")
    assert exported(page) == CLAIM.read_text(encoding="utf-8")
    page.click("[aria-label=Redo]")
    expect(badge).to_contain_text("6 h + 2 d")


def test_a_contract_taken_away_comes_back_with_all_its_fields(draw):
    page = draw(CLAIM)
    page.click(".handoff-badge[data-flow=orderFlow]")
    page.click("text=Remove the contract")
    expect(page.locator(".handoff-badge[data-flow=orderFlow]")).to_contain_text("no limit")
    assert model(page).find(".//*[@id='orderFlow']//handoff:contract", NS) is None

    page.click("[aria-label=Undo]")
    assert exported(page) == CLAIM.read_text(encoding="utf-8")


def test_a_task_moved_to_another_lane_makes_a_handoff_and_undo_unmakes_it(draw):
    page = draw(small())
    expect(page.locator(".handoff-badge")).to_have_count(0)
    drag(page, "b", (0, 140))

    expect(page.locator(".handoff-badge")).to_have_count(1)
    expect(page.locator(".handoffs tbody tr")).to_contain_text(["Sales"])
    page.keyboard.press("Control+z")
    expect(page.locator(".handoff-badge")).to_have_count(0)


def test_the_table_lists_what_the_badges_show_and_leads_to_each(draw):
    page = draw(CLAIM)
    expect(page.locator(".handoffs tbody tr")).to_have_count(11)
    expect(page.locator(".handoff-badge")).to_have_count(11)
    page.locator(".handoffs tr", has_text="Garage").filter(has_text="7 fields").locator("button").click()

    expect(page.locator(".draw-panel .what")).to_contain_text("Repair order")
    expect(page.locator(".handoffs tr.chosen")).to_contain_text("Garage")


def test_the_panel_asks_who_and_until_when_and_writes_what_the_engine_reads(draw):
    page = draw(small())
    choose(page, "Pack")
    page.get_by_label("By", exact=True).select_option("groups")
    page.get_by_label("A group", exact=True).fill("packers")
    page.keyboard.press("Enter")
    page.get_by_label("Within: Duration").select_option("D")
    page.get_by_label("Within", exact=True).fill("2")
    page.keyboard.press("Enter")
    task = model(page).find(".//*[@id='b']")

    assert task.find(".//zeebe:assignmentDefinition", NS).get("candidateGroups") == "packers"
    assert task.find(".//zeebe:taskSchedule", NS).get("dueDate") == '=now() + duration("P2D")'
    for _ in range(2):
        page.click("[aria-label=Undo]")
    expect(page.locator("[aria-label=Undo]")).to_be_disabled()
    assert exported(page) == small()


def test_a_pool_drawn_with_the_mouse_runs_and_a_click_counts_while_a_name_is_written(draw):
    page = draw(small())
    page.click(".drawer-toggle")
    drop(page, "create.participant-expanded", (560, 640))
    page.get_by_label("Name", exact=True).fill("Maker")
    page.keyboard.press("Tab")
    pool = page.locator(".canvas .djs-element", has_text="Maker").locator(".djs-hit").first.bounding_box()
    drop(page, "create.start-event", (pool["x"] + 90, pool["y"] + 100))
    page.keyboard.type("Asked")
    page.click(".djs-context-pad [data-action='append.append-task']")
    page.keyboard.type("Offer")
    page.click(".djs-context-pad [data-action='append.append-task']")
    page.keyboard.type("Build")
    page.keyboard.press("Enter")
    expect(page.locator(".draw-panel")).to_contain_text("Part of Maker")
    page.get_by_label("By a person, with a form").click()
    expect(page.get_by_role("button", name="New form")).to_be_visible()
    process = next(each for each in model(page).iterfind("bpmn:process", NS) if each.get("id") != "p")

    assert process.get("isExecutable") == "true"
    assert [node.get("name") for node in process.iterfind("*[@name]", NS)] == ["Asked", "Offer", "Build"]
    assert process.find("bpmn:userTask", NS).get("name") == "Build"


def drop(page: Page, tool: str, at: tuple[float, float]) -> None:
    """Drags something new from the palette."""
    box = page.locator(f".djs-palette [data-action='{tool}']").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=3)
    page.mouse.move(*at, steps=5)
    page.mouse.up()


def test_a_condition_is_built_from_a_field_and_a_value(draw):
    page = draw(CLAIM, *FORMS)
    choose(page, "Approved?")
    way = page.locator(".way").first
    way.get_by_label("Value", exact=True).fill("partly approved")
    page.keyboard.press("Enter")

    bodies = [each.text for each in model(page).iterfind(".//bpmn:conditionExpression", NS)]
    assert '=decision = "partly approved"' in bodies


def test_a_lane_becomes_a_partner_and_what_crosses_to_it_changes_its_kind(draw):
    page = draw(small())
    drag(page, "b", (0, 140))
    choose(page, "Stock")
    page.locator(".radios").get_by_label("partner").check()
    expect(page.locator(".handoff-badge.partner")).to_have_count(1)

    assert model(page).find(".//*[@id='stock']//handoff:party", NS).get("kind") == "partner"
    page.click("[aria-label=Undo]")
    expect(page.locator(".handoff-badge.internal")).to_have_count(1)


def test_fields_of_a_contract_are_picked_from_what_is_known_there(draw):
    page = draw(CLAIM, *FORMS)
    page.click(".handoff-badge[data-flow=estimateFlow]")
    before = page.locator(".contract-field").count()
    options = page.locator(".add-field optgroup option").evaluate_all("all => all.map(option => option.value)")
    page.locator(".add-field").select_option("=plate")

    assert "=plate" in options and "=estimate" not in options
    expect(page.locator(".contract-field")).to_have_count(before + 1)
    fields = model(page).findall(".//*[@id='estimateFlow']//handoff:field", NS)
    assert [field.get("name") for field in fields][-1] == "plate"


def test_a_problem_leads_to_its_element_and_its_quick_fix_mends_it_in_one_step(draw):
    page = draw(small())
    page.click("[role=tab]:has-text('Problems')")
    problem = page.locator(".problems li:has-text('without an end event')")
    problem.locator("button.link").click()
    expect(page.locator(".draw-panel .what")).to_contain_text("Pack")
    problem.locator("text=Mend").click()

    expect(problem).to_have_count(0)
    page.click("[aria-label=Undo]")
    expect(problem).to_have_count(1)


def test_the_technical_panel_shows_the_chosen_element_and_shares_the_undo(draw):
    page = draw(small())
    choose(page, "Pack")
    page.click("[role=tab]:has-text('Technical')")
    expect(page.locator(".bio-properties-panel-header")).to_contain_text("Pack")
    choose(page, "Take order")
    expect(page.locator(".bio-properties-panel-header")).to_contain_text("Take order")
    page.click(".bio-properties-panel-group-header-title:has-text('General')")
    page.fill(".bio-properties-panel [name=name]", "Take the order")
    expect(page.locator("[aria-label=Undo]")).to_be_enabled()
    assert model(page).find(".//*[@id='a']").get("name") == "Take the order"

    page.click("[aria-label=Undo]")
    assert exported(page) == small()


def test_names_that_try_to_be_code_are_shown_as_text(draw):
    escaped = PAYLOAD.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    page = draw(small(all=escaped))
    drag(page, "b", (0, 140))
    page.click("#tab-outline")
    for button in page.locator(".outline button").all():
        button.click()
    page.click("#tab-handoffs")
    page.click(".handoff-badge")
    page.click("[role=tab]:has-text('Problems')")
    page.click("[role=tab]:has-text('Technical')")
    page.wait_for_selector(".bio-properties-panel-header")

    expect(page.locator(".draw-panel .what strong")).to_have_text(PAYLOAD)
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "narrow"])
def test_the_mark_of_bpmn_io_is_never_covered(draw, size):
    page = draw(CLAIM, size=size)
    choose(page, "Check the cover")
    box = page.locator(".bjs-powered-by").bounding_box()
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x in (0.1, 0.5, 0.9) for y in (0.15, 0.5, 0.85)]

    assert box["width"] > 40
    for x, y in points:
        assert page.evaluate("([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.bjs-powered-by'))", [x, y])


def test_the_diagram_can_be_read_and_edited_by_keyboard_alone(draw):
    page = draw(CLAIM)
    page.locator("#tab-outline").focus()
    page.keyboard.press("Enter")
    page.locator(".outline button").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".draw-panel .what")).to_contain_text("Damage to report")
    badge = page.locator(".handoff-badge[data-flow=orderFlow]")
    badge.focus()
    assert "Adjusters to Garage, partner, accept within 4 working hours, complete within 2 working days" in badge.get_attribute("aria-label")
    page.keyboard.press("Enter")

    name = page.locator(".draw-panel").get_by_label("Name", exact=True)
    name.focus()
    name.fill("Order to the garage")
    page.keyboard.press("Enter")
    page.locator("[role=tab]:has-text('In words')").focus()
    page.keyboard.press("Control+z")
    expect(name).to_have_value("Repair order")


def test_an_old_link_to_the_page_for_drawing_leads_to_the_list(workbench):
    page = workbench(path="/workbench/draw")

    expect(page).to_have_url(re.compile("/workbench/?$"))
    expect(page.locator("h1")).to_have_text("Processes")
