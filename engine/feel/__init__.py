"""Expressions: FEEL (DMN 1.5, chapter 10) compiled to closures. Pure: imports nothing of the rest."""
from .errors import FeelError
from .expressions import Expression, compile_expression, compile_unary_tests, evaluate_unary_tests
from .limits import Limits
from .texts import to_json, to_text
from .tracing import Trace, trace
from .values import Function, Range, YearsMonths

__all__ = [
    "Expression",
    "FeelError",
    "Function",
    "Limits",
    "Range",
    "Trace",
    "YearsMonths",
    "compile_expression",
    "compile_unary_tests",
    "evaluate_unary_tests",
    "to_json",
    "to_text",
    "trace",
]
