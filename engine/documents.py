"""Files that people and programs hand in: content in a folder outside the web root, a row for each; first pending, then of a case."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import structlog
from sqlalchemy import ForeignKey, Index, delete, func, or_, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, files, installation, keys, places, policies
from engine.database import Base, after_commit, key_column, only_where
from engine.errors import Invalid, NotFound, TooLarge, WrongState
from engine.parties import Actor

if TYPE_CHECKING:
    from engine.advance import Step

log = structlog.get_logger()

KEPT_PENDING = timedelta(hours=24)
MOST_PENDING = 100  # files of one actor that belong to no case yet
_CHUNK = 1 << 18
_SHARDS = 256
_GRACE = 3600.0  # seconds that a file without a row is left alone: its row may be about to be committed
_NAME = "documents"  # the fact with what the folder must carry
_A_QUESTION = 500  # keys in one question to the database


class Document(Base):
    """What is known of a file. Its content never changes; the row changes once, when the file becomes part of a case."""

    __tablename__ = "documents"

    key: Mapped[int] = key_column()
    case_key: Mapped[int | None] = mapped_column(ForeignKey("cases.key"))  # None: pending, its uploader's alone
    name: Mapped[str]
    content_type: Mapped[str]  # by its content (files.sniff), never as claimed
    size: Mapped[int]  # bytes
    sha256: Mapped[str]
    uploaded_by: Mapped[str]  # actor id
    party_key: Mapped[int | None]  # of the partner or customer that handed it in; None: the host
    place: Mapped[str]  # where it was handed in: "task:<key>", "start:<process id>", "api"
    field: Mapped[str]  # of the form there
    details: Mapped[str | None]  # JSON text, what a program said of it
    created_at: Mapped[datetime]  # business time
    kept_until: Mapped[datetime | None]  # machine's time; None: as long as its case

    __table_args__ = (
        Index("ix_documents_case", "case_key"),
        Index("ix_documents_pending", "uploaded_by", "place", **only_where("kept_until IS NOT NULL")),
        Index("ix_documents_kept_until", "kept_until", **only_where("kept_until IS NOT NULL")),
    )


def reference_to(document: Any) -> dict[str, Any]:
    return files.reference(document.key, document.name, document.content_type, document.size, document.sha256)


# -- the folder ---------------------------------------------------------------------------------------------------


class NotWhatItSays(Exception):
    """A file that is not taken: `word` of a sentence in answers.SENTENCES."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Content:
    """What lies in the folder now; nobody knows of it before `add`."""

    key: int
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Folder:
    """Where contents lie, one file each, in 256 folders by key. Sizes in bytes; `most`: files of one form field."""

    path: Path
    max_size: int = 15 << 20
    most: int = 10

    def put(self, content: IO[bytes], accept: Iterable[str] = files.KINDS) -> Content:
        """Write it down and onto the disk, under a new key. Raises NotWhatItSays; then nothing is left of it."""
        key = keys.new()
        place = self.file(key)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = place.with_name(f".{key}.{secrets.token_hex(4)}.part")
        try:
            size, digest = self._write(partial, content)
            found = self._sniff(partial, size)
            if found is None or found not in accept:
                raise NotWhatItSays("file_kind")
            if found in files.PICTURES and self._blank_the_place(partial, found):
                digest = _digest_of(partial)
            partial.rename(place)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)
        return Content(key, found, size, digest)

    def _write(self, partial: Path, content: IO[bytes]) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with open(partial, "xb", opener=_for_us_alone) as out:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > self.max_size:
                    raise NotWhatItSays("file_large")
                digest.update(chunk)
                out.write(chunk)
            if size == 0:
                raise NotWhatItSays("file_empty")
            out.flush()
            os.fsync(out.fileno())
        return size, digest.hexdigest()

    @staticmethod
    def _sniff(partial: Path, size: int) -> str | None:
        with open(partial, "rb") as content:
            try:
                return files.sniff(content, size)
            except files.TooManyPixels:
                raise NotWhatItSays("file_pixels") from None

    @staticmethod
    def _blank_the_place(partial: Path, kind: str) -> bool:
        with open(partial, "r+b") as content:
            changed = places.blank(content, kind)
            content.flush()
            os.fsync(content.fileno())
        return changed

    def file(self, key: int) -> Path:
        return self.path / _shard_of(key) / str(key)

    def open(self, key: int) -> BinaryIO:
        """The content. Raises NotFound where the folder lacks what the database knows."""
        try:
            return open(self.file(key), "rb")
        except FileNotFoundError:
            raise NotFound(f"Expected the content of document {key}, found none.") from None

    @property
    def marker(self) -> Path:
        return self.path / ".installation"

    def remove(self, removed: Iterable[int]) -> None:
        for key in removed:
            # a file that cannot be removed now is one without a row: the sweep comes by
            with contextlib.suppress(OSError):
                self.file(key).unlink(missing_ok=True)

    def older_than(self, seconds: float, shard: int) -> Iterator[Path]:
        """Everything in one of the folders that was written that long ago, half-written files too."""
        until = time.time() - seconds
        try:
            entries = list(os.scandir(self.path / f"{shard:02x}"))
        except FileNotFoundError:
            return
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                if entry.stat().st_mtime < until:
                    yield Path(entry.path)


