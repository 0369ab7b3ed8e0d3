"""A real browser before the house: Chromium of the system, without a window."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine

from tests.portal.house import PASSWORD, Doors, House

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
expect.set_options(timeout=15_000)  # a machine with other work; what must be quick is measured, or says so
PHONE = {"width": 375, "height": 800}
DESK = {"width": 1440, "height": 900}


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A page is the same before both databases, and what it asks is tested on both in tests/api, portal and engine: here each file takes
    one, SQLite unless its DATABASES say another or both."""
    told = any("database_kind" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "database_kind" in metafunc.fixturenames and not told:
        kinds = getattr(metafunc.module, "DATABASES", ("sqlite",))
        metafunc.definition.add_marker(pytest.mark.parametrize("database_kind", kinds, indirect=True, scope="session"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("PASSERELLE_TEST_CHROMIUM") or shutil.which("chromium")
    assert path, "Expected a Chromium (apt install chromium), found none."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-background-networking"])
        yield browser
        browser.close()


@pytest.fixture
def house(database: Engine) -> House:
    house = House(database)
    house.deploy()
    return house


@pytest.fixture
def url(house: House) -> Iterator[str]:
    with Doors(house) as url:
        yield url


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, url: str) -> Iterator[Open]:
    """A fresh browser window on the portal, logged in as `username`. Fails the test for anything the page complains of."""
    complaints: list[str] = []
    contexts = []

    def open_one(
        username: str | None = None,
        *,
        size: dict[str, int] = DESK,
        language: str = "en",
        script: bool = False,
        dark: bool = False,
        touch: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=url,
            viewport=size,
            locale=language,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/login")
        if username is not None:
            log_in(page, username)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


def log_in(page: Page, username: str) -> None:
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
