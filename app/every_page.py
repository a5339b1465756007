"""Every page there is, with an address at which it can be looked at in the whole demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.demo import cast
from app.demo.rules import IN_TRIAL
from o2c_core.actions.make_access_link import Linked, make_access_link
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.access_link import Visit
from o2c_core.conversations.access_links import link_url
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.conversations.preference_links import preferences_url, unsubscribe_url
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from o2c_core.staff.user import User
from o2c_core.store.store import Store

Who = Literal["anybody", "desk", "customer", "proven"]
# The demo's one contact who sees what is under way and not what is owed.
OPERATIONS = "keuken@hetanker.example"


@dataclass(frozen=True)
class Sight:
    """A page to look at: its name, its address, and who sees it. `route` is the address with the names of its parts."""

    name: str
    route: str
    path: str
    who: Who


# The desk's pages by name; their parts are filled from what the whole demo holds.
DESK = {
    "inbox": "/inbox",
    "inbox-all": "/inbox?show=all",
    "desk-conversation": "/conversations/{conversation_id}",
    "cases": "/cases",
    "case-dispute": "/cases/disputes/{dispute}",
    "case-complaint": "/cases/complaints/{complaint}",
    "case-new": "/cases/new?customer={customer}",
    "causes": "/cases/causes",
    "finance": "/finance",
    "finance-money": "/finance/money",
    "finance-money-one": "/finance/money/{transaction_id}",
    "finance-promises": "/finance/promises",
    "finance-holds": "/finance/holds",
    "finance-expected": "/finance/expected",
    "finance-log": "/finance/log",
    "ladders": "/ladders",
    "ladder": "/ladders/{ladder}",
    "ladder-edit": "/ladders/{ladder}/edit",
    "reminders": "/reminders",
    "reminder": "/reminders/{draft_id}",
    "reminders-ahead": "/reminders/ahead",
    "rules": "/rules",
    "rule-new": "/rules/new",
    "rule-edit": "/rules/{rule}/edit",
    "notices": "/finance/notices",
    "ledger": "/ledger",
    "customer": "/ledger/customers/{customer}",
    "message": "/ledger/messages/{received_id}",
    "figures": "/figures",
    "figures-ageing": "/figures/ageing/{age}",
    "outbox": "/outbox",
    "letter": "/outbox/{sent_id}",
    "tasks": "/outbox/tasks",
    "canned-replies": "/canned-replies",
    "audit": "/audit",
    "users": "/users",
    "user": "/users/{user_id}",
    "account": "/account",
}
# Customers' own pages as accounts payable and as operations see them; each begins with the link that lets them in.
MONEY = {
    "my-for-money": "{money_link}",
    "my": "/my",
    "my-invoices": "/my/invoices",
    "my-invoice": "/my/invoices/{invoice}",
    "my-objection": "/my/invoices/{invoice}/objection",
    "my-promise": "/my/invoices/{invoice}/promise",
    "my-payments": "/my/payments",
    "my-statement": "/my/statement",
    "my-complaints": "/my/complaints",
    "my-complaint-new": "/my/complaints/new",
    "my-details": "/my/details",
    "my-prove": "/my/prove",
    "my-chat": "/my/chat",
}
GOODS = {
    "my-for-goods": "{goods_link}",
    "my-orders": "/my/orders",
    "my-order": "/my/orders/{order}",
    "my-order-change": "/my/orders/{order}/change",
}
# What takes a one-time code on top.
PROVEN = {"my-order-repeat": "/my/orders/{order}/repeat", "my-address": "/my/details/address"}


@dataclass(frozen=True)
class EveryPage:
    """The sights, in the order in which they can be looked at: customers' pages follow the link that lets them in."""

    sights: tuple[Sight, ...]


