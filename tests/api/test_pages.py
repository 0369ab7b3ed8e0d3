"""Every address of the installation, from its own map: what it answers runs nothing inline, in no frame, and says so in its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html

from api.app import create_app
from api.settings import from_environment
from engine import database, migrations
from tests.platforms import PASSWORD, furnish

TEMPLATES = Path(__file__).parents[2] / "portal" / "templates"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Logged in as an administrator, before the whole application."""
    folder = tmp_path_factory.mktemp("pages")
    app = create_app(from_environment({"PASSERELLE_VAR": str(folder), "PASSERELLE_DATABASE_URL": f"sqlite:///{folder}/cases.db"}))
    here = app.extensions["engine"]
    migrations.upgrade(here)
    furnish(here)
    client = app.test_client()
    token = html.fromstring(client.get("/login").data).xpath("//input[@name='_csrf']/@value")[0]
    assert client.post("/login", data={"username": "admin", "password": PASSWORD, "_csrf": token}).status_code == 303
    yield client
    database.let_go(here)


def _addresses(client: FlaskClient) -> list[str]:
    """Of everything that can be opened, with something in the place of each key and name; and what is below a trial's door."""
    rules = [str(rule) for rule in client.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return [re.sub(r"<[^>]+>", "1", rule) for rule in rules] + ["/trials/1/", "/trials/1/enter/x", "/trials/1/v2/topology", "/nowhere"]


def test_no_address_answers_without_its_walls(browser: FlaskClient) -> None:
    addresses = _addresses(browser)
    pages = 0
    for address in addresses:
        answer = browser.get(address)
        policy = dict((rule.strip() + " ").split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split(";") if rule.strip())
        runs = policy.get("script-src", policy.get("default-src", ""))

        assert policy["frame-ancestors"].strip() in ("'none'", "'self'"), address
        assert policy["default-src"].strip() == "'none'", address
        assert "unsafe" not in runs and "data:" not in runs and "*" not in runs, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin"), address
        if answer.mimetype == "text/html" and answer.data:
            pages += 1
            _runs_nothing_inline(answer.text, address)
    assert len(addresses) > 90
    assert pages > 10


def _runs_nothing_inline(text: str, address: str) -> None:
    tree = html.document_fromstring(text)
    assert not tree.xpath("//script[not(@src)]"), address
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")], address
    assert not [link for link in tree.xpath("//@href | //@src | //@action") if link.strip().lower().startswith("javascript:")], address


def test_no_template_has_anything_inline() -> None:
    files = [*TEMPLATES.rglob("*.html")]
    for file in files:
        text = re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL)

        assert not re.search(r"<script(?![^>]*\ssrc=)", text), file
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), file
        assert "|safe" not in re.sub(r"\s", "", text), file
    assert len(files) > 20
