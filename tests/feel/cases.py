"""How the promises of the expression language are asked: text in, value out, and the warnings on the way."""

from datetime import UTC, datetime

from engine.feel import compile_expression

NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


def value(source, names=(), **scope):
    return compile_expression(source, names).evaluate(scope, now=lambda: NOON)


def warnings(source, **scope):
    told = []
    assert compile_expression(source).evaluate(scope, on_warning=told.append) is None
    return told
