"""The panel of a draft, whole: every control of every kind of element, undone and done again; read by axe; reached by keyboard."""

import json
from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import AXE, DESK
from tests.platforms import PASSWORD, Platform

#: Every kind of element that the panel asks about: id, tag, name, lane, attributes, what lies in it. One row of tasks for each lane.
NODES: Sequence[tuple[str, str, str, str, str, str]] = [
    ("start", "startEvent", "Begin", "sales", "", ""),
    ("user", "userTask", "Take order", "sales", "", '<bpmn:extensionElements><zeebe:userTask /><zeebe:taskSchedule dueDate="=now() + duration(&#34;P2D&#34;)" /></bpmn:extensionElements>'),
    ("service", "serviceTask", "Book it", "sales", "", '<bpmn:extensionElements><zeebe:taskDefinition type="book" /></bpmn:extensionElements>'),
    ("decide", "businessRuleTask", "Rate it", "sales", "", '<bpmn:extensionElements><zeebe:calledDecision decisionId="rate" resultVariable="rating" /></bpmn:extensionElements>'),
    ("script", "scriptTask", "Add up", "sales", "", '<bpmn:extensionElements><zeebe:script expression="=1 + 1" resultVariable="sum" /></bpmn:extensionElements>'),
    ("call", "callActivity", "Ship it", "sales", "", '<bpmn:extensionElements><zeebe:calledElement processId="ship" /></bpmn:extensionElements>'),
    ("ask", "sendTask", "Ask garage", "sales", ' messageRef="order"', ""),
    ("answer", "receiveTask", "Get answer", "sales", ' messageRef="answered"', ""),
    ("outside", "intermediateCatchEvent", "Paid", "sales", "", '<bpmn:messageEventDefinition id="outsideM" messageRef="paid" />'),
    ("way", "exclusiveGateway", "Which?", "sales", ' default="otherwise"', ""),
    ("pause", "intermediateCatchEvent", "Wait", "stock", "", '<bpmn:timerEventDefinition id="pauseT"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'),
    ("pack", "userTask", "Pack", "stock", "", ""),
    ("tell", "endEvent", "Told", "stock", "", '<bpmn:messageEventDefinition id="tellM" messageRef="paid" />'),
    ("done", "endEvent", "Done", "sales", "", ""),
]  # fmt: skip
WAYS = ["start user", "user service", "service decide", "decide script", "script call", "call ask", "ask answer", "answer outside", "outside way", "way pause", "pause pack", "pack tell", "way done otherwise"]  # fmt: skip
CONTRACT = '<bpmn:extensionElements><handoff:contract acceptWithin="PT4H" completeWithin="P2D"><handoff:field name="plate" label="Plate" type="string" required="true" /></handoff:contract></bpmn:extensionElements>'
MESSAGES = {"order": "Order", "answered": "Answer", "paid": "Payment"}


