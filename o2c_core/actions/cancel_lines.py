"""Cancel lines of an order, as far as they have not left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from o2c_core.customers.authority import CANCEL_STATES, BeyondAuthority, authority_of
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.billed import billed_of
from o2c_core.invoices.credit_expected import Back, expect_credit
from o2c_core.money import Money
from o2c_core.orders.order import Order, OrderLine, chosen, move_on, order_to_change
from o2c_core.orders.told import told_before, written
from o2c_core.store.store import Store
from o2c_core.trail import note


class NothingToCancel(Refused):
    """Everything of that order has left; it can be returned once it has arrived."""


class PartUnknown(Refused):
    """Part of that line has left and nobody said how much; say how much of it to cancel."""


def cancel_lines(
    order_id: UUID,
    quantities: Mapping[int, Decimal] | None = None,
    *,
    store: Store,
    by: str,
    why: str,
    message_id: UUID | None = None,
    role: str = "agent",
) -> Order:
    """The order with those quantities (by the position of its lines) cancelled; without them all that has not left.

    The same from one message counts once, and an order that is cancelled already stays as it is. How far a line may be
    for that follows from the authority of the `role`.

    Raises: NoSuchOrder; NoSuchLine; NotAQuantity; MoreThanOpen; NothingToCancel; PartUnknown; BeyondAuthority.
    """
    now = store.clock.now()
    with store.session() as session:
        order = order_to_change(session, order_id)
        asked = written(quantities)
        if told_before(session, "lines cancelled", order.id, message_id, asked):
            return order
        off = chosen(order, quantities, lambda here: here.open)
        if not off:
            if all(line.state == "cancelled" for line in order.lines):
                return order
            raise NothingToCancel(order=order.number)
        _check_authority([line for line, _, _ in off], role, session.get_one(Seller, order.seller_id))
        billed = billed_of(session, order)
        amount = 0
        invoiced: list[Back] = []
        for line, here, quantity in off:
            after = here.cancel(quantity)
            # An imported part-shipped line does not say how much has left; that part cannot be taken back unseen.
            if line.state == "part_shipped" and not here.shipped and after.open <= 0:
                raise PartUnknown(order=order.number, position=line.position)
            # Invoices count a line's pieces from its beginning and cancelling from its end, so that they sum to the line.
            left = line.quantity - after.cancelled
            amount += line.amount_of(left, quantity)
            ahead = min(quantity, billed.of(line) - left)
            if ahead > 0:
                invoiced.append(Back(line, ahead, Money(line.amount_of(left, ahead), order.currency)))
            line.cancelled_quantity = after.cancelled
        moved = move_on(order)
        note(
            session, "lines cancelled", order, at=now, who=by, why=why, message_id=message_id, number=order.number,
            asked=asked, quantities=written({line.position: quantity for line, _, quantity in off}),
            amount=str(Money(amount, order.currency)), states=moved,
        )  # fmt: skip
        if invoiced:
            why_credit = "what was cancelled had been invoiced"
            expect_credit(session, order, invoiced, billed, at=now, why=why_credit, message_id=message_id)
        session.commit()
        return order


def _check_authority(lines: Sequence[OrderLine], role: str, seller: Seller) -> None:
    """Raises: BeyondAuthority."""
    furthest = max(lines, key=lambda line: CANCEL_STATES.get(line.state, 0))
    if CANCEL_STATES.get(furthest.state, 0) > authority_of(role, seller).cancel_state_max:
        raise BeyondAuthority(
            f"The role {role} may not cancel what is {furthest.state}.", role=role, position=furthest.position
        )