def _shard_of(key: int) -> str:
    return hashlib.blake2b(str(key).encode(), digest_size=1).hexdigest()  # a key's last bits repeat, its first ones stand still


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _digest_of(file: Path) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- pending ------------------------------------------------------------------------------------------------------


def add(
    session: Session,
    content: Content,
    name: str | None,
    *,
    place: str,
    field: str = "",
    case_key: int | None = None,
    details: str | None = None,
    by: Actor,
) -> Document:
    """The row of what `Folder.put` wrote: pending, its uploader's alone, for a day; or at once of a case. Raises TooLarge."""
    now = clock.machine_now()
    if case_key is None:
        mine = select(func.count()).select_from(Document).where(Document.uploaded_by == by.id, Document.kept_until > now)
        if (session.scalar(mine) or 0) >= MOST_PENDING:
            raise TooLarge(f"Expected at most {MOST_PENDING} files that are not sent yet, found more.")
    row = Document(
        key=content.key,
        case_key=case_key,
        name=files.clean_name(name, content.content_type),
        content_type=content.content_type,
        size=content.size,
        sha256=content.sha256,
        uploaded_by=by.id,
        party_key=by.party_key,
        place=place,
        field=field,
        details=details,
        created_at=clock.now(session),
        kept_until=None if case_key is not None else now + KEPT_PENDING,
    )
    session.add(row)
    session.flush()
    return row


def pending(session: Session, place: str, *, by: Actor) -> list[Document]:
    """What the actor handed in there and has not sent yet, in order."""
    mine = (Document.uploaded_by == by.id) & (Document.place == place) & (Document.kept_until > clock.machine_now())
    return list(session.scalars(select(Document).where(mine).order_by(Document.key)))


def hand_over(session: Session, document_keys: Iterable[int] | None = None, *, before: str, by: Actor) -> None:
    """What was handed in under another id (`before`: of nobody yet, or of a colleague who passed the work on) becomes the actor's own.

    Only what is pending; without keys all of it.
    """
    mine = (Document.uploaded_by == before) & (Document.kept_until.is_not(None))
    if document_keys is not None:
        mine &= Document.key.in_(list(document_keys))
    session.execute(update(Document).where(mine).values(uploaded_by=by.id, party_key=by.party_key))


def keep_pending(session: Session, *, until: datetime, by: Actor) -> None:
    """What the actor handed in and has not sent yet is kept up to then. `until`: by the machine's clock."""
    mine = (Document.uploaded_by == by.id) & (Document.kept_until.is_not(None))
    session.execute(update(Document).where(mine).values(kept_until=until))


