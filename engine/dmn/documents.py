"""A file as a tree of elements. Files come from strangers: no document types, no entities, and bounds on all that grows."""
from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from ..feel.sentences import of_the_parser, say
from .errors import DmnError, Problem

MAX_BYTES = 5 << 20
MAX_ELEMENTS = 250_000
MAX_DEPTH = 200


class Element:
    """An element. `tag` is its local name, attributes in a namespace are `{namespace}name`; `prefixes` are those declared around it."""

    __slots__ = ("attributes", "children", "line", "namespace", "prefixes", "tag", "texts")

    def __init__(self, namespace: str, tag: str, attributes: dict[str, str], prefixes: dict[str, str], line: int) -> None:
        self.namespace = namespace
        self.tag = tag
        self.attributes = attributes
        self.prefixes = prefixes
        self.line = line
        self.children: list[Element] = []
        self.texts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def id(self) -> str | None:
        return self.attributes.get("id")

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def all(self, *tags: str) -> Iterator[Element]:
        """The children of these names that belong to the same namespace: foreign extensions are looked over."""
        return (child for child in self.children if child.tag in tags and child.namespace == self.namespace)

    def first(self, *tags: str) -> Element | None:
        return next(self.all(*tags), None)


class _Reader:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.stack: list[Element] = []
        self.scopes: list[dict[str, str]] = [{}]
        self.declared: dict[str, str] = {}
        self.count = 0
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        parser.StartNamespaceDeclHandler = self.declare
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        self.parser = parser

    def refuse_doctype(self, *_: object) -> None:
        raise DmnError([Problem(say("Expected no document type in the file: entities are never resolved."))])

    def declare(self, prefix: str | None, uri: str | None) -> None:
        self.declared[prefix or ""] = uri or ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.stack) >= MAX_DEPTH:
            wanted = say("Expected at most {most} elements, {depth} deep.", most=MAX_ELEMENTS, depth=MAX_DEPTH)
            raise DmnError([Problem(wanted)])
        prefixes = self.scopes[-1] if not self.declared else {**self.scopes[-1], **self.declared}
        self.declared = {}
        self.scopes.append(prefixes)
        namespace, _, tag = name.rpartition("}")
        named = {f"{{{key}" if "}" in key else key: value for key, value in attributes.items()}
        element = Element(namespace, tag, named, prefixes, self.parser.CurrentLineNumber)
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element
        self.stack.append(element)

    def end(self, name: str) -> None:
        self.stack.pop()
        self.scopes.pop()

    def characters(self, text: str) -> None:
        if self.stack:
            self.stack[-1].texts.append(text)


def read_document(source: bytes | str) -> Element:
    """The root element of a file. Raises DmnError for anything that is no plain XML."""
    data = source.encode() if isinstance(source, str) else source
    if len(data) > MAX_BYTES:
        raise DmnError([Problem(say("The file has {count} bytes; {max_bytes} are allowed.", count=len(data), max_bytes=MAX_BYTES))])
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DmnError([Problem(say("Expected XML: {said}.", said=of_the_parser(expat.errors.messages[error.code])), line=error.lineno)])
    except (ValueError, LookupError) as error:
        raise DmnError([Problem(say("Expected XML in an encoding that is known: {error}.", error=str(error)))])
    if reader.root is None:
        raise DmnError([Problem(say("Expected XML, found nothing."))])
    return reader.root
