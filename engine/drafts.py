"""Models being drawn, with their forms and decisions: saved again and again, nothing overwritten in silence, deployed as one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import zstandard
from sqlalchemy import ForeignKey, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, deployments, json_text, keys, policies
from engine.database import Base, JsonText, key_column
from engine.deployments import Resource
from engine.errors import Conflict, Invalid, NotFound, TooLarge
from engine.instances import Instance
from engine.parties import Actor
from engine.people import Person

MOST_FILES = 100
MOST_BYTES = 10 << 20  # of all files of a draft
MOST_REVISIONS = 100  # kept of one draft; those that were deployed go last
SESSION = timedelta(minutes=10)  # what one person saves within it is one step back
PRESENT = timedelta(seconds=30)  # whoever asked within it is there
_NAME = re.compile(r"(?:scenarios/)?[^/\\\x00-\x1f\x7f<>:\"|?*]{1,120}")
ENDINGS = (".bpmn", ".form", ".dmn")
_SCENARIOS = "scenarios/"


class Draft(Base):
    __tablename__ = "drafts"

    key: Mapped[int] = key_column()
    name: Mapped[str]
    revision: Mapped[int]
    created_by: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_by: Mapped[str | None]  # as actors are called: person:mona
    changed_by_name: Mapped[str | None]
    changed_at: Mapped[datetime]
    process_ids: Mapped[Any] = mapped_column(JsonText)  # of its models, for lists
    from_process_key: Mapped[int | None]  # the deployed version that it began as
    deployed_revision: Mapped[int | None]

    __table_args__ = (Index("ix_drafts_changed", "changed_at"),)


class DraftFile(Base):
    __tablename__ = "draft_files"

    draft_key: Mapped[int] = mapped_column(ForeignKey("drafts.key", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class DraftRevision(Base):
    """How a draft was before somebody went on with it: a step back."""

    __tablename__ = "draft_revisions"

    draft_key: Mapped[int] = mapped_column(ForeignKey("drafts.key", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    saved_by: Mapped[str | None]
    saved_by_name: Mapped[str | None]
    saved_at: Mapped[datetime]
    deployment_key: Mapped[int | None]
    files: Mapped[bytes]  # JSON of name -> text, zstd


class DraftEditor(Base):
    """Who has a draft open: asked again and again while the page is."""

    __tablename__ = "draft_editors"

    draft_key: Mapped[int] = mapped_column(ForeignKey("drafts.key", ondelete="CASCADE"), primary_key=True)
    actor_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    since: Mapped[datetime]
    seen_at: Mapped[datetime]


Files = Mapping[str, bytes]


# -- found --------------------------------------------------------------------------------------------------------


def expect(session: Session, draft_key: int, *, by: Actor, locked: bool = False) -> Draft:
    """Raises NotFound."""
    statement = select(Draft).where(Draft.key == draft_key, policies.visible_drafts(by))
    found = session.scalars(statement.with_for_update() if locked else statement).first()
    if found is None:
        raise NotFound(f"Expected a draft with key {draft_key}, found none.")
    return found


def files_of(session: Session, draft_key: int) -> dict[str, bytes]:
    rows = session.execute(select(DraftFile.name, DraftFile.content).where(DraftFile.draft_key == draft_key).order_by(DraftFile.name))
    return {name: content for name, content in rows}


def revisions_of(session: Session, draft_key: int) -> list[DraftRevision]:
    """Newest first."""
    of_draft = DraftRevision.draft_key == draft_key
    return list(session.scalars(select(DraftRevision).where(of_draft).order_by(DraftRevision.revision.desc())))


def files_of_revision(session: Session, draft: Draft, revision: int) -> dict[str, bytes]:
    """Raises NotFound where it was not kept."""
    if revision == draft.revision:
        return files_of(session, draft.key)
    row = session.get(DraftRevision, (draft.key, revision))
    if row is None:
        raise NotFound(f"Expected revision {revision} of the draft to be kept, found none.")
    texts = json_text.loads(zstandard.decompress(row.files, max_output_size=4 * MOST_BYTES))
    return {name: _bytes(text) for name, text in texts.items()}


# -- made and saved -----------------------------------------------------------------------------------------------


def create(session: Session, name: str, files: Files, *, from_process_key: int | None = None, by: Actor) -> Draft:
    """Raises Invalid and TooLarge for files that a draft cannot hold."""
    policies.require(policies.may_edit_drafts(by))
    fine = checked(files)
    now = clock.machine_now()
    draft = Draft(
        key=keys.new(),
        name=_named(name),
        revision=1,
        created_by=by.id,
        created_at=now,
        changed_by=by.id,
        changed_by_name=_name_of(session, by),
        changed_at=now,
        process_ids=_process_ids(fine),
        from_process_key=from_process_key,
    )
    session.add(draft)
    session.flush()
    _write(session, draft.key, fine)
    return draft


def of_deployed(session: Session, process_key: int, *, by: Actor) -> Draft:
    """A draft that begins as a deployed version, with the forms and decisions of the same deployment, and those it asks for by id."""
    process = deployments.expect_process(session, key=process_key)
    resource = session.get_one(Resource, process.resource_key)
    files = {resource.name: resource.content}
    for form_id in sorted(set(_FORMS.findall(resource.content)))[:MOST_FILES]:
        form = deployments.newest_form(session, form_id.decode("utf-8", "replace"))
        if form is not None:
            files.setdefault(form.resource_name, form.schema.encode())
    beside = select(Resource).where(Resource.deployment_key == process.deployment_key, Resource.name.like("%.dmn"))
    for one in session.scalars(beside):
        files.setdefault(one.name, one.content)
    return create(session, process.name or process.process_id, renamed(files), from_process_key=process.key, by=by)


_FORMS = re.compile(rb"formId=[\"']([^\"'=<>&]{1,255})[\"']")


def save(
    session: Session, draft_key: int, revision: int, *, files: Files | None = None, changes: Mapping[str, bytes | None] | None = None,
    name: str | None = None, by: Actor,
) -> Draft:  # fmt: skip
    """Write what changed: all files, or some (None: gone), or the name. `revision`: the one that the changes were made to.

    Raises Conflict where somebody saved in between: nothing is overwritten.
    """
    policies.require(policies.may_edit_drafts(by))
    draft = expect(session, draft_key, by=by, locked=True)
    expect_revision(draft, revision)
    before = files_of(session, draft.key)
    after = dict(files) if files is not None else before | {one: content for one, content in (changes or {}).items() if content is not None}
    for gone in (one for one, content in (changes or {}).items() if content is None):
        after.pop(gone, None)
    after = checked(after)
    wanted = draft.name if name is None else _named(name)
    if after == before and wanted == draft.name:
        return draft
    if after != before:
        _keep_step(session, draft, before, by)
        _write(session, draft.key, after, before)
        draft.process_ids = _process_ids(after)
    draft.name = wanted
    draft.revision += 1
    draft.changed_by, draft.changed_by_name, draft.changed_at = by.id, _name_of(session, by), clock.machine_now()
    session.flush()
    return draft


def expect_revision(draft: Draft, revision: int) -> None:
    if draft.revision != revision:
        about = {"by": draft.changed_by_name, "at": draft.changed_at, "revision": draft.revision}
        raise Conflict(f"{draft.changed_by_name or 'Somebody'} saved this draft in the meantime.", about=about)


def go_back(session: Session, draft_key: int, to: int, revision: int, *, by: Actor) -> Draft:
    """The files as they were at a revision, as the next one."""
    draft = expect(session, draft_key, by=by)
    return save(session, draft_key, revision, files=files_of_revision(session, draft, to), by=by)


def remove(session: Session, draft_key: int, *, by: Actor) -> None:
    policies.require(policies.may_edit_drafts(by))
    draft = expect(session, draft_key, by=by, locked=True)
    for rows in (DraftFile, DraftRevision, DraftEditor):
        session.execute(delete(rows).where(rows.draft_key == draft.key))
    session.delete(draft)


def checked(files: Files) -> dict[str, bytes]:
    """Names that are safe in a folder, and not too much. Raises Invalid, TooLarge."""
    if len(files) > MOST_FILES:
        raise TooLarge(f"Expected at most {MOST_FILES} files in a draft, found {len(files)}.")
    for name in files:
        fits = _NAME.fullmatch(name) and ".." not in name and not name.startswith(".")
        kind = name.endswith(".json") if name.startswith(_SCENARIOS) else name.lower().endswith(ENDINGS)
        if not (fits and kind):
            expected = "a .bpmn, .form or .dmn file, or scenarios/….json"
            raise Invalid(f"Expected {expected} in a draft, found {name[:120]!r}.", fields={"files": expected})
    size = sum(map(len, files.values()))
    if size > MOST_BYTES:
        raise TooLarge(f"Expected a draft of at most {MOST_BYTES >> 20} MB, found {size / (1 << 20):.1f} MB.")
    return dict(files)


def renamed(files: Files) -> dict[str, bytes]:
    """Files of other tools under names that a draft knows: order.bpmn20.xml is order.bpmn, flow.json a form."""
    found = {}
    for name, content in files.items():
        kind = None if name.startswith(_SCENARIOS) else deployments.kind_of(name)
        if kind is not None and not name.lower().endswith(ENDINGS):
            ending = {"bpmn": ".bpmn", "form": ".form", "decision": ".dmn"}[kind]
            name = re.sub(r"(?i)(\.bpmn20)?\.(xml|json)$", "", name) + ending
        found[name] = content
    return found


def _named(name: str) -> str:
    fine = " ".join(name.split())[:200]
    if not fine:
        raise Invalid("Expected a name for the draft, found none.", fields={"name": "a name"})
    return fine


def _process_ids(files: Files) -> list[str]:
    found = [one for name, content in sorted(files.items()) if name.endswith(".bpmn") for one in _PROCESS.findall(content)]
    return list(dict.fromkeys(one.decode("utf-8", "replace") for one in found))[:50]


_PROCESS = re.compile(rb"<(?:[\w.-]+:)?process\b[^<>]{0,2000}?\sid=[\"']([^\"'<>]{1,255})[\"']")


def _write(session: Session, draft_key: int, files: Files, before: Files | None = None) -> None:
    old = before or {}
    gone = [name for name in old if name not in files or files[name] != old[name]]
    if gone:
        session.execute(delete(DraftFile).where(DraftFile.draft_key == draft_key, DraftFile.name.in_(gone)))
    session.add_all(
        DraftFile(draft_key=draft_key, name=name, content=content) for name, content in files.items() if old.get(name) != content
    )
    session.flush()


def _keep_step(session: Session, draft: Draft, files: Files, by: Actor) -> None:
    """One step back for each person's sitting, and for each deployment: not one for each stroke of the pen."""
    newest = session.scalar(select(func.max(DraftRevision.saved_at)).where(DraftRevision.draft_key == draft.key))
    since = draft.changed_at - newest if newest is not None else None
    goes_on = draft.changed_by == by.id and clock.machine_now() - draft.changed_at < SESSION
    if goes_on and since is not None and since < SESSION and draft.deployed_revision != draft.revision:
        return
    if session.get(DraftRevision, (draft.key, draft.revision)) is None:
        session.add(_revision(draft, files, None))
        session.flush()
    _thin_out(session, draft.key)


