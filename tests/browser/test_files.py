"""Files in a real browser: by keyboard on a phone, without JavaScript unless a check needs it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import json_text
from tests import samples
from tests.browser.conftest import DESK, PHONE, Open
from tests.browser.test_portal import check, fill_in_report, tab_to
from tests.portal.house import House


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in ("front.png", "left side, dégâts.png", "rear.png")]
    for width, file in enumerate(found, 2):
        file.write_bytes(samples.png(width))
    (tmp_path / "page.jpg").write_bytes(samples.HTML)
    return [*found, tmp_path / "page.jpg"]


def choose(page: Page, *files: Path) -> None:
    page.get_by_label("Choose files").set_input_files(list(files))


def test_photos_are_added_and_taken_off_with_the_keyboard_alone_on_a_phone(open_page: Open, house: House, pictures: list[Path]) -> None:
    page = open_page("julie", size=PHONE, script=True)
    fill_in_report(page)
    tab_to(page, "button", "Choose files")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    assert chooser.value.is_multiple()
    chooser.value.set_files(pictures[:2])
    tab_to(page, "button", "Add to the list")
    page.keyboard.press("Enter")

    photos = page.get_by_role("group", name="Photos of the damage")
    expect(photos.get_by_role("link")).to_have_text(["front.png", "left side, dégâts.png"])
    expect(page.get_by_label("What happened?")).to_have_value("The van behind me did not stop.")
    expect(photos).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(photos.get_by_role("link").first).to_be_focused()  # where one goes on reading

    tab_to(page, "button", "Remove front.png")
    page.keyboard.press("Enter")
    expect(photos.get_by_role("link")).to_have_text(["left side, dégâts.png"])

    page.get_by_label("Licence plate").focus()
    page.keyboard.press("Enter")  # sends the form; it does not add or remove files

    expect(page.get_by_role("status")).to_contain_text("This is the number to quote")
    claim = house.variables(house.task("check"))["claim"]
    assert [photo["metadata"]["fileName"] for photo in claim["photos"]] == ["left side, dégâts.png"]


def test_a_download_arrives_under_its_name_and_stays_on_the_page(open_page: Open, house: House, pictures: list[Path], tmp_path: Path) -> None:
    page = open_page("julie")
    fill_in_report(page)
    choose(page, pictures[1])
    page.get_by_role("button", name="Send").click()
    address = page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="left side, dégâts.png").click()

    assert download.value.suggested_filename == "left side, dégâts.png"
    saved = tmp_path / "saved"
    download.value.save_as(saved)
    assert saved.read_bytes() == pictures[1].read_bytes()
    assert page.url == address


def test_a_phone_offers_its_camera_and_a_desk_does_not(open_page: Open) -> None:
    phone, desk = open_page("julie", size=PHONE, touch=True), open_page("julie", size=DESK)
    for page in (phone, desk):
        page.goto("/start/holder")

    expect(phone.get_by_label("Or take a photo")).to_be_visible()
    assert phone.get_by_label("Or take a photo").get_attribute("capture") == "environment"
    expect(desk.get_by_label("Or take a photo")).to_be_hidden()
    phone.get_by_label("Or take a photo").set_input_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": samples.jpeg()})
    phone.get_by_role("button", name="Add to the list").click()
    expect(phone.get_by_role("link", name="image.jpg")).to_be_visible()


def test_the_end_of_a_login_loses_no_photo(open_page: Open, house: House, pictures: list[Path]) -> None:
    page = open_page("julie", size=PHONE)
    fill_in_report(page)
    choose(page, *pictures[:2])
    page.context.clear_cookies(name="passerelle_login")
    page.get_by_role("button", name="Send").click()
    page.fill("[name=username]", "julie")
    page.fill("[name=password]", "correct horse battery")
    page.click("main button")

    expect(page.get_by_role("group", name="Photos of the damage").get_by_role("link")).to_have_count(2)
    choose(page, pictures[2])
    page.get_by_role("button", name="Add to the list").click()
    expect(page.get_by_role("group", name="Photos of the damage").get_by_role("link")).to_have_count(3)
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("status")).to_contain_text("This is the number to quote")
    assert len(house.variables(house.task("check"))["claim"]["photos"]) == 3


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_with_files_reads_well_and_fits(
    open_page: Open, house: House, pictures: list[Path], size: dict[str, int], language: str
) -> None:
    """Also where pictures for people to look at come from (PASSERELLE_PICTURES: a folder)."""
    wrong = []
    page = open_page("julie", size=size, script=True, language=language, touch=size is PHONE)
    if language == "fr":
        page.get_by_role("button", name="Français").click()

    def look(name: str) -> None:
        wrong.extend(check(page, f"{name} {size['width']}"))
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
        small = "[...document.querySelectorAll('main button:not(.hidden), main input[type=file]')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 40).length"
        assert page.evaluate(small) == 0, name
        if folder := os.environ.get("PASSERELLE_PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{size['width']}-{language}.png", full_page=True)

    page.goto("/start/holder")
    look("empty")
    for field, value in {"name": "Julie Durand", "plate": "AB-123-CD", "story": "The van behind me did not stop."}.items():
        page.fill(f"[name='claim.{field}']", value)
    page.check("[name='claim.injured'][value=false]")
    page.set_input_files("#f-claim-photos-file", [*pictures, pictures[0]])
    page.click("[name=_upload]")
    look("refused")
    page.set_input_files("#f-claim-photos-file", pictures[:1]) if page.locator("#f-claim-photos-file").count() else None
    page.locator(".deeds button").click()
    look("case")
    fanny = house.claim(house.task(), "fanny")
    page.context.clear_cookies()
    page.goto("/login")
    page.fill("[name=username]", "fanny")
    page.fill("[name=password]", "correct horse battery")
    page.click("main button")
    page.goto(f"/tasks/{fanny.key}")
    look("task")

    assert not wrong, json_text.dumps(wrong)
