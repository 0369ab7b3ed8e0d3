"""Several statements, one round trip: what comes back, and what an error leaves."""

from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.orm import Session

from engine import database
from engine.exchanges import BEGIN, exchange
from tests.engine.conftest import fresh_database


@pytest.fixture
def talk(tmp_path):
    """Statements as (SQL, values), on one connection."""
    with fresh_database("postgresql", tmp_path) as url, psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as driver:
        driver.execute("CREATE TABLE things (key bigint PRIMARY KEY, word text, at timestamptz, sure boolean, data bytea)")
        known = {}

        def talk(*statements):
            return exchange(driver, known, statements)

        talk.driver, talk.known = driver, known
        yield talk


INSERT = "INSERT INTO things (key, word, at, sure, data) VALUES (?, ?, ?, ?, ?)"


def test_values_of_every_kind_come_back_exactly_prepared_or_not(talk):
    at = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
    for key in range(10):
        row = (key + (1 << 62), "Zoë's 100% \\ '\"? ", at, key % 2 == 0, bytes(range(256)))
        nothing = (key, None, None, None, None)
        _, _, found, empty = talk(
            (INSERT, row),
            (INSERT, nothing),
            ("SELECT * FROM things WHERE key = ?", [row[0]]),
            ("SELECT * FROM things WHERE key = ?", [key]),
        )

        assert found == [row]
        assert empty == [nothing]


def test_statements_without_a_transaction_take_effect_together_or_not_at_all(talk):
    with pytest.raises(errors.UniqueViolation):
        talk((INSERT, [1, "a", None, None, None]), (INSERT, [2, "b", None, None, None]), (INSERT, [1, "c", None, None, None]))

    assert talk(("SELECT count(*) FROM things", [])) == [[(0,)]]


def test_an_error_leaves_the_connection_as_useful_as_before(talk):
    for number in range(20):
        with pytest.raises(errors.DivisionByZero):
            talk(("SELECT ? + 1", [number]), ("SELECT 1 / ?", [0]), ("SELECT ? + 2", [number]))

        assert talk(("SELECT ? + 1", [number]), ("SELECT ? + 2", [number])) == [[(number + 1,)], [(number + 2,)]]


def test_within_a_transaction_an_error_waits_for_the_rollback(talk):
    with pytest.raises(errors.UniqueViolation):
        talk(BEGIN, (INSERT, [1, "a", None, None, None]), (INSERT, [1, "b", None, None, None]))
    with pytest.raises(errors.InFailedSqlTransaction):
        talk(("SELECT 1", []))
    talk.driver.rollback()

    assert talk(("SELECT count(*) FROM things", [])) == [[(0,)]]


def test_more_than_both_sides_can_hold_does_not_make_them_wait_for_each_other(talk):
    word = "x" * 500_000
    statements = [(INSERT + " RETURNING word", [key, word, None, None, None]) for key in range(60)]

    assert talk(*statements) == [[(word,)]] * 60


def test_nul_and_strange_values_are_refused_before_anything_is_sent(talk):
    with pytest.raises(psycopg.DataError):
        talk((INSERT, [1, "a", None, None, None]), (INSERT, [2, "b\x00c", None, None, None]))
    with pytest.raises(psycopg.ProgrammingError):
        talk((INSERT, [1, "a", None, None, None]), (INSERT, [2, {"a": 1}, None, None, None]))

    assert talk(("SELECT count(*) FROM things", [])) == [[(0,)]]


def test_a_lost_connection_is_an_error_of_the_connection(talk):
    with psycopg.connect(talk.driver.info.dsn, password=talk.driver.info.password, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [talk.driver.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        talk(("SELECT 1", []))

    assert talk.driver.closed


def test_statements_that_somebody_deallocated_are_prepared_anew(tmp_path):
    with fresh_database("postgresql", tmp_path) as url:
        engine = database.connect(url, pool_size=1)
        with Session(engine) as session:
            for number in range(10):
                assert database.run(session, lambda s, n=number: database.ask(s, "SELECT ? + 1", [n])) == [(number + 1,)]
            database.run(session, lambda s: database.ask(s, "DEALLOCATE ALL", []))

            assert database.run(session, lambda s: database.ask(s, "SELECT ? + 1", [10])) == [(11,)]
        engine.dispose()
