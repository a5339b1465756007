"""A screenshot keeps its size and its grounds when it is made small."""

import struct
import zlib

import pytest

from app.small_png import COLOURS_MAX, _rows, small_png

GROUND, INK = (238, 244, 240), (28, 33, 30)


def a_png(width: int, height: int, kind: int) -> bytes:
    """Mostly ground, one pixel in eight ink, and some shades in between; each row with that filter."""
    before, lines = [0] * (width * 3), []
    for y in range(height):
        row = [c for x in range(width) for c in ((x, y, 7) if x == y else INK if x % 8 == 0 else GROUND)]
        left = [0, 0, 0, *row[:-3]]
        corner = [0, 0, 0, *before[:-3]]
        guess = {0: [0] * len(row), 1: left, 2: before, 3: [(a + b) // 2 for a, b in zip(left, before, strict=True)]}
        taken = guess.get(kind) or [
            min((a, b, c), key=lambda v, p=a + b - c: abs(p - v)) for a, b, c in zip(left, before, corner, strict=True)
        ]
        lines.append(bytes([kind, *((now - off) % 256 for now, off in zip(row, taken, strict=True))]))
        before = row
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b""))
    made = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4])
def test_grounds_and_ink_stay_what_they_are_whatever_filter_the_browser_chose(kind: int) -> None:
    width, height, channels, rows = _rows(a_png(64, 64, kind))
    assert (width, height, channels) == (64, 64, 3)
    assert tuple(rows[5][3:6]) == GROUND
    small = small_png(a_png(64, 64, kind))
    size, palette = small[16:24], small[small.index(b"PLTE") + 4 :]
    assert struct.unpack(">II", size) == (64, 64)
    colours = {tuple(palette[at : at + 3]) for at in range(0, 3 * COLOURS_MAX, 3)}
    assert {GROUND, INK} <= colours
