"""The panel in words, as somebody types who is in a hurry: conditions, limits and timers, each one step to undo, and nothing lost."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_drawing import CLAIM, FORMS, NS, choose, draw, exported, model, workbench

__all__ = ["draw", "workbench"]  # fixtures


def conditions(page: Page) -> list[str]:
    return [each.text for each in model(page).iterfind(".//bpmn:conditionExpression", NS)]


def timer(page: Page) -> str:
    return model(page).find(".//*[@id='garageLate_timer']/bpmn:timeCycle", NS).text


def test_what_is_typed_in_words_takes_effect_in_one_step_and_nothing_is_lost(draw: Callable[..., Page]):
    page = draw(CLAIM, *FORMS)
    undo, redo = page.get_by_label("Undo", exact=True), page.get_by_label("Redo", exact=True)

    # two conditions, joined by one word
    choose(page, "Approved?")
    way = page.locator(".way", has=page.locator("[aria-label='Condition 1']"))
    way.get_by_text("Add a condition").click()
    second = way.get_by_role("group", name="Condition 2")
    second.get_by_label("Field", exact=True).fill("estimatedDamage")
    second.get_by_label("is", exact=True).select_option("<=")
    value = second.get_by_label("Value", exact=True)
    value.fill("a lot")
    value.press("Enter")
    expect(second.locator(".wrong")).to_have_text("Expected a number.")
    expect(undo).to_be_disabled()
    value.fill("3,5")
    value.press("Enter")
    way.get_by_label("What holds").select_option("or")
    assert '=decision = "approved" or estimatedDamage <= 3.5' in conditions(page)

    undo.click()
    expect(way.get_by_label("What holds")).to_have_value("and")
    undo.click()
    expect(second).to_have_count(0)
    expect(undo).to_be_disabled()
    redo.click()
    redo.click()
    expect(second.get_by_label("Value", exact=True)).to_have_value("3.5")
    expect(way.get_by_label("What holds")).to_have_value("or")
    for _ in range(2):
        undo.click()

    # a limit: it takes effect while one types, is refused in place, and follows whoever chooses something else
    badge = page.locator(".handoff-badge[data-flow=orderFlow]")
    badge.click()
    limit = page.get_by_label("Accept within", exact=True)
    limit.fill("6")
    expect(badge).to_contain_text("6 h + 2 d")
    limit.fill("1.5 d")
    limit.press("Enter")
    expect(page.locator(".limit .wrong")).to_contain_text("A part of a working day")
    expect(limit).to_have_attribute("aria-invalid", "true")
    expect(badge).to_contain_text("6 h + 2 d")
    limit.fill("2,5 h")
    page.locator("[data-element-id=approved] .djs-hit").first.click()
    expect(page.locator(".draw-panel .what")).to_contain_text("Approved?")
    expect(badge).to_contain_text("2 h 30 min + 2 d")
    undo.click()
    expect(badge).to_contain_text("4 h + 2 d")
    expect(undo).to_be_disabled()

    # FEEL: a pause is no step of its own, and another element does not take what was typed
    choose(page, "Covered?")
    page.locator(".way").first.get_by_role("button", name="FEEL").click()
    feel = page.locator(".feel-place .cm-content")
    feel.press("End")
    feel.press_sequentially(" and")
    expect(undo).to_be_enabled()
    feel.press_sequentially(" not(reason = null)")
    page.locator("[data-element-id=garageLate] .djs-hit").first.click(force=True)
    assert '=cover = "missing" and not(reason = null)' in conditions(page)
    undo.click()
    expect(undo).to_be_disabled()

    # a timer that comes back
    every = page.get_by_label("Every", exact=True)
    expect(every).to_have_value("2")
    page.get_by_label("How many times").fill("5")
    every.fill("3")
    every.press("Enter")
    assert timer(page) == "R5/P3D"
    page.get_by_label("Rhythm").select_option("fixed")
    page.get_by_label("On which days").select_option("week")
    page.locator(".weekdays label", has_text="Fri").click()
    page.get_by_label("At (UTC)").fill("17:30")
    page.keyboard.press("Enter")
    assert timer(page) == "0 30 17 * * MON,FRI"

    for _ in range(6):
        undo.click()
    expect(undo).to_be_disabled()
    assert exported(page) == CLAIM.read_text(encoding="utf-8")
