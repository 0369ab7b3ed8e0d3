"""The tests of the betsy suite, over HTTP: scripts are jobs, and what they would have written to a file is collected here."""

import contextlib
import uuid
from pathlib import Path
from typing import Any

from tests.conformance.models import translated
from tests.conformance.rest import Refused, Rest

_ROUNDS = 100  # of jobs without the clock moving: a model that loops longer has no end
_STEP = 0.5  # seconds of the pinned clock


class RestHost:
    """One run of one test case. `run` answers the log lines, for run_betsy.py's `matches`."""

    def __init__(self, base_url: str, auth: tuple[str, str]) -> None:
        self._rest = Rest(base_url, auth)
        self._suffix = f"_{uuid.uuid4().hex[:8]}"
        self._job = f"script{self._suffix}"
        self._lines: list[str] = []
        self._marker = self._data = False
        self._spans: dict[str, tuple[float, float]] = {}

    def run(self, model: Path, test: dict[str, Any], case: dict[str, Any]) -> list[str]:
        try:
            processes = self._rest.deploy([(f"{model.stem}.bpmn", translated(model, self._suffix, script_job=self._job))])
        except Refused:
            return ["ERROR_deployment"]
        main = (test.get("process_key") or processes[0].removesuffix(self._suffix)) + self._suffix
        parallel = f"ParallelProcess{self._suffix}"
        self._rest.stop_clock()
        try:
            if case["start_parallel_process_first"] and parallel in processes:
                self._rest.start(parallel, {})
                self._work()
            self._rest.start(main, dict(case["input"]))
            self._wait(case["delay_ms"] / 1000, processes)
        except Refused:
            self._lines.append("ERROR_runtime")
        self._lines += self._outcomes(processes, case["expected"])
        for row in self._rest.search("process-instances", state="ACTIVE", processDefinitionId={"$in": processes}):
            self._end(row["processInstanceKey"])
        return self._lines

    def _wait(self, seconds: float, processes: list[str]) -> None:
        self._work()
        waited = 0.0
        while waited < seconds and self._rest.search("process-instances", state="ACTIVE", processDefinitionId={"$in": processes}):
            self._rest.move_clock(_STEP)
            waited += _STEP
            self._work()

    def _work(self) -> None:
        for _ in range(_ROUNDS):
            request = {"type": self._job, "worker": "betsy", "timeout": 3_600_000, "maxJobsToActivate": 50, "requestTimeout": -1}
            jobs = self._rest.call("POST", "/jobs/activation", request)["jobs"]
            if not jobs:
                return
            self._sleep_through(jobs)
            for job in jobs:
                self._do(job, job["customHeaders"].get("token", ""))

    def _sleep_through(self, jobs: list[dict[str, Any]]) -> None:
        # jobs that are there at the same time sleep at the same time
        tokens = [job["customHeaders"].get("token", "") for job in jobs]
        stamps = [token[-1] for token in tokens if token.startswith("CREATE_TIMESTAMP_LOG_")]
        if stamps or "WAIT_TEN_SECONDS" in tokens:
            began = self._rest.now.timestamp()
            self._rest.move_clock(10)
            self._spans |= dict.fromkeys(stamps, (began, self._rest.now.timestamp()))

    def _do(self, job: dict[str, Any], token: str) -> None:
        variables, answer = job["variables"], {}
        if token.startswith("SCRIPT_"):
            self._lines.append(token)
        elif token.startswith("INCREMENT_INTEGER_VARIABLE"):
            answer = {"integerVariable": variables.get("integerVariable", 0) + 1}
            self._lines += ["INCREMENT_correct"] if token.endswith("_AND_LOG") else []
        elif token == "CREATE_MARKER_FILE":
            self._marker = True
        elif token == "SET_STRING_DATA":
            answer = {"data": "String"}
        elif token == "LOG_DATA":
            self._data |= "String" in variables.values()
        try:
            if token == "THROW_ERROR":
                self._rest.call("POST", f"/jobs/{job['jobKey']}/error", {"errorCode": "ERR_CODE"})
            else:
                self._rest.call("POST", f"/jobs/{job['jobKey']}/completion", {"variables": answer})
        except Refused:
            pass  # canceled meanwhile by another job of the same batch

    def _outcomes(self, processes: list[str], expected: list[str]) -> list[str]:
        found = []
        for incident in self._rest.search("incidents", state="ACTIVE", processDefinitionId={"$in": processes}):
            uncaught = incident["errorType"] == "UNHANDLED_ERROR_EVENT"
            found.append("ERROR_thrownErrorEvent" if uncaught else "ERROR_runtime")
        if "MARKER_exists" in expected and self._marker:
            found.append("MARKER_exists")
        if "DATA_correct" in expected and self._data:
            found.append("DATA_correct")
        if "EXECUTION_parallel" in expected and len(self._spans) == 2:
            (a, b), (c, d) = self._spans.values()
            if a <= c < b or c <= a < d:
                found.append("EXECUTION_parallel")
        return found

    def _end(self, instance: str) -> None:
        with contextlib.suppress(Refused):  # it is called by one that was ended before
            self._rest.call("POST", f"/process-instances/{instance}/cancellation", {})
