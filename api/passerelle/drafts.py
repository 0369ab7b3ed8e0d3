"""Models being drawn: kept with their forms and decisions, saved under a lock that overwrites nothing, deployed as one."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from api import languages
from api.auth import engine
from api.passerelle.checks import FileGiven, bytes_of
from api.passerelle.comparisons import FileChangesShown, file_changes
from api.v2 import deployments as shown_deployments
from api.v2.fields import Answer, Bool, Int, Key, Strict, Text, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import bundles, comparisons, database, deployments, drafts, policies, samples, search
from engine.drafts import Draft
from engine.errors import Invalid
from engine.languages import in_language
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("drafts", __name__, description="Models being drawn, with their forms and decisions.")

MOST_ZIP = drafts.MOST_BYTES


class DraftShown(Answer):
    draftKey = said()
    name = said()
    revision = said(fields.Int)
    createdDate = said()
    changedDate = said()
    changedBy = said(null=True)
    processDefinitionIds = fields.List(fields.Str(), required=True)
    fromProcessDefinitionKey = said(null=True)
    deployedRevision = said(fields.Int, null=True)


class FileShown(Answer):
    name = said()
    content = said()


class EditorShown(Answer):
    name = said()
    since = said()


class DraftWithFiles(DraftShown):
    files = fields.List(fields.Nested(FileShown), required=True)
    editors = fields.List(fields.Nested(EditorShown), required=True, metadata={"description": "Others who have it open."})


class CreateDraft(Strict):
    """With files; or as a deployed version, or a sample, is."""

    name = Text(least=1, most=200)
    files = fields.List(fields.Nested(FileGiven), validate=validate.Length(max=drafts.MOST_FILES))
    fromProcessDefinitionKey = Key()
    fromSample = Text(least=1, most=100)


class FileChanged(Strict):
    name = Text(required=True, least=1, most=255)
    content = fields.Str(allow_none=True, load_default=None, metadata={"description": "Nothing: the file is gone."})


class SaveDraft(Strict):
    revision = Int(required=True, least=1, most=2**53)
    name = Text(least=1, most=200)
    files = fields.List(fields.Nested(FileGiven), validate=validate.Length(max=drafts.MOST_FILES), metadata={"description": "All of them."})
    changes = fields.List(fields.Nested(FileChanged), validate=validate.Length(max=drafts.MOST_FILES))


class AtRevision(Strict):
    revision = Int(required=True, least=1, most=2**53)


class BePresent(Strict):
    leaving = Bool(load_default=False)


class Presence(Answer):
    revision = said(fields.Int)
    changedBy = said(null=True)
    editors = fields.List(fields.Nested(EditorShown), required=True)


NOUN = Noun(
    "draft",
    select(*search.columns(Draft)),
    Draft.key,
    {
        "draftKey": Field(Draft.key, "key"),
        "name": Field(Draft.name),
        "createdDate": Field(Draft.created_at, "datetime"),
        "changedDate": Field(Draft.changed_at, "datetime"),
        "fromProcessDefinitionKey": Field(Draft.from_process_key, "key"),
    },
)
Search = search_schema(NOUN)


def shown(row: Any) -> dict[str, Any]:
    return {
        "draftKey": text(row.key),
        "name": row.name,
        "revision": row.revision,
        "createdDate": time(row.created_at),
        "changedDate": time(row.changed_at),
        "changedBy": row.changed_by_name,
        "processDefinitionIds": row.process_ids,
        "fromProcessDefinitionKey": text(row.from_process_key),
        "deployedRevision": row.deployed_revision,
    }


def _whole(session: Session, draft: Draft, by: Actor) -> dict[str, Any]:
    files = drafts.files_of(session, draft.key)
    return {
        **shown(draft),
        "files": [{"name": name, "content": text_of(content)} for name, content in files.items()],
        "editors": _editors(drafts.others_there(session, draft.key, by=by)),
    }


def _editors(found: list[drafts.DraftEditor]) -> list[dict[str, Any]]:
    return [{"name": one.name, "since": time(one.since)} for one in found]


def text_of(content: bytes) -> str:
    """As a page edits it; what is no UTF-8 says in its first line how it is written."""
    for encoding in (bundles.declared_encoding(content) or "utf-8", "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


# -- operations ---------------------------------------------------------------------------------------------------


@operation(routes, "POST", "/drafts", name="createDraft", may="edit drafts", body=CreateDraft, answer=DraftShown, status=201, command=True)
def create(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Begin a draft: from files, from a deployed version, or from a sample."""
    if body.get("fromProcessDefinitionKey") is not None:
        return shown(drafts.of_deployed(session, body["fromProcessDefinitionKey"], by=by))
    if body.get("fromSample") is not None:
        title, files = samples.expect(body["fromSample"])
        return shown(drafts.create(session, body.get("name") or title, files, by=by))
    given = _given(body.get("files") or [])
    files = drafts.renamed(given)
    if len(files) < len(given):  # order.bpmn and order.xml: one of them would be lost
        raise Invalid("Expected each file once.", fields={"files": "each file once"})
    return shown(drafts.create(session, body.get("name") or next(iter(files), ""), files, by=by))


