"""Every figure has a receipt and every commitment is ours to make, or the draft does not leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.facts import PLACE, FactBook
from bot.guard.approved import harmless, own_words, sentences_of
from bot.guard.lexicon import Hit, hits
from bot.guard.numbers import is_number_word
from bot.guard.receipts import Said, has_receipt, mixed_up, places_in
from bot.guard.script import LETTERS, odd_sign, plain
from bot.guard.words import entries
from bot.wording import keys, say, slots
from o2c_core.customers.customer import LANGUAGES
from o2c_core.errors import Refused

__all__ = ["CHARACTERS_MAX", "DraftRefused", "check"]

CHARACTERS_MAX = 6_000
OWN_CHARACTERS_MAX = 1_500
_SENTENCE = re.compile(r"[^.!?…:;\n•]+[.!?…:;]*|[.!?…:;•]+")
_TOKEN = re.compile(rf"\{{f\d+\}}|[{LETTERS}]+(?:['’][{LETTERS}]+)*")
_SAYS_OUTRIGHT = {
    "days": "a day or time",
    "money": "a currency, share or price",
    "links": "an address",
    "legal": "a legal claim",
    "fault": "an admission of fault",
    "threats": "a threat",
    "asks": "an ask for a word of the provider's",
    "names": "a name",
    "claims": "a claim",
}
_TELLING = ("matters", "conditionals", "negations", "talk", "assents", "owed")
# Capitals inside a sentence that are nobody's name.
_CAPITALS = frozenset(
    [
        "I",
        "I'm",
        "I've",
        "I'd",
        "I'll",
        "I’m",
        "I’ve",
        "I’d",
        "I’ll",
        "U",
        "Uw",
        "English",
        "Dutch",
        "German",
        "French",
        "Engels",
        "Nederlands",
        "Duits",
        "Frans",
        "Englisch",
        "Niederländisch",
        "Deutsch",
        "Französisch",
        "PDF",
        "SMS",
        "PO",
        "VAT",
        "BTW",
        "TVA",
        "PIN",
        "QR",
        "ID",
    ]
)


_NONE = frozenset({"rien", "nothing", "niets", "nichts"})


class DraftRefused(Refused):
    """The draft says something that was not read from the ledger."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence of the drafter's own: its words, also in small letters, with places among them, and how it ends."""

    written: Sequence[str]
    tokens: Sequence[str]
    end: str
    places: Sequence[str]
    is_announced: bool  # words that end in a colon come before it, and could say that it is not so


def check(draft: str, book: FactBook, language: str, approved: Collection[str] = ()) -> None:
    """Passes a draft that refers to facts by id, and says nothing on its own that needs a receipt.

    `approved` are the sentences (with their places) that the wording files and tools supplied in this turn; they were
    approved by people as they are, so they are taken out, as whole sentences, before the rest is looked at.

    Raises: DraftRefused, naming what was found; `kind` is the same without words of the draft.
    """
    if len(draft) > CHARACTERS_MAX + sum(len(fact.text) for fact in book.facts.values()):
        raise DraftRefused(found="a text that is too long", kind="a text that is too long")
    for place in PLACE.findall(draft):
        if place not in book.facts:
            raise _refused("a fact that was never read", place)
    if draft in approved:
        return
    sentences = sentences_of(approved)
    own, beside_approved = own_words(draft, sentences)
    if not own:
        return
    if sum(len(stretch.text) for stretch in own) > OWN_CHARACTERS_MAX:
        raise _refused("too many words of its own", own[0].text[:40])
    spoken = language if language in LANGUAGES else "en"
    # What may be said at any time is no receipt for anything.
    said = [one for sentence in sentences - sentences_of(harmless(spoken)) for one in _said(sentence, spoken)]
    for stretch in own:
        if stretch.glued:
            raise _refused("words glued to an approved sentence", stretch.text[:40])
        text = plain(stretch.text)
        odd = odd_sign(text)
        if odd is not None:
            raise _refused(odd, text[:60])
        for sentence in _sentences(text):
            _check_sentence(sentence, book, spoken, said, beside_approved=beside_approved)


def _refused(kind: str, found: str) -> DraftRefused:
    return DraftRefused(found=f"{kind} without a receipt: {found!r}", kind=kind)


