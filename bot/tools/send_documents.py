"""Sending copies of invoices and statements of account: by email, to an address on record and to no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, field_validator
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.invoices import customer_of, open_invoice
from bot.tools.people import call_person
from bot.tools.since_said import since_said
from bot.tools.tool import LAST, Deed, Done, OfWords, Tool
from o2c_core.actions.send_document import (
    DocumentRequest,
    EmailRefused,
    NoAddressToSendTo,
    NoSuchDocument,
    send_document,
)
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from o2c_core.invoices.account import OpenInvoice, balances, invoices_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.statement import DaysReversed
from o2c_core.reminders.heard import refusals
from o2c_core.reminders.recipient import recipient_of

# More copies at once are for a colleague, or a statement says it better.
COPIES_MAX = 10
_MANY = frozenset({"all", "both", "rest"})
_OPEN = re.compile(
    r"\b(?:open|outstanding|unpaid|overdue|openstaande?|onbetaalde?|offene?n?|ausstehende?n?|unbezahlte?n?|impay[ée]e?s?"
    r"|ouvertes?)\b",
    re.IGNORECASE,
)


class OfInvoices(BaseModel):
    numbers: list[str] | None = Field(None, description="Numbers of the invoices or orders as the customer wrote them.")

    @field_validator("numbers", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given


@dataclass(frozen=True)
class Mailbox:
    """Where a document goes. `is_refused` when its reader wants no mail; `is_theirs` when that reader is who asks."""

    address: str
    contact_id: UUID
    is_theirs: bool
    is_refused: bool


def invoice_copy(desk: Desk, numbers: list[str] | None) -> str:
    """Offers copies of the invoices that are meant; of the last one where none is named."""
    with desk.store.session() as session:
        found, is_missing = _invoices(desk, session, numbers)
        if not found:
            return desk.say("not_on_account" if is_missing else "invoice.none")
        box = mailbox_of(desk, session)
    numbers_found = [one.invoice.number for one in found]
    if box is None:
        return _no_mailbox(desk, f"wants a copy of {', '.join(numbers_found)}")
    if box.is_refused and not box.is_theirs:
        return desk.say("documents.refused", address=address_fact(desk, box))
    if len(found) > COPIES_MAX:
        return desk.say("documents.too_many", count=desk.facts.count(len(found), "invoices asked for"))
    said = [*_elsewhere(desk, box), *([desk.say("documents.some_missing")] if is_missing else [])]
    said += [desk.say("documents.despite", address=address_fact(desk, box))] if box.is_refused else []
    said.append(_says_copies(desk, "copy" if len(found) == 1 else "copies", [one.invoice for one in found], box))
    arguments = {
        "invoices": [{"id": str(one.invoice.id), "number": one.invoice.number} for one in found],
        "address": box.address,
        "contact": str(box.contact_id),
    }
    return desk.offer("invoice_copy", arguments, " ".join(said))


def statement(desk: Desk, words: str | None) -> str:  # noqa: ARG001 (the customer's own words say since when)
    """Offers a statement of account, from the day that was named or from far enough back to show all that is open."""
    assert desk.customer is not None
    earlier = desk.earlier("statement")
    since = since_said(desk.words, language=desk.language, today=desk.today, country=desk.customer.country)
    since = since or (date.fromisoformat(earlier["since"]) if earlier.get("since") else None)
    with desk.store.session() as session:
        box = mailbox_of(desk, session)
        kept = {one.open.currency for one in balances(session, desk.customer.id, desk.today)}
    if box is None:
        return _no_mailbox(desk, "wants a statement of account")
    if box.is_refused and not box.is_theirs:
        return desk.say("documents.refused", address=address_fact(desk, box))
    currencies = sorted(kept) or [desk.customer.currency]
    said = _elsewhere(desk, box)
    said += [desk.say("documents.despite", address=address_fact(desk, box))] if box.is_refused else []
    said.append(_says_statement(desk, "statement", since, currencies, address_fact(desk, box)))
    arguments = {
        "since": since.isoformat() if since else None,
        "currencies": currencies,
        "address": box.address,
        "contact": str(box.contact_id),
    }
    return desk.offer("statement", arguments, " ".join(said))


def mailbox_of(desk: Desk, session: Session) -> Mailbox | None:
    """The writer's own mailbox where they have one on record, else that of whoever gets the customer's documents."""
    customer = session.get_one(Customer, customer_of(desk))
    own = [contact for contact in customer.contacts if contact.id == desk.contact_id]
    usable = [one for contact in own for one in contact.addresses if one.channel == "email" and one.is_usable]
    usable.sort(key=lambda one: (one.value != desk.address, one.verified_at is None))
    if usable:
        return _mailbox(session, customer, usable[0].value, usable[0].contact_id, is_theirs=True)
    other = recipient_of(customer)
    if other is None or other.contact_id is None:
        return None
    return _mailbox(session, customer, other.address, other.contact_id, is_theirs=len(customer.contacts) == 1)


def _mailbox(session: Session, customer: Customer, address: str, contact_id: UUID, *, is_theirs: bool) -> Mailbox:
    place = ("email", address)
    refused = place in refusals(session, customer.contacts, "service", place)
    return Mailbox(address, contact_id, is_theirs, refused)


def address_fact(desk: Desk, box: Mailbox) -> str:
    """The place of the address as the customer may see it: enough to recognise."""
    return _masked(desk, box.address, box.contact_id)


def _masked(desk: Desk, address: str, contact_id: object) -> str:
    return desk.facts.text(masked(address), f"address of contact {contact_id}")


def _no_mailbox(desk: Desk, why: str) -> str:
    call_person(desk, "contact_unclear", f"{why}; there is no address on record that works")
    return desk.say("documents.no_address")


def _elsewhere(desk: Desk, box: Mailbox) -> list[str]:
    """To an address that only stands in a message nothing goes, whoever asks for it."""
    others = [one for one in desk.mentions.emails if one.lower() != box.address.lower()]
    if not others:
        return []
    with desk.store.session() as session:
        customer = session.get_one(Customer, customer_of(desk))
        known = {one.value.lower() for contact in customer.contacts for one in contact.addresses}
    return [] if all(one.lower() in known for one in others) else [desk.say("documents.only_on_record")]


def _invoices(desk: Desk, session: Session, numbers: list[str] | None) -> tuple[list[OpenInvoice], bool]:
    """The invoices that are meant, and whether a number is not one of the customer's."""
    customer_id = customer_of(desk)
    if numbers == [LAST]:
        return invoices_of(session, customer_id, desk.today, last=1), False
    if not numbers and not _says_which(desk):
        numbers = [one["number"] for one in desk.earlier("invoice_copy").get("invoices", ())]
    if numbers:
        each = [open_invoice(desk, session, number) for number in numbers if number != LAST]
        found = {one.invoice.id: one for one in each if one is not None}
        return list(found.values()), None in each
    for_amount = [
        one
        for said in desk.mentions.amounts
        for one in invoices_of(session, customer_id, desk.today)
        if one.invoice.total.major == said.value and said.currency in (None, one.invoice.currency)
    ]
    if len(for_amount) == 1:
        return for_amount, False
    if _says_many(desk):
        still_open = invoices_of(session, customer_id, desk.today, only_open=True)
        if still_open:
            return still_open, False
    return invoices_of(session, customer_id, desk.today, last=1), False


