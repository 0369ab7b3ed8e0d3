"""Reads a file: the processes and lanes in it, and ALL its problems, each with the element and what was expected."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from lxml import etree

from engine.bpmn.checks import activities, dialect, events, expressions, extensions, flows, handoffs, structure
from engine.bpmn.checks.source import BPMN, Problem, Source, TooLong, tag
from engine.bpmn.definition import Definition, compile_definitions, tidy
from engine.feel.sentences import of_the_parser, say

log = structlog.get_logger()

MAX_BYTES = 5 << 20
MAX_ELEMENTS = 250_000
MAX_PROBLEMS = 200
MAX_SECONDS = 60.0  # of looking at one file: far more than a large model of a person takes


@dataclass(frozen=True, slots=True)
class Place:
    """A pool or lane: where people of a group find their work."""

    id: str
    name: str | None
    kind: str  # "pool" | "lane"
    process_id: str | None


@dataclass(frozen=True, slots=True)
class Diagram:
    """`definitions` is empty where there are problems; `source` is None where the file could not even be read."""

    definitions: tuple[Definition, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    places: tuple[Place, ...] = ()
    process_ids: tuple[str, ...] = ()
    source: Source | None = field(default=None, repr=False)


def read(xml: bytes, filename: str = "model.bpmn", *, seconds: float = MAX_SECONDS) -> Diagram:
    """Never raises for bad content: problems instead. The file comes from strangers."""
    try:
        return _read(xml, filename, time.monotonic() + seconds)
    except TooLong:
        message = say("This takes too long to be looked at: more than {seconds} s. Divide it into several models.", seconds=round(seconds))
        return Diagram(problems=(Problem(None, None, message, rule="size"),))


def _read(xml: bytes, filename: str, until: float) -> Diagram:
    root, problem = _parse(xml)
    if root is None:
        return Diagram(problems=(problem or Problem(None, None, say("Expected XML.")),))
    tidied = _tidied(root)
    source = Source(tidied, until)
    source.rule = "structure"
    structure.keeps_the_standards_schema(source, root)
    for rule in _RULES:
        source.go_on()
        source.rule = rule.__name__.replace("_", "-")
        rule(source)
    process_ids = tuple(process.get("id") for process in source.processes if process in source.executable and process.get("id"))
    places = tuple(_places(source))
    warnings = tuple(source.warnings[:MAX_PROBLEMS])
    if source.problems:
        return Diagram(problems=_in_order(source.problems), warnings=warnings, places=places, process_ids=process_ids, source=source)
    source.go_on()
    try:
        definitions = compile_definitions(tidied)
    except Exception as error:  # a rule is missing: say so to the author, and to us
        log.exception("a model that was found right does not compile", file=filename)
        missed = Problem(None, None, say("Expected a model that can be run, found one that cannot: {error}", error=str(error)))
        return Diagram(problems=(missed,), warnings=warnings, places=places, process_ids=process_ids, source=source)
    return Diagram(definitions, warnings=warnings, places=places, process_ids=process_ids, source=source)


def compiled(xml: bytes) -> tuple[Definition, ...]:
    """Of a file that was found right when it was deployed: what was promised then holds, whatever the rules have become since."""
    root, problem = _parse(xml)
    if root is None:
        raise ValueError(problem)
    return compile_definitions(_tidied(root))


def tree(xml: bytes) -> Any:
    """The tidied elements of a file, whatever is wrong with them; None where it cannot be read at all."""
    root, _ = _parse(xml)
    return None if root is None else _tidied(root)


_RULES: tuple[Callable[[Source], None], ...] = (
    *structure.RULES,
    *flows.RULES,
    *events.RULES,
    *activities.RULES,
    *extensions.RULES,
    *expressions.RULES,
    *dialect.RULES,
    *handoffs.RULES,
)


def _parse(xml: bytes) -> tuple[Any, Problem | None]:
    if len(xml) > MAX_BYTES:
        return None, Problem(
            None, None, say("Expected a file of at most {most} MB, found {size:.1f} MB.", most=MAX_BYTES >> 20, size=len(xml) / (1 << 20))
        )
    # entities, DTDs and the network are how XML attacks; a DTD that slips through is refused below
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position if error.position else (None, None)
        return None, Problem(
            None,
            None,
            say(
                "Expected well-formed XML, found at line {line}, column {column}: {said}",
                line=line,
                column=column,
                said=of_the_parser(error.msg),
            ),
            line,
        )
    except ValueError as error:
        return None, Problem(None, None, say("Expected well-formed XML: {said}", said=str(error)))
    if root.getroottree().docinfo.doctype:
        return None, Problem(None, None, say("Expected XML without a document type declaration (DTD) and entities, found one."))
    if sum(1 for _ in zip(root.iter(), range(MAX_ELEMENTS + 1), strict=False)) > MAX_ELEMENTS:
        return None, Problem(None, None, say("Expected at most {most} elements, found more.", most=MAX_ELEMENTS))
    if root.tag != BPMN + "definitions":
        name = etree.QName(root).localname
        return None, Problem(
            None, None, say("Expected a BPMN 2.0 file (<definitions> of the BPMN namespace), found <{name}>.", name=name), root.sourceline
        )
    return root, None


def _tidied(root: Any) -> Any:
    """References without prefixes, ids everywhere, and isExecutable said: a file that marks none means all of its processes."""
    found = copy.deepcopy(root)
    _put_definitions_in_place(found)
    tidy(found)
    processes = list(found.iter(BPMN + "process"))
    marked = {p.get("isExecutable", "").strip().lower() for p in processes}
    for process in processes:
        said = process.get("isExecutable", "").strip().lower()
        runs = said in ("true", "1") or (said == "" and not marked & {"true", "1"})
        process.set("isExecutable", "true" if runs else "false")
    return found


def _put_definitions_in_place(root: Any) -> None:
    """An event may refer to a definition that stands beside the processes (BPMN 10.5.5): each gets a copy of its own."""
    reusable = {node.get("id"): node for node in root if tag(node).endswith("EventDefinition") and node.get("id")}
    for reference in list(root.iter(BPMN + "eventDefinitionRef")) if reusable else ():
        definition = reusable.get((reference.text or "").strip().rpartition(":")[2])
        if definition is not None:
            own = copy.deepcopy(definition)
            del own.attrib["id"]
            reference.getparent().replace(reference, own)


def _places(source: Source) -> list[Place]:
    places = []
    for pool in source.pools:
        places.append(Place(pool.get("id"), pool.get("name"), "pool", pool.get("processRef")))
    for process in source.executable:
        for lane in process.iter(BPMN + "lane"):
            places.append(Place(lane.get("id"), lane.get("name"), "lane", process.get("id")))
    return [place for place in places if place.id]


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = list(dict.fromkeys(problems))
    unique.sort(key=lambda problem: problem.line or 0)
    if len(unique) <= MAX_PROBLEMS:
        return tuple(unique)
    return (*unique[:MAX_PROBLEMS], Problem(None, None, say("There are {count} more problems.", count=len(unique) - MAX_PROBLEMS)))
