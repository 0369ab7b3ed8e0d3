"""Parties and contracts, as a whole: who plays what part, and whether each promise stands where work crosses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from engine.feel.sentences import say

from ..handoffs import CUSTOMER, HOST, INTERNAL, PARTNER, Handoffs, Path, Places, Role, contract_on, party_of, read, throws
from ..paths import MAX_STEPS
from .source import BPMN, FLOW_NODES, GATEWAYS, HANDOFF, Source, called, has_job, tag

WITHOUT_CONTRACT, WITHOUT_LIMIT, WITHOUT_PARTY = "crossing-without-contract", "contract-without-limit", "party-that-nobody-names"


def parties_are_well_said(source: Source) -> None:
    """One way to find the party; one role, one party; and somebody of the host takes part."""
    places = Places(source.root)
    found: dict[str, tuple[Any, Role]] = {}
    declared = None
    for place in _places(source, places):
        party = party_of(place)
        declared = declared if declared is not None or party is None else place
        if party is not None:
            _check_party(source, place, party)
        role = places.side(place).role
        other, same = found.setdefault(role.role, (place, role))
        if _played_by(same) != _played_by(role):
            source.problem(
                place,
                say(
                    "Expected role '{role}' to be the same party wherever it is played, found {one} at {other} and {another} at {place}.",
                    role=role.role,
                    one=_played_by(same),
                    other=called(other),
                    another=_played_by(role),
                    place=called(place),
                ),
            )
    if declared is not None and all(role.kind != HOST for _, role in found.values()):
        source.problem(declared, say("Expected a pool or lane of the host, found only other parties: then nobody here takes part."))


def _places(source: Source, places: Places) -> Iterator[Any]:
    """All pools, and the lanes and processes that run."""
    yield from source.pools
    for process in places.processes:
        if places.pool_of(process) is process:
            yield process
        yield from process.iter(BPMN + "lane")


def _check_party(source: Source, place: Any, party: Any) -> None:
    ways = [name for name in ("partyId", "binding") if (party.get(name) or "").strip()]
    if len(ways) > 1:
        source.problem(
            place, say("Expected partyId or binding at {place}, found both: it is one party, found in one way.", place=called(place))
        )
    if (party.get("partyId") or "").strip() == HOST:
        source.problem(
            place,
            say(
                "Expected the id of a partner or customer at {place}, found '{host}', which is the host's own.",
                place=called(place),
                host=HOST,
            ),
        )
    elif ways and (party.get("kind") or HOST).strip() == HOST:
        source.problem(
            place,
            say(
                "Expected no {ways} at {place}: the host is always the one that runs this installation.", ways=ways[0], place=called(place)
            ),
        )


_PARTIES = {HOST: say("host"), PARTNER: say("partner"), CUSTOMER: say("customer")}


def _played_by(role: Role) -> str:
    if role.party_id:
        return say("a {party}, always '{party_id}'", party=_PARTIES.get(role.kind, role.kind), party_id=role.party_id)
    if role.binding is not None:
        return say("a {party}, by {expression}", party=_PARTIES.get(role.kind, role.kind), expression=role.binding.source)
    return say("a {party}", party=_PARTIES.get(role.kind, role.kind))


def contracts_are_well_said(source: Source) -> None:
    """What contradicts itself within one contract."""
    for flow in _flows(source):
        contract = contract_on(flow)
        if contract is None:
            continue
        if contract.acknowledgement == "none" and contract.accept_within is not None:
            source.problem(
                flow,
                say(
                    "Expected no acceptWithin on {flow}, found '{accept_within}': nothing is to be accepted there.",
                    flow=called(flow),
                    accept_within=contract.accept_within,
                ),
            )
        seen = set()
        for field in contract.fields:
            if not field.name:
                source.problem(
                    flow, say("Expected a name for each field of the contract on {flow}, found a field without.", flow=called(flow))
                )
            elif field.name in seen:
                source.problem(
                    flow,
                    say("Expected each field once in the contract on {flow}, found '{name}' twice.", flow=called(flow), name=field.name),
                )
            seen.add(field.name)


def _flows(source: Source) -> Iterator[Any]:
    yield from source.message_flows
    for flow in source.flows:
        if source.runs(flow):
            yield flow


def milestones_have_words(source: Source) -> None:
    """Each milestone says something, once in each language."""
    for node in source.running_nodes():
        seen = set()
        for milestone in node.iterfind(f"{BPMN}extensionElements/{HANDOFF}milestone"):
            language = (milestone.get("language") or "").strip()
            if not (milestone.get("label") or "").strip():
                source.problem(
                    node, say("Expected a label for the milestone at {node}, in the customer's words, found none.", node=called(node))
                )
            if language in seen:
                source.problem(
                    node,
                    say(
                        "Expected one milestone at {node} {scope}, found two.",
                        node=called(node),
                        scope=say("in {language}", language=language) if language else say("for all languages"),
                    ),
                )
            seen.add(language)


def crossings_are_agreed(source: Source) -> None:
    """Contracts where work crosses, and parties that can be found: what the search for the ways shows."""
    handoffs = read(source.root)
    _contracts_stand_where_work_crosses(source, handoffs)
    _parties_can_be_found(source, handoffs)


def _contracts_stand_where_work_crosses(source: Source, handoffs: Mapping[str, Handoffs]) -> None:
    """Each contract on a way from one side to another, and at most one on each way. Where one is missing, that is said."""
    kept: set[str] = set()
    for process in source.executable:
        found = handoffs.get(process.get("id"))
        if found is None:
            continue
        if not found.is_complete:
            source.problem(
                process,
                say(
                    "Expected at most {max_steps:,} steps to find the ways from lane to lane in {process}, found more.",
                    max_steps=MAX_STEPS,
                    process=called(process),
                ),
            )
        for one, other in found.conflicts:
            first, second = source.by_id.get(one), source.by_id.get(other)
            if first is not None and second is not None:
                source.problem(
                    second,
                    say(
                        "Expected one contract on each way, found one on {first} and, further on, another on {second}.",
                        first=called(first),
                        second=called(second),
                    ),
                )
        kept |= {path.contract.flow_id for path in found.paths if path.contract is not None}
        kept |= {flow_id for conflict in found.conflicts for flow_id in conflict}
        kept |= set(found.contracts) if not found.is_complete else set()
        _note_open_crossings(source, found)
        _note_work_that_begins_elsewhere(source, process, found)
    for flow in _flows(source):
        _check_flow(source, flow, flow.get("id") in kept)


def _check_flow(source: Source, flow: Any, crosses: bool) -> None:
    thrower = source.by_id.get(flow.get("sourceRef") or "")
    if crosses or contract_on(flow) is None:
        return
    if tag(flow) == "messageFlow" and thrower is not None and source.runs(thrower) and has_job(thrower):
        source.warning(
            flow,
            say(
                "The contract on {flow} promises nothing: {thrower} is work for a program, which sends it.",
                flow=called(flow),
                thrower=called(thrower),
            ),
        )
        return
    if tag(flow) == "sequenceFlow":
        reason = say("which is on no way from one lane to another")
    elif thrower is not None and tag(thrower) in FLOW_NODES and source.runs(thrower) and not throws(thrower):
        reason = say("but {thrower} throws no message", thrower=called(thrower))
    else:
        reason = say("which begins and ends in pools that do not run here")
    source.problem(
        flow,
        say(
            "Expected a contract where work crosses from one side to another, found it on {flow}, {reason}.",
            flow=called(flow),
            reason=reason,
        ),
    )


def _note_open_crossings(source: Source, found: Handoffs) -> None:
    for flow_id, contract in found.contracts.items():
        if contract.complete_within and not contract.accept_within and contract.acknowledgement != "none" and flow_id in source.by_id:
            flow = source.by_id[flow_id]
            source.warning(
                flow,
                say(
                    "The limit to complete on {flow} runs from the acceptance, which has no limit:"
                    " expected acceptWithin, or nothing to be accepted (acknowledgement none).",
                    flow=called(flow),
                ),
                rule="limit-that-never-begins",
                field="acceptWithin",
            )
    _note_what_only_outsiders_need(source, found)
    for path in found.paths:
        flow = source.by_id.get(path.flow_ids[-1] if path.contract is None else path.contract.flow_id)
        if flow is None or path.kind == INTERNAL or path.from_side.role.role == path.to_side.role.role:
            continue
        one, other = path.from_side.name, path.to_side.name
        if path.contract is None:
            message = say(
                "The work crosses from '{one}' to '{other}' on {flow} without a contract: nothing is promised.",
                one=one,
                other=other,
                flow=called(flow),
            )
            source.warning(flow, message, rule=WITHOUT_CONTRACT)
        elif path.to_side.role.kind == PARTNER and _asks_for_work(source, path) and not _has_limit(path):
            message = say(
                "The contract on {flow} has no time limit: nobody will notice when '{other}' does not act.", flow=called(flow), other=other
            )
            source.warning(flow, message, rule=WITHOUT_LIMIT, field="completeWithin")


def _note_what_only_outsiders_need(source: Source, found: Handoffs) -> None:
    to_the_host = {path.contract: path for path in found.paths if path.contract is not None and path.to_side.role.kind == HOST}
    to_others = {path.contract for path in found.paths if path.contract is not None and path.to_side.role.kind != HOST}
    for contract, path in to_the_host.items():
        flow = source.by_id.get(contract.flow_id)
        if flow is None or contract in to_others:
            continue
        for name, said, usual in (("channel", contract.channel, (None, "portal")), ("assurance", contract.assurance, ("link",))):
            if said not in usual:
                why = say("'{name}' is the host's own, and logs in to the portal", name=path.to_side.name)
                source.warning(
                    flow, say("{name} '{said}' on {flow} changes nothing: {why}.", name=name, said=said, flow=called(flow), why=why)
                )


def _note_work_that_begins_elsewhere(source: Source, process: Any, found: Handoffs) -> None:
    """No flow leads into a sub-process's own lanes, so no contract can stand there (decision 11)."""
    for start in process.iter(BPMN + "startEvent"):
        outer, inner = found.sides.get(start.getparent().get("id") or ""), found.sides.get(start.get("id") or "")
        if outer is not None and inner is not None and outer.role.role != inner.role.role:
            source.warning(
                start,
                say(
                    "'{inner}' gets the work at {start} without a contract: the sub-process around it is with '{outer}'.",
                    inner=inner.name,
                    start=called(start),
                    outer=outer.name,
                ),
            )


