"""Complaints and objections.

They bind nobody but us and cost the customer nothing, so they are recorded at once, without a proposal to confirm:
see docs/decisions/0006-complaints-are-logged-at-once.md.
"""

from __future__ import annotations

import re

from bot.desk import Desk
from bot.tools.documents import find_document
from bot.tools.invoices import customer_of, open_invoice
from bot.tools.people import call_person
from bot.tools.tool import LAST, OfDocument, Tool
from o2c_core.actions.log_complaint import Grievance
from o2c_core.actions.log_complaint import log_complaint as record_complaint
from o2c_core.actions.open_dispute import Claim, NothingToDispute
from o2c_core.actions.open_dispute import open_dispute as record_dispute

# Words that announce a complaint without saying what went wrong.
_ANNOUNCING = {
    "en": "i i'd we have got want would like to need a an another complaint complaints complain make file lodge about "
    "something please hello hi not happy unhappy dissatisfied im i'm am are very really",
    "nl": "ik wij heb hebben een wil willen graag klacht klachten klagen indienen melden doorgeven over iets hallo "
    "goedemorgen niet blij tevreden ontevreden ben zijn erg heel nog",
    "de": "ich wir habe haben möchte möchten will eine beschwerde reklamation beschweren mich einreichen über etwas hallo "
    "bin nicht zufrieden unzufrieden sehr",
    "fr": "je j'ai nous avons voudrais voulons veux une plainte réclamation faire déposer me plaindre bonjour suis pas "
    "content contente mécontent mécontente très",
}
_ANNOUNCING_WORDS = frozenset(" ".join(_ANNOUNCING.values()).split())


def log_complaint(desk: Desk, number: str | None) -> str:
    """Records what the customer wrote, with the order or invoice it is about, and tells them the number."""
    customer_id = customer_of(desk)
    with desk.store.session() as session:
        meant = find_document(session, customer_id, number) if number and number != LAST else None
    document = (meant.invoice or meant.order) if meant else None
    if document is None and _only_announces(desk.words):
        desk.asks = "complaint"
        return desk.say("complaint.what_about")
    complaint = record_complaint(
        Grievance(
            customer_id=customer_id,
            about=desk.words,
            message_id=desk.message_id,
            order_id=meant.order.id if meant and meant.order else None,
            invoice_id=meant.invoice.id if meant and meant.invoice else None,
        ),
        store=desk.store,
    )
    source = f"complaint {complaint.number}"
    places = {
        "number": desk.facts.text(complaint.number, source),
        "answer_by": desk.facts.day(complaint.answer_by, f"{source} answer by"),
    }
    if document is None:
        return desk.say("complaint.logged", **places)
    return desk.say("complaint.logged_about", about=desk.facts.text(document.number, f"{source} about"), **places)


def _only_announces(words: str) -> bool:
    return all(word in _ANNOUNCING_WORDS for word in re.findall(r"[\w']+", words.lower().replace("’", "'")))


def dispute_invoice(desk: Desk, number: str | None) -> str:
    """Records an objection to everything open on the invoice; reminders for it stop."""
    customer_id = customer_of(desk)
    if number is None:
        desk.asks = "dispute_invoice"
        return desk.say("complaint.which_invoice")
    with desk.store.session() as session:
        found = open_invoice(desk, session, number)
    if found is None:
        return desk.say("not_on_account")
    invoice = desk.facts.text(found.invoice.number, f"invoice {found.invoice.number}")
    claim = Claim(customer_id, found.invoice.id, description=desk.words, message_id=desk.message_id)
    try:
        dispute = record_dispute(claim, store=desk.store)
    except NothingToDispute:
        call_person(desk, "disagrees", "objects to an invoice with nothing open")
        return desk.say("complaint.nothing_open", invoice=invoice)
    source = f"dispute {dispute.number}"
    return desk.say(
        "complaint.disputed",
        invoice=invoice,
        amount=desk.facts.money(dispute.amount, f"{source} amount"),
        number=desk.facts.text(dispute.number, source),
    )


TOOLS = (
    Tool("log_complaint", "Record a complaint, with the number it is about.", log_complaint, OfDocument, acts=True),
    Tool(
        "dispute_invoice", "Record an objection to an invoice, by its number.", dispute_invoice, OfDocument, acts=True
    ),
)
