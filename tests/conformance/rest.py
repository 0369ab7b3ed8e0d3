"""A server as an adapter uses it: /v2 over HTTP with one person's rights, and the pinned clock."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx


class Refused(Exception):
    """The server answered with an error; the message is its detail."""


class Rest:
    def __init__(self, base_url: str, auth: tuple[str, str]) -> None:
        address = base_url.rstrip("/").removesuffix("/v2")
        self._http = httpx.Client(base_url=f"{address}/v2", auth=auth, timeout=30, trust_env=False)
        self.now = datetime.now(UTC)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self._http.request(method, path, json=body, **more) if body is not None else self._http.request(method, path, **more)
        if answer.status_code >= 500:
            raise AssertionError(f"{method} {path}: {answer.status_code}")  # whatever a model says, never this
        if not answer.is_success:
            raise Refused(f"{answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def search(self, what: str, **filters: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("POST", f"/{what}/search", {"filter": filters, "page": {"limit": 1000}})["items"]
        return found

    def deploy(self, files: list[tuple[str, bytes]]) -> list[str]:
        """Deploys together; the process ids."""
        parts = [("resources", (name, content, "application/xml")) for name, content in files]
        deployed = self.call("POST", "/deployments", files=parts)["deployments"]
        return [row["processDefinition"]["processDefinitionId"] for row in deployed if row.get("processDefinition")]

    def start(self, process_id: str, variables: dict[str, Any]) -> str:
        key: str = self.call("POST", "/process-instances", {"processDefinitionId": process_id, "variables": variables})[
            "processInstanceKey"
        ]
        return key

    def release_clock(self) -> None:
        """Time runs again; the first move starts from then."""
        self.call("POST", "/clock/reset")
        self.now = datetime.now(UTC)

    def stop_clock(self) -> None:
        self.release_clock()
        self.move_clock(0)

    def move_clock(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.call("PUT", "/clock", {"timestamp": round(self.now.timestamp() * 1000)})

    def variables(self, **filters: Any) -> dict[str, Any]:
        """By name; of several scopes the instance's own value."""
        request = {"filter": filters, "page": {"limit": 1000}}
        rows = self.call("POST", "/variables/search", request, params={"truncateValues": "false"})["items"]
        rows.sort(key=lambda row: row["scopeKey"] == row["processInstanceKey"])
        return {row["name"]: json.loads(row["value"]) for row in rows}