def _given(files: list[dict[str, Any]]) -> dict[str, bytes]:
    names = [one["name"] for one in files]
    if len(set(names)) < len(names):
        raise Invalid("Expected each file once.", fields={"files": "each file once"})
    return {one["name"]: bytes_of(one["content"]) for one in files}


_PART = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
_UPLOAD = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _PART}}}}


@operation(
    routes, "POST", "/drafts/import", name="importDraft", may="edit drafts", answer=DraftShown, status=201, command=True, more=_UPLOAD
)
def bring_in(session: Session, *, by: Actor) -> dict[str, Any]:
    """Begin a draft from a zip as the export gives it: the multipart part `file`."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Expected Content-Type multipart/form-data with a part named file.")
    part = request.files.get("file")
    if part is None:
        raise Invalid("Expected one part named file.", fields={"file": "a zip file"})
    part.stream.seek(0)  # a repeated transaction reads again
    files = bundles.unpack(part.stream.read(MOST_ZIP + 1))
    name = (part.filename or "").replace("\\", "/").rpartition("/")[2].removesuffix(".zip")
    return shown(drafts.create(session, name or next(iter(files)), files, by=by))


@operation(routes, "POST", "/drafts/search", name="searchDrafts", may="see drafts", body=Search, answer=answer_of("Draft", DraftShown))
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search drafts."""
    page = search.run(session, NOUN, body, visible=policies.visible_drafts(by))
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "GET", "/drafts/<draftKey>", name="getDraft", may="see drafts", answer=DraftWithFiles)
def get(session: Session, draft_key: int, *, by: Actor) -> dict[str, Any]:
    """One draft with its files, and who else has it open."""
    return _whole(session, drafts.expect(session, draft_key, by=by), by)


