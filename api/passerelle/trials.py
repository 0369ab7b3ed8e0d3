"""Trials: begin one from a draft or from files, act in it, move its time, keep its run as a scenario, throw it away."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate, validates_schema
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth
from api import trials as doors
from api.trials import World, way_in, worlds
from api.v2.fields import Answer, Bool, Key, Strict, Text, Time, Variables, said, text, time
from api.v2.operations import operation
from engine import (
    cases,
    clock,
    database,
    deployments,
    drafts,
    job_answers,
    mails,
    migrations,
    trial_casts,
    trial_scenarios,
    trials,
    variables,
)
from engine.commands import cases as begin_cases
from engine.commands import clock as move_clock
from engine.commands import jobs as job_commands
from engine.deployments import Process
from engine.errors import Invalid, NotFound
from engine.jobs import OPEN, Job
from engine.notifications import Notification
from engine.parties import Actor
from engine.trials import Trial

routes = Blueprint("trials", __name__, description="Drafts run on the real engine, apart from everything real.")

_MOST_SHOWN = 200
_ANSWER_MS = 60_000  # of the trial's time, which stands still


# -- the list -----------------------------------------------------------------------------------------------------


class DraftFile(Strict):
    name = Text(required=True, least=1, most=200)
    content = Text(required=True, most=trials.MOST_BYTES)


class BeginTrial(Strict):
    """Either the key of a draft, or files."""

    draftKey = Key()
    name = Text(most=200)
    files = fields.List(fields.Nested(DraftFile), validate=validate.Length(min=1, max=trials.MOST_FILES))

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("draftKey" in data) == ("files" in data):
            raise ValidationError("expected either draftKey or files", "files")


class TrialShown(Answer):
    trialKey = said()
    name = said()
    draftKey = said(null=True)
    createdBy = said()
    creationTime = said()
    expiryTime = said()
    url = said(metadata={"description": "Path of its page in the workbench."})


class TrialList(Answer):
    items = fields.List(fields.Nested(TrialShown), required=True)


def shown(row: Trial) -> dict[str, Any]:
    return {
        "trialKey": text(row.key),
        "name": row.name,
        "draftKey": text(row.draft_key),
        "createdBy": row.created_by,
        "creationTime": time(row.created_at),
        "expiryTime": time(row.expires_at),
        "url": f"/workbench/trials/{row.key}",
    }


@operation(routes, "GET", "/trials", name="listTrials", may="run trials", answer=TrialList)
def listed(session: Session, *, by: Actor) -> dict[str, Any]:
    """All trials that have not run out, the newest first."""
    return {"items": [shown(row) for row in trials.existing(session)]}


@operation(routes, "POST", "/trials", name="beginTrial", may="run trials", body=BeginTrial, answer=TrialShown)
def begin(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Make a trial: tables of its own, a copy of the directory, the files deployed in it. It lasts a day."""
    name, draft_key, files = _files_of(session, body, by)
    trials.check_files(files)
    session.rollback()  # making the tables takes a moment: nobody waits for this reading meanwhile
    place = worlds().place
    trials.drop_expired(auth.engine(), place)
    row = _write(lambda s: _plain(trials.begin(s, name, draft_key=draft_key, revision=str(migrations.head()), by=by)))
    try:
        trials.build(auth.engine(), place, int(row["trialKey"]), files, by.language)
    except BaseException:
        _write(lambda s: trials.drop(s, place, int(row["trialKey"])))
        raise
    return row


def _plain(row: Trial) -> dict[str, Any]:
    return shown(row)


def _files_of(session: Session, body: Mapping[str, Any], by: Actor) -> tuple[str, int | None, list[tuple[str, bytes]]]:
    """Name, draft and files to deploy. Raises NotFound."""
    if "files" in body:
        files = [(one["name"], one["content"].encode("utf-8", "surrogatepass")) for one in body["files"]]
        return body.get("name") or files[0][0].rpartition(".")[0], None, files
    draft = drafts.expect(session, body["draftKey"], by=by)
    found = drafts.files_of(session, draft.key)
    return body.get("name") or draft.name, draft.key, [one for one in found.items() if one[0].endswith(drafts.ENDINGS)]


