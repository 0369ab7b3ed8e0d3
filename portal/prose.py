"""Static text of a form: a little Markdown (headings, lists, quotations, emphasis, links), drawn safely."""

import re

from markupsafe import Markup, escape

_LINK = re.compile(r"(?<!\\)\[([^\[\]]{1,200})\]\((https?://[^\s()<>\"']{1,500}|mailto:[^\s()<>\"']{1,200})\)")
_BOLD = re.compile(r"\*\*([^*]{1,2000})\*\*")
_ITALIC = re.compile(r"(?<!\*)\*([^*\s][^*]{0,2000})\*(?!\*)")
_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_BULLET = re.compile(r"[-*]\s+(.+)")
_QUOTATION = re.compile(r">\s?(.*)")


def draw(text: str) -> Markup:
    """HTML of the text. Everything is escaped first; only our own tags come after. Every heading is one below the page's h1."""
    blocks: list[str] = []
    bullets: list[str] = []
    quoted: list[str] = []
    paragraph: list[str] = []

    def close() -> None:
        if bullets:
            blocks.append("<ul>" + "".join(f"<li>{_inline(one)}</li>" for one in bullets) + "</ul>")
            bullets.clear()
        if quoted:
            blocks.append("<blockquote>" + "<br>".join(_inline(one) for one in quoted) + "</blockquote>")
            quoted.clear()
        if paragraph:
            blocks.append("<p>" + "<br>".join(_inline(one) for one in paragraph) + "</p>")
            paragraph.clear()

    for line in (raw.strip() for raw in text.splitlines()):
        heading, bullet = _HEADING.fullmatch(line), _BULLET.fullmatch(line)
        quotation = _QUOTATION.fullmatch(line)
        if heading:
            close()
            blocks.append(f"<h2>{_inline(heading[2])}</h2>")  # whatever its level: below the h1, and none skipped
        elif quotation:
            if paragraph or bullets:
                close()
            quoted.append(quotation[1])
        elif bullet:
            if paragraph or quoted:
                close()
            bullets.append(bullet[1])
        elif line:
            if bullets:
                close()
            paragraph.append(line)
        else:
            close()
    close()
    return Markup("".join(blocks))  # noqa: S704 - every piece was escaped in _inline


def _inline(text: str) -> str:
    safe = str(escape(text))
    safe = _LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', safe)
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    return _ITALIC.sub(r"<em>\1</em>", safe).replace("\\[", "[")
