"""The whole workbench for somebody who reads French: on a tour of every screen, menu and property, no English is left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine import french
from tests.browser.conftest import DESK
from tests.platforms import PASSWORD, Platform

V1 = "/passerelle/v1"
CLAIM = Path("processes/claim")

WATCH = "globalThis.watchedWords = { missing: new Set(), pairs: [] };"
# what a reader sees or hears; not what they wrote themselves (names in the drawing, expressions, fields)
SEEN = """() => {
  const found = [];
  const theirs = 'svg, .cm-content, textarea, .djs-direct-editing-content, .bio-properties-panel-header-label, [data-theirs]';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const around = node.parentElement;
    if (!node.data.trim() || !around || around.closest(theirs) || /SCRIPT|STYLE/.test(around.tagName) || !around.checkVisibility()) continue;
    found.push(node.data.trim());
  }
  for (const one of document.querySelectorAll('[title], [aria-label], [placeholder], [alt]'))
    for (const name of ['title', 'aria-label', 'placeholder', 'alt'])
      if (one.getAttribute(name)?.trim() && one.checkVisibility()) found.push(one.getAttribute(name).trim());
  return [...new Set(found)];
}"""


def pattern_of(template: str) -> re.Pattern[str] | None:
    """What a template may have become; None where it has hardly a word of its own."""
    parts = re.split(r"\{\w[^}]*\}", template.strip())
    if len("".join(parts).strip(" .,:;()'\"“”→·")) < 3:
        return None
    return re.compile(".{0,300}?".join(re.escape(part) for part in parts), re.DOTALL)


# names of things that are the same for everybody, or that the model's author wrote
NAMES = frozenset({"FEEL", "BPMN", "DMN", "JSON", "XML", "message", "signal"})


class Reader:
    """Reads what a page shows, against all English that it knows: the workbench's, the borrowed editors', the server's."""

    def __init__(self, page: Page, theirs: str) -> None:
        self.page = page
        self.theirs = set(re.findall(r'(?:name|label|text)="([^"]+)"', theirs)) | set(re.findall(r'"(?:label|text|id|key)": ?"([^"]+)"', theirs))
        self.found: dict[str, set[str]] = {}
        self.server = [found for one in french.SENTENCES if len(one) > 12 and (found := pattern_of(one)) is not None]

    def read(self, where: str) -> None:
        seen: list[str] = [one for one in self.page.evaluate(SEEN) if not {*one.split(", ")} <= self.theirs | NAMES]
        pairs = self.page.evaluate("() => globalThis.watchedWords.pairs")
        french_words = {part for _, other in pairs for part in other.split(" || ")}
        english = {part for one, other in pairs if one != other for part in one.split(" || ")} - french_words
        plain = {one.strip() for one in english if "{" not in one}
        patterns = [found for one in english if "{" in one and (found := pattern_of(one)) is not None]
        known = [found for one in french_words if "{" in one and (found := pattern_of(one)) is not None]
        for one in seen:
            wrong = one in plain or any(each.fullmatch(one) for each in patterns) or any(each.fullmatch(one) for each in self.server)
            if wrong and one not in french_words and not any(each.fullmatch(one) for each in known):
                self.found.setdefault(where, set()).add(one)

    def is_french(self) -> None:
        missing = sorted(self.page.evaluate("() => [...globalThis.watchedWords.missing]"))
        english = {one: sorted(where for where, found in self.found.items() if one in found)[:3] for one in sorted(set().union(*self.found.values()))}

        assert not english, json.dumps(english, indent=1, ensure_ascii=False)
        assert not missing, json.dumps(missing, ensure_ascii=False)


