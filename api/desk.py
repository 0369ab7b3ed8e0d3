"""Commands for the desk of whoever writes expressions and decisions: they need no server and no database."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from engine import dmn, feel, json_text

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=str)


def add_to(main: click.Group) -> None:
    """Gives the commands of this file to the command line."""
    main.add_command(evaluate)
    main.add_command(decide)


@click.command("feel")
@click.argument("expression")
@click.option("--context", "context_file", type=_JSON, help="A JSON file with the variables; - reads them from the input.")
@click.option("--test", "tested", metavar="JSON", help="Read EXPRESSION as the cell of a decision table, and test this value.")
@click.option("--explain", "explained", is_flag=True, help="Say what every part of the expression gave.")
def evaluate(expression: str, context_file: str | None, tested: str | None, explained: bool) -> None:
    """Evaluate a FEEL expression, and say what became null and why."""
    scope = _variables(context_file)
    told: list[str] = []
    try:
        if explained and tested is None:
            for part in feel.trace(expression, scope, scope, now=_now).parts:
                click.echo(f"{' '.join(part.text.split())} is {_shown(part.value)}")
        if tested is not None:
            scope["?"] = _json(tested, "--test")
            compiled = feel.compile_unary_tests(expression, scope)
        else:
            compiled = feel.compile_expression(expression, scope)
        value = compiled.evaluate(scope, now=_now, on_warning=told.append)
    except feel.FeelError as error:
        raise click.ClickException(_pointed_at(expression, error)) from error
    for warning in told:
        click.echo(f"Note: {warning}", err=True)
    click.echo(_written(value))


@click.command()
@click.argument("file", type=_FILE)
@click.option("--decision", help="Its id or name; a decision service or business knowledge model too. Without: the only one there is.")
@click.option("--input", "input_file", type=_JSON, help="A JSON file with the inputs by name; - reads them from the input.")
@click.option("--explain", "explained", is_flag=True, help="Say which rules matched, and why the others did not.")
def decide(file: Path, decision: str | None, input_file: str | None, explained: bool) -> None:
    """Make a decision of a DMN file. Models that it imports are looked for beside it."""
    try:
        model = dmn.read_model(file.read_bytes(), _beside(file))
        for warning in model.warnings:
            click.echo(f"Warning: {warning}", err=True)
        outcome = model.evaluate(
            decision or _only_one(model),
            _variables(input_file),
            now=_now,
            traced=explained,
            json=True,
            open=True,  # as it will be asked once it is deployed
        )
    except dmn.DmnError as error:
        raise click.ClickException("\n".join(str(problem) for problem in error.problems)) from error
    if explained:
        for line in dmn.explain(model, outcome):
            click.echo(line)
    else:
        for problem in outcome.problems:
            click.echo(f"Note: {problem}", err=True)
    click.echo(_written(outcome.value))


def _beside(file: Path) -> list[bytes]:
    return [other.read_bytes() for other in sorted(file.parent.glob("*.dmn")) if other != file and b"<import" in file.read_bytes()]


def _only_one(model: dmn.Model) -> str:
    """The decision that nobody else needs, if there is one only."""
    needed = {href.rpartition("#")[2] for one in model.definitions.elements.values() for href in one.requires}
    last = [one for one in model.decisions if one.id not in needed]
    if len(last) != 1:
        names = ", ".join(f"'{one.name}'" for one in model.decisions)
        raise click.ClickException(f"Expected --decision with one of {names or 'no decisions'}.")
    return last[0].id or last[0].name


def _variables(file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    found = _json(text, file)
    if not isinstance(found, dict):
        raise click.ClickException(f"Expected an object of names and values in {file}.")
    return found


def _json(text: str, where: str) -> Any:
    try:
        return json_text.loads(text)
    except json_text.NotJson as error:
        raise click.ClickException(f"Expected JSON in {where}: {error}") from error


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def _shown(value: Any) -> str:
    text = feel.to_text(value) if not isinstance(value, str) else json_text.dumps(value)
    return text if len(text) <= 200 else f"{text[:199]}…"


def _written(value: Any) -> str:
    """JSON where the value has a word in it; ranges and functions as FEEL writes them."""
    try:
        return json_text.dumps(feel.to_json(value))
    except feel.FeelError:
        return feel.to_text(value)


def _pointed_at(source: str, error: feel.FeelError) -> str:
    """The message, and below it the line of the source with a mark under what was found."""
    if error.position is None or error.line is None or error.column is None:
        return error.message
    line = source.split("\n")[error.line - 1]
    width = max(1, min(error.position[1] - error.position[0], len(line) - error.column + 1))
    return f"{error.message}\n  {line}\n  {' ' * (error.column - 1)}{'^' * width}"
