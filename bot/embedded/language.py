"""Which language a message is written in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.embedded.words import words

OURS = ("en", "nl", "de", "fr")
OTHER = "other"

# Languages in which customers may write and we do not answer; without them Spanish would be taken for French.
_OTHERS = (
    "es", "it", "pt", "ca", "ro", "pl", "cs", "sk", "sl", "hr", "hu", "tr", "sv", "da", "no", "fi", "et", "lv",
    "lt", "el", "bg", "ru", "uk", "ar", "he", "fa", "hi", "id", "vi", "th", "zh", "ja", "ko",
)  # fmt: skip

_WORDS_FEW = 2  # up to so many words, the thread knows better than statistics
_SURE, _SURE_DENIED = 0.7, 0.9
_WORDS_SHORT = 5

# Words that are enough to know the language by, even alone.
_TELLTALE = {language: frozenset(words(language).telltale.split()) for language in (*OURS, OTHER)}
_SHARED = frozenset(
    word
    for word in frozenset[str]().union(*_TELLTALE.values())
    if sum(word in known for known in _TELLTALE.values()) > 1
)
# Words that travel: in a thread in another language they say nothing.
_BORROWED = frozenset({
    "agent", "human", "unsubscribe", "update", "status", "statement", "thx", "thanks", "thank", "you", "pls", "please", "hey",
    "hello", "invoice", "cancel", "refund", "nope", "merci", "salut", "ciao", "moin", "no", "yes", "ok", "sure",
})  # fmt: skip

_WITH_FIGURES = re.compile(r"\S*[\d@#]\S*|https?://\S*|www\.\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True)
class Detected:
    """One of our languages, or "other"; not sure means the language of the thread, or else the best guess."""

    code: str
    is_sure: bool


def detect(text: str, thread: str | None = None) -> Detected:
    """The language of a text. Figures say nothing about it; a few words are in the thread's unless one gives it away."""
    text = _WITH_FIGURES.sub(" ", unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode()))
    said = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if not said:
        return Detected(thread or OURS[0], is_sure=False)
    if len(said) <= _WORDS_FEW and not _is_foreign_script(text):
        told = _told(said if thread is None else [word for word in said if word not in _BORROWED])
        if told is not None:
            return Detected(told, is_sure=True)
        return Detected(thread if thread is not None else _best_of_ours(text)[0], is_sure=False)
    told = _told(said)
    if _other_share(text) > _other_share_needed(told, len(said)):
        return Detected(OTHER, is_sure=True)
    code, share = _best_of_ours(text)
    if told == code or share >= _SURE:
        return Detected(code, is_sure=told in (code, None, OTHER) or share >= _SURE_DENIED)
    if told in OURS:
        return Detected(str(told), is_sure=False)
    return Detected(thread if thread is not None else code, is_sure=False)


def _other_share_needed(told: str | None, count: int) -> float:
    """How much of the probability languages we do not speak must have: short texts are often taken for Danish or Tagalog."""
    if told == OTHER:
        return 0.4
    if told is not None:
        return 0.93
    return 0.9 if count < _WORDS_SHORT else 0.65


def _told(said: list[str]) -> str | None:
    """The language most telltale words belong to, when one has more of them than any other."""
    telling = [word for word in said if word not in _SHARED]
    counts = sorted(((sum(word in known for word in telling), code) for code, known in _TELLTALE.items()), reverse=True)
    (most, code), (second, _) = counts[:2]
    return code if most > second else None


def _is_foreign_script(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(ord(letter) > 0x24F for letter in letters) > len(letters) / 2


def _best_of_ours(text: str) -> tuple[str, float]:
    code, share = _identifier(OURS).classify(text)
    return str(code), float(share)


def _other_share(text: str) -> float:
    return float(sum(share for code, share in _identifier((*OURS, *_OTHERS)).rank(text) if code not in OURS))


@cache
def _identifier(codes: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(codes)
    return identifier
