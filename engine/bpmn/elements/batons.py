"""Batons: which handoff each token stands in, and where a token that is on its way comes from.

A handoff is opened where a token comes to rest in another side than the one it came from; its key is the baton that the token then
carries. Tokens that split carry it both; the handoff ends when the last of them has put it down. A token without a baton of its own
stands in the one of the scope around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..effects import HandedOver, HandoffEnded, Sent
from ..scopes import view
from .contracts import crossing_values
from .tokens import COMPLETED_STATE, TERMINATED_STATE, Token

if TYPE_CHECKING:
    from ..execution import Execution
    from ..handoffs import Contract, Side
    from .nodes import Flow

Keys = tuple[int, ...]


class Origin(NamedTuple):
    """Where a token on its way was at rest last, the flows it took since, and what it carried there."""

    element_id: str
    trail: tuple[str, ...]
    batons: Keys


class Batons:
    """What the tokens of one instance carry. Counts them, so that the last one to put a baton down is known."""

    def __init__(self, execution: Execution) -> None:
        self._ex = execution
        self._handoffs = execution.definition.handoffs
        self._count: dict[int, int] = {}
        self._emptied: dict[int, str] = {}
        self.inherited: Keys = ()  # of the call activity that waits for this instance
        self.brought: Keys = ()  # by the message that is being taken in
        self.tracks = self._handoffs.has_crossings

    # -- carrying ---------------------------------------------------------------------------------------------------------

    def pick_up(self, keys: Iterable[int]) -> None:
        for key in keys:
            self._count[key] = self._count.get(key, 0) + 1
            self.tracks = True

    def put_down(self, keys: Iterable[int], state: str) -> None:
        """Whether it was the last one shows when the step of the token is over (`settle`): what follows may pick it up again."""
        for key in keys:
            left = self._count[key] = self._count[key] - 1
            if not left:
                self._emptied[key] = state

    def give(self, token: Token, keys: Keys) -> None:
        """Instead of what it carries."""
        self.pick_up(keys)
        self.put_down(token.batons, COMPLETED_STATE)
        token.batons = keys

    def take_over(self, token: Token) -> bool:
        """A message brought a baton: the token puts its own down for it. False: there is none."""
        if not self.brought:
            return False
        keys, self.brought = self.brought, ()
        self.give(token, keys)
        return True

    def settle(self) -> None:
        if not self._emptied:
            return
        emptied, self._emptied = self._emptied, {}
        for key, state in emptied.items():
            if not self._count[key]:
                del self._count[key]
                self._ex.effects.append(HandoffEnded(key, state))

    def of(self, token: Token) -> Keys:
        """What the token stands in: its own, else that of the innermost scope that has one, else the caller's."""
        at: Token | None = token
        while at is not None:
            if at.batons:
                return at.batons
            at = at.scope
        return self.inherited

    def held_by(self, token: Token) -> Iterable[int]:
        """All that counts for this token: at rest its batons, on its way those of its origins, and what waits in its joins."""
        yield from token.batons
        for origin in token.origins or ():
            yield from origin.batons
        for arrivals in (token.arrivals or {}).values():
            for _, origins in arrivals:
                for origin in origins:
                    yield from origin.batons

    def recount(self) -> None:
        """After a snapshot was read."""
        for token in self._ex.tasks.values():
            self.pick_up(self.held_by(token))
        self.tracks = self.tracks or bool(self.inherited)

    def left(self, token: Token, state: str) -> None:
        if token.batons or token.origins or token.arrivals:
            self.put_down(list(self.held_by(token)), state)

    def exchange(self, old: int, new: int) -> None:
        """A new round: whoever carries the old one carries the new one now; the old row is ended by who asked for it."""
        if old in self.inherited:
            self.inherited = tuple(new if key == old else key for key in self.inherited)
        if old not in self._count:
            return
        self._count[new] = self._count.pop(old)
        for token in self._ex.tasks.values():
            if old in token.batons:
                token.batons = tuple(new if key == old else key for key in token.batons)
            if token.origins:
                token.origins = [_exchanged(origin, old, new) for origin in token.origins]
            for arrivals in (token.arrivals or {}).values():
                for arrival in arrivals:
                    arrival[1] = [_exchanged(origin, old, new) for origin in arrival[1]]

    # -- on the way -------------------------------------------------------------------------------------------------------

    def origins_behind(self, token: Token) -> list[Origin]:
        """Where the token that leaves its element now comes from."""
        if token.origins is not None:
            return token.origins
        return [Origin(token.task_spec.element_id, (), token.batons)]

    def along(self, origins: list[Origin], flow_id: str | None) -> list[Origin]:
        if flow_id is None:
            return origins
        return [Origin(origin.element_id, (*origin.trail, flow_id), origin.batons) for origin in origins]

    def set_off(self, token: Token, origins: list[Origin] | None) -> None:
        """A new token on its way."""
        if origins is not None:
            token.origins = origins
            for origin in origins:
                self.pick_up(origin.batons)

    def begin_inside(self, token: Token, scope: Token) -> None:
        """A token begins in a scope of another element: where its own lane is another, the work crosses without a flow."""
        if self.tracks and scope.scope is not None:
            token.origins = [Origin(scope.task_spec.element_id, (), ())]

    def arrive_at_join(self, scope: Token, gateway: str, flow_index: int, origins: list[Origin]) -> None:
        for origin in origins:
            self.pick_up(origin.batons)
        if scope.arrivals is None:
            scope.arrivals = {}
        scope.arrivals.setdefault(gateway, []).append([flow_index, origins])

    def expect_agreed(self, token: Token, flows: Iterable[Flow]) -> None:
        """Before the token waits for others at a join: what the contracts behind it ask of its own side. Raises Refusal.

        Behind the join it is too late: whoever comes last would be refused for what somebody else left out.
        """
        if not self.tracks or not self._handoffs.contracts:
            return
        for flow in flows:
            if flow.target.waits_for_others:
                trails = (origin.trail for origin in self.along(self.origins_behind(token), flow.id))
                for contract in (self._handoffs.contracts[one] for trail in trails for one in trail if one in self._handoffs.contracts):
                    crossing_values(contract, view(token.scope or token))

    def leave_join(self, scope: Token, gateway: str) -> list[Origin] | None:
        """One arrival of each flow that has one."""
        arrivals = (scope.arrivals or {}).get(gateway)
        if not arrivals:
            return None
        taken: dict[int, list[Origin]] = {}
        left = []
        for index, origins in arrivals:
            if index in taken:
                left.append([index, origins])
            else:
                taken[index] = origins
        assert scope.arrivals is not None
        if left:
            scope.arrivals[gateway] = left
        else:
            del scope.arrivals[gateway]
            scope.arrivals = scope.arrivals or None
        together = list(dict.fromkeys(origin for origins in taken.values() for origin in origins))
        for origins in taken.values():
            for origin in origins:
                self.put_down(origin.batons, COMPLETED_STATE)
        return together

    def forget_arrivals(self, scope: Token) -> None:
        """The joins of a scope are given up: its tokens were terminated."""
        for arrivals in (scope.arrivals or {}).values():
            for _, origins in arrivals:
                for origin in origins:
                    self.put_down(origin.batons, TERMINATED_STATE)
        scope.arrivals = None

    # -- coming to rest ---------------------------------------------------------------------------------------------------

    def rest(self, token: Token) -> None:
        """The token is where somebody or something has to do with it: opens a handoff for each distinct sender that is not this side.

        A join puts all batons down and, where it crosses, opens one handoff for each distinct sender. Raises ModelError where a
        contract is not kept or the other party is not known: then the token is still on its way.
        """
        element_id = token.task_spec.element_id
        if token.origins is None or element_id not in self._handoffs.rests:
            return
        here = self._handoffs.sides.get(element_id)
        crossed: dict[str, tuple[Side, Origin]] = {}
        for origin in token.origins:
            there = self._handoffs.sides.get(origin.element_id)
            if here is not None and there is not None and there.id != here.id:
                crossed.setdefault(there.id, (there, origin))
        keys: Keys
        if crossed:
            assert here is not None
            effects = [self._crossing(token, there, here, origin) for there, origin in crossed.values()]
            self._ex.effects.extend(effects)
            keys = tuple(effect.key for effect in effects)
        else:
            keys = tuple(dict.fromkeys(key for origin in token.origins for key in origin.batons))
        self.pick_up(keys)
        for origin in token.origins:
            self.put_down(origin.batons, COMPLETED_STATE)
        token.origins = None
        token.batons = keys

    def _crossing(self, token: Token, there: Side, here: Side, origin: Origin) -> HandedOver:
        contract = next((self._handoffs.contracts[f] for f in origin.trail if f in self._handoffs.contracts), None)
        values, party_key = self.agree(token, here, contract)
        return HandedOver(
            key=self._ex.ports.new_key(),
            element_instance_key=token.id,
            element_id=token.task_spec.element_id,
            from_element_id=origin.element_id,
            from_side=there,
            to_side=here,
            flow_ids=origin.trail,
            contract=contract,
            values=values,
            to_party_key=party_key,
            batons=origin.batons or self.of(token),
        )

    def sent(self, token: Token, mapped: Mapping[str, Any]) -> tuple[Sent, ...]:
        """What a message takes along each of its flows: the fields of the contract, without one what the output mapping names."""
        flows = self._ex.definition.flows_out.get(token.task_spec.element_id)
        if not flows:
            return ()
        paths = {path.flow_ids[0]: path for path in self._handoffs.paths if path.is_message}
        sent = []
        for flow in flows:
            path = paths.get(flow.id)
            if path is None:
                sent.append(Sent(flow.id, mapped, None))
                continue
            values, party_key = self.agree(token, path.to_side, path.contract, mapped)
            sent.append(Sent(flow.id, mapped if path.contract is None else values, party_key, self.of(token), path))
        return tuple(sent)

    def agree(
        self, token: Token, to: Side, contract: Contract | None, extra: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], int | None]:
        """The values that the contract lets across, and the party that gets them. Raises ModelError."""
        seen = view(token, extra)
        values = crossing_values(contract, seen) if contract is not None else {}
        value = None if to.role.binding is None else self._ex.evaluate(to.role.binding, token, extra=extra)
        return values, self._ex.ports.directory.party_for(to.role, value)


def _exchanged(origin: Origin, old: int, new: int) -> Origin:
    return Origin(origin.element_id, origin.trail, tuple(new if key == old else key for key in origin.batons))
