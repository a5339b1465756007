"""What may be asked for on invoices: what is open less what is disputed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from o2c_core.cases.dispute import Dispute
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice


@dataclass(frozen=True)
class Collectable:
    """An invoice with what is open and what is disputed of it, in minor units."""

    invoice: Invoice
    open_minor: int
    disputed_minor: int

    @property
    def free_minor(self) -> int:
        """What is open and undisputed; never below zero."""
        return max(0, self.open_minor - self.disputed_minor)


def disputed_minor() -> ColumnElement[int]:
    """What open disputes object to on the invoice of the enclosing query, in minor units."""
    return (
        select(func.coalesce(func.sum(Dispute.amount_minor), 0))
        .where(Dispute.invoice_id == Invoice.id, Dispute.state == "open")
        .correlate(Invoice)
        .scalar_subquery()
    )


def collectable(session: Session, *which: ColumnElement[bool], lock: bool = False) -> list[Collectable]:
    """Those invoices, oldest due first. With `lock` nobody else changes what is promised or disputed on them meanwhile."""
    if lock:
        session.execute(select(Invoice.id).where(*which).order_by(Invoice.id).with_for_update(key_share=True))
    query = select(Invoice, open_minor(), disputed_minor()).where(*which).order_by(Invoice.due_on, Invoice.number)
    return [Collectable(invoice, int(left), int(disputed)) for invoice, left, disputed in session.execute(query)]
