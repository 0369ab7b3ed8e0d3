"""Writes the reference of the built-ins out of their docstrings: `python -m engine.feel.reference > docs/feel.md`."""
from __future__ import annotations

from collections.abc import Iterator

from .builtins import EXTENSIONS, STANDARD, Builtin
from .limits import DEFAULT_LIMITS

_HEAD = """# FEEL

The language of all expressions: conditions, mappings, tables, forms. It is FEEL as DMN 1.5 (chapter 10) defines it, with the functions
that Camunda 8 adds. This page is written by `python -m engine.feel.reference`; every example is tested.

- **Try it**: `passerelle feel 'for x in 1..3 return x * 2'`, with variables from `--context file.json`; `--explain` tells what every part
  gave. A table's cell is tried with `--test 5`. `passerelle decide rates.dmn --input in.json --explain` makes a decision and says which
  rules matched, and why the others did not.
- **Numbers** are decimal, with 34 digits; 0.1 + 0.2 is 0.3. A whole number beyond that is rounded.
- **Null** is the answer wherever values do not fit; the evaluation goes on, and a note says where and why. `and` and `or` know three
  values: true, false and null.
- **Names** may have spaces and symbols. Those with symbols are read as one name only where somebody declares them; backquotes always
  work: `` `line-items` ``.
- **Dates** are of any year from -999999999 to 999999999, times have nanoseconds, zones are offsets or IANA names (`@Europe/Paris`).
- **Patterns** are those of XPath. None of them can hang.
- **Limits** of one evaluation: {steps:,} steps, {seconds:g} s, {depth} calls deep, {items:,} items of a list, {characters:,} characters of
  a text.
- **External functions** (Java, PMML) are never run.

In the signatures, `name?` may be left out, `type?` may be null, `any` is any value or null, and `...` means one list or several values.
"""


def reference() -> str:
    """The page as Markdown."""
    head = _HEAD.format(
        steps=DEFAULT_LIMITS.steps,
        seconds=DEFAULT_LIMITS.seconds,
        depth=DEFAULT_LIMITS.depth,
        items=DEFAULT_LIMITS.items,
        characters=DEFAULT_LIMITS.characters,
    )
    parts = [head]
    for family in (*STANDARD, EXTENSIONS):
        parts.append(f"## {family.title}\n")
        parts += [_section(builtin) for builtin in family.builtins.values()]
    return "\n".join(parts)


def _section(builtin: Builtin) -> str:
    lines = [f"### {builtin.name}\n"]
    by_text: dict[str, list[str]] = {}
    for signature in builtin.signatures:
        by_text.setdefault(signature.about, []).append(signature.declaration)
    for about, declarations in by_text.items():
        text, _, example = about.rpartition("\n\n")
        signatures = " or ".join(f"`{one}`" for one in declarations)
        lines.append(f"{signatures}\n\n{text}\n\n```feel\n{example}\n```\n")
    return "\n".join(lines)


def examples() -> Iterator[tuple[str, str]]:
    """The name and the example of every built-in; each is an expression that is true."""
    for family in (*STANDARD, EXTENSIONS):
        for builtin in family.builtins.values():
            for signature in builtin.signatures:
                yield builtin.name, signature.about.rpartition("\n\n")[2]


if __name__ == "__main__":
    print(reference(), end="")
