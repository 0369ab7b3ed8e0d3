"""A draft as one file that can be mailed: a zip of its models, forms, decisions and scenarios. What comes back is from strangers."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from engine import drafts
from engine.errors import Invalid, TooLarge

_MOST_ENTRIES = 1_000
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of the others Python unpacks whatever it has read, without any end
_NOISE = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|README\.md$)")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the same files make the same bytes


def pack(files: Mapping[str, bytes]) -> bytes:
    """Byte for byte the same for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted(files.items()):
            bundle.writestr(zipfile.ZipInfo(name, _FIRST_DAY), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def file_name(title: str) -> str:
    """What a draft's zip may be called anywhere."""
    return re.sub(r"[^\w.-]+", "-", title).strip("-.")[:80] or "draft"


def declared_encoding(content: bytes) -> str | None:
    """What the XML declaration of a file says, where it is a way to write text."""
    found = _ENCODING.match(content[:200])
    said = found[1].decode("ascii", "replace") if found else ""
    return said if is_encoding(said) else None


def is_encoding(said: str) -> bool:
    """Of the many that Python knows, those that files are written in: punycode takes minutes for a few thousand letters."""
    try:
        return _ENCODINGS.fullmatch(codecs.lookup(said).name) is not None
    except (LookupError, UnicodeError, ValueError):
        return False


_ENCODINGS = re.compile(r"ascii|utf-8|utf-16(-[lb]e)?|(iso8859|koi8|mac)-[\w-]+|cp\d+|gbk|gb2312|gb18030|big5|euc_(jp|kr)|shift_jis")
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{1,40})["']""")


def unpack(data: bytes) -> dict[str, bytes]:
    """The files that a draft can hold; others are left out. Nothing touches the disk. Raises Invalid, TooLarge."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            entries = [one for one in bundle.infolist() if not one.is_dir() and not _NOISE.search(one.filename)]
            if len(entries) > _MOST_ENTRIES:
                raise TooLarge(f"Expected at most {_MOST_ENTRIES} files in the zip, found {len(entries)}.")
            found = _read(bundle, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Invalid("Expected a zip file that can be read, without a password.", fields={"file": "a zip file"}) from error
    if not any(not name.startswith("scenarios/") for name in found):
        raise Invalid("Expected a .bpmn, .form or .dmn file in the zip, found none.", fields={"file": "models or forms"})
    return drafts.checked(found)


def _read(bundle: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = drafts.MOST_BYTES
    for entry in entries:
        name = _name_of(entry.filename)
        if name is None:
            continue
        if entry.compress_type not in _PACKED:
            raise NotImplementedError(entry.compress_type)
        with bundle.open(entry) as file:  # what the zip says of its sizes is not believed
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise TooLarge(f"Expected at most {drafts.MOST_BYTES >> 20} MB in the zip, found more.")
        if name in found:
            raise Invalid(f"Expected each file once in the zip, found '{name[:100]}' twice.", fields={"file": "each file once"})
        found[name] = content
    return found


def _name_of(path: str) -> str | None:
    """Without its folders, scenarios apart; None: nothing for a draft."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if not parts:
        return None
    folder = "scenarios/" if len(parts) > 1 and parts[-2] == "scenarios" else ""
    if folder:
        return folder + parts[-1] if parts[-1].endswith(".json") else None
    (name,) = drafts.renamed({parts[-1]: b""})
    return name if name.lower().endswith(drafts.ENDINGS) else None