def _write(work: Any) -> Any:
    with Session(auth.engine()) as session:
        return database.run(session, work)


@operation(routes, "DELETE", "/trials/<trialKey>", name="deleteTrial", may="run trials")
def delete(session: Session, trial_key: int, *, by: Actor) -> None:
    """Throw it away with everything in it."""
    trials.expect(session, trial_key)
    session.rollback()
    worlds().close(trial_key)
    _write(lambda s: trials.drop(s, worlds().place, trial_key))


# -- in a trial ---------------------------------------------------------------------------------------------------


def _inside(by: Actor) -> Actor:
    """Whoever tries a draft may do everything in its trial."""
    return doors.inside(by)


def _open(session: Session, key: int) -> World:
    """The trial; the reading that found it is over, because what follows writes elsewhere."""
    here = doors.world(session, key)
    session.rollback()
    return here


def _do(here: World, work: Any) -> Any:
    """One command in the trial, and all that follows from it."""
    with Session(here.engine) as session:
        done = database.run(session, work)
    here.settle()
    return done


class ProcessIn(Answer):
    processDefinitionKey = said()
    processDefinitionId = said()
    name = said(null=True)
    version = said(fields.Int)
    resourceName = said()
    formKey = said(null=True)
    starter = said(metadata={"description": "Who begins it: host, partner or customer; empty where nobody does by hand."})
    messages = fields.List(fields.Str(), required=True, metadata={"description": "Names of messages that begin it."})
    signals = fields.List(fields.Str(), required=True, metadata={"description": "Names of signals that begin it."})


class CaseIn(Answer):
    caseKey = said()
    caseNumber = said()
    title = said(null=True)
    state = said()
    revision = said(fields.Int)


class MemberShown(Answer):
    username = said()
    name = said()
    side = said(metadata={"description": "The pool or lane of the model."})
    kind = said()
    partyName = said(null=True)
    isStandIn = said(fields.Bool, metadata={"description": "Made up for the trial, because the directory has nobody."})
    openTasks = said(fields.Int)


class GuestShown(Answer):
    linkKey = said()
    name = said()
    address = said()
    side = said(null=True)
    partyName = said(null=True)


class JobIn(Answer):
    jobKey = said()
    type = said()
    elementId = said()
    elementName = said(null=True)
    state = said()
    caseKey = said()
    errorMessage = said(null=True)
    headers = said(fields.Dict)
    variables = said(fields.Dict)
    sample = said(fields.Dict, null=True, metadata={"description": "What was kept of an earlier trial for jobs of this type."})
    proposal = said(fields.Dict, metadata={"description": "Example values of what the model wants from it and is not there yet."})


class MailIn(Answer):
    notificationKey = said()
    kind = said()
    toName = said(null=True)
    toAddress = said()
    subject = said(null=True)
    text = said(null=True)
    linkKey = said(null=True)
    creationTime = said()
    url = said(metadata={"description": "Path of the mail as it would be sent."})


class TrialInFull(TrialShown):
    now = said(metadata={"description": "The trial's own time; it stands still until it is moved."})
    base = said(metadata={"description": "Below this path the whole API answers from the trial."})
    processes = fields.List(fields.Nested(ProcessIn), required=True)
    cases = fields.List(fields.Nested(CaseIn), required=True)
    cast = fields.List(fields.Nested(MemberShown), required=True)
    guests = fields.List(fields.Nested(GuestShown), required=True)
    jobs = fields.List(fields.Nested(JobIn), required=True)
    mails = fields.List(fields.Nested(MailIn), required=True)


