"""An invoice that lacks something or never came: noted, put right at once where we can, and not reminded of meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.embedded.entities import Reference, References, named_by_letters
from bot.embedded.pointing import meant
from bot.reasons import document_of
from bot.tools.documents import bare, find_invoice
from bot.tools.people import call_person
from bot.tools.reminded import last_reminder
from bot.tools.send_documents import Mailbox, address_fact, invoice_copy, mailbox_of
from bot.tools.tool import OfDocument, Tool
from o2c_core.actions.note_document_problem import Lack, note_document_problem
from o2c_core.actions.send_document import (
    DocumentRequest,
    EmailRefused,
    NoAddressToSendTo,
    NoSuchDocument,
    send_document,
)
from o2c_core.actions.settle_document_problem import settle_document_problem
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.customers.masked import masked
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice

TOOL = "document_problem"
# What was asked for: which invoice it is about.
ASKED = "document:"
# The intent under which each is heard.
INTENT_OF_KIND = {
    "purchase_order": "dispute_invoice", "not_received": "invoice_copy", "delivery_note": "proof_of_delivery",
    "other": "dispute_invoice",
}  # fmt: skip
# What a message about missing papers may be taken for.
TAKEN_FOR = frozenset({
    "dispute_invoice", "invoice_copy", "proof_of_delivery", "complaint", "invoice_status", "change_order", "order_status",
    "payment_methods", "payment_plan", "list_open_invoices", "policy_question", "statement", "list_orders", "out_of_scope",
    "payment_link", "account_balance", "promise_to_pay",
})  # fmt: skip
WORDS_KEPT = 500


def document_problem(desk: Desk, number: str | None) -> str:
    """Records what the invoice lacks, with nothing to confirm: it asks for nothing and only spares them a reminder."""
    kind = document_of(desk.words) or "other"
    with desk.store.session() as session:
        found = _meant(desk, session, number, kind)
        for one in found or ():
            one.invoice.lines  # noqa: B018 -- read now, they are looked at when the session is over
        box = mailbox_of(desk, session) if kind == "not_received" else None
    if found is None:
        return desk.say("not_on_account")
    if not found:
        return desk.ask_for(ASKED + INTENT_OF_KIND[kind], {"words": desk.words}, desk.say("document.which_invoice"))
    about = found[0]
    if about.open_minor <= 0:
        return _nothing_open(desk, about.invoice, kind)
    wanted = _wanted(desk, about.invoice) if kind == "purchase_order" else None
    lack = Lack(
        about.invoice.customer_id,
        about.invoice.id,
        kind,
        wanted,
        desk.channel,
        desk.words[:WORDS_KEPT],
        desk.message_id,
    )
    problem = note_document_problem(lack, store=desk.store)
    places = {"number": desk.facts.text(about.invoice.number, f"invoice {about.invoice.number}")}
    if kind == "not_received":
        return _sent(desk, about.invoice, problem, box, places)
    if kind != "purchase_order":
        return desk.say(f"document.{kind}", **places)
    if problem.wanted is None:
        slots = {"words": desk.words, "number": about.invoice.number}
        return desk.ask_for(ASKED + INTENT_OF_KIND[kind], slots, desk.say("document.which_order_number", **places))
    places["wanted"] = desk.facts.text(problem.wanted, "the customer's own words")
    return desk.say("document.purchase_order", **places)


def goes_on(desk: Desk) -> str | None:
    """The intent to go on with where the message answers what was asked; its words are then those of both messages."""
    asked = desk.before.asked or ""
    if not asked.startswith(ASKED) or document_of(desk.words) or "?" in desk.words:
        return None
    if not (desk.mentions.references.numbers or desk.mentions.points or _bare_number(desk.words)):
        return None
    earlier = desk.before.slots
    number = f" ({earlier['number']})" if earlier.get("number") else ""
    desk.words = f"{earlier.get('words', '')}{number}\n{desk.words}"
    desk.__dict__.pop("mentions", None)  # they are those of the words that are answered
    return asked.removeprefix(ASKED)


def _bare_number(words: str) -> bool:
    return len(words.split()) <= 4 and any(sign.isdigit() for sign in words)


def _meant(desk: Desk, session: Session, number: str | None, kind: str) -> list[Collectable] | None:
    """The invoice that is meant; empty when that has to be asked, None for a number that is not on the account."""
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    theirs = Invoice.customer_id == desk.customer.id
    said = [one for one in desk.mentions.references.numbers if _may_be_invoice(one, kind)]
    named = [find_invoice(session, desk.customer.id, one.text) for one in said]
    exact = [one for one, said_so in zip(named, said, strict=True) if one is not None and _is_it(one, said_so, kind)]
    if exact:
        return collectable(session, theirs, Invoice.id == exact[0].id)
    if said and kind != "purchase_order":
        return None
    pointed = meant(replace(desk.mentions, references=References()), desk.about, "invoice") or (
        (number,) if number and not said and kind != "purchase_order" else ()
    )
    for one in pointed:
        invoice = find_invoice(session, desk.customer.id, one)
        if invoice is not None:
            return collectable(session, theirs, Invoice.id == invoice.id)
    still_open = collectable(session, theirs, open_minor() > 0)
    reminded = last_reminder(desk, session).invoice_ids
    asked = [one for one in still_open if one.invoice.id in reminded]
    return asked if len(asked) == 1 else still_open if len(still_open) == 1 else []


def _may_be_invoice(said: Reference, kind: str) -> bool:
    if said.kind in ("purchase_order", "order"):
        return False
    return kind != "purchase_order" or (said.kind or named_by_letters(said.text)) in ("invoice", None)


def _is_it(invoice: Invoice, said: Reference, kind: str) -> bool:
    """Of two numbers in a message about a purchase order, the invoice's is the one that is written like it."""
    whole = bare(invoice.number) == bare(said.text) or (said.kind or named_by_letters(said.text)) == "invoice"
    return whole or kind != "purchase_order"


