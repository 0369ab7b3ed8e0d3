"""What sets an event off: message, timer, signal, error, escalation; and how a token begins to wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.feel import Expression
from engine.feel.sentences import say

from .expressions import ModelError, Text, as_name, named
from .timers import Due, Timer

if TYPE_CHECKING:
    from .nodes import ElementSpec
    from .tokens import Token


class Trigger:
    """No trigger at all (a none event); the others refine it."""

    kind = "none"

    def plan(self, token: Token, event: ElementSpec) -> list[Plan]:
        """What to open so that `event` is triggered at `token`. Evaluates, but changes nothing: several plans fail or open together."""
        return []


class Plan:
    def open(self) -> None: ...


@dataclass(slots=True)
class TimerPlan(Plan):
    token: Token
    event: ElementSpec
    due: Due

    def open(self) -> None:
        self.token.workflow.open_timer(self.token, self.event, self.due)


@dataclass(slots=True)
class SubscriptionPlan(Plan):
    token: Token
    event: ElementSpec
    kind: str
    name: str
    correlation_key: str | None
    by_flow: bool
    interrupting: bool

    def open(self) -> None:
        self.token.workflow.open_subscription(self)


@dataclass(frozen=True)
class MessageTrigger(Trigger):
    name: Text
    correlation_key: Expression | None
    by_flow: bool
    kind = "message"

    def plan(self, token: Token, event: ElementSpec) -> list[Plan]:
        name = self.name.text(token, "message name")
        key, by_flow = self.key(token) or "", self.by_flow and self.correlation_key is None
        return [SubscriptionPlan(token, event, "message", name, key, by_flow, event.interrupting)]

    def key(self, token: Token) -> str | None:
        """The correlation key as text; None where the message names none. Raises ModelError where it has no value."""
        if self.correlation_key is None:
            return None
        return as_name(token.workflow.evaluate(self.correlation_key, token), self.correlation_key.source, "correlation key")


@dataclass(frozen=True)
class SignalTrigger(Trigger):
    name: Text
    kind = "signal"

    def plan(self, token: Token, event: ElementSpec) -> list[Plan]:
        return [SubscriptionPlan(token, event, "signal", self.name.text(token, "signal name"), None, False, event.interrupting)]


@dataclass(frozen=True)
class TimerTrigger(Trigger):
    timer: Timer
    kind = "timer"

    def plan(self, token: Token, event: ElementSpec) -> list[Plan]:
        due = self.timer.due(self.timer.text.value(token), token.workflow.ports.now())
        return [TimerPlan(token, event, Due(due.at) if event.interrupting else due)]


@dataclass(slots=True)
class ConditionPlan(Plan):
    token: Token
    event: ElementSpec

    def open(self) -> None:
        self.token.workflow.watch(self.token, self.event)


@dataclass(frozen=True)
class ConditionTrigger(Trigger):
    """Goes off when the condition becomes true; looked at on entering, and whenever variables of the instance have changed."""

    condition: Expression
    kind = "conditional"

    def plan(self, token: Token, event: ElementSpec) -> list[Plan]:
        return [ConditionPlan(token, event)]


@dataclass(frozen=True)
class CodeTrigger(Trigger):
    """An error or escalation. Without a code: catches every one."""

    kind: str = "error"
    code: Text | None = None
    name: str = ""

    def code_of(self, token: Token) -> str:
        if self.code is None:
            raise ModelError(
                "EXTRACT_VALUE_ERROR", say("Expected the event to name a code ({what}), found none.", what=named(f"{self.kind} code"))
            )
        return self.code.text(token, f"{self.kind} code")

    def rank(self, code: str) -> int:
        """2: catches this very code, 1: catches all, 0: does not catch it."""
        if self.code is None:
            return 1
        return 2 if self.code.static == code else 0


@dataclass(frozen=True)
class TerminateTrigger(Trigger):
    kind = "terminate"


@dataclass(frozen=True)
class LinkTrigger(Trigger):
    name: str = ""
    kind = "link"
