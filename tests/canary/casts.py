"""Who is there, what each of them keeps to itself, and the cases they share: every secret knows by whom it may be read."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine import cases as case_rows
from engine import database, deployments, documents, parties, people, public_starts, worker
from engine.cases import Case
from engine.commands import cases, handoffs, tasks
from engine.commands import public_starts as public_start_commands
from engine.decisions import DecisionInstance
from engine.documents import Document
from engine.elements import ElementInstance
from engine.handoffs import OPEN, Handoff
from engine.incidents import Incident
from engine.instances import Instance
from engine.jobs import Job
from engine.links import Link
from engine.notifications import Notification
from engine.parties import PLATFORM, Actor
from engine.people import Client, Group, Membership, Person
from engine.public_starts import PublicStart
from engine.tasks import Task
from engine.variables import Variable
from tests import samples
from tests.canary import models
from tests.portal.house import person_row

TOKEN = re.compile(r"zz[0-9a-f]{6}zz")

SEED = "PASSERELLE_TEST_SEED"  # the same cases again
SECRET = "a secret of the worker"
SEE_ALL = frozenset({"admin", "operator"})
AT = {"adams": "amy", "brown": "bob", "carla": "carla", "dora": "dora"}  # who acts for a party
DESK = frozenset({"hanna"}) | SEE_ALL  # works on every purchase
STAFF = frozenset({"otto"}) | SEE_ALL
BEA = frozenset({"bea"})
DIRECTORY = frozenset({"hanna", "bea", "otto", "modeller"}) | SEE_ALL  # partners are chosen from it
KEEPERS = frozenset({"modeller"}) | SEE_ALL

# username: (party, roles, groups)
PEOPLE: Mapping[str, tuple[str | None, tuple[str, ...], tuple[str, ...]]] = {
    "admin": (None, ("admin",), ()),
    "operator": (None, ("operator",), ()),
    "modeller": (None, ("modeller",), ()),
    "hanna": (None, ("member",), ("desk",)),
    "bea": (None, ("member",), ("back-office",)),  # decided in two of the purchases, and sees no other
    "otto": (None, ("member",), ("staff",)),
    "olga": (None, (), ()),  # an account, and nothing else
    "amy": ("adams", (), ()),
    "bob": ("brown", (), ()),
    "carla": ("carla", (), ()),
    "dora": ("dora", (), ()),
}
KNOW_ALL = frozenset({"hanna", "modeller"}) | SEE_ALL
COLLEAGUES = ("otto", "bea")
OUTSIDERS = ("amy", "bob", "carla", "dora", "olga")
FOLLOWERS = ("vera", "wanda")  # began without an account, and follow their cases by a link
VISITORS = ("xenia", "anybody")  # the one has filled in a form and not confirmed it yet, the other only looks


@dataclass(slots=True)
class Cast:
    """An installation with everything in it; chance says who gets what. `secrets`: token -> (what it is, who may read it); the same of `keys`."""

    engine: Engine
    app: Flask
    seed: int = field(default_factory=lambda: int(os.environ.get(SEED) or random.randrange(1000)))  # named where something fails
    secrets: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    parties: dict[str, int] = field(default_factory=dict)
    guests: dict[str, tuple[Link, str]] = field(default_factory=dict)
    proven: dict[str, list[str]] = field(default_factory=dict)  # a guest who gave the code -> the guests of the same address
    _draws: int = 0
    starts: dict[str, int] = field(default_factory=dict)  # forms that wait for the proof of an address
    _numbers: Any = field(default_factory=lambda: itertools.count(0xA1B2C3, 0x010203))

    def secret(self, what: str, *seen_by: Iterable[str]) -> str:
        token = f"zz{next(self._numbers) & 0xFFFFFF:06x}zz"
        self.secrets[token] = (what, frozenset().union(*seen_by))
        return token

    def tell(self, token: str, *seen_by: Iterable[str]) -> None:
        what, known = self.secrets[token]
        self.secrets[token] = (what, known.union(*seen_by))

    def shuffled(self, *some: str) -> list[str]:
        self._draws += 1
        return random.Random(self.seed + self._draws).sample(some, len(some))

    # -- the engine ---------------------------------------------------------------------------------------------------

    def write(self, work: Callable[[Session], Any]) -> Any:
        with Session(self.engine) as session:
            found = database.run(session, work)
        with Session(self.engine) as session:
            worker.settle(session)
        return found

    def read(self, question: Callable[[Session], Any]) -> Any:
        with database.reading(self.engine) as session:
            return question(session)

    def rows(self, model: Any, *conditions: Any) -> list[Any]:
        return self.read(lambda s: list(s.scalars(select(model).where(*conditions).order_by(model.key))))

    def actor(self, username: str) -> Actor:
        return self.read(lambda s: people.actor_of(s, s.get_one(Person, username)))

    # -- the story ----------------------------------------------------------------------------------------------------

    def task(self, case: Case, element_id: str, party: str | None = None) -> Task:
        wanted = [Task.case_key == case.key, Task.element_id == element_id, Task.state == "CREATED"]
        if party is not None:
            wanted.append(Task.party_key == self.parties[party])
        found = self.rows(Task, *wanted)
        assert found, f"Expected an open task {element_id}, found none."
        return found[0]

    def do(self, case: Case, element_id: str, username: str, **answers: Any) -> None:
        by, task = self.actor(username), self.task(case, element_id)
        self.write(lambda s: tasks.claim(s, task.key, by=by))
        self.write(lambda s: tasks.complete(s, task.key, answers, by=by))

    def file(self, what: str, by: Actor, *seen_by: Iterable[str]) -> dict[str, Any]:
        """One that its giver has handed in: its name and its content are secrets of their own."""
        name, content = self.secret(f"name of {what}", *seen_by), self.secret(f"content of {what}", *seen_by)

        def keep(session: Session) -> dict[str, Any]:
            written = self.app.extensions["documents"].put(BytesIO(samples.pdf(content)))
            row = documents.add(session, written, f"{name}.pdf", place="start:buy", by=by)
            return documents.reference_to(row)

        found: dict[str, Any] = self.write(keep)
        return found

    def handoff(self, case: Case, role: str, party: str) -> Handoff:
        """The newest of this role to this party that is open."""
        to = (Handoff.to_role == role, Handoff.to_party_key == self.parties[party], Handoff.state.in_(OPEN))
        return self.rows(Handoff, Handoff.case_key == case.key, *to)[-1]

    def links_of(self, name: str) -> list[Link]:
        """By which this guest is let in: after a code all of its address."""
        return [self.guests[one][0] for one in self.proven.get(name, [name])]

    def guest(self, name: str, handoff: Handoff, party: str, *handed_over: str) -> None:
        """Whoever opens the newest link of a handoff: reads what was handed over by it, and what its own party wrote in this case."""
        link = self.rows(Link, Link.handoff_key == handoff.key)[-1]
        self.guests[name] = (link, party)
        number = self.read(lambda s: s.get_one(Case, handoff.case_key).number)
        own = [f"{what} of {party}" for what in ("name", "contact", "address")]
        own += [f"{what} of case {number} by {party}" for what in ("price", "margin", "name of offer", "content of offer")]
        for token, (what, _) in list(self.secrets.items()):
            if token in handed_over or what in own:
                self.tell(token, {name})


def of(*parties_: str) -> frozenset[str]:
    return frozenset(AT[party] for party in parties_)


# -- furnishing -------------------------------------------------------------------------------------------------------


def assemble(engine: Engine, app: Flask) -> Cast:
    cast = Cast(engine, app)
    cast.write(lambda s: _people(s, cast))
    cast.write(lambda s: deployments.deploy(s, models.FILES, by=PLATFORM))
    _far(cast)
    _declined_in_a_lane(cast)
    _declined_in_a_pool(cast)
    _fresh(cast)
    _of_the_house_alone(cast)
    _from_outside(cast)
    for party in ("adams", "brown"):
        _prove(cast, party)
    operator = cast.actor("operator")
    for row in cast.rows(Handoff, Handoff.state == "OFFERED", Handoff.to_party_key.is_not(None)):
        cast.write(partial(handoffs.remind, handoff_key=row.key, by=operator))
    return cast


def _prove(cast: Cast, party: str) -> None:
    """Whoever opens one link of a party's address and gives the code that was sent there: all open work of this address is theirs."""
    name, same = f"{party} after the code", [guest for guest, (_, of_party) in cast.guests.items() if of_party == party]
    cast.proven[name] = same
    cast.guests[name] = cast.guests[f"{party}'s part"]
    for token, (_, readers) in list(cast.secrets.items()):
        if not readers.isdisjoint(same):
            cast.tell(token, {name})


