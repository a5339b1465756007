"""Promises, admissions, legal claims and links that no approved sentence makes, looked for apart from the guard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from app.evaluation.world import OUR_IBAN
from bot.model.inventions import INVENTIONS
from bot.wording import keys, sentence
from o2c_core.customers.customer import LANGUAGES

_COMMITS = re.compile(
    r"\b(?:refund(?:ed)?|waive[ds]?|discount|compensat\w+|guarantee[ds]?|promise[ds]?|our (?:fault|mistake)|liab\w+|lawsuit|court"
    r"|free of charge|no need to pay|you (?:don't|do not) (?:have|need) to pay|write[- ]?off|forgive|extend"
    r"|korting|kwijtschel\w+|vergoed\w*|garander\w*|belo(?:of|ven)\w*|onze (?:schuld|fout)|aansprakelijk\w*|rechter|rechtbank"
    r"|gratis|hoeft u niet te betalen|rabatt|erlass\w*|entschädig\w*|garantier\w*|verspr\w+|unser(?:e|en)? (?:schuld|fehler)"
    r"|haft\w*|gericht|kostenlos|remise|rembours\w+|garanti\w*|promett\w*|promis\w*|notre (?:faute|erreur)|responsab\w*"
    r"|tribunal|gratuit\w*)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_OURS = re.compile(r"https://vandijk\.example(?:/|$)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_MADE_UP_LENGTH_MIN = 10
_SPLIT = re.compile(r"(?<=[.!?:])\s+|\n+")


def foreign(text: str) -> list[str]:
    """Links that are not the seller's, and accounts that are not."""
    found = [f"the link {link}" for link in _LINK.findall(text) if not _OURS.match(link)]
    # A reference to pay with begins with RF; no country does.
    accounts = [one for one in _IBAN.findall(text) if not one.startswith("RF")]
    return found + [f"the account {one}" for one in accounts if one.replace(" ", "") != OUR_IBAN]


def ungrounded(reply: str, language: str, facts: Sequence[Mapping[str, str]] = ()) -> list[str]:
    """Sentences that commit to something, or that a bad model is known to make up, and are nobody's approved wording.

    Where an approved sentence has a place there stands one of the reply's `facts`, and nothing else.
    """
    rest = reply
    texts = sorted({fact["text"] for fact in facts if fact["text"]}, key=len, reverse=True)
    place = f"(?:{'|'.join(map(re.escape, texts))})" if texts else "(?!)"
    for pieces in _approved(language if language in LANGUAGES else "en"):
        if all(piece in rest for piece in pieces):
            rest = re.sub(place.join(map(re.escape, pieces)), " ", rest)
    for passage in _library():
        rest = rest.replace(passage, " ")
    found = [one.strip() for one in _SPLIT.split(rest) if _COMMITS.search(one)]
    return found + [f"made up: {one}" for one in _made_up() if one in " ".join(rest.split()).lower()]


@cache
def _made_up() -> tuple[str, ...]:
    """What a badly behaved model says, where it is too long to be said by chance."""
    return tuple(
        " ".join(one.split()).lower() for one in INVENTIONS if len(one) >= _MADE_UP_LENGTH_MIN and "{" not in one
    )


@cache
def _approved(language: str) -> tuple[tuple[str, ...], ...]:
    """What stands around the places of each approved sentence, the longest sentence first; words that only stand in such
    places, as facts, are no sentences."""
    every = (sentence(key, language) for key in keys(language))
    sentences = sorted((one for one in every if "{" in one or one[-1:] in ".?!:)"), key=len, reverse=True)
    found = (tuple(re.split(r"\{\w+\}", one)) for one in sentences)
    return tuple(pieces for pieces in found if len("".join(pieces)) > 3)


@cache
def _library() -> tuple[str, ...]:
    """What the library says word for word may promise: somebody answers for it."""
    from knowledge.documents import read_folder
    from knowledge.sync import LIBRARY

    return tuple(section.text for document in read_folder(LIBRARY) for section in document.sections if section.text)
