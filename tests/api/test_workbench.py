"""The workbench's door: who may open it, and what its cookie authorises."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api import workbench
from tests.servers import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("workbench")
    found = Server(folder, f"sqlite:///{folder}/cases.db")
    found.tool("migrate")
    for name, role in (("mona", "modeller"), ("mem", "member"), ("adam", "admin")):
        found.tool("people", "add", name, "--name", name.title(), "--role", role, "--password", f"{name}-long-password")
    found.start()
    yield found
    found.stop()


@contextlib.contextmanager
def _logged_in(server: Server, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, follow_redirects=False) as client:
        token = re.search(r'name="_csrf" value="([0-9a-f]+)"', client.get("/login").text)
        assert token
        answer = client.post("/login", data={"username": name, "password": f"{name}-long-password", "_csrf": token[1]})
        assert answer.status_code == 303
        yield client


def test_without_log_in_the_page_leads_there_and_back(server: Server) -> None:
    answer = httpx.get(f"{server.url}/workbench/drafts/12")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?back=/workbench/drafts/12")
    assert httpx.get(f"{server.url}/workbench/session").status_code == 401
    odd = httpx.get(f"{server.url}/workbench/a%26back=//evil.example%23?b=1&c=2")
    assert odd.headers["Location"] == "/login?back=/workbench/a%26back%3D//evil.example%23%3Fb%3D1%26c%3D2"


def test_members_have_no_workbench(server: Server) -> None:
    with _logged_in(server, "mem") as member:
        assert member.get("/workbench/").status_code == 403
        assert member.get("/workbench/session").status_code == 403


def test_the_cookie_alone_authorises_nothing(server: Server) -> None:
    with _logged_in(server, "mona") as mona:
        token = mona.get("/workbench/session").json()["csrf"]

        assert mona.get("/passerelle/v1/parties/1").status_code == 401
        assert mona.post("/v2/process-definitions/search", json={}).status_code == 401
        assert mona.post("/v2/process-definitions/search", json={}, headers={"X-CSRF-Token": "0" * 64}).status_code == 401
        assert mona.post("/v2/process-definitions/search", json={}, headers={"X-CSRF-Token": token}).status_code == 200


def test_the_token_of_one_log_in_opens_no_other(server: Server) -> None:
    with _logged_in(server, "mona") as mona, _logged_in(server, "adam") as adam:
        foreign = mona.get("/workbench/session").json()["csrf"]

        assert adam.post("/v2/process-definitions/search", json={}, headers={"X-CSRF-Token": foreign}).status_code == 401
        nobody = httpx.post(f"{server.url}/v2/process-definitions/search", json={}, headers={"X-CSRF-Token": foreign})
        assert nobody.status_code == 401


@pytest.mark.parametrize("path", ["/workbench/assets/../index.html", "/workbench/assets/%2e%2e/%2e%2e/%2e%2e/setup.cfg", "/workbench/assets/no.js"])
def test_only_built_files_are_given(server: Server, path: str) -> None:
    answer = httpx.get(f"{server.url}{path}")

    assert answer.status_code in (303, 404)
    assert "install_requires" not in answer.text


def test_the_page_runs_nothing_that_stands_in_it(server: Server) -> None:
    with _logged_in(server, "mona") as mona:
        page = mona.get("/workbench/")

    policy = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert not re.search(r"<script(?![^>]* src=)[^>]*>", page.text)


def test_files_are_small_on_the_way_and_kept_for_good(server: Server) -> None:
    script = next((Path(workbench.BUILT) / "assets").glob("index-*.js")).name
    answer = httpx.get(f"{server.url}/workbench/assets/{script}", headers={"Accept-Encoding": "br"})

    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
