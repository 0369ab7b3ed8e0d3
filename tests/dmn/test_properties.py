"""Promises for any file and any inputs at all."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import example, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from engine.dmn import DmnError, explain, read_model
from engine.feel import Limits, to_text

from .files import decision, file, given, item, requires, table, text

WHOLE = file(
    item("tAge", "<typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues>"),
    given("age", "tAge"),
    given("risk", "string"),
    decision("rate", table(["age", "risk"], ["a", "b"], ['< 18 | - : 0 | "x"', '>= 18 | "low" : 2.5 | risk'], "COLLECT"), requires("age", "risk")),
    decision("sum", text("sum(rate.a)"), requires("rate", kind="requiredDecision")),
    '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
    f"{text('n * 2')}</encapsulatedLogic></businessKnowledgeModel>",
    '<decisionService id="s" name="s"><outputDecision href="#sum"/><inputDecision href="#rate"/></decisionService>',
    decision("boxed", f"<context><contextEntry><variable name='x'/>{text('f(3)')}</contextEntry></context>", requires("f", tag="knowledgeRequirement", kind="requiredKnowledge")),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=6) | st.dates() | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
LIMITS = Limits(steps=5_000, seconds=0.5)


def ask_everything(model, inputs):
    for element in [*model.units, "age", "nobody"]:
        try:
            outcome = model.evaluate(element, inputs, traced=True, json=True, limits=LIMITS)
        except DmnError as error:
            assert error.problems
        else:
            assert isinstance(to_text(outcome.value), str)
            assert all(isinstance(line, str) for line in explain(model, outcome))


@settings(max_examples=150, deadline=None)
@for_all(st.dictionaries(st.sampled_from(["age", "risk", "rate", "n"]), VALUES, max_size=4))
@example({"age": Decimal("NaN"), "risk": timedelta(1)})
def test_no_inputs_raise_anything_but_the_models_own_error(inputs):
    ask_everything(read_model(WHOLE), inputs)


@settings(max_examples=250, deadline=None)
@for_all(st.data())
def test_no_file_raises_anything_but_the_models_own_error(data):
    start = data.draw(st.integers(0, len(WHOLE) - 1))
    length = data.draw(st.integers(0, 60))
    patch = data.draw(st.text(max_size=5) | st.sampled_from(["<text/>", "</decision>", "<list/>", '"', "sum(", "#rate", "tAge", "COLLECT", "<rule/>", "<for/>"]))

    try:
        model = read_model(WHOLE[:start] + patch + WHOLE[start + length :])
    except DmnError as error:
        assert str(error)
        return

    assert all(problem.message for problem in (*model.problems, *model.warnings))
    ask_everything(model, {"age": 20, "risk": "low"})
