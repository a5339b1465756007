"""Where one message might hold two wishes: its clauses."""

from __future__ import annotations

import re

_WORDS_MIN = 2
CLAUSES_MAX = 6

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)|\s*\n+\s*|\s+[-–—]+\s+|;\s*")
_AND = (
    r"\band\b|\balso\b|\bplus\b|\bbut\b|\bthen\b|\bbtw\b|\bby the way\b|&|\+"
    r"|\ben\b|\been daarbij\b|\bdaarnaast\b|\btrouwens\b|\bmaar\b|\bverder\b|\book\b"
    r"|\bund\b|\baußerdem\b|\bzudem\b|\bübrigens\b|\baber\b|\bsowie\b"
    r"|\bet\b|\bpuis\b|\bmais\b|\bau fait\b|\bd'ailleurs\b|\bainsi que\b"
)
_JOIN = re.compile(rf"(?:,\s*)?(?:{_AND})\s+|,\s+", re.IGNORECASE)
# A full stop after one of these ends no sentence.
_ABBREVIATED = re.compile(
    r"(?:\b(?:inv|nr|no|nos|fact|ord|best|art|tel|mr|mrs|ms|dr|hr|fr|mevr|dhr|st|str|ca|bijv|evt|zgn|bzw|usw|z\.b|n|cde|cmd|fac|réf|ref"
    r"|tél|approx|rg|rechn|bestell|b\.v|gmbh|co|ltd|inc)|\b[a-z])\.$",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The text at its sentence ends."""
    pieces: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if not piece or not piece.strip(" .,!?;"):
            continue
        if pieces and _ABBREVIATED.search(pieces[-1]):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece.strip())
    return pieces


def clauses(text: str) -> list[str]:
    """The sentences, cut again at "and", "but" and commas where both sides could stand on their own."""
    found: list[str] = []
    for sentence in sentences(text):
        start = 0
        for joint in _JOIN.finditer(sentence):
            before = sentence[start : joint.start()].strip(" ,")
            following = _JOIN.search(sentence, joint.end())
            after = sentence[joint.end() : following.start() if following else None]
            if len(before.split()) >= _WORDS_MIN and len(after.split()) >= _WORDS_MIN:
                found.append(before)
                start = joint.end()
        rest = sentence[start:].strip(" ,")
        if rest:
            found.append(rest)
    return found[:CLAUSES_MAX]
