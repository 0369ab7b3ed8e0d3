"""Call activities: another process does the work, as an instance of its own in the same case."""

from __future__ import annotations

from typing import Any

from ..effects import ChildRequested
from ..scopes import own, view
from .expressions import Text
from .nodes import ElementSpec
from .tokens import Token


class CallActivity(ElementSpec):
    process_id: Text
    binding = "latest"  # | "deployment" | "versionTag"
    version_tag: Text | None = None
    propagate_parent = True
    propagate_child = True

    def _run_hook(self, token: Token) -> bool | None:
        process_id = self.process_id.text(token, "called process")
        version_tag = None if self.version_tag is None else self.version_tag.text(token, "version tag")
        variables = dict(view(token)) if self.propagate_parent else own(token)
        batons = token.workflow.batons.of(token)
        token.workflow.effects.append(
            ChildRequested(token.id, self.element_id, process_id, self.binding, version_tag, variables, batons)
        )
        token.waiting = "child"
        return None

    def receive(self, token: Token, variables: Any) -> None:
        if self.output_mappings or self.propagate_child:
            super().receive(token, variables)
