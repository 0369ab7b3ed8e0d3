"""Random structured models: with a snapshot and restore after every step everything follows exactly as without."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn import happenings as h

from .running import Instance, flows, script, service

LEAVES = ("user", "job", "script", "timer", "message", "manual")
Block = tuple  # ("seq", blocks) | ("xor" | "and" | "or", blocks) | ("sub" | "each" | "all" | "guarded", block) | (leaf,)

blocks = st.recursive(
    st.sampled_from(LEAVES).map(lambda leaf: (leaf,)),
    lambda inner: st.one_of(
        st.tuples(st.just("seq"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.sampled_from(("xor", "and", "or")), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.sampled_from(("sub", "each", "all", "guarded")), inner),
    ),
    max_leaves=7,
)


class Drawing:
    """Writes a block as XML; each block has one entry and one exit."""

    def __init__(self) -> None:
        self.count = 0

    def id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def draw(self, block: Block) -> tuple[str, str, str]:
        kind, *rest = block
        draw = getattr(self, f"_{kind}", None)
        if draw is not None:
            return draw(rest[0])
        if kind in ("xor", "and", "or"):
            return self._branches(kind, rest[0])
        if rest:
            return self._scope(kind, rest[0])
        return self._leaf(kind)

    def _leaf(self, kind: str) -> tuple[str, str, str]:
        id = self.id(kind)
        xml = {
            "user": f'<userTask id="{id}"/>',
            "job": service(id),
            "script": script(id, "n + 1", "n"),
            "manual": f'<manualTask id="{id}"/>',
            "timer": f'<intermediateCatchEvent id="{id}"><timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition>'
            "</intermediateCatchEvent>",
            "message": f'<receiveTask id="{id}" messageRef="m"/>',
        }[kind]
        return xml, id, id

    def _seq(self, inner: list[Block]) -> tuple[str, str, str]:
        drawn = [self.draw(block) for block in inner]
        joints = flows(*(f"{a[2]} {b[1]}" for a, b in pairwise(drawn)))
        return "".join(d[0] for d in drawn) + joints, drawn[0][1], drawn[-1][2]

    def _branches(self, kind: str, inner: list[Block]) -> tuple[str, str, str]:
        tag = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}[kind]
        split, join, drawn = self.id("split"), self.id("join"), [self.draw(block) for block in inner]
        default = f' default="{split}-{drawn[0][1]}"' if kind != "and" else ""
        xml = f'<{tag} id="{split}"{default}/><{tag} id="{join}"/>'
        out = [f"{split} {drawn[0][1]}"]
        for index, (_, entry, _) in enumerate(drawn[1:]):
            condition = f" =modulo(n + {index}, 2) = 0" if kind != "and" else ""
            out.append(f"{split} {entry}{condition}")
        return xml + "".join(d[0] for d in drawn) + flows(*out, *(f"{d[2]} {join}" for d in drawn)), split, join

    def _scope(self, kind: str, inner: Block) -> tuple[str, str, str]:
        id, start = self.id("sub"), self.id("start")
        xml, entry, _ = self.draw(inner)
        loop = ""
        if kind in ("each", "all"):
            loop = (
                f'<multiInstanceLoopCharacteristics isSequential="{str(kind == "each").lower()}"><extensionElements>'
                f'<zeebe:loopCharacteristics inputCollection="=[1,2]" inputElement="i" outputCollection="o{id}" outputElement="=i + n"/>'
                "</extensionElements></multiInstanceLoopCharacteristics>"
            )
        guard = ""
        if kind == "guarded":
            guard = (
                f'<boundaryEvent id="b{id}" attachedToRef="{id}" cancelActivity="false"><timerEventDefinition>'
                f'<timeCycle>R2/PT1M</timeCycle></timerEventDefinition></boundaryEvent><userTask id="late{id}"/>' + flows(f"b{id} late{id}")
            )
            event = f'<startEvent id="es{id}"><timerEventDefinition><timeDuration>PT9M</timeDuration></timerEventDefinition></startEvent>'
            xml += f'<subProcess id="e{id}" triggeredByEvent="true">{event}</subProcess>'
        return f'<subProcess id="{id}">{loop}<startEvent id="{start}"/>{xml}{flows(f"{start} {entry}")}</subProcess>{guard}', id, id


def step(instance: Instance, choice: int, told: int) -> None:
    keys = list(instance.open)
    kind, key = keys[choice % len(keys)]
    happening = {
        "task": lambda: h.TaskCompleted(key, {"t": told}),
        "job": lambda: h.JobCompleted(key, {"n": told}),
        "timer": lambda: h.TimerFired(key),
        "subscription": lambda: h.SubscriptionTriggered(key, {"m": told}),
    }[kind]()
    instance.tell(happening)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=blocks, choices=st.lists(st.integers(0, 1000), min_size=60, max_size=60))
def test_restoring_after_every_step_changes_nothing(block, choices):
    xml, entry, _ = Drawing().draw(block)
    message = '<message id="m" name="m"/>'
    model = f'{message}<process id="P" isExecutable="true"><startEvent id="s"/>{xml}{flows(f"s {entry}")}</process>'
    live, restored = Instance(model, n=0), Instance(model, restores=True, n=0)
    for told, choice in enumerate(choices):
        if live.state is not None:
            break
        assert live.open, "an instance that is not over waits for something"
        step(live, choice, told)
        step(restored, choice, told)

    assert live.effects == restored.effects and live.values.scopes == restored.values.scopes
    assert not live.incidents
    if live.state is not None:
        assert not live.open and not live.execution.tasks and restored.state == live.state


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=blocks, size=st.integers(1, 5))
def test_steps_of_any_size_lead_to_the_same_end(block, size):
    xml, entry, _ = Drawing().draw(block)
    model = f'<message id="m" name="m"/><process id="P" isExecutable="true"><startEvent id="s"/>{xml}{flows(f"s {entry}")}</process>'
    whole, parts = Instance(model, n=0), Instance(model, n=0, start=False, restores=True)
    parts.tell(h.Started(None, {"n": 0}), max_transitions=size)

    assert whole.effects == parts.effects and whole.values.scopes == parts.values.scopes
