"""The directory as a CSV file: what a spreadsheet says, what of it would change, and the file to begin with."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendars, parties, policies
from engine.calendars import DAYS
from engine.errors import Invalid, TooLarge
from engine.parties import Actor, Party

COLUMNS = (
    "party_id",
    "name",
    "kind",
    "language",
    "time_zone",
    "country",
    "timetable",
    "contact_name",
    "contact_email",
    "contact_phone",
    "active",
)
MOST_BYTES = 500_000
MOST_LINES = 2000

_DELIMITERS = (",", ";", "\t")
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run it
_YES, _NO = frozenset({"yes", "true", "1", "oui", "vrai"}), frozenset({"no", "false", "0", "non", "faux"})
_FRENCH_DAYS = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_PLAIN = ("party_id", "name", "kind", "language", "time_zone", "country")
_CONTACT = {"contact_name": "name", "contact_email": "email", "contact_phone": "phone"}


@dataclass(frozen=True, slots=True)
class Problem:
    column: str
    expected: str


@dataclass(frozen=True, slots=True)
class Line:
    """One party of the file. `number`: where it begins in the file, the heading being 1. Empty cells change nothing."""

    number: int
    party_id: str
    name: str
    is_new: bool
    changes: tuple[str, ...] = ()  # fields of the party that would be other than they are
    problems: tuple[Problem, ...] = ()
    key: int | None = None
    fine: Mapping[str, Any] = field(default_factory=dict)


# -- reading ------------------------------------------------------------------------------------------------------


def decoded(data: bytes) -> str:
    """The text of an uploaded file: UTF-8, else as older spreadsheets write. Raises TooLarge."""
    if len(data) > MOST_BYTES:
        raise TooLarge(f"Expected a file of at most {MOST_BYTES // 1000} kB.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def preview_csv(session: Session, text: str, *, by: Actor) -> list[Line]:
    """What importing this file would do, line by line; changes nothing.

    Raises Invalid for what is no such file at all: `details["reason"]` is empty, not_csv, unknown_column, no_column or
    too_many, with `found` where something was found.
    """
    policies.require(policies.may_manage_parties(by))
    rows = list(_rows(text))
    known = _known(session, rows)
    return [_line(number, cells, known) for number, cells in rows]


def import_csv(session: Session, text: str, *, by: Actor) -> tuple[int, int]:
    """All of it or nothing; how many parties were added, and how many changed. Raises Invalid where a line has a problem."""
    lines = preview_csv(session, text, by=by)
    wrong = [line for line in lines if line.problems]
    if wrong:
        problem = wrong[0].problems[0]
        raise Invalid(
            f"Expected a file without problems; line {wrong[0].number}, {problem.column}: expected {problem.expected}.",
            fields={f"{line.number}.{one.column}": one.expected for line in wrong for one in line.problems},
        )
    changed = [line for line in lines if line.is_new or line.changes]
    for line in changed:
        parties.put(session, line.fine, None if line.key is None else parties.expect(session, line.key))
    return sum(line.is_new for line in changed), sum(not line.is_new for line in changed)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and the cells that say something, by column."""
    head, _, rest = text.removeprefix("\ufeff").partition("\n")
    first = 1
    if head.strip().lower().startswith("sep="):  # a hint that some spreadsheets write
        text, first = rest, 2
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=max(_DELIMITERS, key=head.count), strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        _expect_columns(columns)
        number, count = reader.line_num + first, 0
        for cells in reader:
            found = {name: _unguarded(cell) for name, cell in zip(columns, cells, strict=False) if cell.strip()}
            if found:
                count += 1
                if count > MOST_LINES:
                    raise _no_list("too_many", f"at most {MOST_LINES} lines")
                yield number, found
            number = reader.line_num + first
    except csv.Error as error:
        raise _no_list("not_csv", "a CSV file", found=f"{reader.line_num + first - 1}") from error


