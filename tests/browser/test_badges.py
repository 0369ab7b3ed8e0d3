"""How a drawing looks at small sizes: badges beside labels, a palette that is whole, titles and the mark of bpmn.io left free."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.api.trials import drawn
from tests.browser.conftest import DESK
from tests.platforms import PASSWORD, Platform

V1 = "/passerelle/v1"
SAMPLES = Path("processes")
NARROW = {"width": 1024, "height": 768}
SIZES = pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "narrow"])
DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="Fees" namespace="t"><decision id="fee" name="Fee">
  <decisionTable id="table"><input id="in" label="Age"><inputExpression id="by" typeRef="number"><text>age</text></inputExpression></input>
    <output id="out" name="fee" typeRef="number"/><rule id="r"><inputEntry id="a"><text>&lt; 18</text></inputEntry>
    <outputEntry id="b"><text>5</text></outputEntry></rule></decisionTable></decision></definitions>"""

# rectangles of badges that touch each other, or the words of a label or task; a dot may have to
TOUCHING = """() => {
  const box = (element) => element.getBoundingClientRect();
  const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  const badges = [...document.querySelectorAll('.handoff-badge')].filter((badge) => badge.dataset.form !== 'dot');
  const words = [...document.querySelectorAll('.djs-element .djs-visual text')].filter((text) => text.textContent.trim());
  const found = [];
  for (const [index, badge] of badges.entries()) {
    for (const other of badges.slice(index + 1)) if (meet(box(badge), box(other))) found.push([badge.dataset.flow, other.dataset.flow]);
    for (const text of words) if (meet(box(badge), box(text))) found.push([badge.dataset.flow, badge.dataset.form, text.textContent]);
  }
  return found;
}"""
# labels whose lines, put together again, are no name of the model: a word was broken
BROKEN = """(names) => [...document.querySelectorAll('.djs-element[data-element-id$=_label] .djs-label')].flatMap((label) => {
  const lines = [...label.querySelectorAll('tspan')].map((line) => line.textContent.trim()).filter(Boolean);
  return lines.length > 1 && !names.includes(lines.join(' ')) ? [lines.join('|')] : [];
})"""
FORMS = "() => [...document.querySelectorAll('.handoff-badge')].map((badge) => badge.dataset.form)"
MARK_IS_FREE = """(name) => [...document.querySelectorAll(name)].filter((mark) => mark.getBoundingClientRect().width).map((mark) => {
  const { x, y, width, height } = mark.getBoundingClientRect();
  const points = [0.1, 0.5, 0.9].flatMap((right) => [0.2, 0.5, 0.8].map((down) => [x + width * right, y + height * down]));
  return width > 40 && points.every(([right, down]) => mark.contains(document.elementFromPoint(right, down)));
})"""


