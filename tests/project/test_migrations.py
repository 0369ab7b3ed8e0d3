"""The tables that the migrations make are the tables that the rows describe."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from engine import clock, database, deployments, feedback, json_text, links, migrations, parties, schema, worker
from engine.commands import cases, erasures
from engine.errors import WrongSettings
from engine.instances import Instance
from engine.links import Link, LinkKind
from engine.parties import PLATFORM, Actor, PartyKind
from engine.variables import Variable
from tests import databases
from tests.portal.reception import TWO_POOLS

_SQLITE = "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
_POSTGRESQL = (
    "SELECT table_name, column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
)


@pytest.fixture
def two_databases(database_kind: str, tmp_path: Path) -> object:
    engines = [databases.connect(databases.create(database_kind, tmp_path)) for _ in range(2)]
    yield engines
    for engine in engines:
        url = engine.url.render_as_string(hide_password=False)
        engine.dispose()
        databases.drop(url)


def test_migrating_makes_exactly_what_the_rows_describe(two_databases: list[Engine]) -> None:
    migrated, described = two_databases
    migrations.upgrade(migrated)
    migrations.whole_metadata().create_all(described)

    assert _schema(migrated) == _schema(described)
    assert len(_schema(described)) > 50


def test_migrating_twice_changes_nothing_the_second_time(two_databases: list[Engine]) -> None:
    engine = two_databases[0]

    assert not migrations.is_current(engine)
    assert migrations.upgrade(engine)
    assert migrations.is_current(engine)
    assert not migrations.upgrade(engine)


def test_a_database_of_a_newer_version_is_refused(two_databases: list[Engine]) -> None:
    engine = two_databases[0]
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = _schema(engine)

    with pytest.raises(WrongSettings, match="newer version"):
        migrations.upgrade(engine)
    assert _schema(engine) == before


def test_the_directory_comes_to_an_older_installation_and_everybody_stays_in_the_groups(two_databases: list[Engine]) -> None:
    engine = two_databases[0]
    with engine.begin() as connection:
        command.upgrade(migrations._config(connection), "0001")
        for statement in (
            "INSERT INTO groups VALUES ('desk', 'Desk')",
            "INSERT INTO people (username, name, language, password_hash, must_change_password, active, roles, created_at)"
            " VALUES ('nora', 'Nora', 'en', 'x', false, true, '[]', '2026-01-01 00:00:00')",
            "INSERT INTO memberships VALUES ('desk', 'nora')",
        ):
            connection.execute(text(statement))

    migrations.upgrade(engine)

    with engine.connect() as connection:
        people = connection.execute(text("SELECT username, party_key FROM people JOIN memberships USING (username)")).all()
        assert people == [("nora", None)]
        assert connection.execute(text("SELECT key, kind FROM parties")).all() == [(1, "host")]


def test_an_installation_with_cases_takes_public_starts_and_answers_and_erases_them(two_databases: list[Engine]) -> None:
    engine = two_databases[0]
    with engine.begin() as connection:
        command.upgrade(migrations._config(connection), "0007_decisions")
    form = json_text.dump_bytes({"id": "wish", "type": "default", "components": [{"type": "textfield", "key": "book", "label": "Book"}]})
    with Session(engine) as session:
        database.run(session, lambda s: deployments.deploy(s, [("two.bpmn", TWO_POOLS.encode()), ("wish.form", form)], by=PLATFORM))
        process = database.run(session, lambda s: deployments.expect_process(s, process_id="ask"))
        mary = database.run(session, lambda s: parties.customer(s, "mary@ann.example", "Mary").key)
        reader = Actor(id="guest:7", name="Mary", party_key=mary, party_kind=PartyKind.CUSTOMER, link_key=7)
        before = database.run(session, lambda s: cases.start(s, process, {"book": "Middlemarch"}, by=reader)).case_key
    assert migrations.upgrade(engine)

    with Session(engine) as session:
        worker.settle(session)
        open_one = select(Instance.key).where(Instance.case_key == before, Instance.state == "ACTIVE")
        database.run(session, lambda s: cases.cancel(s, s.scalars(open_one).one(), by=PLATFORM))
        link = database.run(session, _followed(before))
        database.run(session, lambda s: feedback.give(s, s.get_one(Link, link), False, "It was cancelled."))
        database.run(session, lambda s: erasures.erase(s, before, by=PLATFORM))
        worker.settle(session)
        assert database.run(session, lambda s: [row.reason for row in feedback.of_case(s, before)]) == [None]
        assert database.run(session, lambda s: s.scalars(select(Variable.value).where(Variable.name == "book")).all()) == []


def _followed(case_key: int) -> Callable[[Session], int]:
    def make(session: Session) -> int:
        writes, now = database.Writes(), clock.now(session)
        link = links.make(writes, kind=LinkKind.CASE, address="mary@ann.example", name="Mary", language="en", at=now, case_key=case_key)
        writes.flush(session)
        return int(link.key)

    return make


def test_every_noun_with_rows_is_in_the_schema() -> None:
    folder = Path(database.__file__).parent
    found = {file.stem for file in folder.glob("*.py") if re.search(r"^    __tablename__ = ", file.read_text(), re.M)}

    assert {noun for noun in schema.__all__ if noun != "metadata"} == found


def _schema(engine: Engine) -> set[tuple[str, str]]:
    """Everything that the database itself says of its tables, in words that do not depend on the order of writing."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return {(table, part) for table, sql in connection.execute(text(_SQLITE)) for part in _parts(sql)}
        found = {(row[0], row[1]) for query in _POSTGRESQL for row in connection.execute(text(query))}
        return {row for row in found if row[0] != "alembic_version"}


def _parts(sql: str) -> list[str]:
    """The lines of a CREATE statement without quotes and layout."""
    lines = [re.sub(r"\s+", " ", re.sub(r"[\"`]", "", line).strip().rstrip(",")) for line in sql.splitlines()]
    # SQLite appends a later column to the last line, with its reference beside it
    columns = [column for line in lines for column in re.split(r", (?=\w+ [A-Z])", line) if column not in ("", ")")]
    with_reference = re.compile(r"^(?!FOREIGN)(\w+) (.+) (REFERENCES .+)")
    return [part for column in columns for part in with_reference.sub(r"\1 \2;FOREIGN KEY(\1) \3", column).split(";")]
