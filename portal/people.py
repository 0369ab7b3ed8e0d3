"""Accounts and groups: who can log in, with what roles, in which groups, whose people they are; and work that nobody would get."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engine import deployments, errors, outlook, parties, people, policies, sessions, tasks
from engine.deployments import Process
from engine.parties import Party, PartyKind
from engine.people import Group, Membership, Person, Role
from portal import access, inbox, pages
from portal.parties import expect_keeper
from portal.words import LANGUAGES

ROLES = (Role.MEMBER, Role.OPERATOR, Role.MODELLER, Role.ADMIN)
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_PAGE = 50
_WORDS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/people")(list_people)
    blueprint.get("/people/new")(new_person)
    blueprint.post("/people/new")(add_person)
    blueprint.get("/people/<username>")(show_person)
    blueprint.post("/people/<username>")(save_person)
    blueprint.post("/people/<username>/password")(reset_password)
    blueprint.get("/groups")(list_groups)
    blueprint.post("/groups")(add_group)
    blueprint.get("/groups/<group_id>")(show_group)
    blueprint.post("/groups/<group_id>")(save_group)
    access.KEEPERS["portal.add_person"] = new_person
    access.KEEPERS["portal.save_person"] = show_person


def _expect_admin() -> None:
    if Role.ADMIN not in access.actor().roles:
        raise errors.NotAllowed


# -- people -------------------------------------------------------------------------------------------------------


def _is_admin() -> bool:
    return policies.may_manage_people(access.actor())


def list_people() -> Response:
    """An administrator sees all accounts, a process owner those of other parties."""
    expect_keeper()
    session, search, page = access.reading(), inbox.search_words(), inbox.page_number()
    statement = select(Person).where(policies.manageable_people(access.actor()))
    statement = statement.outerjoin(Party, Party.key == Person.party_key)
    statement = statement.order_by(Person.active.desc(), func.lower(Person.name), Person.username)
    for word in search.split():
        found = (column.icontains(word, autoescape=True) for column in (Person.name, Person.username, Person.organisation, Party.name))
        statement = statement.where(or_(*found))
    rows = list(session.scalars(statement.limit(_PAGE + 1).offset((page - 1) * _PAGE)))
    return pages.draw(
        "people.html",
        people=rows[:_PAGE],
        memberships=_groups_of(session, [person.username for person in rows]),
        party_names=parties.names(session, {person.party_key for person in rows}),
        warnings=groups_without_people(session) if _is_admin() else [],
        search=search,
        page=page,
        more=len(rows) > _PAGE,
        said=inbox.said(),
    )


def _groups_of(session: Session, usernames: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    statement = select(Membership.username, Group.name).join(Group, Group.group_id == Membership.group_id).order_by(Group.name)
    for username, name in session.execute(statement.where(Membership.username.in_(usernames))):
        found.setdefault(username, []).append(name)
    return found


@dataclass(slots=True)
class Filled:
    """The form of a person as it stands on the page."""

    username: str = ""
    name: str = ""
    email: str = ""
    organisation: str = ""
    party: str = ""  # its key; the host's where it stands for nobody else
    language: str = "en"
    active: bool = True
    roles: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def _filled(typed: Any, username: str) -> Filled:
    def one(name: str) -> str:
        return (typed.get(name) or [""])[0].replace("\x00", "").strip()[:200]

    return Filled(
        username=username or one("username").lower(),
        name=one("name"),
        email=one("email"),
        organisation=one("organisation"),
        party=one("party"),
        language=one("language") if one("language") in LANGUAGES else "en",
        active=bool(one("active")),
        roles=[role for role in typed.get("roles", []) if role in ROLES],
        groups=list(typed.get("groups", [])),
    )


def _wrong_with(session: Session, filled: Filled, *, is_new: bool) -> dict[str, str]:
    wrong = {}
    if is_new and not _USERNAME.fullmatch(filled.username):
        wrong["username"] = pages.t("username_wrong")
    elif is_new and session.get(Person, filled.username) is not None:
        wrong["username"] = pages.t("username_taken")
    if not filled.name:
        wrong["name"] = pages.t("name_missing")
    if filled.email and not re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", filled.email):
        wrong["email"] = pages.t("email_wrong")
    party_key = _party_key(filled)
    if party_key is None or not policies.may_manage_people_of(access.actor(), parties.foreign_key_of(party_key)):
        wrong["party"] = pages.t("person_party_missing")
    elif party_key != parties.HOST_KEY and filled.roles:
        wrong["roles"] = pages.t("person_roles_foreign")
    if filled.username == g.person.username and (Role.ADMIN not in filled.roles or not filled.active):
        wrong["roles"] = pages.t("own_admin")
    return wrong


def _party_key(filled: Filled) -> int | None:
    """Whose people it is; None where it is not said, or is no party."""
    if not (filled.party.isascii() and filled.party.isdigit() and len(filled.party) < 19):
        return None
    key = int(filled.party)
    return key if access.reading().get(Party, key) is not None else None


def _parties_to_choose(filled: Filled) -> list[tuple[str, str]]:
    """The host for administrators, partners who take part, and the one that is chosen."""
    chosen = _party_key(filled)
    fits = or_(and_(Party.kind == PartyKind.PARTNER, Party.active), Party.key == chosen if chosen is not None else false())
    statement = select(Party).where(fits, Party.key != parties.HOST_KEY).order_by(*parties.by_name())
    rows = list(access.reading().scalars(statement))
    host = parties.host(access.reading())
    us = [(str(host.key), pages.t("person_party_us", name=host.name))] if _is_admin() else []
    return us + [(str(row.key), row.name) for row in rows]


def _draw_person(
    filled: Filled, *, is_new: bool, wrong: dict[str, str] | None = None, notice: str | None = None, status: int = 200
) -> Response:
    is_admin = _is_admin()
    return pages.draw(
        "person.html",
        status,
        filled=filled,
        is_new=is_new,
        wrong=wrong or {},
        parties=_parties_to_choose(filled),
        groups=list(access.reading().scalars(select(Group).order_by(Group.name))) if is_admin else [],
        roles=ROLES if is_admin else (),
        notice=notice,
        said=inbox.said(),
    )


def new_person(typed: Any = None, notice: str | None = None) -> Response:
    expect_keeper()
    group, party = request.args.get("group"), request.args.get("party", str(parties.HOST_KEY) if _is_admin() else "")
    blank = Filled(language=pages.language(), groups=[group] if group else [], party=party[:19])
    filled = blank if typed is None else _filled(typed, "")
    return _draw_person(filled, is_new=True, notice=notice)


def add_person() -> AnyResponse:
    expect_keeper()
    filled = _filled(dict(request.form.lists()), "")
    filled.active = True
    wrong = _wrong_with(access.reading(), filled, is_new=True)
    if wrong:
        return _draw_person(filled, is_new=True, wrong=wrong, status=422)
    password, by = one_time_password(), access.actor()
    made = people.hash_of(password)
    access.writing(lambda session: _create(session, filled, password, made, by))
    return pages.draw("one_time.html", name=filled.name, username=filled.username, password=password)


def _create(session: Session, filled: Filled, password: str, made: str, by: Any) -> None:
    people.create_person(
        session,
        filled.username,
        password=password,
        name=filled.name,
        email=filled.email or None,
        organisation=filled.organisation or None,
        party_key=int(filled.party),
        language=filled.language,
        roles=filled.roles,
        groups=_known_groups(session, filled.groups),
        must_change_password=True,
        password_hash=made,
        by=by,
    )


def _known_groups(session: Session, group_ids: list[str]) -> list[str]:
    return list(session.scalars(select(Group.group_id).where(Group.group_id.in_(group_ids))))


def one_time_password() -> str:
    """Easy to read out: three blocks of five, 74 bits."""
    return "-".join("".join(secrets.choice(_WORDS) for _ in range(5)) for _ in range(3))


def _expect_person(username: str) -> Person:
    """One whom the actor may manage. Raises NotFound."""
    expect_keeper()
    person = access.reading().get(Person, username)
    if person is None or not policies.may_manage_people_of(access.actor(), person.party_key):
        raise errors.NotFound
    return person


def show_person(username: str, typed: Any = None, notice: str | None = None) -> Response:
    person = _expect_person(username)
    if typed is not None:
        return _draw_person(_filled(typed, username), is_new=False, notice=notice)
    statement = select(Membership.group_id).where(Membership.username == username)
    groups = list(access.reading().scalars(statement))
    filled = Filled(
        username=username,
        name=person.name,
        email=person.email or "",
        organisation=person.organisation or "",
        party=str(person.party_key or parties.HOST_KEY),
        language=person.language,
        active=person.active,
        roles=list(person.roles or ()),
        groups=groups,
    )
    return _draw_person(filled, is_new=False)


def save_person(username: str) -> AnyResponse:
    _expect_person(username)
    filled = _filled(dict(request.form.lists()), username)
    wrong = _wrong_with(access.reading(), filled, is_new=False)
    if wrong:
        return _draw_person(filled, is_new=False, wrong=wrong, status=422)
    by = access.actor()
    access.writing(lambda session: _save(session, filled, by))
    return redirect(url_for("portal.list_people", said="saved"), 303)


def _save(session: Session, filled: Filled, by: Any) -> None:
    changes = {
        "name": filled.name,
        "email": filled.email or None,
        "organisation": filled.organisation or None,
        "language": filled.language,
        "active": filled.active,
        "party_key": int(filled.party),
    }
    if not policies.may_manage_people(by):
        people.update_person(session, filled.username, changes, by=by)
    else:
        people.update_person(session, filled.username, changes | {"roles": filled.roles}, by=by)
        people.set_groups(session, filled.username, _known_groups(session, filled.groups), by=by)
    if not filled.active:
        sessions.close_all(session, filled.username)


def reset_password(username: str) -> AnyResponse:
    person = _expect_person(username)
    name, password = person.name, one_time_password()
    made = people.hash_of(password)
    access.writing(lambda session: _reset(session, username, password, made))
    return pages.draw("one_time.html", name=name, username=username, password=password)


def _reset(session: Session, username: str, password: str, made: str) -> None:
    people.set_password(session, username, password, must_change=True, password_hash=made)
    sessions.close_all(session, username)


# -- groups -------------------------------------------------------------------------------------------------------


def list_groups(wrong: dict[str, str] | None = None, name: str = "", status: int = 200) -> Response:
    _expect_admin()
    session = access.reading()
    return pages.draw(
        "groups.html",
        status,
        groups=list(session.scalars(select(Group).order_by(Group.name))),
        sizes=_sizes(session),
        warnings=groups_without_people(session),
        wrong=wrong or {},
        name=name,
        said=inbox.said(),
    )


def _sizes(session: Session) -> dict[str, int]:
    statement = select(Membership.group_id, func.count()).join(Person, Person.username == Membership.username)
    rows = session.execute(statement.where(Person.active).group_by(Membership.group_id))
    return {group_id: size for group_id, size in rows}


def add_group() -> AnyResponse:
    _expect_admin()
    name = request.form.get("name", "").replace("\x00", "").strip()[:100]
    group_id = tasks.group_id_of(name)
    if not group_id:
        return list_groups({"name": pages.t("name_missing")}, name, 422)
    if access.reading().get(Group, group_id) is not None:
        return list_groups({"name": pages.t("group_taken")}, name, 422)
    by = access.actor()
    access.writing(lambda session: people.create_group(session, group_id, name, by=by))
    return redirect(url_for("portal.show_group", group_id=group_id), 303)


def show_group(group_id: str) -> Response:
    """A group, and who is in it; one that a lane asks for and nobody made yet is made by saying who is in it."""
    _expect_admin()
    session = access.reading()
    group = session.get(Group, group_id)
    if group is None:
        _expect_group_id(group_id)
        group = Group(group_id=group_id, name=request.args.get("name", "").strip()[:100] or group_id)
    members = set(session.scalars(select(Membership.username).where(Membership.group_id == group_id)))
    shown = or_(Person.active, Person.username.in_(members))  # who is deactivated stays a member unless somebody says otherwise
    candidates = list(session.scalars(select(Person).where(shown).order_by(func.lower(Person.name))))
    return pages.draw("group.html", group=group, members=members, candidates=candidates)


def save_group(group_id: str) -> AnyResponse:
    _expect_admin()
    is_new = access.reading().get(Group, group_id) is None
    if is_new:
        _expect_group_id(group_id)
    name = request.form.get("name", "").replace("\x00", "").strip()[:100]
    members, by = request.form.getlist("members"), access.actor()

    def save(session: Session) -> None:
        if is_new:
            people.create_group(session, group_id, name or group_id, by=by)
        people.save_group(session, group_id, name=name or None, members=members, by=by)

    access.writing(save)
    return redirect(url_for("portal.list_groups", said="saved"), 303)


def _expect_group_id(group_id: str) -> None:
    if tasks.group_id_of(group_id) != group_id or len(group_id) > 100:
        raise errors.NotFound


# -- work that nobody would get -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unstaffed:
    """A group that tasks of a deployed model go to, and nobody active is in."""

    group_id: str
    name: str
    process: str
    exists: bool


def groups_without_people(session: Session) -> list[Unstaffed]:
    """Lanes and pools with tasks, of the newest version of each process, whose group is empty."""
    newest = select(Process.process_id, func.max(Process.version).label("version")).group_by(Process.process_id).subquery()
    statement = select(Process).join(newest, (newest.c.process_id == Process.process_id) & (newest.c.version == Process.version))
    sizes = _sizes(session)
    known = set(session.scalars(select(Group.group_id)))
    found: dict[str, Unstaffed] = {}
    for process in session.scalars(statement.order_by(Process.key)):
        for name in _offered_to(session, process):
            group_id = tasks.group_id_of(name)
            if not sizes.get(group_id):
                found.setdefault(group_id, Unstaffed(group_id, name, process.name or process.process_id, group_id in known))
    return list(found.values())


def _offered_to(session: Session, process: Process) -> list[str]:
    drawing = outlook.of_process(session, process.key)
    inside = deployments.definition(session, process.key).elements
    return list(
        dict.fromkeys(
            place.who
            for place in drawing.places.values()
            if place.is_for_people and place.who and not place.is_assigned and place.element_id in inside
        )
    )