def _expect_columns(columns: Sequence[str]) -> None:
    if not any(columns):
        raise _no_list("empty", "a heading of columns")
    for name in columns:
        if name not in COLUMNS:
            raise _no_list("unknown_column", f"only the columns {', '.join(COLUMNS)}", found=name[:40])
        if columns.count(name) > 1:
            raise _no_list("unknown_column", "each column once", found=name)
    if "name" not in columns and "party_id" not in columns:
        raise _no_list("no_column", "a column name or party_id")


def _no_list(reason: str, expected: str, found: str = "") -> Invalid:
    return Invalid(f"Expected {expected}{f', found {found!r}' if found else ''}.", fields={"file": expected}, reason=reason, found=found)


@dataclass(slots=True)
class _Known:
    """The directory as far as the file speaks of it, and what its earlier lines took."""

    defaults: Mapping[str, Any]
    by_id: dict[str, Party]
    by_email: dict[str, Party]
    by_name: dict[str, str]
    ids: set[str]
    lines_by_id: dict[str, int] = field(default_factory=dict)
    lines_by_email: dict[str, int] = field(default_factory=dict)


def _known(session: Session, rows: Sequence[tuple[int, Mapping[str, str]]]) -> _Known:
    ids = {cells["party_id"] for _, cells in rows if "party_id" in cells}
    emails = {cells["contact_email"].lower() for _, cells in rows if "contact_email" in cells}
    names = {cells["name"] for _, cells in rows if "name" in cells}
    fitting = [
        list(session.scalars(select(Party).where(column.in_(sorted(some)))))
        for column, some in ((Party.party_id, ids), (Party.email, emails), (Party.name, names))
    ]
    return _Known(
        defaults=parties.as_the_host(session),
        by_id={party.party_id: party for party in fitting[0]},
        by_email={party.email or "": party for party in fitting[1]},
        by_name={party.name: party.party_id for party in fitting[2]},
        ids=set(session.scalars(select(Party.party_id))) | ids,
    )


def _line(number: int, cells: Mapping[str, str], known: _Known) -> Line:
    given = cells.get("party_id")
    party = known.by_id.get(given or "")
    about, problems = _about(cells, party)
    try:
        fine = parties.checked(about, party)
    except Invalid as error:
        problems += [Problem(_column(name), expected) for name, expected in error.details["fields"].items()]
        fine = {}
    name = cells.get("name") or (party.name if party is not None else "")
    problems += _clashes(number, cells, fine, party, known)
    if party is None and not problems:
        fine = {**known.defaults, **fine}
        fine.setdefault("party_id", parties.id_from_name(name, known.ids))
        known.ids.add(fine["party_id"])
    known.by_name.setdefault(name, fine.get("party_id", ""))
    changes = tuple(field for field, value in fine.items() if party is not None and getattr(party, field) != value)
    return Line(
        number=number,
        party_id=fine.get("party_id") or given or "",
        name=name,
        is_new=party is None,
        changes=changes,
        problems=tuple({problem.column: problem for problem in reversed(problems)}.values())[::-1],
        key=None if party is None else party.key,
        fine=fine,
    )


def _clashes(number: int, cells: Mapping[str, str], fine: Mapping[str, Any], party: Party | None, known: _Known) -> list[Problem]:
    """What somebody else has already, in the directory or in an earlier line."""
    found = []
    given, email = cells.get("party_id"), fine.get("email")
    if given is None and cells.get("name") in known.by_name:
        found.append(Problem("name", f"the party_id of the party that has this name: {known.by_name[cells['name']]}"))
    if given is not None and known.lines_by_id.setdefault(given, number) != number:
        found.append(Problem("party_id", f"each party once; it stands in line {known.lines_by_id[given]} too"))
    if email is not None:
        other = known.by_email.get(email)
        if other is not None and other is not party:
            found.append(Problem("contact_email", f"an address that is not the one of {other.party_id}"))
        if known.lines_by_email.setdefault(email, number) != number:
            found.append(Problem("contact_email", f"each customer once; it stands in line {known.lines_by_email[email]} too"))
    return found


