"""Let goods of an order leave: a shipment with its tracking number and what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.hold import Hold, running
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.orders.flow import flow_of
from o2c_core.orders.order import Order, chosen, move_on, order_to_change, quantities_of
from o2c_core.orders.shipment import Shipment, ShipmentLine
from o2c_core.orders.states import NotConfirmed
from o2c_core.orders.told import written
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note


class NothingToShip(Refused):
    """Nothing of that order is still to be shipped."""


class NeedsTracking(Refused):
    """A shipment needs a tracking number."""


class LeavesTooEarly(Refused):
    """A shipment cannot leave in the future, nor be expected before it left."""


class AnotherShipment(Refused):
    """There is a shipment with that tracking number already, with other contents, another carrier or another day."""


class DeliveriesHeld(Refused):
    """Deliveries to this customer are on hold; say why to let the goods leave nevertheless."""


@dataclass(frozen=True)
class Departure:
    """What leaves: quantities by the position of the order's lines, or everything not yet shipped without them.

    Without a day it is today, where the seller is.
    """

    order_id: UUID
    tracking_number: str
    carrier: str | None = None
    quantities: Mapping[int, Decimal] | None = None
    shipped_on: date | None = None
    expected_on: date | None = None


def ship_order(
    departure: Departure,
    *,
    store: Store,
    by: str,
    why: str = "",
    despite: str | None = None,
    message_id: UUID | None = None,
) -> Shipment:
    """The shipment. The same tracking number again is the same shipment; an imported one that did not say what was in
    it is told so now. `despite` lets goods leave during a hold on deliveries, for that reason.

    Raises: NoSuchOrder; NoSuchLine; NotAQuantity; NotConfirmed; MoreThanOpen; NothingToShip; NeedsTracking;
    LeavesTooEarly; AnotherShipment; DeliveriesHeld.
    """
    now = store.clock.now()
    tracking = departure.tracking_number.strip()
    if not tracking:
        raise NeedsTracking
    with store.session() as session:
        order = order_to_change(session, departure.order_id)
        seller = session.get_one(Seller, order.seller_id)
        flow = flow_of(seller)
        day = today(store.clock, seller.time_zone)
        shipment = next((one for one in order.shipments if one.tracking_number == tracking), None)
        if shipment is not None and (shipment.lines or not _is_open(order)):
            _check_same(shipment, order, departure)
            if _complete(shipment, departure):
                note(
                    session, "shipment changed", shipment, at=now, who=by, why=why, message_id=message_id,
                    customer_id=order.customer_id, seller_id=order.seller_id, order=order.number, tracking=tracking,
                )  # fmt: skip
                session.commit()
            return shipment
        hold = _hold(session, order.customer_id, day)
        if hold is not None and not (despite or "").strip():
            raise DeliveriesHeld(f"Deliveries to this customer are on hold: {hold}.", order=order.number)
        if shipment is None:
            shipment = Shipment(order_id=order.id, tracking_number=tracking, shipped_on=departure.shipped_on or day)
            order.shipments.append(shipment)
        _complete(shipment, departure)
        shipment.shipped_on = departure.shipped_on or shipment.shipped_on or day
        if shipment.shipped_on > day or (shipment.expected_on or shipment.shipped_on) < shipment.shipped_on:
            raise LeavesTooEarly(shipped_on=str(shipment.shipped_on), expected_on=str(shipment.expected_on))
        _load(shipment, order, departure.quantities)
        session.flush()
        moved = move_on(order)
        note(
            session, "shipment left", shipment, at=now, who=by, why=why, message_id=message_id,
            customer_id=order.customer_id, seller_id=order.seller_id, order=order.number, tracking=tracking,
            shipped_on=shipment.shipped_on.isoformat(), quantities=written(_inside(shipment, order)), states=moved,
            nevertheless={"despite": despite, "against": hold} if hold is not None else {},
        )  # fmt: skip
        is_due = flow.invoice_on == "shipment" or (flow.invoice_on == "delivery" and shipment.delivered_on is not None)
        if is_due:
            ask_for(session, "issue_invoice", order_id=str(order.id), shipment_id=str(shipment.id))
        session.commit()
        return shipment


def _load(shipment: Shipment, order: Order, wanted: Mapping[int, Decimal] | None) -> None:
    if all(line.state == "ordered" for line in order.lines if line.state != "cancelled") and _is_open(order):
        raise NotConfirmed(order=order.number)
    # A line that is not confirmed does not keep the others back, unless it is asked for by name.
    loads = [
        (line, here, quantity)
        for line, here, quantity in chosen(order, wanted, lambda here: here.open)
        if wanted is not None or here.is_confirmed
    ]
    if not loads:
        raise NothingToShip(order=order.number)
    for line, here, quantity in loads:
        here.ship(quantity)
        shipment.lines.append(ShipmentLine(order_line_id=line.id, quantity=quantity))


def _is_open(order: Order) -> bool:
    return any(quantities_of(line, order.shipments).open > 0 for line in order.lines)


def _hold(session: Session, customer_id: UUID, day: date) -> str | None:
    holds = select(Hold.reason).where(
        Hold.customer_id == customer_id, Hold.invoice_id.is_(None), running("delivery", day)
    )
    return session.scalars(holds.order_by(Hold.from_on).limit(1)).one_or_none()


def _inside(shipment: Shipment, order: Order) -> dict[int, Decimal]:
    position = {line.id: line.position for line in order.lines}
    return {position[part.order_line_id]: part.quantity for part in shipment.lines}


def _complete(shipment: Shipment, departure: Departure) -> bool:
    """Fills in what was not known; whether there was anything to fill in."""
    before = (shipment.carrier, shipment.expected_on)
    shipment.carrier = shipment.carrier or departure.carrier
    shipment.expected_on = shipment.expected_on or departure.expected_on
    return before != (shipment.carrier, shipment.expected_on)


def _check_same(shipment: Shipment, order: Order, departure: Departure) -> None:
    """Raises: AnotherShipment when what is said now is not what was said before; what is left out says nothing."""
    said = (departure.carrier, departure.shipped_on, departure.expected_on)
    known = (shipment.carrier, shipment.shipped_on, shipment.expected_on)
    differs = any(
        now is not None and before is not None and now != before for now, before in zip(said, known, strict=True)
    )
    contents = departure.quantities
    if differs or (shipment.lines and contents is not None and dict(contents) != _inside(shipment, order)):
        raise AnotherShipment(
            f"There is another shipment {shipment.tracking_number} of order {order.number}.", order=order.number
        )
