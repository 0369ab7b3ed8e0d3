"""Pictures of pages for the documentation: PNG with a palette, small enough to stand in the repository."""

import base64
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Browser, Page

# The colours of a screenshot, rounded, the most frequent first; what is rarer takes the nearest of them.
_INDEX = """async source => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), drawn = canvas.getContext("2d");
  drawn.drawImage(image, 0, 0);
  const {data} = drawn.getImageData(0, 0, image.width, image.height), many = new Map(), at = new Uint8Array(data.length / 4);
  const rounded = place => ((data[place] & 0xf8) << 16) | ((data[place + 1] & 0xf8) << 8) | (data[place + 2] & 0xf8);
  for (let place = 0; place < data.length; place += 4) many.set(rounded(place), (many.get(rounded(place)) ?? 0) + 1);
  const palette = [...many].sort((one, other) => other[1] - one[1]).slice(0, COLOURS).map(([colour]) => colour), nearest = new Map();
  const far = (one, other) => [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
  const find = colour => palette.reduce((best, other, index) => (far(colour, other) < far(colour, palette[best]) ? index : best), 0);
  for (let place = 0; place < at.length; place++) {
    const colour = rounded(place * 4);
    if (!nearest.has(colour)) nearest.set(colour, find(colour));
    at[place] = nearest.get(colour);
  }
  const exact = new Map();  // white is white: each rounded colour stands for the most frequent exact one
  for (let place = 0; place < data.length; place += 4) {
    const seen = exact.get(rounded(place)) ?? exact.set(rounded(place), new Map()).get(rounded(place));
    const colour = (data[place] << 16) | (data[place + 1] << 8) | data[place + 2];
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  const shown = palette.map(colour => [...exact.get(colour)].sort((one, other) => other[1] - one[1])[0][0]);
  let text = "";
  for (let place = 0; place < at.length; place += 8192) text += String.fromCharCode(...at.subarray(place, place + 8192));
  return {width: image.width, height: image.height, palette: shown, indices: btoa(text)};
}"""


def keep(page: Page, chromium: Browser, file: Path, *, colours: int = 64) -> None:
    """What `page` shows, as `file` with at most `colours` (256) colours."""
    taken = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
    blank = chromium.new_page()
    found = blank.evaluate(_INDEX.replace("COLOURS", str(colours)), f"data:image/png;base64,{taken}")
    blank.close()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_png(found["width"], found["height"], found["palette"], base64.b64decode(found["indices"])))


def _png(width: int, height: int, palette: list[int], indices: bytes) -> bytes:
    """PNG, third edition: colour type 3, eight bits, no filter."""
    rows = b"".join(b"\0" + indices[row * width : (row + 1) * width] for row in range(height))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(colour.to_bytes(3, "big") for colour in palette)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
