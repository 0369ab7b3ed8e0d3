"""Where a photo was taken is nobody's business but its owner's: blanked within the file, which keeps its length and all the rest."""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

# Exif 3.0, 4.6: a TIFF header, in JPEG and HEIC behind "Exif", in PNG and WebP in a chunk of its own
_EXIF = re.compile(rb"(?:Exif\x00\x00|eXIf|EXIF.{4})(II\*\x00|MM\x00\*)", re.S)
# XMP, part 2: as attributes or as elements
_XMP = re.compile(rb"""exif:GPS\w{1,30}(?:\s{0,8}=\s{0,8}"([^"<]{1,100})"|\s{0,8}=\s{0,8}'([^'<]{1,100})'|>([^<]{1,100})<)""")
_GPS = 0x8825  # the tag that leads to the place
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}  # bytes of a value by its type
_MOST_TAGS = 64
_LARGEST = 4096  # bytes of one value of a place

Span = tuple[int, int]  # offset, length


def blank(content: BinaryIO, kind: str) -> bool:
    """Blank what EXIF and XMP say of the place, in an open file of this content type; whether there was anything."""
    with mmap.mmap(content.fileno(), 0) as data:
        spans = [*_in_exif(data), *_in_xmp(data)]
        touched = [span for span in spans if any(data[span[0] : sum(span)].strip(b"\x00 "))]
        for offset, length in spans:
            data[offset : offset + length] = bytes(length)
        if kind == "image/png" and touched:
            _correct_sums(data)
        data.flush()
    return bool(touched)


def _in_exif(data: mmap.mmap) -> Iterator[Span]:
    for found in _EXIF.finditer(data):
        start = found.start(1)
        order = "<" if data[start : start + 2] == b"II" else ">"
        (first,) = struct.unpack_from(order + "I", data, start + 4) if start + 8 <= len(data) else (0,)
        for at, tag, kind, count in _tags(data, start + first, order):
            if tag == _GPS and kind == 4 and count == 1:
                yield from _place(data, start, struct.unpack_from(order + "I", data, at + 8)[0], order)


def _place(data: mmap.mmap, start: int, offset: int, order: str) -> Iterator[Span]:
    """The list of tags of a place, and the values that lie elsewhere."""
    tags = list(_tags(data, start + offset, order))
    for at, _tag, kind, count in tags:
        length = _SIZES.get(kind, 0) * count
        value = start + struct.unpack_from(order + "I", data, at + 8)[0]
        if 4 < length <= _LARGEST and value + length <= len(data):
            yield value, length
    if tags:
        yield start + offset, 2 + 12 * len(tags)


def _tags(data: mmap.mmap, at: int, order: str) -> Iterator[tuple[int, int, int, int]]:
    """Offset, tag, type and count of each entry of a TIFF directory (TIFF 6.0, section 2); none where it is none."""
    if at + 2 > len(data):
        return
    (count,) = struct.unpack_from(order + "H", data, at)
    if count > _MOST_TAGS or at + 2 + 12 * count > len(data):
        return
    for number in range(count):
        entry = at + 2 + 12 * number
        yield entry, *struct.unpack_from(order + "HHI", data, entry)


def _in_xmp(data: mmap.mmap) -> Iterator[Span]:
    for found in _XMP.finditer(data):
        group = found.lastindex or 0
        yield found.start(group), found.end(group) - found.start(group)


def _correct_sums(data: mmap.mmap) -> None:
    """PNG: each chunk ends with a checksum of its name and content."""
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            return
        if data[at + 4 : at + 8] in (b"eXIf", b"iTXt", b"tEXt"):
            struct.pack_into(">I", data, at + 8 + length, zlib.crc32(data[at + 4 : at + 8 + length]))
        at += 12 + length