def every_kind() -> str:
    """One model with all of it: two lanes of the house, a partner's pool, one that nobody has named yet."""
    flows = [(*way.split(), f"to_{way.split()[1]}")[:3] for way in WAYS]
    nodes, shapes, lanes = "", "", {"sales": "", "stock": ""}
    for at, (key, tag, name, lane, attributes, inside) in enumerate(NODES):
        lanes[lane] += f"<bpmn:flowNodeRef>{key}</bpmn:flowNodeRef>"
        # extension elements come first, then the flows, then what defines an event
        first, last = (inside, "") if inside.startswith("<bpmn:extension") else ("", inside)
        ends = "".join(f"<bpmn:incoming>{flow}</bpmn:incoming>" for _, target, flow in flows if target == key)
        ends += "".join(f"<bpmn:outgoing>{flow}</bpmn:outgoing>" for source, _, flow in flows if source == key)
        nodes += f'<bpmn:{tag} id="{key}" name="{name}"{attributes}>{first}{ends}{last}</bpmn:{tag}>'
        size = 'width="100" height="80"' if tag.endswith("Task") or tag == "callActivity" else 'width="36" height="36"'
        y = (60 if lane == "sales" else 200) + (0 if "80" in size else 22)
        label = "" if "80" in size else _label(195 + 130 * at, y + 40)
        shapes += f'<bpmndi:BPMNShape id="{key}_di" bpmnElement="{key}"><dc:Bounds x="{200 + 130 * at}" y="{y}" {size} />{label}</bpmndi:BPMNShape>'
    return "".join([
        '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"',
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"',
        ' xmlns:handoff="urn:passerelle:handoff:1.0" id="all" targetNamespace="t">',
        '<bpmn:collaboration id="whole"><bpmn:participant id="house" name="Shop" processRef="p"><bpmn:extensionElements><handoff:party kind="host" /></bpmn:extensionElements></bpmn:participant>',
        '<bpmn:participant id="garage" name="Garage"><bpmn:extensionElements><handoff:party kind="partner" /></bpmn:extensionElements></bpmn:participant><bpmn:participant id="stranger" name="Somebody" />',
        f'<bpmn:messageFlow id="orders" name="Order" sourceRef="ask" targetRef="garage">{CONTRACT}</bpmn:messageFlow>',
        '<bpmn:messageFlow id="answers" name="Answer" sourceRef="garage" targetRef="answer" /></bpmn:collaboration>',
        '<bpmn:process id="p" name="Order" isExecutable="true"><bpmn:extensionElements><handoff:case keep="P1Y" /></bpmn:extensionElements><bpmn:laneSet id="lanes">',
        "".join(f'<bpmn:lane id="{lane}" name="{lane.title()}">{members}</bpmn:lane>' for lane, members in lanes.items()),
        f"</bpmn:laneSet>{nodes}",
        "".join(
            f'<bpmn:sequenceFlow id="{key}" name="{key}" sourceRef="{source}" targetRef="{target}"'
            + ('><bpmn:conditionExpression>=total &gt; 3</bpmn:conditionExpression></bpmn:sequenceFlow>' if key == "to_pause" else " />")
            for source, target, key in flows
        ),
        "</bpmn:process>", "".join(f'<bpmn:message id="{key}" name="{name}" />' for key, name in MESSAGES.items()),
        '<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="whole">',
        '<bpmndi:BPMNShape id="house_di" bpmnElement="house" isHorizontal="true"><dc:Bounds x="120" y="30" width="1960" height="280" /></bpmndi:BPMNShape>',
        '<bpmndi:BPMNShape id="sales_di" bpmnElement="sales" isHorizontal="true"><dc:Bounds x="150" y="30" width="1930" height="140" /></bpmndi:BPMNShape>',
        '<bpmndi:BPMNShape id="stock_di" bpmnElement="stock" isHorizontal="true"><dc:Bounds x="150" y="170" width="1930" height="140" /></bpmndi:BPMNShape>',
        '<bpmndi:BPMNShape id="garage_di" bpmnElement="garage" isHorizontal="true"><dc:Bounds x="120" y="360" width="900" height="60" /></bpmndi:BPMNShape>',
        '<bpmndi:BPMNShape id="stranger_di" bpmnElement="stranger" isHorizontal="true"><dc:Bounds x="1100" y="360" width="900" height="60" /></bpmndi:BPMNShape>',
        shapes, "".join(_edge(key, source, target) for source, target, key in flows),
        f'<bpmndi:BPMNEdge id="orders_di" bpmnElement="orders"><di:waypoint x="1030" y="140" /><di:waypoint x="1010" y="360" />{_label(1020, 330)}</bpmndi:BPMNEdge>',
        f'<bpmndi:BPMNEdge id="answers_di" bpmnElement="answers"><di:waypoint x="990" y="360" /><di:waypoint x="1160" y="140" />{_label(1090, 200)}</bpmndi:BPMNEdge>',
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>\n",
    ]).replace("><", ">\n<")  # fmt: skip


def _edge(key: str, source: str, target: str) -> str:
    places = {node: (200 + 130 * at, 100 if lane == "sales" else 240) for at, (node, _, _, lane, _, _) in enumerate(NODES)}
    (x, y), (u, v) = places[source], places[target]
    return f'<bpmndi:BPMNEdge id="{key}_di" bpmnElement="{key}"><di:waypoint x="{x + 36}" y="{y}" /><di:waypoint x="{u}" y="{v}" />{_label(x + 60, y - 20)}</bpmndi:BPMNEdge>'


def _label(x: int, y: int) -> str:
    """A place of its own: else the drawing tool gives the label one when the name changes, and leaves it there on undo."""
    return f'<bpmndi:BPMNLabel><dc:Bounds x="{x}" y="{y}" width="46" height="14" /></bpmndi:BPMNLabel>'


