"""Whether a message, read right after we asked "Shall I do that?", says yes or no and little else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Literal

from bot.embedded.language import OURS
from bot.embedded.words import words

_LONG = 200  # a yes is short
_TAIL_WORDS_MAX = 14
_TOKEN = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*|[?!.,;:]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_MARKS = frozenset("!.,;:")
_PLAIN = frozenset({"yes", "yeah", "yep", "ja", "jawohl", "oui", "ouais"})
_SIGNS = {"👍": " yes ", "👌": " yes ", "✅": " yes ", "✔": " yes ", "👎": " no ", "❌": " no ", "🙏": " thanks "}
# Faces and hearts say nothing of their own; a face that frowns or cries is left to a person to read.
_DECORATION = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f\u200d🙂😊😀😃😄😁😉❤🎉👏🤝]|(?<!\\w)[:;]-?[)D](?!\\w)")
_BUT = frozenset({"but", "and", "also", "maar", "en", "aber", "und", "mais", "et"})


def _phrases(lists: Iterable[Sequence[str]]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(_words(phrase)) for listed in lists for phrase in listed)


def _words(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text.lower().replace("’", "'")) if token not in _MARKS]


_LISTS = [words(language) for language in OURS]
_YES = _phrases(one.yes for one in _LISTS)
_NO = _phrases(one.no for one in _LISTS)
_PLEASE = _phrases(one.please for one in _LISTS)
_BESIDE = _phrases(one.beside for one in _LISTS)
_DOUBTFUL = _phrases(one.doubtful for one in _LISTS)
_KINDS = (("doubt", _DOUBTFUL), ("no", _NO), ("yes", _YES), ("please", _PLEASE), ("beside", _BESIDE))
_DAYS = _phrases(one.days for one in _LISTS)
_QUESTIONS = frozenset(word for one in _LISTS for word in one.questions)
_LIMITS = frozenset(word for one in _LISTS for word in one.limits)
_AFTER_NO = frozenset(word for one in _LISTS for word in one.after_no)
_PHRASE_MAX = max(len(phrase) for phrase in _DOUBTFUL | _YES | _NO | _PLEASE | _BESIDE)
# A refusal of one word that could belong to the words behind it: "no invoice", "ne kommt gleich", "faux bond".
_BARE_NO = frozenset({("nein",), ("nee",), ("neen",), ("non",), ("nope",), ("nah",), ("nö",)})
_FINE = frozenset({
    ("is", "fine"), ("is", "good"), ("is", "ok"), ("is", "okay"), ("is", "perfect"), ("works",), ("is", "goed"),
    ("is", "prima"), ("kan",), ("schikt",), ("passt",), ("passt", "gut"), ("geht",), ("ist", "gut"), ("ist", "ok"),
    ("ist", "in", "ordnung"), ("me", "va"), ("me", "convient"), ("ça", "me", "va"), ("c'est", "bon"), ("est", "bon"),
    ("c'est", "parfait"),
})  # fmt: skip


def yes_or_no(text: str) -> Literal["yes", "no"] | None:
    """Yes, no, or neither: strict, because on a yes something is done.

    A yes may bring thanks, a day that is called fine, or a question ("but where is my order?"); anything else beside
    it, above all a condition or a change, makes it neither. A no may bring what is wanted instead.
    """
    if len(text) > _LONG:
        return None
    tokens = _tokens(text)
    said = _without_marks(tokens)
    if not said:
        return None
    return "no" if _is_no(tokens) else "yes" if _is_yes(tokens) else None


def says_something(text: str) -> bool:
    """Whether any of the words agrees, refuses, doubts, asks or thanks."""
    said = _without_marks(_tokens(text))
    return not said or any(kind != "unknown" for kind in _kinds(said)) or bool(_QUESTIONS & set(said))


def _tokens(text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode()).lower().replace("’", "'")
    text = _DECORATION.sub(" ", text)
    for sign, meaning in _SIGNS.items():
        text = text.replace(sign, meaning)
    text = text.replace("\n", " , ")
    rest = _TOKEN.sub("", text)
    if rest.strip(" \t\r\"'()-–—…*_"):
        return []  # an emoji or sign we cannot read
    return _TOKEN.findall(_STRETCHED.sub(r"\1", text))


def _is_yes(tokens: list[str]) -> bool:
    """Phrases of agreement and what may stand beside them, to the end or to a question of its own."""
    position, agreed, pleased = 0, False, False
    while position < len(tokens):
        if tokens[position] in _MARKS:
            position += 1
            continue
        if agreed and _is_harmless_question(tokens, position):
            return True
        if tokens[position] == "?":
            return False
        day = _day_called_fine(tokens, position)
        if day:
            position, agreed = position + day, True
            continue
        length, kind = _longest(tokens, position)
        if not length or kind in ("no", "doubt"):
            return False
        agreed, pleased = agreed or kind == "yes", pleased or kind == "please"
        position += length
    return agreed or pleased


def _longest(tokens: list[str], position: int) -> tuple[int, str]:
    """The longest phrase that starts here, and what it says; doubt and refusal go before agreement."""
    for length in range(min(_PHRASE_MAX, len(tokens) - position), 0, -1):
        phrase = tuple(tokens[position : position + length])
        for kind, known in _KINDS:
            if phrase in known:
                return length, kind
    return 0, ""


def _day_called_fine(tokens: list[str], position: int) -> int:
    """How many words of "next Friday is fine" start here; 0 when a day is named and not called fine."""
    days = 0
    while position + days < len(tokens):
        step = next((n for n in (2, 3, 1) if tuple(tokens[position + days : position + days + n]) in _DAYS), 0)
        if not step:
            break
        days += step
    if not days:
        return 0
    for length in (3, 2, 1):
        if tuple(tokens[position + days : position + days + length]) in _FINE:
            return days + length
    return 0


def _is_harmless_question(tokens: list[str], position: int) -> bool:
    """Where or when something is, asked beside a plain yes ("ok, where is it?" is no yes)."""
    joined = list(takewhile(lambda token: token in _BUT or token in _MARKS, tokens[position:]))
    question = tokens[position + len(joined) :]
    is_apart = bool(joined) or tokens[position - 1] in _MARKS
    if tokens[0] not in _PLAIN or not is_apart or not question or question[0] not in _QUESTIONS:
        return False
    said = _without_marks(question)
    return len(said) <= _TAIL_WORDS_MAX and not _LIMITS & set(said) and not _refuses(said)


def _is_no(tokens: list[str]) -> bool:
    """A refusal first; behind it anything but an agreement."""
    position = 0
    while position < len(tokens):
        if tokens[position] in _MARKS:
            position += 1
            continue
        length, kind = _longest(tokens, position)
        if kind == "no":
            return _ends_there_or_explains(tokens, position, length)
        if kind not in ("beside", "please"):
            return False
        position += length
    return False


def _ends_there_or_explains(tokens: list[str], position: int, length: int) -> bool:
    phrase, rest = tuple(tokens[position : position + length]), tokens[position + length :]
    if not rest:
        return True
    said = _without_marks(rest)
    if rest[0] == "?" or _agrees(said):
        return False
    is_all_known = "unknown" not in _kinds(said)
    return is_all_known or phrase in _BARE_NO or rest[0] in _MARKS or (phrase == ("no",) and rest[0] in _AFTER_NO)


def _kinds(said: list[str]) -> list[str]:
    """What each phrase or word says, one after another. An agreement that goes on with a day ("do it Monday") is none."""
    kinds: list[str] = []
    position = 0
    while position < len(said):
        length, kind = _longest(said, position)
        position += max(length, 1)
        if kind == "yes" and tuple(said[position : position + 1]) in _DAYS:
            kind = ""
        kinds.append(kind or "unknown")
    return kinds


def _agrees(said: list[str]) -> bool:
    return "yes" in _kinds(said)


def _refuses(said: list[str]) -> bool:
    return "no" in _kinds(said)


def _without_marks(tokens: list[str]) -> list[str]:
    return [token for token in tokens if token not in _MARKS | {"?"}]