def drop_pending(session: Session, folder: Folder, *, place: str, document_keys: Iterable[int] | None = None, by: Actor) -> None:
    """Remove pending files of the actor: these, or all of a place. Those of a case stay."""
    mine = (Document.uploaded_by == by.id) & (Document.place == place) & (Document.kept_until.is_not(None))
    if document_keys is not None:
        mine &= Document.key.in_(list(document_keys))
    _remove(session, folder, mine)


def _remove(session: Session, folder: Folder, which: Any) -> int:
    removed = list(session.scalars(delete(Document).where(which).returning(Document.key)))
    after_commit(session, lambda: folder.remove(removed))
    return len(removed)


# -- part of a case -----------------------------------------------------------------------------------------------


def attach(step: Step, given: Mapping[str, Any]) -> None:
    """The files that these variables name become part of the step's case, where they are still pending.

    Raises Invalid for one that is not there, is another case's, or is none that the actor may see: a reference that
    somebody typed opens nothing.
    """
    named = {name: found for name, value in given.items() if (found := list(files.references(value)))}
    if not named:
        return
    wanted = {key for found in named.values() for one in found if (key := files.key_of(one)) is not None}
    known = _locked(step, wanted, named)
    wrong = [name for name, found in named.items() if not all(_is_of(known.get(files.key_of(one) or 0), one) for one in found)]
    if wrong:
        raise Invalid(
            "Expected files of this case, or files that you have just handed in, found others.",
            fields=dict.fromkeys(wrong, "a file of this case, or one that you have just handed in"),
        )
    _become_part(step, (document for document in known.values() if document.case_key is None))


API = "api"  # the place of what programs hand in


def attach_handed_in(step: Step, given: Mapping[str, Any]) -> None:
    """As `attach`, for a message: nobody is there any more to be refused. A file of another case stays out of reach."""
    found = {key: one for value in given.values() for one in files.references(value) if (key := files.key_of(one)) is not None}
    if not found:
        return
    handed_in = Document.key.in_(list(found)) & Document.case_key.is_(None) & (Document.place == API)
    rows = step.session.scalars(select(Document).where(handed_in).order_by(Document.key).with_for_update(of=Document))
    _become_part(step, (document for document in rows if _is_of(document, found[document.key])))


def _become_part(step: Step, rows: Iterable[Document]) -> None:
    for document in rows:
        step.writes.update(Document, {"key": document.key}, {"case_key": step.case.key, "kept_until": None})


def _locked(step: Step, wanted: Iterable[int], names: Iterable[str]) -> dict[int, Document]:
    """Those that the actor may use in the case. In the order of their keys, so that two who need several do not wait in a ring.

    Also those that stand in the variables of these names already: whoever answers one question of a context sends back the rest.
    """
    handed_in = (Document.uploaded_by == step.by.id) & Document.case_key.is_(None) & (Document.kept_until > clock.machine_now())
    usable = policies.usable_documents(step.by)
    if step.instance_row is not None:
        usable = or_(usable, policies.named_by(step.instance_row.key, names))
    mine = or_(handed_in, (Document.case_key == step.case.key) & usable)
    found = select(Document).where(Document.key.in_(list(wanted)), mine).order_by(Document.key).with_for_update(of=Document)
    return {document.key: document for document in step.session.scalars(found.execution_options(populate_existing=True))}


def _is_of(document: Document | None, one: Mapping[str, Any]) -> bool:
    return document is not None and one.get("contentHash") == document.sha256


def of_case(session: Session, case_key: int, *, by: Actor) -> list[Document]:
    """The files of a case that the actor may see, in the order they came."""
    mine = (Document.case_key == case_key) & policies.visible_documents(by)
    return list(session.scalars(select(Document).where(mine).order_by(Document.key)))