def _says_which(desk: Desk) -> bool:
    return _says_many(desk) or bool(desk.mentions.amounts) or "last" in desk.mentions.points


def _says_many(desk: Desk) -> bool:
    is_all = desk.mentions.references.is_all or bool(desk.mentions.points & _MANY)
    return is_all or _OPEN.search(desk.words) is not None


def _says_copies(desk: Desk, key: str, invoices: Sequence[Invoice], box: Mailbox) -> str:
    places = [desk.facts.text(one.number, f"invoice {one.number}") for one in invoices]
    address = address_fact(desk, box)
    if len(places) == 1:
        return desk.say(f"documents.{key}", number=places[0], address=address)
    rows = [
        desk.say("documents.row", number=place, total=desk.facts.money(one.total, f"invoice {one.number} total"))
        for place, one in zip(places, invoices, strict=True)
    ]
    return "\n".join([desk.say(f"documents.{key}", address=address), *rows])


def _says_statement(desk: Desk, key: str, since: date | None, currencies: Sequence[str], address: str) -> str:
    places = {"address": address}
    if since is not None:
        key = f"{key}_since"
        places["since"] = desk.facts.day(since, "the customer's words")
    said = [desk.say(f"documents.{key}", **places)]
    if len(currencies) > 1:
        named = desk.facts.text(", ".join(currencies), "currencies of the account")
        said.append(desk.say("documents.each_currency", currencies=named))
    return " ".join(said)


def _send_copies(desk: Desk, proposal: Proposal) -> Done:
    """Queues each mail once, however often it is asked for; the mail itself is made when it leaves."""
    arguments, sent = proposal.arguments, []
    with desk.store.session() as session:
        invoices = [session.get(Invoice, UUID(one["id"])) for one in arguments["invoices"]]
    there = [one for one in invoices if one is not None and one.customer_id == proposal.customer_id]
    if not there:
        return Done(desk.say("not_on_account"), is_refused=True)
    try:
        for invoice in there:
            request = _request(proposal, invoice_id=invoice.id)
            sent.append(str(send_document(request, store=desk.store)))
    except (NoAddressToSendTo, EmailRefused, NoSuchDocument) as refused:
        return _not_sent(desk, refused)
    box = Mailbox(arguments["address"], UUID(arguments["contact"]), is_theirs=False, is_refused=False)
    says = _says_copies(desk, "copy_sent" if len(there) == 1 else "copies_sent", there, box)
    return Done(says, {"messages": sent, "numbers": [one.number for one in there]})


def _send_statement(desk: Desk, proposal: Proposal) -> Done:
    arguments = proposal.arguments
    since = date.fromisoformat(arguments["since"]) if arguments["since"] else None
    try:
        sent = [
            str(send_document(_request(proposal, currency=currency, from_on=since), store=desk.store))
            for currency in arguments["currencies"]
        ]
    except (NoAddressToSendTo, EmailRefused, NoSuchDocument, DaysReversed) as refused:
        return _not_sent(desk, refused)
    address = _masked(desk, arguments["address"], arguments["contact"])
    return Done(desk.say("documents.statement_sent", address=address), {"messages": sent})


def _request(proposal: Proposal, **what: Any) -> DocumentRequest:
    return DocumentRequest(
        proposal.customer_id,
        str(proposal.id),
        address=proposal.arguments["address"],
        message_id=proposal.message_id,
        **what,
    )


def _not_sent(desk: Desk, refused: Exception) -> Done:
    call_person(desk, "contact_unclear", f"a document could not be sent: {refused}")
    return Done(desk.say("documents.not_sent"), {"refused": type(refused).__name__}, is_refused=True)


TOOLS = (
    Tool(
        "invoice_copy",
        "Offer to email copies of invoices, by their numbers; of the last one without a number.",
        invoice_copy,
        OfInvoices,
        acts=True,
    ),
    Tool("statement", "Offer to email a statement of account.", statement, OfWords, acts=True),
)
DEEDS: dict[str, Deed] = {"invoice_copy": _send_copies, "statement": _send_statement}
