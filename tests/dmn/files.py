"""Small decision models as text, so that a test shows the whole of what it is about."""

from datetime import UTC, datetime

from engine.dmn import read_model

NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text):
    return "".join(ENTITIES.get(character, character) for character in str(text))


def file(*parts, namespace="urn:test", xmlns=NAMESPACE, declarations=""):
    return f'<definitions xmlns="{xmlns}" {declarations} id="d" name="test" namespace="{namespace}">{"".join(parts)}</definitions>'


def text(source, tag="literalExpression", attributes=""):
    return f"<{tag} {attributes}><text>{escaped(source)}</text></{tag}>"


def requires(*ids, tag="informationRequirement", kind="requiredInput"):
    return "".join(f'<{tag}><{kind} href="#{one}"/></{tag}>' for one in ids)


def given(name, type_ref="Any", id=None):
    return f'<inputData id="{id or name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/></inputData>'


def decision(name, logic, needs="", type_ref="Any", id=None):
    return f'<decision id="{id or name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/>{needs}{logic}</decision>'


def item(name, inside, attributes=""):
    return f'<itemDefinition name="{name}" {attributes}>{inside}</itemDefinition>'


def table(inputs, outputs, rules, policy="UNIQUE", attributes=""):
    """`inputs` and `outputs` are texts or (text, allowed values) pairs; a rule is a line `condition | ... : conclusion | ...`."""

    def column(one, tag, allowed_tag):
        name, allowed = one if isinstance(one, tuple) else (one, None)
        values = text(allowed, allowed_tag) if allowed else ""
        if tag == "output":
            return f'<output id="out {name}" name="{name}">{values}</output>'
        return f'<input id="in {name}">{text(name, "inputExpression")}{values}</input>'

    def rule(number, line):
        conditions, _, conclusions = line.rpartition(" : ")
        cells = "".join(text(cell.strip(), "inputEntry") for cell in conditions.split("|") if inputs)
        answers = "".join(text(cell.strip(), "outputEntry") for cell in conclusions.split("|"))
        return f'<rule id="rule{number}">{cells}{answers}</rule>'

    return (
        f'<decisionTable id="table" hitPolicy="{policy}" {attributes}>'
        + "".join(column(one, "input", "inputValues") for one in inputs)
        + "".join(column(one, "output", "outputValues") for one in outputs)
        + "".join(rule(number, line) for number, line in enumerate(rules, 1))
        + "</decisionTable>"
    )


def model(*parts, others=(), **how):
    return read_model(file(*parts, **how), others)


def answer(decision_model, element, **inputs):
    return decision_model.evaluate(element, inputs, now=lambda: NOON).value


def value_of(logic, type_ref="Any", **inputs):
    """The value of one decision with this logic that requires all the inputs."""
    parts = [given(name) for name in inputs]
    made = model(*parts, decision("answer", logic, requires(*inputs), type_ref))
    assert not made.problems, made.problems
    return answer(made, "answer", **inputs)
