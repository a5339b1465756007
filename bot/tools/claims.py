"""Somebody says that they have paid: what they claim, and asking a person to check with the bank."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.desk import Desk
from bot.embedded.mentions import find_mentions
from bot.embedded.yes_no import yes_or_no
from bot.tools.people import call_person

_INTENT = "payment_status"
# A turn that hears "yes" to this goes on with these words in the place of the "yes".
_ASKED = f"meant:{_INTENT}"
_CHECK_WORDS = "check with the bank"
_PAID = re.compile(
    r"\b(?:i|we)(?:'ve|’ve| have| had)?(?: \w+){0,3} (?:paid|transferred|settled|sent|wired)\b(?! (?:me|us)\b)"
    r"|\b(?:already|just) (?:paid|transferred|settled)\b"
    r"|\b(?:payment|money) (?:was|has been|is) (?:\w+ )?(?:made|sent|transferred)\b"
    r"|\b(?:ik|we|wij|wel|al|reeds|net|gisteren)\b[^.!?]{0,50}\b(?:betaald|overgemaakt|voldaan)\b"
    r"|\bis (?:al|reeds) (?:betaald|overgemaakt|voldaan)\b"
    r"|\b(?:ich|wir|haben?|schon|bereits|gestern)\b[^.!?]{0,50}\b(?:bezahlt|gezahlt|überwiesen|beglichen)\b"
    r"|\b(?:j['’]ai|on a|nous avons|déjà)\b[^.!?]{0,40}\b(?:payée?s?|réglée?s?|virée?s?|versée?s?|virement|paiement)\b",
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
# "Is al betaald", without a subject and without a question mark, is a statement.
_SHORT = re.compile(r"^\W*(?:is|was|has been|ist|wurde) (?:al|reeds|already|schon|bereits)\b", re.IGNORECASE)
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


@dataclass(frozen=True)
class Claim:
    """What the customer says they did; `paid_on` is the day in their own words, where they named one."""

    paid_on: date | None = None

    def fact(self, desk: Desk) -> str:
        assert self.paid_on is not None
        return desk.facts.day(self.paid_on, "the customer's own words")


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


def not_seen(desk: Desk, said: list[str], number: str | None, claim: Claim) -> str:
    """Those sentences, and the offer to have somebody check; at once where they ask for that themselves."""
    if _CHECK.search(desk.words):
        return " ".join([*said, _ask_to_check(desk, number, claim.paid_on)])
    slots = {
        "words": _CHECK_WORDS,
        "check": True,
        "number": number,
        "paid_on": claim.paid_on.isoformat() if claim.paid_on else None,
    }
    return desk.ask_for(_ASKED, slots, " ".join([*said, desk.say("payment.check_offer")]))


def going_on_with_check(desk: Desk) -> str | None:
    """The answer to somebody who takes up our offer to check with the bank; None when this message is not about that."""
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
