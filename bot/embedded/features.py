"""What the intent model sees of a text: its figures hidden, its words and letter sequences as numbered features."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.embedded.entities import Span, figures, named_by_letters

# Raise this when a change here makes models trained before it useless; a model of another version is refused.
VERSION = 3

TEXT_MAX = 1000  # characters that are understood; what people want is said long before
WORD_BUCKETS, LETTER_BUCKETS = 8192, 16384
_LETTERS = range(2, 6)

# Which number, amount or day it is must not tell the intents apart, only that there is one.
_NUMBER = "number 1"
_HIDDEN = {
    "amount": "amount",
    "date": "date",
    "email": "email",
    "phone": "phone",
    "link": "link",
    "account": "account",
    "postcode": "postcode",
}
_TOKEN = re.compile(r"[^\W_]+|[?!]")
_SPACES, _LINES = re.compile(r"[^\S\n\r]+"), re.compile(r"\s*[\n\r]\s*")

Indexes = NDArray[np.int64]


def legible(text: str, limit: int = TEXT_MAX) -> str:
    """The text as far as it is read: composed, without control characters or half characters, spaces collapsed."""
    return " ".join(legible_lines(text, limit).split())


def legible_lines(text: str, limit: int = TEXT_MAX) -> str:
    """The same with its line breaks: where a line ends, a wish may end."""
    composed = unicodedata.normalize("NFC", text[: 2 * limit].encode("utf-8", "ignore").decode())
    kept = "".join(character if character.isprintable() or character.isspace() else " " for character in composed)
    return _LINES.sub("\n", _SPACES.sub(" ", kept)).strip()[:limit]


@lru_cache(maxsize=4096)
def masked(text: str) -> str:
    """The text in small letters with every figure behind a neutral word."""
    pieces: list[str] = []
    position = 0
    for span in figures(text):
        pieces += [text[position : span.start], _hidden(span)]
        position = span.end
    pieces.append(text[position:])
    return " ".join("".join(pieces).lower().split())


def _hidden(span: Span) -> str:
    """What stands for a figure. SO-1003 is a number that says itself what it is of."""
    if span.reference is None:
        return _HIDDEN[span.what]
    own = named_by_letters(span.reference.text)
    return f"{own.replace('_', ' ')} {_NUMBER}" if own else _NUMBER


def word_features(text: str) -> Indexes:
    """Words and pairs of words of a masked text, as buckets."""
    words = ["<", *_TOKEN.findall(text), ">"]
    named = {f"1 {word}" for word in words[1:-1]}
    named.update(f"2 {first} {second}" for first, second in pairwise(words))
    return _buckets(named, WORD_BUCKETS)


def letter_features(text: str) -> Indexes:
    """Sequences of two to five letters within the words of a masked text, as buckets."""
    named: set[str] = set()
    for word in _TOKEN.findall(text):
        around = f" {word[:40]} "
        for length in _LETTERS:
            named.update(around[start : start + length] for start in range(len(around) - length + 1))
    return _buckets(named, LETTER_BUCKETS)


def _buckets(named: set[str], buckets: int) -> Indexes:
    # crc32 and not hash(): the same on every machine and in every process.
    return np.array(sorted({crc32(name.encode()) % buckets for name in named}), dtype=np.int64)