def _people(session: Session, cast: Cast) -> None:
    host = parties.host(session)
    host.name, host.contacts = "House", [{"name": "House", "email": "house@example.com"}]
    sees: dict[str, tuple[str, frozenset[str]]] = {
        "adams": ("partner", of("adams") | DIRECTORY),
        "brown": ("partner", of("brown") | DIRECTORY),
        "carla": ("customer", of("carla") | KEEPERS | DESK),
        "dora": ("customer", of("dora") | KEEPERS | DESK),
    }
    for party, (kind, readers) in sees.items():
        contact, address = (cast.secret(f"{what} of {party}", readers) for what in ("contact", "address"))
        name = cast.secret(f"name of {party}", readers, BEA)  # who plays a role in her cases
        about = {"party_id": party, "name": f"{party} {name}", "kind": kind, "language": "en", "time_zone": "UTC"}
        about["contacts"] = [{"name": contact, "email": f"{address}@{party}.example"}]
        cast.parties[party] = parties.save(session, about, by=PLATFORM).key
    session.add_all(Group(group_id=group, name=group) for group in ("desk", "back-office", "staff"))
    for username, (party, roles, groups) in PEOPLE.items():
        own, kept_by = frozenset({username}), KEEPERS if party else frozenset({"admin"})
        name = cast.secret(f"name of person {username}", own, kept_by, DESK, BEA)
        address = cast.secret(f"address of person {username}", own, kept_by)
        session.add(
            person_row(
                username, name, None, roles, email=f"{address}@example.com", party_key=None if party is None else cast.parties[party]
            )
        )
        session.flush()
        session.add_all(Membership(group_id=group, username=username) for group in groups)
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    session.add(Client(client_id="worker", name="Worker", secret_sha256=digest, roles=["worker"], active=True, created_at=host.created_at))


