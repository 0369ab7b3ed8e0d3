"""How much an evaluation may take, and the account it keeps while it runs."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .errors import FeelError
from .sentences import say

Span = tuple[int, int]
Now = Callable[[], datetime]
_LOOK_AT_CLOCK_EVERY = 16  # steps; a step may compare two long lists, and one second shall stay about one second
_ITEMS_PER_STEP = 16  # a built-in walks over a list faster than a loop of the language does


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation. `seconds` is running time, `characters` the length of one text, `items` of one collection."""

    steps: int = 100_000
    depth: int = 200
    items: int = 1_000_000
    characters: int = 4_000_000
    seconds: float = 1.0


DEFAULT_LIMITS = Limits()


class Run:
    """One evaluation: its clock, its limits, and where its warnings go.

    Only loops, calls and built-ins over collections are charged; what stands between them is bounded by the source's length.
    """

    __slots__ = ("_deadline", "_next_look", "depth", "limits", "now", "on_warning", "steps")

    def __init__(
        self,
        now: Now | None = None,
        limits: Limits = DEFAULT_LIMITS,
        on_warning: Callable[[str], object] | None = None,
    ) -> None:
        self.now = now
        self.limits = limits
        self.on_warning = on_warning
        self.steps = limits.steps
        self.depth = 0
        self._deadline = 0.0
        self._next_look = limits.steps

    def warn(self, text: str, span: Span | None = None) -> None:
        if self.on_warning is None:
            return
        self.on_warning(text if span is None else say("{what} (characters {start} to {end})", what=text, start=span[0], end=span[1]))

    def charge(self, steps: int = 1) -> None:
        """Pays for work. Raises FeelError when the account or the time is used up."""
        self.steps -= steps
        if self.steps >= self._next_look:
            return
        if self.steps < 0:
            raise FeelError(say("The expression takes too many steps; {steps} are allowed.", steps=self.limits.steps))
        self._next_look = max(self.steps - _LOOK_AT_CLOCK_EVERY, 0)
        self.check_time()

    def check_time(self) -> None:
        if not self._deadline:
            self._deadline = time.monotonic() + self.limits.seconds  # the first look starts the watch
        elif time.monotonic() > self._deadline:
            raise FeelError(say("The expression takes too long; {seconds:g} s are allowed.", seconds=self.limits.seconds))

    def charge_items(self, count: int) -> None:
        """Pays for a built-in that walks over `count` items, and refuses collections beyond the limit."""
        if count > self.limits.items:
            raise FeelError(say("A collection has {count} items; {items} are allowed.", count=count, items=self.limits.items))
        self.charge(1 + count // _ITEMS_PER_STEP)

    def checked_text(self, text: str) -> str:
        if len(text) > self.limits.characters:
            most = self.limits.characters
            raise FeelError(say("A text has {count} characters; {most} are allowed.", count=len(text), most=most))
        return text

    def enter(self) -> None:
        """One function call deeper. Every `enter` is followed by `leave`, or by the end of the evaluation."""
        self.charge()
        self.depth += 1
        if self.depth > self.limits.depth:
            raise FeelError(say("Functions call each other too deeply; {depth} levels are allowed.", depth=self.limits.depth))

    def leave(self) -> None:
        self.depth -= 1
