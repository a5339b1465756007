"""Finding the guard's words, stems and phrases in a sentence, all languages in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.guard.words import ALL, entries, headings

_GAP = ".."
_GAP_WORDS_MAX = 5
_HEADINGS = (
    "days", "money", "links", "legal", "fault", "threats", "asks", "near_places", "concessions", "commitments",
    "matters", "negations", "contradictions", "conditionals", "first_person", "polite", "names", "talk", "assents",
    "owed", "claims",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One word, stem or phrase. `what` is its heading; deeds are "deeds." and their group."""

    what: str
    language: str
    steps: tuple[tuple[str, bool], ...]

    def end(self, tokens: Sequence[str], at: int, step: int = 0) -> int | None:
        """Where it ends when it begins at that token."""
        for place in range(step, len(self.steps)):
            text, is_stem = self.steps[place]
            if text == _GAP:
                last = min(len(tokens), at + _GAP_WORDS_MAX + 1)
                return next(
                    (end for start in range(at, last) if (end := self.end(tokens, start, place + 1)) is not None), None
                )
            if at >= len(tokens) or not (tokens[at].startswith(text) if is_stem else tokens[at] == text):
                return None
            at += 1
        return at


@dataclass(frozen=True, slots=True)
class Hit:
    what: str
    start: int
    end: int


_STEM_LETTERS = 3


@cache
def _index() -> tuple[dict[str, list[Entry]], dict[str, list[Entry]]]:
    """The entries by their first word, and those that begin with a stem by the first letters of that."""
    by_word: dict[str, list[Entry]] = {}
    by_stem: dict[str, list[Entry]] = {}
    for language in ALL:
        named = [(what, entries(language, what)) for what in _HEADINGS]
        named += [(f"deeds.{group}", entries(language, "deeds", group)) for group in headings(language, "deeds")]
        for what, written in named:
            for one in written:
                steps = tuple((word.removesuffix("*"), word.endswith("*")) for word in one.lower().split())
                first, is_stem = steps[0]
                assert not is_stem or len(first) >= _STEM_LETTERS, one
                index = by_stem if is_stem else by_word
                index.setdefault(first[:_STEM_LETTERS] if is_stem else first, []).append(Entry(what, language, steps))
    return by_word, by_stem


@cache
def _innocent(language: str) -> frozenset[str]:
    return frozenset(entries(language, "innocent"))


def hits(tokens: Sequence[str], language: str) -> Iterator[Hit]:
    """Every entry in these small-letter words. A word that is innocent in this language begins no entry of another."""
    (by_word, by_stem), innocent = _index(), _innocent(language)
    for at, token in enumerate(tokens):
        for entry in (*by_word.get(token, ()), *by_stem.get(token[:_STEM_LETTERS], ())):
            if entry.language != language and token in innocent:
                continue
            end = entry.end(tokens, at)
            if end is not None:
                yield Hit(entry.what, at, end)
