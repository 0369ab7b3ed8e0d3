"""What a file is: told by its content alone, its name made harmless, and the reference to it that stands in a variable. Pure rules."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

MAX_NAME = 120  # characters; a file system takes 255 bytes, and a letter may need four
MAX_PIXELS = 250_000_000  # of a picture: we never unpack one, whoever opens it does
_MAX_SIDE = 65_500

# content type -> ending, and what people call it
ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
}
IN_WORDS: Mapping[str, str] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/heic": "HEIC",
    "application/pdf": "PDF",
}
KINDS: tuple[str, ...] = tuple(ENDINGS)
PICTURES: tuple[str, ...] = tuple(kind for kind in KINDS if kind.startswith("image/"))


class TooManyPixels(ValueError):
    """A picture that would fill the memory of whoever opens it."""


# -- the content --------------------------------------------------------------------------------------------------


def sniff(content: BinaryIO, size: int) -> str | None:
    """The content type of a whole file, by its structure; None where it is none of KINDS. Raises TooManyPixels.

    A signature alone is not enough: a page with a few bytes of JPEG in front of it is no picture.
    """
    content.seek(0)
    start = content.read(16)
    for signature, kind, is_one in _SIGNATURES:
        if signature.match(start):
            return kind if is_one(content, size) else None
    return None


def _is_jpeg(content: BinaryIO, size: int) -> bool:
    """ISO/IEC 10918-1, B.1: segments from the start of image to the first scan, one of them a frame with a size."""
    at, framed = 2, False
    while at + 4 <= size:
        content.seek(at)
        head = content.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return False
        marker, length = head[1], int.from_bytes(head[2:4], "big")
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if length < 2 or marker < 0xC0 or 0xD0 <= marker <= 0xD9:
            return False
        if marker == 0xDA:
            return framed
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = content.read(5)
            framed = _has_size(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
            if not framed:
                return False
        at += 2 + length
    return False


def _is_png(content: BinaryIO, size: int) -> bool:
    """W3C PNG, 5.2: IHDR first and right to the bit, chunks that end with IEND, one of them with data."""
    content.seek(8)
    header = content.read(25)
    if len(header) < 25 or header[:8] != b"\x00\x00\x00\rIHDR" or zlib.crc32(header[4:21]) != int.from_bytes(header[21:], "big"):
        return False
    if not _has_size(int.from_bytes(header[8:12], "big"), int.from_bytes(header[12:16], "big")):
        return False
    at, has_data = 33, False
    while at + 12 <= size:
        content.seek(at)
        chunk = content.read(8)
        kind = chunk[4:8]
        if not kind.isalpha():
            return False
        if kind == b"IEND":
            return has_data
        has_data = has_data or kind == b"IDAT"
        at += 12 + int.from_bytes(chunk[:4], "big")
    return False


def _is_webp(content: BinaryIO, size: int) -> bool:
    """RFC 9649, 2.4: a RIFF container as long as it says, its first chunk one of three."""
    content.seek(0)
    start = content.read(30)
    if len(start) < 30 or int.from_bytes(start[4:8], "little") + 8 > size:
        return False
    kind = start[12:16]
    if kind == b"VP8 " and start[23:26] == b"\x9d\x01\x2a":
        return _has_size(int.from_bytes(start[26:28], "little") & 0x3FFF, int.from_bytes(start[28:30], "little") & 0x3FFF)
    if kind == b"VP8L" and start[20] == 0x2F:
        bits = int.from_bytes(start[21:25], "little")
        return _has_size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return kind == b"VP8X" and _has_size(int.from_bytes(start[24:27], "little") + 1, int.from_bytes(start[27:30], "little") + 1)


_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})


def _is_heic(content: BinaryIO, size: int) -> bool:
    """ISO/IEC 23008-12, 10: boxes one after the other, the first with a brand of HEVC pictures, then a description and data."""
    content.seek(0)
    length = int.from_bytes(content.read(4), "big")
    if not 16 <= length <= 1024:
        return False
    brands = content.read(length - 4)
    if not _HEIC_BRANDS & {brands[4:8], *(brands[at : at + 4] for at in range(12, len(brands), 4))}:
        return False
    found = set()
    at = length
    while at + 8 <= size:
        content.seek(at)
        head = content.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        elif length == 0:  # to the end of the file
            length = size - at
        found.add(head[4:8])
        if length < 8:
            return False
        at += length
    return at <= size and {b"meta", b"mdat"} <= found


def _is_pdf(content: BinaryIO, size: int) -> bool:
    """ISO 32000-2, 7.5: a header at the very start, and at the end where to begin reading."""
    content.seek(max(0, size - 2048))
    end = content.read()
    return b"%%EOF" in end and b"startxref" in end


def _has_size(width: int, height: int) -> bool:
    if max(width, height) > _MAX_SIDE or width * height > MAX_PIXELS:
        raise TooManyPixels
    return width > 0 and height > 0


_SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff", re.S), "image/jpeg", _is_jpeg),
    (re.compile(rb"\x89PNG\r\n\x1a\n", re.S), "image/png", _is_png),
    (re.compile(rb"RIFF....WEBP", re.S), "image/webp", _is_webp),
    (re.compile(rb"....ftyp", re.S), "image/heic", _is_heic),
    (re.compile(rb"%PDF-[12]\.\d", re.S), "application/pdf", _is_pdf),
)


# -- the name -----------------------------------------------------------------------------------------------------


def clean_name(given: str | None, content_type: str) -> str:
    """A name that is safe on every system and honest about what the file is: its ending is that of the content."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    # C: control characters, halves of characters, and those that turn the direction of what follows (U+202E hides an ending)
    name = "".join(" " if letter in '<>:"|?*' else letter for letter in name if unicodedata.category(letter)[0] != "C")
    name = unicodedata.normalize("NFC", " ".join(name.split())).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if dot and re.fullmatch(r"\w{1,5}", ending):
        name = stem
    ending = f".{ENDINGS[content_type]}"
    return (name[: MAX_NAME - len(ending)].strip(". ") or "file") + ending


