"""Prints what the adapters reach against a server of their own (`make conformance`)."""

import contextlib
import importlib
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import migrations
from tests import databases
from tests.conformance import betsy_host, cases_host, dmn_tck
from tests.platforms import PASSWORD, furnish
from tests.servers import Server

CASES = Path(os.environ.get("CONFORMANCE", Path(__file__).parents[2].parent / "shared" / "conformance"))
AUTH = ("admin", PASSWORD)


@contextlib.contextmanager
def a_server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = databases.create("sqlite", Path(folder))
        engine = databases.connect(url)
        migrations.upgrade(engine)
        furnish(engine)
        engine.dispose()
        server = Server(Path(folder), url)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


def of_cases(url: str) -> Counter[str]:
    runner: Any = importlib.import_module("run_cases")
    cases = json.loads((CASES / "cases" / "manifest.json").read_text())["cases"]
    found: Counter[str] = Counter()
    for case in cases:
        try:
            runner.run_case(case, CASES / "cases", lambda: cases_host.RestHost(url, AUTH))
            found["pass"] += 1
        except Exception as error:
            found["fail"] += 1
            print(f"  {case['id']}: {type(error).__name__}: {str(error)[:200]}")
    return found


def of_betsy(url: str) -> dict[str, Counter[str]]:
    tests = json.loads((CASES / "betsy.json").read_text())["tests"]
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for test in tests:
        if not test.get("active", True):
            continue
        wrong = []
        for case in test["cases"]:
            try:
                got = betsy_host.RestHost(url, AUTH).run(CASES / test["bpmn"], test, case)
            except Exception as error:
                got = [f"{type(error).__name__}: {str(error)[:100]}"]
            if not matches(got, case["expected"]):
                wrong.append(f"expected {sorted(case['expected'])}, found {sorted(got)}")
        found[test["group"]]["fail" if wrong else "pass"] += 1
        found["total"]["fail" if wrong else "pass"] += 1
        if wrong:
            print(f"  {test['group']}/{test['name']}: {wrong[0][:200]}")
    return found


def matches(found: list[str], expected: list[str]) -> bool:
    """betsy's rule: the same lines as often, in any order; ERROR stands for a refusal as well as for a failure."""
    if "ERROR" in expected:
        found = ["ERROR" if line in ("ERROR_deployment", "ERROR_runtime") else line for line in found]
    return sorted(found) == sorted(expected)


def of_decisions() -> tuple[Counter[str], Counter[str]]:
    """All cases of the DMN TCK, and those among them that expect a value: any engine that always fails passes the others."""
    runner: Any = importlib.import_module("tck_runner")
    rows = runner.run(dmn_tck.evaluate)
    errors = {test.key for test in runner.iter_tests() if any(result.error for result in test.results)}
    every, values = Counter[str](), Counter[str]()
    for *key, status, detail in rows:
        outcome = "pass" if status == "SUCCESS" else "fail"
        every[outcome] += 1
        if tuple(key) not in errors:
            values[outcome] += 1
        if outcome == "fail":
            print(f"  {key[0]} {key[2]}: {detail[:200]}")
    return every, values


def main() -> None:
    sys.path.insert(0, str(CASES))
    print("DMN TCK:")
    decisions, values = of_decisions()
    with a_server() as url:
        print("cases of two engines:")
        cases = of_cases(url)
        print("betsy:")
        groups = of_betsy(url)
    print(f"\ndmn    {'values':20} {values['pass']} of {values.total()}")
    print(f"dmn    {'all cases':20} {decisions['pass']} of {decisions.total()}")
    print(f"cases  {cases['pass']} of {cases.total()}")
    for group, counted in groups.items():
        print(f"betsy  {group:20} {counted['pass']} of {counted.total()}")


if __name__ == "__main__":
    main()
