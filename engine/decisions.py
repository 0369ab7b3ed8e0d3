"""Decisions that may be asked: deployed as files of DMN, numbered like processes; and every answer they gave, with its reasons."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import json_text, keys
from engine.bpmn.effects import DecisionMade
from engine.bpmn.names import A_NAME, is_name
from engine.database import Base, JsonText, key_column
from engine.dmn import DecisionTrace, DmnError, Model, Outcome, Problem, read_model
from engine.errors import NotFound
from engine.feel import FeelError, to_json, to_text
from engine.feel.sentences import say, together

if TYPE_CHECKING:
    from engine.advance import Live, Step


class Requirements(Base):
    """A file of decisions that require each other."""

    __tablename__ = "decision_requirements"

    key: Mapped[int] = key_column()
    requirements_id: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    resource_key: Mapped[int] = mapped_column(ForeignKey("resources.key"))
    resource_name: Mapped[str]
    deployment_key: Mapped[int]
    content_hash: Mapped[str]  # the same file again is the same version
    created_at: Mapped[datetime]

    __table_args__ = (Index("uq_decision_requirements_version", "requirements_id", "version", unique=True),)


class Decision(Base):
    __tablename__ = "decisions"

    key: Mapped[int] = key_column()
    decision_id: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    version_tag: Mapped[str | None]
    kind: Mapped[str]
    requirements_key: Mapped[int] = mapped_column(ForeignKey("decision_requirements.key"))
    requirements_id: Mapped[str]
    requirements_version: Mapped[int]
    requirements_name: Mapped[str]
    deployment_key: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_decisions_version", "decision_id", "version", unique=True),
        Index("ix_decisions_requirements", "requirements_key"),
    )


class DecisionInstanceState(StrEnum):
    EVALUATED = "EVALUATED"
    FAILED = "FAILED"


class DecisionInstance(Base):
    """One decision's answer. An evaluation has one of these for each decision that was made on its way, required ones first."""

    __tablename__ = "decision_instances"

    key: Mapped[int] = key_column()
    evaluation_key: Mapped[int]
    instance_id: Mapped[str]  # evaluation key and place in it, counted from 1
    decision_key: Mapped[int]
    decision_id: Mapped[str]
    decision_name: Mapped[str]
    decision_version: Mapped[int]
    decision_type: Mapped[str]
    requirements_key: Mapped[int]
    root_decision_key: Mapped[int]
    case_key: Mapped[int | None]
    instance_key: Mapped[int | None]
    root_key: Mapped[int | None]
    process_key: Mapped[int | None]
    element_instance_key: Mapped[int | None]
    business_id: Mapped[str | None]
    state: Mapped[str]
    failure: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)  # JSON text
    evaluated_inputs: Mapped[Any] = mapped_column(JsonText)
    matched_rules: Mapped[Any] = mapped_column(JsonText)
    evaluated_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_decision_instances_id", "instance_id", unique=True),
        Index("ix_decision_instances_instance", "instance_key"),
        Index("ix_decision_instances_decision", "decision_id", "key"),
        Index("ix_decision_instances_case", "case_key"),
    )


# What the REST API calls the logic of a decision; it knows no words for the other kinds of boxes.
_TYPES = {"decisionTable": "DECISION_TABLE", "literalExpression": "LITERAL_EXPRESSION"}


# -- deployed ---------------------------------------------------------------------------------------------------------


def read(content: bytes, others: Sequence[bytes] = ()) -> tuple[Model | None, list[Problem], list[Problem]]:
    """The model of a file with all its problems and warnings; `others` are files of the same deployment that it may import."""
    try:
        model = read_model(content, others)
    except DmnError as error:
        return None, list(error.problems), []
    problems = [*model.problems, *_unnamed(model)]
    return model, problems, list(model.warnings)


def _unnamed(model: Model) -> list[Problem]:
    definitions = model.definitions
    wrong: list[Problem] = []
    if not is_name(definitions.id or ""):
        wrong.append(Problem(say("Expected {a_name} as the id of the definitions, found none.", a_name=A_NAME), None, definitions.line))
    for one in model.decisions:
        if not is_name(one.id or ""):
            wrong.append(
                Problem(
                    say("Expected {a_name} as the id of the decision '{name}', found none.", a_name=A_NAME, name=one.name[:100]),
                    None,
                    one.line,
                )
            )
    if not model.decisions and not definitions.elements:
        wrong.append(Problem(say("Expected a decision in the file, found none."), definitions.id, definitions.line))
    return wrong


