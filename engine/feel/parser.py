"""Reads an expression into its tree: operators by binding power, everything else by its first word."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import DecimalException
from typing import NoReturn, TypeVar

from .errors import FeelError, syntax_error
from .names import KEYWORDS, NAME_SYMBOLS, KnownNames, run_of_words, spelled
from .sentences import say
from .syntax import (
    Arithmetic,
    AtLiteral,
    Between,
    Call,
    Comparison,
    ContextOf,
    External,
    Filter,
    For,
    FunctionLiteral,
    If,
    In,
    InstanceOf,
    Interval,
    Iterator,
    ListOf,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    Span,
    TypeOf,
    UnaryComparison,
    UnaryTests,
)
from .tokens import Token, text_of, tokens_of
from .values import DECIMAL

T = TypeVar("T")
DEEPEST = 100  # levels of nesting; each takes a few Python frames here, and one or more when it runs
LONGEST_CHAIN = 150  # a + b + c ... leans to the left: one level for each operator when it runs

# Binding powers (DMN 1.5, 10.3.1.2, lowest first)
OR, AND, COMPARISON, ADDITION, MULTIPLICATION, POWER, NEGATION, INSTANCE, POSTFIX = range(1, 10)
_POWERS = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "between", "in"), COMPARISON),
    "+": ADDITION,
    "-": ADDITION,
    "*": MULTIPLICATION,
    "/": MULTIPLICATION,
    "**": POWER,
    "instance": INSTANCE,
    **dict.fromkeys((".", "[", "("), POSTFIX),
}
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_WORD_OPERATORS = frozenset({"or", "and", "between", "in", "instance"})
_CANNOT_START = frozenset({")", "]", "}", ",", ":", "..", "then", "else", "and", "or", "return", "satisfies", "in", "between", "=", "!="})
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_TYPES_OF_SEVERAL_WORDS = (
    ("years", "and", "months", "duration"),
    ("year", "and", "month", "duration"),
    ("days", "and", "time", "duration"),
    ("day", "and", "time", "duration"),
    ("date", "and", "time"),
)


def parse(source: str, builtins: KnownNames, names: Iterable[str] = (), properties: Iterable[str] = ()) -> Node:
    """The tree of an expression. Raises FeelError for anything that is not one.

    `names` are known variables, `properties` known entries of contexts: both only matter where a name has spaces or symbols.
    """
    return _reading(source, builtins, names, properties, lambda parser: parser.expression())


def parse_unary_tests(source: str, builtins: KnownNames, names: Iterable[str] = (), properties: Iterable[str] = ()) -> UnaryTests:
    """The tree of a decision table's cell. Raises FeelError for anything that is not one."""
    return _reading(source, builtins, names, properties, lambda parser: parser.unary_tests())


def parse_type(source: str) -> TypeOf:
    """The type that a text such as `list<number>` names. Raises FeelError for anything that is none."""
    return _reading(source, KnownNames(), (), (), lambda parser: parser.type())


def _reading(
    source: str,
    builtins: KnownNames,
    names: Iterable[str],
    properties: Iterable[str],
    read: Callable[[Parser], T],
) -> T:
    try:
        parser = Parser(source, builtins, names, properties)
        tree = read(parser)
        parser.expect_end()
        return tree
    except RecursionError:
        raise FeelError(say("The expression is nested too deeply."), (0, len(source)), 1, 1)