def _revision(draft: Draft, files: Files, deployment_key: int | None) -> DraftRevision:
    return DraftRevision(
        draft_key=draft.key,
        revision=draft.revision,
        saved_by=draft.changed_by,
        saved_by_name=draft.changed_by_name,
        saved_at=draft.changed_at,
        deployment_key=deployment_key,
        files=zstandard.compress(json_text.dump_bytes({name: _text(content) for name, content in files.items()})),
    )


def _thin_out(session: Session, draft_key: int) -> None:
    of_draft = DraftRevision.draft_key == draft_key
    order = (DraftRevision.deployment_key.is_not(None).desc(), DraftRevision.revision.desc())
    too_many = session.scalars(select(DraftRevision.revision).where(of_draft).order_by(*order).offset(MOST_REVISIONS)).all()
    if too_many:
        session.execute(delete(DraftRevision).where(of_draft, DraftRevision.revision.in_(too_many)))


def _text(content: bytes) -> str:
    return content.decode("latin-1")  # any bytes, one to one


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _name_of(session: Session, by: Actor) -> str | None:
    person = session.get(Person, by.username) if by.is_person else None
    return person.name if person is not None else by.username


# -- who is there -------------------------------------------------------------------------------------------------


def be_there(session: Session, draft_key: int, *, leaving: bool = False, by: Actor) -> list[DraftEditor]:
    """Say that the actor has it open (or leaves); answers who else has."""
    draft = expect(session, draft_key, by=by)
    now = clock.machine_now()
    session.execute(delete(DraftEditor).where(DraftEditor.draft_key == draft.key, DraftEditor.seen_at < now - PRESENT))
    mine = session.get(DraftEditor, (draft.key, by.id))
    if leaving:
        if mine is not None:
            session.delete(mine)
    elif mine is None:
        session.add(DraftEditor(draft_key=draft.key, actor_id=by.id, name=_name_of(session, by) or by.id, since=now, seen_at=now))
    else:
        mine.seen_at = now
    session.flush()
    return others_there(session, draft_key, by=by)