def every_page(store: Store, doorplate: Doorplate) -> EveryPage:
    """Every page of the whole demo (`write_whole`). Making their links leaves one access link in the ledger.

    Raises: LookupError where the demo lacks something a page is about.
    """
    with store.session() as session:
        customer = session.scalars(select(Customer).where(Customer.ref == cast.BAKKERIJ_JANSEN)).one()
        reached = select(Contact.customer_id).join(Address).where(Address.value == OPERATIONS)
        buyer = session.scalars(select(Customer).where(Customer.id.in_(reached))).one()
        parts = _parts(session, customer, buyer)
        invoice = session.get_one(Invoice, parts.pop("invoice_id"))
        mail = select(Message).where(Message.purpose == "reminder", Message.contact_id.is_not(None))
        written = session.scalars(mail.order_by(Message.id).limit(1)).one()
    for name, whose in (("money_link", Linked(customer.id)), ("goods_link", Linked(buyer.id, contact=OPERATIONS))):
        way_in = link_url(doorplate, make_access_link(whose, store=store, by="pictures"))
        parts[name] = str(way_in).removeprefix(str(doorplate.base_url))
    contact, email = written.contact_id, written.address
    links = {
        "pay": pay_url(doorplate, Payable(invoice.currency, None, (invoice.id,)), store.clock.now()),
        "preferences": preferences_url(doorplate, contact_id=contact, channel="email", address=email),
        "unsubscribe": unsubscribe_url(doorplate, contact_id=contact, channel="email", address=email),
    }
    if None in links.values():
        raise LookupError("the pages of links need a public address: PARLEY_BASE_URL")
    public = {
        "front": "/",
        "conversation": "/?as=C1001",
        "front-visitor": "/?as=visitor",
        "sign-in": "/sign-in",
        "missing": "/not-here",
    }
    named = public | {name: str(address).removeprefix(str(doorplate.base_url)) for name, address in links.items()}
    return EveryPage(
        (
            *(Sight(name, path, path, "anybody") for name, path in named.items()),
            *(Sight(name, route, route.format(**parts), "desk") for name, route in DESK.items()),
            *(Sight(name, route, route.format(**parts), "customer") for name, route in (MONEY | GOODS).items()),
            *(Sight(name, route, route.format(**parts), "proven") for name, route in PROVEN.items()),
        )
    )


def _parts(session: Session, customer: Customer, buyer: Customer) -> dict[str, str | UUID]:
    def first(query: object) -> UUID | str:
        found: UUID | str | None = session.scalars(query).first()  # type: ignore[call-overload]
        if found is None:
            raise LookupError(f"the demo holds nothing for a page: {query}")
        return found

    owing = select(Invoice).where(Invoice.customer_id == customer.id, open_minor() > 0).order_by(Invoice.due_on)
    invoice = (
        session.scalars(owing).first()
        or session.scalars(
            select(Invoice).where(Invoice.customer_id == customer.id).order_by(Invoice.issued_on.desc())
        ).first()
    )
    if invoice is None:
        raise LookupError("the demo's first customer has no invoice")
    waiting = (
        select(Handoff.conversation_id)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.ended_at.is_(None), Conversation.customer_id.is_not(None))
    )
    orders = select(Order.number).where(Order.customer_id == buyer.id).order_by(Order.number.desc())
    return {
        "invoice_id": invoice.id,
        "invoice": invoice.number,
        "order": first(orders),
        "customer": customer.ref,
        "conversation_id": first(waiting.order_by(Handoff.called_at)),
        "dispute": first(select(Dispute.number).order_by(Dispute.opened_at)),
        "complaint": first(select(Complaint.number).order_by(Complaint.opened_at)),
        "transaction_id": first(select(BankTransaction.id).where(BankTransaction.state == "waiting")),
        "draft_id": first(select(Message.id).where(Message.delivery == "draft")),
        "received_id": first(select(ReceivedFile.message_id)),
        "sent_id": first(select(Message.id).where(Message.carrier == "captured", Message.channel == "email")),
        "user_id": first(select(User.id)),
        "ladder": "standard",
        "rule": IN_TRIAL,
        "age": "1-30",
    }


def prove_visits(store: Store) -> None:
    """As if every customer who came in had written their one-time code: for looking at pages only."""
    with store.session() as session:
        soon = store.clock.now() + timedelta(minutes=30)
        session.execute(update(Visit).values(proven_until=soon).execution_options(synchronize_session=False))
        session.commit()
