"""Handoff extensions, word by word: known elements and attributes at the right place, with values that mean something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from engine.feel import FeelError, compile_expression
from engine.feel.sentences import both, either, say

from ..dialect import WORDS, Attribute, Word
from ..elements.expressions import ModelError, Text
from ..elements.timers import Timer
from ..names import A_NAME, is_name
from .source import BPMN, HANDOFF, Source, called, tag

_IDENTIFIER = re.compile(r"\w[\w.-]*")
_PARTY_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")  # as the directory has them
_VARIABLE = re.compile(r"[^\W\d]\w*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_OWNED = "extensionElements"
_LATER = {("channel", "webhook"), ("channel", "remote")}


def handoff_extensions_are_known(source: Source) -> None:
    """Each word of handoff.moddle.json where it may stand, with attributes and children that it has."""
    for node in source.root.iter():
        if not isinstance(node.tag, str):
            continue
        if tag(node):
            for name in node.attrib:
                if name.startswith(HANDOFF):
                    source.problem(
                        node,
                        say(
                            "Expected handoff:{name} of {node} as an extension element, found an attribute.",
                            name=name[len(HANDOFF) :],
                            node=called(node),
                        ),
                    )
        elif node.tag.startswith(HANDOFF) and _counts(source, node):
            _check_word(source, node)


def _counts(source: Source, node: Any) -> bool:
    """Of what does not run we only ask whether it is well said where a running side meets it: pools and message flows."""
    process = source.process_of(node)
    return process is None or process in source.executable


def _check_word(source: Source, node: Any) -> None:
    name, parent = node.tag[len(HANDOFF) :], node.getparent()
    word = WORDS.get(name)
    if word is None:
        known = ", ".join(f"handoff:{one}" for one in WORDS)
        source.problem(
            node, say("Expected a handoff extension that is known here ({known}), found handoff:{name}.", known=known, name=name)
        )
        return
    if parent is not None and parent.tag == BPMN + _OWNED:
        _check_place(source, node, word, parent.getparent())
    elif parent is None or parent.tag not in {HANDOFF + one.name for one in WORDS.values() if name in one.children}:
        where = either(f"handoff:{one.name}" for one in WORDS.values() if name in one.children) or "<extensionElements>"
        source.problem(
            node, say("Expected handoff:{name} in {where}, found it in <{local}>.", name=name, where=where, local=_local(parent))
        )
    for child in node:
        if isinstance(child.tag, str) and not (child.tag.startswith(HANDOFF) and child.tag[len(HANDOFF) :] in WORDS):
            source.problem(
                node,
                say("Expected {children} in handoff:{name}, found <{local}>.", children=_children(word), name=name, local=_local(child)),
            )
    for attribute, value in node.attrib.items():
        _check_attribute(source, node, word, attribute, value.strip())


def _check_place(source: Source, node: Any, word: Word, owner: Any) -> None:
    if not word.allowed_in:
        wanted = either(f"handoff:{one.name}" for one in WORDS.values() if word.name in one.children)
        source.problem(
            owner,
            say("Expected handoff:{name} in a {wanted}, found it at {owner} itself.", name=word.name, wanted=wanted, owner=called(owner)),
        )
    elif tag(owner) not in word.allowed_in:
        places = either(_PLACES[place] for place in word.places)
        source.problem(
            owner,
            say(
                "Expected handoff:{name} at {places}, found it at {owner}, a {owner_kind}.",
                name=word.name,
                places=places,
                owner=called(owner),
                owner_kind=tag(owner),
            ),
        )
    elif word.name != "milestone" and next(node.itersiblings(node.tag, preceding=True), None) is not None:
        source.problem(owner, say("Expected one handoff:{name} at {owner}, found several.", name=word.name, owner=called(owner)))


_PLACES = {
    "Participant": say("a pool"),
    "Lane": say("a lane"),
    "SequenceFlow": say("a sequence flow"),
    "MessageFlow": say("a message flow"),
    "Process": say("a process"),
    "FlowNode": say("a flow node"),
}


def _children(word: Word) -> str:
    return say("only {children}", children=both(f"handoff:{child}" for child in sorted(word.children))) if word.children else say("nothing")


def _local(node: Any) -> str:
    return "" if node is None else str(node.tag).rpartition("}")[2]


# -- values -------------------------------------------------------------------------------------------------------


def _check_attribute(source: Source, node: Any, word: Word, name: str, value: str) -> None:
    if name.startswith("{") and not name.startswith(HANDOFF):
        return  # somebody else's
    known = word.attributes.get(name)
    if known is None:
        found = name.rpartition("}")[2]
        source.problem(
            node,
            say(
                "Expected an attribute that handoff:{name} has ({names}), found '{found}'.",
                name=word.name,
                names=", ".join(word.attributes),
                found=found,
            ),
        )
        return
    expected = _expected(word, known, value)
    if expected is not None:
        source.problem(
            node,
            say(
                "Expected {expected} as {name} of handoff:{word}, found '{value}'.",
                expected=expected,
                name=name,
                word=word.name,
                value=value[:200],
            ),
        )


def _expected(word: Word, attribute: Attribute, value: str) -> str | None:
    """What the value should have been, or None where it is right. An empty attribute says nothing, but where something must be said."""
    if (attribute.name, value) in _LATER:
        offered = _one_of(one for one in attribute.values if (attribute.name, one) not in _LATER)
        return say("{values} (others are not offered yet)", values=offered)
    if attribute.values:
        return None if value in attribute.values else _one_of(attribute.values)
    if attribute.type == "Boolean":
        return None if value in ("true", "false", "1", "0") else say("true or false")
    if not value:
        return None
    for fits, expected in _RULES_OF.get((word.name, attribute.name), ()):
        wrong = fits(value)
        if wrong is not None:
            return say("{expected} ({why})", expected=expected, why=wrong) if wrong else expected
    return None


def _one_of(values: Iterable[str]) -> str:
    return either(values)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda value: None if pattern.fullmatch(value) else ""


def _is_short(value: str) -> str | None:
    return None if is_name(value) else ""


def _is_feel(value: str) -> str | None:
    if not value.startswith("="):
        return ""
    try:
        compile_expression(value[1:])
    except FeelError as error:
        return error.message
    return None


_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _is_duration(value: str) -> str | None:
    if value.startswith("="):
        return ""
    try:
        due = Timer("duration", Text(value)).due(value, _SOME_DAY).at
    except ModelError:
        return ""
    return None if due > _SOME_DAY else ""


_DURATION = (_is_duration, say("an ISO 8601 duration such as PT4H or P2D, longer than nothing,"))
_FEEL = (_is_feel, say("a FEEL expression that begins with ="))
_NAME = (_is_short, A_NAME)
_RULES_OF: dict[tuple[str, str], tuple[tuple[Callable[[str], str | None], str], ...]] = {
    ("party", "role"): ((_matches(_IDENTIFIER), say("an identifier (letters, digits, - and _)")), _NAME),
    ("party", "partyId"): ((_matches(_PARTY_ID), say("the id of a party (small letters, digits, - and _)")),),
    ("party", "binding"): (_FEEL,),
    ("contract", "acceptWithin"): (_DURATION,),
    ("contract", "completeWithin"): (_DURATION,),
    ("case", "title"): (_FEEL,),
    ("case", "keep"): (_DURATION,),
    ("field", "name"): ((_matches(_VARIABLE), say("the name of a variable (letters, digits and _)")), _NAME),
    ("field", "label"): (_NAME,),
    ("milestone", "label"): (_NAME,),
    ("milestone", "language"): ((_matches(_LANGUAGE), say("a language such as fr or pt-BR")),),
}

RULES = (handoff_extensions_are_known,)
