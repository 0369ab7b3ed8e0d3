"""Reads the elements of a file into facts: one function an element, found by its name. Versions 1.1 to 1.5 of DMN are one language here."""
from __future__ import annotations

from collections.abc import Callable, Mapping

from ..feel.sentences import say
from .documents import Element, read_document
from .errors import DmnError, Problem
from .models import (
    Box,
    Cell,
    ConditionalBox,
    ContextBox,
    Decision,
    Definitions,
    Entry,
    FilterBox,
    FunctionBox,
    Import,
    Input,
    InputData,
    InvocationBox,
    ItemDefinition,
    IteratorBox,
    Knowledge,
    ListBox,
    Literal,
    Named,
    Output,
    Parameter,
    RelationBox,
    Rule,
    Service,
    TableBox,
)

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
_FEEL_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    }
)
_ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_EXPRESSIONS = (
    "literalExpression",
    "decisionTable",
    "context",
    "invocation",
    "list",
    "relation",
    "functionDefinition",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
)


def read_definitions(source: bytes | str) -> Definitions:
    """The facts of a file. Raises DmnError for what is no DMN."""
    root = read_document(source)
    version = NAMESPACES.get(root.namespace)
    if root.tag != "definitions" or version is None:
        other = say("Expected the definitions of a DMN 1.1 to 1.5 file, found '{tag}'.", tag=root.tag)
        raise DmnError([Problem(other, root.id, root.line)])
    elements: dict[str, Named] = {}
    for element in root.children:
        read = _ELEMENTS.get(element.tag)
        if read is None or element.namespace != root.namespace:
            continue
        found = read(element)
        key = found.id or found.name
        if key in elements:
            raise DmnError([Problem(say("Expected every id once, found '{key}' twice.", key=key), key, element.line)])
        elements[key] = found
    return Definitions(
        id=root.id,
        line=root.line,
        name=root.get("name") or "",
        namespace=root.get("namespace") or "",
        version=version,
        language=root.get("expressionLanguage"),
        imports=tuple(_import(one) for one in root.all("import")),
        types=tuple(_item_definition(one) for one in root.all("itemDefinition")),
        elements=elements,
    )


def _name(element: Element) -> str:
    return " ".join((element.get("name") or "").split())


def _text(element: Element | None) -> str | None:
    if element is None:
        return None
    text = element.first("text")
    return text.text if text is not None else None


def _type(element: Element | None) -> str | None:
    """The type that an element names: an attribute, or since 1.1 of item definitions a child. Prefixes of FEEL itself are left out."""
    if element is None:
        return None
    child = element.first("typeRef")
    named = child.text if child is not None else element.get("typeRef")
    if named is None or not named.strip():
        return None
    prefix, colon, local = named.strip().partition(":")
    if not colon or "<" in prefix:
        return named.strip()
    uri = element.prefixes.get(prefix)
    if uri in _FEEL_NAMESPACES or prefix == "feel":
        return local
    return local if uri is None or uri == element.prefixes.get("") else f"{{{uri}}}{local}"


def _import(element: Element) -> Import:
    return Import(
        id=element.id,
        line=element.line,
        name=_name(element),
        namespace=element.get("namespace") or "",
        kind=element.get("importType") or "",
    )


def _item_definition(element: Element) -> ItemDefinition:
    function = element.first("functionItem")
    signature = None
    if function is not None:
        parameters = tuple(_parameter(one) for one in function.all("parameters"))
        signature = (parameters, function.get("outputTypeRef"))
    return ItemDefinition(
        id=element.id,
        line=element.line,
        name=_name(element),
        type_ref=_type(element),
        components=tuple(_item_definition(one) for one in element.all("itemComponent")),
        function=signature,
        is_collection=element.get("isCollection") in ("true", "1"),
        allowed_values=_text(element.first("allowedValues")),
        type_constraint=_text(element.first("typeConstraint")),
    )


# -- the graph --------------------------------------------------------------------------------------------------------


def _hrefs(element: Element, *tags: str) -> tuple[str, ...]:
    return tuple(href for one in element.all(*tags) if (href := one.get("href")))


def _requires(element: Element) -> tuple[str, ...]:
    return tuple(
        href
        for requirement in element.all("informationRequirement", "knowledgeRequirement")
        for href in _hrefs(requirement, "requiredInput", "requiredDecision", "requiredKnowledge")
    )


def _variable(element: Element) -> tuple[str, str | None]:
    """The name under which others know an element, and its type."""
    variable = element.first("variable")
    return (_name(variable) if variable is not None else "") or _name(element), _type(variable)


def _input_data(element: Element) -> InputData:
    name, type_ref = _variable(element)
    return InputData(id=element.id, line=element.line, name=name, title=_name(element), type_ref=type_ref)


def _decision(element: Element) -> Decision:
    name, type_ref = _variable(element)
    question = element.first("question")
    return Decision(
        id=element.id,
        line=element.line,
        name=name,
        title=_name(element),
        type_ref=type_ref,
        requires=_requires(element),
        logic=_inner(element),
        question=question.text.strip() if question is not None else None,
        version_tag=_version_tag(element),
    )


def _version_tag(element: Element) -> str | None:
    extensions = element.first("extensionElements")
    for child in extensions.children if extensions is not None else ():
        if child.namespace == _ZEEBE and child.tag == "versionTag":
            return child.get("value")
    return None


def _knowledge(element: Element) -> Knowledge:
    name, type_ref = _variable(element)
    logic = element.first("encapsulatedLogic")
    return Knowledge(
        id=element.id,
        line=element.line,
        name=name,
        title=_name(element),
        type_ref=type_ref,
        requires=_requires(element),
        logic=_function(logic) if logic is not None else None,
    )


