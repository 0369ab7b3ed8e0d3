"""What `make run` shows: twenty cases of the last three weeks that really ran, and a clock that is everybody's again."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, true
from sqlalchemy.orm import Session

from api import first_start, sample_cases
from api.settings import Settings, from_environment
from engine import clock, database, documents, insights, installation, migrations
from engine.cases import Case
from engine.documents import Document
from engine.handoffs import Handoff, HandoffState
from engine.history import HistoryEntry
from engine.incidents import Incident
from engine.instances import Instance
from engine.jobs import Job
from engine.links import Link, LinkKind
from engine.notifications import Notification, NotificationState
from engine.parties import Party
from engine.people import Person
from engine.public_starts import PublicStart
from engine.tasks import Task, TaskState
from tests import databases
from tests.platforms import furnish

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)  # a Wednesday, half past ten in Lyon
Loaded = tuple[Engine, Settings]


def _load(url: str, folder: Path, now: datetime) -> Loaded:
    mail = {"PASSERELLE_SMTP_URL": "smtp://127.0.0.1:9", "PASSERELLE_MAIL_FROM": "Claims <claims@meridian.example>"}
    engine, settings = databases.connect(url), from_environment({"PASSERELLE_VAR": str(folder)} | mail)
    migrations.upgrade(engine)
    first_start.load_demo(engine, settings, now=now)
    return engine, settings


@pytest.fixture(scope="module")
def loaded(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp(f"{database_kind}-demo")
    url = databases.create(database_kind, folder)
    engine, settings = _load(url, folder, NOW)
    yield engine, settings
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def demo(loaded: Loaded) -> Iterator[Session]:
    with Session(loaded[0]) as session:
        yield session


def test_there_are_twenty_cases_in_all_states_over_three_weeks(demo: Session) -> None:
    found = list(demo.scalars(select(Case).order_by(Case.number)))

    assert Counter((case.process_id, case.state) for case in found) == {
        ("claim", "ACTIVE"): 7,
        ("claim", "COMPLETED"): 6,
        ("claim", "TERMINATED"): 1,
        ("order", "ACTIVE"): 2,
        ("order", "COMPLETED"): 2,
        ("onboarding", "ACTIVE"): 1,
        ("onboarding", "COMPLETED"): 1,
    }
    assert NOW - timedelta(days=24) < found[0].created_at < NOW - timedelta(days=20)
    assert NOW - timedelta(days=2) < found[-1].created_at < NOW
    assert all(case.created_at < case.ended_at < NOW for case in found if case.ended_at)
    assert len({case.title for case in found}) == 20
    assert demo.scalar(select(func.count()).select_from(Incident)) == 0


def test_handoffs_are_late_declined_sent_again_withdrawn_and_done(demo: Session) -> None:
    rows = list(demo.scalars(select(Handoff)))
    about = {(row.from_side, row.to_side, row.state, row.round) for row in rows}

    assert {row.state for row in rows} == {state.value for state in HandoffState}
    assert Counter(row.state for row in rows if row.kind != "internal")["DECLINED"] == 5
    assert sum(row.state == "DECLINED" and not row.is_settled for row in rows) == 1
    assert sum(row.round > 1 for row in rows) == 5
    assert sum(row.state == "ACCEPTED" and row.complete_late for row in rows) >= 3
    assert sum(row.state == "OFFERED" and row.accept_late for row in rows) >= 3
    assert ("Adjusters", "Garage", "OFFERED", 2) in about
    assert ("Adjusters", "Garage", "WITHDRAWN", 1) in about
    assert [row.address for row in rows if row.address] == ["comptoir@roux.example"]


def test_each_company_finds_open_work(demo: Session) -> None:
    statement = select(Task.name, Party.name).outerjoin(Party, Party.key == Task.party_key)
    found = demo.execute(statement.where(Task.state == TaskState.CREATED))

    assert Counter((name, party) for name, party in found) == {
        ("Check the cover", None): 1,
        ("Estimate the repair", "Benali Motors"): 1,
        ("Estimate the repair", "Garage Roux"): 1,
        ("Answer the question", "Lina Bonnet"): 1,
        ("Read the decision", "Nathan Roche"): 1,
        ("Make the rest", "Atelier Vidal"): 1,
        ("Plan the trip", "Rapide Fret"): 1,
        ("Give your details", None): 1,
        ("Choose a training date", None): 1,
        ("Welcome and show around", None): 1,
    }
    assert list(demo.scalars(select(Job.type).where(Job.ended_at.is_(None)))) == ["book-payment"]


def test_keys_numbers_and_histories_are_in_the_order_of_time(demo: Session) -> None:
    for model in (Case, Instance, Handoff, Task, Link, Notification):
        moment = getattr(model, "offered_at", None) or getattr(model, "created_at", None) or model.started_at
        times = list(demo.scalars(select(moment).order_by(model.key)))

        assert times == sorted(times), model.__tablename__

    entries = list(demo.execute(select(HistoryEntry.case_key, HistoryEntry.at).order_by(HistoryEntry.case_key, HistoryEntry.revision)))
    assert entries == sorted(entries, key=lambda entry: (entry.case_key, entry.at))
    assert max(entry.at for entry in entries) <= NOW
    assert demo.scalar(select(func.max(Case.number))) == demo.scalar(select(Case.number).order_by(Case.key.desc()).limit(1))


def test_photos_and_estimates_can_be_opened(loaded: Loaded, demo: Session) -> None:
    folder = documents.Folder(loaded[1].documents)
    kept = list(demo.scalars(select(Document)))

    assert Counter(document.content_type for document in kept) == {"image/jpeg": 16, "application/pdf": 5}
    for document in kept:
        with folder.open(document.key) as content:
            assert len(content.read()) == document.size
        assert document.case_key is not None and document.created_at < NOW


def test_mails_were_written_and_kept_never_sent_even_where_a_mail_server_is_set_up(demo: Session) -> None:
    rows = list(demo.scalars(select(Notification)))

    assert {row.state for row in rows} == {NotificationState.KEPT, NotificationState.DROPPED}
    assert {"handoff offered", "handoff offered again", "reminder", "handoff late", "handoff withdrawn"} <= {row.kind for row in rows}
    assert not any(row.sent_at for row in rows)


def test_there_is_something_to_learn_from(demo: Session) -> None:
    found, _ = insights.handoffs(demo, true(), by=["boundary"])
    garage = next(one for one in found if one.group["to_side"] == "Garage")

    assert garage.by_state["DECLINED"] == 3
    assert garage.accept.in_time < garage.accept.decided
    assert garage.times["in_hand"].count > 3
    assert len(garage.declines) == 3


def test_the_clock_is_everybodys_again(loaded: Loaded, demo: Session) -> None:
    assert installation.fact(demo, "clock") is None
    assert abs(clock.now(demo) - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_second_start_changes_nothing(loaded: Loaded, demo: Session) -> None:
    before = [demo.scalar(select(func.count()).select_from(model)) for model in (Case, Handoff, HistoryEntry, Notification, Party)]
    demo.rollback()

    first_start.load_demo(*loaded)

    assert [demo.scalar(select(func.count()).select_from(model)) for model in (Case, Handoff, HistoryEntry, Notification, Party)] == before


def test_a_story_that_broke_off_is_told_anew_and_whole(database_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = databases.create(database_kind, tmp_path)
    begin, begun = sample_cases._Told._begin, []

    def crash_at_the_third(told: Any) -> None:
        begun.append(told)
        if len(begun) == 3:
            raise SystemExit("killed")
        begin(told)

    with monkeypatch.context() as patched:
        patched.setattr(sample_cases._Told, "_begin", crash_at_the_third)
        with pytest.raises(SystemExit):
            _load(url, tmp_path, NOW)
    with Session(databases.connect(url)) as session:
        assert 0 < len(list(session.scalars(select(Case)))) < 20
        secret = database.run(session, installation.secret)
    engine, settings = _load(url, tmp_path, NOW)
    with Session(engine) as session:
        cases = [tuple(row) for row in session.execute(select(Case.key, Case.number, Case.title))]
        assert database.run(session, installation.secret) == secret
    first_start.load_demo(engine, settings, now=NOW)

    assert len(cases) == len({number for _, number, _ in cases}) == len({title for _, _, title in cases}) == 20
    with Session(engine) as session:
        assert set(session.scalars(select(Case.key))) == {key for key, _, _ in cases}
    engine.dispose()
    databases.drop(url)


def test_the_demo_beside_work_of_ones_own_never_takes_it_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = databases.create("sqlite", tmp_path)
    engine = databases.connect(url)
    migrations.upgrade(engine)
    furnish(engine)
    monkeypatch.setattr(sample_cases, "play", _killed)
    with pytest.raises(SystemExit):
        first_start.load_demo(engine, from_environment({"PASSERELLE_VAR": str(tmp_path)}), now=NOW)
    monkeypatch.undo()
    first_start.load_demo(engine, from_environment({"PASSERELLE_VAR": str(tmp_path)}), now=NOW)

    with Session(engine) as session:
        assert session.get(Person, "member") is not None
    engine.dispose()


def _killed(*_: Any, **__: Any) -> None:
    raise SystemExit("killed")


def test_on_a_sunday_after_many_holidays_the_story_is_the_same(tmp_path: Path) -> None:
    engine, _ = _load(databases.create("sqlite", tmp_path), tmp_path, datetime(2026, 1, 4, 23, 30, tzinfo=UTC))
    with Session(engine) as session:
        found = Counter(session.scalars(select(Case.state)))
        incidents = database.run(session, lambda s: s.scalar(select(func.count()).select_from(Incident)))
    engine.dispose()

    assert (found, incidents) == ({"ACTIVE": 10, "COMPLETED": 9, "TERMINATED": 1}, 0)


def test_claims_began_without_an_account_and_can_be_followed(demo: Session) -> None:
    rows = list(demo.scalars(select(PublicStart)))
    followed = set(demo.scalars(select(Link.case_key).where(Link.kind == LinkKind.CASE)))

    assert len(rows) == 13
    assert {row.case_key for row in rows} == followed
    assert all(row.address is None and row.values is None for row in rows)
    assert demo.scalar(select(func.count()).where(Case.started_by.startswith("guest:"))) == 13


def test_their_customers_said_whether_it_worked_and_why_not(demo: Session) -> None:
    (verdict,) = insights.feedback(demo, true())

    assert (verdict.process_id, verdict.count, verdict.worked) == ("claim", 5, 3)
    assert [reason.partition(" ")[0] for reason in verdict.reasons] == ["Le", "Je"]
