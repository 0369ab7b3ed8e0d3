"""The whole product as a test sees it: from outside, over HTTP, with the clock in its hand."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from engine import json_text
from engine.people import Client, Group, Membership, Person
from tests import databases
from tests.servers import Server

Row = dict[str, Any]
Deployable = str | bytes | Path | tuple[str, str | bytes]

PASSWORD = "correct-horse-battery"  # of everybody
SECRET = "worker-secret-of-the-tests"
PEOPLE: Mapping[str, Sequence[str]] = {"admin": ["admin"], "member": ["member"], "operator": ["operator"]}
WORKER = "worker"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the cost is written in the hash: log-ins stay quick here


def furnish(engine: Engine) -> None:
    """An admin, a member, an operator and a worker client in an empty installation."""
    with Session(engine) as session:
        for username, roles in PEOPLE.items():
            session.execute(insert(Person).values(**_person(username, roles)))
        session.execute(insert(Client).values(**_client(WORKER, ["worker"])))
        session.commit()


def _person(username: str, roles: Sequence[str], **more: Any) -> Row:
    return {
        "username": username,
        "name": username.capitalize(),
        "email": f"{username}@example.com",
        "organisation": None,
        "language": "en",
        "password_hash": _CHEAP.hash(PASSWORD),
        "must_change_password": False,
        "active": True,
        "roles": list(roles),
        "created_at": datetime.now(UTC),
    } | more


def _client(client_id: str, roles: Sequence[str]) -> Row:
    return {
        "client_id": client_id,
        "name": client_id.capitalize(),
        "secret_sha256": hashlib.sha256(SECRET.encode()).hexdigest(),
        "roles": list(roles),
        "active": True,
        "created_at": datetime.now(UTC),
    }


class Platform:
    """`api` speaks as `admin` unless told otherwise; the words below it are short forms that expect success."""

    def __init__(self, server: Server, engine: Engine) -> None:
        self.server = server
        self.engine = engine  # for looking only: what a test does, it does over HTTP
        self.url = server.url
        self.database_url = server.database_url
        self._http = httpx.Client(base_url=server.url, timeout=60, trust_env=False)
        self._pinned: datetime | None = None
        self._tokens: dict[str, str] = {}

    def close(self) -> None:
        self._http.close()

    def api(self, method: str, path: str, json: Any = None, *, user: str | None = "admin", **more: Any) -> httpx.Response:
        """Any request. `user`: a user name, "worker" (the client, by token), or None for nobody. Big numbers in `json` stay exact."""
        headers = dict(more.pop("headers", {}))
        if json is not None:
            more["content"] = json_text.dump_bytes(json)
            headers.setdefault("Content-Type", "application/json")
        if user == WORKER:
            headers["Authorization"] = f"Bearer {self._token()}"
        elif user is not None:
            more["auth"] = (user, PASSWORD)
        return self._http.request(method, path, headers=headers, **more)

    def expect(self, method: str, path: str, json: Any = None, *, status: int | None = None, **more: Any) -> Any:
        """The answer's JSON (None where it has none); fails the test where the status is not 2xx, or not `status`."""
        answer = self.api(method, path, json, **more)
        fine = answer.is_success if status is None else answer.status_code == status
        assert fine, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return json_text.loads(answer.content) if answer.content else None

    def deploy(self, *files: Deployable) -> Row:
        """Files by path, or BPMN as text, or (name, content). Returns the deployment as /v2 shows it."""
        parts = [("resources", (*_named(file, number), "application/octet-stream")) for number, file in enumerate(files, 1)]
        answer: Row = self.expect("POST", "/v2/deployments", files=parts)
        return answer

    def start(self, process_id: str, /, *, user: str = "admin", **variables: Any) -> Row:
        """The newest version of a process; returns processInstanceKey and so on."""
        request = {"processDefinitionId": process_id, "variables": variables}
        started: Row = self.expect("POST", "/v2/process-instances", request, user=user)
        return started

    def leases(self, job_type: str, *, seconds: float = 300, max_jobs: int = 100, wait: float = -1, **more: Any) -> list[Row]:
        """Activated jobs, at most `max_jobs`. `wait`: seconds of long polling; -1 does not wait."""
        request = {
            "type": job_type,
            "worker": "test",
            "timeout": round(seconds * 1000),
            "maxJobsToActivate": max_jobs,
            "requestTimeout": -1 if wait < 0 else round(wait * 1000),
            **({"withLease": True} if more.pop("with_lease", False) else {}),
            **more,
        }
        jobs: list[Row] = self.expect("POST", "/v2/jobs/activation", request, user=WORKER)["jobs"]
        return jobs

    def lease(self, job_type: str, **more: Any) -> Row:
        jobs = self.leases(job_type, **({"max_jobs": 1} | more))
        assert jobs, f"Expected a job of type {job_type!r}, found none."
        return jobs[0]

    def complete(self, job: Row | str, variables: Row | None = None, **more: Any) -> httpx.Response:
        """Complete a leased job, or the job of a key."""
        key, token = (job, None) if isinstance(job, str) else (job["jobKey"], job.get("jobLeaseToken"))
        request = {"variables": variables or {}} | ({"jobLeaseToken": token} if token else {})
        return self.api("POST", f"/v2/jobs/{key}/completion", request, user=WORKER, **more)

    def tasks(self, *, user: str = "admin", **filters: Any) -> list[Row]:
        """User tasks that match, e.g. state="CREATED"."""
        found: list[Row] = self.expect("POST", "/v2/user-tasks/search", {"filter": filters, "page": {"limit": 1000}}, user=user)["items"]
        return found

    def complete_task(self, task: Row | str, variables: Row | None = None, *, user: str = "admin") -> httpx.Response:
        key = task if isinstance(task, str) else task["userTaskKey"]
        return self.api("POST", f"/v2/user-tasks/{key}/completion", {"variables": variables or {}}, user=user)

    def instance(self, key: str | Row) -> Row:
        key = key if isinstance(key, str) else key["processInstanceKey"]
        found: Row = self.expect("GET", f"/v2/process-instances/{key}")
        return found

    def variables(self, instance: str | Row) -> Row:
        """Values of an instance's own scope, by name."""
        key = instance if isinstance(instance, str) else instance["processInstanceKey"]
        request = {"filter": {"processInstanceKey": key, "scopeKey": key}, "page": {"limit": 1000}}
        found = self.expect("POST", "/v2/variables/search", request, params={"truncateValues": "false"})["items"]
        return {row["name"]: json_text.loads(row["value"]) for row in found}

    def wait(self, *, seconds: float = 0, **more: float) -> None:
        """Move the clock (as timedelta: seconds, minutes, hours, days); answers when everything due has run."""
        self._pinned = (self._pinned or datetime.now(UTC)) + timedelta(seconds=seconds, **more)
        self.expect("PUT", "/v2/clock", {"timestamp": round(self._pinned.timestamp() * 1000)})

    def add_person(self, username: str, *, roles: Sequence[str] = (), groups: Sequence[str] = (), **more: Any) -> str:
        """An account with everybody's password (PASSWORD), in these groups; returns the user name."""
        with Session(self.engine) as session:
            session.execute(insert(Person).values(**_person(username, roles, **more)))
            for group in groups:
                if session.get(Group, group) is None:
                    session.execute(insert(Group).values(group_id=group, name=group))
                session.execute(insert(Membership).values(group_id=group, username=username))
            session.commit()
        return username

    def add_client(self, client_id: str, *, roles: Sequence[str] = ()) -> str:
        """A program with everybody's secret (SECRET); returns its id."""
        with Session(self.engine) as session:
            session.execute(insert(Client).values(**_client(client_id, roles)))
            session.commit()
        return client_id

    def _token(self) -> str:
        if WORKER not in self._tokens:
            form = {"grant_type": "client_credentials", "client_id": WORKER, "client_secret": SECRET}
            answer = self._http.post("/oauth/token", data=form)
            assert answer.is_success, f"POST /oauth/token: {answer.status_code} {answer.text[:500]}"
            self._tokens[WORKER] = answer.json()["access_token"]
        return self._tokens[WORKER]


def _named(file: Deployable, number: int) -> tuple[str, bytes]:
    if isinstance(file, Path):
        return file.name, file.read_bytes()
    name, content = file if isinstance(file, tuple) else (f"model-{number}.bpmn", file)
    return name, content if isinstance(content, bytes) else content.encode()


def empty_and_furnish(engine: Engine) -> None:
    databases.empty(engine)
    furnish(engine)
