"""Wishes that the form of a message gives away: a day to pay by, so many parts, nine of twelve that came."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.embedded.entities import named_by_letters
from bot.embedded.folded import folded
from bot.embedded.intents import Intent
from bot.embedded.mentions import Mentions
from bot.embedded.pointing import About
from bot.embedded.understanding import Understanding

# From this confidence the trained reading is left as it is.
_PLAIN = 0.9
_BY_FORM = 0.9  # what is reported of a wish that its form gives away
_WORDS_MAX = 60
_DAYS_AHEAD_MAX = 370
_LOOKED_AT = frozenset({
    "invoice_status", "payment_status", "list_open_invoices", "account_balance", "payment_methods", "payment_link",
    "invoice_copy", "policy_question",
})  # fmt: skip

_PAY_MYSELF = re.compile(
    r"\b(?:i|we)(?:'ll| will| shall| can| could|'re going to| are going to|'m going to| am going to)?(?: \w+){0,2}?"
    r" (?:pay|settle|transfer|wire|remit|clear|manage|do)\b"
    r"|\b(?:payment|transfer|the money|you(?:'ll| will) (?:have|get)) (?:\w+ ){0,4}(?:go(?:es)? out|follows?|by|on"
    r"|next|this|tomorrow)\b"
    r"|\b(?:ik|we|wij)\b(?: [\w.-]+){0,6}? (?:betaal|betalen|voldoe|voldoen|overmaken|maken?|regel|regelen)\b"
    r"|\b(?:betaal|betalen|voldoen?|maak|maken) (?:ik|we|wij)\b|\bbetaling (?:volgt|gaat)\b"
    r"|\b(?:ich|wir)\b(?: [\w.-]+){0,6}? (?:be)?zahlen?\b|\b(?:ich|wir)\b(?: [\w.-]+){0,6}? (?:uberweisen?"
    r"|begleichen?)\b"
    r"|\b(?:(?:be)?zahle|uberweise|begleiche)n? (?:ich|wir)\b|\bzahlung (?:folgt|erfolgt)\b"
    r"|\b(?:je|j'|on|nous)\b(?: (?:vous|te|la|le|les|l'|vais|va|allons|pouvons|peut|peux)){0,3}"
    r" ?(?:pai|pay|regl|vir|vers)(?!ement)\w+|\b(?:paiement|virement) (?:\w+ ){0,2}(?:suivra|partira|le|pour)\b"
)
# "We paid on Friday", "we can't pay before Friday": no promise, whatever day stands beside it.
_NO_PROMISE = re.compile(
    r"\b(?:not|never|can't|cannot|won't|don't|niet|nooit|geen|nicht|nie|kein\w*|pas|jamais)\b"
    r"|\b(?:paid|settled|betaald|overgemaakt|voldaan|bezahlt|gezahlt|uberwiesen|beglichen|paye|payee|regle|reglee|vire"
    r"|viree)\b"
)
_PAYING = re.compile(
    r"\b(?:pay(?:ing|ments?)?|settle|spread|split|instal?lments?|betal\w*|voldoen|spreiden|termijn(?:en)?|regeling"
    r"|aflossen"
    r"|(?:be)?zahl\w*|raten\w*|ratenzahlung|teilzahlung\w*|begleichen|payer|paie\w*|regler|reglement|echelonn\w*"
    r"|mensualites?"
    r"|echeances?|versements?|invoices?|bills?|factu\w+|rekening\w*|rechnung\w*)\b"
)
_WAS_PAID = re.compile(
    r"\b(?:have|has|had|'ve|heb|hebben|hadden|haben?|hatten|avons|ai|j'ai)\b[^.?!]*\b"
    r"(?:paid|settled|betaald|voldaan|bezahlt|gezahlt|beglichen|paye|regle)\w*\b"
)
_SEND_US = re.compile(
    r"\b(?:e?mail|send|forward|resend)\b(?: \w+){0,4} (?:me|us|over|again|please|both|them|it|all)\b"
    r"|\b(?:e?mail|send|forward) (?:me|us|them|both|it|all)\b"
    r"|\b(?:stuur|mail|verstuur|zend)(?:en)?\b[^.?!]{0,40}\b(?:ze|die|deze|hem|beide|allebei|op|toe|door|mij|me|ons)\b"
    r"|\b(?:schick|send|mail)\w*\b[^.?!]{0,30}\b(?:mir|uns|beide|alle|sie|zu)\b"
    r"|\b(?:envoye[rz]?|renvoye[rz]?|transmette[rz]?)(?:-(?:moi|nous|les|la|le))?\b"
)
_OUR_IBAN = re.compile(
    r"\b(?:your|jullie|uw|je|ihre?n?|eure|votre|vos)\b(?: \w+){0,2} (?:iban|bic|bank (?:details|account)|bankgegevens"
    r"|rekeningnummer"
    r"|bankrekening(?:nummer)?|bankverbindung|bankdaten|kontonummer|kontodaten|rib|coordonnees bancaires)\b"
)
_TRACKING = re.compile(
    r"\btrack(?:ing)? ?(?:&|and|en|und|et|n) ?trace\b|\btracking ?(?:number|code|link|id|nummer|info)\w*"
    r"|\btrackinglink\b"
    r"|\bsendungs(?:nummer|verfolgung)\b|\b(?:numero|lien) de suivi\b"
)
# "I have to ask my boss first": they will speak to somebody of their own, and ask for nobody of ours.
_OWN_PERSON = re.compile(
    r"\b(?:my|our|m'n|mn|mijn|onze|mein(?:e[mnr]?)?|unser(?:e[mnr]?)?|mon|ma|notre)\b (?:(?!account)\w+ )?"
    r"(?:boss|manager|colleagues?|partner|accountant|bookkeeper|director|husband|wife|team|baas|chef|collega(?:'?s)?"
    r"|leidinggevende"
    r"|boekhoud(?:er|ster|ing)|directeur|compagnon|man|vrouw|vorgesetzten?|kolleg(?:en?|in)|buchhalt(?:er|ung|erin)"
    r"|geschaftsfuhrer|patron(?:ne)?|responsable|collegues?|comptable|associee?)\b"
)


_FIRST = re.compile(r"\b(?:first|eerst|zuerst|erst|d'abord)\b")


@dataclass(frozen=True)
class _Form:
    """The intent that a form gives away, and those that the trained model takes it for."""

    intent: str
    taken_for: frozenset[str]


_PROMISE = _Form("promise_to_pay", _LOOKED_AT | {"payment_plan", "promise_to_pay", "confirm", "dispute_invoice"})
_PLAN = _Form("payment_plan", _LOOKED_AT | {"promise_to_pay", "payment_plan", "change_order", "statement"})
_SHORT = _Form("dispute_invoice", _LOOKED_AT | {"order_status", "change_order", "proof_of_delivery", "dispute_invoice"})
_COPY = _Form("invoice_copy", _LOOKED_AT | {"human", "change_order", "order_status", "statement", "list_orders"})
_BANK = _Form("payment_methods", _LOOKED_AT | {"update_contact", "confirm", "out_of_scope"})
_PARCEL = _Form("order_status", frozenset({"out_of_scope", "list_orders", "policy_question", "proof_of_delivery"}))


# A wish that is named by its name is that wish, however little stands beside it.
_NAMED = {
    "complaint": re.compile(
        r"\b(?:complaints?|complain|klacht(?:en)?|klagen|beschwerden?|beschweren|reclamations?|plaintes?)\b"
    ),
    "dispute_invoice": re.compile(
        r"\b(?:niet eens|oneens|bezwaar|disagree|object|objection|dispute|nicht einverstanden|widerspr\w+|einspruch|pas d'accord"
        r"|conteste\w*|contestation)\b[^.?!]{0,40}\b(?:invoices?|bills?|factu\w+|rekening\w*|rechnung\w*)\b"
    ),
}


def read_by_form(
    understood: Understanding, words: str, mentions: Mentions, today: date, about: Sequence[About] = ()
) -> Understanding:
    """The same message with the wish its form gives away, where the trained model is not plain and its guess is near.

    `about` is what the last answers spoke of. What is grave or angry is left alone, and so are several wishes.
    """
    if len(understood.intents) != 1 or len(words.split()) > _WORDS_MAX:
        return understood
    (found,) = understood.intents
    small = folded(words)
    is_plain = found.confidence >= _PLAIN and understood.is_sure
    if found.name == "human" and _OWN_PERSON.search(small) and (_FIRST.search(small) or not is_plain):
        return replace(understood, intents=(Intent("deny", found.confidence),), is_sure=False)
    named = _NAMED.get(found.name)
    if not understood.is_sure and named is not None and named.search(small) and "?" not in small:
        return replace(understood, intents=(Intent(found.name, _BY_FORM),), is_sure=True)
    form = None if is_plain else _form(small, mentions, today, about)
    if form is None or found.name not in form.taken_for:
        return understood
    return replace(understood, intents=(Intent(form.intent, _BY_FORM),), is_sure=True)


def _form(small: str, mentions: Mentions, today: date, about: Sequence[About]) -> _Form | None:
    is_question = "?" in small
    if _OUR_IBAN.search(small) and not mentions.ibans:
        return _BANK
    if _TRACKING.search(small):
        return _PARCEL
    if mentions.parts is not None and mentions.parts > 1:
        return _PLAN if _PAYING.search(small) or (mentions.references.numbers and not _WAS_PAID.search(small)) else None
    if not is_question and _falls_short(mentions, about):
        return _SHORT
    if not is_question and _promises(small, mentions, today):
        return _PROMISE
    return _COPY if _sends_invoices(small, mentions, about) else None


def _falls_short(mentions: Mentions, about: Sequence[About]) -> bool:
    """Fewer came than are on the invoice that is named, or pointed at right after an answer about it."""
    if not any(one.kind in ("got", "missing") for one in mentions.quantities):
        return False
    named = mentions.references.numbers
    if named:
        return any(one.kind == "invoice" or named_by_letters(one.text) == "invoice" for one in named)
    newest = {(one.kind, one.number) for one in about if one.answer == 0}
    return bool(mentions.points & {"that", "it"}) and len(newest) == 1 and {kind for kind, _ in newest} == {"invoice"}


def _promises(small: str, mentions: Mentions, today: date) -> bool:
    """They pay, and name a day that is to come."""
    ahead = [day for day in mentions.days if 0 <= (day.on - today).days <= _DAYS_AHEAD_MAX]
    return bool(ahead) and _PAY_MYSELF.search(small) is not None and _NO_PROMISE.search(small) is None


def _sends_invoices(small: str, mentions: Mentions, about: Sequence[About]) -> bool:
    """They want sent what the newest answer spoke of, or what they name, and that is invoices."""
    if _SEND_US.search(small) is None:
        return False
    if mentions.references.numbers:
        return all(one.kind in (None, "invoice") for one in mentions.references.numbers)
    newest = {one.kind for one in about if one.answer == 0}
    return newest == {"invoice"} and bool(mentions.points & {"all", "both", "that", "it", "last", "first"})
