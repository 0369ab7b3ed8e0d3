"""Decisions: DMN 1.1 to 1.5 read, checked and evaluated. Pure: knows only FEEL beside it."""
from .errors import DmnError, Problem
from .explanations import explain
from .libraries import Model, read_model
from .traces import DecisionTrace, InputTrace, Outcome, RuleTrace, TableTrace

__all__ = [
    "DecisionTrace",
    "DmnError",
    "InputTrace",
    "Model",
    "Outcome",
    "Problem",
    "RuleTrace",
    "TableTrace",
    "explain",
    "read_model",
]
