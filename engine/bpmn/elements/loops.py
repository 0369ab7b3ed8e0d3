"""Multi-instance activities: one body, and inside it an instance for each item, one after the other or all at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel import Expression
from engine.feel.sentences import say

from ..scopes import Filling, propagate, set_local, storable, view
from .expressions import ModelError, kind_of
from .nodes import ElementSpec
from .tokens import LEAVING, READY, Token

MOST_INSTANCES = 100_000  # of one body; beyond it the model is wrong, not large
SLICE = 50  # instances begun in one transition: a step that has done its share ends between two of them


class LoopBody(ElementSpec):
    """The body has the boundary events and flows of the activity; `inner` is the activity itself, without them.

    `note` of its token: [how many instances there will be, begun, completed, terminated]. A parallel body begins all of its
    instances before the first of them runs, however many steps that takes: none can change the collection under the others.
    """

    inner: ElementSpec
    sequential = False
    collection: Expression
    plain_name: str | None = None  # the collection is just this variable: read without a look at each of its items
    is_count = False  # the collection is a number: loopCardinality of BPMN
    item: str | None = None
    output: str | None = None
    output_element: Expression | None = None
    output_local: str | None = None  # the variable that the output element reads: each instance gets its own
    condition: Expression | None = None

    def _run_hook(self, token: Token) -> bool | None:
        items = self._items(token)
        count = len(items)
        if self.output is not None:
            set_local(token, self.output, [None] * count)
        token.note = [count, 0, 0, 0]
        if not count:
            return True
        if self.sequential:
            self._begin(token, 0, storable(items[0]))
            token.waiting = "inside"
            return None
        token.items = [storable(item) for item in items]  # may fail: before any token is there
        return self._begin_more(token)

    def _begin_more(self, token: Token) -> bool | None:
        """The next slice of a parallel body. Whoever brings the instance back from its snapshot meanwhile reads the collection again."""
        if token.items is None:
            token.items = [storable(item) for item in self._items(token)]
        count, begun, _, _ = token.note
        for index in range(begun, min(begun + SLICE, count)):
            self._begin(token, index, token.items[index] if index < len(token.items) else None)
        token.workflow.spent += token.note[1] - begun
        if token.note[1] < count:
            return False
        token.items = None
        token.waiting = "inside"
        return None

    def _items(self, token: Token) -> Any:
        value = view(token).get(self.plain_name) if self.plain_name else token.workflow.evaluate(self.collection, token)
        if self.is_count:
            if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value != int(value) or value < 0:
                raise self._error(
                    say("Expected a whole number of instances at '{name}', found {found}.", name=self._called, found=kind_of(value))
                )
            value = range(1, int(value) + 1)
        elif not isinstance(value, list):
            source = self.collection.source
            raise self._error(
                say("Expected a list for the input collection '{source}', found {found}.", source=source, found=kind_of(value))
            )
        if len(value) > MOST_INSTANCES:
            told = {"most": MOST_INSTANCES, "name": self._called, "count": len(value)}
            raise self._error(say("Expected at most {most} instances at '{name}', found {count}.", **told))
        return value

    @staticmethod
    def _error(message: str) -> ModelError:
        return ModelError("EXTRACT_VALUE_ERROR", message)

    @property
    def _called(self) -> str:
        return self.bpmn_name or self.element_id

    def _begin(self, body: Token, index: int, item: Any) -> None:
        ex = body.workflow
        inner = Token(ex, self.inner, body, ex.ports.new_key())
        inner.loop_index = index
        ex.alive += 1
        ex.most_alive = max(ex.most_alive, ex.alive)
        body.note[1] += 1
        if self.item is not None:
            set_local(inner, self.item, item)
        set_local(inner, "loopCounter", index + 1)
        if self.output_local is not None and self.output_local not in (self.item, "loopCounter"):
            set_local(inner, self.output_local, None)
        ex.queue(inner)

    def collect(self, token: Token) -> bool:
        """An inner instance is done: keeps its output, and says whether the body is over now. May fail; changes only values."""
        body = token.scope
        assert body is not None
        self._keep_output(token, body)
        return self._is_over(token, body)

    def _keep_output(self, token: Token, body: Token) -> None:
        """Where the completion condition fails after it, the same instance puts its output there once more."""
        if self.output is None or self.output_element is None:
            return
        ex = token.workflow
        value = storable(ex.evaluate(self.output_element, token))
        filling = ex.filling.get(body.id)
        if filling is None:
            outputs: Any = ex.ports.values.get(body.id, self.output)
            items = list(outputs) if isinstance(outputs, list) else []
            items += [None] * (body.note[0] - len(items))
            filling = ex.filling[body.id] = Filling(self.output, items, self.element_id)
        filling.put(token.loop_index, value)
        ex.changed = True

    def _is_over(self, token: Token, body: Token) -> bool:
        count, begun, completed, terminated = body.note
        is_over: bool = completed + 1 + terminated >= count
        if self.condition is not None:
            numbers = {
                "numberOfInstances": count if not self.sequential else begun,
                "numberOfActiveInstances": len(body.inside or ()) - 1,
                "numberOfCompletedInstances": completed + 1,
                "numberOfTerminatedInstances": terminated,
            }
            is_over = token.workflow.decide(self.condition, token, numbers) or is_over
        return is_over

    def inner_completed(self, token: Token, is_over: bool) -> None:
        body, ex = token.scope, token.workflow
        assert body is not None
        body.note[2] += 1
        if is_over:
            for other in list((body.inside or {}).values()):
                ex.terminate(other)
            self.inside_is_over(body)
        elif self.sequential:
            body.waiting = None
            body._state = READY
            ex.ready.append(body)

    def inside_is_over(self, token: Token) -> None:
        token.waiting = None
        token.phase = LEAVING
        token._state = READY
        token.workflow.ready.append(token)

    def _run(self, token: Token) -> bool | None:
        if token.note is None:
            return self._run_hook(token)
        if not self.sequential:
            return self._begin_more(token)
        index = token.note[1]
        items = self._items(token)
        self._begin(token, index, storable(items[index]) if index < len(items) else None)
        token.waiting = "inside"
        return None

    def _apply_outputs(self, token: Token) -> dict[str, Any]:
        return {}

    def _on_complete(self, token: Token) -> None:
        if self.output is not None:
            assert token.scope is not None
            propagate(token.scope, self.output, view(token)[self.output], self.element_id)
        super()._on_complete(token)


class StandardLoop(LoopBody):
    """Repeats the activity while the condition holds, at most `most` times (BPMN 13.3.5). `loopCounter` counts from 1."""

    sequential = True
    tests_before = False
    most: int | None = None

    def _run_hook(self, token: Token) -> bool | None:
        if self.tests_before and not self._goes_on(token, 0):
            return True
        token.note = [0, 0, 0, 0]
        self._begin(token, 0, None)
        token.waiting = "inside"
        return None

    def _run(self, token: Token) -> bool | None:
        if token.note is None:
            return self._run_hook(token)
        self._begin(token, token.note[1], None)
        token.waiting = "inside"
        return None

    def collect(self, token: Token) -> bool:
        assert token.scope is not None
        return not self._goes_on(token, token.scope.note[1])

    def _goes_on(self, token: Token, done: int) -> bool:
        if self.most is not None and done >= self.most:
            return False
        return self.condition is None or token.workflow.decide(self.condition, token, {"loopCounter": done})
