"""FEEL expressions and DMN decisions (DMN 1.5). `passerelle_feel.feel` and `passerelle_feel.dmn` hold the rest."""
from .dmn import DmnError, Model, Outcome, Problem, explain, read_model
from .feel import (
    Expression,
    FeelError,
    Function,
    Limits,
    Range,
    Trace,
    YearsMonths,
    compile_expression,
    compile_unary_tests,
    evaluate_unary_tests,
    to_json,
    to_text,
    trace,
)

__all__ = [
    "DmnError",
    "Expression",
    "FeelError",
    "Function",
    "Limits",
    "Model",
    "Outcome",
    "Problem",
    "Range",
    "Trace",
    "YearsMonths",
    "compile_expression",
    "compile_unary_tests",
    "evaluate_unary_tests",
    "explain",
    "read_model",
    "to_json",
    "to_text",
    "trace",
]
