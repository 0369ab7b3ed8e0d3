"""The one place that commits: turns, retries, batches."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from engine import database
from engine.database import Base, Read, Writes, fetch, run
from engine.errors import Busy
from engine.installation import Fact
from engine.timers import Timer
from tests.engine.conftest import fresh_database


@pytest.fixture
def sqlite(tmp_path):
    engine = database.connect(f"sqlite:///{tmp_path}/a.sqlite")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_what_fails_changes_nothing_and_runs_no_follow_up(sqlite):
    followed, undone = [], []

    def work(session):
        session.add(Fact(name="a", value=1))
        session.flush()
        database.after_commit(session, lambda: followed.append(1))
        database.after_rollback(session, lambda: undone.append(1))
        raise ValueError("no")

    with Session(sqlite) as session:
        with pytest.raises(ValueError, match="no"):
            run(session, work)

        assert run(session, lambda s: s.get(Fact, "a")) is None
    assert (followed, undone) == ([], [1])


def test_writers_take_turns_in_the_order_they_came():
    turnstile, order = database.Turnstile(), []
    turnstile.enter(1)
    threads = []
    for number in range(20):
        threads.append(threading.Thread(target=lambda n=number: (turnstile.enter(5), order.append(n), turnstile.leave())))
        before = len(turnstile._queue)
        threads[-1].start()
        while len(turnstile._queue) == before:
            pass
    turnstile.leave()
    for thread in threads:
        thread.join()

    assert order == list(range(20))


def test_a_turn_that_does_not_come_in_time_is_refused_and_the_queue_goes_on():
    turnstile = database.Turnstile()
    turnstile.enter(1)
    with pytest.raises(Busy):
        turnstile.enter(0.01)
    turnstile.leave()

    turnstile.enter(0.01)


def test_many_threads_write_to_sqlite_without_losing_anything(sqlite):
    def add(session):
        fact = session.get(Fact, "n") or Fact(name="n", value=0)
        fact.value += 1
        session.add(fact)

    def client():
        for _ in range(25):
            with Session(sqlite) as session:
                run(session, add)

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading(sqlite) as session:
        assert session.get(Fact, "n").value == 200


def test_readers_are_not_kept_waiting_by_a_writer(sqlite):
    with Session(sqlite) as writer:
        writer.add(Fact(name="a", value=1))
        writer.flush()
        with database.reading(sqlite) as reader:
            assert reader.get(Fact, "a") is None
        writer.commit()
    with database.reading(sqlite) as reader:
        assert reader.get(Fact, "a").value == 1


def test_times_come_back_in_utc_and_naive_ones_are_refused(sqlite):
    due = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    writes = Writes()
    writes.insert(Timer, {"key": 1, "due_at": due, "element_id": "t", "process_key": 1, "repetitions": 1})
    with Session(sqlite) as session:
        run(session, writes.flush)
        (rows,) = run(session, lambda s: fetch(s, Read(Timer, "WHERE due_at <= ?", [due])))

        assert rows[0].due_at == due
        assert rows[0].due_at.tzinfo is UTC
        assert session.scalars(select(Timer.due_at)).one() == due
        with pytest.raises(Exception, match="zone"):
            run(session, lambda s: s.add(Timer(key=2, due_at=datetime(2026, 1, 1), element_id="t", process_key=1)) or s.flush())


def test_a_batch_inserts_overwrites_changes_and_deletes(sqlite):
    writes = Writes()
    for number in range(450):
        writes.insert(Fact, {"name": f"f{number}", "value": number})
    with Session(sqlite) as session:
        run(session, writes.flush)
        writes.upsert(Fact, ("name",), {"name": "f1", "value": "new"}, keep=())
        writes.update(Fact, {"name": "f2"}, {"value": None})
        writes.delete(Fact, "name", "f3")
        run(session, writes.flush)

        facts = {row.name: row.value for row in run(session, lambda s: fetch(s, Read(Fact, "")))[0]}
    assert len(facts) == 449
    assert (facts["f1"], facts["f2"], "f3" in facts) == ("new", None, False)


# -- PostgreSQL: what is kept back until the next question or the commit -------------------------------------------


@pytest.fixture
def postgresql(tmp_path):
    with fresh_database("postgresql", tmp_path) as url:
        engine = database.connect(url)
        Base.metadata.create_all(engine)
        yield engine
        engine.dispose()


def _written(*names, value=1):
    writes = Writes()
    for name in names:
        writes.insert(Fact, {"name": name, "value": value})
    return writes


def test_a_transaction_sees_what_it_wrote_however_it_asks(postgresql):
    def work(session):
        _written("a").flush(session)
        by_statement = session.execute(select(Fact.name)).scalars().all()
        _written("b").flush(session)
        by_rows = [row.name for row in fetch(session, Read(Fact, "ORDER BY name"))[0]]
        _written("c").flush(session)
        return by_statement, by_rows, database.ask(session, "SELECT count(*) FROM installation", [])

    with Session(postgresql) as session:
        assert run(session, work) == (["a"], ["a", "b"], [(3,)])


def test_what_was_kept_back_is_dropped_with_its_transaction(postgresql):
    def work(session):
        _written("a").flush(session)
        raise ValueError("no")

    with Session(postgresql) as session:
        with pytest.raises(ValueError, match="no"):
            run(session, work)
        run(session, _written("b").flush)

        assert run(session, lambda s: s.scalars(select(Fact.name)).all()) == ["b"]


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_commit_that_fails_keeps_nothing_and_follows_up_nothing(postgresql, asked_before):
    followed = []

    def work(session):
        if asked_before:
            fetch(session, Read(Fact, ""))
        _written("new", "old").flush(session)
        database.after_commit(session, lambda: followed.append(1))

    with Session(postgresql) as session:
        run(session, _written("old").flush)
        with pytest.raises(IntegrityError):
            run(session, work)

        assert run(session, lambda s: s.scalars(select(Fact.name)).all()) == ["old"]
    assert followed == []


def test_two_that_lock_each_other_out_are_both_done_in_the_end(postgresql):
    with Session(postgresql) as session:
        run(session, _written("a", "b", value=0).flush)
    both_have_one, attempts = threading.Barrier(2), []

    def add(first, second):
        def work(session):
            attempts.append(first)
            (one,) = fetch(session, Read(Fact, "WHERE name = ? FOR UPDATE", [first]))[0]
            if len(attempts) <= 2:
                both_have_one.wait(10)
            (other,) = fetch(session, Read(Fact, "WHERE name = ? FOR UPDATE", [second]))[0]
            writes = Writes()
            for row in (one, other):
                writes.update(Fact, {"name": row.name}, {"value": row.value + 1})
            writes.flush(session)

        with Session(postgresql) as session:
            run(session, work)

    threads = [threading.Thread(target=add, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading(postgresql) as session:
        assert {row.name: row.value for row in fetch(session, Read(Fact, ""))[0]} == {"a": 2, "b": 2}
    assert len(attempts) > 2


def test_a_lock_that_is_not_to_be_had_in_time_is_busy(postgresql):
    def lock(session):
        database.ask(session, "SET LOCAL lock_timeout = 50", [])
        fetch(session, Read(Fact, "WHERE name = ? FOR UPDATE", ["a"]))

    with Session(postgresql) as holder, Session(postgresql) as session:
        run(holder, _written("a").flush)
        fetch(holder, Read(Fact, "WHERE name = ? FOR UPDATE", ["a"]))
        with pytest.raises(Busy):
            run(session, lock)

        holder.rollback()
        run(session, lock)


def test_a_reader_leaves_no_transaction_open(postgresql):
    with database.reading(postgresql) as session:
        fetch(session, Read(Fact, ""))
        driver = session.connection().connection.driver_connection

        assert driver.info.transaction_status == TransactionStatus.IDLE


def test_after_a_lost_connection_the_next_command_gets_another(postgresql):
    def kill(session):
        pid = session.connection().connection.driver_connection.info.backend_pid
        with Session(postgresql) as other:
            database.run(other, lambda s: database.ask(s, "SELECT pg_terminate_backend(?)", [pid]))

    undone = []

    def work(session):
        database.after_rollback(session, lambda: undone.append(1))
        fetch(session, Read(Fact, ""))
        kill(session)
        _written("a").flush(session)

    with Session(postgresql) as session:
        with pytest.raises(OperationalError):
            run(session, work)
        run(session, _written("b").flush)

        assert run(session, lambda s: s.scalars(select(Fact.name)).all()) == ["b"]
    assert undone == [1]