def _sentences(text: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    for piece in _SENTENCE.findall(text):
        written = [token.replace("’", "'") for token in _TOKEN.findall(piece)]
        if written:
            end = piece.rstrip("\"”»’') ")[-1:]
            announced = bool(found) and found[-1].end not in (".", "!", "?", "…")
            found.append(_Sentence(written, [word.lower() for word in written], end, places_in(piece), announced))
    return found


def _check_sentence(
    sentence: _Sentence, book: FactBook, language: str, said: Sequence[Said], *, beside_approved: bool
) -> None:
    found = list(hits(sentence.tokens, language))
    polite = {at for hit in found if hit.what == "polite" for at in range(hit.start, hit.end)}
    if len(polite) < len(sentence.tokens) and any(hit.what == "matters" for hit in found):
        # "De rien" is a courtesy on its own; "votre solde est de rien" is not.
        polite -= {at for at in polite if sentence.tokens[at] in _NONE}
    found = [hit for hit in found if hit.what != "polite" and not all(at in polite for at in range(hit.start, hit.end))]
    kinds = {hit.what for hit in found}
    for hit in found:
        if hit.what in _SAYS_OUTRIGHT:
            raise _refused(_SAYS_OUTRIGHT[hit.what], " ".join(sentence.tokens[hit.start : hit.end]))
    for at, token in enumerate(sentence.tokens):
        if at not in polite and token[0] != "{" and is_number_word(token, language):
            raise _refused("a figure", token)
    if sentence.places and "near_places" in kinds:
        raise _refused("a figure made of a fact", " ".join(sentence.tokens))
    name = _name(sentence, language, polite, {hit.start for hit in found} | polite)
    if name is not None:
        raise _refused("a name", name)
    is_question = sentence.end == "?"
    is_conditional = sentence.end in (".", "") and any(hit.what == "conditionals" and hit.start == 0 for hit in found)
    is_mine = "first_person" in kinds
    is_negated = "negations" in kinds
    asks_or_supposes = is_question or (is_conditional and not is_mine)
    if "concessions" in kinds and (is_mine or not is_question):
        raise _refused("a concession", " ".join(sentence.tokens))
    if "commitments" in kinds and not is_question:
        raise _refused("a commitment", " ".join(sentence.tokens))
    if "contradictions" in kinds and not asks_or_supposes:
        raise _refused("a contradiction", " ".join(sentence.tokens))
    deeds = {hit.what.removeprefix("deeds.") for hit in found if hit.what.startswith("deeds.")}
    if not asks_or_supposes:
        for deed in deeds:
            if sentence.is_announced or not has_receipt(deed, sentence.places, said, is_negated=is_negated):
                raise _refused("a deed or state", " ".join(sentence.tokens))
        if is_negated and not deeds and (beside_approved or "matters" in kinds):
            raise _refused("a state", " ".join(sentence.tokens))
    _check_made_of_safe_words(sentence, found, polite, language, is_question=is_question)
    if sentence.places and mixed_up(sentence.places, deeds, book, says_owed="owed" in kinds):
        raise _refused("facts that do not belong together", " ".join(sentence.tokens))


def _check_made_of_safe_words(
    sentence: _Sentence, found: Sequence[Hit], polite: set[int], language: str, *, is_question: bool
) -> None:
    """A sentence of the drafter's own is made of words that can say nothing of the account. What it asserts is about a
    fact, about what a tool said was done, or about the conversation itself."""
    asked = ("concessions", "commitments", "first_person") if is_question else ()
    told = [hit for hit in found if hit.what in (*_TELLING, *asked) or hit.what.startswith("deeds.")]
    covered = polite | {at for hit in told for at in range(hit.start, hit.end)}
    safe = _safe(language, "safe") | (_safe(language, "asked") if is_question else frozenset())
    for at, token in enumerate(sentence.tokens):
        if (
            at not in covered
            and token[0] != "{"
            and token not in safe
            and not (at == 0 and token in _openers(language))
        ):
            raise _refused("a claim", token)
    if is_question or len(polite) == len(sentence.tokens) or sentence.end == ":":
        return
    kinds = {hit.what for hit in found}
    has_deed = any(kind.startswith("deeds.") for kind in kinds)
    agrees = not has_deed and any(hit.what == "assents" and hit.start == 0 for hit in found)
    if agrees or not (sentence.places or has_deed or polite or "talk" in kinds):
        raise _refused("a claim", " ".join(sentence.tokens))


@cache
def _safe(language: str, heading: str) -> frozenset[str]:
    return frozenset(word for entry in entries(language, heading) for word in entry.split())


@lru_cache(maxsize=4_000)
def _said(sentence: str, language: str) -> tuple[Said, ...]:
    """What an approved sentence says was done, clause by clause."""
    found = []
    for clause in _sentences(plain(sentence)):
        if clause.end == "?":
            continue
        seen = {hit.what for hit in hits(clause.tokens, language)}
        deeds = frozenset(what.removeprefix("deeds.") for what in seen if what.startswith("deeds."))
        if deeds:
            found.append(Said(deeds, "negations" in seen, frozenset(places_in(sentence))))
    return tuple(found)


@cache
def _openers(language: str) -> frozenset[str]:
    """Words a sentence may begin with: those listed, and those of our own wording."""
    own = (
        word.lower().replace("’", "'")
        for key in keys(language)
        for word in _TOKEN.findall(say(key, language, **dict.fromkeys(slots(key, language), "")))
    )
    return frozenset([*entries(language, "openers"), *own])


def _name(sentence: _Sentence, language: str, polite: set[int], known: set[int]) -> str | None:
    """A word with a capital that no sentence of ours begins with, or inside a sentence. German writes every noun so, and
    there inside a sentence only titles tell."""
    first = sentence.tokens[0]
    if (
        sentence.written[0][0].isupper() and first not in _openers(language) and 0 not in known
        and re.split(r"['-]", first)[0] not in _openers(language)
    ):  # fmt: skip
        return first
    if language == "de":
        return None
    for at, word in enumerate(sentence.written):
        if at and at not in polite and word[0].isupper() and word not in _CAPITALS and "'" not in word:
            return word
    return None
