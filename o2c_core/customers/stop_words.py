"""Whether somebody's words say stop, start or help, in any wording that can reasonably be understood so.

Source: 47 CFR 64.1200(a)(10): consent is revoked by any reasonable means, and not by the provider's keyword alone. The
words are in stop_said/, one file per language, for translators to extend.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from o2c_core.customers.customer import LANGUAGES

Heard = Literal["stop", "start", "help"]

# Where a lone END, QUIT, START or HELP means what it means to the provider; elsewhere it is a word like any other.
TEXTED = ("sms", "whatsapp")
# Of a long letter, what was said first counts; stop words in the contract below it are not the writer's own.
TEXT_LETTERS_MAX = 2_000
# What may stand beside the words that were heard before the message says something else as well.
OTHER_WORDS_MAX = 1
BETWEEN_WORDS_MAX = 6
ANY_WORDS_MAX = 5

_SIGN = re.compile(r"[\[\](){}|~…]|[^\s\[\](){}|~…]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’ʼ`´", "'"))
_SENTENCE_END = re.compile(r"[.!?;:\n\r]+(?=\s|$)|[!?;\n\r]+")
_SPELLED_OUT = re.compile(r"\w(?:[\s.*_-]+\w){2,}")


@dataclass(frozen=True)
class _Spoken:
    """What one language has to say."""

    stop: re.Pattern[str]
    start: re.Pattern[str]
    alone: re.Pattern[str]
    never: re.Pattern[str]


def heard_in(text: str, *, channel: str = "sms") -> Heard | None:
    """What the words say about being written to; None when they speak of something else.

    A lone CANCEL, END or QUIT counts where the provider acts on it too. YES does not: who says yes mostly says it to
    something else, and consent that was taken back is given again only by words that mean it.
    """
    plain = _plain(text)
    alone = _lone_word(plain)
    if alone and (known := _by_keyword(alone, channel)):
        return known
    sentences = _sentences(plain)
    for spoken in _languages():
        said = [spoken.never.sub(" ¦ ", sentence) for sentence in sentences]
        if any(spoken.stop.search(sentence) for sentence in said) or _says_alone(spoken, said):
            return "stop"
    if any(spoken.start.search(sentence) for spoken in _languages() for sentence in sentences):
        return "start"
    bare = [_without_courtesy(sentence) for sentence in (sentences[:1] + sentences[-1:])]
    for words in bare:
        found = _by_keyword(words.strip(), "email")
        if found == "stop":
            return found
    if len(sentences) == 1:
        return _by_keyword(bare[0].strip(), channel, all_alone=False) if bare else None
    return None


def is_providers_own(text: str) -> bool:
    """Whether it is the one word at which the provider itself stops everything it would carry to that number."""
    return _lone_word(_plain(text)) in _keywords()["stop_at_the_provider"]


def is_mere_yes(text: str) -> bool:
    """Whether it is the one word YES: a start to the provider, and to everybody else the answer to some question."""
    return _lone_word(_plain(text)) == "yes"


def is_everyday_word(text: str, *, channel: str) -> bool:
    """Whether it is the one word END, QUIT or CANCEL, written where no provider stops at it."""
    return channel not in TEXTED and _lone_word(_plain(text)) in _keywords()["stop_where_texted"]


def language_said_in(text: str) -> str | None:
    """The one language in which the words say stop or start; None where they do so in several, or in none but a keyword."""
    sentences = _sentences(_plain(text))
    found = [
        language
        for language, spoken in zip(LANGUAGES, _languages(), strict=True)
        if any(spoken.stop.search(one) or spoken.start.search(one) for one in sentences)
        or _says_alone(spoken, sentences)
    ]
    return found[0] if len(found) == 1 else None


def is_only(text: str, *, channel: str = "sms") -> bool:
    """Whether the message says stop, start or help and nothing else that would need an answer."""
    if heard_in(text, channel=channel) is None:
        return False
    plain = _plain(text)
    if (alone := _lone_word(plain)) and _by_keyword(alone, channel):
        return True
    others = 0
    for sentence in _sentences(plain):
        left = sentence
        for spoken in _languages():
            left = spoken.stop.sub(" ", spoken.start.sub(" ", left))
            left = "" if spoken.alone.fullmatch(_without_courtesy(left)) else left
        words = [word for word in _without_courtesy(left).split() if word not in _linking()]
        if len(words) == 1 and _by_keyword(words[0], "sms"):
            words = []
        if any(character.isdigit() for word in words for character in word):
            return False
        others += len(words)
    return others <= OTHER_WORDS_MAX


def _plain(text: str) -> str:
    """Small letters without accents, one kind of apostrophe, and nothing that is neither word nor punctuation."""
    written = text[:TEXT_LETTERS_MAX].translate(_APOSTROPHES)
    # Signs go first: some of them are letters in a circle, which would become letters.
    unsigned = "".join(" " if unicodedata.category(one)[0] == "S" else one for one in written)
    folded = unicodedata.normalize("NFKD", unsigned).casefold()
    kept = "".join(one for one in folded if not unicodedata.combining(one) and unicodedata.category(one) != "Cf")
    return re.sub(r"[^\w\s'.!?;:,&-]|(?<!\w)['-]+|['-]+(?!\w)", " ", kept).strip()


def _lone_word(plain: str) -> str | None:
    """The one word there is, also where it is quoted, dotted or spelled out ("S T O P", "s.t.o.p")."""
    bare = plain.strip(" .!?;:,&-'\n\r\t_*")
    if re.fullmatch(r"\w+(?:[-']\w+)?", bare):
        return bare.replace("-", "")
    if _SPELLED_OUT.fullmatch(bare):
        return re.sub(r"[\W_]", "", bare)
    words = set(re.findall(r"\w+", bare))
    return words.pop() if len(words) == 1 else None


def _by_keyword(word: str, channel: str, *, all_alone: bool = True) -> Heard | None:
    known = _keywords()
    if word in known["stop"] or (all_alone and channel in TEXTED and word in known["stop_where_texted"]):
        return "stop"
    if word in known["start_anywhere"] or (channel in TEXTED and word in known["start"]):
        return "start"
    return "help" if channel in TEXTED and word in known["help"] else None


def _sentences(plain: str) -> list[str]:
    """Its sentences, each with a space before every word; `" ¦ "` never stands in one."""
    found = (re.sub(r"[\s,.&]+", " ", one).strip() for one in _SENTENCE_END.split(plain))
    return [f" {_evened(one)}" for one in found if one]


def _evened(words: str) -> str:
    """Hyphens and elisions as spaces: "opt-out" is "opt out", "retirez-moi" two words, "d'envoi" as well."""
    return re.sub(r"(?<!\S)([dl])'(?=\w)", r"\1' ", words.replace("-", " "))


def _says_alone(spoken: _Spoken, sentences: list[str]) -> bool:
    return any(spoken.alone.fullmatch(_without_courtesy(one)) for one in sentences[:1] + sentences[-1:])


def _without_courtesy(sentence: str) -> str:
    return "".join(f" {word}" for word in sentence.split() if word not in _courtesy())


@cache
def _keywords() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in _file("keywords").items()}


@cache
def _courtesy() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in _file(language)["courtesy"].split())


@cache
def _linking() -> frozenset[str]:
    """Words that say nothing by themselves once what they belonged to was heard."""
    return frozenset(word for language in LANGUAGES for word in _file(language)["lists"]["between"].split()) | {
        "i",
        "ik",
        "ich",
        "je",
    }


@cache
def _languages() -> tuple[_Spoken, ...]:
    return tuple(_spoken(_file(language)) for language in LANGUAGES)


def _file(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = tomllib.loads(files(__package__).joinpath(f"stop_said/{name}.toml").read_text("utf-8"))
    return tree


def _spoken(tree: dict[str, Any]) -> _Spoken:
    said = tree["phrases"]
    return _Spoken(*(_any_of(said[kind], tree["lists"]) for kind in ("stop", "start", "alone", "not")))


def _any_of(phrases: Iterable[str], lists: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(_Phrase(phrase, lists).pattern() for phrase in phrases))


class _Phrase:
    """A phrase of the files as a regular expression; what its signs mean is said in stop_said/en.toml.

    Every word brings the space before it, so that optional words need none of their own: what is searched begins with one.
    """

    def __init__(self, phrase: str, lists: dict[str, str]) -> None:
        filled = re.sub(r"\{(\w+)\}", lambda name: f"[{lists[name[1]]}]", phrase)
        self._signs = _SIGN.findall(_evened(filled))
        self._between = "|".join(re.escape(word) for word in _evened(lists["between"]).split())
        self._at = 0

    def pattern(self) -> str:
        built = self._ways()
        assert self._at == len(self._signs), f"a bracket too many: {' '.join(self._signs)}"
        return built

    def _ways(self) -> str:
        """One or more ways of saying it, up to the bracket that ends them."""
        ways = [""]
        while self._at < len(self._signs) and self._signs[self._at] not in "])":
            sign = self._signs[self._at]
            self._at += 1
            if sign == "|":
                ways.append("")
            else:
                ways[-1] += self._part(sign)
        return "(?:" + "|".join(ways) + ")"

    def _part(self, sign: str) -> str:
        if sign == "~":
            return rf"(?:\s+(?:{self._between})(?!\S)){{0,{BETWEEN_WORDS_MAX}}}"
        if sign == "…":
            return rf"(?:\s+\S+){{0,{ANY_WORDS_MAX}}}?"
        if sign in "[(":
            inner = self._ways()
            self._at += 1
            return inner if sign == "[" else inner + "?"
        return r"\s+" + re.escape(sign).replace(r"\*", r"\w*") + r"(?!\S)"