#: What is edited is there at once, not 300 ms later; what is exported is kept on the page instead of being downloaded.
AT_ONCE = """
const later = window.setTimeout;
window.setTimeout = (run, ms, ...more) => later(run, ms === 300 ? 0 : ms, ...more);
URL.createObjectURL = (blob) => { window.exported = blob; return "blob:nothing"; };
const click = HTMLAnchorElement.prototype.click;
HTMLAnchorElement.prototype.click = function () { if (!this.download) click.call(this); };
"""
#: Changes each control that the panel shows of one element, once; tells those that change nothing, or that one undo does not take back.
EACH_CONTROL = """async ({choose, other, skip}) => {
  const pause = (ms = 0) => new Promise((go) => setTimeout(go, ms));
  const until = async (test) => { for (let tries = 0; tries < 600 && !test(); tries++) await pause(5); return test(); };
  const read = async () => {
    await pause();
    await until(() => !document.querySelector(".canvas[data-unsaved]"));
    document.querySelector(".editor-tools .menu-items button").click();
    await until(() => window.exported);
    const text = await window.exported.text();
    window.exported = null;
    return text;
  };
  const panel = () => document.querySelector(".draw-panel .panel-body");
  const controls = () => {
    for (const section of panel().querySelectorAll("details.ask")) section.open = true;
    return [...panel().querySelectorAll("input, select, textarea, .cm-content, button.take-out, button.danger")].filter((each) => each.offsetParent && !each.disabled);
  };
  const nameOf = (control) => [
    control.closest("details")?.querySelector("h3")?.textContent ?? "",
    control.closest("fieldset, [role=group]")?.querySelector("legend")?.textContent ?? control.closest("[role=group]")?.getAttribute("aria-label") ?? "",
    control.getAttribute("aria-label") ?? control.labels?.[0]?.textContent.trim() ?? "",
  ].join(" / ");
  const ready = () => until(() => [...panel().querySelectorAll(".feel-place")].every((each) => each.querySelector(".cm-content")));
  const afresh = async () => {
    document.querySelector(other).click();
    await pause();
    document.querySelector(choose).click();
    await pause();
    await ready();
    controls();
    await ready();
    return controls();
  };
  const change = async (control) => {
    if (control.matches("button, [type=checkbox], [type=radio]")) control.click();
    else if (control.matches("select")) {
      const options = [...control.options].map((each) => each.value).filter((value) => value !== control.value);
      control.value = options.find((value) => value) ?? options[0];
      control.dispatchEvent(new Event("change", {bubbles: true}));
    } else if (control.matches("[type=number]")) {
      control.value = (control.valueAsNumber || 0) + 3;
      control.dispatchEvent(new Event("change", {bubbles: true}));
    } else {
      control.focus();
      if (control.matches(".cm-content")) {
        getSelection().selectAllChildren(control);
        getSelection().collapseToEnd();
        document.execCommand("insertText", false, control.textContent.trim() ? " + 1" : "amount + 1");
        await pause(20);
      } else {
        control.setSelectionRange(control.value.length, control.value.length);
        document.execCommand("insertText", false, control.value ? "9" : "amount");
      }
      await pause();
      control.blur();
    }
    await pause();
    await ready();
  };
  const step = async (name) => { document.querySelector(`.editor-tools [aria-label=${name}]`).click(); await pause(); };
  const told = [], tried = [];
  const tryOne = async (name, control) => {
    await change(control);
    const after = await read();
    if (after === start) return false;
    tried.push(name);
    await step("Undo");
    if ((await read()) !== start) told.push(name + ": one undo does not take it back");
    await step("Redo");
    if ((await read()) !== after) told.push(name + ": redo does not bring it again");
    await step("Undo");
    return true;
  };
  let shown = await afresh();
  const names = shown.map(nameOf);
  const start = await read();
  for (let at = 0; at < names.length; at++) {
    if (skip.some((each) => names[at].startsWith(each))) continue;
    if (shown.map(nameOf).join() !== names.join()) shown = await afresh();
    const control = shown[at];
    const limit = control.closest(".limit")?.querySelector("input"); // without a number there is nothing of that unit
    if ((control.checked && control.type === "radio") || (limit && limit !== control && !limit.value)) continue;
    if (!(await tryOne(names[at], control))) {
      // what only asks further: then what it asks must write
      const more = controls().find((each) => !names.includes(nameOf(each)));
      const asked = more && nameOf(more);
      if (!more) told.push(names[at] + ": changes nothing");
      else if (!(await tryOne(asked, more))) told.push(asked + ": asked by " + names[at] + ", changes nothing");
      shown = await afresh();
    } else shown = controls();
  }
  if ((await read()) !== start) told.push("the last undo leaves something");
  return {told, tried};
}"""


