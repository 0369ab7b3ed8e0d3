"""What would become of files if they were deployed now; nothing is stored."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from api import languages
from api.passerelle.handoffs import contract_shown
from api.v2.fields import Answer, Strict, Text, said, time
from api.v2.operations import operation
from engine import bundles, checks
from engine.bpmn.handoffs import Path
from engine.languages import in_language
from engine.parties import Actor

routes = Blueprint("checks", __name__, description="What would become of files if they were deployed now.")


class FileGiven(Strict):
    name = Text(required=True, least=1, most=255)
    content = fields.Str(required=True, metadata={"description": "The text of the file."})


class AskCheck(Strict):
    files = fields.List(fields.Nested(FileGiven), required=True, validate=validate.Length(min=1, max=1000))


_EXPRESSION = {"type": "object", "properties": {"text": {"type": "string"}, "position": {"type": "integer"}}}


class ProblemShown(Answer):
    """`level`: an error is refused at deployment, a warning is not."""

    level = said(metadata={"enum": [checks.ERROR, checks.WARNING]})
    file = said()
    elementId = said(null=True)
    elementName = said(null=True)
    field = said(null=True)
    line = said(fields.Int, null=True)
    rule = said()
    message = said()
    expression = said(fields.Dict, null=True, metadata=_EXPRESSION)
    fix = said(fields.Dict, null=True, metadata={"description": "The obvious thing to do: its kind, and what it needs."})


class ProcessShown(Answer):
    file = said()
    processId = said(null=True)
    name = said(null=True)
    elementId = said(null=True)
    publicStart = said(fields.Bool)


class PartyFound(Answer):
    file = said()
    elementId = said()
    role = said()
    kind = said()
    name = said()
    partyId = said(null=True)
    bound = said(metadata={"enum": ["directory", "expression", "starter", "chosen", "nobody"]})


class HandoffFound(Answer):
    file = said()
    process = said()
    path = fields.List(fields.Str(), required=True)
    from_ = fields.Str(required=True, allow_none=True, data_key="from")
    to = said(null=True)
    fromSide = said()
    toSide = said()
    kind = said()
    contract = said(fields.Dict, null=True)
    message = said(fields.Bool)


class JobTypeFound(Answer):
    file = said()
    elementId = said()
    type = said()
    lastAskedAt = said(null=True)


class PeopleFound(Answer):
    file = said()
    laneId = said(null=True)
    group = said(null=True)
    members = said(fields.Int)


class CheckShown(Answer):
    problems = fields.List(fields.Nested(ProblemShown), required=True)
    processes = fields.List(fields.Nested(ProcessShown), required=True)
    parties = fields.List(fields.Nested(PartyFound), required=True)
    handoffs = fields.List(fields.Nested(HandoffFound), required=True)
    jobTypes = fields.List(fields.Nested(JobTypeFound), required=True)
    people = fields.List(fields.Nested(PeopleFound), required=True)


@operation(routes, "POST", "/checks", name="createCheck", may="deploy", body=AskCheck, answer=CheckShown)
def check(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Check files as a deployment would, and say what handoffs, parties, work and people are in them."""
    files = [(one["name"], bytes_of(one["content"])) for one in body["files"]]
    return shown(checks.check(session, files, by=by))


_ENCODING = re.compile(r"""^\ufeff?\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{1,40})["']""")


def bytes_of(content: str) -> bytes:
    """A file that was sent as text, in the encoding that its XML declaration says; else in UTF-8."""
    said = _ENCODING.match(content[:200])
    if said and bundles.is_encoding(said[1]):
        with contextlib.suppress(UnicodeError):
            return content.encode(said[1], "xmlcharrefreplace")
    return content.encode("utf-8", "backslashreplace")


def shown(found: checks.Findings) -> dict[str, Any]:
    return {
        "problems": [_problem(one) for one in found.problems],
        "processes": [
            {"file": file, "processId": one.process_id, "name": one.name, "elementId": one.element_id, "publicStart": one.public_start}
            for file, one in found.processes
        ],
        "parties": [
            {
                "file": file,
                "elementId": one.element_id,
                "role": one.role.role,
                "kind": one.role.kind,
                "name": one.name,
                "partyId": one.role.party_id,
                "bound": str(way),
            }
            for file, one, way in found.parties
        ],
        "handoffs": [{"file": file, "process": process_id, **_path(path)} for file, process_id, path in found.paths],
        "jobTypes": [
            {"file": file, "elementId": element_id, "type": kind, "lastAskedAt": time(asked)}
            for file, element_id, kind, asked in found.jobs
        ],
        "people": [{"file": file, "laneId": one.element_id, "group": one.group, "members": count} for file, one, count in found.people],
    }


def _problem(one: checks.Finding) -> dict[str, Any]:
    return {
        "level": one.level,
        "file": one.file,
        "elementId": one.element_id,
        "elementName": one.element_name,
        "field": one.field,
        "line": one.line,
        "rule": one.rule,
        "message": in_language(one.message, languages.asked()),
        "expression": {"text": one.expression[0], "position": one.expression[1]} if one.expression else None,
        "fix": one.fix,
    }


def _path(path: Path) -> dict[str, Any]:
    return {
        "path": list(path.flow_ids),
        "from": path.from_element_id,
        "to": path.to_element_id,
        "fromSide": path.from_side.name,
        "toSide": path.to_side.name,
        "kind": path.kind,
        "contract": contract_shown(path.contract) if path.contract else None,
        "message": path.is_message,
    }
