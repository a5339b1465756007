"""A seller, its customers with their addresses, and what is to be written to them: the cast of the channel benches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller, SenderIdentity
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store

OUR_NUMBER, OUR_MAILBOX = "+31201234567", "post@bench.example"
MESSAGES_PER_CUSTOMER = 20
OWED_MINOR = 12_500


def number_of(customer: int) -> str:
    """A mobile number for every customer; none ends in a code the stand-in would take for a fate."""
    return f"+3161{customer:05}00"


def mailbox_of(customer: int) -> str:
    return f"ap{customer}@customer{customer}.example"


def write_people(store: Store, customers: int) -> list[UUID]:
    """A seller with a number and a mailbox of its own, and customers with one of each and one open invoice."""
    now = store.clock.now()
    with store.session() as session:
        seller = Seller(
            ref="bench", name="Bench", country="NL", currency="EUR", language="nl", time_zone="Europe/Amsterdam",
            payment_terms_days=30, email=OUR_MAILBOX, languages=["nl", "en"],
        )  # fmt: skip
        seller.senders.append(SenderIdentity(channel="sms", value=OUR_NUMBER, is_default=True))
        seller.senders.append(SenderIdentity(channel="email", value=OUR_MAILBOX, name="Bench", is_default=True))
        session.add(seller)
        session.flush()
        people = [_customer(seller.id, number, now) for number in range(customers)]
        session.add_all(people)
        session.flush()
        session.add_all(_invoice(one, number, now) for number, one in enumerate(people))
        session.commit()
        return [one.id for one in people]


def _customer(seller_id: UUID, number: int, now: datetime) -> Customer:
    contact = Contact(name=f"Buyer {number}", role="accounts_payable")
    contact.addresses.append(Address(channel="sms", value=number_of(number), verified_at=now))
    contact.addresses.append(Address(channel="email", value=mailbox_of(number), verified_at=now))
    return Customer(
        seller_id=seller_id, ref=f"C{number:06}", name=f"Customer {number}", kind="company", country="NL", language="nl",
        currency="EUR", created_at=now, contacts=[contact],
    )  # fmt: skip


def _invoice(customer: Customer, number: int, now: datetime) -> Invoice:
    return Invoice(
        seller_id=customer.seller_id, customer_id=customer.id, number=f"INV-{number:06}", currency="EUR", terms_days=30,
        issued_on=now.date() - timedelta(days=20), due_on=now.date() + timedelta(days=10), net_minor=OWED_MINOR,
        tax_minor=0, total_minor=OWED_MINOR,
    )  # fmt: skip


def write_outgoing(store: Store, messages: int) -> list[UUID]:
    """Queues so many messages, texts and mails in turn, in threads in which the customer has just asked something.

    Each has its job, asked for in the same transaction, as every message has that Parley itself writes.
    """
    customers = write_people(store, max(1, messages // MESSAGES_PER_CUSTOMER))
    with store.session() as session:
        threads = [thread for number, one in enumerate(customers) for thread in _threads(session, one, number)]
        session.execute(insert(Conversation), [thread for thread, _ in threads])
        session.execute(insert(Message), [asked for _, asked in threads])
        written = list(_written(store, [thread for thread, _ in threads], messages))
        session.execute(insert(Message), written)
        for one in written:
            ask_for(session, "deliver_message", message_id=str(one["id"]))
        session.commit()
    return [one["id"] for one in written]


def _threads(session: Session, customer_id: UUID, number: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A conversation per channel, with the question it began with."""
    customer = session.get_one(Customer, customer_id)
    (contact,) = customer.contacts
    for channel, address in (("sms", number_of(number)), ("email", mailbox_of(number))):
        thread = {
            "id": new_key(), "seller_id": customer.seller_id, "customer_id": customer_id, "contact_id": contact.id,
            "channel": channel, "address": address, "subject": "Vraag", "identity": "known", "speaker": "assistant",
            "state": "open", "language": "nl", "version": 1, "introduced": True, "opened_at": customer.created_at,
            "updated_at": customer.created_at,
        }  # fmt: skip
        question = {
            "id": new_key(), "conversation_id": thread["id"], "direction": "in", "author": "customer",
            "purpose": "question", "channel": channel, "address": address, "contact_id": contact.id,
            "text": "Wat staat er nog open?", "delivery": "received", "created_at": customer.created_at,
            "answered_at": customer.created_at, "sender_key": f"bench:{thread['id']}",
        }  # fmt: skip
        yield thread, question


def _written(store: Store, threads: list[dict[str, Any]], messages: int) -> Iterator[dict[str, Any]]:
    now = store.clock.now()
    for number in range(messages):
        thread = threads[number % len(threads)]
        # No two are alike, as no two letters with an invoice's number in them are.
        yield {
            "id": new_key(), "conversation_id": thread["id"], "direction": "out", "author": "assistant",
            "purpose": "answer", "channel": thread["channel"], "address": thread["address"],
            "contact_id": thread["contact_id"], "subject": f"Factuur {number:06}",
            "text": f"Op factuur INV-{number:06} staat nog EUR 125,00 open.", "language": "nl", "delivery": "queued",
            "created_at": now,
        }  # fmt: skip
