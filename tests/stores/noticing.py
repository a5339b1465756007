"""What the tests of formal notices share: sellers that have turned them on, late invoices, a notice on its way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.captured import Captured
from o2c_core.actions.approve_notice import approve_notice
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.note_word import note_word
from o2c_core.actions.propose_notice import NoticeRequest, propose_notice
from o2c_core.actions.send_notice import send_notice
from o2c_core.conversations.heard import Word
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.notices.kinds import KINDS
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

ALL = sorted(KINDS)


def late_customer(session: Session, *totals: int, kind: str = "company", days: int = 20, **setting: Any) -> Customer:
    """A customer of a seller with every kind of notice on, with invoices of those totals that are so many days late."""
    seller = a_seller(session, settings={"notices": {"kinds": ALL} | setting})
    customer = a_customer(session, seller, "C0042", kind=kind)
    for place, total in enumerate(totals, 1):
        an_invoice(session, customer, f"INV-2026-{place:04}", total_minor=total, due_on=DAY - timedelta(days=days))
    session.commit()
    return customer


def set_notices(session: Session, seller: Seller, **setting: Any) -> None:
    seller.settings = {"notices": {"kinds": ALL} | setting}
    session.commit()


def proposed(store: Store, customer: Customer, **request: Any) -> FormalNotice:
    return propose_notice(NoticeRequest(customer.id, **request), store=store, by="N. Smit")


def approved(store: Store, customer: Customer) -> FormalNotice:
    return approve_notice(proposed(store, customer).id, by="Anna Smit", role="finance", store=store)


def sent(store: Store, customer: Customer) -> FormalNotice:
    """Approved, queued and taken by the captured carrier."""
    notice = approved(store, customer)
    message_id = send_notice(notice.id, by="Anna Smit", store=store)
    assert deliver_message(message_id, store=store, carriers={"email": Captured()}) == "sent"
    return notice


def word_about(store: Store, notice: FormalNotice, state: Any, **fields: Any) -> None:
    with store.session() as session:
        message_id = session.get_one(FormalNotice, notice.id).message_id
    word = Word(carrier="captured", key=f"{state}-1", carrier_key=None, message_id=message_id, state=state, **fields)
    note_word(word, store=store, doorplate=None)


def now(session: Session, notice: FormalNotice) -> FormalNotice:
    """The notice as it is by now."""
    session.expire_all()
    return session.get_one(FormalNotice, notice.id)


def on(text: str) -> date:
    return date.fromisoformat(text)


def invoice_of(session: Session, customer: Customer, number: str = "INV-2026-0001") -> Invoice:
    return session.scalars(select(Invoice).where(Invoice.customer_id == customer.id, Invoice.number == number)).one()


def seller_of(session: Session, customer: Customer) -> Seller:
    return session.get_one(Seller, customer.seller_id)
