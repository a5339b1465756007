"""A customer's books for tests about money: what is open by number, what is unapplied, and the last line of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.record_payment import Recorded, record_payment
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import balances, invoices_of, unapplied_of
from o2c_core.invoices.invoice import Instalment, Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.invoices.posting import Wanted
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@dataclass(frozen=True)
class Books:
    """One customer as the ledger has it at this moment."""

    store: Store
    customer_id: UUID

    def open(self, as_of: date | None = None) -> dict[str, int]:
        with self.store.session() as session:
            found = invoices_of(session, self.customer_id, DAY, as_of=as_of)
            return {one.invoice.number: one.open.minor for one in found}

    def unapplied(self, as_of: date | None = None) -> int:
        with self.store.session() as session:
            return unapplied_of(session, self.customer_id, as_of=as_of).get("EUR", 0)

    def balance(self, as_of: date | None = None) -> tuple[int, int, int]:
        """Open, overdue and unapplied minor units, all in the one currency there is."""
        with self.store.session() as session:
            (one,) = balances(session, self.customer_id, DAY, as_of=as_of)
            return one.open.minor, one.overdue.minor, one.unapplied.minor

    def allocations(self) -> list[Allocation]:
        with self.store.session() as session:
            query = select(Allocation).join(Invoice, Invoice.id == Allocation.invoice_id)
            return list(session.scalars(query.where(Invoice.customer_id == self.customer_id).order_by(Allocation.id)))

    def said(self) -> TrailLine:
        with self.store.session() as session:
            query = select(TrailLine).where(TrailLine.customer_id == self.customer_id).order_by(TrailLine.id.desc())
            return session.scalars(query.limit(1)).one()

    def pay(self, minor: int, wanted: Wanted | None = None, key: str = "P1", on: date = DAY) -> Recorded:
        return record_payment(self.customer_id, eur(minor), on, source_key=key, store=self.store, wanted=wanted)


def books_of(store: Store, session: Session, customer: Customer) -> Books:
    """The customer's books, with what was built so far committed."""
    session.commit()
    return Books(store, customer.id)


def in_parts(session: Session, invoice: Invoice, parts: Mapping[date, int]) -> Invoice:
    """The invoice, due in these parts."""
    invoice.is_in_instalments = True
    invoice.due_on = max(parts)
    for position, (due_on, minor) in enumerate(sorted(parts.items()), 1):
        session.add(Instalment(invoice_id=invoice.id, position=position, due_on=due_on, amount_minor=minor))
    session.flush()
    return invoice
