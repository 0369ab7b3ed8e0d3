"""Files in forms and on case pages: handed in at once, listed, taken off again, and given as downloads.

What a field lists stands in the page as keys; a file is stored as soon as it arrives, so no mistake elsewhere in the form and no
log-in that ran out loses it. For whoever is asking (`actor`): people here, guests elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, g, request, send_file, url_for
from sqlalchemy.orm import Session

from engine import answers, documents, errors, files, forms
from engine.answers import HandedIn, NotAnAnswer
from engine.documents import Content, Document, Folder
from engine.files import File
from engine.forms import Item, Sheet
from engine.parties import Actor
from portal import access, pages

COOKIE = "passerelle_files"  # that this browser was shown a form for files: what it sends may be large, even after the log-in ended
MOST_OF_A_VISITOR = 50 << 20  # bytes of a POST by somebody without an account
ADD, REMOVE = "_upload", "_remove"  # buttons that only change the lists of files

# endpoint of a POST -> where its files are handed in, from the values of its path
PLACES: dict[str, Callable[..., str]] = {}


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/documents/<int:key>")(download)


def folder() -> Folder:
    found: Folder = current_app.extensions["documents"]
    return found


def place_of_task(key: int) -> str:
    return f"task:{key}"


def place_of_start(process_id: str) -> str:
    return f"start:{process_id}"


# -- reading a form -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posted:
    """What a POST of a form brought. `stays`: it only changed the lists of files; `refused`: fields with a file not taken, or lost."""

    sheet: Sheet
    typed: dict[str, list[str]]
    stays: bool = False
    refused: frozenset[str] = frozenset()


def read(
    schema: Any,
    variables: Mapping[str, Any],
    typed: Mapping[str, list[str]] | None,
    *,
    actor: Actor,
    place: str,
    refused: Mapping[str, Sequence[NotAnAnswer]] | None = None,
) -> Sheet:
    """The form with its files: those of the variables that the actor may see, and those handed in at this place."""
    asked = typed.get("_asked") if typed is not None else None
    handed_in = _handed_in(variables, actor, place, refused or {}) if forms.asks_for_files(schema) else None
    return forms.read(schema, variables, typed, asked=asked, handed_in=handed_in, language=pages.language(), now=pages.now())


def _handed_in(variables: Mapping[str, Any], actor: Actor, place: str, refused: Mapping[str, Sequence[NotAnAnswer]]) -> HandedIn:
    session = access.reading()
    waiting: dict[str, list[Mapping[str, Any]]] = {}
    known: dict[str, Mapping[str, Any]] = {}
    for row in documents.pending(session, place, by=actor):
        known[str(row.key)] = documents.reference_to(row)
        waiting.setdefault(row.field, []).append(known[str(row.key)])
    named = {files.key_of(one) or 0 for value in variables.values() for one in files.references(value)}
    for row in documents.visible_among(session, named, by=actor).values():
        known[str(row.key)] = documents.reference_to(row)
    return HandedIn(known, refused, waiting, most=folder().most)


def posted(schema: Any, variables: Mapping[str, Any], *, actor: Actor, place: str) -> Posted:
    """Store what was sent, take off what was taken off, and read the rest as it was typed."""
    typed = access.typed_fields()
    sheet = read(schema, variables, typed, actor=actor, place=place)
    pickers = {item.name: item for item in sheet.pickers() if item.name in typed.get("_asked", ())}
    if not pickers:
        return Posted(sheet, typed)
    _take_off(pickers, typed, actor, place)
    refused = _take_in(pickers, typed, actor, place)
    sheet = read(schema, variables, typed, actor=actor, place=place, refused=refused)
    gone = {item.name for item in sheet.pickers() if item.name in pickers and not set(typed.get(item.name, ())) <= set(_listed(item))}
    return Posted(sheet, typed, stays=ADD in request.form or REMOVE in request.form, refused=frozenset(refused) | gone)


def _take_off(pickers: Mapping[str, Item], typed: dict[str, list[str]], actor: Actor, place: str) -> None:
    name, _, key = request.form.get(REMOVE, "").rpartition(" ")
    if name in pickers and key in _listed(pickers[name]):
        typed[name] = [one for one in typed[name] if one != key]
        _drop([int(key)], actor, place)


def _listed(item: Item) -> list[str]:
    return [file.key for file in item.files]


def _take_in(pickers: Mapping[str, Item], typed: dict[str, list[str]], actor: Actor, place: str) -> dict[str, list[NotAnAnswer]]:
    refused: dict[str, list[NotAnAnswer]] = {}
    stored: list[tuple[str, str, Content]] = []
    for item in pickers.values():
        before = [file for file in item.files if file.key in typed.get(item.name, ())]
        taken, problems = _taken(item, before)
        if problems:
            refused[item.name] = problems
        if taken:
            replaced = [file.key for file in before] if item.most == 1 else []
            _drop([int(key) for key in replaced], actor, place)
            kept = [key for key in typed.get(item.name, ()) if key not in replaced]
            typed[item.name] = kept + [str(content.key) for _field, _name, content in taken]
            stored += taken
    _keep(stored, actor, place)
    return refused


def _taken(item: Item, before: Sequence[File]) -> tuple[list[tuple[str, str, Content]], list[NotAnAnswer]]:
    """What of the field's files is in the folder now, and why the others are not. The same content twice is one file."""
    taken: list[tuple[str, str, Content]] = []
    refused: list[NotAnAnswer] = []
    known = {file.sha256 for file in before}
    room = item.most - len(before) if item.most > 1 else 1  # where one fits, a new one replaces it
    for part in _parts(item.name):
        try:
            content = folder().put(part.stream, item.accept)
        except documents.NotWhatItSays as reason:
            refused.append(_in_answers(reason.word, files.shown_name(part.filename), item))
            continue
        if content.sha256 in known or len(taken) >= room:
            folder().remove([content.key])
        if content.sha256 in known:
            continue
        if len(taken) >= room:
            refused.append(_in_answers("files_many", files.shown_name(part.filename), item))
            continue
        known.add(content.sha256)
        taken.append((item.name, part.filename, content))
    return taken, refused


