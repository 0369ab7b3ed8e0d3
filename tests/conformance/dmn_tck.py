"""The engine as the plug-in that the runner of the DMN TCK asks: `tck_runner.py tests.conformance.dmn_tck:evaluate`."""

from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

from engine.dmn import read_model
from engine.feel import YearsMonths
from engine.feel.errors import UnfitError
from engine.feel.moments import FarDate, FarMoment, FineTime, LongDuration
from engine.feel.temporals import read_date, read_datetime, read_duration, read_time
from engine.feel.texts import to_text

_READ = {"date": read_date, "time": read_time, "dateTime": read_datetime, "duration": read_duration}


@lru_cache(maxsize=8)
def model_of(path):
    others = [other.read_bytes() for other in sorted(Path(path).parent.glob("*.dmn")) if other != path]
    return read_model(Path(path).read_bytes(), others)


def evaluate(model_path, node_name, inputs, *, kind="decision", invocable=None, test=None):
    """One question of the kit: inputs and answer in the runner's own Python values. Raises DmnError."""
    model = model_of(model_path)
    values = {name: taken(value) for name, value in inputs.items()}
    outcome = model.evaluate(invocable if kind != "decision" and invocable else node_name, values, now=lambda: datetime.now(UTC))
    value = outcome.value
    if kind == "decisionService" and len(model.unit(invocable).outputs) > 1 and value is not None:
        value = value[node_name]
    return given(value)


def taken(value):
    if isinstance(value, list):
        return [taken(item) for item in value]
    if isinstance(value, dict):
        return {name: taken(item) for name, item in value.items()}
    if hasattr(value, "months"):
        return YearsMonths(value.months)
    if hasattr(value, "kind"):
        try:
            return _READ[value.kind](value.text)
        except UnfitError:
            return None
    return value


def given(value):
    if isinstance(value, list):
        return [given(item) for item in value]
    if isinstance(value, dict):
        return {name: given(item) for name, item in value.items()}
    if isinstance(value, (YearsMonths, FarDate, FineTime, FarMoment, LongDuration)):
        return to_text(value)
    if isinstance(value, (time, datetime)) and "@" in to_text(value):
        return to_text(value)
    return value

