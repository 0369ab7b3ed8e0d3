"""The diagram editor with 300 elements: how long it takes to load, to open a model, and to edit a limit; and the list of 200 processes.
Needs a running server, and leaves its 200 processes there.

    python -m benchmarks.designer http://127.0.0.1:8080 USERNAME PASSWORD
"""

import itertools
import shutil
import statistics
import sys

import httpx
from playwright.sync_api import Page, sync_playwright

ELEMENTS, LANES, PROCESSES = 300, 10, 200
LIMITS = {"load": 1500, "open": 2000, "edit": 50, "ask": 200, "list": 1500}  # ms
EDIT = """async (hours) => {
  const field = [...document.querySelectorAll(".limit input")][0];
  const began = performance.now();
  field.value = hours;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
  await new Promise((go) => setTimeout(go));  // the handoffs are counted anew, and what shows them is drawn
  return performance.now() - began;
}"""


def model(elements: int) -> str:
    """A chain of tasks that changes its lane at each step, so that every flow is a handoff."""
    names = [f"t{i}" for i in range(elements)]
    spots = {name: (160 + 130 * i, 100 + 120 * (i % LANES)) for i, name in enumerate(names)}
    width = 260 + 130 * elements
    pairs = list(itertools.pairwise(names))
    lanes = "".join(
        f'<lane id="l{lane}" name="Team {lane}">' + "".join(f"<flowNodeRef>{name}</flowNodeRef>" for name in names[lane::LANES]) + "</lane>"
        for lane in range(LANES)
    )
    nodes = "".join(
        f'<userTask id="{name}" name="Step {i}">'
        + (f"<incoming>f{i - 1}</incoming>" if i else "")
        + (f"<outgoing>f{i}</outgoing>" if i < elements - 1 else "")
        + "</userTask>"
        for i, name in enumerate(names)
    )
    flows = "".join(f'<sequenceFlow id="f{i}" sourceRef="{one}" targetRef="{other}" />' for i, (one, other) in enumerate(pairs))
    shapes = f'<b:BPMNShape id="p_di" bpmnElement="pool" isHorizontal="true"><c:Bounds x="60" y="80" width="{width}" height="{120 * LANES}" /></b:BPMNShape>'
    for lane in range(LANES):
        bounds = f'<c:Bounds x="90" y="{80 + 120 * lane}" width="{width - 30}" height="120" />'
        shapes += f'<b:BPMNShape id="l{lane}_di" bpmnElement="l{lane}" isHorizontal="true">{bounds}</b:BPMNShape>'
    for name, (x, y) in spots.items():
        shapes += f'<b:BPMNShape id="{name}_di" bpmnElement="{name}"><c:Bounds x="{x}" y="{y}" width="100" height="80" /></b:BPMNShape>'
    for i, (one, other) in enumerate(pairs):
        (x, y), (u, v) = spots[one], spots[other]
        points = f'<e:waypoint x="{x + 100}" y="{y + 40}" /><e:waypoint x="{u}" y="{v + 40}" />'
        shapes += f'<b:BPMNEdge id="f{i}_di" bpmnElement="f{i}">{points}</b:BPMNEdge>'
    return (
        '<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:b="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:c="http://www.omg.org/spec/DD/20100524/DC" xmlns:e="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="t">'
        '<collaboration id="all"><participant id="pool" name="House" processRef="p" /></collaboration>'
        f'<process id="p" isExecutable="true"><laneSet id="ls">{lanes}</laneSet>{nodes}{flows}</process>'
        f'<b:BPMNDiagram id="di"><b:BPMNPlane id="plane" bpmnElement="all">{shapes}</b:BPMNPlane></b:BPMNDiagram></definitions>'
    )


def measure(url: str, username: str, password: str) -> dict[str, float]:
    """Milliseconds: a first visit to a small draft, a visit to one of 300 elements (each until all is drawn), the median of 21 edits;
    the list's question with 200 processes (the median of 11), and its page until it shows all rows."""
    with httpx.Client(base_url=url, auth=(username, password), timeout=60, trust_env=False) as api, sync_playwright() as playwright:
        drafts = [_drafted(api, model(elements)) for elements in (LANES, ELEMENTS)]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(base_url=url, viewport={"width": 1440, "height": 900})
        page.goto(f"/login?back=/workbench/drafts/{drafts[0]}")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.click("main button")
        loaded = _drawn(page)
        page.goto(f"/workbench/drafts/{drafts[1]}")
        opened = _drawn(page)
        page.locator(".handoffs tbody tr button").first.click()
        page.wait_for_selector(".limit input")
        edits = [page.evaluate(EDIT, str(hours)) for hours in range(1, 22)]
        found = {"load": loaded, "open": opened, "edit": statistics.median(edits)} | listed(page, url, (username, password))
        browser.close()
        for draft in drafts:
            api.delete(f"/passerelle/v1/drafts/{draft}").raise_for_status()
    return found


def listed(page: Page, url: str, account: tuple[str, str]) -> dict[str, float]:
    with httpx.Client(base_url=url, auth=account, timeout=60) as http:
        for first in range(0, PROCESSES, 20):
            files = [("resources", (f"list-{n}.bpmn", small(n).encode(), "application/octet-stream")) for n in range(first, first + 20)]
            http.post("/v2/deployments", files=files).raise_for_status()
        answers = [http.get("/passerelle/v1/processes").raise_for_status() for _ in range(11)]
    page.goto("/workbench/")
    page.wait_for_function("(least) => document.querySelectorAll('.processes tbody tr').length >= least", arg=PROCESSES)
    return {"ask": statistics.median(one.elapsed.total_seconds() * 1000 for one in answers), "list": page.evaluate("performance.now()")}


def small(number: int) -> str:
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><process id="list-@" name="Listed @"'
        ' isExecutable="true"><startEvent id="s"/><userTask id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/></process></definitions>'
    ).replace("@", str(number))


def _drafted(api: httpx.Client, content: str) -> str:
    answer = api.post("/passerelle/v1/drafts", json={"name": "Benchmark", "files": [{"name": "large.bpmn", "content": content}]})
    return str(answer.raise_for_status().json()["draftKey"])


def _drawn(page: Page) -> float:
    """From the click to the diagram."""
    page.wait_for_selector(".canvas[aria-busy=false]")
    return float(page.evaluate("performance.getEntriesByName('passerelle:drawn')[0].startTime"))


if __name__ == "__main__":
    found = measure(*sys.argv[1:4])
    for name, limit in LIMITS.items():
        print(f"{name:5} {found[name]:7.0f} ms of {limit}")
    sys.exit(any(found[name] > limit for name, limit in LIMITS.items()))