@operation(routes, "PUT", "/drafts/<draftKey>", name="saveDraft", may="edit drafts", body=SaveDraft, answer=DraftShown, command=True)
def save(session: Session, draft_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Save changes that were made to a revision; 409 CONFLICT (by, at, revision) where it is not the newest any more."""
    return shown(
        drafts.save(
            session,
            draft_key,
            body["revision"],
            files=_given(body["files"]) if "files" in body else None,
            changes={one["name"]: None if one["content"] is None else bytes_of(one["content"]) for one in body.get("changes") or []},
            name=body.get("name"),
            by=by,
        )
    )


@operation(routes, "DELETE", "/drafts/<draftKey>", name="deleteDraft", may="edit drafts", command=True)
def delete(session: Session, draft_key: int, *, by: Actor) -> None:
    """Throw a draft away; what was deployed of it stays."""
    drafts.remove(session, draft_key, by=by)


@operation(
    routes, "POST", "/drafts/<draftKey>/presence", name="attendDraft", may="edit drafts", body=BePresent, answer=Presence, command=True
)
def attend(session: Session, draft_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Say that you have it open (again within 30 seconds), and hear who else has."""
    others = drafts.be_there(session, draft_key, leaving=body["leaving"], by=by)
    draft = drafts.expect(session, draft_key, by=by)
    return {"revision": draft.revision, "changedBy": draft.changed_by_name, "editors": _editors(others)}


# -- revisions ----------------------------------------------------------------------------------------------------


class RevisionShown(Answer):
    revision = said(fields.Int)
    savedBy = said(null=True)
    savedDate = said()
    deploymentKey = said(null=True)


class Revisions(Answer):
    items = fields.List(fields.Nested(RevisionShown), required=True)


@operation(routes, "GET", "/drafts/<draftKey>/revisions", name="getDraftRevisions", may="see drafts", answer=Revisions)
def revisions(session: Session, draft_key: int, *, by: Actor) -> dict[str, Any]:
    """The steps back that were kept, newest first."""
    drafts.expect(session, draft_key, by=by)
    rows = drafts.revisions_of(session, draft_key)
    return {
        "items": [
            {
                "revision": one.revision,
                "savedBy": one.saved_by_name,
                "savedDate": time(one.saved_at),
                "deploymentKey": text(one.deployment_key),
            }
            for one in rows
        ]
    }


class GoBack(Strict):
    to = Int(required=True, least=1, most=2**53)
    revision = Int(required=True, least=1, most=2**53, metadata={"description": "The newest, as the caller knows it."})


@operation(
    routes, "POST", "/drafts/<draftKey>/restoration", name="restoreDraft", may="edit drafts", body=GoBack, answer=DraftShown, command=True
)
def restore(session: Session, draft_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Make the files of an earlier revision the newest; nothing is lost by it."""
    return shown(drafts.go_back(session, draft_key, body["to"], body["revision"], by=by))


# -- export and deployment ----------------------------------------------------------------------------------------

_ZIP = {"responses": {"200": {"description": "A zip.", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}}


@operation(routes, "GET", "/drafts/<draftKey>/export", name="exportDraft", may="see drafts", more=_ZIP)
def export(session: Session, draft_key: int, *, by: Actor) -> Response:
    """All files of a draft as a zip."""
    draft = drafts.expect(session, draft_key, by=by)
    answer = Response(bundles.pack(drafts.files_of(session, draft.key)), 200, content_type="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{bundles.file_name(draft.name)}.zip")
    return answer


class RunningShown(Answer):
    processDefinitionKey = said()
    processDefinitionId = said()
    version = said(fields.Int)
    instances = said(fields.Int, metadata={"description": "Open ones, of all versions."})


class ChangesShown(Answer):
    changes = fields.List(fields.Nested(FileChangesShown), required=True)
    against = fields.List(fields.Nested(RunningShown), required=True)
    runningOnOld = said(fields.Int)


_AGAINST = {
    "parameters": [
        {"in": "path", "name": "draftKey", "required": True, "schema": {"type": "string"}},
        {"in": "query", "name": "against", "required": False, "schema": {"type": "string"}},
    ]
}


@operation(routes, "GET", "/drafts/<draftKey>/changes", name="getDraftChanges", may="see drafts", answer=ChangesShown, more=_AGAINST)
def changes(session: Session, draft_key: int, *, by: Actor) -> dict[str, Any]:
    """What a deployment would change: against what runs now, or the version `against`."""
    draft = drafts.expect(session, draft_key, by=by)
    running = drafts.running(session, draft.process_ids, against=_key(request.args.get("against")))
    return _changes(session, drafts.files_of(session, draft.key), running)


def _key(said: str | None) -> int | None:
    if said is None:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > 19:
        raise Invalid("Expected a key.", fields={"against": "a key"})
    return int(said)


def _changes(session: Session, files: dict[str, bytes], running: dict[str, tuple[Any, int]]) -> dict[str, Any]:
    before = drafts.deployed_files(session, [one for one, _ in running.values()], files)
    return {
        "changes": [file_changes(one) for one in comparisons.between(before, drafts.deployable(files))],
        "against": [
            {"processDefinitionKey": text(row.key), "processDefinitionId": row.process_id, "version": row.version, "instances": count}
            for row, count in running.values()
        ],
        "runningOnOld": sum(count for _, count in running.values()),
    }


class DraftDeployed(shown_deployments.Deployment, ChangesShown):
    warnings = fields.List(fields.Dict(), required=True)


@operation(
    routes,
    "POST",
    "/drafts/<draftKey>/deployment",
    name="deployDraft",
    may="edit drafts",
    body=AtRevision,
    answer=DraftDeployed,
    command=True,
)
def deploy(session: Session, draft_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Deploy its files as one, as they are at a revision: all of them, or none. Says what changed, and what stays on the old version."""
    with database.reading(engine()) as before:  # what takes seconds of a large model: nobody who writes waits for it
        draft = drafts.expect(before, draft_key, by=by)
        drafts.expect_revision(draft, body["revision"])
        files = drafts.files_of(before, draft_key)
        told = _changes(before, files, drafts.running(before, draft.process_ids))
    looked = deployments.look_at(list(drafts.deployable(files).items()))
    done = drafts.deploy(session, draft_key, body["revision"], looked=looked, by=by)
    warnings = [
        {"file": one.file, "elementId": one.element_id, "message": in_language(one.message, languages.asked())} for one in done.warnings
    ]
    return {**shown_deployments.shown(done), **told, "warnings": warnings}
