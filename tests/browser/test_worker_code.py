"""The ready programs that the workbench offers run as they are printed, against the real server."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api import models
from tests.browser.conftest import DESK
from tests.platforms import PASSWORD, Platform

JOB_TYPE = "book 'the' \"repair\" now"  # as nasty as a type may be
HOW = {"Python": [sys.executable, "-c"], "JavaScript": ["node", "--input-type=module", "-e"], "curl": ["bash", "-euo", "pipefail", "-c"]}


@pytest.fixture
def operator(chromium: Browser, platform: Platform) -> Iterator[Page]:
    context = chromium.new_context(base_url=platform.url, viewport=DESK, locale="en", permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/login?back=/workbench/instances")
    page.fill("[name=username]", "operator")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    yield page
    context.close()


def _copied(page: Page, language: str) -> str:
    page.goto("/workbench/instances")
    page.get_by_role("button", name="Ready program…").click()
    page.get_by_role("dialog").get_by_role("button", name=language, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def _client(platform: Platform) -> str:
    """`passerelle clients add my-worker`: the secret that it prints."""
    environment = {"PASSERELLE_DATABASE_URL": platform.database_url, "PASSERELLE_VAR": str(platform.server.folder), "PYTHONPATH": "."}
    words = [sys.executable, "-m", "api.cli", "clients", "add", "my-worker"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment, timeout=60)
    return next(word for word in done.stdout.replace("\n", " ").split() if len(word) > 30)


@pytest.mark.parametrize("language", list(HOW))
def test_the_copied_program_does_the_work(platform: Platform, operator: Page, tmp_path: Path, language: str) -> None:
    if shutil.which(HOW[language][0]) is None:
        pytest.fail(f"Expected {HOW[language][0]} to try the program with, found none.")
    quoted = JOB_TYPE.replace('"', "&quot;")
    platform.deploy(("repair.bpmn", models.process("repair", models.service_task("book", "TYPE").replace("TYPE", quoted))))
    started = platform.start("repair", plate="AB")
    code = _copied(operator, language).replace("…", _client(platform))
    running = subprocess.Popen([*HOW[language], code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=tmp_path)
    try:
        until = time.monotonic() + 20
        while platform.instance(started)["state"] == "ACTIVE" and time.monotonic() < until and running.poll() in (None, 0):
            time.sleep(0.2)
    finally:
        running.kill()
    said = running.communicate()[0].decode()

    assert platform.instance(started)["state"] == "COMPLETED", said