@pytest.fixture
def mona(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """The window of a modeller who operates too."""
    platform.add_person("mona", roles=["modeller", "operator"])
    context = chromium.new_context(base_url=platform.url, viewport=NARROW, locale="en")
    page = context.new_page()
    page.goto("/login?back=/workbench/")
    page.fill("[name=username]", "mona")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("h1")
    yield page
    context.close()


def _files(sample: str) -> list[dict[str, str]]:
    return [{"name": one.name, "content": one.read_text()} for one in sorted((SAMPLES / sample).iterdir()) if one.suffix in (".bpmn", ".form")]


def _draft(platform: Platform, page: Page, sample: str, *more: dict[str, str]) -> None:
    body = {"name": sample, "files": [*_files(sample), *more]}
    page.goto(f"/workbench/drafts/{platform.expect('POST', f'{V1}/drafts', body, user='mona')['draftKey']}")
    page.wait_for_selector(".canvas[aria-busy=false]")
    page.wait_for_selector(".handoff-badge[data-form]")


def _trial(platform: Platform, page: Page, sample: str) -> None:
    key = platform.expect("POST", f"{V1}/trials", {"files": _files(sample)}, user="mona")["trialKey"]
    page.goto(f"/workbench/trials/{key}")
    page.wait_for_selector(".handoff-badge[data-form]")


def _settled(page: Page) -> None:
    """Badges are placed with the next picture."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@SIZES
@pytest.mark.parametrize("sample", ["claim", "order", "onboarding"])
def test_badges_touch_neither_labels_nor_each_other(platform: Platform, mona: Page, sample: str, size: Any) -> None:
    mona.set_viewport_size(size)
    _draft(platform, mona, sample)
    names = re.findall(r'name="([^"]*)"', (SAMPLES / sample / f"{sample}.bpmn").read_text())
    assert mona.evaluate(BROKEN, names) == []
    for _ in range(4):
        _settled(mona)
        assert mona.evaluate(TOUCHING) == []
        mona.get_by_role("button", name="Larger").click()


def test_badges_say_less_the_less_room_there_is_and_a_dot_is_left_far_away(platform: Platform, mona: Page) -> None:
    _draft(platform, mona, "claim")
    for _ in range(6):
        mona.get_by_role("button", name="Larger").click()
    _settled(mona)
    near = mona.evaluate(FORMS)
    assert near.count("full") == len(near) == 11

    for _ in range(14):
        mona.get_by_role("button", name="Smaller").click()
    _settled(mona)
    assert mona.evaluate(FORMS) == ["dot"] * 11
    dots = mona.evaluate("""() => [...document.querySelectorAll('.handoff-badge')].map((dot) => {
      const { width, height } = dot.getBoundingClientRect();
      return [Math.round(width), Math.round(height), getComputedStyle(dot).backgroundColor];
    })""")
    assert {(width, height) for width, height, _ in dots} == {(10, 10)}
    assert len({colour for _, _, colour in dots}) == 3  # customer, partner, team


@SIZES
def test_the_palette_is_whole(platform: Platform, mona: Page, size: Any) -> None:
    mona.set_viewport_size(size)
    _draft(platform, mona, "claim")

    assert mona.evaluate("""() => {
      const palette = document.querySelector('.djs-palette'), canvas = document.querySelector('.canvas').getBoundingClientRect();
      const entries = [...palette.querySelectorAll('.entry')].map((entry) => entry.getBoundingClientRect());
      return entries.length > 10 && entries.every((entry) => entry.top >= canvas.top && entry.bottom <= canvas.bottom);
    }""")


@SIZES
def test_show_all_hides_no_title_behind_the_palette(platform: Platform, mona: Page, size: Any) -> None:
    mona.set_viewport_size(size)
    _draft(platform, mona, "claim")
    mona.get_by_role("button", name="Larger").click()
    mona.get_by_role("button", name="Show all").click()

    palette = mona.locator(".djs-palette").bounding_box()
    left = min(mona.evaluate("() => [...document.querySelectorAll('.djs-shape .djs-visual > rect')].map((shape) => shape.getBoundingClientRect().left)"))
    assert palette is not None
    assert left > palette["x"] + palette["width"]


@SIZES
def test_the_mark_of_bpmn_io_is_free_in_every_editor(platform: Platform, mona: Page, size: Any) -> None:
    mona.set_viewport_size(size)
    _draft(platform, mona, "claim", {"name": "fee.dmn", "content": DECISION})
    assert mona.evaluate(MARK_IS_FREE, ".bjs-powered-by") == [True]
    mona.locator("#tab-decisions").click()
    mona.wait_for_selector(".dmn-decision-table-container, .dmn-js-parent")
    mona.wait_for_selector(".bjs-powered-by >> visible=true")
    assert mona.evaluate(MARK_IS_FREE, ".bjs-powered-by") == [True]
    mona.locator("#tab-forms").click()
    mona.wait_for_selector(".fjs-powered-by-link >> visible=true")
    marks = mona.evaluate(MARK_IS_FREE, ".fjs-powered-by-link")
    assert marks and all(marks)


@SIZES
def test_the_mark_of_bpmn_io_is_free_where_one_watches(platform: Platform, mona: Page, size: Any) -> None:
    mona.set_viewport_size(size)
    _trial(platform, mona, "claim")
    assert mona.evaluate(MARK_IS_FREE, ".bjs-powered-by") == [True]
    assert mona.evaluate(TOUCHING) == []
    platform.deploy(("claim.bpmn", drawn()))
    started = platform.start("claim", plate="AB-123-CD")
    mona.goto(f"/workbench/instances/{started['processInstanceKey']}")
    mona.wait_for_selector(".handoff-badge[data-form]")
    assert mona.evaluate(MARK_IS_FREE, ".bjs-powered-by") == [True]