def _wanted(desk: Desk, invoice: Invoice) -> str | None:
    """The number that should be on it: one the words name that is not the invoice's own."""
    own = bare(invoice.number)
    others = [
        one.text for one in desk.mentions.references.numbers if not own.endswith(bare(one.text)) or not bare(one.text)
    ]
    others = [one for one in others if bare(one) != own]
    return others[-1].removeprefix("PO ") if others else None


def _sent(desk: Desk, invoice: Invoice, problem: DocumentProblem, box: Mailbox | None, places: dict[str, str]) -> str:
    """A copy to an address on record puts it right; where there is none, a person does."""
    if box is None or (box.is_refused and not box.is_theirs):
        return desk.say("document.not_received", **places)
    request = DocumentRequest(
        invoice.customer_id, f"document problem {problem.id}", invoice_id=invoice.id, address=box.address,
        message_id=desk.message_id,
    )  # fmt: skip
    try:
        send_document(request, store=desk.store)
    except (NoAddressToSendTo, EmailRefused, NoSuchDocument):
        return desk.say("document.not_received", **places)
    settled = settle_document_problem(
        problem.id,
        how=f"A copy was sent to {masked(box.address)}.",
        by="assistant",
        store=desk.store,
        message_id=desk.message_id,
    )
    assert settled.rests_until is not None  # what was put right rests
    places["address"] = address_fact(desk, box)
    places["until"] = desk.facts.day(settled.rests_until, f"invoice {invoice.number} not reminded of until")
    return desk.say("document.copy_sent", **places)


def _nothing_open(desk: Desk, invoice: Invoice, kind: str) -> str:
    """Nobody is reminded of a paid invoice: a copy is offered, and what else is missing a person sees to."""
    if kind == "not_received":
        return invoice_copy(desk, [invoice.number])
    return call_person(desk, "cannot", f"lacks on {invoice.number}, which is paid: {kind}; {desk.words[:WORDS_KEPT]}")


TOOLS = (
    Tool(
        TOOL,
        "Record that an invoice never arrived, or lacks a purchase order number, delivery note or other paper.",
        document_problem,
        OfDocument,
    ),
)
DEEDS: Mapping[str, Any] = {}