@dataclass(frozen=True, slots=True)
class Kept:
    requirements: Requirements
    decisions: list[Decision]


def unchanged(session: Session, model: Model, content_hash: str, resource_name: str) -> Kept | None:
    """The rows of the same file, where it is the newest of its id."""
    newest = _newest_requirements(session, model.definitions.id or "")
    if newest is None or newest.content_hash != content_hash or newest.resource_name != resource_name:
        return None
    rows = session.scalars(select(Decision).where(Decision.requirements_key == newest.key).order_by(Decision.key)).all()
    return Kept(newest, list(rows))


def keep(session: Session, model: Model, resource: Any, created_at: datetime) -> Kept:
    """Number the file and its decisions. `resource`: the row of the file."""
    definitions = model.definitions
    requirements_id = definitions.id or ""
    before = _newest_requirements(session, requirements_id)
    requirements = Requirements(
        key=keys.new(),
        requirements_id=requirements_id,
        version=before.version + 1 if before else 1,
        name=definitions.name or requirements_id,
        resource_key=resource.key,
        resource_name=resource.name,
        deployment_key=resource.deployment_key,
        content_hash=resource.content_hash,
        created_at=created_at,
    )
    session.add(requirements)
    session.flush()
    kept = Kept(requirements, [])
    for one in model.decisions:
        decision_id = one.id or one.name
        newest = newest_decision(session, decision_id)
        row = Decision(
            key=keys.new(),
            decision_id=decision_id,
            version=newest.version + 1 if newest else 1,
            name=one.name or decision_id,
            version_tag=one.version_tag,
            kind=getattr(model.units[decision_id], "logic_kind", ""),
            requirements_key=requirements.key,
            requirements_id=requirements_id,
            requirements_version=requirements.version,
            requirements_name=requirements.name,
            deployment_key=resource.deployment_key,
            created_at=created_at,
        )
        session.add(row)
        kept.decisions.append(row)
    session.flush()
    return kept


def _newest_requirements(session: Session, requirements_id: str) -> Requirements | None:
    statement = select(Requirements).where(Requirements.requirements_id == requirements_id)
    return session.scalars(statement.order_by(Requirements.version.desc()).limit(1)).first()


def newest_decision(session: Session, decision_id: str) -> Decision | None:
    return session.scalars(select(Decision).where(Decision.decision_id == decision_id).order_by(Decision.version.desc()).limit(1)).first()


# -- found ------------------------------------------------------------------------------------------------------------


def expect_decision(session: Session, *, key: int | None = None, decision_id: str | None = None) -> Decision:
    """By key, or the newest of an id. Raises NotFound."""
    found = session.get(Decision, key) if key is not None else newest_decision(session, decision_id or "")
    if found is None:
        wanted = f"key {key}" if key is not None else f"id '{decision_id}'"
        raise NotFound(f"Expected a deployed decision with {wanted}, found none.")
    return found


def called(session: Session, decision_id: str, *, binding: str, version_tag: str | None, deployment_key: int | None) -> Decision | None:
    """The decision that a business rule task means: the newest, the one of the same deployment, or by version tag."""
    statement = select(Decision).where(Decision.decision_id == decision_id)
    if binding == "deployment":
        # a file that was the same again kept its version, and that its first deployment: keys are ordered in time
        statement = statement.where(Decision.deployment_key <= deployment_key)
    elif binding == "versionTag":
        statement = statement.where(Decision.version_tag == version_tag)
    return session.scalars(statement.order_by(Decision.version.desc()).limit(1)).first()


_MAX_CACHED = 200
_models: OrderedDict[int, Model] = OrderedDict()  # by requirements key: compiled once, never changed
_models_lock = threading.Lock()


def model_of(session: Session, requirements_key: int) -> Model:
    """The model, compiled once per process of ours."""
    from engine.deployments import Resource  # it deploys what we keep, and so imports us

    with _models_lock:
        found = _models.get(requirements_key)
        if found is not None:
            _models.move_to_end(requirements_key)
            return found
    requirements = session.get_one(Requirements, requirements_key)
    beside = session.scalars(select(Resource).where(Resource.deployment_key == requirements.deployment_key)).all()
    others = [one.content for one in beside if one.name.lower().endswith(".dmn") and one.key != requirements.resource_key]
    model = read_model(session.get_one(Resource, requirements.resource_key).content, others)
    with _models_lock:
        _models[requirements_key] = model
        while len(_models) > _MAX_CACHED:
            _models.popitem(last=False)
    return model