def _service(element: Element) -> Service:
    name, type_ref = _variable(element)
    return Service(
        id=element.id,
        line=element.line,
        name=name,
        title=_name(element),
        type_ref=type_ref,
        outputs=_hrefs(element, "outputDecision"),
        encapsulated=_hrefs(element, "encapsulatedDecision"),
        input_decisions=_hrefs(element, "inputDecision"),
        input_data=_hrefs(element, "inputData"),
    )


_ELEMENTS: Mapping[str, Callable[[Element], Named]] = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _knowledge,
    "decisionService": _service,
}


# -- expressions ------------------------------------------------------------------------------------------------------


def _inner(element: Element | None) -> Box | None:
    """The expression inside an element, if there is one."""
    found = element.first(*_EXPRESSIONS) if element is not None else None
    return _box(found) if found is not None else None


def _box(element: Element) -> Box:
    return _BOXES[element.tag](element)


def _literal(element: Element) -> Literal:
    text = element.first("text")
    return Literal(
        id=element.id,
        line=element.line,
        type_ref=_type(element),
        text=text.text if text is not None else "",
        language="another file" if element.first("importedValues") is not None else element.get("expressionLanguage"),
    )


def _parameter(element: Element) -> Parameter:
    return Parameter(id=element.id, line=element.line, name=_name(element), type_ref=_type(element))


def _context(element: Element) -> ContextBox:
    return ContextBox(
        id=element.id, line=element.line, type_ref=_type(element), entries=tuple(_entry(one) for one in element.all("contextEntry"))
    )


def _entry(element: Element) -> Entry:
    variable = element.first("variable")
    name = _name(variable) if variable is not None else None
    return Entry(id=element.id, line=element.line, name=name, type_ref=_type(variable), value=_inner(element))


def _list(element: Element) -> ListBox:
    items = tuple(_box(one) for one in element.all(*_EXPRESSIONS))
    return ListBox(id=element.id, line=element.line, type_ref=_type(element), items=items)


def _relation(element: Element) -> RelationBox:
    columns = tuple(
        Entry(id=one.id, line=one.line, name=_name(one), type_ref=_type(one), value=None) for one in element.all("column")
    )
    rows = tuple(tuple(_box(cell) for cell in row.all(*_EXPRESSIONS)) for row in element.all("row"))
    return RelationBox(id=element.id, line=element.line, type_ref=_type(element), columns=columns, rows=rows)


def _binding(element: Element) -> Entry:
    parameter = element.first("parameter")
    name = _name(parameter) if parameter is not None else ""
    return Entry(id=element.id, line=element.line, name=name, type_ref=_type(parameter), value=_inner(element))


def _invocation(element: Element) -> InvocationBox:
    return InvocationBox(
        id=element.id,
        line=element.line,
        type_ref=_type(element),
        function=_inner(element),
        bindings=tuple(_binding(one) for one in element.all("binding")),
    )


def _function(element: Element) -> FunctionBox:
    return FunctionBox(
        id=element.id,
        line=element.line,
        type_ref=_type(element),
        parameters=tuple(_parameter(one) for one in element.all("formalParameter")),
        body=_inner(element),
        kind=element.get("kind") or "FEEL",
    )


def _conditional(element: Element) -> ConditionalBox:
    condition, then, otherwise = (_inner(element.first(tag)) for tag in ("if", "then", "else"))
    return ConditionalBox(
        id=element.id, line=element.line, type_ref=_type(element), condition=condition, then=then, otherwise=otherwise
    )


def _filter(element: Element) -> FilterBox:
    source, match = _inner(element.first("in")), _inner(element.first("match"))
    return FilterBox(id=element.id, line=element.line, type_ref=_type(element), source=source, match=match)


def _iterator(element: Element) -> IteratorBox:
    return IteratorBox(
        id=element.id,
        line=element.line,
        type_ref=_type(element),
        kind=element.tag,
        variable=" ".join((element.get("iteratorVariable") or "").split()),
        source=_inner(element.first("in")),
        body=_inner(element.first("return", "satisfies")),
    )


def _table(element: Element) -> TableBox:
    return TableBox(
        id=element.id,
        line=element.line,
        type_ref=_type(element),
        hit_policy=element.get("hitPolicy") or "UNIQUE",
        aggregation=element.get("aggregation"),
        inputs=tuple(_input(one) for one in element.all("input")),
        outputs=tuple(_output(one) for one in element.all("output")),
        rules=tuple(_rule(one) for one in element.all("rule")),
    )


def _input(element: Element) -> Input:
    expression = element.first("inputExpression")
    literal = _literal(expression) if expression is not None else Literal(id=element.id, line=element.line, text=element.get("label") or "")
    allowed = _text(element.first("inputValues"))
    return Input(id=element.id, line=element.line, label=element.get("label"), expression=literal, allowed=allowed)


def _output(element: Element) -> Output:
    default = element.first("defaultOutputEntry")
    name = element.get("name")
    return Output(
        id=element.id,
        line=element.line,
        name=" ".join(name.split()) if name else None,
        label=element.get("label"),
        type_ref=_type(element),
        allowed=_text(element.first("outputValues")),
        default=_literal(default) if default is not None else None,
    )


def _rule(element: Element) -> Rule:
    description = element.first("description")
    return Rule(
        id=element.id,
        line=element.line,
        conditions=tuple(Cell(id=one.id, line=one.line, text=_text(one) or "") for one in element.all("inputEntry")),
        conclusions=tuple(_literal(one) for one in element.all("outputEntry")),
        annotations=tuple(_text(one) or "" for one in element.all("annotationEntry")),
        description=description.text.strip() if description is not None else None,
    )


_BOXES: Mapping[str, Callable[[Element], Box]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "invocation": _invocation,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iterator,
    "some": _iterator,
    "every": _iterator,
}
