"""Parties and contracts, as a whole: who plays what part, and whether each promise stands where work crosses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from ..handoffs import HOST, INTERNAL, PARTNER, Handoffs, Path, Places, Role, contract_on, party_of, read, throws
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
                f"Expected role '{role.role}' to be the same party wherever it is played,"
                f" found {_played_by(same)} at {called(other)} and {_played_by(role)} at {called(place)}.",
            )
    if declared is not None and all(role.kind != HOST for _, role in found.values()):
        source.problem(declared, "Expected a pool or lane of the host, found only other parties: then nobody here takes part.")


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
        source.problem(place, f"Expected partyId or binding at {called(place)}, found both: it is one party, found in one way.")
    if (party.get("partyId") or "").strip() == HOST:
        source.problem(place, f"Expected the id of a partner or customer at {called(place)}, found '{HOST}', which is the host's own.")
    elif ways and (party.get("kind") or HOST).strip() == HOST:
        source.problem(place, f"Expected no {ways[0]} at {called(place)}: the host is always the one that runs this installation.")


def _played_by(role: Role) -> str:
    how = f", always '{role.party_id}'" if role.party_id else f", by {role.binding.source}" if role.binding is not None else ""
    return f"a {role.kind}{how}"


def contracts_are_well_said(source: Source) -> None:
    """What contradicts itself within one contract."""
    for flow in _flows(source):
        contract = contract_on(flow)
        if contract is None:
            continue
        if contract.acknowledgement == "none" and contract.accept_within is not None:
            source.problem(
                flow, f"Expected no acceptWithin on {called(flow)}, found '{contract.accept_within}': nothing is to be accepted there."
            )
        seen = set()
        for field in contract.fields:
            if not field.name:
                source.problem(flow, f"Expected a name for each field of the contract on {called(flow)}, found a field without.")
            elif field.name in seen:
                source.problem(flow, f"Expected each field once in the contract on {called(flow)}, found '{field.name}' twice.")
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
                source.problem(node, f"Expected a label for the milestone at {called(node)}, in the customer's words, found none.")
            if language in seen:
                source.problem(
                    node, f"Expected one milestone at {called(node)} {f'in {language}' if language else 'for all languages'}, found two."
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
                process, f"Expected at most {MAX_STEPS:,} steps to find the ways from lane to lane in {called(process)}, found more."
            )
        for one, other in found.conflicts:
            first, second = source.by_id.get(one), source.by_id.get(other)
            if first is not None and second is not None:
                source.problem(
                    second, f"Expected one contract on each way, found one on {called(first)} and, further on, another on {called(second)}."
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
        source.warning(flow, f"The contract on {called(flow)} promises nothing: {called(thrower)} is work for a program, which sends it.")
        return
    if tag(flow) == "sequenceFlow":
        reason = "which is on no way from one lane to another"
    elif thrower is not None and tag(thrower) in FLOW_NODES and source.runs(thrower) and not throws(thrower):
        reason = f"but {called(thrower)} throws no message"
    else:
        reason = "which begins and ends in pools that do not run here"
    source.problem(flow, f"Expected a contract where work crosses from one side to another, found it on {called(flow)}, {reason}.")


def _note_open_crossings(source: Source, found: Handoffs) -> None:
    for flow_id, contract in found.contracts.items():
        if contract.complete_within and not contract.accept_within and contract.acknowledgement != "none" and flow_id in source.by_id:
            flow = source.by_id[flow_id]
            source.warning(
                flow,
                f"The limit to complete on {called(flow)} runs from the acceptance, which has no limit:"
                " expected acceptWithin, or nothing to be accepted (acknowledgement none).",
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
            message = f"The work crosses from '{one}' to '{other}' on {called(flow)} without a contract: nothing is promised."
            source.warning(flow, message, rule=WITHOUT_CONTRACT)
        elif path.to_side.role.kind == PARTNER and _asks_for_work(source, path) and not _has_limit(path):
            message = f"The contract on {called(flow)} has no time limit: nobody will notice when '{other}' does not act."
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
                why = f"'{path.to_side.name}' is the host's own, and logs in to the portal"
                source.warning(flow, f"{name} '{said}' on {called(flow)} changes nothing: {why}.")


def _note_work_that_begins_elsewhere(source: Source, process: Any, found: Handoffs) -> None:
    """No flow leads into a sub-process's own lanes, so no contract can stand there (decision 11)."""
    for start in process.iter(BPMN + "startEvent"):
        outer, inner = found.sides.get(start.getparent().get("id") or ""), found.sides.get(start.get("id") or "")
        if outer is not None and inner is not None and outer.role.role != inner.role.role:
            source.warning(
                start,
                f"'{inner.name}' gets the work at {called(start)} without a contract: the sub-process around it is with '{outer.name}'.",
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
                f"Nobody says who {called(place)} is: expected partyId or binding, or a person's task just before the work goes there.",
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