def others_there(session: Session, draft_key: int, *, by: Actor) -> list[DraftEditor]:
    there = (DraftEditor.draft_key == draft_key, DraftEditor.actor_id != by.id, DraftEditor.seen_at >= clock.machine_now() - PRESENT)
    return list(session.scalars(select(DraftEditor).where(*there).order_by(DraftEditor.since)))


# -- deployed -----------------------------------------------------------------------------------------------------


def deploy(
    session: Session, draft_key: int, revision: int, *, looked: deployments.Looked | None = None, by: Actor
) -> deployments.Deployed:
    """All its files as one deployment. Raises Conflict where it is not as the caller saw it, Refused with all problems.

    `looked`: at its files of this revision, before anything was locked.
    """
    policies.require(policies.may_edit_drafts(by))
    draft = expect(session, draft_key, by=by, locked=True)
    expect_revision(draft, revision)
    files = files_of(session, draft.key)
    done = deployments.deploy(session, list(deployable(files).items()), looked=looked, by=by)
    draft.deployed_revision = draft.revision
    row = session.get(DraftRevision, (draft.key, draft.revision))
    if row is None:
        session.add(_revision(draft, files, done.key))
    else:
        row.deployment_key = done.key
    session.flush()
    return done


def running(session: Session, process_ids: Iterable[str], *, against: int | None = None) -> dict[str, tuple[Any, int]]:
    """The newest deployed version of each process (or `against`, a key), and how many instances of all its versions are open."""
    found = {}
    chosen = [deployments.expect_process(session, key=against)] if against is not None else list(_newest(session, process_ids))
    for process in chosen:
        open_ones = select(func.count()).where(Instance.process_id == process.process_id, Instance.ended_at.is_(None))
        found[process.process_id] = (process, session.scalar(open_ones) or 0)
    return found


