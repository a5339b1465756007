"""Note that a shipment arrived, with the proof of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.orders.flow import flow_of
from o2c_core.orders.order import move_on, order_to_change
from o2c_core.orders.shipment import PROOFS, Shipment
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note


class NoSuchShipment(NotFound):
    """There is no such shipment here."""


class NoSuchProof(Refused):
    """A delivery is shown by a signature, photo, scan or code."""


class ArrivesTooEarly(Refused):
    """A shipment cannot arrive in the future, nor before it left."""


class DeliveredOtherwise(Refused):
    """That shipment was already noted as delivered, on another day or with another proof."""


@dataclass(frozen=True)
class Arrival:
    """When a shipment arrived, who took it in, and where the proof is kept (a document number or an address)."""

    shipment_id: UUID
    delivered_on: date | None = None
    received_by: str | None = None
    proof_kind: str | None = None
    proof_reference: str | None = None
    proof_note: str | None = None

    @property
    def proof(self) -> dict[str, str | None]:
        said = {
            "received_by": self.received_by,
            "proof_kind": self.proof_kind,
            "proof_reference": self.proof_reference,
            "proof_note": self.proof_note,
        }
        return {name: (value or "").strip() or None for name, value in said.items()}


def deliver_shipment(
    arrival: Arrival, *, store: Store, by: str, why: str = "", message_id: UUID | None = None
) -> Shipment:
    """The delivered shipment. The same again changes nothing; a proof that comes later is added to what is known.

    Without a day it is the day already noted, else today where the seller is.

    Raises: NoSuchShipment; NoSuchProof; ArrivesTooEarly; DeliveredOtherwise.
    """
    now = store.clock.now()
    proof = arrival.proof
    if proof["proof_kind"] not in (None, *PROOFS):
        raise NoSuchProof(proof=proof["proof_kind"])
    with store.session() as session:
        order_id = session.scalars(select(Shipment.order_id).where(Shipment.id == arrival.shipment_id)).one_or_none()
        if order_id is None:
            raise NoSuchShipment(shipment=str(arrival.shipment_id))
        order = order_to_change(session, order_id)
        shipment = next(one for one in order.shipments if one.id == arrival.shipment_id)
        seller = session.get_one(Seller, order.seller_id)
        flow = flow_of(seller)
        day = today(store.clock, seller.time_zone)
        before = shipment.delivered_on
        if before is not None and arrival.delivered_on not in (None, before):
            raise DeliveredOtherwise(
                f"Shipment {shipment.tracking_number} was already noted as delivered on {before.isoformat()}.",
                tracking=shipment.tracking_number,
            )
        added = {name: said for name, said in proof.items() if said is not None and said != getattr(shipment, name)}
        if any(getattr(shipment, name) is not None for name in added):
            raise DeliveredOtherwise(
                f"Shipment {shipment.tracking_number} has another proof of delivery already.",
                tracking=shipment.tracking_number,
            )
        if before is not None and not added:
            return shipment
        delivered_on = before or arrival.delivered_on or day
        if delivered_on > day or delivered_on < (shipment.shipped_on or delivered_on):
            raise ArrivesTooEarly(delivered_on=str(delivered_on), shipped_on=str(shipment.shipped_on))
        shipment.delivered_on = delivered_on
        for name, said in added.items():
            setattr(shipment, name, said)
        session.flush()
        moved = move_on(order)
        note(
            session, "shipment delivered" if before is None else "proof of delivery added", shipment,
            at=now, who=by, why=why, message_id=message_id, customer_id=order.customer_id, seller_id=order.seller_id,
            order=order.number, tracking=shipment.tracking_number, delivered_on=delivered_on.isoformat(),
            proof=shipment.proof_kind, states=moved,
        )  # fmt: skip
        # What nobody said the contents of cannot be invoiced by its contents; who sent it invoices it.
        if before is None and shipment.lines and flow.invoice_on == "delivery":
            ask_for(session, "issue_invoice", order_id=str(order.id), shipment_id=str(shipment.id))
        session.commit()
        return shipment