def shown_name(given: str | None) -> str:
    """How a page calls a file that was not taken: the name as the person knows it, without what could mislead."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")[:MAX_NAME].strip() or "?"


# -- what a form accepts ------------------------------------------------------------------------------------------

_ACCEPTED: Mapping[str, tuple[str, ...]] = {
    "image/*": PICTURES,
    "*/*": KINDS,
    ".jpeg": ("image/jpeg",),
    "image/jpg": ("image/jpeg",),
    ".heif": ("image/heic",),
    "image/heif": ("image/heic",),
    **{f".{ending}": (kind,) for kind, ending in ENDINGS.items()},
    **{kind: (kind,) for kind in KINDS},
}


def accepted(text: Any) -> tuple[str, ...]:
    """The content types that an `accept` attribute (HTML, file upload state) names; all where it names none that we take."""
    words = str(text or "").lower().split(",")
    wanted = {kind for word in words for kind in _ACCEPTED.get(word.strip(), ())}
    return tuple(kind for kind in KINDS if kind in wanted) or KINDS


def not_accepted(text: Any) -> list[str]:
    """What an `accept` attribute promises and we do not take."""
    return [word.strip() for word in str(text or "").split(",") if word.strip() and word.strip().lower() not in _ACCEPTED]


# -- the reference ------------------------------------------------------------------------------------------------

TYPE = "camunda.document.type"  # marks a reference in a variable (Camunda 8 document handling)
STORE = "passerelle"


@dataclass(frozen=True, slots=True)
class File:
    """A file as a page shows it."""

    key: str
    name: str
    size: int
    content_type: str
    sha256: str


def reference(key: int, name: str, content_type: str, size: int, sha256: str) -> dict[str, Any]:
    """What stands in a variable for a file."""
    return {
        TYPE: "camunda",
        "storeId": STORE,
        "documentId": str(key),
        "contentHash": sha256,
        "metadata": {"contentType": content_type, "fileName": name, "size": size},
    }


def is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and TYPE in value


def key_of(value: Mapping[str, Any]) -> int | None:
    """The key that a reference names; None where it names none of ours."""
    found = value.get("documentId")
    is_key = isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20
    return int(found) if is_key and value.get("storeId") == STORE and found is not None else None


def references(value: Any) -> Iterator[Mapping[str, Any]]:
    """All references within a value, however deep."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            if TYPE in one:
                yield one
            else:
                left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)


def of_value(value: Any) -> list[File]:
    """The files of a variable's value (a reference, or a list of them), in order; empty where it is anything else."""
    found = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [_file(one) for one in found if is_reference(one)]


def _file(one: Mapping[str, Any]) -> File:
    about = one.get("metadata")
    about = about if isinstance(about, Mapping) else {}
    size = about.get("size")
    name = about.get("fileName")
    return File(
        key=str(one.get("documentId") or ""),
        name=name if isinstance(name, str) and name else "?",
        size=size if isinstance(size, int) else 0,
        content_type=str(about.get("contentType") or ""),
        sha256=str(one.get("contentHash") or ""),
    )


def in_text(value: Any) -> str | None:
    """The names of a value that is files, as a text has them; None for any other value."""
    found = of_value(value)
    is_files = bool(found) and (is_reference(value) or len(found) == len(value))
    return ", ".join(one.name for one in found) if is_files else None
