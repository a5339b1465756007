"""Whether other words for a reminder are made of pieces that can mean nothing else than what was approved."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.facts import PLACE

_HERE = Path(__file__).parent / "rephrasing_words"
_SENTENCE = re.compile(r"[^.?!]+[.?!]*")
_BETWEEN = re.compile(r"[,;:()«»“”„\"–—\s\u00a0\u202f]+")
_ELIDED = re.compile(r"\b([ldnmtsc]|qu|jusqu)'(?=\w)")
_PIECE = "␟"
_IN_PLACE = r"\{f\d+\}"
# What counts days stands behind a number of days and behind no other fact.
_COUNTED = frozenset(("day", "days", "dag", "dagen", "tag", "tage", "tagen", "jour", "jours"))
# What may be said of whatever is asked for. Everything else has to be in the approved words too.
_FREE = frozenset(("pay", "open", "reply", "together", "neutral"))
_PAST = frozenset(("late", "missing", "due_past"))
# What has to be said again, by one of these.
_KEPT: dict[str, frozenset[str]] = {
    "late": frozenset(("late",)),
    "missing": frozenset(("missing", "open", "late", "due_past")),
    "nothing": frozenset(("nothing",)),
    "contact": frozenset(("contact",)),
    "promised": frozenset(("promised",)),
    "date": frozenset(("date",)),
    "wrong": frozenset(("wrong", "way")),
    "way": frozenset(("way", "wrong")),
    "pay": frozenset(("pay",)),
    "reply": frozenset(("reply",)),
    "on_its_way": frozenset(("on_its_way",)),
}


@dataclass(frozen=True)
class Pieces:
    """The words and phrases of one language; `before_day` may stand before a day, `before_day_only` before nothing else,
    and `before_number` before a number and nothing else."""

    words: frozenset[str]
    before_day: frozenset[str]
    before_day_only: frozenset[str]
    before_number: frozenset[str]
    phrases: tuple[tuple[str, re.Pattern[str]], ...]


def misfit(mine: str, ours: str, kinds: Mapping[str, str], language: str) -> str | None:
    """What of one paragraph is not a piece of reminders, or says something else than the approved paragraph; None when
    nothing does. `kinds` say what each fact is: a "day", "money", "count", "number" or "name".

    Sentences that are approved as they stand pass as they stand, and those that are not made of pieces only so.
    """
    pieces, approved = pieces_of(language), {sentence.strip() for sentence in _SENTENCE.findall(ours)}
    said: set[str] = set()
    written_as = [one.strip() for one in _SENTENCE.findall(mine)]
    for written in written_as:
        found, left = _taken_apart(written, pieces, language)
        said |= found
        if written in approved:
            continue
        strange = next((token for token in left if token not in pieces.words), None)
        if strange is not None:
            return f"words that may not be used: {strange!r}"
        odd = _misplaced(written, ours, kinds, pieces, language)
        if odd is not None:
            return odd
    meant = _taken_apart(ours, pieces, language)[0]
    beyond = said - meant - _FREE - (_PAST if meant & _PAST else set()) - {"due_coming" if not meant & _PAST else ""}
    if beyond:
        return f"something the text does not say: {sorted(beyond)[0]!r}"
    bound = next((one for one in approved if one not in written_as and not _is_made_of(one, pieces, language)), None)
    if bound is not None:
        return "a sentence less that only stands as it is"
    left_out = next((one for one, by in _KEPT.items() if one in meant and not said & by), None)
    return f"something left out: {left_out!r}" if left_out else None


def _misplaced(written: str, ours: str, kinds: Mapping[str, str], pieces: Pieces, language: str) -> str | None:
    """A fact where another kind of fact belongs, or beside facts of another sentence."""
    together = PLACE.findall(written)
    if together and not any(set(together) <= set(PLACE.findall(one)) for one in _SENTENCE.findall(ours)):
        return "facts of two sentences in one"
    counted = {at: behind for at, _, behind in _around(ours, language)}
    for place, before, behind in _around(written, language):
        kind = kinds.get(place, "")
        if kind == "count":
            if behind != counted.get(place) and not {behind, counted.get(place)} <= _COUNTED:
                return "a number beside other words"
            continue
        if behind in _COUNTED:
            return "a number beside other words"
        if (before in pieces.before_day_only and kind != "day") or (
            before in pieces.before_number and kind != "number"
        ):
            return "a fact where another belongs"
        if (kind == "day" and before not in pieces.before_day) or (
            kind == "number" and before not in pieces.before_number
        ):
            return "a fact where another belongs"
    return None


def _is_made_of(sentence: str, pieces: Pieces, language: str) -> bool:
    return all(token in pieces.words for token in _taken_apart(sentence, pieces, language)[1])


def _around(text: str, language: str) -> Iterator[tuple[str, str, str]]:
    """Each fact with the word before it and the one behind it."""
    tokens = ["", *_plain(text, language).split(), ""]
    for at, token in enumerate(tokens):
        if found := PLACE.fullmatch(token):
            yield found[1], tokens[at - 1], tokens[at + 1]


def _taken_apart(text: str, pieces: Pieces, language: str) -> tuple[set[str], list[str]]:
    """The phrases in it by their names, longest first, and the words that are left."""
    left, found = _plain(text, language), set()
    while True:
        matches = [(match, name) for name, phrase in pieces.phrases for match in phrase.finditer(left)]
        if not matches:
            break
        match, name = max(matches, key=lambda one: (one[0].end() - one[0].start(), -one[0].start()))
        found.add(name)
        left = f"{left[: match.start()]} {_PIECE} {left[match.end() :]}"
    return found, [token for token in left.split() if token != _PIECE and not PLACE.fullmatch(token)]


def _plain(text: str, language: str) -> str:
    """In small letters, without the marks between words."""
    text = _BETWEEN.sub(" ", re.sub(r"[.?!]", " ", text).lower().replace("’", "'")).strip()
    return _ELIDED.sub(r"\1' ", text) if language == "fr" else text


@cache
def pieces_of(language: str) -> Pieces:
    """Those of that language; its file is read once."""
    said = tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))
    return Pieces(
        words=_words(said["words"]),
        before_day=_words(said["before_day"]),
        before_day_only=_words(said["before_day_only"]),
        before_number=_words(said["before_number"]),
        phrases=tuple((name, _phrase(one, language)) for name, of_name in said["phrases"].items() for one in of_name),
    )


def _words(said: str) -> frozenset[str]:
    return frozenset(said.split())


def _phrase(said: str, language: str) -> re.Pattern[str]:
    if language == "fr":
        said = _ELIDED.sub(r"\1' ", said)
    return re.compile(rf"(?<![\w'{{}}-])(?:{said.replace('PLACE', _IN_PLACE).strip()})(?![\w'}}-])")


def languages_known() -> Collection[str]:
    return tuple(sorted(path.stem for path in _HERE.glob("*.toml")))
