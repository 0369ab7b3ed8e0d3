"""Files of cases: hand one in, get it, remove it while it belongs to no case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, request, send_file
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from api.v2.fields import Answer, Int, Key, Strict, Text, Variables, said, text, time
from api.v2.operations import load, operation
from engine import documents, files, json_text
from engine.documents import Document, Folder, NotWhatItSays
from engine.errors import Invalid, NotFound, TooLarge
from engine.parties import Actor

routes = Blueprint("documents", __name__, description="Files: pictures and PDF, known by their content.")


class DocumentAbout(Answer):
    contentType = said()
    fileName = said()
    expiresAt = said(fields.DateTime, null=True)
    size = said(fields.Int)
    processDefinitionId = said(null=True)
    processInstanceKey = said(null=True)
    customProperties = said(fields.Dict)


class DocumentReference(Answer):
    """What a variable holds to name the file."""

    type = fields.Str(required=True, data_key="camunda.document.type", validate=validate.Equal("camunda"))
    storeId = said()
    documentId = said()
    contentHash = said(null=True)
    metadata = fields.Nested(DocumentAbout, required=True)


class DocumentMetadata(Strict):
    """`contentType` and `size`, where they are given, must be what is found."""

    contentType = Text(most=200)
    fileName = Text(most=1000)
    size = Int(least=0, most=2**53)
    processDefinitionId = Text(most=255)
    processInstanceKey = Key()
    customProperties = Variables()


class Link(Strict):
    timeToLive = Int(least=0, most=2**53)


_METADATA = DocumentMetadata()
_PARTS = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "metadata": {
            "type": "object",
            "properties": {
                "contentType": {"type": "string"},
                "fileName": {"type": "string"},
                "size": {"type": "integer"},
                "processDefinitionId": {"type": "string"},
                "processInstanceKey": {"type": "string"},
                "customProperties": {"type": "object", "additionalProperties": True},
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
_UPLOAD = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _PARTS}}}}
_ASKED = [
    {"in": "path", "name": "documentId", "required": True, "schema": {"type": "string"}},
    {"in": "query", "name": "storeId", "required": False, "schema": {"type": "string", "const": files.STORE}},
    {"in": "query", "name": "contentHash", "required": False, "schema": {"type": "string"}},
]
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = {
    "parameters": _ASKED,
    "responses": {"200": {"description": "The file.", "content": dict.fromkeys(files.KINDS, _BYTES)}},
}
_SENTENCES = {
    "file_kind": f"one of {', '.join(files.KINDS)}, by its content",
    "file_large": "a smaller file",
    "file_empty": "a file with content",
    "file_pixels": "a picture with fewer pixels",
}


def _folder() -> Folder:
    found: Folder = current_app.extensions["documents"]
    return found


@operation(
    routes,
    "POST",
    "/documents",
    name="createDocument",
    may="hand in documents",
    answer=DocumentReference,
    status=201,
    command=True,
    more=_UPLOAD,
)
def create(session: Session, *, by: Actor) -> dict[str, Any]:
    """Hand in a file: the answer is the reference for a variable. It is kept for 24 hours, and for good once a case names it."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Expected Content-Type multipart/form-data with a part named file.")
    _expect_our_store()
    part = request.files.get("file")
    if part is None or set(request.files) > {"file"}:
        raise Invalid("Expected one part named file, and metadata.", fields={"file": "one file"})
    about = _about(request.form.to_dict())
    part.stream.seek(0)  # a repeated transaction reads again
    try:
        content = _folder().put(part.stream)
    except NotWhatItSays as reason:
        raise Invalid(f"Expected {_SENTENCES[reason.word]}.", fields={"file": _SENTENCES[reason.word]}) from reason
    for name, found in (("contentType", content.content_type), ("size", content.size)):
        if about.get(name, found) != found:
            _folder().remove([content.key])
            raise Invalid(f"Expected the {name} that is found, {found}.", fields={f"metadata.{name}": str(found)})
    key = about.get("processInstanceKey")
    details = {
        "processDefinitionId": about.get("processDefinitionId"),
        "processInstanceKey": text(key),
        "customProperties": about.get("customProperties", {}),
    }
    called = about.get("fileName") or part.filename
    try:
        return shown(documents.add(session, content, called, place=documents.API, details=json_text.dumps(details), by=by))
    except TooLarge:
        _folder().remove([content.key])
        raise


def _about(parts: Mapping[str, str]) -> dict[str, Any]:
    try:
        given = {name: json_text.loads(value) if name == "metadata" else value for name, value in parts.items()}
    except json_text.NotJson as error:
        raise Invalid(f"Expected JSON as metadata: {error}", fields={"metadata": "JSON"}) from error
    unknown = sorted(set(given) - {"metadata"})
    if unknown:
        raise Invalid(f"Expected the parts file and metadata, found {unknown[0][:100]!r}.", fields={unknown[0][:100]: "unknown part"})
    loaded: dict[str, Any] = load(_METADATA, given.get("metadata", {}))
    return loaded


def _expect_our_store() -> None:
    if request.args.get("storeId", files.STORE) != files.STORE:
        raise Invalid(f"Expected the store {files.STORE}: there is no other.", fields={"storeId": files.STORE})
    if "documentId" in request.args:
        raise Invalid("Expected no documentId: the server gives each document its own.", fields={"documentId": "nothing"})


def shown(document: Document) -> dict[str, Any]:
    details = json_text.loads(document.details or "{}")
    reference = documents.reference_to(document)
    reference["metadata"] |= {
        "expiresAt": time(document.kept_until),
        "processDefinitionId": details.get("processDefinitionId"),
        "processInstanceKey": details.get("processInstanceKey"),
        "customProperties": details.get("customProperties") or {},
    }
    return reference


@operation(routes, "GET", "/documents/<documentId>", name="getDocument", may="see documents", more=_CONTENT)
def get(session: Session, document_id: str, *, by: Actor) -> Response:
    """The content of a file; `contentHash`, as the reference has it, must be right where it is given."""
    _expect_our_store()
    sha256 = request.args.get("contentHash")
    document = documents.expect_named(session, _key(document_id), sha256, by=by)
    answer = send_file(
        _folder().open(document.key),
        mimetype=document.content_type,
        as_attachment=True,
        download_name=document.name,
        conditional=False,
        etag=False,
    )
    answer.content_length = document.size
    answer.headers["Cache-Control"] = "no-store"
    return answer


@operation(routes, "DELETE", "/documents/<documentId>", name="deleteDocument", may="hand in documents", status=204, command=True)
def delete(session: Session, document_id: str, *, by: Actor) -> None:
    """Remove a file that you handed in and that belongs to no case yet; those of a case stay as long as it."""
    _expect_our_store()
    documents.remove(session, _folder(), _key(document_id), by=by)


@operation(routes, "POST", "/documents/<documentId>/links", name="createDocumentLink", may="see documents", body=Link)
def link(session: Session, body: dict[str, Any], document_id: str, *, by: Actor) -> None:
    """Refused: a file is given to whoever may see it, never by an address that opens it for anybody."""
    raise Invalid("Links that open a document for anybody are not made here; get it with your own log-in.", fields={"": "no link"})


def _key(document_id: str) -> int:
    if not (document_id.isascii() and document_id.isdigit() and len(document_id) < 20):
        raise NotFound("Expected the id of a document, found something else.")
    return int(document_id)
