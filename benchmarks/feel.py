"""How fast expressions and decision tables are, in microseconds, and beside others in the same run.

`python benchmarks/feel.py [--json] [--rounds N]`. Beside SpiffWorkflow's evaluation of the same condition in Python, and, where Node and
`npm ci` in benchmarks/feelin are there, beside npm's feelin. Each is used as shipped: ours compiles once, as its models do.
"""
from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.dmn import read_model
from engine.feel import compile_expression

FEELIN = Path(__file__).parent / "feelin"
TARGETS = {"condition_us": 2, "filter_us": 15, "table_20_us": 50}
CONTEXT: dict[str, Any] = {
    "amount": 250,
    "customer": {"tier": "gold"},
    "items": [{"name": f"item {number}", "price": number * 5} for number in range(10)],
}
# name: ours, the same in Python
EXPRESSIONS = {
    "condition": ('amount > 100 and customer.tier = "gold"', "amount > 100 and customer['tier'] == 'gold'"),
    "filter": ("items[price > 20]", "[item for item in items if item['price'] > 20]"),
    "loop": ("for item in items return item.price * 2", "[item['price'] * 2 for item in items]"),
    "function": ("sum(items.price)", "sum([item['price'] for item in items])"),
}
_TIERS = ("gold", "silver", "bronze", "none")
ANSWER = 18


def table() -> Any:
    """20 rules over three columns, of which the last but one matches."""
    rules = "".join(
        f'<rule><inputEntry><text>"{tier}"</text></inputEntry><inputEntry><text>[{low}..{low + 10})</text></inputEntry>'
        f"<inputEntry><text>&gt; 5</text></inputEntry><outputEntry><text>{number}</text></outputEntry></rule>"
        for number, (tier, low) in enumerate((tier, low) for tier in _TIERS for low in range(0, 50, 10))
    )
    names = ("tier", "age", "amount")
    columns = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in names)
    inputs = "".join(f'<inputData id="{name}" name="{name}"><variable name="{name}"/></inputData>' for name in names)
    needs = "".join(f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in names)
    return read_model(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="b" namespace="urn:b">'
        f'{inputs}<decision id="d" name="d"><variable name="d"/>{needs}'
        f'<decisionTable>{columns}<output name="y"/>{rules}</decisionTable></decision></definitions>'
    )


def best(work: Callable[[], object], rounds: int, times: int) -> float:
    """Microseconds of the quickest of several rounds: what is slower was disturbed."""
    quickest = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(times):
            work()
        quickest = min(quickest, (perf_counter() - start) / times)
    return quickest * 1e6


def of_feelin() -> dict[str, float]:
    node = shutil.which("node")
    if node is None or not (FEELIN / "node_modules").exists():
        return {}
    cases = [{"name": name, "expression": ours, "context": CONTEXT, "rounds": 500} for name, (ours, _) in EXPRESSIONS.items()]
    ran = subprocess.run([node, "times.mjs"], cwd=FEELIN, input=json.dumps(cases), capture_output=True, text=True, check=True)
    return dict(json.loads(ran.stdout))


def measure(rounds: int) -> dict[str, float]:
    found: dict[str, float] = {}
    spiff = PythonScriptEngine().environment
    theirs = of_feelin()
    for name, (ours, python) in EXPRESSIONS.items():
        compiled = compile_expression(ours)
        if compiled.evaluate(CONTEXT) != spiff.evaluate(python, CONTEXT):
            raise SystemExit(f"Expected the same answer of both sides to {ours}.")
        found[f"{name}_us"] = best(lambda compiled=compiled: compiled.evaluate(CONTEXT), rounds, 2000)
        spiffs = best(lambda python=python: spiff.evaluate(python, CONTEXT), rounds, 500)
        found[f"{name}_spiff_to_ours"] = spiffs / found[f"{name}_us"]
        if name in theirs:
            found[f"{name}_feelin_to_ours"] = theirs[name] / found[f"{name}_us"]
    model = table()
    inputs = {"tier": "none", "age": 33, "amount": 100}
    if model.evaluate("d", inputs).value != ANSWER:
        raise SystemExit(f"Expected {ANSWER} of the table.")
    found["table_20_us"] = best(lambda: model.evaluate("d", inputs), rounds, 1000)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--rounds", type=int, default=9)
    chosen = arguments.parse_args()
    results = {name: round(value, 2) for name, value in measure(chosen.rounds).items()}
    for name, value in results.items():
        target = TARGETS.get(name)
        print(f"{name:28} {value:>10} {f'<= {target}' if target else ''}")
    if chosen.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