@pytest.fixture
def reader(chromium: Browser, platform: Platform) -> Iterator[Callable[..., Reader]]:
    """Théo's browser: he chose French; his browser itself speaks English."""
    platform.add_person("theo", roles=["modeller", "operator"], name="Théo Petit", language="fr")
    context: BrowserContext = chromium.new_context(base_url=platform.url, viewport=DESK, locale="en-US")
    context.add_init_script(WATCH)
    complaints: list[str] = []
    context.on("page", lambda page: page.on("pageerror", lambda error: complaints.append(str(error))))

    def open_one(path: str, theirs: str = "") -> Reader:
        page = context.new_page()
        page.goto(f"/login?back={path}")
        if page.locator("[name=username]").count():
            page.fill("[name=username]", "theo")
            page.fill("[name=password]", PASSWORD)
            page.click("main button")
        page.wait_for_selector("h1, .draft-bar, .live-diagram")
        return Reader(page, theirs)

    yield open_one
    context.close()
    assert complaints == []


def begin(platform: Platform, files: dict[str, str]) -> str:
    body = {"name": "Sinistre", "files": [{"name": name, "content": content} for name, content in files.items()]}
    return str(platform.expect("POST", f"{V1}/drafts", body, user="theo")["draftKey"])


# -- the drawing --------------------------------------------------------------------------------------------------

JOB = '<zeebe:taskDefinition type="livrer"/>'
EVENTS = {
    "messageEventDefinition": "",
    "timerEventDefinition": '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration>',
    "signalEventDefinition": "",
    "errorEventDefinition": "",
    "escalationEventDefinition": "",
    "conditionalEventDefinition": "<bpmn:condition>=x</bpmn:condition>",
    "compensateEventDefinition": "",
    "linkEventDefinition": "",
    "cancelEventDefinition": "",
    "terminateEventDefinition": "",
}
ALONE = (
    *("task", "userTask", "serviceTask", "sendTask", "receiveTask", "manualTask", "businessRuleTask", "scriptTask", "callActivity"),
    *("subProcess", "transaction", "adHocSubProcess"),
    *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"),
    *("startEvent", "intermediateThrowEvent", "endEvent"),
)


