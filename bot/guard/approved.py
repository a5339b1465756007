"""What people approved as it is, taken out of a draft: whole sentences only, so that no word glued to one changes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.wording import say

# Approved sentences without places that say nothing of anybody's account; others are true only where a tool says them.
_HARMLESS = ("greeting", "thanks", "out_of_scope", "not_sure", "who_are_you")
_ENDS = ".!?…:)}"
_START = re.compile(r"(?:^|(?<=\n)|(?<=[.!?…:)}]\s))[ \t]*(?=\S)")
_PIECE = re.compile(r"[^.!?…]+[.!?…]+(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Own:
    """A stretch of the drafter's own words. `glued` says why it may not stand beside what was approved, if so."""

    text: str
    glued: bool = False


@cache
def harmless(language: str) -> frozenset[str]:
    """The approved sentences that a model may use without any tool having said them."""
    return frozenset(say(key, language) for key in _HARMLESS)


def own_words(draft: str, sentences: Collection[str]) -> tuple[list[Own], bool]:
    """The drafter's own words between approved sentences (as `sentences_of` gives them), and whether there were any."""
    by_start = _by_start(sentence for sentence in sentences if sentence in draft)
    own: list[Own] = []
    taken_any = False
    begin = position = 0
    behind = False  # whether the stretch follows an approved sentence
    while True:
        start = _START.search(draft, position)
        if start is None:
            break
        at = start.end()
        sentence = _here(draft, at, by_start)
        if sentence is None or not _may_precede(draft[begin:at], sentence):
            position = max(at, position + 1)
            continue
        _keep(own, draft[begin:at], behind)
        taken_any, behind = True, True
        begin = position = at + len(sentence)
    _keep(own, draft[begin:], behind)
    return own, taken_any


def sentences_of(approved: Collection[str]) -> set[str]:
    """What was approved, and each whole sentence of it. A word alone approves nothing: it is part of a list."""
    return {piece for one in approved for piece in _pieces(one)}


@lru_cache(maxsize=4_000)
def _pieces(approved: str) -> frozenset[str]:
    found = {approved.strip()}
    for line in approved.split("\n"):
        found.add(line.strip())
        found.update(piece.strip() for piece in _PIECE.findall(line))
    return frozenset(one for one in found if one and ("{" in one or len(one.split()) > 1 or one[-1] in ".!?"))


def _by_start(sentences: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in sentences:
        found.setdefault(one[:4], []).append(one)
    return found


def _here(draft: str, at: int, by_start: dict[str, list[str]]) -> str | None:
    for length in (4, 3, 2):
        for sentence in sorted(by_start.get(draft[at : at + length], ()), key=len, reverse=True):
            if len(sentence) < 4 and length != len(sentence):
                continue
            end = at + len(sentence)
            if draft.startswith(sentence, at) and _ends_here(draft, end, sentence):
                return sentence
    return None


def _ends_here(draft: str, end: int, sentence: str) -> bool:
    if end == len(draft) or draft[end] == "\n":
        return True
    return sentence[-1] in _ENDS and draft[end].isspace()


def _may_precede(before: str, sentence: str) -> bool:
    """Whether these own words are over where the approved sentence begins. Only a list may follow a colon."""
    before = before.strip()
    return not before or before[-1] in ".!?…" or (before[-1] == ":" and sentence.startswith("•"))


def _keep(own: list[Own], text: str, behind: bool) -> None:
    bare = text.strip()
    if bare:
        own.append(Own(bare, glued=behind and not (bare[0].isupper() or bare[0] in '•{“"«(')))