@operation(routes, "GET", "/trials/<trialKey>", name="getTrial", may="run trials", answer=TrialInFull)
def get(session: Session, trial_key: int, *, by: Actor) -> dict[str, Any]:
    """What there is in a trial: processes, cases, who can act, jobs that wait for a program, mails that were not sent, the time."""
    row = shown(trials.expect(session, trial_key))
    here = doors.world(session, trial_key)
    samples = {sample.job_type: sample.answer for sample in session.scalars(select(trials.JobSample))}
    with database.reading(here.engine) as inside:
        members, guests = trial_casts.cast(inside)
        return row | {
            "now": time(clock.now(inside)),
            "base": f"/trials/{trial_key}",
            "processes": [_process(inside, one) for one in inside.scalars(_NEWEST)],
            "cases": [_case(one) for one in inside.scalars(trial_casts.NEWEST_CASES)],
            "cast": [_member(one) for one in members],
            "guests": [_guest(one) for one in guests],
            "jobs": _jobs(inside, samples),
            "mails": _mails(inside, here),
        }


_NEWEST = select(Process).order_by(Process.key).limit(_MOST_SHOWN)


def _process(session: Session, row: Any) -> dict[str, Any]:
    resource = session.get_one(deployments.Resource, row.resource_key)
    every = deployments.definition(session, row.key).starts
    starts = [start for start in every if start.kind == "none"]
    return {
        "processDefinitionKey": text(row.key),
        "processDefinitionId": row.process_id,
        "name": row.name,
        "version": row.version,
        "resourceName": resource.name,
        "formKey": (starts[0].form_id or starts[0].form_key) if len(starts) == 1 else None,
        "starter": (row.starter_kind or "host") if len(starts) == 1 else "",
        "messages": [start.message_name for start in every if start.message_name],
        "signals": [start.signal_name for start in every if start.signal_name],
    }


def _case(row: Any) -> dict[str, Any]:
    return {
        "caseKey": text(row.key),
        "caseNumber": cases.number_for_people(row.number),
        "title": row.title,
        "state": row.state,
        "revision": row.revision,
    }


def _member(one: trial_casts.Member) -> dict[str, Any]:
    return {
        "username": one.username,
        "name": one.name,
        "side": one.side,
        "kind": one.kind,
        "partyName": one.party_name,
        "isStandIn": one.username.startswith(trials.STAND_IN),
        "openTasks": one.open_tasks,
    }


def _guest(one: trial_casts.Guest) -> dict[str, Any]:
    return {"linkKey": text(one.link_key), "name": one.name, "address": one.address, "side": one.side, "partyName": one.party_name}


