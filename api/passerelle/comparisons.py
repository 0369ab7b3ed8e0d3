"""What is different between two sets of files."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from api.passerelle.checks import FileGiven, bytes_of
from api.v2.fields import Answer, Int, Key, Strict, said
from api.v2.operations import operation
from engine import comparisons, deployments, drafts
from engine.errors import Invalid
from engine.parties import Actor

routes = Blueprint("comparisons", __name__, description="What is different between two versions.")


class Side(Strict):
    """Exactly one: files, a draft (at a revision), or a deployed version."""

    files = fields.List(fields.Nested(FileGiven), validate=validate.Length(max=drafts.MOST_FILES))
    draftKey = Key()
    revision = Int(least=1, most=2**53)
    processDefinitionKey = Key()


class AskComparison(Strict):
    before = fields.Nested(Side, required=True)
    after = fields.Nested(Side, required=True)


class DetailShown(Answer):
    field = said(metadata={"description": "Where in the element: handoff:contract.completeWithin"})
    before = said(null=True)
    after = said(null=True)


class ElementChangeShown(Answer):
    kind = said(metadata={"enum": ["added", "removed", "changed"]})
    elementId = said()
    elementType = said()
    name = said(null=True)
    details = fields.List(fields.Nested(DetailShown), required=True)


class FileChangesShown(Answer):
    file = said()
    kind = said(metadata={"enum": ["added", "removed", "changed"]})
    changes = fields.List(fields.Nested(ElementChangeShown), required=True)
    moved = fields.List(fields.Str(), required=True, metadata={"description": "Elements that are only drawn elsewhere."})


class ComparisonShown(Answer):
    changes = fields.List(fields.Nested(FileChangesShown), required=True)


@operation(routes, "POST", "/comparisons", name="createComparison", may="see drafts", body=AskComparison, answer=ComparisonShown)
def compare(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Compare files, drafts and deployed versions; nothing is stored."""
    before, after = (_files(session, body[side], side, by) for side in ("before", "after"))
    return {"changes": [file_changes(one) for one in comparisons.between(before, after)]}


def _files(session: Session, side: dict[str, Any], name: str, by: Actor) -> dict[str, bytes]:
    if "files" in side:
        return {one["name"]: bytes_of(one["content"]) for one in side["files"]}
    if "draftKey" in side:
        draft = drafts.expect(session, side["draftKey"], by=by)
        return drafts.files_of_revision(session, draft, side.get("revision", draft.revision))
    if "processDefinitionKey" in side:
        return drafts.deployed_files(session, [deployments.expect_process(session, key=side["processDefinitionKey"])])
    raise Invalid(f"Expected files, a draftKey or a processDefinitionKey in {name}.", fields={name: "one of three"})


def file_changes(one: comparisons.FileChanges) -> dict[str, Any]:
    return {
        "file": one.file,
        "kind": one.kind,
        "changes": [
            {
                "kind": change.kind,
                "elementId": change.element_id,
                "elementType": change.element_type,
                "name": change.name,
                "details": [{"field": d.field, "before": d.before, "after": d.after} for d in change.details],
            }
            for change in one.changes
        ],
        "moved": list(one.moved),
    }
