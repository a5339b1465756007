"""Why somebody objects or complains, how bad it is, and whether they ask about or take back what was recorded: by words.

The words stand in a file per language that a translator can extend. Each is the beginning of a word or phrase, unless it
ends in a dollar sign; in a phrase, `..` stands for up to three words more.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from o2c_core.cases.complaint import CATEGORIES
from o2c_core.customers.customer import LANGUAGES

# Looked for in this order: what says more about it first.
REASONS_SOUGHT = (
    "FRAUD_CLAIM", "DUPLICATE", "NOT_ORDERED", "RETURNED", "CREDIT_MISSING", "WRONG_PO", "MISSING_POD", "WRONG_ADDRESS", "TAX",
    "FREIGHT", "DISCOUNT", "DAMAGED", "QTY_OVER", "QTY_SHORT", "NOT_RECEIVED", "LATE", "QUALITY", "PRICE", "SERVICE",
)  # fmt: skip
DOCUMENTS_SOUGHT = ("purchase_order", "delivery_note", "other", "not_received")
CATEGORIES_SOUGHT = ("data", "staff", "product", "delivery", "invoice", "service")
# The intents under which something is recorded, by what people call it.
KINDS = ("complaint", "dispute_invoice", "promise_to_pay", "payment_plan")
# The number of a case as sellers write them: D-118, K-7.
_NUMBERED = re.compile(r"(?<!\w)(?!inv|ord|so-|po-)[a-z]{1,2}-\d+", re.IGNORECASE)
# A quantity that did not come says more than these do.
_LESS_THAN_A_COUNT = ("NOT_RECEIVED", "OTHER", "LATE", "PRICE")
_GAP = r"(?:[\w'-]+\W{1,2}){0,3}"


def reason_of(words: str, *, counts_missing: bool = False) -> str:
    """The reason code of an objection; with `counts_missing` a quantity of it was said to be missing."""
    found = next((code for code in REASONS_SOUGHT if _says("objects", code, words)), "OTHER")
    return "QTY_SHORT" if counts_missing and found in _LESS_THAN_A_COUNT else found


def says_paid(words: str) -> bool:
    """Whether they say that it was paid already, which is looked for and not objected to."""
    return _says("paid", "already", words) and not _says("paid", "not", words)


def document_of(words: str) -> str | None:
    """What an invoice lacks by these words: one of cases.document_problem.KINDS; None where they say no such thing.

    A question whether something came, and goods that never came, are something else.
    """
    if _says("document", "goods", words) and not _says("document", "delivery_note", words):
        return None
    return next((name for name in DOCUMENTS_SOUGHT if _says("document", name, words)), None)


def category_of(words: str) -> str:
    """What a complaint is about."""
    return next((name for name in CATEGORIES_SOUGHT if _says("about", name, words)), CATEGORIES[-1])


def severity_of(words: str, *, is_angry: bool = False) -> str:
    """How bad it is: critical where somebody came to harm or may, high where it goes on and on or makes them angry."""
    if _says("severity", "critical", words):
        return "critical"
    if is_angry or _says("severity", "high", words):
        return "high"
    return "low" if _says("severity", "low", words) else "normal"


def asks_about_recorded(words: str) -> bool:
    """Whether the words ask how something recorded stands, rather than tell something new."""
    if wants_back(words) or not (_kind(words) or _NUMBERED.search(words)):
        return False
    return _says("case", "asks", words) or ("?" in words and _says("case", "asks_with_mark", words))


def wants_back(words: str) -> bool:
    """Whether the words take back something that was recorded."""
    return _says("case", "takes_back", words)


def recorded_intent(words: str) -> str | None:
    """The intent of what was recorded that the words ask about or take back; None where they do neither."""
    return (_kind(words) or KINDS[0]) if wants_back(words) or asks_about_recorded(words) else None


def _kind(words: str) -> str | None:
    return next((name for name in KINDS if _says("kinds", name, words)), None)


def _says(table: str, name: str, words: str) -> bool:
    return _looked_for(table, name).search(words.replace("’", "'")) is not None


@cache
def _looked_for(table: str, name: str) -> re.Pattern[str]:
    """One pattern for all languages: people mix them, and of a short text the language is a guess."""
    beginnings = [one for language in LANGUAGES for one in _read(language)[table][name]]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_pattern, beginnings))})", re.IGNORECASE)


def _pattern(beginning: str) -> str:
    ends = r"(?!\w)" if beginning.endswith("$") else ""
    return re.sub(r" \.\. ", lambda _: rf"\W{{1,2}}{_GAP}", beginning.rstrip("$")) + ends


@cache
def _read(language: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
