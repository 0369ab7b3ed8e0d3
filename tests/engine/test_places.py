"""The place where a photo was taken is blanked; the time, the way it is turned and the picture itself stay."""

import hashlib
import struct
import zlib
from io import BytesIO

import pytest

from engine import files, places
from engine.documents import Folder
from tests import samples

NORTH, EAST = struct.pack("<6I", 48, 1, 51, 1, 2960, 100), struct.pack("<6I", 2, 1, 17, 1, 4020, 100)


def exif(order="<"):
    """TIFF: turned by 90 degrees, taken at a time, and at a place (latitude 48° 51' 29.6")."""
    turn = (lambda data: data) if order == "<" else (lambda data: b"".join(data[i : i + 4][::-1] for i in range(0, len(data), 4)))
    time = b"2026:11:24 10:00:00\x00"
    first = 8
    place = first + 2 + 12 * 3 + 4
    values = place + 2 + 12 * 4 + 4
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", first)
    directory = struct.pack(order + "H", 3) + struct.pack(order + "HHIHH", 0x0112, 3, 1, 6, 0)
    directory += struct.pack(order + "HHII", 0x0132, 2, 20, values + 48) + struct.pack(order + "HHII", 0x8825, 4, 1, place) + bytes(4)
    gps = struct.pack(order + "H", 4)
    gps += struct.pack(order + "HHI", 1, 2, 2) + b"N\x00\x00\x00" + struct.pack(order + "HHII", 2, 5, 3, values)
    gps += struct.pack(order + "HHI", 3, 2, 2) + b"E\x00\x00\x00" + struct.pack(order + "HHII", 4, 5, 3, values + 24) + bytes(4)
    return head + directory + gps + turn(NORTH) + turn(EAST) + time


XMP = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="48,51.49N" tiff:Orientation="6"><exif:GPSLongitude>2,17.67E</exif:GPSLongitude>'


def png_with(kind, content):
    whole = samples.png()
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return whole[:33] + chunk + whole[33:]


def webp_with(content):
    extended = b"VP8X" + struct.pack("<I", 10) + b"\x08" + bytes(3) + b"\x0f\x00\x00\x08\x00\x00"
    body = b"WEBP" + extended + b"EXIF" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


PLACED = {
    "jpeg": samples.jpeg(exif=exif()),
    "jpeg-big-endian": samples.jpeg(exif=exif(">")),
    "png": png_with(b"eXIf", exif()),
    "webp": webp_with(exif()),
    "heic": samples.heic().replace(b"mdat\x01\x02\x03\x04", b"mdatExif\x00\x00" + exif()).replace(
        struct.pack(">I", 12) + b"mdat", struct.pack(">I", 14 + len(exif())) + b"mdat"
    ),
    "xmp": samples.jpeg(more=XMP),
    "xmp-png": png_with(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + XMP),
}


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "documents")


def test_the_samples_have_a_place():
    for name, content in PLACED.items():
        assert any(mark in content for mark in (NORTH, struct.pack(">6I", 48, 1, 51, 1, 2960, 100), b"48,51.49N")), name
        assert files.sniff(BytesIO(content), len(content)) is not None, name


@pytest.mark.parametrize("name", PLACED)
def test_the_place_is_blanked_and_all_else_stays(folder, name):
    stored = folder.put(BytesIO(PLACED[name]))
    kept = folder.open(stored.key).read()

    assert len(kept) == len(PLACED[name]) == stored.size
    for mark in (NORTH, EAST, struct.pack(">6I", 48, 1, 51, 1, 2960, 100), b"48,51.49N", b"2,17.67E"):
        assert mark not in kept
    assert (b"2026:11:24 10:00:00" in kept) == (b"2026:11:24 10:00:00" in PLACED[name])
    assert (b'Orientation="6"' in kept) == (b'Orientation="6"' in PLACED[name])
    changed = sum(before != after for before, after in zip(PLACED[name], kept, strict=True))
    assert 0 < changed < 120
    assert files.sniff(BytesIO(kept), len(kept)) == stored.content_type
    assert hashlib.sha256(kept).hexdigest() == stored.sha256


@pytest.mark.parametrize("name", ["png", "xmp-png"])
def test_the_sums_of_a_png_are_right_again(folder, name):
    kept = folder.open(folder.put(BytesIO(PLACED[name])).key).read()
    at = 8
    while at < len(kept):
        (length,) = struct.unpack_from(">I", kept, at)
        assert zlib.crc32(kept[at + 4 : at + 8 + length]) == struct.unpack_from(">I", kept, at + 8 + length)[0]
        at += 12 + length


def test_a_photo_without_a_place_is_kept_bit_for_bit(folder):
    for content in (samples.jpeg(), samples.png(), samples.webp(), samples.heic()):
        assert folder.open(folder.put(BytesIO(content)).key).read() == content


def test_blanking_once_more_changes_nothing(folder, tmp_path):
    file = tmp_path / "photo"
    file.write_bytes(PLACED["jpeg"])
    with open(file, "r+b") as content:
        assert places.blank(content, "image/jpeg")
        assert not places.blank(content, "image/jpeg")


def test_a_broken_description_is_left_alone(folder):
    whole = samples.jpeg(exif=exif())
    at = whole.index(b"II*\x00")
    for position in range(at, at + 140):
        for value in (b"\x00", b"\x7f", b"\xff"):
            broken = whole[:position] + value * 4 + whole[position + 4 :]
            if files.sniff(BytesIO(broken), len(broken)):
                assert len(folder.open(folder.put(BytesIO(broken)).key).read()) == len(whole)
