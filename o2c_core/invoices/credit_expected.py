"""What credit a customer expects for goods that came back, or were cancelled after they had been invoiced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.invoices.billed import Billed
from o2c_core.invoices.tax import Taxed, tax_per_category
from o2c_core.money import Money
from o2c_core.orders.order import Order, OrderLine
from o2c_core.orders.told import plain
from o2c_core.trail import note


@dataclass(frozen=True)
class Back:
    """How much of an order line is to be credited, and its net amount."""

    line: OrderLine
    quantity: Decimal
    net: Money


def expect_credit(
    session: Session,
    order: Order,
    parts: Sequence[Back],
    billed: Billed,
    *,
    at: datetime,
    why: str,
    message_id: UUID | None,
) -> Money:
    """Leaves the line "credit expected" in the trail, with all that a credit note needs; the amount with its tax.

    A line whose tax nobody said is counted by its net amount: its tax is finance's to add.
    """
    taxed = [
        Taxed(part.line.tax_category, part.line.tax_rate or Decimal(0), part.net)
        for part in parts
        if part.line.tax_category is not None
    ]
    tax = Money(sum(each.tax_minor for each in tax_per_category(taxed, order.currency)), order.currency)
    net = Money(sum(part.net.minor for part in parts), order.currency)
    note(
        session,
        "credit expected",
        order,
        at=at,
        who="system",
        why=why,
        message_id=message_id,
        number=order.number,
        currency=order.currency,
        net_minor=net.minor,
        tax_minor=tax.minor,
        amount_minor=(net + tax).minor,
        amount=str(net + tax),
        invoices=list(billed.loose),
        lines=[_told(part, billed) for part in parts],
    )
    return net + tax


def _told(part: Back, billed: Billed) -> dict[str, object]:
    line = part.line
    return {
        "position": line.position,
        "order_line_id": str(line.id),
        "sku": line.sku,
        "description": line.description,
        "quantity": plain(part.quantity),
        "net_minor": part.net.minor,
        "tax_category": line.tax_category,
        "tax_rate": None if line.tax_rate is None else plain(line.tax_rate),
        "invoiced": plain(billed.of(line)),
    }
