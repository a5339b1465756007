"""What a seller has set to happen by itself when an order moves on."""

from __future__ import annotations

from dataclasses import dataclass

from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.money import Money

CONFIRM = ("automatic", "by hand")
INVOICE_ON = ("shipment", "delivery", None)


class FlowUnclear(Refused):
    """The order flow says confirm: automatic or by hand, and invoice_on: shipment, delivery or nothing."""


@dataclass(frozen=True)
class OrderFlow:
    """By itself a placed order is confirmed or not, and goods that left or arrived are invoiced or not."""

    confirm: str = "by hand"
    invoice_on: str | None = None

    @property
    def is_confirmed_at_once(self) -> bool:
        return self.confirm == "automatic"


def flow_of(seller: Seller) -> OrderFlow:
    """The seller's order flow. Where its settings say nothing nothing happens by itself: an ERP may be doing it.

    Raises: FlowUnclear.
    """
    said = (seller.settings or {}).get("order_flow") or {}
    if not isinstance(said, dict) or not said.keys() <= {"confirm", "invoice_on"}:
        raise FlowUnclear(said=said)
    flow = OrderFlow(said.get("confirm") or "by hand", said.get("invoice_on"))
    if flow.confirm not in CONFIRM or flow.invoice_on not in INVOICE_ON:
        raise FlowUnclear(said=said)
    return flow


def why_waiting(order: Money, used: Money | None, limit: Money | None, hold: str | None) -> str | None:
    """Why an order is not confirmed by itself; None when nothing speaks against it.

    `used` is what the customer owes and has on order already, `limit` what the seller lets it owe (None: no limit),
    `hold` the reason of a running credit hold.
    """
    if hold is not None:
        return f"a credit hold is running: {hold}"
    if limit is None:
        return None
    if used is None or order.currency != limit.currency or used.currency != limit.currency:
        return f"the order is in {order.currency} and the credit limit in {limit.currency}"
    if used + order > limit:
        return f"with {used} owed or on order already, {order} more is above the credit limit of {limit}"
    return None