def expect_visible(session: Session, document_key: int, *, by: Actor) -> Document:
    """Raises NotFound for what is not there, and for what the actor may not know of."""
    found = None
    if 0 < document_key <= keys.LARGEST:
        found = session.scalars(select(Document).where(Document.key == document_key, policies.visible_documents(by))).first()
    if found is None:
        raise NotFound(f"Expected a document with key {document_key}, found none.")
    return found


def expect_named(session: Session, document_key: int, sha256: str | None, *, by: Actor) -> Document:
    """As a reference names it. Programs that work on jobs get any file of a case whose hash they were given. Raises NotFound."""
    named = (Document.key == document_key) & (Document.sha256 == sha256 if sha256 is not None else true())
    allowed = policies.visible_documents(by)
    if sha256 is not None:
        allowed = or_(allowed, Document.case_key.is_not(None) & policies.usable_documents(by))
    found = session.scalars(select(Document).where(named, allowed)).first() if 0 < document_key <= keys.LARGEST else None
    if found is None:
        raise NotFound(f"Expected a document with key {document_key}, found none.")
    return found


def remove(session: Session, folder: Folder, document_key: int, *, by: Actor) -> None:
    """One's own that belongs to no case. Raises NotFound, WrongState (it is a case's, and goes with it)."""
    document = expect_visible(session, document_key, by=by)
    if document.case_key is not None:
        raise WrongState(f"Expected document {document_key} to belong to no case, found it in one; it stays as long as its case.")
    _remove(session, folder, (Document.key == document_key) & (Document.uploaded_by == by.id) & Document.case_key.is_(None))


def visible_among(session: Session, document_keys: Iterable[int], *, by: Actor) -> dict[int, Document]:
    """Those of these documents that the actor may see."""
    wanted = [key for key in document_keys if 0 < key <= keys.LARGEST]
    if not wanted:
        return {}
    found = session.scalars(select(Document).where(Document.key.in_(wanted), policies.visible_documents(by)))
    return {document.key: document for document in found}


def erase(session: Session, folder: Folder, case_key: int) -> int:
    """Remove all files of a case; how many there were."""
    return _remove(session, folder, Document.case_key == case_key)


# -- housekeeping -------------------------------------------------------------------------------------------------


def drop_expired(session: Session, folder: Folder) -> int:
    """Pending files whose day is over. Whoever is attaching one holds its row, and keeps it."""
    return _remove(session, folder, (Document.kept_until <= clock.machine_now()) & Document.case_key.is_(None))


def sweep(session: Session, folder: Folder, *, shard: int | None = None, grace: float = _GRACE) -> int:
    """Remove files that no row knows (a crash came between the two), in one of the 256 folders; how many.

    Without `shard` the one whose turn it is: once a minute goes through all in about five hours.
    """
    if not _belongs_to(session, folder):
        return 0
    turn = int(time.time() / 60) % _SHARDS if shard is None else shard
    removed = 0
    old = list(folder.older_than(grace, turn))
    for start in range(0, len(old), _A_QUESTION):
        some = old[start : start + _A_QUESTION]
        asked = [int(file.name) for file in some if file.name.isdigit()]
        known = set(session.scalars(select(Document.key).where(Document.key.in_(asked))))
        for file in some:
            if not (file.name.isdigit() and int(file.name) in known):
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def _belongs_to(session: Session, folder: Folder) -> bool:
    """Whether the folder carries this database's name: beside another one (a copy, an empty one) every file would be without a row."""
    name = installation.fact(session, _NAME)
    if name is None:
        installation.remember(session, _NAME, secrets.token_hex(16))
        return False  # once that is committed, the next time
    try:
        found = folder.marker.read_text()
    except FileNotFoundError:
        if folder.path.is_dir():
            folder.marker.write_text(name)
        return False
    if found != name:
        log.warning("the documents folder belongs to another database: nothing is swept", folder=str(folder.path))
    return bool(found == name)


def sweep_all(session: Session, folder: Folder, *, grace: float = _GRACE) -> int:
    return sum(sweep(session, folder, shard=shard, grace=grace) for shard in range(_SHARDS))
