"""The directory, for administrators and process owners: parties, how they are reached and when they work."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engine import errors, parties, policies
from engine.parties import HOST_NAME, Party, PartyKind
from engine.people import Person
from portal import access, countries, inbox, pages, party_forms
from portal.party_forms import Sheet

_PAGE = 50
KINDS = (PartyKind.PARTNER, PartyKind.CUSTOMER)


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/parties")(list_parties)
    blueprint.get("/parties/new")(new_party)
    blueprint.post("/parties/new")(add_party)
    blueprint.get("/parties/<int:key>")(show_party)
    blueprint.post("/parties/<int:key>")(save_party)
    access.KEEPERS["portal.add_party"] = new_party
    access.KEEPERS["portal.save_party"] = show_party


def expect_keeper() -> None:
    policies.require(policies.may_manage_parties(access.actor()))


# -- the list -----------------------------------------------------------------------------------------------------


def wanted_kind() -> str:
    kind = request.args.get("kind", "")
    return kind if kind in KINDS else ""


def matching(search: str, kind: str) -> Any:
    """The host first, then those who take part, by name."""
    statement = select(Party).where(policies.visible_parties(access.actor()), *parties.found_by(search))
    statement = statement.order_by(Party.kind != PartyKind.HOST, Party.active.desc(), *parties.by_name())
    return statement.where(Party.kind == kind) if kind else statement


def list_parties() -> Response:
    expect_keeper()
    session, search, page, kind = access.reading(), inbox.search_words(), inbox.page_number(), wanted_kind()
    rows = list(session.scalars(matching(search, kind).limit(_PAGE + 1).offset((page - 1) * _PAGE)))
    host = parties.host(session)
    return pages.draw(
        "parties.html",
        parties=rows[:_PAGE],
        sizes=_sizes(session, [row.key for row in rows]),
        is_alone=not kind and not search and page == 1 and len(rows) <= 1,
        host_key=parties.HOST_KEY,
        is_unnamed=host.name == HOST_NAME,
        kinds=KINDS,
        kind=kind,
        search=search,
        page=page,
        more=len(rows) > _PAGE,
        where=lambda party: countries.with_part(party.country, pages.language()) or party.time_zone,
        said=request.args.get("said"),
    )


def _sizes(session: Session, keys: list[int]) -> dict[int, int]:
    whose = func.coalesce(Person.party_key, parties.HOST_KEY)
    statement = select(whose, func.count()).where(Person.active, whose.in_(keys)).group_by(whose)
    return {key: size for key, size in session.execute(statement)}


# -- one party ----------------------------------------------------------------------------------------------------


def _draw(
    sheet: Sheet, party: Party | None, *, wrong: dict[str, str] | None = None, notice: str | None = None, status: int = 200
) -> Response:
    language = pages.language()
    return pages.draw(
        "party.html",
        status,
        sheet=sheet,
        party=party,
        is_host=party is not None and party.kind == PartyKind.HOST,
        kinds=KINDS,
        days=dict(zip(party_forms.DAYS, pages.t("days").split(), strict=True)),
        countries=countries.choices(language),
        zones=countries.zones(),
        people=_people_of(party),
        wrong=wrong or {},
        notice=notice,
        said=inbox.said(),
    )


def _people_of(party: Party | None) -> list[Person]:
    if party is None or party.kind == PartyKind.HOST:
        return []
    statement = select(Person).where(Person.party_key == party.key).order_by(Person.active.desc(), func.lower(Person.name))
    return list(access.reading().scalars(statement))


def _expect(key: int) -> Party:
    if key >= 2**63:
        raise errors.NotFound
    return parties.expect(access.reading(), key)


def new_party(typed: Any = None, notice: str | None = None) -> Response:
    expect_keeper()
    if typed is not None:
        return _draw(party_forms.of_typed(typed), None, notice=notice)
    host = party_forms.of_party(parties.host(access.reading()))
    kind = wanted_kind() or PartyKind.PARTNER.value
    as_the_host = {"language": host.language, "time_zone": host.time_zone, "country": host.country, "part": host.part}
    return _draw(Sheet(kind=kind, days=party_forms.usual_days(), **as_the_host), None)


def add_party() -> AnyResponse:
    expect_keeper()
    return _save(None)


def show_party(key: int, typed: Any = None, notice: str | None = None) -> Response:
    expect_keeper()
    party = _expect(key)
    return _draw(party_forms.of_party(party) if typed is None else party_forms.of_typed(typed), party, notice=notice)


def save_party(key: int) -> AnyResponse:
    expect_keeper()
    return _save(_expect(key))


def _save(party: Party | None) -> AnyResponse:
    sheet = party_forms.of_typed(dict(request.form.lists()))
    if "copy" in request.form:
        sheet.copy_monday()
        return _draw(sheet, party)
    about, wrong = party_forms.read(sheet, party)
    if wrong:
        return _draw(sheet, party, wrong=wrong, status=422)
    by, key = access.actor(), None if party is None else party.key
    try:
        saved = access.writing(lambda session: parties.save(session, about, key=key, by=by).key)
    except errors.AlreadyExists as taken:
        name = "party_id" if taken.details["field"] == "party_id" else f"contact-{sheet.first}-email"
        wrong = {name: pages.t("party_id_taken" if name == "party_id" else "party_email_taken")}
        return _draw(sheet, None if key is None else _expect(key), wrong=wrong, status=422)
    if party is None:
        return redirect(url_for("portal.show_party", key=saved, said="saved"), 303)
    return redirect(url_for("portal.list_parties", said="saved"), 303)
