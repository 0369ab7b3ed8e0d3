"""The engine's sentences in French: English template -> French one, with the same holes. One table a part of the engine."""

from __future__ import annotations

from engine.french import expressions, files, models, reasons
from engine.french.elements import ELEMENTS

SENTENCES: dict[str, str] = {**models.SENTENCES, **reasons.SENTENCES, **expressions.SENTENCES, **files.SENTENCES}

__all__ = ["ELEMENTS", "SENTENCES"]