# -- asked ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an evaluation: the value for a variable, or the sentence why there is none, and a row for each decision made."""

    key: int
    decision: Decision
    value: Any
    failure: str | None
    failed_decision_id: str | None
    rows: list[dict[str, Any]]


def evaluate(session: Session, decision: Decision, variables: Mapping[str, Any], now: datetime) -> Answer:
    """Ask a decision. All variables are visible in it, required or not. A failure is part of the answer; nothing is written."""
    model = model_of(session, decision.requirements_key)
    key = keys.new()
    failure: str | None = None
    try:
        outcome = model.evaluate(decision.decision_id, variables, now=lambda: now, traced=True, json=True, open=True)
        value = to_json(outcome.value)
    except DmnError as error:
        outcome, value, failure = Outcome(None), None, together(problem.message for problem in error.problems)
    except FeelError as error:
        outcome, value, failure = Outcome(None), None, error.message
    of_ids = _rows_by_id(session, decision.requirements_key)
    rows = [_row(key, place, made, of_ids, decision, now) for place, made in enumerate(outcome.decisions, 1)]
    if failure is not None:
        rows = [_failed(key, decision, failure, now)]
    return Answer(key, decision, value, failure, decision.decision_id if failure is not None else None, rows)


def _rows_by_id(session: Session, requirements_key: int) -> dict[str, Decision]:
    return {row.decision_id: row for row in session.scalars(select(Decision).where(Decision.requirements_key == requirements_key))}


def _row(key: int, place: int, made: DecisionTrace, rows: Mapping[str, Decision], root: Decision, now: datetime) -> dict[str, Any]:
    known = rows.get(made.id, root)  # an imported decision is told under the one that was asked
    return _facts(key, place, known, made.id, made.name, root, now) | {
        "decision_type": _TYPES.get(made.kind, "UNKNOWN"),
        "state": DecisionInstanceState.EVALUATED,
        "failure": None,
        "result": _json(made.value),
        "evaluated_inputs": _inputs(made),
        "matched_rules": _rules(made),
    }


def _failed(key: int, root: Decision, failure: str, now: datetime) -> dict[str, Any]:
    return _facts(key, 1, root, root.decision_id, root.name, root, now) | {
        "decision_type": _TYPES.get(root.kind, "UNKNOWN"),
        "state": DecisionInstanceState.FAILED,
        "failure": failure[:10_000],
        "result": "null",
        "evaluated_inputs": [],
        "matched_rules": [],
    }


def _facts(key: int, place: int, row: Decision, decision_id: str, name: str, root: Decision, now: datetime) -> dict[str, Any]:
    return {
        "key": keys.new(),
        "evaluation_key": key,
        "instance_id": f"{key}-{place}",
        "decision_key": row.key,
        "decision_id": decision_id,
        "decision_name": name,
        "decision_version": row.version,
        "requirements_key": row.requirements_key,
        "root_decision_key": root.key,
        "case_key": None,
        "instance_key": None,
        "root_key": None,
        "process_key": None,
        "element_instance_key": None,
        "business_id": None,
        "evaluated_at": now,
    }


def _inputs(made: DecisionTrace) -> list[dict[str, Any]]:
    return [
        {"inputId": one.id or "", "inputName": one.name, "inputValue": _json(one.value)} for table in made.tables for one in table.inputs
    ]


def _rules(made: DecisionTrace) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": rule.id or "",
            "ruleIndex": rule.number,
            "evaluatedOutputs": [
                {"outputId": table.output_ids.get(name) or "", "outputName": name, "outputValue": _json(value)}
                for name, value in rule.outputs.items()
            ],
        }
        for table in made.tables
        for rule in table.rules
        if rule.number in table.used
    ]


def _json(value: Any) -> str:
    """JSON text; what has no word in JSON (ranges, functions) as the text that FEEL writes."""
    try:
        return json_text.dumps(to_json(value))
    except FeelError:
        return json_text.dumps(to_text(value))


# -- in processes -------------------------------------------------------------------------------------------------------


def made(step: Step, found: Live, effect: DecisionMade) -> None:
    """Writes down what a business rule task asked, beside the case that it belongs to."""
    place = {
        "case_key": step.case.key,
        "instance_key": found.row.key,
        "root_key": found.row.root_key,
        "process_key": found.row.process_key,
        "element_instance_key": effect.element_instance_key,
        "business_id": found.row.business_id,
    }
    for row in effect.rows:
        step.writes.insert(DecisionInstance, {**row, **place})
