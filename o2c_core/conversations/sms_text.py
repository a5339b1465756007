"""A text for a phone: what it costs in segments, written so that it costs little, and short enough to send.

Sources: 3GPP TS 23.038 section 6.2.1 (the GSM alphabet and its extension table);
twilio.com/docs/glossary/what-sms-character-limit; twilio.com/docs/api/errors/21617 (1,600 characters).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SEGMENTS_MAX = 2
CHARACTERS_MAX = 1600

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
# Single and per part of several: a part gives up room to the header that joins them.
_ROOM: dict[str, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True)
class Segments:
    """What a text costs. Units: septets in GSM-7, 16-bit units in UCS-2; an escape or surrogate pair is two."""

    count: int
    encoding: Literal["GSM-7", "UCS-2"]
    units: int


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM alphabet, so that the cheap encoding holds it."""
    return all(one in _BASIC or one in _EXTENSION for one in text)


def segments(text: str) -> Segments:
    """How many texts it is sent as; a pair is never split over two. Nothing at all is no text."""
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if is_gsm(text) else "UCS-2"
    costs = [_cost(one, encoding) for one in text]
    units = sum(costs)
    single, part = _ROOM[encoding]
    if units <= single:
        return Segments(1 if units else 0, encoding, units)
    count, left = 1, part
    for cost in costs:
        if cost > left:
            count, left = count + 1, part
        left -= cost
    return Segments(count, encoding, units)


def _cost(one: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if one in _EXTENSION else 1
    return 2 if ord(one) > 0xFFFF else 1


# What a keyboard has instead of what a word processor makes of it.
_TYPED = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′‹›`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−⁃•·", "-"),
        **dict.fromkeys("\t\u00a0\u1680\u202f\u205f\u3000", " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
        **dict.fromkeys("\u2028\u2029\u000b", "\n"),
        # Seen by nobody; the joiners (200c, 200d) stay, because other scripts and emoji are spelled with them.
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad\u200e\u200f", ""),
        "…": "...",
        "×": "x",
        "½": "1/2",
        "¼": "1/4",
        "¾": "3/4",
        "№": "no. ",
        "™": "(TM)",
        "®": "(R)",
        "©": "(C)",
    }
)
# Letters that are not a letter with an accent to Unicode, and so have no letter underneath.
_LETTERS = str.maketrans(
    dict(
        pair.split(":")
        for pair in (  # noqa: SIM905 (one line to read, not twenty)
            "œ:oe Œ:OE ĳ:ij Ĳ:IJ ł:l Ł:L đ:d Đ:D ð:d Ð:D þ:th Þ:Th ħ:h Ħ:H ı:i ŧ:t Ŧ:T ŋ:n Ŋ:N ĸ:k ẞ:SS ﬁ:fi ﬂ:fl"
        ).split()
    )
)
_CURRENCIES = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905
        "₹:INR ₺:TRY ₽:RUB ₴:UAH ₪:ILS ₩:KRW ₫:VND ₦:NGN ₱:PHP ₡:CRC ₲:PYG ₵:GHS ₸:KZT ₼:AZN ₾:GEL ฿:THB ₮:MNT ₭:LAK"
    ).split()
)
_EURO = {"€": "EUR"}


def plain(text: str) -> str:
    """The same words in characters that cost little: typed punctuation, "EUR" for the euro sign, no letter that makes it
    UCS-2 where one without its accent will do. £, $ and ¥ are in the alphabet and stay. What is in another script
    stays as it is, and nothing is ever changed at the price of another segment.
    """
    cost = segments(text).count
    for currencies in (_EURO | _CURRENCIES, _CURRENCIES):
        typed = _typed(text, currencies)
        if is_gsm(typed) and segments(typed).count <= cost:
            return typed
    return text


def _typed(text: str, currencies: dict[str, str]) -> str:
    typed = unicodedata.normalize("NFC", text).translate(_TYPED)
    names: dict[str, str | int | None] = dict(currencies)
    signs = "".join(currencies)
    # "€1.240" and "1.240€" get the space that a word needs and a sign does not.
    typed = re.sub(rf"(?<=[\w.,-])(?=[{signs}])|(?<=[{signs}])(?=[\w.,+-])", " ", typed)
    typed = typed.translate(str.maketrans(names))
    return typed if is_gsm(typed) else "".join(one if is_gsm(one) else _unaccented(one) for one in typed)


def _unaccented(one: str) -> str:
    bare = "".join(part for part in unicodedata.normalize("NFD", one) if not unicodedata.combining(part))
    return bare.translate(_LETTERS)


def fit_sms(text: str, segments_max: int = SEGMENTS_MAX) -> str:
    """The text in plain characters, shortened where it is too long: after a sentence if that keeps most of it, else
    between two words, with "...". A link, a number or an amount is either there whole or not at all.
    """
    whole = plain(text).strip()
    if _fits(whole, segments_max):
        return whole
    after_sentence = _longest(whole, _sentence_ends(whole), "", segments_max)
    for places in (_word_ends(whole), _letter_ends(whole)):
        after_word = _longest(whole, places, "...", segments_max)
        if after_word:
            return after_sentence if len(after_sentence) * 2 >= len(after_word) else after_word
    return after_sentence or "..."


def _fits(text: str, segments_max: int) -> bool:
    return segments(text).count <= segments_max and len(text.encode("utf-16-le", "surrogatepass")) <= 2 * CHARACTERS_MAX


def _longest(text: str, ends: Iterable[int], tail: str, segments_max: int) -> str:
    """The longest beginning that ends at one of those places and fits with its tail; "" when none does."""
    places = list(ends)
    # What fits is a run at the beginning, since a longer beginning never costs less.
    found = bisect_right(places, False, key=lambda end: not _fits(text[:end] + tail, segments_max))
    if found == 0:
        return ""
    beginning = text[: places[found - 1]].rstrip()
    return beginning.rstrip(" .,;:-(\"'") + tail if tail else beginning


_SPACE = re.compile(r"\s+")


def _sentence_ends(text: str) -> Iterable[int]:
    for space in _SPACE.finditer(text):
        before, follows = text[max(space.start() - 4, 0) : space.start()], text[space.end() : space.end() + 1]
        is_ended = before.rstrip("\"')").endswith((".", "!", "?"))
        # "3. März" and "nr. 12" are not the end of anything.
        is_ordinal = re.search(r"(?:^|\s)\d{1,2}\.$", before) is not None
        if is_ended and not is_ordinal and not follows.islower() and not follows.isdigit():
            yield space.start()


def _word_ends(text: str) -> Iterable[int]:
    for space in _SPACE.finditer(text):
        before, after = text[: space.start()].rstrip(".")[-1:], text[space.end() : space.end() + 1]
        # A figure and what stands beside it ("EUR 1 240,50", "9 pieces", "NL91 ABNA") belong together.
        if not before.isdigit() and not after.isdigit() and before not in "£$¥€" and after not in "£$¥€%":
            yield space.start()


def _letter_ends(text: str) -> Iterable[int]:
    """Between two letters of a word that is nothing but letters; the only places in a script without spaces."""
    for word in re.finditer(r"\S+", text):
        if all(unicodedata.category(one)[0] in "LM" or one in "、。，．！？；：" for one in word.group()):
            yield from (end for end in range(word.start() + 1, word.end()) if unicodedata.category(text[end])[0] == "L")
