"""Logs are JSON and hold keys, never what a person typed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import create_engine, text

from api import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.begin("info", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def _lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_those_of_libraries_have_one_shape(written: io.StringIO) -> None:
    structlog.get_logger("ours").info("started", case_key=17)
    logging.getLogger("theirs").warning("slow: %s", "disk", extra={"instance_key": 18})

    ours, theirs = _lines(written)
    assert (ours["event"], ours["case_key"], ours["level"]) == ("started", 17, "info")
    assert (theirs["event"], theirs["instance_key"], theirs["level"]) == ("slow: disk", 18, "warning")
    assert ours["time"].endswith("Z")


def test_a_line_with_a_number_that_no_database_keeps_is_still_told(written: io.StringIO) -> None:
    structlog.get_logger("ours").info("request", key=10**40, words="half \ud800")

    (line,) = _lines(written)
    assert line["key"] == 10**40
    assert line["words"] == "half \ud800"


def test_an_exception_is_told_by_kind_and_place_without_its_message(written: io.StringIO) -> None:
    try:
        raise ValueError("Anna Berg, IBAN DE02 1203")
    except ValueError:
        structlog.get_logger("ours").exception("step failed")
        logging.getLogger("theirs").exception("request failed")

    assert "Anna" not in written.getvalue()
    for line in _lines(written):
        assert line["exception"]["type"] == "ValueError"
        assert "test_logs.py" in line["exception"]["at"][-1]


def test_a_database_error_is_told_without_the_row(written: io.StringIO) -> None:
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "Anna Berg"})
    except Exception:
        structlog.get_logger("ours").exception("step failed")

    (line,) = _lines(written)
    assert "Anna" not in written.getvalue()
    assert line["exception"]["statement"] == "INSERT INTO nowhere VALUES (?)"


def test_the_address_of_a_failed_request_is_not_logged(written: io.StringIO) -> None:
    logging.getLogger("app").error("Exception on /links/secret-token [GET]")

    assert "secret-token" not in written.getvalue()
    assert _lines(written)[0]["event"] == "request failed"