def _parts(name: str) -> list[Any]:
    return [part for part in request.files.getlist(name) if part.filename]  # an empty field arrives as a part without a name


def _in_answers(word: str, name: str, item: Item) -> NotAnAnswer:
    if word == "files_many":
        return answers.too_many(item.most, name)
    return NotAnAnswer(word, name=name, kinds=item.accept, limit=folder().max_size >> 20)


def _keep(stored: Iterable[tuple[str, str, Content]], actor: Actor, place: str) -> None:
    """All in one go. Where that is refused, none of it stays."""
    found = list(stored)
    if not found:
        return

    def add(session: Session) -> None:
        for field, name, content in found:
            documents.add(session, content, name, place=place, field=field, by=actor)

    try:
        access.writing(add)
    except errors.EngineError:
        folder().remove(content.key for _field, _name, content in found)
        raise


def _drop(keys: list[int], actor: Actor, place: str) -> None:
    if keys:
        access.writing(lambda session: documents.drop_pending(session, folder(), place=place, document_keys=keys, by=actor))


def forget(actor: Actor, place: str) -> None:
    """After sending: what is still pending there came from a second click on the button."""
    if documents.pending(access.reading(), place, by=actor):
        access.writing(lambda session: documents.drop_pending(session, folder(), place=place, by=actor))


def by_name(kept: Mapping[str, list[str]], actor: Actor, place: str) -> dict[str, list[str]]:
    """What somebody filled in, with the names of files in the place of their keys."""
    names = {str(row.key): row.name for row in documents.pending(access.reading(), place, by=actor)}
    return {field: [names.get(value, value) for value in values] for field, values in kept.items()}


# -- a log-in that ended ------------------------------------------------------------------------------------------


