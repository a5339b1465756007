"""A reminder's two sentences in other words by a provider's model: between the facts, past the guard, or not at all.

Only for a draft that a person approves: what comes of it stands in the form they read, and nothing leaves by itself.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable

from bot.facts import PLACE
from bot.guard.script import odd_sign, plain
from bot.rephrasing_pieces import misfit
from o2c_core.reminders.prose import PlacedProse
from o2c_core.reminders.written import Words

log = logging.getLogger("parley.rephrasing")

# What writes: it is told what to do and given the words, and gives back its own.
Writer = Callable[[str, str], str]

ATTEMPTS = 2
# Other words are not many more words.
LONGER_MAX = 1.6
_LANGUAGES = {"en": "English", "nl": "Dutch", "de": "German", "fr": "French"}
_TASK = """You put a payment reminder in other words, in {language}, {form}. You are given two paragraphs with an empty line
between them; give back two paragraphs with an empty line between them and nothing else.
Marks such as {{f1}} stand for facts: keep every mark exactly once, in the same paragraph, and write no number, day, amount,
name or address yourself. Keep the meaning of every sentence and stay close to its words: another order, other small words,
nothing added. Be plain and kind: no threat, no blame, no thanks in advance, no exclamation mark, and promise nothing that is
not in the text."""
_FORMAL = {"en": "in a polite tone", "nl": "with u", "de": "with Sie", "fr": "with vous"}
_INFORMAL = {"en": "in a friendly tone", "nl": "with je", "de": "with du", "fr": "with tu"}
_AGAIN = "\n\nYour last attempt was not accepted: {why}. Write it again from the text you were given."
# Words that address somebody in the one form; the other form of a language is not mixed with it.
_CLOSE = {"nl": r"je|jij|jou|jouw|jullie", "de": r"du|dich|dir|dein\w*|euch|euer\w*", "fr": r"tu|toi|ton|ta|tes"}
_DISTANT = {"nl": r"u|uw|uzelf", "de": r"Sie|Ihnen|Ihr\w*", "fr": r"vous|votre|vos"}
# What each fact is, by how what it was read from ends.
_KINDS = {
    "day": ("_on", "_by", ".on"),
    "money": (".asked", ".amount", ".missing", ".to_pay"),
    "count": (".days_late", ".count", ".part", ".parts", ".habit_days"),
    "name": (".owner",),
}


def rephrase(prose: PlacedProse, language: str, write: Writer, *, is_informal: bool = False) -> Words | None:
    """The sentences as the model says them, facts filled in; None where it did not manage, and the approved ones stand.

    What it may not say is told to it once. Whatever goes wrong with a provider leaves the approved sentences as well.
    """
    form = (_INFORMAL if is_informal else _FORMAL)[language]
    task = _TASK.format(language=_LANGUAGES[language], form=form)
    given, told = f"{prose.opening}\n\n{prose.ask}", task
    for _ in range(ATTEMPTS):
        try:
            written = write(told, given)
        except Exception as broken:
            # Its kind and no more: an error's own words may repeat what it was given.
            log.warning("not rephrased because=%s", type(broken).__name__)
            return None
        why = against(written, prose, language, is_informal=is_informal)
        if why is None:
            opening, ask = _paragraphs(written)
            return Words(prose.filled(opening), prose.filled(ask))
        # What was found is told to the model; a log has no words of a message.
        log.info("rephrasing refused because=%s", why.partition(":")[0])
        told = task + _AGAIN.format(why=why)
    return None


def against(written: str, prose: PlacedProse, language: str, *, is_informal: bool = False) -> str | None:
    """What speaks against those words, in words of ours; None when nothing does."""
    paragraphs = _paragraphs(written)
    if len(paragraphs) != 2:
        return "there must be two paragraphs"
    for mine, ours in zip(paragraphs, (prose.opening, prose.ask), strict=True):
        if Counter(PLACE.findall(mine)) != Counter(PLACE.findall(ours)):
            return "every mark must stand exactly once in its own paragraph"
        if len(mine) > len(ours) * LONGER_MAX:
            return "it is too long"
    text = " ".join(paragraphs)
    if "!" in text:
        return "there is an exclamation mark"
    other = (_DISTANT if is_informal else _CLOSE).get(language)
    if other is not None and re.search(rf"\b(?:{other})\b", text, 0 if language == "de" else re.IGNORECASE):
        return "it addresses the reader in the other form"
    kinds = {place: _kind(source) for place, (_, source) in prose.facts.items()}
    for mine, ours in zip(paragraphs, (prose.opening, prose.ask), strict=True):
        odd = odd_sign(plain(PLACE.sub("", mine))) or misfit(mine, ours, kinds, language)
        if odd is not None:
            return f"it has {odd}"
    return None


def _kind(source: str) -> str:
    read = source.partition(", read ")[0]
    return next((kind for kind, ends in _KINDS.items() if read.endswith(ends)), "number")


def _paragraphs(written: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", written.strip()) if part.strip()]
