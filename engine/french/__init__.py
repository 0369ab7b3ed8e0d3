"""The engine's sentences in French: English template -> French one, with the same holes. One table a part of the engine."""

from __future__ import annotations

from engine.french import expressions, files, incidents, models, reasons, values
from engine.french.elements import ELEMENTS
from engine.french.values import KINDS

SENTENCES: dict[str, str] = {
    **models.SENTENCES,
    **reasons.SENTENCES,
    **expressions.SENTENCES,
    **files.SENTENCES,
    **values.SENTENCES,
    **incidents.SENTENCES,
}

__all__ = ["ELEMENTS", "KINDS", "SENTENCES"]
