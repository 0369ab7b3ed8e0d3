"""Models that may be started: checked once, numbered, never changed."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import structlog
from sqlalchemy import ForeignKey, Index, Text, delete, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, decisions, form_checks, json_text, keys, messages, policies, timers
from engine.bpmn import diagram
from engine.bpmn.definition import Definition, Start
from engine.database import Base, JsonText, Read, after_commit, fetch, key_column, lock_channels
from engine.decisions import Kept
from engine.dmn import Model
from engine.errors import Invalid, NotFound, Refused
from engine.feel.sentences import Sentence, say
from engine.parties import Actor, Party

log = structlog.get_logger()


class Deployment(Base):
    __tablename__ = "deployments"

    key: Mapped[int] = key_column()
    deployed_by: Mapped[str | None]
    created_at: Mapped[datetime]


class Resource(Base):
    """A file as it was deployed, byte for byte."""

    __tablename__ = "resources"

    key: Mapped[int] = key_column()
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployments.key"))
    name: Mapped[str]
    content: Mapped[bytes]
    content_hash: Mapped[str]

    __table_args__ = (Index("ix_resources_name", "name", "key"),)


class Process(Base):
    __tablename__ = "processes"

    key: Mapped[int] = key_column()
    process_id: Mapped[str]
    version: Mapped[int]
    name: Mapped[str | None]
    version_tag: Mapped[str | None]
    pool: Mapped[str | None]
    resource_key: Mapped[int] = mapped_column(ForeignKey("resources.key"))
    resource_name: Mapped[str]
    deployment_key: Mapped[int]
    content_hash: Mapped[str]  # the same file again is the same version
    has_start_form: Mapped[bool] = mapped_column(default=False)
    starter_kind: Mapped[str | None]  # host | partner | customer: whose pool or lane the none start event stands in
    starter_party_id: Mapped[str | None]  # the party that the model names there
    has_public_start: Mapped[bool] = mapped_column(default=False, server_default=false())  # anybody may, after proving an address
    warnings: Mapped[Any] = mapped_column(JsonText, nullable=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("uq_processes_version", "process_id", "version", unique=True),)


class Form(Base):
    __tablename__ = "forms"

    key: Mapped[int] = key_column()
    form_id: Mapped[str]
    version: Mapped[int]
    schema: Mapped[str] = mapped_column(Text)  # form-js JSON as deployed
    resource_name: Mapped[str]
    deployment_key: Mapped[int]
    content_hash: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (Index("uq_forms_version", "form_id", "version", unique=True),)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong with (or worth knowing of) a file."""

    file: str
    element_id: str | None
    element_name: str | None
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    key: int
    processes: list[Process] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    decisions: list[Kept] = field(default_factory=list)
    warnings: list[FileProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looked:
    """Files as a deployment reads them, and what is wrong with them."""

    diagrams: list[tuple[str, bytes, diagram.Diagram]]
    schemas: list[tuple[str, bytes, Any]]
    models: list[tuple[str, bytes, Model]]
    problems: list[FileProblem]
    warnings: list[FileProblem]


MAX_FILES = 100


def _starter(definition: Definition) -> dict[str, Any]:
    sides = [definition.handoffs.sides.get(start.element_id) for start in definition.starts if start.kind == "none"]
    role = sides[0].role if sides and sides[0] is not None else None
    return {
        "starter_kind": role.kind if role else None,
        "starter_party_id": role.party_id if role else None,
        "has_public_start": role is not None and role.public_start,
    }


_KINDS = {".dmn": "decision", ".bpmn": "bpmn", ".bpmn20.xml": "bpmn", ".xml": "bpmn", ".form": "form", ".json": "form"}


def kind_of(name: str) -> str | None:
    """bpmn, decision or form, by the ending of a file's name; None: nothing that can be deployed."""
    return next((kind for ending, kind in _KINDS.items() if name.lower().endswith(ending)), None)


def look_at(files: Sequence[tuple[str, bytes]]) -> Looked:
    """The slow part of a deployment: it takes seconds for a large model, and nothing of the database."""
    diagrams, schemas, problems, warnings = _read(files)
    models = _read_decisions(files, problems, warnings)
    return Looked(diagrams, schemas, models, problems, warnings)


def deploy(session: Session, files: Sequence[tuple[str, bytes]], *, looked: Looked | None = None, by: Actor) -> Deployed:
    """Check all files; number and keep them all, or none. The same file again is the same version.

    `looked`: at these files, where the caller has something locked already that others wait for.
    Raises Refused with all problems of all files, Invalid where there is nothing to deploy.
    """
    policies.require(policies.may_deploy(by))
    if not 0 < len(files) <= MAX_FILES:
        raise Invalid(
            say("Expected 1 to {max_files} files, found {count}.", max_files=MAX_FILES, count=len(files)),
            fields={"resources": f"1 to {MAX_FILES} files"},
        )
    found = looked or look_at(files)
    if found.problems:
        lines = [_in_words(one) for one in found.problems]
        raise Refused("\n".join(lines), problems=found.problems, lines=lines)
    lock_channels(session, ["deploy"])
    deployment = Deployment(key=keys.new(), deployed_by=by.id, created_at=clock.now(session))
    session.add(deployment)
    session.flush()
    warnings = [*found.warnings, *_strangers(session, found.diagrams)]
    done = Deployed(deployment.key, warnings=warnings)
    for name, content, schema in found.schemas:
        done.forms.append(_keep_form(session, deployment, name, content, schema))
    for name, content, model in found.models:
        done.decisions.append(_keep_decisions(session, deployment, name, content, model))
    for name, content, drawn in found.diagrams:
        done.processes.extend(_keep_processes(session, deployment, name, content, drawn.definitions, warnings))
    session.flush()
    after_commit(session, partial(_note, warnings))
    return done


def _note(warnings: Sequence[FileProblem]) -> None:
    for one in warnings:
        log.warning("worth knowing of a model", file=one.file, element=one.element_id, said=one.message)


def _strangers(session: Session, diagrams: Sequence[tuple[str, bytes, diagram.Diagram]]) -> list[FileProblem]:
    """Parties that a model names and the directory does not know, or not yet: it may be filled in later, so this is no refusal."""
    named: dict[tuple[str, str], str] = {}
    for name, _, drawn in diagrams:
        for definition in drawn.definitions:
            for side in (*definition.handoffs.pools.values(), *definition.handoffs.sides.values()):
                if side.role.party_id is not None:
                    named[name, side.id] = side.role.party_id
    known = set(session.scalars(select(Party.party_id).where(Party.party_id.in_(set(named.values())), Party.active))) if named else set()
    return [FileProblem(name, at, None, _no_party(party_id)) for (name, at), party_id in named.items() if party_id not in known]


def _no_party(party_id: str) -> Sentence:
    return say(
        "Expected an active party '{party}' in the directory, found none: work stops where it crosses to it, until it is there.",
        party=party_id,
    )


def _read(
    files: Sequence[tuple[str, bytes]],
) -> tuple[list[tuple[str, bytes, diagram.Diagram]], list[tuple[str, bytes, Any]], list[FileProblem], list[FileProblem]]:
    diagrams, schemas = [], []
    problems: list[FileProblem] = []
    warnings: list[FileProblem] = []
    owner: dict[str, str] = {}
    for name, content in files:
        kind = kind_of(name)
        if kind == "bpmn":
            drawn = diagram.read(content, name)
            problems += [FileProblem(name, p.element_id, p.element_name, p.message, p.line) for p in drawn.problems]
            warnings += [FileProblem(name, p.element_id, p.element_name, p.message, p.line) for p in drawn.warnings]
            for process_id in drawn.process_ids:
                if owner.setdefault(process_id, name) != name:
                    problems.append(
                        FileProblem(
                            name,
                            process_id,
                            None,
                            say(
                                "Expected each process in one file, found '{process_id}' in {owner} too.",
                                process_id=process_id,
                                owner=owner[process_id],
                            ),
                        )
                    )
            diagrams.append((name, content, drawn))
        elif kind == "form":
            schema, wrong = read_form(content)
            problems += [FileProblem(name, None, None, message) for message in wrong]
            schemas.append((name, content, schema))
        elif kind is None:
            problems.append(FileProblem(name, None, None, say("Expected a .bpmn, .dmn or .form file.")))
    return diagrams, schemas, problems, warnings


def _read_decisions(
    files: Sequence[tuple[str, bytes]], problems: list[FileProblem], warnings: list[FileProblem]
) -> list[tuple[str, bytes, Model]]:
    found = [(name, content) for name, content in files if name.lower().endswith(".dmn")]
    models: list[tuple[str, bytes, Model]] = []
    owner: dict[str, str] = {}
    for name, content in found:
        model, wrong, worth_knowing = decisions.read(content, [other for _, other in found if other is not content])
        problems += [FileProblem(name, p.element_id, None, p.message, p.line) for p in wrong]
        warnings += [FileProblem(name, p.element_id, None, p.message, p.line) for p in worth_knowing]
        for one in model.decisions if model is not None else ():
            if owner.setdefault(one.id or "", name) != name:
                message = say("Expected each decision in one file, found '{id}' in {owner} too.", id=one.id, owner=owner[one.id or ""])
                problems.append(FileProblem(name, one.id, one.name, message))
        if model is not None:
            models.append((name, content, model))
    return models


def _keep_decisions(session: Session, deployment: Deployment, name: str, content: bytes, model: Model) -> Kept:
    known = decisions.unchanged(session, model, _hash(content), name)
    if known is not None:
        return known
    resource = Resource(key=keys.new(), deployment_key=deployment.key, name=name, content=content, content_hash=_hash(content))
    session.add(resource)
    session.flush()
    return decisions.keep(session, model, resource, deployment.created_at)


def read_form(content: bytes) -> tuple[Any, list[str]]:
    """The schema, and what is wrong with it."""
    try:
        schema = json_text.loads(content)
    except json_text.NotJson as error:
        return None, [say("Expected a form-js schema as JSON: {error}", error=str(error))]
    return schema, list(form_checks.problems(schema))


def _in_words(one: FileProblem) -> Sentence:
    element = say(" '{name}' ({id})", name=one.element_name or one.element_id, id=one.element_id) if one.element_id else ""
    line = say(", line {line}", line=one.line) if one.line else ""
    return say("{file}{element}{line}: {message}", file=one.file, element=element, line=line, message=one.message)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _keep_form(session: Session, deployment: Deployment, name: str, content: bytes, schema: Any) -> Form:
    form_id = str(schema["id"])
    newest = newest_form(session, form_id)
    if newest is not None and newest.content_hash == _hash(content):
        return newest
    form = Form(
        key=keys.new(),
        form_id=form_id,
        version=newest.version + 1 if newest else 1,
        schema=content.decode(),
        resource_name=name,
        deployment_key=deployment.key,
        content_hash=_hash(content),
        created_at=deployment.created_at,
    )
    session.add(form)
    return form


def _keep_processes(
    session: Session, deployment: Deployment, name: str, content: bytes, definitions: Sequence[Definition], warnings: Sequence[FileProblem]
) -> list[Process]:
    newest = {d.process_id: _newest(session, d.process_id) for d in definitions}
    known = [row for row in newest.values() if row is not None and row.content_hash == _hash(content) and row.resource_name == name]
    if len(known) == len(definitions):
        return known
    resource = Resource(key=keys.new(), deployment_key=deployment.key, name=name, content=content, content_hash=_hash(content))
    session.add(resource)
    session.flush()
    kept = []
    for definition in definitions:
        before = newest[definition.process_id]
        process = Process(
            key=keys.new(),
            process_id=definition.process_id,
            version=before.version + 1 if before else 1,
            name=definition.name,
            version_tag=definition.version_tag,
            pool=definition.pool_name,
            resource_key=resource.key,
            resource_name=name,
            deployment_key=deployment.key,
            content_hash=resource.content_hash,
            **_starter(definition),
            has_start_form=any(start.form_id or start.form_key for start in definition.starts),
            warnings=[{"elementId": w.element_id, "message": w.message} for w in warnings if w.file == name] or None,
            created_at=deployment.created_at,
        )
        session.add(process)
        session.flush()
        if before is not None:
            _stop_starting(session, before.key)
        for start in definition.starts:
            _begin_starting(session, process, start)
        kept.append(process)
    return kept


def _stop_starting(session: Session, process_key: int) -> None:
    # only the newest version is started by messages, signals and timers
    of_process = (messages.Subscription.process_key == process_key) & messages.Subscription.instance_key.is_(None)
    session.execute(delete(messages.Subscription).where(of_process))
    session.execute(delete(timers.Timer).where((timers.Timer.process_key == process_key) & timers.Timer.instance_key.is_(None)))


def _begin_starting(session: Session, process: Process, start: Start) -> None:
    now = clock.now(session)
    if start.kind == "timer" and start.timer is not None:
        due = start.timer.first_due(now)
        session.add(
            timers.Timer(key=keys.new(), due_at=due.at, element_id=start.element_id, process_key=process.key, repetitions=due.repetitions)
        )
    name = {"message": start.message_name, "signal": start.signal_name}.get(start.kind)
    if name is not None:
        session.add(
            messages.Subscription(
                key=keys.new(),
                kind=start.kind,
                name=name,
                correlation_key=None,
                element_id=start.element_id,
                process_key=process.key,
                process_id=process.process_id,
                created_at=now,
            )
        )


# -- finding ------------------------------------------------------------------------------------------------------


def _newest(session: Session, process_id: str) -> Any:
    (rows,) = fetch(session, Read(Process, "WHERE process_id = ? ORDER BY version DESC LIMIT 1", [process_id]))
    return rows[0] if rows else None


def newest_form(session: Session, form_id: str) -> Form | None:
    return session.scalars(select(Form).where(Form.form_id == form_id).order_by(Form.version.desc()).limit(1)).first()


def expect_process(session: Session, *, key: int | None = None, process_id: str | None = None, version: int | None = None) -> Any:
    """The row of a process, by key, or by id and version (None or -1: the newest). Raises NotFound."""
    found: Any
    if key is not None:
        (rows,) = fetch(session, Read(Process, "WHERE key = ?", [key]))
        found = rows[0] if rows else None
    elif version is None or version == -1:
        found = _newest(session, process_id or "")
    else:
        (rows,) = fetch(session, Read(Process, "WHERE process_id = ? AND version = ?", [process_id, version]))
        found = rows[0] if rows else None
    if found is None:
        of_version = f" and version {version}" if version not in (None, -1) else ""
        wanted = f"key {key}" if key is not None else f"id '{process_id}'{of_version}"
        raise NotFound(f"Expected a deployed process with {wanted}, found none.")
    return found


def called(session: Session, process_id: str, *, binding: str, version_tag: str | None, caller_process_key: int) -> Any:
    """The process that a call activity means, or None: the newest, the one of the same deployment, or by version tag."""
    statement = select(Process).where(Process.process_id == process_id)
    if binding == "deployment":
        same = select(Process.deployment_key).where(Process.key == caller_process_key).scalar_subquery()
        statement = statement.where(Process.deployment_key == same)
    elif binding == "versionTag":
        statement = statement.where(Process.version_tag == version_tag)
    return session.scalars(statement.order_by(Process.version.desc()).limit(1)).first()


def sibling(session: Session, process_key: int, process_id: str | None) -> Any:
    """Another pool of the same model."""
    same = select(Process.resource_key).where(Process.key == process_key).scalar_subquery()
    found = session.scalars(select(Process).where(Process.process_id == process_id, Process.resource_key == same)).first()
    if found is None:
        raise NotFound(f"Expected process '{process_id}' beside the one that sends to it, found none.")
    return found


_MAX_CACHED = 200
_definitions: OrderedDict[int, Definition] = OrderedDict()  # by process key: parsed once, never changed
_definitions_lock = threading.Lock()


def definition(session: Session, process_key: int) -> Definition:
    """The model, parsed once per process of ours and shared by all instances. Raises NotFound."""
    with _definitions_lock:
        found = _definitions.get(process_key)
        if found is not None:
            _definitions.move_to_end(process_key)
            return found
    process = expect_process(session, key=process_key)
    resource = session.get_one(Resource, process.resource_key)
    by_id = {d.process_id: d for d in diagram.compiled(resource.content)}
    if process.process_id not in by_id:
        raise NotFound(f"Expected process '{process.process_id}' in {resource.name}, found none.")
    with _definitions_lock:
        _definitions[process_key] = by_id[process.process_id]
        while len(_definitions) > _MAX_CACHED:
            _definitions.popitem(last=False)
    return by_id[process.process_id]


def form_for(session: Session, *, process_key: int, form_id: str | None = None, form_key: str | None = None) -> Any:
    """The form of a task or start event: a deployed one (the newest), or one embedded in the model. None where there is none."""
    if form_id is not None:
        return newest_form(session, form_id)
    if form_key is not None:
        name = form_key.rpartition(":")[2]
        schema = definition(session, process_key).embedded_forms.get(name)
        if schema is not None:
            return SimpleNamespace(key=process_key, form_id=name, version=1, schema=schema)
    return None
