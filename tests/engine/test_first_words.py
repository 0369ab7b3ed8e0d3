"""What the newcomer's two pages print in **bold** is on the screen under that very name, in English and in French."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import mail_words
from portal import words

ROOT = Path(__file__).parents[2]
_MARK = re.compile(r"\d+ h \+ \d+ [dj]")  # a limit in the drawing


def said() -> Iterator[str]:
    """All that the workbench, the portal and the mails say; the same for both languages, for the other language never fits by chance."""
    for source in (*(ROOT / "designer/src").rglob("*.ts"), *(ROOT / "designer/src").rglob("*.tsx")):
        for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', source.read_text()):
            yield from literal.split(" || ")
    for both in (*words.SENTENCES.values(), *mail_words.SENTENCES.values()):
        yield from both


def plainly(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold()


@pytest.mark.parametrize("page", ["first-process.md", "premier-processus.md"])
def test_every_word_in_bold_is_on_the_screen(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    typed = set(re.findall(r"`([^`]+)`", text))
    known = {plainly(one) for one in said()}
    bold = {" ".join(one.split()) for one in re.findall(r"\*\*([^*]+)\*\*", text)}
    asked = {re.sub(f" ?: ({'|'.join(map(re.escape, typed))})$", "", one) for one in bold} - typed

    assert sorted(one for one in asked if plainly(one) not in known and not _MARK.fullmatch(one)) == []
    assert len(bold) > 20
