"""What can be done with texts; positions count characters from 1, negative ones from the end."""
from __future__ import annotations

from collections.abc import Callable

from .. import patterns
from ..errors import UnfitError
from ..limits import Run
from ..sentences import say
from ..values import Value, as_integer, kind
from .signatures import EXTENSIONS, Table

_A_POSITION = say("a position")
STRINGS = Table("Texts")


@STRINGS("substring(string: string, start position: number, length?: number)")
def substring(run: Run, text: str, start: Value, length: Value = None) -> Value:
    """The characters from a position on, at most `length` of them.

    substring("passerelle", -4, 3) = "ell"
    """
    place = as_integer(start, _A_POSITION)
    if place == 0 or abs(place) > len(text):
        raise UnfitError(say("There is no position {place} in a text of {count} characters", place=place, count=len(text)))
    first = place - 1 if place > 0 else len(text) + place
    if length is None:
        return text[first:]
    many = int(length) if abs(length) < 10**9 else len(text)
    if many < 1:
        raise UnfitError(say("Expected a length of at least 1"))
    return text[first : first + many]


def _searched(search: Callable[[str, str], Value]) -> Callable[[Run, str, str], Value]:
    return lambda run, text, match: search(text, match)


def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


_SEARCHES: dict[str, tuple[Callable[[str, str], Value], str, str]] = {
    "substring before": (_before, "What stands before the first match, or nothing.", 'substring before("2026-01", "-") = "2026"'),
    "substring after": (_after, "What stands after the first match, or nothing.", 'substring after("2026-01", "-") = "01"'),
    "contains": (lambda text, match: match in text, "Whether the match occurs in the text.", 'contains("bridge", "rid") = true'),
    "starts with": (lambda text, match: text.startswith(match), "Whether the text starts so.", 'starts with("bridge", "br") = true'),
    "ends with": (lambda text, match: text.endswith(match), "Whether the text ends so.", 'ends with("bridge", "ge") = true'),
}
for _name, (_search, _about, _example) in _SEARCHES.items():
    STRINGS(f"{_name}(string: string, match: string)", about=f"{_about}\n\n{_example}")(_searched(_search))


@STRINGS("string length(string: string)")
def string_length(run: Run, text: str) -> Value:
    """The number of characters (code points).

    string length("bridge") = 6
    """
    return len(text)


@STRINGS("upper case(string: string)")
def upper_case(run: Run, text: str) -> Value:
    """The text in capitals.

    upper case("Bridge") = "BRIDGE"
    """
    return run.checked_text(text.upper())


@STRINGS("lower case(string: string)")
def lower_case(run: Run, text: str) -> Value:
    """The text in small letters.

    lower case("Bridge") = "bridge"
    """
    return run.checked_text(text.lower())


@EXTENSIONS("trim(string: string)")
def trim(run: Run, text: str) -> Value:
    """The text without white space around it.

    trim("  bridge ") = "bridge"
    """
    return text.strip()


@STRINGS("matches(input: string, pattern: string, flags?: string?)")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> Value:
    """Whether the pattern (XPath regular expression) occurs in the text.

    matches("A-1234", "^[A-Z]-[0-9]{4}$") = true
    """
    return patterns.pattern(pattern, flags or "").first(text, run) is not None


@STRINGS("replace(input: string, pattern: string, replacement: string, flags?: string?)")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    r"""The text with every match of the pattern replaced; $1 to $9 stand for its groups.

    replace("Doe, Jane", "(\w+), (\w+)", "$2 $1") = "Jane Doe"
    """
    return patterns.replaced(patterns.pattern(pattern, flags or ""), text, replacement, run)


@STRINGS("split(string: string, delimiter: string)")
def split(run: Run, text: str, delimiter: str) -> Value:
    """The parts between the matches of a pattern.

    split("a;b;;c", ";") = ["a", "b", "", "c"]
    """
    return patterns.parts(patterns.pattern(delimiter, ""), text, run)


@EXTENSIONS("extract(string: string, pattern: string)")
def extract(run: Run, text: str, pattern: str) -> Value:
    """All matches of a pattern.

    extract("this is 1 and that is 22", "[0-9]+") = ["1", "22"]
    """
    compiled = patterns.pattern(pattern, "")
    return [text[found[0] : found[1]] for found in patterns.all_matches(compiled, text, run)]


@STRINGS("string join(list: list, delimiter?: string?)")
@EXTENSIONS("string join(list: list, delimiter: string?, prefix: string?, suffix: string?)")
def string_join(run: Run, items: list[Value], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None) -> Value:
    """The texts of a list as one, nulls left out.

    string join(["a", null, "b"], ", ") = "a, b"
    """
    run.charge_items(len(items))
    texts = [item for item in items if item is not None]
    for item in texts:
        if type(item) is not str:
            raise UnfitError(say("Expected a list of texts, found a {kind} in it", kind=kind(item)))
    between = delimiter or ""
    size = sum(len(item) for item in texts) + len(between) * len(texts)
    if size > run.limits.characters:
        run.checked_text(" " * (run.limits.characters + 1))
    return run.checked_text(f"{prefix or ''}{between.join(texts)}{suffix or ''}")
