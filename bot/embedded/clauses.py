"""Where one message might hold two wishes: its clauses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORDS_MIN = 2
CLAUSES_MAX = 6

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)|\s*\n+\s*|\s+[-–—]+\s+|;\s*")
_AND = (
    r"\band\b|\balso\b|\bplus\b|\bbut\b|\bthen\b|\bbtw\b|\bby the way\b|\bas well as\b|\botherwise\b|&|\+"
    r"|\ben\b|\been daarbij\b|\bdaarnaast\b|\btrouwens\b|\bmaar\b|\bverder\b|\book\b|\btevens\b|\balsmede\b"
    r"|\bund\b|\baußerdem\b|\bzudem\b|\bübrigens\b|\baber\b|\bsowie\b|\bferner\b"
    r"|\bet\b|\bpuis\b|\bmais\b|\bau fait\b|\bd'ailleurs\b|\bainsi que\b|\bpar ailleurs\b|\bpar contre\b"
)
_JOIN = re.compile(rf"(?:,\s*)?(?:{_AND})\s+|,\s+", re.IGNORECASE)
# "1. the invoice 2. my order": a list, when it has a first and a second. "On the 2. of May" has no first.
_LISTED = re.compile(r"(?:^|(?<=\s))[12345][.)]\s+(?=\S)")
_FIRST, _SECOND = re.compile(r"(?:^|\s)1[.)]\s"), re.compile(r"\s2[.)]\s")
# A full stop after one of these ends no sentence.
_ABBREVIATED = re.compile(
    r"(?:\b(?:inv|nr|no|nos|fact|ord|best|art|tel|mr|mrs|ms|dr|hr|fr|mevr|dhr|st|str|ca|bijv|evt|zgn|bzw|usw|z\.b|n|cde|cmd|fac|réf|ref"
    r"|tél|approx|rg|rechn|bestell|b\.v|gmbh|co|ltd|inc)|\b[a-z])\.$",
    re.IGNORECASE,
)

# "am 2. März", "on the 2. of May": the full stop is part of the day.
_DAY, _MONTH = (
    re.compile(r"\b\d{1,2}\.$"),
    re.compile(
        r"(?:of\s|jan|feb|fév|mar|mrt|maart|mär|apr|avr|mai|may|mei|jun|jui|jul|aug|aoû|sep|okt|oct|nov|dez|dec|déc)",
        re.IGNORECASE,
    ),
)


@dataclass(frozen=True)
class Cut:
    """A message in clauses. `joined` are its sentences of several clauses, as (first, past the last, the sentence)."""

    clauses: list[str]
    joined: list[tuple[int, int, str]]


def sentences(text: str) -> list[str]:
    """The text at its sentence ends and list numbers."""
    if _FIRST.search(text) and _SECOND.search(text):
        text = _LISTED.sub("\n", text)
    pieces: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if not piece or not piece.strip(" .,!?;"):
            continue
        if pieces and (_ABBREVIATED.search(pieces[-1]) or (_DAY.search(pieces[-1]) and _MONTH.match(piece))):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece.strip())
    return pieces


def clauses(text: str) -> list[str]:
    """The sentences, cut again at "and", "but" and commas where both sides could stand on their own."""
    return cut(text).clauses


def cut(text: str) -> Cut:
    found: list[str] = []
    joined: list[tuple[int, int, str]] = []
    said = sentences(text)
    for sentence in said:
        pieces = _pieces(sentence)
        start, end = len(found), min(len(found) + len(pieces), CLAUSES_MAX)
        found += pieces
        if len(said) > 1 and end - start > 1:
            joined.append((start, end, sentence))
    return Cut(found[:CLAUSES_MAX], joined)


def _pieces(sentence: str) -> list[str]:
    found: list[str] = []
    start = 0
    for joint in _JOIN.finditer(sentence):
        before = sentence[start : joint.start()].strip(" ,")
        following = _JOIN.search(sentence, joint.end())
        after = sentence[joint.end() : following.start() if following else None]
        if len(before.split()) >= _WORDS_MIN and len(after.split()) >= _WORDS_MIN:
            found.append(before)
            start = joint.end()
    rest = sentence[start:].strip(" ,")
    return [*found, rest] if rest else found


def asked_about(parts: Cut) -> list[str]:
    """What has to be read to know what the clauses ask: each of them, and each sentence that holds several."""
    return [*parts.clauses, *(sentence for _, _, sentence in parts.joined)]


def settled(parts: Cut, is_plain: Sequence[bool]) -> list[tuple[int, str]]:
    """The clauses that stay, each with its row in `asked_about`: a sentence that is plain as a whole is not taken apart."""
    kept: list[tuple[int, str]] = []
    position = 0
    for row, (start, end, sentence) in enumerate(parts.joined, start=len(parts.clauses)):
        kept += [(index, parts.clauses[index]) for index in range(position, start)]
        if is_plain[row]:
            kept.append((row, sentence))
        else:
            kept += [(index, parts.clauses[index]) for index in range(start, end)]
        position = end
    return kept + [(index, parts.clauses[index]) for index in range(position, len(parts.clauses))]
