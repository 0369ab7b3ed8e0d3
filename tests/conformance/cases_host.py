"""The 60 cases of two engines' suites, over HTTP: the methods that run_cases.py asks a host for."""

import uuid
from pathlib import Path
from typing import Any

from tests.conformance.models import CORRELATION, translated
from tests.conformance.rest import Rest

_STEPS = (1, 60, 3600, 86400, 86400 * 40, 86400 * 400, 86400 * 4000)  # seconds: far enough for any of their timers


class RestHost:
    """One run of one case. `auth`: user name and password of somebody with the role admin."""

    def __init__(self, base_url: str, auth: tuple[str, str]) -> None:
        self._rest = Rest(base_url, auth)
        self._suffix = f"_{uuid.uuid4().hex[:8]}"  # no signal, message or process of another case can meddle
        self._processes: list[str] = []
        self._rest.release_clock()  # another case may have left it years ahead

    def deploy(self, files: list[Path]) -> None:
        models = [(Path(file).name.removesuffix(".xml"), translated(Path(file), self._suffix)) for file in files]
        self._processes += self._rest.deploy([(name if name.endswith(".bpmn") else f"{name}.bpmn", model) for name, model in models])

    def start(self, key: str, variables: dict[str, Any]) -> str:
        return self._rest.start(key + self._suffix, variables)

    def start_by_message(self, name: str, variables: dict[str, Any]) -> str:
        return str(self._correlate(name, variables)["processInstanceKey"])

    def message(self, name: str, variables: dict[str, Any] | None = None) -> None:
        self._correlate(name, variables or {})

    def signal(self, name: str) -> None:
        self._rest.call("POST", "/signals/broadcast", {"signalName": name + self._suffix, "variables": {}})

    def tasks(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        found = [
            {"id": row["userTaskKey"], "name": row["name"], "key": row["elementId"]}
            for row in self._rest.search("user-tasks", state="CREATED", processDefinitionId={"$in": self._processes})
        ]
        found = [task for task in found if all(task[name] == value for name, value in wanted.items() if name in ("name", "key"))]
        return sorted(found, key=lambda task: task["name"] or "") if wanted.get("order") == "name" else found

    def complete(self, task: dict[str, Any], variables: dict[str, Any]) -> None:
        self._rest.call("POST", f"/user-tasks/{task['id']}/completion", {"variables": variables})

    def ended(self, instance: str) -> bool:
        return bool(self._rest.call("GET", f"/process-instances/{instance}")["state"] != "ACTIVE")

    def instances(self) -> int:
        # a called process is part of its caller in their count of running instances too
        return len(self._rest.search("process-instances", state="ACTIVE", processDefinitionId={"$in": self._processes}))

    def var(self, instance: str, name: str) -> Any:
        return self._rest.variables(processInstanceKey=instance, name=name).get(name)

    def fire_timer(self) -> None:
        for seconds in _STEPS:
            before = self._state()
            self._rest.move_clock(seconds)
            if self._state() != before:
                return

    def trigger(self, activity: str | None) -> None:
        """A receive task is triggered by its message; one without a message cannot be deployed here."""
        raise RuntimeError(f"nothing to trigger at {activity}")

    def _state(self) -> list[tuple[str, str]]:
        rows = self._rest.search("element-instances", processDefinitionId={"$in": self._processes})
        return sorted((row["elementInstanceKey"], row["state"]) for row in rows)

    def _correlate(self, name: str, variables: dict[str, Any]) -> dict[str, Any]:
        request = {"name": name + self._suffix, "correlationKey": CORRELATION, "variables": variables}
        answer: dict[str, Any] = self._rest.call("POST", "/messages/correlation", request)
        return answer
