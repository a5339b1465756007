"""A screenshot as a small PNG: text on plain grounds needs few colours, and an index to them a third of the bytes.

Source: W3C, Portable Network Graphics (third edition), sections 9 (filtering) and 11.2 (critical chunks).
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter

COLOURS_MAX = 256
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# A colour of one pixel in so many is one of the page's own.
PLAIN_SHARE = 1500
# Sixteen steps per channel: shades of smoothed letters that nobody can tell apart become one.
_STEP = 17


def small_png(png: bytes) -> bytes:
    """The same picture with at most 256 colours. Takes what a browser writes: eight bits a channel, not interlaced."""
    width, height, channels, rows = _rows(png)
    pixels = [tuple(row[at : at + 3]) for row in rows for at in range(0, len(row), channels)]
    counts = Counter(pixels)
    # Grounds, rules and ink stay what they are; only the shades in between are rounded.
    plain = {colour for colour, count in counts.items() if count * PLAIN_SHARE > len(pixels)}
    coarse = {colour: colour if colour in plain else _coarse(colour) for colour in counts}
    weights: Counter[tuple[int, ...]] = Counter()
    for colour, count in counts.items():
        weights[coarse[colour]] += count
    kept = [colour for colour, _ in weights.most_common(COLOURS_MAX)]
    place = {colour: at for at, colour in enumerate(kept)}
    index = {colour: place[near] if near in place else _nearest(near, kept) for colour, near in coarse.items()}
    lines = (bytes(index[pixel] for pixel in pixels[at : at + width]) for at in range(0, len(pixels), width))
    body = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = bytes(channel for colour in kept for channel in colour)
    return b"".join(
        (_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"PLTE", palette), _chunk(b"IDAT", body), _chunk(b"IEND", b""))
    )


def _coarse(colour: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(round(channel / _STEP) * _STEP for channel in colour)


def _nearest(colour: tuple[int, ...], kept: list[tuple[int, ...]]) -> int:
    return min(range(len(kept)), key=lambda at: sum((a - b) ** 2 for a, b in zip(colour, kept[at], strict=True)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rows(png: bytes) -> tuple[int, int, int, list[bytearray]]:
    """Width, height, channels, and the bytes of each row with their filter taken off."""
    assert png.startswith(_SIGNATURE)
    at, body, width, height, channels = len(_SIGNATURE), b"", 0, 0, 0
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", data)
            assert (depth, interlaced) == (8, 0)
            channels = {2: 3, 6: 4}[colours]
        elif kind == b"IDAT":
            body += data
        at += 12 + length
    raw, stride = zlib.decompress(body), width * channels
    rows: list[bytearray] = []
    before = bytearray(stride)
    for number in range(height):
        start = number * (stride + 1)
        before = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), before, channels)
        rows.append(before)
    return width, height, channels, rows


def _unfiltered(kind: int, row: bytearray, above: bytearray, channels: int) -> bytearray:
    for at in range(len(row)):
        left = row[at - channels] if at >= channels else 0
        if kind == 1:
            row[at] = row[at] + left & 255
        elif kind == 2:
            row[at] = row[at] + above[at] & 255
        elif kind == 3:
            row[at] = row[at] + (left + above[at] >> 1) & 255
        elif kind == 4:
            row[at] = row[at] + _paeth(left, above[at], above[at - channels] if at >= channels else 0) & 255
    return row


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    far = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return (left, above, corner)[far.index(min(far))]
