"""What of BPMN runs here, and what is refused and why: one table. `docs/bpmn.md` is printed from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.feel.sentences import say

from .dialect import WORDS, Word

RUNS = "runs"

# -- events -------------------------------------------------------------------------------------------------------

DEFINITIONS = {
    "none": say("no event definition"),
    "message": say("message"),
    "timer": say("timer"),
    "signal": say("signal"),
    "error": say("error"),
    "escalation": say("escalation"),
    "conditional": say("conditional"),
    "link": say("link"),
    "compensation": say("compensation"),
    "cancel": say("cancel"),
    "terminate": say("terminate"),
    "multiple": say("several event definitions, one of them triggers"),
    "parallelMultiple": say("several event definitions, all of them trigger"),
}
_WITHOUT_TAG = ("none", "multiple", "parallelMultiple")
TAGS = {f"{'compensate' if name == 'compensation' else name}EventDefinition": name for name in DEFINITIONS if name not in _WITHOUT_TAG}

POSITIONS = {
    "start": say("start of a process"),
    "start_embedded": say("start of an embedded sub-process"),
    "start_event_sub": say("start of an event sub-process, interrupting"),
    "start_event_sub_non": say("start of an event sub-process, not interrupting"),
    "catch": say("intermediate, catching"),
    "catch_gateway": say("after an event-based gateway"),
    "throw": say("intermediate, throwing"),
    "boundary": say("boundary, interrupting"),
    "boundary_non": say("boundary, not interrupting"),
    "end": say("end"),
}

_NO_MEANING = say("BPMN gives it no meaning there")
_LATER = say("not offered yet")
_ONE = say("one event definition each: draw one event for each trigger")

# definition -> the positions where it runs
_RUNS_AT: dict[str, tuple[str, ...]] = {
    "none": ("start", "start_embedded", "throw", "end"),
    "message": ("start", "start_event_sub", "start_event_sub_non", "catch", "catch_gateway", "throw", "boundary", "boundary_non", "end"),
    "timer": ("start", "start_event_sub", "start_event_sub_non", "catch", "catch_gateway", "boundary", "boundary_non"),
    "signal": ("start", "start_event_sub", "start_event_sub_non", "catch", "catch_gateway", "throw", "boundary", "boundary_non", "end"),
    "error": ("start_event_sub", "boundary", "end"),
    "escalation": ("start_event_sub", "start_event_sub_non", "throw", "boundary", "boundary_non", "end"),
    "conditional": ("start_event_sub", "start_event_sub_non", "catch", "catch_gateway", "boundary", "boundary_non"),
    "link": ("catch", "throw"),
    "compensation": ("throw", "boundary", "end"),
    "cancel": ("boundary", "end"),
    "terminate": ("end",),
    "multiple": (),
    "parallelMultiple": (),
}
# (definition, position) -> why not, where it is not simply meaningless (BPMN 2.0.2, tables 10.84 to 10.93)
_BECAUSE: dict[tuple[str, str], str] = {
    ("conditional", "start"): say("a condition that starts processes is {later}", later=_LATER),
    ("compensation", "start_event_sub"): say("compensation event sub-processes are {later}", later=_LATER),
    ("error", "boundary_non"): say("an error always interrupts"),
    ("error", "start_event_sub_non"): say("an error always interrupts"),
    ("none", "catch"): say("it says nothing to wait for"),
    ("none", "catch_gateway"): say("it says nothing to wait for"),
    ("none", "boundary"): say("it says nothing to catch"),
    ("none", "boundary_non"): say("it says nothing to catch"),
    ("none", "start_event_sub"): say("an event sub-process needs a trigger"),
    ("none", "start_event_sub_non"): say("an event sub-process needs a trigger"),
    ("cancel", "boundary_non"): say("a canceled transaction is over"),
}


def of_event(definition: str, position: str) -> str:
    """RUNS, or why not."""
    if position in _RUNS_AT[definition]:
        return RUNS
    if definition in ("multiple", "parallelMultiple"):
        return _ONE
    if position == "start_embedded":
        return say("an embedded sub-process begins by itself: its start event has no trigger")
    return _BECAUSE.get((definition, position), _NO_MEANING)


# -- elements -----------------------------------------------------------------------------------------------------

ELEMENTS: dict[str, str] = {
    "task": RUNS,
    "manualTask": RUNS,
    "userTask": RUNS,
    "serviceTask": RUNS,
    "businessRuleTask": RUNS,
    "scriptTask": RUNS,
    "sendTask": RUNS,
    "receiveTask": RUNS,
    "callActivity": RUNS,
    "subProcess": RUNS,
    "transaction": RUNS,
    "startEvent": RUNS,
    "endEvent": RUNS,
    "intermediateCatchEvent": RUNS,
    "intermediateThrowEvent": RUNS,
    "boundaryEvent": RUNS,
    "exclusiveGateway": RUNS,
    "parallelGateway": RUNS,
    "inclusiveGateway": RUNS,
    "eventBasedGateway": RUNS,
    "adHocSubProcess": say("ad-hoc sub-processes are {later}: draw the order, or an event sub-process", later=_LATER),
    "complexGateway": say("complex gateways are not offered: use an inclusive or a parallel gateway"),
    "implicitThrowEvent": _NO_MEANING,
    "callChoreography": say("choreographies describe, and do not run"),
    "choreographyTask": say("choreographies describe, and do not run"),
    "subChoreography": say("choreographies describe, and do not run"),
}

# variants of an element: what distinguishes it -> RUNS, or why not
VARIANTS: dict[tuple[str, str], str] = {
    ("receiveTask", "instantiate"): say("receive tasks that start an instance are {later}: use a message start event", later=_LATER),
    ("eventBasedGateway", "instantiate"): say(
        "event-based gateways that start an instance are {later}: use message start events", later=_LATER
    ),
    ("any activity", "multi-instance, parallel"): RUNS,
    ("any activity", "multi-instance, sequential"): RUNS,
    ("any activity", "multi-instance, loop cardinality"): RUNS,
    ("any activity", "multi-instance, behavior None, One or Complex"): say("only the behavior All is offered"),
    ("any activity", "multi-instance, items by BPMN's data elements"): say("zeebe:loopCharacteristics says what the items are"),
    ("any activity", "standard loop"): RUNS,
    ("any activity", "startQuantity or completionQuantity other than 1"): say("each token is worked on by itself"),
    ("any activity", "data association with a transformation or assignment"): say("use input and output mappings"),
    ("any activity", "compensation handler"): RUNS,
    ("any event", "compensation that nobody waits for"): say("the token goes on when everything is undone"),
    ("transaction", "method Store or Image"): say("a canceled transaction is undone by its compensation handlers"),
    ("eventBasedGateway", "all of its events"): say("the first event decides; draw a parallel gateway where all are wanted"),
    ("sequenceFlow", "isImmediate false"): say("nothing happens on a flow that is not in the model"),
    ("sequenceFlow", "condition in another language"): say("expressions are FEEL"),
    ("any activity", "several outgoing flows, conditions, default flow"): RUNS,
    ("subProcess", "event sub-process"): RUNS,
    ("process", "correlation subscription"): say("messages are correlated by zeebe:subscription, or by their message flow"),
    ("any event", "reference to an event definition"): RUNS,
    ("serviceTask", "job type"): RUNS,
    ("businessRuleTask", "job type"): RUNS,
    ("scriptTask", "job type"): RUNS,
    ("scriptTask", "FEEL expression"): RUNS,
    ("sendTask", "job type"): RUNS,
    ("sendTask", "message"): RUNS,
    ("sendTask", "message flow"): RUNS,
    ("callActivity", "process id, fixed"): RUNS,
    ("callActivity", "process id, FEEL"): RUNS,
    ("callActivity", "global task"): say("only processes can be called"),
    ("serviceTask", "without a job type"): say("nobody would do it: expected zeebe:taskDefinition with a type"),
    ("businessRuleTask", "zeebe:calledDecision"): RUNS,
    ("scriptTask", "script of another language"): say("scripts are FEEL (zeebe:script) or work for a program (zeebe:taskDefinition)"),
}

# drawn and kept, without an effect on what runs
KEPT = {
    "dataObject": say("drawn data moves no values; variables do"),
    "dataObjectReference": say("drawn data moves no values; variables do"),
    "dataStoreReference": say("drawn data moves no values; variables do"),
    "dataInputAssociation": say("drawn data moves no values; use input and output mappings"),
    "dataOutputAssociation": say("drawn data moves no values; use input and output mappings"),
    "ioSpecification": say("drawn data moves no values; use input and output mappings"),
    "property": say("drawn data moves no values; variables do"),
    "operation": say("interfaces describe; the job type says what is done"),
    "participantMultiplicity": say("a pool takes part once in each case"),
    "rendering": say("what a person sees is said by zeebe:formDefinition"),
    "auditing": say("everything is in the history"),
    "monitoring": say("everything is in the history"),
    "potentialOwner": say("who does it is said by zeebe:assignmentDefinition, or by the lane"),
    "performer": say("who does it is said by zeebe:assignmentDefinition, or by the lane"),
    "humanPerformer": say("who does it is said by zeebe:assignmentDefinition, or by the lane"),
    "resourceRole": say("who does it is said by zeebe:assignmentDefinition, or by the lane"),
    "laneSet": say("lanes say whose work it is"),
    "textAnnotation": say("for readers"),
    "association": say("for readers; from a compensation event it leads to the handler"),
    "group": say("for readers"),
}


# -- printed ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    definition: str
    position: str
    verdict: str


def cells() -> Iterator[Cell]:
    for definition in DEFINITIONS:
        for position in POSITIONS:
            yield Cell(definition, position, of_event(definition, position))


def as_markdown() -> str:
    lines = [
        "# What of BPMN runs here",
        "",
        "Printed from `engine/bpmn/support.py` (`python -m engine.bpmn.support > docs/bpmn.md`). Whatever does not run is refused at",
        "deployment, with the element and the reason; nothing is ignored in silence. ✓ runs; a number refers to the reason below.",
        "",
        "## Events",
        "",
    ]
    reasons: list[str] = []
    lines.append("| | " + " | ".join(POSITIONS.values()) + " |")
    lines.append("|---" * (len(POSITIONS) + 1) + "|")
    for definition, words in DEFINITIONS.items():
        row = []
        for position in POSITIONS:
            verdict = of_event(definition, position)
            if verdict == RUNS:
                row.append("✓")
                continue
            if verdict not in reasons:
                reasons.append(verdict)
            row.append(str(reasons.index(verdict) + 1))
        lines.append(f"| **{words}** | " + " | ".join(row) + " |")
    lines += ["", *(f"{number}. {reason[0].upper()}{reason[1:]}." for number, reason in enumerate(reasons, 1))]
    lines += ["", "## Elements", "", "| element | |", "|---|---|"]
    lines += [f"| `{name}` | {'runs' if verdict == RUNS else 'refused: ' + verdict} |" for name, verdict in ELEMENTS.items()]
    lines += [
        f"| `{name}`: {variant} | {'runs' if verdict == RUNS else 'refused: ' + verdict} |" for (name, variant), verdict in VARIANTS.items()
    ]
    lines += [
        "",
        "Abstract and manual tasks wait for nobody (BPMN 13.3.3).",
        "",
        "## Kept, without effect",
        "",
        "| element | |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {why} |" for name, why in KEPT.items()]
    lines += _HANDOFFS
    for word in WORDS.values():
        lines += _described(word)
    return "\n".join(lines) + "\n"


_HANDOFFS = [
    "",
    "## Parties and handoffs",
    "",
    "Extension elements of the namespace `urn:passerelle:handoff:1.0`, described in `engine/bpmn/handoff.moddle.json`. They stand",
    "beside the `zeebe:` ones, and survive tools that do not know them.",
    "",
    "**Where a handoff is.** A message flow from an element that throws a message to another pool always is one; not that of an",
    "element with `zeebe:taskDefinition`, whose worker publishes the message. Inside a pool it is a way along sequence flows from",
    "an element where a token rests to the next one where it does, in another lane. A token rests at activities, events,",
    "event-based gateways and sub-processes; it runs through the other gateways and through links, in whatever lane they are",
    "drawn. An element stands in the innermost lane that lists it; where none does, inside a sub-process, in the sub-process's; a",
    "boundary event in its host's. Where a sub-process begins in a lane of its own, its people get the work as a handoff without a",
    "contract: no flow leads there that could carry one, so the drawing does not list it, and a warning says so. Nothing is handed",
    "over to a compensation handler.",
    "",
    "A handoff is *the customer's* if either side is a customer, else *a partner's* if either side is a partner, else *internal*.",
    "Two lanes of one party are two sides. There is one contract at most on each way, on any of its flows.",
]


def _described(word: Word) -> list[str]:
    places = " or ".join(f"`{place[0].lower()}{place[1:]}`" for place in word.places) or "`handoff:contract`"
    lines = ["", f"### `handoff:{word.name}`", "", f"At {places}: {word.description}.", "", "| attribute | value | |", "|---|---|---|"]
    for one in word.attributes.values():
        default = f" (default `{one.default}`)" if one.default is not None else ""
        values = ", ".join(f"`{value}`" for value in one.values) or ("`true`, `false`" if one.type == "Boolean" else "text")
        lines.append(f"| `{one.name}` | {values}{default} | {one.description} |")
    return lines


if __name__ == "__main__":
    print(as_markdown(), end="")