def _jobs(session: Session, samples: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = list(session.scalars(select(Job).where(Job.ended_at.is_(None)).order_by(Job.key).limit(_MOST_SHOWN)))
    seen = variables.visible_from(session, [row.element_instance_key for row in rows])
    models = {key: deployments.definition(session, key) for key in {row.process_key for row in rows}}
    now = clock.now(session)
    return [
        {
            "jobKey": text(row.key),
            "type": row.type,
            "elementId": row.element_id,
            "elementName": element.name if (element := models[row.process_key].elements.get(row.element_id)) is not None else None,
            "state": row.state,
            "caseKey": text(row.case_key),
            "errorMessage": row.error_message,
            "headers": row.headers or {},
            "variables": seen[row.element_instance_key],
            "sample": samples.get(row.type),
            "proposal": job_answers.proposed(models[row.process_key], row.element_id, seen[row.element_instance_key], now),
        }
        for row in rows
    ]


def _mails(session: Session, here: World) -> list[dict[str, Any]]:
    newest = select(Notification).where(Notification.to_address.is_not(None)).order_by(Notification.key.desc()).limit(50)
    return [_mail(session, row, here) for row in session.scalars(newest)]


def _mail(session: Session, row: Notification, here: World) -> dict[str, Any]:
    message = mails.draw(session, row, here.house)
    body = None if message is None else message.get_body(("plain",))
    return {
        "notificationKey": text(row.key),
        "kind": row.kind,
        "toName": row.to_name,
        "toAddress": row.to_address,
        "subject": None if message is None else str(message["Subject"]),
        "text": None if body is None else str(body.get_content()),
        "linkKey": text(row.link_key),
        "creationTime": time(row.created_at),
        "url": f"/trials/{here.key}/mails/{row.key}/as-sent",
    }


# -- what one does there --------------------------------------------------------------------------------------------


class StartCase(Strict):
    processDefinitionId = Text(required=True, least=1)
    variables = Variables()
    username = Text(metadata={"description": "Who begins it; default: whoever tries."})


class Started(Answer):
    caseKey = said()
    processInstanceKey = said()


@operation(routes, "POST", "/trials/<trialKey>/cases", name="startTrialCase", may="run trials", body=StartCase, answer=Started)
def start(session: Session, trial_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Begin a case in the trial, with these variables."""
    here = _open(session, trial_key)

    def work(inside: Session) -> dict[str, Any]:
        who = trial_casts.actor(inside, body["username"]) if "username" in body else _inside(by)
        process = deployments.expect_process(inside, process_id=body["processDefinitionId"])
        begun = begin_cases.start(inside, process, body.get("variables") or {}, by=who)
        return {"caseKey": text(begun.case_key), "processInstanceKey": text(begun.key)}

    answer: dict[str, Any] = _do(here, work)
    return answer


class AnswerJob(Strict):
    """What a program would answer: variables, or an error by its code; `remember`: offer the same in every later trial."""

    variables = Variables()
    errorCode = Text(least=1)
    errorMessage = Text(least=1, metadata={"description": "What the program says with the error."})
    failure = Text(least=1, metadata={"description": "A technical failure with this message."})
    retries = fields.Int(
        strict=True, validate=validate.Range(0, 100), metadata={"description": "Tries left after the failure; 0, the default: an incident."}
    )
    remember = Bool(load_default=False)


@operation(routes, "POST", "/trials/<trialKey>/jobs/<jobKey>/answer", name="answerTrialJob", may="run trials", body=AnswerJob)
def answer_job(session: Session, trial_key: int, job_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Do a job by hand."""
    here, given, who = _open(session, trial_key), body.get("variables") or {}, _inside(by)

    def take(inside: Session) -> str:
        job = inside.get(Job, job_key)
        if job is None or job.state not in OPEN:
            raise NotFound(f"Expected an open job with key {job_key}, found none.")
        job_type = job.type
        job_commands.take(inside, job_key, worker=who.id, timeout_ms=_ANSWER_MS, by=who)
        return job_type

    def work(inside: Session) -> None:
        if "failure" in body:
            job_commands.fail(inside, job_key, retries=body.get("retries", 0), error_message=body["failure"], given=given, by=who)
        elif "errorCode" in body:
            job_commands.throw_error(inside, job_key, body["errorCode"], message=body.get("errorMessage"), given=given, by=who)
        else:
            job_commands.complete(inside, job_key, given, by=who)

    job_type = _do(here, take)  # as a program does: with the work it takes the handoff, and answers then
    _do(here, work)
    if body["remember"] and "failure" not in body:
        answer = {"variables": given} | ({"error": body["errorCode"]} if "errorCode" in body else {})
        answer |= {"says": body["errorMessage"]} if "errorMessage" in body else {}
        _write(lambda s: trials.keep_sample(s, job_type, answer, by=by))


class MoveClock(Strict):
    """By a duration (ISO 8601), or to a moment."""

    by = Text(least=2, most=40)
    to = Time()

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("by" in data) == ("to" in data):
            raise ValidationError("expected either by or to", "by")


class ClockShown(Answer):
    now = said()


@operation(routes, "POST", "/trials/<trialKey>/clock", name="moveTrialClock", may="run trials", body=MoveClock, answer=ClockShown)
def move(session: Session, trial_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Let time pass in the trial; answers after everything due has happened."""
    here = _open(session, trial_key)

    def work(inside: Session) -> Any:
        now = clock.now(inside)
        at = body.get("to") or trial_casts.later(now, body["by"])
        if at <= now:
            raise Invalid("Expected a moment that is still to come.", fields={"to": "later than now", "by": "a duration such as PT4H"})
        move_clock.pin(inside, at, by=_inside(by))
        return at

    return {"now": time(_do(here, work))}


class ActAs(Strict):
    """Somebody of the cast by user name, or a guest by the link of an invitation."""

    username = Text(least=1)
    linkKey = Key()
    onPhone = Bool(load_default=False)
    processDefinitionId = Text(least=1, metadata={"description": "Leads to the form that begins this process."})

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("username" in data) == ("linkKey" in data):
            raise ValidationError("expected either username or linkKey", "username")


class WayIn(Answer):
    url = said(metadata={"description": "Opens the view of this party; holds for two minutes, on a phone for fifteen."})
    qrCode = said(null=True, metadata={"description": "SVG of the address, for a phone."})


@operation(routes, "POST", "/trials/<trialKey>/acting", name="actInTrial", may="run trials", body=ActAs, answer=WayIn)
def act(session: Session, trial_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """A way into the trial as one of its parties."""
    here = _open(session, trial_key)
    with database.reading(here.engine) as inside:
        if "username" in body:
            trial_casts.actor(inside, body["username"])
            who: dict[str, Any] = {"username": body["username"]}
            if "processDefinitionId" in body:
                who["start"] = deployments.expect_process(inside, process_id=body["processDefinitionId"]).process_id
        else:
            trial_casts.expect_link(inside, body["linkKey"])
            who = {"link": body["linkKey"]}
    path = way_in(trial_key, who, on_phone=body["onPhone"])
    if not body["onPhone"]:
        return {"url": path, "qrCode": None}
    url = str(current_app.config["PASSERELLE_URL"]) + path
    return {"url": url, "qrCode": doors.qr_code(url)}


# -- the run as a scenario ------------------------------------------------------------------------------------------


class KeepScenario(Strict):
    caseKey = Key(required=True)
    name = Text(required=True, least=1, most=200)


class ScenarioShown(Answer):
    passed = said(fields.Bool, metadata={"description": "It was run once, as `passerelle test` does."})
    told = said(metadata={"description": "What that run told."})
    fileName = said()
    scenario = said(fields.Dict)
    people = said(fields.Dict, null=True)


@operation(
    routes, "POST", "/trials/<trialKey>/scenario", name="keepTrialScenario", may="run trials", body=KeepScenario, answer=ScenarioShown
)
def keep_scenario(session: Session, trial_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """The run of a case as a scenario, and whether it runs again."""
    here = _open(session, trial_key)
    kept = _scenario(here, body)
    passed, told = trial_scenarios.prove(kept)
    return {"passed": passed, "told": told, "fileName": kept.file_name, "scenario": kept.scenario, "people": kept.people}


@operation(routes, "POST", "/trials/<trialKey>/scenario/export", name="exportTrialScenario", may="run trials", body=KeepScenario)
def export_scenario(session: Session, trial_key: int, body: dict[str, Any], *, by: Actor) -> Response:
    """A folder as `passerelle test` runs it, zipped: models, people.json, the scenario."""
    kept = _scenario(_open(session, trial_key), body)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in kept.files().items():
            archive.writestr(name, data)
    answer = Response(content.getvalue(), content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kept.file_name.removesuffix(".json")}.zip"'
    return answer


def _scenario(here: World, body: Mapping[str, Any]) -> trial_scenarios.Kept:
    with database.reading(here.engine) as inside:
        return trial_scenarios.of_case(inside, body["caseKey"], body["name"], here.app.extensions["documents"])
