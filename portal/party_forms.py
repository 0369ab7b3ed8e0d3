"""The form of a party as it stands on the page: read from what was typed or from the row, and checked field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import calendars, parties
from engine.calendars import DAYS
from engine.errors import Invalid
from engine.parties import Party, PartyKind
from portal import pages

_MOST_CONTACTS = 20
_SPANS = 2  # of a day, at least
_CLOCK = re.compile(r"(\d{1,2})(?:[:hH.,]?(\d{2})?)")
_CONTACT = ("name", "email", "phone", "language")

_ORDER = ("name", "kind", "party_id", "language", "contact", "time_zone", "country", "timetable", *DAYS, "active")  # of the page

Typed = Mapping[str, Sequence[str]]
Span = tuple[str, str]  # from, to; as typed


@dataclass(slots=True)
class Sheet:
    name: str = ""
    party_id: str = ""
    kind: str = PartyKind.PARTNER.value
    language: str = "en"
    time_zone: str = "UTC"
    country: str = ""
    part: str = ""
    week: str = "usual"  # | own
    days: dict[str, list[Span]] = field(default_factory=dict)
    contacts: list[dict[str, str]] = field(default_factory=list)
    first: int = 0  # of the contacts: where mail goes
    active: bool = True

    @property
    def parts(self) -> Sequence[str]:
        """Parts of the country that have holidays of their own."""
        return calendars.countries().get(self.country, ())

    def week_shown(self) -> list[tuple[str, list[Span]]]:
        """Each day with its spans, and free ones up to the same number for all."""
        most = max(_SPANS, *(len(spans) for spans in self.days.values()), 0)
        return [(day, [*self.days.get(day, ()), *[("", "")] * most][:most]) for day in DAYS]

    def free_contacts(self) -> range:
        """The number of the next contact, where there may be one more."""
        return range(len(self.contacts), min(len(self.contacts) + 1, _MOST_CONTACTS))

    def copy_monday(self) -> None:
        for day in DAYS[1:5]:
            self.days[day] = list(self.days.get("mon", ()))
        self.week = "own"


def of_party(party: Party) -> Sheet:
    country, _, part = (party.country or "").partition("-")
    table = party.timetable or calendars.USUAL
    return Sheet(
        name=party.name,
        party_id=party.party_id,
        kind=party.kind,
        language=party.language,
        time_zone=party.time_zone,
        country=country,
        part=part,
        week="own" if party.timetable else "usual",
        days={day: [(begin, end) for begin, end in table.get(day, ())] for day in DAYS},
        contacts=[dict(contact) for contact in party.contacts or ()],
        active=party.active,
    )


def of_typed(typed: Typed) -> Sheet:
    def one(name: str, most: int = 300) -> str:
        return (list(typed.get(name) or ()) or [""])[0].replace("\x00", "").strip()[:most]

    def spans(day: str) -> list[Span]:
        numbers = sorted({int(name.split("-")[1]) for name in typed if re.fullmatch(rf"{day}-\d{{1,2}}-(from|to)", name)})
        found = [(one(f"{day}-{number}-from", 8), one(f"{day}-{number}-to", 8)) for number in numbers]
        return [span for span in found if any(span)]

    sheet = Sheet(
        name=one("name"),
        party_id=one("party_id").lower(),
        kind=one("kind"),
        language=one("language"),
        time_zone=one("time_zone"),
        country=one("country").upper(),
        part=one("part"),
        week="own" if one("week") == "own" else "usual",
        days={day: spans(day) for day in DAYS},
        active=bool(one("active")),
    )
    for number in range(_MOST_CONTACTS):
        contact = {name: value for name in _CONTACT if (value := one(f"contact-{number}-{name}"))}
        if contact.keys() - {"language"}:
            if one("first") == str(number):
                sheet.first = len(sheet.contacts)
            sheet.contacts.append(contact)
    return sheet


def read(sheet: Sheet, party: Party | None) -> tuple[dict[str, Any], dict[str, str]]:
    """What the sheet says, as `parties.save` takes it, and what is wrong with it: field of the page -> sentence."""
    wrong: dict[str, str] = {}
    about: dict[str, Any] = {
        "name": sheet.name,
        "language": sheet.language,
        "time_zone": sheet.time_zone,
        "country": f"{sheet.country}-{sheet.part}" if sheet.country and sheet.part else sheet.country or None,
        "contacts": [sheet.contacts[sheet.first], *(c for n, c in enumerate(sheet.contacts) if n != sheet.first)] if sheet.contacts else [],
    }
    if sheet.party_id or party is not None:
        about["party_id"] = sheet.party_id
    if party is None or party.kind != PartyKind.HOST:
        about["kind"] = sheet.kind
        about["active"] = sheet.active or party is None
    about["timetable"] = _timetable(sheet, wrong) if sheet.week == "own" else None
    for name, value in about.items():
        try:
            parties.checked({name: value, **({} if name == "name" else {"name": "x"})}, party)
        except Invalid as error:
            _tell(name, error, wrong, sheet.first)
    return about, dict(sorted(wrong.items(), key=lambda item: _ORDER.index(item[0].partition("-")[0])))


def _tell(name: str, error: Invalid, wrong: dict[str, str], first: int) -> None:
    if name != "contacts":
        if name != "timetable" or not any(day in wrong for day in DAYS):  # which says more
            wrong[name] = pages.t(f"party_wrong_{name}")
        return
    for place in error.details["fields"]:
        _, number, part = (*place.split("."), "", "")[:3]
        order = [first, *(n for n in range(_MOST_CONTACTS) if n != first)]  # the marked one was put first
        known = part if part in _CONTACT else "email"
        wrong[f"contact-{order[int(number)] if number.isdigit() else 0}-{known}"] = pages.t(f"contact_wrong_{known}")


def _timetable(sheet: Sheet, wrong: dict[str, str]) -> dict[str, list[list[str]]]:
    names = dict(zip(DAYS, pages.t("days").split(), strict=True))
    found = {}
    for day, spans in sheet.days.items():
        read_spans = [[_clock(begin), "24:00" if _clock(end) == "00:00" else _clock(end)] for begin, end in spans]
        try:
            if read_spans:
                calendars.timetable({day: read_spans})
                found[day] = read_spans
        except Invalid:
            wrong[day] = pages.t("party_wrong_day", day=names[day])
    return found


def _clock(text: str) -> str:
    """09:00, also where somebody types 9, 9h, 9.00 or 0900."""
    match = _CLOCK.fullmatch(text)
    return f"{int(match[1]):02}:{match[2] or '00'}" if match else text


def usual_days() -> dict[str, list[Span]]:
    return {day: [(begin, end) for begin, end in calendars.USUAL.get(day, ())] for day in DAYS}
