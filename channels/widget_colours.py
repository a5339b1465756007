"""A company's colour where people can read it, and our own where they could not."""

from __future__ import annotations

from dataclasses import dataclass

# Text on its ground. Source: WCAG 2.2, success criterion 1.4.3.
CONTRAST_MIN = 4.5
WHITE, BLACK = (255, 255, 255), (16, 20, 18)
# The grounds the widget stands on, and what it wears on them where a company's own colour will not do.
PAPER = {"light": (255, 255, 255), "dark": (27, 31, 29)}
OURS = {"light": (31, 95, 74), "dark": (121, 194, 164)}
# A colour that has to be mixed with more black or white than this is no longer theirs.
MIXED_MAX = 0.45
_STEPS = 30

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Pair:
    """A colour, and the one in which to write on it."""

    accent: str
    ink: str


def pairs(accent: str | None) -> dict[str, Pair]:
    """What to wear by light and by dark."""
    return {scheme: _pair(accent, scheme) for scheme in PAPER}


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black and white). Source: WCAG 2.2, "contrast ratio"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def parse(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _pair(accent: str | None, scheme: str) -> Pair:
    paper = PAPER[scheme]
    theirs = _readable(parse(accent), paper, towards=BLACK if scheme == "light" else WHITE) if accent else None
    worn = theirs or OURS[scheme]
    ink = max(WHITE, BLACK, key=lambda one: contrast(worn, one))
    return Pair(_shown(worn), _shown(ink))


def _readable(colour: Colour, paper: Colour, *, towards: Colour) -> Colour | None:
    """The colour, mixed with as little as makes it readable on that ground; None where too little of it would be left."""
    for step in range(_STEPS + 1):
        share = MIXED_MAX * step / _STEPS
        mixed = _mix(colour, towards, share)
        if contrast(mixed, paper) >= CONTRAST_MIN:
            return mixed
    return None


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shown(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
