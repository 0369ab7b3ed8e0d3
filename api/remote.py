"""A running server as the command line sees it: over HTTP, with answers in sentences."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import httpx

from engine import json_text

_MODELS = (".bpmn", ".form", ".dmn")
_WHERE = "Start one with `passerelle serve`, or say where it is with --server or PASSERELLE_URL."
_AGAIN = "Look whether it took effect before you try again."
_ABOUT_WHO = {
    401: "The user name or the password is wrong (tried as {user!r}).",
    403: "{user!r} may not do this. An administrator gives roles on the page People.",
}


class Remote:
    """Raises click.ClickException with one sentence for everything that goes wrong."""

    def __init__(self, address: str, user: str | None, password: str | None) -> None:
        if not user or password is None:
            raise click.UsageError("Say who you are: --user and --password, or PASSERELLE_USER and PASSERELLE_PASSWORD.")
        self._address = address.rstrip("/").removesuffix("/v2")
        self._user = user
        self._http = httpx.Client(auth=(user, password), timeout=60, trust_env=False)

    def deploy(self, files: Sequence[Path]) -> Iterator[str]:
        parts = [("resources", (file.name, file.read_bytes(), "application/octet-stream")) for file in _all_models(files)]
        answer = self._call("POST", "/deployments", files=parts)
        for deployed in answer.get("deployments", []):
            process, form = deployed.get("processDefinition"), deployed.get("form")
            if process:
                version = process["processDefinitionVersion"]
                yield f"Process {process['processDefinitionId']}, version {version}, of {process['resourceName']}"
            if form:
                yield f"Form {form['formId']}, version {form['version']}, of {form['resourceName']}"

    def start(self, process_id: str, variables: dict[str, Any]) -> str:
        answer = self._call("POST", "/process-instances", {"processDefinitionId": process_id, "variables": variables})
        return f"Instance {answer['processInstanceKey']} of {process_id}, version {answer['processDefinitionVersion']}"

    def tasks(self, *, everything: bool) -> list[list[str]]:
        request = {"filter": {} if everything else {"state": "CREATED"}, "page": {"limit": 200}}
        rows = self._call("POST", "/user-tasks/search", request)["items"]
        return [
            [
                row["userTaskKey"],
                row.get("name") or row["elementId"],
                row["state"],
                row.get("assignee") or ", ".join(row.get("candidateGroups") or row.get("candidateUsers") or []),
                row["processDefinitionId"],
            ]
            for row in rows
        ]

    def complete(self, task_key: str, variables: dict[str, Any]) -> None:
        self._call("POST", f"/user-tasks/{task_key}/completion", {"variables": variables})

    def _call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        # once, even if the answer gets lost on its way and we are called again
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        if body is not None:
            more["content"] = json_text.dump_bytes(body)
            headers["Content-Type"] = "application/json"
        try:
            answer = self._http.request(method, f"{self._address}/v2{path}", headers=headers, **more)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise click.ClickException(f"--server: expected an address like http://127.0.0.1:8080, found {self._address!r}.") from error
        except httpx.ConnectError as error:
            raise click.ClickException(f"Expected a Passerelle server on {self._address}, found none. {_WHERE}") from error
        except httpx.HTTPError as error:
            raise click.ClickException(f"The server on {self._address} did not answer ({type(error).__name__}). {_AGAIN}") from error
        if not answer.is_success:
            raise click.ClickException(_ABOUT_WHO.get(answer.status_code, "").format(user=self._user) or _told(answer))
        return json_text.loads(answer.content) if answer.content else None


def read_variables(text: str | None, pairs: Sequence[str]) -> dict[str, Any]:
    """Variables from a JSON object (or @file) and name=value pairs; a value that is not JSON is text."""
    variables = _object(text) if text else {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"Expected NAME=VALUE, found {pair!r}.")
        try:
            variables[name] = json_text.loads(value)
        except json_text.NotJson:
            variables[name] = value
    return variables


def _object(text: str) -> dict[str, Any]:
    try:
        found = json_text.loads(Path(text[1:]).read_bytes() if text.startswith("@") else text)
    except OSError as error:
        raise click.BadParameter(f"Expected a file with JSON, found {text[1:]!r} ({error.strerror}).") from error
    except json_text.NotJson as error:
        raise click.BadParameter(f"Expected JSON: {error}") from error
    if not isinstance(found, dict):
        raise click.BadParameter('Expected a JSON object such as {"amount": 100}.')
    return found


def _all_models(files: Sequence[Path]) -> Iterator[Path]:
    for file in files:
        if not file.is_dir():
            yield file
            continue
        inside = sorted(found for found in file.iterdir() if found.suffix in _MODELS)
        if not inside:
            raise click.ClickException(f"Expected models (*.bpmn, *.form) in {file}, found none.")
        yield from inside


def _told(answer: httpx.Response) -> str:
    try:
        problem = json_text.loads(answer.content)
    except json_text.NotJson:
        problem = None
    if not isinstance(problem, dict):
        return f"The server answered {answer.status_code}."
    told = problem.get("detail") or f"{problem.get('title') or answer.reason_phrase} ({answer.status_code})"
    found = problem.get("problems") or []
    if not found:
        return str(told)
    return "\n".join([f"{len(found)} {'problem' if len(found) == 1 else 'problems'}; nothing was deployed.", *map(_problem, found)])


def _problem(found: dict[str, Any]) -> str:
    where = ", ".join(str(found[name]) for name in ("file", "elementId", "elementName") if found.get(name))
    return f"  {where}: {found.get('message', '')}"
