"""Take goods back: the lines are returned, and finance is told what credit the customer expects for them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from o2c_core.errors import Refused
from o2c_core.invoices.billed import billed_of
from o2c_core.invoices.credit_expected import Back, expect_credit
from o2c_core.money import Money
from o2c_core.orders.order import Order, chosen, move_on, order_to_change
from o2c_core.orders.told import told_before, written
from o2c_core.store.store import Store
from o2c_core.trail import note


class NothingToReturn(Refused):
    """Nothing of that order has been delivered and not come back yet."""


def return_lines(
    order_id: UUID,
    quantities: Mapping[int, Decimal] | None = None,
    *,
    store: Store,
    by: str,
    why: str,
    message_id: UUID | None = None,
) -> Order:
    """The order with those quantities (by the position of its lines) come back; without them all that was delivered.

    The trail's line "credit expected" has the quantities and the amounts, so that finance can credit them. The same from
    one message counts once, and an order that came back already stays as it is.

    Raises: NoSuchOrder; NoSuchLine; NotAQuantity; MoreThanDelivered; NothingToReturn.
    """
    now = store.clock.now()
    with store.session() as session:
        order = order_to_change(session, order_id)
        asked = written(quantities)
        if told_before(session, "lines returned", order.id, message_id, asked):
            return order
        back = chosen(order, quantities, lambda here: here.kept)
        if not back:
            if order.state == "returned":
                return order
            raise NothingToReturn(order=order.number)
        parts = []
        for line, here, quantity in back:
            line.returned_quantity = here.take_back(quantity).returned
            parts.append(Back(line, quantity, Money(line.amount_of(here.returned, quantity), order.currency)))
        moved = move_on(order)
        note(
            session, "lines returned", order, at=now, who=by, why=why, message_id=message_id, number=order.number,
            asked=asked, quantities=written({line.position: quantity for line, _, quantity in back}), states=moved,
        )  # fmt: skip
        billed = billed_of(session, order)
        expect_credit(session, order, parts, billed, at=now, why="goods came back", message_id=message_id)
        session.commit()
        return order
