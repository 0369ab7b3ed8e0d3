"""Reads a file: the processes in it, and all its problems with element ids."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.bpmn.definition import Definition, compile_definitions

MAX_BYTES = 5 << 20


@dataclass(frozen=True, slots=True)
class Problem:
    element_id: str | None
    element_name: str | None
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Diagram:
    definitions: tuple[Definition, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    process_ids: tuple[str, ...] = ()


def read(xml: bytes, filename: str = "model.bpmn") -> Diagram:
    if len(xml) > MAX_BYTES:
        return Diagram(problems=(Problem(None, None, f"Expected at most 5 MB, found {len(xml) / (1 << 20):.1f} MB."),))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        return Diagram(problems=(Problem(None, None, f"Expected XML: {error.msg}", error.lineno),))
    if root.getroottree().docinfo.doctype:
        return Diagram(problems=(Problem(None, None, "Expected no document type declaration (DTD)."),))
    try:
        definitions = compile_definitions(root)
    except Exception as error:
        return Diagram(problems=(Problem(None, None, str(error)),))
    return Diagram(definitions, process_ids=tuple(d.process_id for d in definitions))
