"""Small files of every kind that is taken, and of some that only say so."""

import struct
import zipfile
import zlib
from io import BytesIO


def jpeg(width: int = 4, height: int = 3, *, more: bytes = b"", exif: bytes | None = None) -> bytes:
    """A picture as far as its structure goes: what stands between the scan and the end is nobody's business here."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    segments = _segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
    if exif is not None:
        segments += _segment(0xE1, b"Exif\x00\x00" + exif)
    segments += _segment(0xC0, frame) + _segment(0xDA, b"\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00")
    return b"\xff\xd8" + segments + b"\x12\x34" + more + b"\xff\xd9"


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def png(width: int = 2, height: int = 2) -> bytes:
    """Really a picture where it is small; with big measures only one that says so."""
    rows = b"".join(b"\x00" + b"\x20\x60\x90" * width for _ in range(height)) if width * height < 1_000_000 else b"\x00"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def webp() -> bytes:
    content = b"WEBPVP8 " + struct.pack("<I", 12) + b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", 16, 9) + b"\x00\x00"
    return b"RIFF" + struct.pack("<I", len(content)) + content


def heic() -> bytes:
    start = b"ftypheic\x00\x00\x00\x00mif1heic"
    boxes = [start, b"meta\x00\x00\x00\x00", b"mdat\x01\x02\x03\x04"]
    return b"".join(struct.pack(">I", len(box) + 4) + box for box in boxes)


def pdf(text: str = "Estimate") -> bytes:
    return f"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n% {text}\nxref\n0 1\ntrailer\n<< >>\nstartxref\n9\n%%EOF\n".encode()


def zipped() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "content")
    return out.getvalue()


HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