def everything() -> str:
    """A model with every kind of element; what a sound model would never have is there, too."""
    nodes: list[tuple[str, str, str]] = [(tag, f"{tag}_1", "") for tag in ALONE]
    for definition, inner in EVENTS.items():
        for tag in ("startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "endEvent"):
            nodes.append((tag, f"{tag}_{definition}", f"<bpmn:{definition} id='{tag}{definition}d'>{inner}</bpmn:{definition}>"))
    more = {
        "userTask": "<bpmn:extensionElements><zeebe:userTask/><zeebe:ioMapping><zeebe:input source='=a' target='b'/><zeebe:output source='=b'"
        " target='c'/></zeebe:ioMapping><zeebe:taskHeaders><zeebe:header key='k' value='v'/></zeebe:taskHeaders></bpmn:extensionElements>"
        "<bpmn:multiInstanceLoopCharacteristics/>",
        "serviceTask": f"<bpmn:extensionElements>{JOB}<zeebe:executionListeners><zeebe:executionListener eventType='start' type='x'/>"
        "</zeebe:executionListeners></bpmn:extensionElements>",
        "businessRuleTask": "<bpmn:extensionElements><zeebe:calledDecision decisionId='d' resultVariable='r'/></bpmn:extensionElements>",
        "scriptTask": "<bpmn:extensionElements><zeebe:script expression='=1 +' resultVariable='r'/></bpmn:extensionElements>",
        "callActivity": "<bpmn:extensionElements><zeebe:calledElement processId='p2'/></bpmn:extensionElements>",
    }
    model, shapes = [], []
    for place, (tag, node_id, inner) in enumerate(nodes):
        x, y = 220 + place % 10 * 150, 120 + place // 10 * 120
        size = (36, 36) if tag.endswith("Event") else (50, 50) if tag.endswith("Gateway") else (100, 80)
        model.append(f'<bpmn:{tag} id="{node_id}" name="Étape {place}">{more.get(tag, "") if not inner else ""}{inner}</bpmn:{tag}>')
        shapes.append(shape(node_id, x, y, *size))
    model.append('<bpmn:boundaryEvent id="edge" attachedToRef="userTask_1"><bpmn:timerEventDefinition id="edged"/></bpmn:boundaryEvent>')
    shapes.append(shape("edge", 400, 180, 36, 36))
    model.append('<bpmn:sequenceFlow id="way" name="Oui" sourceRef="exclusiveGateway_1" targetRef="task_1"/>')
    model.append('<bpmn:dataObjectReference id="data" dataObjectRef="thing"/><bpmn:dataObject id="thing"/><bpmn:dataStoreReference id="kept"/>')
    model.append('<bpmn:textAnnotation id="note"><bpmn:text>Un mot</bpmn:text></bpmn:textAnnotation><bpmn:group id="box"/>')
    shapes += [shape("data", 1750, 120, 36, 50), shape("kept", 1750, 220, 50, 50), shape("note", 1750, 320, 100, 30), shape("box", 1750, 420, 100, 80)]
    edges = '<bpmndi:BPMNEdge id="way_di" bpmnElement="way"><di:waypoint x="520" y="280"/><di:waypoint x="270" y="200"/></bpmndi:BPMNEdge>'
    edges += '<bpmndi:BPMNEdge id="told_di" bpmnElement="told"><di:waypoint x="270" y="1000"/><di:waypoint x="270" y="820"/></bpmndi:BPMNEdge>'
    lanes = "".join(f"<bpmn:flowNodeRef>{node_id}</bpmn:flowNodeRef>" for _, node_id, _ in nodes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:handoff="urn:passerelle:handoff:1.0" id="tout" targetNamespace="t">'
        '<bpmn:collaboration id="ensemble"><bpmn:participant id="nous" name="Assureur" processRef="p"/><bpmn:participant id="eux" name="Cliente">'
        '<bpmn:extensionElements><handoff:party kind="customer"/></bpmn:extensionElements></bpmn:participant>'
        '<bpmn:messageFlow id="told" name="Nouvelle" sourceRef="eux" targetRef="startEvent_messageEventDefinition"/></bpmn:collaboration>'
        f'<bpmn:process id="p" isExecutable="true"><bpmn:laneSet id="lanes"><bpmn:lane id="guichet" name="Guichet">{lanes}</bpmn:lane></bpmn:laneSet>'
        f'{"".join(model)}</bpmn:process><bpmndi:BPMNDiagram id="dessin"><bpmndi:BPMNPlane id="plan" bpmnElement="ensemble">'
        f"{shape('nous', 160, 80, 1720, 880)}{shape('guichet', 190, 80, 1690, 880)}{shape('eux', 160, 1000, 1720, 60)}{''.join(shapes)}{edges}"
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    )


def shape(element: str, x: int, y: int, width: int, height: int) -> str:
    more = ' isHorizontal="true"' if element in ("nous", "eux", "guichet") else ' isExpanded="true"' if element.startswith(("sub", "ad", "tr")) else ""
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f'<bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}"{more}>{bounds}</bpmndi:BPMNShape>'


OPEN_ALL = """() => {
  for (const head of document.querySelectorAll('.bio-properties-panel-group-header:not(.open), .bio-properties-panel-collapsible-entry-header:not(.open)'))
    (head.querySelector('.bio-properties-panel-arrow, .bio-properties-panel-collapsible-entry-arrow') ?? head).click();
}"""


def test_every_element_menu_and_property_of_the_drawing_is_in_french(reader: Any, platform: Platform) -> None:
    model = everything()
    at = reader(f"/workbench/drafts/{begin(platform, {'tout.bpmn': model})}", model)
    page = at.page
    page.wait_for_selector(".djs-element")
    for drawer in ("outline", "handoffs", "problems"):
        page.click(f"#tab-{drawer}")
        page.wait_for_selector(".drawer-panel li, .drawer-panel tr, .drawer-panel button")
        if drawer == "problems":
            page.wait_for_function("() => document.querySelector('.drawer-panel').innerText.includes('zeebe')", timeout=15_000)
        at.read(f"the drawing's {drawer}")
    for tool in ("create-element", "color", "search"):
        entry = page.locator(f".djs-palette [data-action='{tool}']")
        if entry.count():
            entry.first.click()
            page.wait_for_selector(".djs-popup")
            at.read(f"palette: {tool}")
            page.keyboard.press("Escape")
    ids = re.findall(r'bpmnElement="(\w+)"', model)
    for element in ids:
        if element == "ensemble":
            continue
        choose(page, element)
        at.read(f"business panel of {element}")
        page.locator(".draw-panel [role=tab]").nth(1).click()
        page.wait_for_selector(".bio-properties-panel-group")
        page.evaluate(OPEN_ALL)
        page.wait_for_timeout(30)
        page.evaluate(OPEN_ALL)
        at.read(f"technical panel of {element}")
        page.locator(".draw-panel [role=tab]").nth(0).click()
    for element in ("userTask_1", "exclusiveGateway_1", "startEvent_1", "endEvent_1", "edge", "subProcess_1", "eux", "nous", "way"):
        choose(page, element)
        for action in ("replace", "append", "set-color"):
            entry = page.locator(f".djs-context-pad.open [data-action='{action}']")
            if entry.count():
                entry.first.click()
                page.wait_for_selector(".djs-popup")
                at.read(f"{action} of {element}")
                page.keyboard.press("Escape")

    at.is_french()


def choose(page: Page, element: str) -> None:
    """A click on the element itself; waits until the panel shows it."""
    page.evaluate(
        """id => document.querySelector(`.djs-element[data-element-id="${id}"] > .djs-hit`)
          .dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, button: 0}))""",
        element,
    )
    expect(page.locator(f".djs-element[data-element-id='{element}']")).to_have_class(re.compile("selected"))


# -- forms and decisions ------------------------------------------------------------------------------------------

KINDS = (
    *("textfield", "textarea", "number", "datetime", "checkbox", "checklist", "radio", "select", "taglist", "filepicker", "button"),
    *("text", "html", "image", "table", "iframe", "separator", "spacer", "group", "dynamiclist", "expression", "documentPreview"),
)


def every_component() -> str:
    components: list[dict[str, Any]] = []
    for kind in KINDS:
        one: dict[str, Any] = {"type": kind, "id": f"f-{kind}", "layout": {"row": f"r-{kind}"}}
        if kind not in ("text", "html", "image", "separator", "spacer", "button", "iframe", "group", "dynamiclist"):
            one |= {"key": f"cle_{kind}", "label": f"Question {kind}"}
        if kind in ("group", "dynamiclist"):
            one |= {"label": f"Question {kind}", "components": [], "path": f"chemin_{kind}"}
        if kind in ("checklist", "radio", "select", "taglist"):
            one["values"] = [{"label": "Choix A", "value": "a"}]
        if kind == "table":
            one["columns"] = [{"label": "Colonne", "key": "colonne"}]
        if kind == "datetime":
            one |= {"subtype": "datetime", "dateLabel": "Jour", "timeLabel": "Heure exacte", "timeSerializingFormat": "utc_offset", "timeInterval": 15}
        components.append(one)
    return json.dumps({"type": "default", "id": "tout", "schemaVersion": 18, "components": components})


def test_every_component_of_a_form_and_its_properties_are_in_french(reader: Any, platform: Platform) -> None:
    form = every_component()
    at = reader(f"/workbench/drafts/{begin(platform, {'tout.form': form})}", form)
    page = at.page
    page.click("#tab-forms")
    page.wait_for_selector(".fjs-palette-entries")
    page.wait_for_selector(".phone .fjs-form")
    at.read("the palette and the preview")
    page.evaluate(OPEN_ALL)
    at.read("the form itself")
    for kind in KINDS:
        page.locator(f".fjs-form-place [data-id='f-{kind}'], .form-place [data-id='f-{kind}']").first.click(position={"x": 3, "y": 3})
        page.wait_for_selector(".bio-properties-panel-group")
        page.evaluate(OPEN_ALL)
        page.wait_for_timeout(60)
        page.evaluate(OPEN_ALL)
        page.wait_for_timeout(60)
        at.read(f"properties of {kind}")
    page.locator(".fjs-palette-search").fill("zzz")
    at.read("a search that finds nothing")
    page.locator(".phone .fjs-input").first.focus()
    page.locator(".phone button[type=submit]").first.click()
    at.read("an answer that is missing")

    at.is_french()
    assert page.locator(".bjs-powered-by, .fjs-powered-by").first.is_visible()



def test_a_decision_is_drawn_and_tried_in_french(reader: Any, platform: Platform) -> None:
    at = reader(f"/workbench/drafts/{begin(platform, {})}")
    page = at.page
    page.click("#tab-decisions")
    page.click("text=Nouvelle décision")
    page.wait_for_selector(".dmn-decision-table-container")
    at.read("the table")
    page.locator("td.input-cell, .input-cell").first.click(button="right")
    page.wait_for_selector(".context-menu, .dmn-context-menu")
    at.read("the menu of a cell")
    page.keyboard.press("Escape")
    page.locator(".hit-policy").first.click()
    at.read("the hit policy")
    page.keyboard.press("Escape")
    for header in (".input-cell.input, th.input-cell, .input-cell", "th.output-cell, .output-cell"):
        page.locator(header).first.dblclick()
        page.wait_for_timeout(100)
        at.read(f"the editor of {header}")
        page.keyboard.press("Escape")
    page.locator(".view-drd button, .view-drd-button").first.click()
    page.wait_for_selector(".dmn-drd-container .djs-palette")
    at.read("the diagram")

    at.is_french()


# -- everything else ----------------------------------------------------------------------------------------------


def test_list_report_trial_instances_and_versions_are_in_french(reader: Any, platform: Platform) -> None:
    files = {one.name: one.read_text() for one in sorted(CLAIM.iterdir()) if one.suffix in (".bpmn", ".form")}
    theirs = "".join(files.values())
    at = reader("/workbench/", theirs)
    page = at.page
    at.read("the empty list")
    page.evaluate(DROP, ["tout.bpmn", everything()])
    page.wait_for_selector(".verdict")
    at.theirs |= set(re.findall(r'name="([^"]+)"', everything()))
    at.read("the report of a file that would be refused")
    key = begin(platform, files)
    page.goto(f"/workbench/drafts/{key}")
    page.wait_for_selector(".draft-bar")
    page.click("text=Déployer…")
    page.wait_for_selector("dialog .actions")
    page.wait_for_timeout(500)
    at.read("the deployment")
    page.click("dialog .actions .primary")
    expect(page.locator("dialog")).to_contain_text("Déployé.")
    at.read("what was deployed")
    told = ("plate", "holderName", "phone", "policyNumber", "place", "description")
    started = platform.start("claim", **dict.fromkeys(told, "x"), accidentDate="2026-01-31")
    trial = platform.expect("POST", f"{V1}/trials", {"files": [{"name": n, "content": c} for n, c in files.items()], "name": "Essai"}, user="theo")
    definition = platform.expect("POST", "/v2/process-definitions/search")["items"][0]["processDefinitionKey"]
    for path in ("/", "/instances", f"/instances/{started['processInstanceKey']}", "/trials", f"/trials/{trial['trialKey']}", f"/versions/{definition}"):
        page.goto(f"/workbench{path}")
        page.wait_for_selector("h1, .live-diagram")
        page.wait_for_timeout(800)
        for tab in page.locator("main [role=tab]").all():
            tab.click()
            page.wait_for_timeout(100)
            at.read(f"{path} {tab.inner_text()}")
        at.read(path)

    at.is_french()


DROP = """([name, content]) => {
  const given = new DataTransfer();
  given.items.add(new File([content], name));
  for (const kind of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: given, bubbles: true, cancelable: true}));
}"""