def largest_request() -> int:
    """Bytes of a POST that may carry files."""
    largest = folder().max_size * folder().most + access.MAX_FORM
    return min(largest, MOST_OF_A_VISITOR) if access.is_public_page() else largest


def may_be_large(endpoint: str | None) -> bool:
    """Files are taken from whoever is logged in, and from a browser that was shown the form while it was."""
    if endpoint not in PLACES or request.mimetype != "multipart/form-data":  # without parts there is no file, only a text read whole
        return False
    if access.is_public_page():
        return g.visitor_is_known
    return access.is_logged_in() or access.unsigned("files", request.cookies.get(COOKIE, "")) is not None


def with_note(response: Response, sheet: Sheet | None) -> Response:
    """Note in the browser that it was shown a form for files."""
    if sheet is not None and any(sheet.pickers()):
        access.set_cookie(response, COOKIE, access.signed("files", access.actor().id), access.DRAFT_KEPT)
    return response


def absent(username: str) -> Actor:
    """Somebody whose log-in has ended: what they hand in is nobody's until they are back."""
    return Actor(id=f"{_ABSENT}{username}")


_ABSENT = "absent:"


def keep_for_later(typed: dict[str, list[str]], actor: Actor) -> None:
    """Store what came with a POST that cannot be answered yet, and add its keys to what was typed."""
    if request.endpoint not in PLACES:
        return
    place = PLACES[request.endpoint](**(request.view_args or {}))
    stored: list[tuple[str, str, Content]] = []
    for name in [name for name in request.files if name in typed.get("_asked", ())]:
        for part in _parts(name)[: folder().most]:
            try:
                content = folder().put(part.stream)
            except documents.NotWhatItSays:
                continue  # nobody is there to be told; the page then shows what was taken
            stored.append((name, part.filename, content))
    try:
        _keep(stored, actor, place)
    except errors.TooLarge:
        return  # too many that were never sent
    for name, _filename, content in stored:
        typed.setdefault(name, []).append(str(content.key))


def take_over(typed: Mapping[str, list[str]], actor: Actor) -> None:
    """After logging in again: what was kept for later is the actor's own."""
    keys = [int(value) for values in typed.values() for value in values if value.isascii() and value.isdigit() and len(value) < 20]
    if keys:
        before = absent(actor.username or "").id
        access.writing(lambda session: documents.hand_over(session, keys, before=before, by=actor))


# -- giving -------------------------------------------------------------------------------------------------------


def download(key: int) -> Response:
    """As a file to keep, never as a page of ours; 404 for what one may not know of."""
    return give(documents.expect_visible(access.reading(), key, by=access.actor()))


def give(document: Document) -> Response:
    content = folder().open(document.key)
    response = send_file(
        content,
        mimetype=document.content_type,  # told by the content
        as_attachment=True,
        download_name=document.name,  # RFC 5987 where it is more than ASCII
        conditional=False,
        etag=False,
        max_age=0,
    )
    response.content_length = document.size
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def in_templates() -> dict[str, Any]:
    """What templates may use; a page for somebody without an account gives a `document_url` of its own."""
    language = pages.language()
    return {
        "document_url": lambda key: url_for("portal.download", key=key),
        "size": lambda size: size_in_words(size, language),
        "kinds": lambda kinds: answers.kinds_in_words(kinds, language),
        "files_of": files.of_value,
        "accept": lambda kinds: ",".join(kind for kind in kinds if kind != "image/heic"),  # an iPhone then sends JPEG, which all can open
        "has_pictures": lambda kinds: any(kind in files.PICTURES for kind in kinds),
        "largest_file": lambda: folder().max_size >> 20,
    }


def size_in_words(size: int, language: str) -> str:
    """`850 kB`, `1.2 MB`."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} k{'o' if language == 'fr' else 'B'}"
    number = f"{size / 1_000_000:.1f}"
    return f"{number.replace('.', ',')} Mo" if language == "fr" else f"{number} MB"
