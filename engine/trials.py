"""Trials: small installations of their own, where a draft is run on the real engine, apart from everything real.

A trial has tables of its own (SQLite: a file; PostgreSQL: a schema), so nothing of it stands in a list, a count or a figure; its
mails are never sent; and deleting it drops the file or the schema. Here is what the installation keeps of it, and how its tables
come and go.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.schema import CreateSchema, DropSchema

from engine import clock, database, deployments, keys, parties, policies, recordings
from engine.bpmn.handoffs import HOST
from engine.database import Base, JsonText, key_column, lock_channels
from engine.errors import Invalid, NotFound, WrongState
from engine.parties import HOST_KEY, PLATFORM, Actor, Party, PartyKind
from engine.people import Group, Membership, Person
from engine.tasks import group_id_of

MOST = 20  # at the same time
KEPT = timedelta(hours=24)
MOST_FILES, MOST_BYTES = 100, 8 << 20
MOST_PARTIES = 5000  # of the directory, the oldest first: a trial needs its partners, not every customer
_NO_PASSWORD = "-"  # noqa: S105 - no password has this hash: in a trial nobody logs in, one is let in
_ABANDONED = 3600.0  # seconds after which files that no row names are swept away


class Trial(Base):
    """The row of the real installation; what happens in the trial stands in its own tables."""

    __tablename__ = "trials"

    key: Mapped[int] = key_column()
    name: Mapped[str]
    draft_key: Mapped[int | None]
    revision: Mapped[str]  # of the tables: a newer version of ours cannot open them
    created_by: Mapped[str]  # user name
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class JobSample(Base):
    """What a program would answer: given by hand once, offered again in every later trial."""

    __tablename__ = "job_samples"

    job_type: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[Any] = mapped_column(JsonText)  # {"variables": {...}} or {"error": code, "variables": {...}}
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Place:
    """Where trials lie: `folder` for their files, and the address of the database whose schemas they are (None: SQLite files)."""

    folder: Path
    database_url: str

    @property
    def _in_schemas(self) -> bool:
        return not self.database_url.startswith("sqlite")

    def schema_of(self, key: int) -> str | None:
        return f"trial_{key}" if self._in_schemas else None

    def url_of(self, key: int) -> str:
        return self.database_url if self._in_schemas else f"sqlite:///{self.folder_of(key) / 'trial.db'}"

    def folder_of(self, key: int) -> Path:
        return self.folder / str(key)

    def options_of(self, key: int, documents: Any = None) -> dict[str, Any]:
        """What `database.engine_options` needs beside the address."""
        marks = {clock.TEST_CLOCK: True, recordings.RECORDS: True, "documents": documents}
        return {"pool_size": 3, "schema": self.schema_of(key), "options": marks}


# -- the rows -----------------------------------------------------------------------------------------------------


def begin(session: Session, name: str, *, draft_key: int | None, revision: str, by: Actor) -> Trial:
    """A new row, among at most `MOST`. Raises NotAllowed, WrongState (too many)."""
    policies.require(policies.may(by, "run trials"))
    lock_channels(session, ["trials"])
    now = clock.machine_now()
    if (session.scalar(select(func.count()).select_from(Trial).where(Trial.expires_at > now)) or 0) >= MOST:
        raise WrongState(f"Expected at most {MOST} trials at the same time; delete one first.")
    trial = Trial(
        key=keys.new(),
        name=name.strip()[:200] or "Trial",
        draft_key=draft_key,
        revision=revision,
        created_by=by.username or by.id,
        created_at=now,
        expires_at=now + KEPT,
    )
    session.add(trial)
    session.flush()
    return trial


def expect(session: Session, key: int) -> Trial:
    """Raises NotFound, also for one that has run out."""
    found = session.get(Trial, key)
    if found is None or found.expires_at <= clock.machine_now():
        raise NotFound(f"Expected a trial with key {key}, found none.")
    return found


def existing(session: Session) -> list[Trial]:
    """The newest first."""
    return list(session.scalars(select(Trial).where(Trial.expires_at > clock.machine_now()).order_by(Trial.key.desc())))


def drop(session: Session, place: Place, key: int) -> None:
    """Row and tables, in one transaction where the database can; a file of SQLite goes after the commit."""
    session.execute(delete(Trial).where(Trial.key == key))
    schema = place.schema_of(key)
    if schema is not None:
        session.execute(DropSchema(schema, cascade=True, if_exists=True))
    database.after_commit(session, lambda: shutil.rmtree(place.folder_of(key), ignore_errors=True))


def drop_expired(engine: Engine, place: Place) -> int:
    """Those whose day is over, one transaction each, and files that no row names any more; how many rows went."""
    with Session(engine) as session:
        old = list(session.scalars(select(Trial.key).where(Trial.expires_at <= clock.machine_now())))
        known = {str(key) for key in session.scalars(select(Trial.key))}
        session.rollback()
        for key in old:
            database.run(session, lambda s, key=key: drop(s, place, key))  # type: ignore[misc]
    if place.folder.is_dir():
        for folder in place.folder.iterdir():
            if folder.name not in known and time.time() - folder.stat().st_mtime > _ABANDONED:
                shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def sample_of(session: Session, job_type: str) -> Any:
    found = session.get(JobSample, job_type)
    return None if found is None else found.answer


def keep_sample(session: Session, job_type: str, answer: Mapping[str, Any], *, by: Actor) -> None:
    policies.require(policies.may(by, "run trials"))
    saved_by = by.username or by.id
    session.merge(JobSample(job_type=job_type, answer=dict(answer), saved_by=saved_by, saved_at=clock.machine_now()))


# -- the tables ---------------------------------------------------------------------------------------------------


def check_files(files: Sequence[tuple[str, bytes]]) -> None:
    """Raises Invalid."""
    if not 0 < len(files) <= MOST_FILES:
        raise Invalid(f"Expected 1 to {MOST_FILES} files, found {len(files)}.", fields={"files": f"1 to {MOST_FILES} files"})
    if sum(len(content) for _, content in files) > MOST_BYTES:
        raise Invalid(f"Expected files of at most {MOST_BYTES >> 20} MB together.", fields={"files": f"at most {MOST_BYTES >> 20} MB"})


def build(real: Engine, place: Place, key: int, files: Sequence[tuple[str, bytes]], language: str) -> deployments.Deployed:
    """Makes the tables, copies the directory without passwords, deploys the files, and lets time stand still at this moment.

    Raises Refused with all problems of the files; then the caller drops what was made.
    """
    place.folder_of(key).mkdir(mode=0o700, parents=True, exist_ok=True)
    schema = place.schema_of(key)
    if schema is not None:
        with real.begin() as connection:
            connection.execute(CreateSchema(schema))
    engine = database.connect(place.url_of(key), **(place.options_of(key) | {"pool_size": 1}))
    try:
        with engine.begin() as connection:
            Base.metadata.create_all(connection, checkfirst=False)
        directory = _directory(real)
        with Session(engine) as session:
            return database.run(session, lambda s: _furnish(s, directory, files, language))
    finally:
        database.let_go(engine)


_Rows = list[tuple[Any, list[dict[str, Any]]]]  # of each table


def _furnish(session: Session, directory: _Rows, files: Sequence[tuple[str, bytes]], language: str) -> deployments.Deployed:
    clock.pin(session, clock.machine_now().replace(microsecond=0))
    for model, rows in directory:
        for some in database.batches(rows):
            session.execute(insert(model), list(some))
    parties.host(session).language = language  # of whoever tries: who is made up here speaks it, too
    done = deployments.deploy(session, files, by=PLATFORM)
    _stand_in(session, [deployments.definition(session, process.key) for process in done.processes])
    return done


def _directory(real: Engine) -> _Rows:
    with database.reading(real) as session:
        partners_first = select(Party).order_by(Party.kind == PartyKind.CUSTOMER, Party.key).limit(MOST_PARTIES)
        copied = [_plain(row) for row in session.scalars(partners_first)]
        known = {row["key"] for row in copied}
        folk = [_plain(row) | {"password_hash": _NO_PASSWORD, "must_change_password": False} for row in session.scalars(select(Person))]
        folk = [row for row in folk if row["party_key"] is None or row["party_key"] in known]
        names = {row["username"] for row in folk}
        members = [_plain(row) for row in session.scalars(select(Membership)) if row.username in names]
        return [(Party, copied), (Person, folk), (Group, [_plain(row) for row in session.scalars(select(Group))]), (Membership, members)]


def _plain(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


# -- somebody for every side --------------------------------------------------------------------------------------

TRYING = "trial:"  # actor id of whoever tries, where they act as nobody of the cast
_PARTY_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
STAND_IN = "trial-"  # user names of people who exist in a trial only


def _stand_in(session: Session, definitions: Iterable[Any]) -> None:
    """Every team and party of the model has somebody who can act: where the directory has nobody, a made-up person."""
    for side in sides_of([definition.handoffs for definition in definitions]):
        if side.role.kind == HOST:
            if group_id := group_id_of(side.name):
                fill_team(session, group_id, side.name)
        else:
            _for_party(session, side)
    session.flush()


def sides_of(models: Sequence[Any]) -> list[Any]:
    """Where work is done, in the order of the models; then other parties whose pools are closed boxes."""
    working = [side for model in models for side in model.sides.values()]
    known = {side.id for side in working}
    boxes = [side for model in models for side in model.pools.values() if side.id not in known and side.role.kind != HOST]
    return list(dict.fromkeys([*working, *boxes]))


def fill_team(session: Session, group_id: str, name: str) -> None:
    """Where nobody is in the group, somebody is made up."""
    if session.get(Group, group_id) is None:
        session.add(Group(group_id=group_id, name=name))
        session.flush()
    members = select(Person.username).join(Membership, Membership.username == Person.username)
    if session.scalar(members.where(Membership.group_id == group_id, Person.active).limit(1)) is None:
        username = _person(session, group_id, name, None, parties.host(session).language)
        session.merge(Membership(group_id=group_id, username=username))
        session.flush()


def _for_party(session: Session, side: Any) -> None:
    """A partner or customer that the model names; where it names none, one that can be chosen, or that begins the case."""
    role = side.role
    party = parties.by_party_id(session, role.party_id) if role.party_id else None
    if party is None and not role.binding:
        party_id = stand_in_id(role)
        party = parties.by_party_id(session, party_id) or _party(session, party_id, side.name, role.kind)
    if party is not None and party.key != HOST_KEY:
        stand_in_for(session, party)


def stand_in_id(role: Any) -> str:
    """The id of the party that is made up for a role: the one that the model names, else one of the trial's own."""
    if role.party_id and _PARTY_ID.fullmatch(role.party_id):
        return str(role.party_id)
    return f"{STAND_IN}{parties.id_from_name(role.role, ())}"[:63].rstrip("-")


def _party(session: Session, party_id: str, name: str, kind: str) -> Party:
    contacts = [{"name": name, "email": f"{party_id}@trial.example"}]
    return parties.save(session, {"party_id": party_id, "name": name, "kind": kind, "contacts": contacts}, by=PLATFORM)


def stand_in_for(session: Session, party: Party) -> str:
    """Somebody of this party who can act in the portal: its first account, else a made-up one. A user name."""
    found = session.scalar(select(Person.username).where(Person.party_key == party.key, Person.active).order_by(Person.username).limit(1))
    return found or _person(session, party.party_id, party.name, party.key, party.language)


def _person(session: Session, name_of: str, name: str, party_key: int | None, language: str) -> str:
    username = f"{STAND_IN}{name_of.removeprefix(STAND_IN)}"[:100]
    if session.get(Person, username) is None:
        session.add(
            Person(
                username=username,
                name=name,
                email=None,
                organisation=None,
                party_key=party_key,
                language=language,
                password_hash=_NO_PASSWORD,
                must_change_password=False,
                active=True,
                roles=["member"] if party_key is None else [],
                created_at=clock.machine_now(),
            )
        )
        session.flush()
    return username

