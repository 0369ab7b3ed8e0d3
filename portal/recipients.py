"""Who gets it? The part of a page that asks for the party of a role: somebody of the directory, or a name and an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine import parties, policies
from engine.errors import Invalid
from engine.parties import Party, PartyKind
from portal import access, countries, pages

# names of the fields; behind each stands the role
CHOSEN, FIND, SHOWN, NAME, ADDRESS = "_role.", "_find.", "_found.", "_name.", "_address."
ELSEWHERE = "new"  # somebody who is not in the directory
_MOST_SHOWN = 8  # without searching


@dataclass(frozen=True, slots=True)
class Ask:
    """A role that somebody must be chosen for, and what was filled in so far."""

    role: str
    label: str  # how the pool or lane is called
    kind: str = PartyKind.PARTNER.value
    choices: Sequence[Party] = ()
    has_more: bool = False  # parties that are not shown: there is something to search
    chosen: str = ""  # the key of a party, or ELSEWHERE
    find: str = ""
    name: str = ""
    address: str = ""
    error: str | None = None
    without: int | None = None  # who has it now

    @property
    def only_elsewhere(self) -> bool:
        """Nobody of the directory can be chosen here: customers, where one may not see them."""
        return not self.choices and not self.has_more

    def where(self, party: Party) -> str:
        """Its country, where that tells one from another."""
        if len({one.country for one in self.choices}) < 2:
            return ""
        return countries.with_part(party.country, pages.language())


@dataclass(frozen=True, slots=True)
class Answer:
    """Who was chosen: a party of the directory, else a name and an address."""

    kind: str
    party_key: int | None = None
    name: str = ""
    address: str = ""


def ask(role: str, label: str, kind: str, error: str | None = None, *, without: int | None = None) -> Ask:
    """The question as the page shows it, with what this request filled in; `kind` of party: partner or customer; all but `without`."""
    find, chosen = _typed(FIND, role, 100), _typed(CHOSEN, role, 20)
    found = _found(kind, find, _MOST_SHOWN + 1, without)
    choices = found[:_MOST_SHOWN]
    known = _party(chosen, kind, without)
    if known is not None and known.key not in {party.key for party in choices}:
        choices = [known, *choices]
    has_more = len(found) > _MOST_SHOWN or (bool(find) and bool(_found(kind, "", 1, without)))
    name, address = _typed(NAME, role, 200), _typed(ADDRESS, role, 254)
    return Ask(role, label, kind, choices, has_more, chosen, find, name, address, error, without)


def is_looking() -> bool:
    """Somebody searches the directory from this page, and sends nothing yet: by the button, or by Enter behind new words."""
    if "_look" in request.form:
        return True
    roles = [name.removeprefix(FIND) for name in request.form if name.startswith(FIND)]
    return any(_typed(FIND, role, 100) != _typed(SHOWN, role, 100) for role in roles)


def posted_roles() -> set[str]:
    """The roles that this request says something about."""
    return {name.removeprefix(field) for field in (CHOSEN, NAME) for name in request.form if name.startswith(field)}


def read(asks: Sequence[Ask]) -> tuple[dict[str, Answer], list[Ask]]:
    """Who was chosen, by role, and the questions again where an answer will not do. Nothing chosen is no answer, and no error."""
    answers: dict[str, Answer] = {}
    wrong: list[Ask] = []
    for one in asks:
        is_new = one.chosen == ELSEWHERE or (one.only_elsewhere and bool(one.name or one.address))
        if not is_new and not one.chosen:
            continue
        answer = _elsewhere(one) if is_new else _of_directory(one)
        if isinstance(answer, Answer):
            answers[one.role] = answer
        else:
            wrong.append(ask(one.role, one.label, one.kind, answer, without=one.without))
    return answers, wrong


def party_keys(session: Session, answers: Mapping[str, Answer]) -> dict[str, int]:
    """Role -> party, as commands take it; who was not in the directory is from now on."""
    return {
        role: answer.party_key
        if answer.party_key is not None
        else parties.named(session, answer.name, answer.address, answer.kind).key
        for role, answer in answers.items()
    }


def _elsewhere(one: Ask) -> Answer | str:
    try:
        address = parties.email_address(one.address)
    except Invalid:
        return pages.t("recipient_address")
    return Answer(one.kind, name=one.name, address=address) if one.name and one.name.isprintable() else pages.t("recipient_name")


def _of_directory(one: Ask) -> Answer | str:
    party = _party(one.chosen, one.kind, one.without)
    return pages.t("choose_party") if party is None else Answer(one.kind, party_key=party.key)


def _party(chosen: str, kind: str, without: int | None) -> Party | None:
    """The party of this key, where it can be chosen."""
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        return None
    return access.reading().scalars(_choosable(kind, without).where(Party.key == int(chosen))).first()


def _found(kind: str, words: str, most: int, without: int | None) -> list[Party]:
    statement = _choosable(kind, without).where(*parties.found_by(words)).order_by(*parties.by_name()).limit(most)
    return list(access.reading().scalars(statement))


def _choosable(kind: str, without: int | None) -> Select[tuple[Party]]:
    may_know = policies.visible_parties(access.actor())
    return select(Party).where(Party.kind == kind, Party.active, Party.key != (without or 0), may_know)


def _typed(field: str, role: str, most: int) -> str:
    return " ".join(request.form.get(field + role, "").replace("\x00", "").split())[:most]