def _has_limit(path: Path) -> bool:
    return path.contract is not None and bool(path.contract.accept_within or path.contract.complete_within)


def _asks_for_work(source: Source, path: Path) -> bool:
    target = source.by_id.get(path.to_element_id or "")
    return target is not None and tag(target) not in ("endEvent", "intermediateThrowEvent")


def _parties_can_be_found(source: Source, handoffs: Mapping[str, Handoffs]) -> None:
    """A warning: a party that no directory, data, starter or sender names."""
    ways = ways_to_parties(source, handoffs)
    told = set()
    for path in (path for found in handoffs.values() for path in found.paths):
        role = path.to_side.role.role
        place = source.by_id.get(path.to_side.id)
        if ways.get(role) is Way.NOBODY and role not in told and place is not None:
            told.add(role)
            source.warning(
                place,
                say(
                    "Nobody says who {place} is: expected partyId or binding, or a person's task just before the work goes there.",
                    place=called(place),
                ),
                rule=WITHOUT_PARTY,
                field="partyId",
            )


class Way(StrEnum):
    """How a case finds the party that plays a role."""

    DIRECTORY = "directory"  # the model names it; the host is always there
    EXPRESSION = "expression"
    STARTER = "starter"
    CHOSEN = "chosen"  # by the person who hands over
    NOBODY = "nobody"


