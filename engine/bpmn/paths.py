"""Where a token can go between two places of rest: a search over the graph of one process, bounded in its work."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MAX_STEPS = 1_000_000  # flows looked at, some seconds; no model that a person drew comes near


@dataclass(frozen=True, slots=True)
class Way:
    """From rest to rest. `flow_ids`: the shortest; of several, the first in the file. `marked`: the one with a contract."""

    flow_ids: tuple[str, ...]
    source: str
    target: str
    marked: str | None


@dataclass(slots=True)
class Graph:
    """`flows_out`: by node, (flow id or None for a link, target), in the order of the file. `marked`: the flows with a contract."""

    flows_out: Mapping[str, list[tuple[str | None, str]]]
    rests: frozenset[str]
    marked: frozenset[str]
    steps: int = 0
    conflicts: dict[tuple[str, str], None] = field(default_factory=dict)  # two contracts on one way

    @property
    def is_exhausted(self) -> bool:
        return self.steps > MAX_STEPS

    def ways_from(self, source: str) -> Iterator[Way]:
        """One way for each other rest and contract, the shortest first. Stops where the graph is exhausted.

        A state is a node and the contract met so far, so that a mesh of gateways costs its flows times its contracts, not its routes.
        """
        start: tuple[str, str | None] = (source, None)
        came: dict[tuple[str, str | None], tuple[tuple[str, str | None], str | None]] = {}
        queue = deque([start])
        while queue and not self.is_exhausted:
            state = queue.popleft()
            for flow_id, target in self.flows_out.get(state[0], ()):
                self.steps += 1
                marked = state[1]
                if flow_id in self.marked:
                    if marked is not None and marked != flow_id:
                        self.conflicts.setdefault((marked, flow_id))
                        continue
                    marked = flow_id
                reached = (target, marked)
                if reached in came or reached == start:
                    continue
                came[reached] = (state, flow_id)
                if target not in self.rests:
                    queue.append(reached)
                else:
                    yield Way(_flows_to(reached, came), source, target, marked)


def _flows_to(
    state: tuple[str, str | None], came: Mapping[tuple[str, str | None], tuple[tuple[str, str | None], str | None]]
) -> tuple[str, ...]:
    flow_ids = []
    while state in came:
        state, flow_id = came[state]
        if flow_id is not None:
            flow_ids.append(flow_id)
    return tuple(reversed(flow_ids))
