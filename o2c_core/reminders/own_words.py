"""What a person may write into a reminder in their own words: everything but figures, days, and what has a form of its own.

A person may say it otherwise, and what is said must still come from the ledger: every figure in their words has to be one
of the message's own. The words that are kept out are in kept_out/, one file per language, for translators to extend.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from o2c_core.customers.customer import LANGUAGES
from o2c_core.errors import Refused

WORDS_MAX = 600
_SPACES = re.compile(r"[\s\u00a0\u202f\u2007]+")
# Numbers may be written with other signs than 0 to 9, and those are figures too; this stands where a fact was taken out.
_FACT = "\ufffc"
_HAS_DIGIT = re.compile(r"\S*[\d²³¹¼½¾]\S*")
_SIGNS = re.compile(r"[€£$¥%‰]")
_ELSEWHERE = re.compile(
    r"://|\bwww\.|@|\b[\w-]+\.(?:com|net|org|eu|nl|be|de|at|ch|fr|uk|io|info|biz|example)\b", re.IGNORECASE
)
# "2" of two invoices or "14 days" late: a figure that means something only beside the words it was read for.
_BARE_COUNT = re.compile(r"\d{1,3}(?: [^\W\d]+)*")
_SENTENCE_END = re.compile(r"[.!?;:](?=\s|$)")
_WORD = re.compile(r"[\w’'-]+")
# How many words may stand between a number and what it counts: "five full days".
_BETWEEN = 2


class NotOwnWords(Refused):
    """Those words say something that may not be written into a reminder by hand."""


@dataclass(frozen=True)
class _KeptOut:
    number: re.Pattern[str]
    counted: re.Pattern[str]
    days: re.Pattern[str]
    near_days: re.Pattern[str] | None
    legal: re.Pattern[str]
    conceded: re.Pattern[str]


def tidy(words: str) -> str:
    """The words as they are kept: in one paragraph."""
    return _SPACES.sub(" ", words).strip()


def check_own_words(words: str, *, facts: Collection[str], said: str, language: str) -> None:
    """Refuses words with a figure, day or amount that is none of the message's `facts`, as its reader writes them.

    `said` is what the message says so far; a bare count ("14 days") may only stay where it stood there.

    Raises: NotOwnWords, in a sentence that names what it is.
    """
    text = tidy(words)
    if not text:
        raise NotOwnWords("There are no words; to leave the step out, skip it.")
    if len(text) > WORDS_MAX:
        raise NotOwnWords(
            f"That is {len(text)} characters; {WORDS_MAX} is the most there is room for.", length=len(text)
        )
    elsewhere = _ELSEWHERE.search(text)
    if elsewhere:
        raise NotOwnWords(
            f"'{elsewhere.group()}' leads elsewhere; the links and addresses of a reminder are put in by code.",
            found=elsewhere.group(),
        )
    bare = _without_facts(text, facts, tidy(said))
    found = _HAS_DIGIT.search(bare) or _SIGNS.search(bare)
    if found:
        odd = found.group().replace(_FACT, "").strip(".,;:!?()")
        raise NotOwnWords(
            f"'{odd}' is not a figure of this message; amounts, days and numbers come from the ledger.", found=odd
        )
    for told in _languages(language):
        _check_words(bare, _kept_out(told))


def _check_words(bare: str, kept_out: _KeptOut) -> None:
    for found in _days(bare, kept_out):
        raise NotOwnWords(
            f"'{found}' names a day that is none of this message's; days come from the ledger.", found=found
        )
    counted = _counted_in_words(bare, kept_out)
    if counted:
        raise NotOwnWords(
            f"'{counted}' is a figure in words that is none of this message's; figures come from the ledger.",
            found=counted,
        )
    legal = kept_out.legal.search(bare)
    if legal:
        raise NotOwnWords(
            f"'{legal.group()}': a reminder announces no costs, interest or legal steps; a formal notice does.",
            found=legal.group(),
        )
    conceded = kept_out.conceded.search(bare)
    if conceded:
        raise NotOwnWords(
            f"'{conceded.group()}': what is conceded is recorded first, as a credit note, promise or plan, and said then.",
            found=conceded.group(),
        )


def _without_facts(text: str, facts: Collection[str], said: str) -> str:
    """The text with a sign where each fact stood; the longest facts first, so that none is taken for a part of another."""
    known = sorted({tidy(fact) for fact in facts if any(sign.isdigit() for sign in fact)}, key=len, reverse=True)
    for fact in known:
        whole = re.compile(rf"(?<![\w.,/+-]){re.escape(fact)}(?![\w%]|[.,/-]\d)", re.IGNORECASE)
        if not _BARE_COUNT.fullmatch(fact):
            text = whole.sub(_FACT, text)
            continue
        text = whole.sub(lambda found: _FACT if _stood_so(found, said) else found.group(), text)
    return text


def _stood_so(found: re.Match[str], said: str) -> bool:
    """Whether the count is followed by the same two words as in what the message says."""
    behind = _behind(found.string, found.end())
    return any(
        _behind(said, one.end()) == behind
        for one in re.finditer(rf"(?<![\w.,]){re.escape(found.group())}(?!\w)", said, re.IGNORECASE)
    )


def _behind(text: str, at: int) -> list[str]:
    """The two words that follow there in the same sentence, in small letters."""
    return [word.lower() for word in _WORD.findall(_SENTENCE_END.split(text[at:], maxsplit=1)[0])[:2]]


def _days(bare: str, kept_out: _KeptOut) -> Iterator[str]:
    for pattern in (kept_out.days, kept_out.near_days):
        found = pattern.search(bare) if pattern else None
        if found:
            yield found.group()


def _counted_in_words(bare: str, kept_out: _KeptOut) -> str | None:
    """A number in words with what it counts close behind it: "five hundred euros", "vijf volle dagen"."""
    words = _WORD.findall(bare)
    for at, word in enumerate(words):
        if not kept_out.number.fullmatch(word):
            continue
        for behind in range(at + 1, min(at + 2 + _BETWEEN, len(words))):
            if kept_out.counted.fullmatch(words[behind]):
                return " ".join(words[at : behind + 1])
    return None


def _languages(language: str) -> tuple[str, ...]:
    """The language of the message; of one we do not speak, all of them."""
    return (language,) if language in LANGUAGES else LANGUAGES


@cache
def _kept_out(language: str) -> _KeptOut:
    said = tomllib.loads((Path(__file__).parent / "kept_out" / f"{language}.toml").read_text(encoding="utf-8"))
    parts = "|".join(sorted(map(re.escape, said["numbers"].replace("*", "").split()), key=len, reverse=True))
    glue = "|".join(map(re.escape, said["glue"].split()))
    near = [
        re.escape(phrase.strip()).replace(r"\ ", r"\s+") for phrase in said["near_days"].split(",") if phrase.strip()
    ]
    return _KeptOut(
        number=re.compile(rf"(?:(?:{parts})(?:{glue}|-)?)+", re.IGNORECASE),
        counted=re.compile(_any_of(said["counted"]), re.IGNORECASE),
        days=re.compile(rf"(?<!\w)(?:{_any_of(said['days'])})(?!\w)", re.IGNORECASE),
        near_days=re.compile(rf"(?<!\w)(?:{'|'.join(near)})(?!\w)", re.IGNORECASE) if near else None,
        legal=re.compile(rf"(?<!\w)(?:{_any_of(said['legal'])})(?!\w)", re.IGNORECASE),
        conceded=re.compile(rf"(?<!\w)(?:{_any_of(said['conceded'])})(?!\w)", re.IGNORECASE),
    )


def _any_of(words: str) -> str:
    return "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words.split())