def _begin(cast: Cast, buyer: str, *garages: str, more: frozenset[str] = frozenset()) -> tuple[Case, dict[str, Any]]:
    """`garages`: those who are asked to estimate; `more`: others who may read everything here."""
    by = cast.actor(buyer)
    given = _given(cast, buyer, by, of(buyer) | DESK | more, of(*garages))

    def begin(session: Session) -> int:
        return cases.start(session, deployments.expect_process(session, process_id="buy"), given, by=by).case_number

    number = cast.write(begin)
    return cast.rows(Case, Case.number == number)[0], given


def _given(cast: Cast, buyer: str, by: Actor, own: frozenset[str], asked: frozenset[str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: cast.secret(f"{name} of {buyer}", own) for name in ("story", "phone", "diary")}
    given["plate"] = cast.secret(f"plate of {buyer}", own, asked)
    given["photo"] = [cast.file(f"photo of {buyer}", by, own, asked)]
    return given


def _without_account(cast: Cast, who: str, readers: frozenset[str], known_to: frozenset[str], *garages: str) -> int:
    """A form that is filled in, and waits. `known_to`: who may know that there is such a person."""
    by = Actor(id=public_starts.visitor_id("network", who))
    given = _given(cast, who, by, readers, of(*garages))
    name, address = (cast.secret(f"{what} of {who}", known_to) for what in ("name", "address"))
    answers = [[label, given[label]] for label in ("story", "plate", "diary")]
    about = {"address": f"{address}@{who}.example", "name": name, "language": "en", "network": "network", "what": "Buy"}

    def keep(session: Session) -> int | None:
        process = deployments.expect_process(session, process_id="buy")
        return public_start_commands.keep(session, process, given, answers=answers, by=by, **about)

    cast.starts[who] = cast.write(keep)
    return cast.starts[who]


def _followed(cast: Cast, who: str, *garages: str) -> Case:
    """Somebody without an account has confirmed: the case begins, and can be followed."""
    own = frozenset({who})
    key = _without_account(cast, who, own | DESK, own | KEEPERS | DESK, *garages)
    link = cast.rows(Link, Link.key == cast.write(lambda s: public_start_commands.begin(s, key)))[0]
    cast.parties[who] = link.party_key
    cast.guests[who] = (link, who)
    return cast.rows(Case, Case.key == link.case_key)[0]


def _from_outside(cast: Cast) -> None:
    """One of these cases has gone to a garage, nobody has looked at the other; and a form that nobody confirmed."""
    garage, shop = cast.shuffled("adams", "brown")
    case = _followed(cast, "vera", garage)
    _check(cast, case, garage, shop, cast.secret("damage that nobody was told", DESK), [])
    handed_over = [token for token, (what, _) in cast.secrets.items() if what in ("plate of vera", "name of photo of vera", "content of photo of vera")]
    cast.guest("vera's car", cast.handoff(case, "garage", garage), garage, *handed_over)
    _followed(cast, "wanda")
    own = frozenset({"xenia"})
    _without_account(cast, "xenia", own, own | SEE_ALL)


def _check(cast: Cast, case: Case, garage: str, shop: str, damage: str, parts: list[dict[str, Any]], *more: Iterable[str]) -> None:
    note = cast.secret(f"note on case {case.number}", DESK, *more)
    cast.do(case, "check", "hanna", note=note, garage=garage, shop=shop, damage=damage, parts=parts)


def _estimate(cast: Cast, case: Case, garage: str, *more: Iterable[str]) -> None:
    by, own = f"of case {case.number} by {garage}", of(garage)
    price, margin = (cast.secret(f"{what} {by}", own, DESK, *more) for what in ("price", "margin"))
    offer = [cast.file(f"offer {by}", cast.actor(AT[garage]), own, DESK, *more)]
    cast.do(case, "estimate", AT[garage], price=price, margin=margin, offer=offer)


def _far(cast: Cast) -> None:
    """One has estimated, the other has looked, and now both of them supply parts."""
    (buyer, _), (garage, shop) = cast.shuffled("carla", "dora"), cast.shuffled("adams", "brown")
    case, _given = _begin(cast, buyer, garage, more=BEA)
    damage = cast.secret("damage of the far case", of(shop), DESK, BEA)
    parts = {party: cast.secret(f"part of {party}", of(party), DESK, BEA) for party in cast.shuffled("adams", "brown")}
    _check(cast, case, garage, shop, damage, [{"supplier": party, "item": item} for party, item in parts.items()], BEA)
    _estimate(cast, case, garage, BEA)
    cast.do(case, "decide", "bea", result=cast.secret("result of the far case", of(buyer), DESK, BEA))
    extra, verdict = (cast.secret(f"{what} of the shop", of(shop), DESK, BEA) for what in ("extra", "verdict"))
    cast.do(case, "look", AT[shop], extra=extra, verdict=verdict)
    cast.do(case, "wish", buyer, diary=cast.secret(f"second diary of {buyer}", of(buyer), DESK, BEA))
    for party, part in parts.items():
        cast.guest(f"{party}'s part", cast.handoff(case, "supplier", party), party, part)


def _declined_in_a_lane(cast: Cast) -> None:
    """One would not estimate, with a reason; the other was asked instead."""
    (buyer, _), (first, second) = cast.shuffled("carla", "dora"), cast.shuffled("adams", "brown")
    case, given = _begin(cast, buyer, first, second)
    _check(cast, case, first, second, cast.secret("damage of nobody yet", DESK), [])
    _refuse(cast, case, "garage", first, second)
    cast.guest("estimate", cast.handoff(case, "garage", second), second, given["plate"], *_tokens_of_file(cast, given["photo"][0]))


def _declined_in_a_pool(cast: Cast) -> None:
    """One estimated; the other would not look, and the first got that too, with a corrected value."""
    (buyer, _), (first, second) = cast.shuffled("carla", "dora"), cast.shuffled("adams", "brown")
    case, _given = _begin(cast, buyer, first, more=BEA)
    damage, again = (cast.secret(f"damage as told to {party}", of(party), DESK, BEA) for party in (second, first))
    _check(cast, case, first, second, damage, [], BEA)
    _estimate(cast, case, first, BEA)
    cast.do(case, "decide", "bea")
    _refuse(cast, case, "shop", second, first, values={"damage": again})
    cast.guest("look", cast.handoff(case, "shop", first), first, again)


def _refuse(cast: Cast, case: Case, role: str, party: str, other: str, **more: Any) -> None:
    reason = cast.secret(f"why {party} would not", of(party), DESK, {"modeller"})
    by, desk, offered = cast.actor(AT[party]), cast.actor("hanna"), cast.handoff(case, role, party)
    cast.write(lambda s: handoffs.decline(s, offered.key, reason, by=by))
    cast.write(lambda s: handoffs.send_again(s, offered.key, party_key=cast.parties[other], by=desk, **more))


def _fresh(cast: Cast) -> None:
    """Nobody has looked at it yet."""
    _begin(cast, cast.shuffled("carla", "dora")[0])


def _of_the_house_alone(cast: Cast) -> None:
    otto = cast.actor("otto")

    def begin(session: Session) -> None:
        process = deployments.expect_process(session, process_id="hire")
        cases.start(session, process, {"candidate": cast.secret("candidate", STAFF), "wage": cast.secret("wage", STAFF)}, by=otto)

    cast.write(begin)


def _tokens_of_file(cast: Cast, reference: Mapping[str, Any]) -> list[str]:
    what = cast.secrets[reference["metadata"]["fileName"].removesuffix(".pdf")][0].removeprefix("name of ")
    return [token for token, (name, _) in cast.secrets.items() if name in (f"name of {what}", f"content of {what}")]


_OF_INSTANCES: Mapping[str, Any] = {
    "instance": Instance,
    "element": ElementInstance,
    "variable": Variable,
    "incident": Incident,
    "job": Job,
    "decision": DecisionInstance,
}

# -- what else tells something: keys and numbers ----------------------------------------------------------------------


def keys_of(cast: Cast, username: str) -> tuple[dict[str, set[str]], set[str]]:
    """What exists, by kind as text, and what of it somebody from outside may know of.

    Its party's tasks and handoffs, the cases in which it is a side, files that were handed in by it or disclosed to it. Otto, who
    works here, knows of his own case and of the partners; Bea of two purchases, but of the handoffs only of her own; others of everything.
    """
    party = cast.guests[username][1] if username in cast.guests else PEOPLE.get(username, (None,))[0]
    party_key = None if party is None else cast.parties[party]
    by_links = cast.links_of(username) if username in cast.guests and username not in FOLLOWERS else None
    handed_over = {link.handoff_key for link in by_links or ()}
    found: dict[str, set[str]] = {"task": set(), "handoff": set(), "case": set(), "number": set(), "document": set(), "link": set()}
    own: set[str] = set()
    sides: set[int] = set()
    for row in cast.rows(Handoff):
        found["handoff"].add(str(row.key))
        mine = row.key in handed_over if by_links is not None else party_key in (row.from_party_key, row.to_party_key)
        if mine and party_key is not None:
            own.add(str(row.key))
            sides.add(row.case_key)
    if username == "otto":
        sides |= {row.key for row in cast.rows(Case, Case.process_id == "hire")}
    if username == "bea":
        hers = [row for row in cast.rows(Handoff) if "Back office" in (row.from_side, row.to_side)]
        sides, own = {row.case_key for row in hers}, {str(row.key) for row in hers} | {str(key) for key in cast.parties.values()}
    for row in cast.rows(Task):
        found["task"].add(str(row.key))
        is_own = row.party_key == party_key and (by_links is None or row.handoff_key in handed_over)
        is_colleagues = (username == "otto" and row.process_id == "hire") or (username == "bea" and row.completed_by == "bea")
        if (is_own and party_key is not None) or is_colleagues:
            own.add(str(row.key))
    for row in cast.rows(Case):
        found["case"].add(str(row.key))
        found["number"].add(str(row.number))
        if row.key in sides:
            own |= {str(row.key), str(row.number), case_rows.number_for_people(row.number)}
    for row in cast.rows(Document):
        found["document"].add(str(row.key))
        if username in cast.secrets[row.name.removesuffix(".pdf")][1]:
            own.add(str(row.key))
    for row in cast.rows(Link):
        found["link"].add(str(row.key))
        if username in FOLLOWERS and row.party_key == party_key:
            own.add(str(row.key))
    own |= {str(link.key) for link in by_links or ()}
    found["start"] = {str(row.key) for row in cast.rows(PublicStart)}
    own |= {str(cast.starts[username])} if username in cast.starts else set()
    found["notification"] = {str(row.key) for row in cast.rows(Notification)}
    found["party"] = {str(key) for key in cast.parties.values()}
    theirs = set(cast.read(lambda s: list(s.scalars(select(Instance.key).where(Instance.case_key.in_(sides))))))
    for kind, model in _OF_INSTANCES.items():
        rows = cast.rows(model)
        found[kind] = {str(row.key) for row in rows}
        if username in COLLEAGUES:
            own |= {str(row.key) for row in rows if (row.key if model is Instance else row.instance_key) in theirs}
    own |= {str(party_key)} if party_key is not None else {str(cast.parties[one]) for one in ("adams", "brown") if username in COLLEAGUES}
    everything = set().union(*found.values()) | {case_rows.number_for_people(int(one)) for one in found["number"]}
    return found, everything if username in KNOW_ALL else own
