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
    r"|\b(?:already|allready|just) (?:paid|payed|transferred|settled)\b|\b(?:paid|payed) (?:it |this |that )?(?:already|allready)"
    r"\b|\b(?:paid|payed|transferred|settled|wired|sent) (?:it |this |that )?"
    r"(?:this morning|yesterday|last week|(?:on |last )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|\b(?:i|we)(?:'ve|’ve| have)? (?:sent|transferred|wired|paid) you (?:the |eur |euro |€ ?|£ ?|\$ ?)*\d"
    r"|\b(?:bookkeeper|accountant|colleague|boss|finance|office|bank) (?:\w+ )?(?:paid|settled|transferred) (?:it|this|that|the)"
    r"\b"
    r"|^\W*(?:paid|payed|transferred|settled|wired)\b(?: (?:it|this|that))? (?:on|yesterday|today|last|already|this|in full|\d)"
    r"|\b(?:payment|money|transfer) (?:was|has been|is|went) (?:\w+ )?(?:made|sent|transferred|out|off)\b"
    r"|\b(?:proof of (?:the )?payment|payment (?:proof|confirmation|slip))\b[^.!?]{0,20}\b(?:attached|enclosed)\b"
    r"|\b(?:attached|enclosed)\b[^.!?]{0,25}\b(?:proof of (?:the )?payment|payment (?:proof|confirmation|slip))\b"
    r"|\b(?:ik|we|wij|wel|al|reeds|net|gisteren|heeft|hebben)\b[^.!?]{0,50}\b(?:betaal[dt]|overgemaakt|overgeboekt|voldaan)\b"
    r"|\bis (?:\S+ ){0,4}(?:betaal[dt]|overgemaakt|overgeboekt|voldaan)\b"
    r"|\bbetaling (?:is|ging)\b[^.!?]{0,25}\b(?:gedaan|verstuurd|verzonden|uitgevoerd|onderweg|deur uit)\b"
    r"|^\W*(?:betaald|overgemaakt|voldaan) (?:op|gisteren|vandaag|vorige|afgelopen|deze|\d)"
    r"|\b(?:bijgevoegd|bijgaand|hierbij|hiermee)\b[^.!?]{0,25}\bbeta(?:al|lings)bewijs\b"
    r"|\bbetaalbewijs (?:is |zit )?(?:bijgevoegd|erbij)"
    r"|\b(?:ich|wir|haben?|hat|schon|bereits|gestern|längst)\b[^.!?]{0,50}\b(?:beza?h?lt|gezahlt|überwiesen|beglichen)\b"
    r"|\b(?:wurde|ist) (?:\S+ ){0,4}(?:beza?h?lt|überwiesen|beglichen)\b"
    r"|^\W*(?:bezahlt|überwiesen) (?:am|gestern|heute|letzte|\d)"
    r"|\b(?:geld|zahlung|überweisung)\b(?! (?:geht|wird|kommt|folgt|erfolgt))[^.!?]{0,40}"
    r"\b(?:raus|rausgegangen|veranlasst|getätigt|erfolgt|ausgeführt)\b"
    r"|\b(?:anbei|beigefügt|im anhang)\b[^.!?]{0,25}\b(?:zahlungsbeleg|zahlungsnachweis|überweisungsbeleg)\b"
    r"|\b(?:j['’]ai|on a|nous avons|d[ée]jà|deja)\b[^.!?]{0,40}\b(?:payée?s?|réglée?s?|virée?s?|versée?s?|virement|paiement)\b"
    r"|\b(?:virement|paiement) (?:a (?:déjà |bien )?été|est) (?:\w+ )?(?:faite?|effectué|parti|envoyé|émis|exécuté)\b"
    r"|\b(?:comptable|comptabilité|banque|collègue|service) a (?:déjà |bien )?(?:payé|réglé|viré|versé)\b"
    r"|^\W*(?:payée?|réglée?|virée?) (?:hier|ce matin|le|lundi|mardi|mercredi|jeudi|vendredi|aujourd|la semaine)"
    r"|\b(?:ci-joint|en pièce jointe)\b[^.!?]{0,25}\bpreuve (?:du|de) (?:paiement|virement)\b",
    re.IGNORECASE,
)
# Said of the invoice, without a question mark and without a word that asks to be told.
_STATED = re.compile(
    r"\b(?:has|have|was|were|got) (?:\w+ ){0,2}(?:paid|payed|settled|transferred|wired)\b(?! (?:twice|double|by you|to us|for))"
    r"|\b(?:it's|its|is|been) (?:\w+ )?(?:paid|payed)\b"
    r"|\b(?:est|sont|a été|ont été|a déjà été|a bien été) (?:\w+ ){0,2}(?:payée?s?|réglée?s?|virée?s?)\b",
    re.IGNORECASE,
)
# What was done with money, in whatever sentence: a claim where nothing in the message speaks against it and it was taken for
# something about paying.
_DONE = re.compile(
    r"\b(?:paid|payed|settled|transferred|wired)\b|\b(?:sent|posted) (?:\w+ ){0,2}(?:money|payment|amount|cheque)\b"
    r"|\b(?:received|had|got) (?:our|my) (?:payment|money|transfer)\b"
    r"|\b(?:betaald|overgemaakt|overgeboekt|overgeschreven|voldaan|afgerekend)\b"
    r"|\b(?:onze|mijn) (?:betaling|overboeking)\b.*\b(?:hebben|ontvangen|binnen|gekregen)\b"
    r"|\b(?:bezahlt|gezahlt|überwiesen|beglichen)\b|\bgeld ist\b.*\braus\b"
    r"|\b(?:unsere|meine) (?:zahlung|überweisung)\b.*\b(?:haben|bekommen|erhalten)\b"
    r"|\b(?:payée?s?|réglée?s?|virée?s?|versée?s?)\b|\bargent est (?:bien )?parti\b"
    r"|\b(?:reçu|recevoir) (?:notre|mon) (?:paiement|virement|règlement)\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(
    r"\b(?:if|when|once|unless|suppose|want|wants|wanted|need|needs|als|wanneer|indien|zodra|wil|willen|moet|wenn|falls|sobald"
    r"|will|wollen|soll|muss|si|quand|dès|veux|voulons|faut|doit)\b",
    re.IGNORECASE,
)
_TO_BE_TOLD = re.compile(
    r"\?|\b(?:mark\w*|book|set|pretend|say|treat|as paid|markeer|boek|zet|als betaald|markier\w*|(?:ver)?buchen?|als bezahlt"
    r"|marque[rz]?|comme (?:payée?|réglée?)|tell me|let me know|show|list|which|what|when|how|whether|confirm|see if|know if"
    r"|you were|welke|hoe|bevestig\w*|of (?:dit|dat|het|die|deze|wij|we|ik)"
    r"|welche\w*|wie|ob|bestätig\w*|quelles?|quand|comment|confirme[rz]?|si c['’]est)\b",
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
    r"^\W*(?:when|which|how|hoe|comment|wanneer|welke|wann|welche\w*|quand|lesquelles|laquelle)\b"
    r"|\b(?:whether|if|of|ob|si)\s(?:i|we|it|this|that|ik|wij|dit|dat|het|die|deze|ich|wir|das|es|j['’]|nous|on|c['’]est|elle)\b[^.!?]{0,40}"
    r"\b(?:paid|pay|betaald|overgemaakt|voldaan|bezahlt|gezahlt|überwiesen|payée?s?|réglée?s?)",
    re.IGNORECASE,
)
# "Is al betaald", "hebben we vrijdag voldaan, zie bijlage": without a question mark, these are statements.
_SHORT = re.compile(
    r"^\W*(?:is|was|has been|ist|wurde) (?:al|reeds|already|schon|bereits|vorige|gisteren|gestern|op|am)\b"
    r"|^\W*(?:heb ik|hebben (?:we|wij)|habe ich|haben wir)\b.*\b(?:bijlage|bewijs|bijgevoegd|anhang|anbei|beleg|vanochtend"
    r"|vanmorgen|vandaag|gisteren|vorige|heute|gestern|letzte[nr]?|\w+dag|\w+tag)\b",
    re.IGNORECASE | re.DOTALL,
)
_NOT_PAID = re.compile(
    r"\b(?:not|never|haven['’]?t|hasn['’]?t|didn['’]?t|niet|niets|nog nooit|geen|nicht|nichts"
    r"|nie|kein\w*|jamais|rien|pas encore|nobody|no one|niemand|personne"
    r"|n['’]avons pas|n['’]ai pas|n['’]est pas|n['’]a pas"
    r"|until|unless|once|as soon as|voordat|zodra|pas als|bevor|sobald|avant que|dès que)\b"
    r"[^.!?]{0,30}\b(?:paid|payed|settled|transferred|voldaan|betaald|overgemaakt|bezahlt|gezahlt|überwiesen|payée?s?|réglée?s?)\b",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<=\d)\.(?=\s)")
