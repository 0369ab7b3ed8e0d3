"""The portal as part of the whole: behind the real server, beside the API."""

import os
from collections.abc import Iterator

import httpx
import pytest
from lxml import html

from engine import json_text
from tests import samples
from tests.api import models
from tests.platforms import Platform
from tests.portal.reception import TWO_POOLS


def test_the_server_shows_the_portal_to_people_and_leaves_the_api_its_answers(platform: Platform) -> None:
    page = httpx.get(platform.url + "/", trust_env=False)
    api = httpx.get(platform.url + "/v2/nothing-here", trust_env=False)

    assert page.status_code == 401
    assert "<h1>Log in</h1>" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert api.headers["Content-Type"].startswith("application/problem+json")


def test_people_log_in_at_the_real_door(platform: Platform) -> None:
    with httpx.Client(base_url=platform.url, trust_env=False, follow_redirects=True) as browser:
        token = browser.get("/login").text.partition('name="_csrf" value="')[2].partition('"')[0]
        page = browser.post("/login", data={"_csrf": token, "username": "member", "password": "correct-horse-battery", "back": "/"})

    assert page.status_code == 200
    assert '<h1 class="page-title">Inbox</h1>' in page.text


@pytest.fixture
def member(platform: Platform) -> Iterator[httpx.Client]:
    """A browser in which the member is logged in."""
    with httpx.Client(base_url=platform.url, trust_env=False, follow_redirects=True, timeout=60) as browser:
        token = browser.get("/login").text.partition('name="_csrf" value="')[2].partition('"')[0]
        browser.post("/login", data={"_csrf": token, "username": "member", "password": "correct-horse-battery", "back": "/"})
        yield browser


PICKER = {"type": "filepicker", "key": "photos", "label": "Photos", "multiple": True, "validate": {"required": True}}
WITH_FORM = '<extensionElements><zeebe:formDefinition formId="ask"/></extensionElements>'


def test_files_of_any_allowed_size_go_through_the_real_server_and_larger_ones_are_named(platform: Platform, member: httpx.Client) -> None:
    form = json_text.dump_bytes({"id": "ask", "type": "default", "components": [PICKER]})
    platform.deploy(models.process("report", models.user_task("look", assignee="member"), start=WITH_FORM), ("ask.form", form))
    page = member.get("/start/report").text
    hidden = [(name, page.partition(f'name="{name}" value="')[2].partition('"')[0]) for name in ("_csrf", "_once", "_whose", "_asked")]
    large = [samples.jpeg(more=os.urandom(14 << 20)), samples.jpeg(more=os.urandom(15 << 20))]
    parts = [("photos", (f"{number}.jpg", content, "image/jpeg")) for number, content in enumerate(large)]
    refused = member.post("/start/report", data=dict(hidden), files=parts)

    assert refused.status_code == 422
    assert "“1.jpg” was not added: it is larger than 15 MB." in refused.text
    key = refused.text.partition('name="photos" value="')[2].partition('"')[0]
    assert member.get(f"/documents/{key}").content == large[0]
    done = member.post("/start/report", data=dict(hidden) | {"photos": key})
    assert "Started as case" in done.text
    (variable,) = platform.expect("POST", "/v2/variables/search", {"filter": {"name": "photos"}})["items"]
    assert json_text.loads(variable["value"])[0]["documentId"] == key


def test_who_is_not_logged_in_cannot_even_send_a_large_request(platform: Platform) -> None:
    large = {"photos": ("a.jpg", bytes(2 << 20), "image/jpeg")}

    assert httpx.post(f"{platform.url}/start/report", data={"_csrf": ""}, files=large, trust_env=False).status_code == 413


WISH = {"id": "wish", "type": "default", "components": [{"type": "textfield", "key": "book", "label": "Which book?", "validate": {"required": True}}]}


def _send(browser: httpx.Client, page: httpx.Response, **typed: str) -> httpx.Response:
    """Fill in the form of a page and press its button."""
    form = html.document_fromstring(page.text).xpath("//main//form[@method='post']")[0]
    return browser.post(form.get("action"), data=dict(form.form_values()) | typed)


def _mailed(browser: httpx.Client, subject: str) -> str:
    """The way that stands in the newest mail of this subject."""
    page = html.document_fromstring(browser.get("/mails").text)
    (mail, *_older) = [link.get("href") for link in page.xpath("//main//a") if subject in link.text_content()]
    return str(html.document_fromstring(browser.get(f"{mail}/as-sent").text).xpath("//a[contains(@href, '/p/') or contains(@href, '/l/')]/@href")[0])


def test_somebody_without_an_account_starts_follows_and_judges_a_case(platform: Platform) -> None:
    platform.deploy(TWO_POOLS, ("wish.form", json_text.dump_bytes(WISH)))
    with httpx.Client(base_url=platform.url, trust_env=False, follow_redirects=True) as browser:
        sent = _send(browser, browser.get("/public/ask"), book="Middlemarch", _your_name="Mary Ann", _your_address="mary@ann.example")
        assert "Now look into your mailbox" in sent.text
        assert platform.expect("POST", "/passerelle/v1/cases/search", {})["items"] == []
        started = _send(browser, browser.get(_mailed(browser, "Confirm your e-mail address")))
        assert "We look for it" in started.text
        (case,) = platform.expect("POST", "/passerelle/v1/cases/search", {})["items"]
        (task,) = platform.expect("POST", "/v2/user-tasks/search", {})["items"]
        platform.expect("POST", f"/v2/user-tasks/{task['userTaskKey']}/completion", {}, user="member")
        over = browser.get(_mailed(browser, "Follow your case"))
        assert "This case is closed" in over.text
        _send(browser, over, worked="no", reason="It was the wrong book.")

    judged = platform.expect("POST", "/passerelle/v1/insights/handoffs", {"groupBy": []})["feedback"]
    assert judged == [{"processDefinitionId": "ask", "count": 1, "worked": 0, "share": 0, "reasons": ["It was the wrong book."]}]
    (given,) = platform.expect("GET", f"/passerelle/v1/insights/cases/{case['caseKey']}")["feedback"]
    assert (given["worked"], given["reason"]) == (False, "It was the wrong book.")
