"""Somebody says that they have paid: what they claim is noted, waited for while it may be under way, and looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from bot.desk import Desk
from bot.embedded.mentions import find_mentions
from bot.embedded.yes_no import yes_or_no
from bot.tools.people import call_person
from bot.tools.said import in_currency
from o2c_core.actions.note_payment_said import Noted, NothingSaidOpen, Payment, note_payment_said
from o2c_core.errors import NotFound
from o2c_core.money import CurrenciesDiffer, Money

_INTENT = "payment_status"
# A turn that hears "yes" to this goes on with these words in the place of the "yes".
_ASKED = f"meant:{_INTENT}"
_CHECK_WORDS = "check with the bank"
_PAID = re.compile(
    r"\b(?:i|we)(?:'ve|’ve| have| had)?(?: \w+){0,3} (?:paid|transferred|settled|sent|wired)\b(?! (?:me|us|you|over)\b)"
    r"|\b(?:already|just) (?:paid|transferred|settled)\b"
    r"|^\W*(?:paid|transferred|settled|wired)\b(?: (?:it|this|that))? (?:on|yesterday|today|last|already|this|in full|\d)"
    r"|\b(?:payment|money|transfer) (?:was|has been|is|went) (?:\w+ )?(?:made|sent|transferred|out|off)\b"
    r"|\b(?:proof of (?:the )?payment|payment (?:proof|confirmation|slip))\b[^.!?]{0,20}\b(?:attached|enclosed)\b"
    r"|\b(?:attached|enclosed)\b[^.!?]{0,25}\b(?:proof of (?:the )?payment|payment (?:proof|confirmation|slip))\b"
    r"|\b(?:ik|we|wij|wel|al|reeds|net|gisteren)\b[^.!?]{0,50}\b(?:betaald|overgemaakt|voldaan)\b"
    r"|\bis (?:\w+ ){0,3}(?:betaald|overgemaakt|voldaan)\b"
    r"|^\W*(?:betaald|overgemaakt|voldaan) (?:op|gisteren|vandaag|vorige|afgelopen|deze|\d)"
    r"|\b(?:bijgevoegd|bijgaand|hierbij|hiermee)\b[^.!?]{0,25}\bbeta(?:al|lings)bewijs\b"
    r"|\bbetaalbewijs (?:is |zit )?(?:bijgevoegd|erbij)"
    r"|\b(?:ich|wir|haben?|schon|bereits|gestern|längst)\b[^.!?]{0,50}\b(?:bezahlt|gezahlt|überwiesen|beglichen)\b"
    r"|\b(?:wurde|ist) (?:\w+\.? ){0,4}(?:bezahlt|überwiesen|beglichen)\b"
    r"|^\W*(?:bezahlt|überwiesen) (?:am|gestern|heute|letzte|\d)"
    r"|\b(?:geld|zahlung|überweisung)\b[^.!?]{0,40}\b(?:raus|rausgegangen|veranlasst|getätigt|erfolgt|ausgeführt)\b"
    r"|\b(?:anbei|beigefügt|im anhang)\b[^.!?]{0,25}\b(?:zahlungsbeleg|zahlungsnachweis|überweisungsbeleg)\b"
    r"|\b(?:j['’]ai|on a|nous avons|déjà)\b[^.!?]{0,40}\b(?:payée?s?|réglée?s?|virée?s?|versée?s?|virement|paiement)\b"
    r"|\b(?:virement|paiement) (?:a (?:déjà |bien )?été|est) (?:\w+ )?(?:faite?|effectué|parti|envoyé|émis|exécuté)\b"
    r"|^\W*(?:payée?|réglée?) (?:hier|le|lundi|mardi|mercredi|jeudi|vendredi|aujourd|la semaine)"
    r"|\b(?:ci-joint|en pièce jointe)\b[^.!?]{0,25}\bpreuve (?:du|de) (?:paiement|virement)\b",
    re.IGNORECASE,
)
# "Have I paid that one?", "is it paid?": a question, and no claim.
_ASKS = re.compile(
    r"^\W*(?:(?:hi|hello|hallo|bonjour|beste|dear|goedemorgen|guten tag)\W+(?:\w+\W+)?)?"
    r"(?:have (?:i|we)|did (?:i|we)|has|is|was|were|heb (?:ik|je|jullie)|hebben (?:we|wij|jullie)|heeft u|zijn"
    r"|habe ich|haben (?:wir|sie)|ist"
    r"|sind|ai-je|avons-nous|est-ce|avez-vous|a-t-)\b",
    re.IGNORECASE,
)
# "When did we pay it?", "can you see whether we have paid?": questions as well, wherever they stand.
_WHETHER = re.compile(
    r"^\W*(?:when|which|wanneer|welke|wann|welche\w*|quand|lesquelles|laquelle)\b"
    r"|\b(?:whether|if|of|ob|si)\s(?:i|we|ik|wij|ich|wir|j['’]|nous|on)\b[^.!?]{0,40}"
    r"\b(?:paid|pay|betaald|overgemaakt|bezahlt|gezahlt|überwiesen|payée?s?|réglée?s?)",
    re.IGNORECASE,
)
# "Is al betaald", "hebben we vrijdag voldaan, zie bijlage": without a question mark, these are statements.
_SHORT = re.compile(
    r"^\W*(?:is|was|has been|ist|wurde) (?:al|reeds|already|schon|bereits|vorige|gisteren|gestern|op|am)\b"
    r"|^\W*(?:heb ik|hebben (?:we|wij)|habe ich|haben wir)\b.*\b(?:bijlage|bewijs|bijgevoegd|anhang|anbei|beleg)",
    re.IGNORECASE | re.DOTALL,
)
_NOT_PAID = re.compile(
    r"\b(?:not|never|haven['’]?t|hasn['’]?t|didn['’]?t|niet|nog nooit|geen|nicht|nie|kein\w*|jamais|n['’]avons pas|n['’]ai pas)\b"
    r"[^.!?]{0,25}\b(?:paid|transferred|betaald|overgemaakt|bezahlt|gezahlt|überwiesen|payée?s?|réglée?s?)\b",
    re.IGNORECASE,
)
_CHECK = re.compile(
    r"\b(?:check|ask|trace|verify) (?:\w+ ){0,3}(?:with )?(?:the |your )?bank\b"
    r"|\b(?:bij|met) (?:de|uw|jullie) bank\b|\b(?:bei|mit) (?:der|ihrer) bank\b"
    r"|\bauprès de (?:la|votre) banque\b",
    re.IGNORECASE,
)
_WORDS_KEPT = 500


@dataclass(frozen=True)
class Claim:
    """What the customer says they did; the day and the amounts are those in their own words, where they named any."""

    paid_on: date | None = None

    def fact(self, desk: Desk) -> str:
        assert self.paid_on is not None
        return desk.facts.day(self.paid_on, "the customer's own words")

    def amount(self, desk: Desk, currency: str) -> Money | None:
        """What they say they paid in that currency; None where they name nothing."""
        named = [in_currency(one, currency) for one in desk.mentions.amounts]
        return next((one for one in named if one is not None and one.minor > 0), None)


def claim_of(desk: Desk) -> Claim | None:
    """The claim in their words; None when they ask, or say that they did not pay."""
    words = desk.words
    is_question = _ASKS.search(words) and not (_SHORT.search(words) and "?" not in words)
    if not _PAID.search(words) or is_question or _WHETHER.search(words) or _NOT_PAID.search(words):
        return None
    country = desk.customer.country if desk.customer else desk.seller.country
    read = find_mentions(words, language=desk.language, today=desk.today, country=country, prefer="past")
    past = [day.on for day in read.days if day.is_sure and day.on <= desk.today]
    return Claim(past[0] if past else None)


@dataclass(frozen=True)
class ToNote:
    """A claim that is to be recorded: how much, for which invoices (`number` where it is one), and what is said `besides`."""

    claim: Claim
    amount: Money | None
    invoice_ids: tuple[UUID, ...]
    number: str | None = None
    besides: tuple[str, ...] = ()


def noted(desk: Desk, said_paid: ToNote) -> str:
    """Records the claim and says so: thanks, that it is not here yet and how long that may take, until when nobody is
    reminded; at once looked for by a person where they ask for that themselves."""
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    claim, number = said_paid.claim, said_paid.number
    said = [_thanks(desk, claim, said_paid.amount)]
    payment = Payment(
        desk.customer.id, said_paid.invoice_ids, said_paid.amount, claim.paid_on, desk.channel, desk.words[:_WORDS_KEPT],
        desk.message_id,
    )  # fmt: skip
    try:
        recorded = note_payment_said(payment, store=desk.store)
    except (NothingSaidOpen, NotFound, CurrenciesDiffer):
        return _offers_check(desk, [*said, *said_paid.besides], number, claim)
    said += [_waits(desk, recorded, number), *said_paid.besides]
    if _CHECK.search(desk.words):
        return " ".join([*said, _ask_to_check(desk, number, claim.paid_on)])
    return desk.ask_for(_ASKED, _slots(claim, number), " ".join(said))


def _slots(claim: Claim, number: str | None) -> dict[str, Any]:
    paid_on = claim.paid_on.isoformat() if claim.paid_on else None
    return {"words": _CHECK_WORDS, "check": True, "number": number, "paid_on": paid_on}


def _thanks(desk: Desk, claim: Claim, amount: Money | None) -> str:
    places = {}
    if amount is not None:
        places["amount"] = desk.facts.money(amount, "the customer's own words")
    if claim.paid_on is not None:
        places["paid_on"] = claim.fact(desk)
    key = {0: "payment.claim_some", 2: "payment.claim_amount_on"}.get(len(places))
    return desk.say(key or ("payment.claim_some_on" if claim.paid_on else "payment.claim_amount"), **places)


def _waits(desk: Desk, recorded: Noted, number: str | None) -> str:
    source = f"payment said on {recorded.said.said_on.isoformat()}"
    places = {"until": desk.facts.day(recorded.said.until_on, f"{source} waited for until")}
    key = "payment.not_here"
    if number is not None:
        places["number"] = desk.facts.text(number, f"invoice {number}")
        key += "_for"
    if recorded.is_traced:
        key += "_traced"
    else:
        places["days"] = desk.facts.count(recorded.transfer_days, "banking days a transfer may take")
    said = desk.say(key, **places)
    return f"{said} {desk.say('payment.proof_kept')}" if recorded.said.proof_file_id else said


def _offers_check(desk: Desk, said: list[str], number: str | None, claim: Claim) -> str:
    """Where there is nothing to wait for, somebody can look all the same."""
    if _CHECK.search(desk.words):
        return " ".join([*said, _ask_to_check(desk, number, claim.paid_on)])
    return desk.ask_for(_ASKED, _slots(claim, number), " ".join([*said, desk.say("payment.check_offer")]))


def going_on_with_check(desk: Desk) -> str | None:
    """The answer to somebody who wants us to check with the bank; None when this message is not about that."""
    earlier = desk.before.slots if desk.before.asked == _ASKED else {}
    if not earlier.get("check") or not (_CHECK.search(desk.words) or yes_or_no(desk.words) == "yes"):
        return None
    said_on = earlier.get("paid_on")
    return _ask_to_check(desk, earlier.get("number"), date.fromisoformat(said_on) if said_on else None)


def _ask_to_check(desk: Desk, number: str | None, paid_on: date | None) -> str:
    about = f" invoice {number}" if number else ""
    when = f" on {paid_on.isoformat()}" if paid_on else ""
    call_person(desk, "disagrees", f"says they paid{about}{when}; please check with the bank")
    return desk.say("payment.check_asked")