class Parser:
    """One walk over the tokens of one source."""

    def __init__(self, source: str, builtins: KnownNames, names: Iterable[str], properties: Iterable[str] = ()) -> None:
        self.source = source
        self.tokens = tokens_of(source)
        self.position = 0
        self.depth = 0
        self.builtins = builtins
        self.known = KnownNames(names)  # grows by what the expression itself declares
        self.properties = KnownNames(properties)
        self.filters = 0  # how many filters stand around this place: there, entries of the items are names too

    # -- tokens ---------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, count: int = 1) -> Token:
        return self.tokens[min(self.position + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.position += 1
        return token

    def at(self, text: str) -> bool:
        return self.token.text == text and self.token.kind in ("symbol", "name")

    def accept(self, text: str) -> bool:
        if not self.at(text):
            return False
        self.position += 1
        return True

    def expect(self, text: str, purpose: str) -> Token:
        if not self.at(text):
            self.fail(say("'{text}' {purpose}", text=text, purpose=purpose))
        return self.take()

    def expect_end(self) -> None:
        if self.token.kind != "end":
            self.fail(say("an operator or the end of the expression"))

    def _too_deep(self) -> FeelError:
        most = say("at most {most} levels of nesting", most=DEEPEST)
        return syntax_error(self.source, self.token.span, say("one more level"), most)

    def fail(self, expected: str) -> NoReturn:
        raise syntax_error(self.source, self.token.span, str(self.token), expected)

    def since(self, start: int) -> Span:
        return (start, self.tokens[self.position - 1].end if self.position else start)

    # -- expressions ------------------------------------------------------------------------------------------------

    def expression(self, power: int = 0) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._too_deep()
        left = self.continued(self.prefix(), power)
        self.depth -= 1
        return left

    def continued(self, left: Node, power: int) -> Node:
        """The operators that follow an operand, as long as they bind more strongly than `power`."""
        chain = 0
        while True:
            operator = self.token.text
            if self.token.kind not in ("symbol", "name") or _POWERS.get(operator, 0) <= power:
                return left
            if operator == "[" and self._closes_range():
                return left
            if operator == "instance" and self.ahead().text != "of":
                return left
            chain += 1
            if chain > LONGEST_CHAIN:
                most = say("at most {most} operators in a row", most=LONGEST_CHAIN)
                raise syntax_error(self.source, self.token.span, say("one more operator"), most)
            left = self.infix(left, operator)

    def _closes_range(self) -> bool:
        """Whether `[` is the open end of `[1..5[`: nothing that could be a filter follows."""
        following = self.ahead()
        return following.kind == "end" or (following.kind in ("symbol", "name") and following.text in _CANNOT_START)

    def infix(self, left: Node, operator: str) -> Node:
        start = left.span[0]
        power = _POWERS[operator]
        special = self._INFIX.get(operator)
        if special is not None:
            return special(self, left)
        self.take()
        right = self.expression(power)
        if operator in COMPARISONS:
            return Comparison(operator, left, right, span=self.since(start))
        return Arithmetic(operator, left, right, span=self.since(start))

    def logic(self, left: Node) -> Node:
        operator = self.token.text
        operands = [left]
        while self.accept(operator):
            operands.append(self.expression(_POWERS[operator]))
        return Logic(operator, tuple(operands), span=self.since(left.span[0]))

    def between(self, value: Node) -> Node:
        self.take()
        low = self.expression(COMPARISON)
        self.expect("and", say("between the two bounds of 'between'"))
        high = self.expression(COMPARISON)
        return Between(value, low, high, span=self.since(value.span[0]))

    def contained(self, value: Node) -> Node:
        self.take()
        if self.at("("):
            tests = self.parenthesised(several=True)
            if len(tests) == 1:
                tests = (self.continued(tests[0], COMPARISON),)
        else:
            tests = (self.test(),)
        return In(value, tests, span=self.since(value.span[0]))

    def instance(self, value: Node) -> Node:
        self.take()
        self.take()
        return InstanceOf(value, self.type(), span=self.since(value.span[0]))

    def path(self, source: Node) -> Node:
        self.take()
        return Path(source, self.name(say("the name of a property after '.'"), property=True), span=self.since(source.span[0]))

    def filter(self, source: Node) -> Node:
        self.take()
        self.filters += 1
        condition = self.expression()
        self.filters -= 1
        self.expect("]", say("at the end of the filter"))
        return Filter(source, condition, span=self.since(source.span[0]))

    def call(self, function: Node) -> Node:
        self.take()
        arguments: list[Node] = []
        names: list[str] = []
        while not self.at(")"):
            label = self._label()
            if arguments and bool(label) is not bool(names):
                self.fail(say("either a name for every argument or for none"))
            if label:
                names.append(label)
            arguments.append(self.expression())
            if not self.accept(","):
                break
            if self.at(")"):
                self.fail(say("an argument after ','"))
        self.expect(")", say("after the arguments"))
        return Call(function, tuple(arguments), tuple(names), span=self.since(function.span[0]))

    def _label(self) -> str:
        """The name before `:` in a call with named arguments, if there is one."""
        end = self.position
        while self.tokens[end].kind == "name":
            end += 1
        if end == self.position or self.tokens[end].text != ":":
            return ""
        label = " ".join(token.text for token in self.tokens[self.position : end])
        self.position = end + 1
        return label

    _INFIX: Mapping[str, Callable[[Parser, Node], Node]] = {
        "and": logic,
        "or": logic,
        "between": between,
        "in": contained,
        "instance": instance,
        ".": path,
        "[": filter,
        "(": call,
    }

    # -- operands -------------------------------------------------------------------------------------------------

    def prefix(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "string":
            self.take()
            return Literal(text_of(token, self.source), "string", span=token.span)
        known = self._known_here() if token.kind == "name" else 0
        if known < 2 and token.kind in ("symbol", "name"):
            special = self._PREFIX.get(token.text)
            if special is not None:
                return special(self)
        if token.kind in ("name", "quoted"):
            return Name(self.name(say("a value")), span=self.since(token.start))
        self.fail(say("a value or a name") if token.text in _CANNOT_START or token.kind == "end" else say("a value, a name or '('"))

    def _known_here(self) -> int:
        return max(self.known.longest(self.tokens, self.position)[1], self._builtin_here()[1])

    def _builtin_here(self) -> tuple[str, int]:
        """A built-in's name. One with `and` or `or` inside counts only where it is called: `date and time` may be two flags."""
        name, length = self.builtins.longest(self.tokens, self.position)
        if length > 1 and self.ahead(length).text != "(":
            words = self.tokens[self.position : self.position + length]
            if any(word.text in KEYWORDS for word in words):
                return "", 0
        return name, length

    def number(self) -> Node:
        token = self.take()
        if token.text.isdigit() and len(token.text) <= 34:
            return Literal(int(token.text), "number", span=token.span)
        try:
            return Literal(DECIMAL.create_decimal(token.text), "number", span=token.span)
        except DecimalException:
            raise syntax_error(self.source, token.span, str(token), say("a number of at most 6144 digits"))

    def constant(self) -> Node:
        token = self.take()
        return Literal(_LITERALS[token.text], token.text, span=token.span)

    def at_literal(self) -> Node:
        start = self.take().start
        if self.token.kind != "string":
            self.fail(say('a date, time or duration in quotes after "@"'))
        return AtLiteral(text_of(self.take(), self.source), span=self.since(start))

    def negation(self) -> Node:
        start = self.take().start
        operand = self.expression(NEGATION - 1)
        return Negation(operand, span=self.since(start))

    def brackets(self) -> Node:
        """A list or a range: which one, shows after the first item."""
        start = self.take().start
        items: list[Node] = []
        while not self.at("]"):
            items.append(self.test_or_expression())
            if len(items) == 1 and self.at(".."):
                return self.interval(items[0], start, low_included=True)
            if not self.accept(","):
                break
            if self.at("]"):
                self.fail(say("an item after ','"))
        self.expect("]", say("at the end of the list"))
        return ListOf(tuple(items), span=self.since(start))

    def open_interval(self) -> Node:
        start = self.take().start
        low = self.expression()
        if not self.at(".."):
            self.fail(say("'..' between the two ends of a range"))
        return self.interval(low, start, low_included=False)

    def interval(self, low: Node, start: int, *, low_included: bool) -> Node:
        self.take()
        high = self.expression()
        if not (self.at("]") or self.at(")") or self.at("[")):
            self.fail(say("']' or ')' at the end of the range"))
        closing = self.take().text
        return Interval(low, high, low_included, closing == "]", span=self.since(start))

    def parentheses(self) -> Node:
        return self.parenthesised(several=False)[0]

    def parenthesised(self, *, several: bool) -> tuple[Node, ...]:
        """What stands in ( ): one expression, a range with open start, or (after `in`) several tests."""
        start = self.take().start
        tests = [self.test_or_expression()]
        if self.at(".."):
            return (self.interval(tests[0], start, low_included=False),)
        while several and self.accept(","):
            tests.append(self.test_or_expression())
        self.expect(")", say("to close '('"))
        return tuple(tests)

    def context(self) -> Node:
        start = self.take().start
        entries: list[tuple[str, Node]] = []
        keys: set[str] = set()
        while not self.at("}"):
            key_token = self.token
            key = self.key()
            if key in keys:
                raise syntax_error(self.source, key_token.span, say("a second entry '{key}'", key=key), say("every name once in a context"))
            keys.add(key)
            self.expect(":", say("after the name of an entry"))
            entries.append((key, self.expression()))
            if not self.accept(","):
                break
            if self.at("}"):
                self.fail(say("an entry after ','"))
        self.expect("}", say("at the end of the context"))
        return ContextOf(tuple(entries), span=self.since(start))

    def key(self) -> str:
        if self.token.kind == "string":
            return text_of(self.take(), self.source)
        return self.declared((":",), say("the name of an entry"))

    def declared(self, ends: tuple[str, ...], what: str) -> str:
        """A name that is being introduced: everything up to what must follow it."""
        first = self.position
        if self.token.kind == "quoted":
            return self.take().text.strip("`")
        if self.token.kind != "name":
            self.fail(what)
        while self.token.kind in ("name", "number") or (self.token.kind == "symbol" and self.token.text in NAME_SYMBOLS):
            if self.position > first and self.token.text in ends:
                break
            self.take()
        name = spelled(self.tokens[first : self.position])
        if self.position - first > 1:
            self.known.add(name)
        return name

    def name(self, expected: str, *, property: bool = False) -> str:
        """A name that is used: the longest known one, else all the words that stand side by side."""
        token = self.token
        if token.kind == "quoted":
            return self.take().text.strip("`")
        if token.kind != "name":
            self.fail(expected)
        known, length = self.known.longest(self.tokens, self.position)
        if property or self.filters:
            entry, entry_length = self.properties.longest(self.tokens, self.position)
            if entry_length > length:
                known, length = entry, entry_length
        if not property:
            builtin, builtin_length = self._builtin_here()
            if builtin_length > length:
                known, length = builtin, builtin_length
        run = run_of_words(self.tokens, self.position)
        if not run and property:
            run = 1  # after a dot even a keyword can only be a name
        if run > length:
            known, length = " ".join(word.text for word in self.tokens[self.position : self.position + run]), run
        if not length:
            self.fail(expected)
        self.position += length
        return known

    def conditional(self) -> Node:
        start = self.take().start
        condition = self.expression()
        self.expect("then", say("after the condition of 'if'"))
        then = self.expression()
        self.expect("else", say("after the value for 'then'"))
        otherwise = self.expression()
        return If(condition, then, otherwise, span=self.since(start))

    def iterators(self) -> tuple[Iterator, ...]:
        found: list[Iterator] = []
        while True:
            name = self.declared(("in",), say("the name of the item"))
            self.expect("in", say("after the name of the item"))
            source = self.expression()
            to = self.expression() if self.accept("..") else None
            found.append(Iterator(name, source, to))
            if not self.accept(","):
                return tuple(found)

    def loop(self) -> Node:
        start = self.take().start
        iterators = self.iterators()
        self.expect("return", say("after what 'for' walks over"))
        return For(iterators, self.expression(), span=self.since(start))

    def quantified(self) -> Node:
        token = self.take()
        iterators = self.iterators()
        self.expect("satisfies", say("after what '{text}' walks over", text=token.text))
        return Quantified(token.text, iterators, self.expression(), span=self.since(token.start))

    def function(self) -> Node:
        start = self.take().start
        self.expect("(", say("after 'function'"))
        parameters: list[str] = []
        types: list[TypeOf | None] = []
        while not self.at(")"):
            parameters.append(self.declared((":", ",", ")"), say("the name of a parameter")))
            types.append(self.type() if self.accept(":") else None)
            if not self.accept(","):
                break
        self.expect(")", say("after the parameters"))
        if self.at("external"):
            word = self.take()
            return External(tuple(parameters), tuple(types), self.expression(), span=word.span)
        return FunctionLiteral(tuple(parameters), tuple(types), self.expression(), span=self.since(start))

    _PREFIX: Mapping[str, Callable[[Parser], Node]] = {
        "true": constant,
        "false": constant,
        "null": constant,
        "@": at_literal,
        "-": negation,
        "[": brackets,
        "]": open_interval,
        "(": parentheses,
        "{": context,
        "if": conditional,
        "for": loop,
        "some": quantified,
        "every": quantified,
        "function": function,
    }

    # -- tests ----------------------------------------------------------------------------------------------------

    def test_or_expression(self) -> Node:
        return self.test() if self.token.text in COMPARISONS and self.token.kind == "symbol" else self.expression()

    def test(self) -> Node:
        token = self.token
        if token.kind == "symbol" and token.text in COMPARISONS:
            self.take()
            return UnaryComparison(token.text, self.expression(COMPARISON), span=self.since(token.start))
        return self.expression(COMPARISON)

    def unary_tests(self) -> UnaryTests:
        start = self.token.start
        if self.at("-") and self.ahead().kind == "end":
            self.take()
            return UnaryTests((), span=self.since(start))
        if self.at("not") and self.ahead().text == "(":
            before = self.position
            self.take()
            tests = self.parenthesised(several=True)
            if self.token.kind == "end":
                return UnaryTests(tests, negated=True, span=self.since(start))
            self.position = before  # it was a call in a larger expression: not(a) and b
        found = [self.test_or_expression()]
        while self.accept(","):
            found.append(self.test_or_expression())
        return UnaryTests(tuple(found), span=self.since(start))

    # -- types ----------------------------------------------------------------------------------------------------

    def type(self) -> TypeOf:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._too_deep()
        found = self._type()
        self.depth -= 1
        return found

    def _type(self) -> TypeOf:
        if self.token.kind != "name":
            self.fail(say("the name of a type"))
        name = self._type_name()
        if name in ("list", "range") and self.accept("<"):
            inner = self.type()
            self.expect(">", say("after the type of the items"))
            return TypeOf(name, (inner,))
        if name == "context" and self.accept("<"):
            return self._context_type()
        if name == "function" and self.accept("<"):
            return self._function_type()
        return TypeOf(name)

    def _type_name(self) -> str:
        for words in _TYPES_OF_SEVERAL_WORDS:
            if tuple(token.text for token in self.tokens[self.position : self.position + len(words)]) == words:
                self.position += len(words)
                return " ".join(words)
        words_found = [self.take().text]
        while self.token.kind == "name" and self.token.text not in KEYWORDS:
            words_found.append(self.take().text)
        while self.at(".") and self.ahead().kind == "name":
            self.take()
            words_found[-1] += "." + self.take().text
        return " ".join(words_found)

    def _context_type(self) -> TypeOf:
        fields: list[str] = []
        types: list[TypeOf] = []
        while not self.at(">"):
            fields.append(self.declared((":",), say("the name of an entry")))
            self.expect(":", say("after the name of an entry"))
            types.append(self.type())
            if not self.accept(","):
                break
        self.expect(">", say("after the entries of the context type"))
        return TypeOf("context", tuple(types), tuple(fields))

    def _function_type(self) -> TypeOf:
        types: list[TypeOf] = []
        while not self.at(">"):
            types.append(self.type())
            if not self.accept(","):
                break
        self.expect(">", say("after the types of the parameters"))
        self.expect("->", say("before the type of the result"))
        return TypeOf("function", tuple(types), result=self.type())
