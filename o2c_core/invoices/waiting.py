"""The bank transactions that wait for a person, with what each might be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.invoices.bank import BankTransaction
from o2c_core.money import Money


@dataclass(frozen=True)
class WaitingMoney:
    """A transaction and its ranked suggestions; each suggestion says whose it would be by `customer` and `name`."""

    transaction: BankTransaction
    suggestions: tuple[dict[str, Any], ...]

    @property
    def amount(self) -> Money:
        """Below zero where it went out."""
        money = Money(self.transaction.amount_minor, self.transaction.currency)
        return money if self.transaction.direction == "in" else -money

    def to_json(self) -> dict[str, Any]:
        one = self.transaction
        return {
            "transaction": str(one.id),
            "booked_on": one.booked_on.isoformat(),
            "amount": str(self.amount.major),
            "currency": one.currency,
            "is_reversal": one.is_reversal,
            "payer": one.payer_name,
            "account": one.payer_account,
            "reference": one.reference,
            "text": one.text,
            "why": one.state_why,
            "suggestions": list(self.suggestions),
        }


def waiting_money(session: Session, seller_id: UUID, *, limit: int | None = None) -> list[WaitingMoney]:
    """What waits at the seller, the oldest first."""
    waiting = list(
        session.scalars(
            select(BankTransaction)
            .where(BankTransaction.seller_id == seller_id, BankTransaction.state == "waiting")
            .order_by(BankTransaction.id)
            .limit(limit)
        )
    )
    ids = {UUID(suggestion["customer_id"]) for one in waiting for suggestion in one.suggestions}
    named = select(Customer.id, Customer.ref, Customer.name).where(Customer.id.in_(ids))
    customers = {str(id_): {"customer": ref, "name": name} for id_, ref, name in session.execute(named)} if ids else {}
    return [
        WaitingMoney(one, tuple(suggestion | customers[suggestion["customer_id"]] for suggestion in one.suggestions))
        for one in waiting
    ]
