"""What stands in the reply box: typed, canned or suggested, with the receipts of its figures and those that have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core import days, money
from o2c_core.conversations.canned import Canned, Filled, canned_replies, filled
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import language_of
from o2c_core.conversations.figures_said import figures_in, without_receipt
from o2c_core.conversations.known_figures import known_figures, receipts_for
from o2c_core.conversations.sms_text import plain, segments
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import balances, invoices_of
from web.reader import Reader
from web.receipts import Receipt, receipts_of


class Suggested(Protocol):
    """A draft of the assistant's, with the receipt of every figure in it as (figure, where it was read)."""

    @property
    def text(self) -> str: ...

    @property
    def facts(self) -> Sequence[tuple[str, str]]: ...


Suggest = Callable[[UUID], Suggested]
"""Drafts an answer to what the customer wrote last, and says and records nothing. Raises a Refused whose sentence says
why there is none."""


@dataclass(frozen=True)
class Draft:
    """The words in the box; `unknown` are figures with no receipt, which are sent only once somebody says so."""

    text: str
    receipts: Sequence[Receipt]
    unknown: Sequence[str]
    segments: int


def draft(session: Session, of: Conversation, text: str, reader: Reader) -> Draft:
    if not text.strip():
        return Draft("", (), (), 0)
    known = known_figures(session, of, reader.today)
    said = figures_in(text)
    return Draft(
        text,
        receipts_of(receipts_for(said, known, reader.now)),
        [one.text for one in without_receipt(said, known)],
        segments(plain(text)).count,
    )


def canned(session: Session, of: Conversation, seller: Seller) -> list[Canned]:
    return canned_replies(session, seller.id, language_of(session, of))


def canned_text(
    session: Session, of: Conversation, seller: Seller, reader: Reader, name: str, number: str, agent: str
) -> str | None:
    """The canned reply of that name with its places filled; None when there is none, or a place cannot be filled."""
    reply = next((one for one in canned(session, of, seller) if one.name == name), None)
    return filled(reply, _places(session, of, seller, reader, number, agent)) if reply else None


def joined(before: str, words: str) -> str:
    """What was typed stays, and what was asked for comes after it."""
    return f"{before.rstrip()}\n\n{words}" if before.strip() else words


def _places(
    session: Session, of: Conversation, seller: Seller, reader: Reader, number: str, agent: str
) -> Mapping[str, Filled]:
    places = {"agent": Filled(agent, f"user {agent}"), "seller": Filled(seller.name, f"seller {seller.ref}")}
    contact = session.get(Contact, of.contact_id) if of.contact_id else None
    customer = session.get(Customer, of.customer_id) if of.customer_id else None
    if contact is not None:
        places["contact"] = Filled(contact.name, f"contact {contact.id}")
    if customer is None or of.identity == "stranger":
        return places
    locale = locale_for(language_of(session, of), customer.country)
    places["customer"] = Filled(customer.name, f"account {customer.ref}")
    owed = balances(session, customer.id, reader.today)
    if len(owed) == 1:
        places["open"] = Filled(money.show(owed[0].open, locale), f"account {customer.ref}.open")
    found = invoices_of(session, customer.id, reader.today, only_open=True)
    invoice = next((one for one in found if one.invoice.number == number), found[0] if len(found) == 1 else None)
    if invoice is not None:
        source = f"invoice {invoice.invoice.number}"
        places["invoice"] = Filled(invoice.invoice.number, source)
        places["amount"] = Filled(money.show(invoice.open, locale), f"{source}.open")
        places["due"] = Filled(days.show(invoice.next_due_on, locale), f"{source}.due")
    return places
