"""Processes that come with the program, to begin with: folders of models, forms and scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from engine.errors import NotFound

_ENDINGS = (".bpmn", ".form", ".dmn")


def names() -> list[str]:
    return [folder.name for folder in _folders()]


def title(name: str) -> str:
    """The first line of its description."""
    described = _folder(name) / "README.md"
    first = described.read_text(encoding="utf-8").splitlines()[0] if described.is_file() else ""
    return re.sub(r"^#+\s*", "", first).strip() or name


def expect(name: str) -> tuple[str, dict[str, bytes]]:
    """Its title and its files, scenarios too. Raises NotFound."""
    folder = _folder(name)
    files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in _ENDINGS}
    scenarios = {f"scenarios/{file.name}": file.read_bytes() for file in sorted(folder.glob("scenarios/*.json"))}
    return title(name), files | scenarios


def _folders() -> Iterator[Path]:
    top = Path(str(resources.files("processes")))
    yield from sorted(file.parent for file in top.glob("*/people.json"))


def _folder(name: str) -> Path:
    found = next((folder for folder in _folders() if folder.name == name), None)
    if found is None:
        raise NotFound(f"Expected one of the samples {', '.join(names())}, found '{name[:60]}'.")
    return found