def _newest(session: Session, process_ids: Iterable[str]) -> Iterator[Any]:
    for process_id in process_ids:
        with contextlib.suppress(NotFound):
            yield deployments.expect_process(session, process_id=process_id)


def deployable(files: Files) -> dict[str, bytes]:
    """Without what only tests and trials read."""
    return {name: content for name, content in files.items() if not name.startswith(_SCENARIOS)}


def deployed_files(session: Session, processes: Sequence[Any], beside: Files | None = None) -> dict[str, bytes]:
    """The files that these versions stand in, and of the forms and decisions in `beside` those that are deployed, by their names there."""
    found = {row.name: row.content for one in processes for row in [session.get_one(Resource, one.resource_key)]}
    for name, content in (beside or {}).items():
        kind = deployments.kind_of(name)
        if name.startswith(_SCENARIOS) or kind not in ("form", "decision"):
            continue
        deployed = _deployed_form(session, content) if kind == "form" else _deployed_decisions(session, name)
        if deployed is not None:
            found[name] = deployed
    return found


def _deployed_form(session: Session, content: bytes) -> bytes | None:
    schema, wrong = deployments.read_form(content)
    form = None if wrong else deployments.newest_form(session, str(schema["id"]))
    return None if form is None else form.schema.encode()


def _deployed_decisions(session: Session, name: str) -> bytes | None:
    row = session.scalars(select(Resource).where(Resource.name == name).order_by(Resource.key.desc()).limit(1)).first()
    return None if row is None else row.content