# "We will have paid it by Friday" is no claim either.
_WILL_HAVE = re.compile(
    r"\b(?:will|won't|'ll|’ll|zal|zullen|wird|werden?|aurons|aurai|serai?t?|sera)\b[^.!?]{0,20}"
    r"\b(?:paid|settled|transferred|betaald|overgemaakt|voldaan|bezahlt|überwiesen|beglichen|payée?s?|réglée?s?)\b",
    re.IGNORECASE,
)
# Said of days to come: that is a promise, also beside something that was paid.
_TO_COME = re.compile(
    r"\b(?:will|shall|going to|gonna|i'll|we'll|’ll|can|could) (?:\w+ ){0,2}(?:pay|transfer|settle|be paid|send)\b"
    r"|\b(?:rest|remainder|reste|overige)\b|\bpay(?:ing)? (?:it |this |you )?(?:on|by|next|tomorrow|friday|monday)\b"
    r"|\b(?:zal|zullen|gaan?|kunnen|wordt|worden|betaal|betalen|voldoen|maak|maken)\b"
    r"|\b(?:werden?|wird|zahlen?|bezahlen?|überweisen?|können)\b|\b\w+(?:erai|erons|eront|era)\b|\b(?:allons|vais|payons|paie)\b",
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
    # A full stop behind a figure ends no sentence: "am 11. März überwiesen".
    words = _ORDINAL.sub("", words)
    is_stated = _STATED.search(words) is not None and not _TO_BE_TOLD.search(words)
    says_so = _PAID.search(words) or is_stated or _is_roughly(words)
    if not says_so or is_question or _WHETHER.search(words) or _NOT_PAID.search(words) or _WILL_HAVE.search(words):
        return None
    country = desk.customer.country if desk.customer else desk.seller.country
    read = find_mentions(words, language=desk.language, today=desk.today, country=country, prefer="past")
    past = [day.on for day in read.days if day.is_sure and day.on <= desk.today]
    return Claim(past[0] if past else None)


def is_over(desk: Desk) -> bool:
    """Whether they speak of what was paid and of nothing that is still to be."""
    return "?" not in desk.words and claim_of(desk) is not None and not _TO_COME.search(desk.words)


def _is_roughly(words: str) -> bool:
    """Whether it says that something was paid, in a message that asks nothing and speaks of no day to come."""
    against = (_TO_BE_TOLD, _TO_COME, _SUPPOSES)
    return _DONE.search(words) is not None and not any(one.search(words) for one in against)


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