def _about(cells: Mapping[str, str], party: Party | None) -> tuple[dict[str, Any], list[Problem]]:
    """The fields that the cells speak of, and cells that say nothing one could check."""
    about: dict[str, Any] = {name: cells[name] for name in _PLAIN if name in cells}
    about |= {name: about[name].lower() for name in ("kind", "language") if name in about}
    problems = []
    if "active" in cells:
        word = cells["active"].lower()
        about["active"] = word in _YES
        if word not in _YES | _NO:
            problems.append(Problem("active", "yes or no"))
    if "timetable" in cells:
        try:
            about["timetable"] = timetable_of(cells["timetable"])
        except Invalid as error:
            problems.append(Problem("timetable", error.details["fields"]["timetable"]))
    if any(column in cells for column in _CONTACT):
        known = [dict(contact) for contact in (party.contacts or ())] if party is not None else []
        first = (known[0] if known else {}) | {name: cells[column] for column, name in _CONTACT.items() if column in cells}
        about["contacts"] = [first, *known[1:]]
    return about, problems


def _column(name: str) -> str:
    return f"contact_{name.rpartition('.')[2]}" if name.startswith("contacts") else name


# -- timetables in words ------------------------------------------------------------------------------------------


def timetable_of(text: str) -> dict[str, list[list[str]]] | None:
    """ "mon-thu 08:00-12:00 13:00-17:00, fri 08:00-12:00", as `timetable_words` writes it; French days too. Raises Invalid."""
    found: dict[str, list[list[str]]] = {}
    for part in re.split(r"[,;|]", text.lower()):
        days, _, spans = part.strip().partition(" ")
        if not days:
            continue
        for day in _days(days):
            if day in found:
                raise Invalid("Expected each day once.", fields={"timetable": f"each day once, not {day} again"})
            found[day] = [span.split("-") for span in spans.split()]
    return calendars.timetable(found)


def _days(text: str) -> list[str]:
    first, _, last = text.partition("-")
    numbers = [next((days.index(name) for days in (DAYS, _FRENCH_DAYS) if name in days), -1) for name in (first, last or first)]
    if -1 in numbers or numbers[0] > numbers[1]:
        raise Invalid("Expected days.", fields={"timetable": f"days such as mon or mon-fri, not {text[:20]}"})
    return list(DAYS[numbers[0] : numbers[1] + 1])


def timetable_words(timetable: Mapping[str, Sequence[Sequence[str]]] | None, names: Sequence[str] = DAYS) -> str:
    """In one line, days with the same hours together; `names`: how the days are called, Monday first."""
    spans = [" ".join("-".join(span) for span in (timetable or calendars.USUAL).get(day, ())) for day in DAYS]
    found = []
    for hours, days in groupby(range(7), key=lambda day: spans[day]):
        some = list(days)
        if hours:
            found.append(f"{names[some[0]]}{f'-{names[some[-1]]}' if len(some) > 1 else ''} {hours}")
    return ", ".join(found)


# -- writing ------------------------------------------------------------------------------------------------------


def csv_of(rows: Iterable[Party], delimiter: str = ",") -> str:
    """A file that can be changed in a spreadsheet and imported again. No cell of it is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for party in rows:
        first = party.contacts[0] if party.contacts else {}
        cells = {
            **{name: getattr(party, name) or "" for name in _PLAIN},
            "timetable": timetable_words(party.timetable) if party.timetable else "",
            **{column: first.get(name, "") for column, name in _CONTACT.items()},
            "active": "yes" if party.active else "no",
        }
        writer.writerow([_guarded(cells[name]) for name in COLUMNS])
    return out.getvalue()


def template(session: Session, delimiter: str = ",") -> str:
    """The columns, and the host as the example: importing it as it stands changes nothing."""
    return csv_of([parties.host(session)], delimiter)


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) or cell.startswith("'") else cell


def _unguarded(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_BEGINS_A_FORMULA, "'")) else cell