def ways_to_parties(source: Source, handoffs: Mapping[str, Handoffs]) -> dict[str, Way]:
    """By role, of all sides that take part in a handoff. Whether the directory knows a party that the model names is not asked here."""
    paths = [path for found in handoffs.values() for path in found.paths]
    starters = {
        found.sides[start.get("id")].role.role
        for process in source.executable
        if (found := handoffs.get(process.get("id"))) is not None
        for start in process.iterchildren(BPMN + "startEvent")
        if start.get("id") in found.sides and not source.definitions(start)
    }
    receives: dict[str, list[Path]] = {path.from_side.role.role: [] for path in paths}
    roles = {path.from_side.role.role: path.from_side.role for path in paths}
    for path in paths:
        receives.setdefault(path.to_side.role.role, []).append(path)
        roles[path.to_side.role.role] = path.to_side.role
    return {name: _way_to(source, role, receives[name], starters) for name, role in roles.items()}


def _way_to(source: Source, role: Role, ways: list[Path], starters: set[str]) -> Way:
    if role.kind == HOST or role.party_id:
        return Way.DIRECTORY
    if role.binding is not None:
        return Way.EXPRESSION
    if role.role in starters or not ways:  # whoever only sends is who sends
        return Way.STARTER
    return Way.CHOSEN if any(_somebody_chooses(source, path.from_element_id) for path in ways) else Way.NOBODY


_PASSING = frozenset(["task", "manualTask", "scriptTask", "sendTask", "intermediateThrowEvent", "endEvent"]) | (
    GATEWAYS - {"eventBasedGateway"}
)
_ASKS = frozenset(["userTask", "subProcess", "transaction", "callActivity"])


def _somebody_chooses(source: Source, element_id: str | None) -> bool:
    """Whether a person's task, or a start, can come before an element within the same step (a sub-process may end in one)."""
    todo, seen = [element_id], set()
    while todo:
        at = todo.pop()
        node = source.by_id.get(at or "")
        if node is None or at in seen:
            continue
        seen.add(at)
        if tag(node) == "startEvent":
            if source.definitions(node):
                continue
            if tag(node.getparent()) == "process":
                return True
            todo.extend(flow.get("sourceRef") for flow in source.into(node.getparent()))
        if tag(node) in _ASKS:
            return True
        if tag(node) in _PASSING and not has_job(node):
            todo.extend(flow.get("sourceRef") for flow in source.into(node))
    return False


RULES = (
    parties_are_well_said,
    contracts_are_well_said,
    milestones_have_words,
    crossings_are_agreed,
)
