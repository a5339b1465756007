"""Complaints: what the customer said in their own words, about which order or invoice, and until when it is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from bot.desk import Desk
from bot.embedded.entities import figures
from bot.embedded.pointing import meant
from bot.reasons import asks_about_recorded, category_of, severity_of, wants_back
from bot.tools.case_status import case_status, has_cases, take_back
from bot.tools.documents import Meant, find_document
from bot.tools.tool import LAST, Deed, Done, Tool
from o2c_core.actions.log_complaint import ABOUT_CHARACTERS_MAX, Grievance
from o2c_core.actions.log_complaint import log_complaint as record
from o2c_core.cases.complaint import answer_by
from o2c_core.conversations.proposal import Proposal

INTENT = "complaint"
SAID_CHARACTERS_MAX = 220
_NOT_REPEATED = ("link", "account")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")

# Words that announce a complaint without saying what went wrong.
_ANNOUNCING = {
    "en": "i i'd we i've we've have got want would like to need a an another my our complaint complaints complain make file "
    "lodge about something please hello hi not happy unhappy dissatisfied im i'm am are very really order invoice number "
    "your the service",
    "nl": "ik wij we heb hebben een wil willen graag klacht klachten klagen indienen melden doorgeven over iets hallo mijn onze "
    "goedemorgen niet blij tevreden ontevreden ben zijn erg heel nog bestelling factuur nummer",
    "de": "ich wir habe haben möchte möchten will eine beschwerde reklamation beschweren mich uns einreichen über etwas hallo "
    "zu zur bin nicht zufrieden unzufrieden sehr bestellung rechnung nummer die meine unsere",
    "fr": "je j'ai nous avons voudrais voulons veux une plainte réclamation faire déposer me plaindre bonjour suis pas sur la "
    "ma de content contente mécontent mécontente très commande facture numéro concernant",
}  # fmt: skip
# Words that put right which order or invoice it is about.
_PUTTING_RIGHT = (
    "no it's its not but sorry actually that's that of for nee het gaat om dat is maar niet die eigenlijk nein es geht um das "
    "ist sondern nicht doch non c'est il s'agit pas mais en fait"
)
_ANNOUNCING_WORDS = frozenset(" ".join([*_ANNOUNCING.values(), _PUTTING_RIGHT]).split())


class OfComplaint(BaseModel):
    numbers: list[str] | None = Field(None, description="Numbers of the order or invoice it is about, as written.")


def log_complaint(desk: Desk, numbers: list[str] | None) -> str:
    """Offers to record the complaint in the customer's own words; a complaint without content is asked about first.

    What is recorded is what they wrote, and nothing a model makes of it.
    """
    if wants_back(desk.words):
        return take_back(desk, "complaint", numbers)
    if asks_about_recorded(desk.words) and has_cases(desk):
        return case_status(desk, numbers[0] if numbers else None)
    earlier = desk.earlier(INTENT)
    about = _about(desk, numbers, earlier)
    said = _words(desk, earlier)
    asked_before = desk.before.asked == INTENT
    if only_announces(said) and not asked_before:
        slots = {"number": about[0]} if about else {}
        if about:
            asks = desk.say("complaint.what_about_that", about=desk.facts.text(about[0], f"{about[1]} {about[0]}"))
        else:
            asks = desk.say("complaint.what_about")
        return desk.ask_for(INTENT, slots, asks)
    return _offer(desk, said, about)


def _offer(desk: Desk, said: str, about: tuple[str, str] | None) -> str:
    is_angry = desk.understood is not None and desk.understood.is_angry
    severity = severity_of(said, is_angry=is_angry)
    first = desk.say("complaint.angry" if calmed(desk) else "complaint.sorry")
    places = {
        "words": desk.facts.text(shortened(said), "the customer's words"),
        "answer_by": desk.facts.day(answer_by(severity, desk.today), f"how soon a {severity} complaint is answered"),
    }
    if about is None:
        offered = desk.say("complaint.offer", **places)
    else:
        number = desk.facts.text(about[0], f"{about[1]} {about[0]}")
        offered = desk.say("complaint.offer_about", about=number, **places)
    arguments: dict[str, Any] = {"words": said, "category": category_of(said), "severity": severity}
    if about is not None:
        arguments["number"] = about[0]
    return desk.offer("complaint", arguments, f"{first} {offered}")


def calmed(desk: Desk) -> bool:
    """Whether anger is to be answered now: once in a conversation. From here on it has been."""
    if desk.understood is None or not desk.understood.is_angry or desk.before.calmed or desk.calmed:
        return False
    desk.calmed = True
    return True


def _about(desk: Desk, numbers: Sequence[str] | None, earlier: Mapping[str, Any]) -> tuple[str, str] | None:
    """The number of the order or invoice it is about and which of them it is; the first that is on the account.

    A number that is not is no reason to refuse a complaint: it stays in the words.
    """
    named = [
        *(numbers or meant(desk.mentions, desk.about, None)),
        *([earlier["number"]] if "number" in earlier else []),
    ]
    for number in named:
        found = _find(desk, number)
        if found.invoice is not None:
            return found.invoice.number, "invoice"
        if found.order is not None:
            return found.order.number, "order"
    return None


def _find(desk: Desk, number: str) -> Meant:
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    if number == LAST:
        return Meant()
    with desk.store.session() as session:
        return find_document(session, desk.customer.id, number)


def _words(desk: Desk, earlier: Mapping[str, Any]) -> str:
    """What they said about it in all; what only puts the number right adds nothing to it."""
    before = str(earlier.get("words") or "")
    if not before:
        return desk.words.strip()[:ABOUT_CHARACTERS_MAX]
    if (
        desk.words in before
        or only_announces(desk.words)
        or (desk.mentions.references.numbers and len(desk.words) < 40)
    ):
        return before
    return f"{before}\n{desk.words.strip()}"[:ABOUT_CHARACTERS_MAX]


def only_announces(words: str) -> bool:
    """Whether the words say that there is a complaint, and nothing of what went wrong."""
    spoken = re.findall(r"[\w'-]+", words.lower().replace("’", "'"))
    return all(word in _ANNOUNCING_WORDS or any(sign.isdigit() for sign in word) for word in spoken)


def shortened(words: str) -> str:
    """The first sentence or two, whole where they fit, to be read back; a link or account in them is not ours to repeat."""
    sentences = [one.strip() for one in _SENTENCE_END.split(_without_places(words).strip()) if one.strip()]
    kept = ""
    for sentence in sentences[:2]:
        if kept and len(kept) + 1 + len(sentence) > SAID_CHARACTERS_MAX:
            break
        kept = f"{kept} {sentence}".strip()
    if len(kept) <= SAID_CHARACTERS_MAX:
        return kept if len(kept) == len(" ".join(sentences)) else f"{kept.rstrip('.')} …"
    return kept[: SAID_CHARACTERS_MAX - 2].rsplit(" ", 1)[0] + " …"


def _without_places(words: str) -> str:
    for span in reversed(list(figures(words))):
        if span.what in _NOT_REPEATED:
            words = f"{words[: span.start]}…{words[span.end :]}"
    return words


def record_complaint(desk: Desk, proposal: Proposal) -> Done:
    """Records the complaint as it was offered, and says its number and until when it is answered."""
    asked = proposal.arguments
    found = _find(desk, asked["number"]) if asked.get("number") else Meant()
    grievance = Grievance(
        customer_id=proposal.customer_id,
        about=asked["words"],
        message_id=proposal.message_id,
        order_id=found.order.id if found.order else None,
        invoice_id=found.invoice.id if found.invoice else None,
        category=asked["category"],
        severity=asked["severity"],
    )
    complaint = record(grievance, store=desk.store)
    source = f"complaint {complaint.number}"
    places = {
        "number": desk.facts.text(complaint.number, source),
        "answer_by": desk.facts.day(complaint.answer_by, f"{source} answer by"),
    }
    outcome = {"number": complaint.number, "id": str(complaint.id)}
    if not asked.get("number"):
        return Done(desk.say("complaint.logged", **places), outcome)
    about = desk.facts.text(asked["number"], f"{source} about")
    return Done(desk.say("complaint.logged_about", about=about, **places), outcome)


TOOLS = (
    Tool(
        "log_complaint",
        "Offer to record a complaint in the customer's own words. It is recorded once they agree.",
        log_complaint,
        OfComplaint,
        acts=True,
    ),
)
DEEDS: Mapping[str, Deed] = {"complaint": record_complaint}
