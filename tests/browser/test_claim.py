"""The demo as its first user tries it: a customer and a garage without accounts, three people of the insurer, one worker, in a real browser."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from engine import calendars
from tests import databases
from tests.browser.conftest import DESK, PHONE
from tests.servers import Server

DATABASES = databases.KINDS  # the whole way, on both
ROOT = Path(__file__).parents[2]
CAST = json.loads((ROOT / "processes/claim/people.json").read_text())
PEOPLE = {p["username"]: p for p in CAST["people"]}
FILES = ROOT / "processes/claim/files"
PLATE = "BH-771-QT"
ALMA = "Alma Roussel"


@pytest.fixture
def demo(database_kind: str, tmp_path: Path) -> Iterator[Server]:
    """`passerelle demo` in an empty installation, a server on it, and the claim's worker beside it."""
    url = databases.create(database_kind, tmp_path)
    server = Server(tmp_path, url)
    for command in ("migrate", "demo"):
        subprocess.run([sys.executable, "-m", "api.cli", command], env=dict(server.environment()), check=True, cwd=ROOT, capture_output=True)
    server.start()
    worker = subprocess.Popen(
        [sys.executable, str(ROOT / "processes/claim/worker.py")],
        env=os.environ | {"CAMUNDA_REST_ADDRESS": server.url},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    yield server
    worker.terminate()
    worker.wait()
    server.stop()
    databases.drop(url)


DONE = re.compile("^Done|^Terminer")
Person = Window = Callable[..., Page]


@pytest.fixture
def window(chromium: Browser, demo: Server) -> Iterator[Window]:
    """A browser of somebody's own, without JavaScript: the portal needs none."""
    contexts = []

    def open_one(size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(base_url=demo.url, viewport=size, java_script_enabled=False, locale="en")
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def person(window: Window) -> Person:
    def log_in(username: str, size: dict[str, int] = DESK) -> Page:
        page = window(size)
        page.goto("/login")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PEOPLE[username]["password"])
        page.click("main button")
        return page

    return log_in


def open_mail(page: Page, address: str, way: str) -> None:
    """Follow the link in the newest mail to an address, as it is shown on this machine."""
    page.goto("/mails")
    page.locator("a.row-link", has_text=address).first.click()
    page.frame_locator("iframe").locator(f"a[href*='{way}']").first.click()


def take(page: Page, name: str) -> None:
    """The task of that name of this test's own claim, among those of the demo."""
    page.goto("/?box=groups")
    row = page.get_by_role("listitem").filter(has_text=PLATE).filter(has_text=name)
    row.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def answer(page: Page, **answers: str) -> None:
    for label, value in answers.items():
        field = page.get_by_label(label.replace("_", " "))
        field.fill(value)


def pass_on(page: Page) -> None:
    page.get_by_role("button", name=DONE).click()
    expect(page.get_by_role("status")).to_be_visible()


def answer_when_asked(page: Page, label: str, value: str) -> None:
    """A question that depends on an answer: without JavaScript it comes when that answer was sent."""
    if not page.get_by_label(label).is_visible():
        page.get_by_role("button", name=DONE).click()
    page.get_by_label(label).fill(value)


def report(page: Page) -> None:
    """From the log-in page, which says where one goes without an account, to the page that the case can be followed on."""
    page.goto("/")
    page.get_by_role("link", name="Report a motor claim").click()
    answer(page, Your_name=ALMA, Telephone="+33 6 12 34 56 78", Policy_number="MP-204711", Number_plate=PLATE, Place="Lyon")
    page.get_by_label("What happened, and what is damaged?").fill("Another car hit mine from behind at the traffic light.")
    page.get_by_label("What will the repair cost, roughly?").fill("1800")
    page.locator("input[type=date]").fill("2026-01-03")
    page.locator("input[type=file]:not([capture])").set_input_files(FILES / "rear.jpg")
    page.get_by_label("Your e-mail address").fill("alma@roussel.example")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Now look into your mailbox")
    open_mail(page, "alma@roussel.example", "/p/")
    expect(page.get_by_role("main")).to_contain_text("rear.jpg")
    page.get_by_role("button", name="Yes, send it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your case")


def test_a_claim_is_reported_checked_estimated_paid_and_read_across_three_companies(person: Person, window: Window, demo: Server) -> None:
    alma = window(PHONE)
    report(alma)
    followed = alma.url.partition("?")[0]
    expect(alma.get_by_role("main")).to_contain_text("Meridian Insurance has to act")

    sophie = person("sophie")
    take(sophie, "Check the cover")
    expect(sophie.get_by_role("main")).to_contain_text(PLATE)
    expect(sophie.get_by_role("main")).to_contain_text("rear.jpg")
    sophie.get_by_role("radio").first.check()
    answer_when_asked(sophie, "Deductible", "300")
    pass_on(sophie)

    marc = person("marc")
    take(marc, "Choose how to assess")
    marc.get_by_label("A garage estimates the repair").check()
    answer_when_asked(marc, "What shall the garage look at?", "The bumper and the boot.")
    marc.get_by_role("group", name="Who gets it?").get_by_label("Benali Motors").check()
    pass_on(marc)

    lea = person("lea")
    lea.goto("/?box=groups")
    expect(lea.get_by_role("main")).not_to_contain_text(PLATE)
    karim = person("karim")
    karim.goto("/?box=groups")
    expect(karim.get_by_role("main")).not_to_contain_text("Check the cover")
    alma.goto(followed)
    expect(alma.get_by_role("main")).to_contain_text("Garage has to act")
    expect(alma.get_by_role("main")).not_to_contain_text("Benali")

    garage = window(PHONE)
    open_mail(garage, "karim@benali.example", "/l/")
    expect(garage.get_by_role("main")).to_contain_text("rear.jpg")
    for field, value in {"labour": "640", "parts": "910", "repairDays": "3"}.items():
        garage.locator(f"[name='{field}']").fill(value)
    garage.locator("input[type=file]:not([capture])").set_input_files(FILES / "estimate.pdf")
    garage.locator(".questions .deeds button").first.click()
    expect(garage.get_by_role("heading", level=1)).to_have_text("Merci, c’est envoyé")

    take(marc, "Decide on the claim")
    expect(marc.get_by_role("main")).to_contain_text("estimate.pdf")
    marc.get_by_role("radio").first.check()
    answer_when_asked(marc, "Reason", "Covered; the estimate is plausible.")
    marc.get_by_role("button", name=DONE).click()  # only now, approved, is there an amount to ask for
    expect(marc.get_by_label("Amount to pay out")).to_have_value("1250")
    pass_on(marc)

    # accounting books by itself; then the decision is there
    for _ in range(120):
        alma.goto(followed)
        if alma.get_by_text("Read the decision").count():
            break
        alma.wait_for_timeout(250)
    alma.get_by_role("link", name="Do it now").click()
    expect(alma.get_by_role("heading", level=1)).to_have_text("Read the decision")
    expect(alma.get_by_role("main")).to_contain_text("1250")
    expect(alma.get_by_role("main")).to_contain_text("PAY-")
    alma.get_by_role("checkbox").first.check()
    alma.locator(".questions .deeds button").first.click()

    later = window()  # on another device: by the link of the mail, which stays good
    open_mail(later, "Follow your case", "/l/")
    expect(later.get_by_role("main")).to_contain_text("This case is closed")
    later.get_by_label("No", exact=True).check()
    later.get_by_label("why not").fill("I waited for the garage.")
    later.get_by_role("button", name="Send").click()
    expect(later.get_by_role("status")).to_contain_text("Thank you")
    expect_handoffs(demo)
    expect_verdict(demo)


def expect_verdict(demo: Server) -> None:
    """What the customer said stands in the insights, beside what those of the demo said."""
    asked = httpx.post(f"{demo.url}/passerelle/v1/insights/handoffs", json={"groupBy": []}, auth=("ada", PEOPLE["ada"]["password"]))
    (verdict,) = asked.raise_for_status().json()["feedback"]
    assert (verdict["processDefinitionId"], verdict["count"], verdict["worked"]) == ("claim", 6, 3)
    assert verdict["reasons"][0] == "I waited for the garage."


def expect_handoffs(demo: Server) -> None:
    """Between the right parties, in their order, each in time, by the clock of whoever received it."""
    about = {"sort": [{"field": "handoffKey"}], "page": {"limit": 1000}}
    asked = httpx.post(f"{demo.url}/passerelle/v1/handoffs/search", json=about, auth=("ada", PEOPLE["ada"]["password"]))
    found = [handoff for handoff in asked.raise_for_status().json()["items"] if handoff["caseTitle"] == f"{PLATE} · {ALMA}"]

    assert [(h["fromPartyName"], h["fromSide"], h["toPartyName"], h["toSide"], h["path"], h["kind"]) for h in found] == [
        (ALMA, "Policy holder", "Meridian Insurance", "Front desk", ["reportFlow"], "customer"),
        ("Meridian Insurance", "Front desk", "Meridian Insurance", "Adjusters", ["toCovered", "isCovered"], "internal"),
        ("Meridian Insurance", "Adjusters", "Benali Motors", "Garage", ["orderFlow"], "partner"),
        ("Benali Motors", "Garage", "Meridian Insurance", "Adjusters", ["estimateFlow"], "partner"),
        ("Meridian Insurance", "Adjusters", "Meridian Insurance", "Front desk", ["toApprovalSent"], "internal"),
        ("Meridian Insurance", "Front desk", ALMA, "Policy holder", ["approvalFlow"], "customer"),
    ]
    for handoff in found:
        assert (handoff["state"], handoff["round"], handoff["acceptLate"], handoff["completeLate"]) == ("COMPLETED", 1, False, False)
        assert handoff["offeredDate"] <= handoff["endDate"]
    report, _, order, estimate, _, decision = found
    benali = next(party for party in CAST["parties"] if party["party_id"] == "benali")
    for handoff, date, duration, calendar, receiver in (
        (report, "offeredDate", "PT8H", "working", CAST["host"]),
        (report, "acceptedDate", "P3D", "working", CAST["host"]),
        (order, "offeredDate", "PT4H", "working", benali),
        (order, "acceptedDate", "P2D", "working", benali),
        (estimate, "offeredDate", "PT8H", "working", CAST["host"]),
        (decision, "offeredDate", "P14D", "always", CAST["host"]),  # where a new customer lives, until somebody says otherwise
    ):
        place = SimpleNamespace(**{"timetable": None} | receiver)
        due = handoff["acceptDueDate" if date == "offeredDate" else "completeDueDate"]
        assert due is not None
        expected = calendars.moments(datetime.fromisoformat(handoff[date]), duration, calendar, place).due_at
        assert abs(datetime.fromisoformat(due) - expected) < timedelta(seconds=1), (handoff["path"], date)


def test_outsiders_see_nothing_of_the_others(person: Person, demo: Server) -> None:
    for username in ("claire", "karim"):
        asked = httpx.post(f"{demo.url}/v2/user-tasks/search", json={}, auth=(username, PEOPLE[username]["password"]))
        assert asked.status_code == 403
    page = person("karim")
    assert page.goto("/people").status == 403
    assert page.goto("/start/claim").status in (403, 404)
