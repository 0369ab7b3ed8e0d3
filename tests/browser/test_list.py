"""The workbench's first page: any file dropped on it is answered in words, whatever it is; many processes stay easy to find."""

import base64
import io
import json
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api import models
from tests.browser.conftest import DESK
from tests.browser.test_drafts import DROP, SMALL, begin
from tests.platforms import PASSWORD, Platform

CLAIM = Path("processes/claim/claim.bpmn").read_text(encoding="utf-8")
PAYLOADS = (
    '<img src=//evil.example/x onerror="window.pwned=1">',
    '"><svg onload=window.pwned=1>',
    "</script><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "{{7*7}} \u202egnp.exe\u2066",
)
CAMUNDA_7 = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="old" name="Old one" isExecutable="true">
    <bpmn:startEvent id="s"><bpmn:outgoing>f</bpmn:outgoing></bpmn:startEvent>
    <bpmn:serviceTask id="pay" name="Pay" camunda:class="com.example.Pay"><bpmn:incoming>f</bpmn:incoming><bpmn:outgoing>g</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:endEvent id="e"><bpmn:incoming>g</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f" sourceRef="s" targetRef="pay" /><bpmn:sequenceFlow id="g" sourceRef="pay" targetRef="e" />
  </bpmn:process>
</bpmn:definitions>"""


@pytest.fixture
def page(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """A modeller's list. Fails the test for a dialog, a script's error, a breach of the policy, or a request to elsewhere."""
    platform.add_person("mona", roles=["modeller"], name="Mona Lange")
    complaints: list[str] = []
    context = chromium.new_context(base_url=platform.url, viewport=DESK, locale="en")
    context.on("request", lambda one: complaints.append(one.url) if one.url.startswith("http") and not one.url.startswith(platform.url) else None)
    context.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page = context.new_page()
    page.goto("/login?back=/workbench/")
    page.fill("[name=username]", "mona")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("h1")
    yield page
    assert page.evaluate("window.pwned") is None
    context.close()
    assert complaints == []


def drop(page: Page, name: str, content: str) -> None:
    page.evaluate(DROP, [name, content])


def assert_has_no_script(picture: Path) -> None:
    for element in ElementTree.parse(picture).iter():
        assert element.tag.rpartition("}")[2].lower() not in ("script", "foreignobject", "img", "iframe")
        assert not [name for name, value in element.attrib.items() if name.lower().startswith("on") or "javascript:" in value]


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def test_files_of_other_tools_broken_ones_and_others_are_answered_in_words(page: Page) -> None:
    for name, content, said in (
        ("old.bpmn", CAMUNDA_7, "refused"),
        ("eight.bpmn", CLAIM, "It would run here"),
        ("broken.bpmn", CLAIM[: len(CLAIM) // 2], "refused"),
        ("letter.txt", "Dear customer,", "refused"),
        ("answer.pdf", "%PDF-1.7", "refused"),
    ):
        page.wait_for_selector("h1:text-is('Processes')")
        drop(page, name, content)
        expect(page.locator(".verdict").first).to_contain_text(said)
        expect(page.locator(".report h1").first).to_have_text(name)
        page.click("text=All processes")


def test_a_file_that_is_too_large_is_said_and_not_sent(page: Page) -> None:
    page.evaluate(DROP.replace("[content]", "[new Uint8Array(11 << 20)]"), ["huge.bpmn", ""])

    expect(page.locator(".notices")).to_contain_text("huge.bpmn is larger than 10 MB")
    expect(page.locator("h1")).to_have_text("Processes")


def test_a_zip_that_unpacks_to_too_much_is_refused_and_leaves_nothing(page: Page, platform: Platform) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("claim.bpmn", b" " * (200 << 20))
    bytes_in = DROP.replace("[content]", "[Uint8Array.from(atob(content), letter => letter.charCodeAt(0))]")
    page.evaluate(bytes_in, ["bomb.zip", base64.b64encode(packed.getvalue()).decode()])

    expect(page.locator(".notices")).to_contain_text("10 MB")
    assert platform.expect("POST", "/passerelle/v1/drafts/search", {})["items"] == []


def test_a_report_is_printed_without_buttons_and_with_all_its_handoffs(page: Page) -> None:
    drop(page, "claim.bpmn", CLAIM)
    expect(page.locator("table.handoffs tbody tr")).to_have_count(11)
    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Keep as draft")).to_be_hidden()
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator("table.handoffs tbody tr").last).to_be_visible()
    assert page.evaluate("document.querySelector('main').scrollHeight <= document.documentElement.scrollHeight")


def test_hostile_names_are_text_in_the_report_the_editor_the_forms_the_versions_and_the_list(page: Page, platform: Platform) -> None:
    nasty = " ".join(PAYLOADS)
    model = CLAIM
    for name in ("Decide on the claim", "Garage", "Report a motor claim", "Repair order", "Front desk"):
        model = model.replace(f'name="{name}"', f'name="{escaped(nasty)}"')
    form = {
        "id": "ask",
        "type": "default",
        "components": [
            {"id": "a", "type": "textfield", "key": "a", "label": nasty, "description": nasty},
        ],
    }
    drop(page, "<img src=x onerror=window.pwned=1>.bpmn", model)
    expect(page.locator("table.handoffs")).to_contain_text("<img src=//evil.example/x")
    files = (("claim.bpmn", model), ("ask.form", json.dumps(form)))
    key = begin(platform, *files, name=nasty[:150])
    page.goto(f"/workbench/drafts/{key}")
    page.wait_for_selector(".canvas[aria-busy=false]")
    for tab in ("outline", "problems", "handoffs"):
        page.click(f"#tab-{tab}")
    page.click(".handoff-badge[data-flow=orderFlow]")
    expect(page.locator(".draw-panel .what strong")).to_contain_text("{{7*7}}")
    with page.expect_download() as download:
        page.click(".menu summary")
        page.click(".menu-items button:has-text('SVG')")
    assert_has_no_script(Path(download.value.path()))
    page.click("#tab-forms")
    page.wait_for_selector(".phone .fjs-form-field")
    expect(page.locator(".phone")).to_contain_text("onerror=")
    page.click("#tab-versions")
    page.goto("/workbench/")
    expect(page.locator(".processes")).to_contain_text("<img src=//evil.example/x")
    assert page.locator("main img").count() == 0


def test_html_in_a_form_runs_nothing_and_reaches_nobody(chromium: Browser, platform: Platform) -> None:
    html = PAYLOADS[0] + PAYLOADS[1] + PAYLOADS[2] + "<a href='javascript:window.pwned=1'>Press</a>"
    parts = [{"id": "a", "type": "text", "text": html}, {"id": "b", "type": "html", "content": html}]
    platform.add_person("mona", roles=["modeller"])
    form = ("ask.form", json.dumps({"id": "ask", "type": "default", "components": parts}))
    key = begin(platform, ("claim.bpmn", CLAIM), form)
    reached: list[str] = []
    with chromium.new_context(base_url=platform.url, viewport=DESK, locale="en") as context:
        # the library parses such texts before it cleans them; what then tries to run or to load is refused by the page's policy
        context.on("response", lambda one: reached.append(one.url) if "evil.example" in one.url else None)
        page = context.new_page()
        page.goto(f"/login?back=/workbench/drafts/{key}")
        page.fill("[name=username]", "mona")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.click("#tab-forms")
        expect(page.locator(".phone")).to_contain_text("Press")

        assert page.evaluate("window.pwned") is None
        assert page.locator(".form-tab [onerror], .form-tab [onload], .form-tab script, .form-tab a[href^=javascript]").count() == 0
    assert reached == []


def test_none_one_and_a_thousand_are_counted_as_one_writes_them(page: Page, platform: Platform) -> None:
    platform.deploy(("p.bpmn", models.process("ordering", models.user_task("look"))))
    (row,) = platform.expect("GET", "/passerelle/v1/processes")["items"]
    counts = ("versions", "running", "stuck", "openHandoffs", "lateHandoffs")
    rows = [row | {"name": "Orders", "processDefinitionId": f"p{n}"} | dict.fromkeys(counts, n) for n in (0, 1, 1000)]
    page.route("**/passerelle/v1/processes", lambda route: route.fulfill(json={"items": rows}))

    def shown() -> tuple[list[str], list[str | None]]:
        page.goto("/workbench/")
        page.wait_for_selector(".processes tbody tr")
        numbers = [" ".join(line.split("\n")) for line in page.locator(".processes td.number:not(:has(button))").all_inner_texts()]
        return numbers, [link.get_attribute("aria-label") for link in page.locator(".processes td.number a").all()]

    assert shown() == (
        ["1 0 versions", "0", "0", "0 0 open", "1 1 version", "1", "1", "1 1 open", "1 1,000 versions", "1,000", "1,000", "1,000 1,000 open"],
        [f"{n} {what} of Orders" for n, s in (("1", ""), ("1,000", "s")) for what in ("running", "stuck", f"late handoff{s}")],
    )
    session = page.request.get("/workbench/session").json()
    page.route("**/workbench/session", lambda route: route.fulfill(json=session | {"language": "fr"}))
    many = "1\u202f000"
    assert shown() == (
        ["1 0 version", "0", "0", "0 0 ouvert", "1 1 version", "1", "1", "1 1 ouvert", f"1 {many} versions", many, many, f"{many} {many} ouverts"],
        [f"{n} {what} de Orders" for n, s in (("1", ""), (many, "s")) for what in ("en cours", f"bloqué{s}", f"passage{s} en retard")],
    )


@pytest.mark.parametrize("size", [DESK, SMALL], ids=["1440", "1024"])
def test_among_two_hundred_processes_one_is_found_by_its_name(page: Page, platform: Platform, size: dict[str, int]) -> None:
    long = "A very long name of a process that somebody wrote without ever thinking of a table "
    named = [models.process(f"process-{n}", models.user_task("look")).replace(f'name="Process-{n}"', f'name="{long}{n}"') for n in range(200)]
    assert long in named[0]
    for part in range(0, 200, 20):
        platform.deploy(*((f"p{part + n}.bpmn", model) for n, model in enumerate(named[part : part + 20])))
    page.set_viewport_size(size)
    page.goto("/workbench/")
    expect(page.locator(".find [role=status]")).to_have_text("200 processes")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Search by name").fill("process-137")

    expect(page.locator(".processes tbody tr")).to_have_count(1)
    expect(page).to_have_title("Processes · Passerelle")
    expect(page.locator(".find [role=status]")).to_have_text("1 process")