@pytest.fixture
def drawn(chromium: Browser, platform: Platform) -> Iterator[Callable[..., Page]]:
    """A modeller's window on a draft; fails the test for anything that the page complains of."""
    platform.add_person("mona", roles=["modeller"], name="Mona Lange")
    platform.add_person("theo", roles=["modeller"], name="Theo Petit", language="fr")
    platform.expect("POST", "/passerelle/v1/parties", {"partyId": "muller", "name": "Garage Müller", "kind": "partner"})
    complaints: list[str] = []
    contexts = []

    def open_one(username: str = "mona", size: dict[str, int] = DESK, script: str = "", content: str = "") -> Page:
        form = {"id": "ask", "type": "default", "components": [{"type": "textfield", "key": "plate", "label": "Plate"}]}
        files = [{"name": "model.bpmn", "content": content or every_kind()}, {"name": "ask.form", "content": json.dumps(form)}]
        draft = platform.expect("POST", "/passerelle/v1/drafts", {"name": "All of it", "files": files}, user=username)
        context = chromium.new_context(base_url=platform.url, viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(6_000)
        if script:
            page.add_init_script(script)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"/login?back=/workbench/drafts/{draft['draftKey']}")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_selector(".canvas[aria-busy=false]")
        page.click("#tab-outline")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


def choose(page: Page, key: str) -> None:
    """Selects an element: by the outline what has a place there, edges on the canvas."""
    names = {node: name for node, _, name, *_ in NODES} | {"house": "Shop", "garage": "Garage", "stranger": "Somebody", "sales": "Sales", "stock": "Stock"}
    if key in names:
        page.locator(".outline button").filter(has_text=names[key]).first.click()
    elif page.locator(f".handoff-badge[data-flow={key}]").count():
        page.locator(f".handoff-badge[data-flow={key}]").first.click()
    else:
        page.locator(f"[data-element-id={key}] .djs-hit").first.click(force=True)


PLACES = {"house": "Shop", "garage": "Garage", "stranger": "Somebody", "sales": "Sales"}
#: A task of people, one of a program, a pool, a contract; a part that others show as well is changed at one of them.
ELEMENTS = {
    "user": [],
    "service": ["What does the customer read?", "What else should one know?"],
    "garage": ["What else should one know?"],
    "orders": ["What else should one know?"],
}


def test_each_control_writes_and_one_undo_takes_exactly_that_back(drawn):
    page = drawn(script=AT_ONCE)
    names = {key: name for key, _, name, *_ in NODES} | PLACES
    for key, name in names.items():
        page.evaluate(
            "([key, name]) => { [...document.querySelectorAll('.outline button')].find((each) => each.textContent.startsWith(name)).id = `of-${key}`; }",
            [key, name],
        )
    choose(page, "done")
    page.locator(".draw-panel").get_by_label("Name", exact=True).fill("All done")  # with everything undone the file would be the old one anyway
    page.keyboard.press("Enter")
    told, tried = [], {}
    for key, elsewhere in ELEMENTS.items():
        way = f"#of-{key}" if key in names else f".handoff-badge[data-flow={key}]"
        found = page.evaluate(EACH_CONTROL, {"choose": way, "other": "#of-done", "skip": elsewhere})
        told += [f"{key}: {each}" for each in found["told"]]
        tried[key] = found["tried"]

    assert told == []
    assert all(tried.values())


def barriers(page: Page) -> list[tuple[str, str]]:
    """Serious ones, outside the canvas, which is not ours."""
    found = page.evaluate("axe.run({exclude: [['.djs-container']]}, {resultTypes: ['violations']})")["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]


def test_the_panel_has_no_serious_barriers_and_is_reached_and_left_by_keyboard(drawn):
    page = drawn()
    page.evaluate(f"{AXE.read_text()};0")
    for key in ("user", "service", "way", "garage", "orders"):
        choose(page, key)
        expect(page.locator(".draw-panel .field").first).to_be_visible()
        assert barriers(page) == [], key
    page.click(".draw-panel [role=tab]:text-is('Technical')")
    for key in ("user", "garage", "orders"):
        choose(page, key)
        expect(page.locator(".bio-properties-panel-header")).to_be_visible()
        assert barriers(page) == [], f"{key}, technical"

    page.click(".draw-panel [role=tab]:text-is('In words')")
    choose(page, "pack")
    page.keyboard.press("F6")
    expect(page.locator(".draw-panel [role=tab][aria-selected=true]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".draw-panel").get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.press("F6")
    expect(page.locator(".djs-container svg").first).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator("[data-element-id=pack]")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("[data-element-id=pack]")).not_to_have_count(0)
