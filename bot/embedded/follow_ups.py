"""Short questions that only make sense after the last answer: "and when was that", "which order was that for"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.embedded.entities import figures
from bot.embedded.folded import folded
from bot.embedded.mentions import Mentions
from bot.embedded.pointing import About, meant
from bot.embedded.understanding import Understanding

_WORDS_MAX = 14
_OWN_WORDS_MAX = 6
_PLAIN = 0.9
# What asks the same again of something else.
_OF_ONE = ("order_status", "proof_of_delivery", "invoice_status", "payment_status")
_REPEATED = frozenset({*_OF_ONE, "account_balance", "list_open_invoices", "list_orders"})
_ABOUT_ONE = frozenset({*_OF_ONE, "list_orders", "payment_methods", "payment_link"})
_SAYS_LITTLE = frozenset({*_REPEATED, "confirm", "deny", "out_of_scope", "thanks", ""})
_CASES = ("plan", "dispute", "complaint")

_OWN = re.compile(
    r"\b(?:(?:my|our) own|mine|ours|ourselves|ons ?zelf|onszelf|mezelf|mij ?zelf|bij ons|van ons|die van (?:mij|ons)"
    r"|mijn eigen|onze eigen"
    r"|bei uns|unsere eigenen?|meine eigenen?|mein(?:em)? eigenes?|chez nous|les? notres?|la notre|le mien|la mienne"
    r"|les miennes)\b"
)
_WHICH_ORDER = re.compile(
    r"\b(?:which|what|welke|wat voor|welcher?n?|welche[srm]|quelle) (?:\w+ )?(?:order|bestelling|bestellung|auftrag"
    r"|commande)\b"
)
_WHEN = re.compile(r"\b(?:when|wanneer|wann|quand)(?:'s)?\b")
_HOW_MUCH = re.compile(
    r"\b(?:how much|what amount|hoeveel|welk bedrag|wie ?viel|welcher betrag|combien|quel montant)\b"
)
_WHO = re.compile(r"\b(?:who|wie heeft|door wie|wer|par qui|qui)\b")
_DUE = re.compile(
    r"\b(?:due|overdue|to be paid|vervalt|vervallen|verviel|vervaldatum|betaald (?:zijn|worden)|fallig(?:keit)?|echue?"
    r"|echeance|due?)\b"
)
_TO_PAY = re.compile(r"\b(?:pay|paid|due|betaald|betalen|bezahlt|(?:be)?zahlen|fallig|paye|payer|regler)\b")
_OF_IT = re.compile(
    r"\b(?:of (?:it|that|this)|ervan|daarvan|hiervan|davon|hiervon|dessus|sur celle-ci|is dat|was dat|dat dan|is that"
    r"|was that"
    r"|ist das|war das|de cela|de ca|c'est|c'etait)\b"
)
_NTH = re.compile(
    r"\b(?P<word>first|second|third|oldest|latest|last|eerste|tweede|derde|oudste|laatste|erste[nrs]?|zweite[nrs]?"
    r"|dritte[nrs]?"
    r"|alteste[nrs]?|letzte[nrs]?|premiere?|deuxieme|seconde?|troisieme|plus ancienne|derniere?)\b"
)
_PLACES = (
    (0, "first oldest eerste oudste erste alteste premier plus"),
    (1, "second tweede zweite deuxieme"),
    (2, "third derde dritte troisieme"),
    (-1, "last latest laatste letzte dernier"),
)
_THE_ONE = re.compile(
    r"\b(?:the (?:ones?|order|parcel) (?:with|for|of)|(?:die|degene|diegene|de bestelling|het pakket) (?:van|met"
    r"|voor) (?:de|het|die)?"
    r"|(?:die|der|das) mit (?:den|dem|der)?|celle (?:avec|des|de)|celui (?:avec|des|de))\b"
)
_HELD = re.compile(r"\b(?:set off|set against|used|applied|verrekend|verrechnet|impute\w*|deduite?)\b")
# What may stand beside a number that is asked about as the last one was: "and 1004?", "what about po 1104 then".
_BESIDE = frozenset(" ".join((
    "and what about how is it then ok okay great thanks also for the of po so order invoice number en hoe zit het met dan ook",
    "die van nummer bestelling factuur und was ist mit auch dann der et pour la le de aussi alors numero commande",
)).split())  # fmt: skip


@dataclass(frozen=True)
class Follows:
    """The tool that answers, and the document it is about; None for whatever the words say."""

    tool: str
    number: str | None = None


def follow_up(
    words: str, understood: Understanding, mentions: Mentions, about: Sequence[About], asked_before: Sequence[str]
) -> Follows | None:
    """What a short message asks of what was just spoken of; None for one that stands on its own.

    `about` is what the last answers spoke of, and `asked_before` what the last message asked for.
    """
    names = {one.name for one in understood.intents}
    is_several = len(names) > 1 and not (_WHICH_ORDER.search(folded(words)) and names <= _ABOUT_ONE)
    if is_several or not 0 < len(words.split()) <= _WORDS_MAX:
        return None
    name, share = (understood.intents[0].name, understood.intents[0].confidence) if understood.intents else ("", 0.0)
    small = folded(words)
    before = next((one for one in asked_before if one in _REPEATED), None)
    if mentions.references.numbers:
        return _same_of_other(small, words, mentions, before) if share < _PLAIN else None
    newest = [one for one in about if one.answer == 0]
    one_invoice, one_order = _single(newest, "invoice"), _single(newest, "order")
    if (
        _WHICH_ORDER.search(small)
        and one_invoice
        and not one_order
        and name in ("order_status", "list_orders", "invoice_status")
    ):
        return Follows("order_status", one_invoice)
    note = _single(newest, "credit_note")
    if note and _HELD.search(small):
        return Follows("refund_status", note)
    if share >= _PLAIN and understood.is_sure:
        return None
    if name in _SAYS_LITTLE and _OWN.search(small) and (before or len(words.split()) <= _OWN_WORDS_MAX):
        return Follows(_of_account(before))
    if before in ("order_status", "proof_of_delivery", "list_orders") and _THE_ONE.search(small):
        return Follows("order_status")
    return _asked_of(small, mentions, about, before)


def describes_one(words: str) -> bool:
    """Whether the words tell one of several by what is in it: "the one with the scales"."""
    return _THE_ONE.search(folded(words)) is not None


def _asked_of(small: str, mentions: Mentions, about: Sequence[About], before: str | None) -> Follows | None:
    """When, how much or who: of the document just spoken of, or of one in the list that was told."""
    asks_when, asks_how_much = _WHEN.search(small), _HOW_MUCH.search(small)
    if "rest" in mentions.points and "?" in small and _TO_PAY.search(small):
        rest_of = _single([one for one in about if one.answer == 0], "invoice")
        return Follows("invoice_status", rest_of) if rest_of else None
    if not (asks_when or asks_how_much or _WHO.search(small)):
        return None
    newest = [one for one in about if one.answer == 0]
    invoice, order = _single(newest, "invoice"), _single(newest, "order")
    case = next((number for kind in _CASES if (number := _single(newest, kind))), None)
    nth = _NTH.search(small)
    if before == "list_open_invoices" and not invoice and asks_how_much and _OF_IT.search(small):
        return Follows("list_open_invoices")
    if nth and case is None:
        listed = list(meant(mentions, about, "invoice")) or _nth_listed(nth["word"], about)
        return (
            Follows("invoice_status", listed[0])
            if listed
            else Follows("invoice_status")
            if _DUE.search(small)
            else None
        )
    is_about_it = bool(mentions.points & {"it", "that"} or _OF_IT.search(small) or nth)
    if not is_about_it:
        return None
    if invoice and (_DUE.search(small) or asks_how_much):
        return Follows("invoice_status", invoice)
    if case:
        return Follows("case_status", case)
    if before in _OF_ONE and (invoice or order):
        return Follows(before, order or invoice)
    return Follows("invoice_status", invoice) if invoice else Follows("order_status", order) if order else None


def _nth_listed(word: str, about: Sequence[About]) -> list[str]:
    """The one at that place of the last list of invoices, oldest first, that an answer told."""
    place = next((place for place, words in _PLACES if any(word.startswith(one) for one in words.split())), None)
    answers = sorted({one.answer for one in about if one.kind == "invoice"})
    for answer in answers:
        listed = list(dict.fromkeys(one.number for one in about if one.answer == answer and one.kind == "invoice"))
        if len(listed) > 1 and place is not None and -len(listed) <= place < len(listed):
            return [listed[place]]
    return []


def _single(newest: Sequence[About], kind: str) -> str | None:
    numbers = list(dict.fromkeys(one.number for one in newest if one.kind == kind))
    return numbers[0] if len(numbers) == 1 else None


def _of_account(before: str | None) -> str:
    """What was asked of one document, or of somebody else's account, asked of the writer's own as a whole."""
    if before in ("order_status", "proof_of_delivery", "list_orders"):
        return "list_orders"
    return (
        "list_open_invoices"
        if before in ("invoice_status", "payment_status", "list_open_invoices")
        else "account_balance"
    )


def _same_of_other(small: str, words: str, mentions: Mentions, before: str | None) -> Follows | None:
    """ "And po 1104?" asks of another document what was asked of the last."""
    numbers = mentions.references.numbers
    for span in reversed(figures(words)):
        small = f"{small[: span.start]} {small[span.end :]}"
    if before not in _OF_ONE or len(numbers) != 1 or not set(re.findall(r"[^\W\d_]+", small)) <= _BESIDE:
        return None
    of_orders = before in ("order_status", "proof_of_delivery")
    fits = numbers[0].kind in ((None, "order", "purchase_order", "shipment") if of_orders else (None, "invoice"))
    return Follows(before, numbers[0].text) if fits else None
