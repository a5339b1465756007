"""Cases for tests: an order that came short, its invoice, and what the customer wrote about it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.open_dispute import Claim, LineClaim, open_dispute
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.keys import new_key
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import ShipmentLine
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, a_shipment, an_invoice, an_order

SAID = "We kregen er maar 9 van de 12 <b>"


@dataclass(frozen=True)
class Short:
    """Twelve were ordered and billed at 5.00, nine were delivered by PostNL; the order said 4.50."""

    seller: Seller
    customer: Customer
    order: Order
    invoice: Invoice
    message: Message


def a_short_delivery(session: Session, *, seller: Seller | None = None, channel: str = "email", number: str = "INV-2026-0042",
                     **customer: object) -> Short:  # fmt: skip
    whose = seller or a_seller(session)
    who = a_customer(session, whose, **customer)  # type: ignore[arg-type]
    order = an_order(session, who, states=("delivered",))
    line = order.lines[0]
    line.sku, line.description, line.quantity, line.unit_price = (
        "MEEL-25",
        "Tarwemeel 25 kg",
        Decimal(12),
        Decimal("4.50"),
    )
    line.amount_minor, line.state = 5_400, "part_shipped"
    shipment = a_shipment(
        session, order, delivered_on=DAY, received_by="P. Bakker", proof_kind="signature", proof_reference="POD-77",
    )  # fmt: skip
    shipment.lines.append(ShipmentLine(order_line_id=line.id, quantity=Decimal(9)))
    invoice = an_invoice(session, who, number, total_minor=7_260, net_minor=6_000, tax_minor=1_260, order_id=order.id)
    invoice.lines.append(
        InvoiceLine(
            position=1, order_line_id=line.id, sku="MEEL-25", description="Tarwemeel 25 kg", quantity=Decimal(12),
            unit_price=Decimal(5), amount_minor=6_000, tax_category="S", tax_rate=Decimal(21),
        )
    )  # fmt: skip
    session.flush()
    return Short(whose, who, order, invoice, a_message(session, who, channel))


def a_message(
    session: Session, who: Customer, channel: str = "email", address: str | None = "ap@jansen.example"
) -> Message:
    thread = Conversation(
        id=new_key(), seller_id=who.seller_id, customer_id=who.id, channel=channel, address=address, identity="proven",
        language="nl", opened_at=MOMENT, updated_at=MOMENT, contact_id=who.contacts[0].id,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    message = Message(
        id=new_key(), conversation_id=thread.id, direction="in", author="customer", purpose="question", channel=channel,
        address=address, text=SAID, language="nl", delivery="received", created_at=MOMENT, subject="Factuur",
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message


def a_short_dispute(store: Store, short: Short, **fields: object) -> Dispute:
    """Three of the twelve are objected to: 18.15 with tax."""
    claim = {
        "customer_id": short.customer.id, "invoice_id": short.invoice.id, "description": SAID, "reason": "QTY_SHORT",
        "lines": (LineClaim(short.invoice.lines[0].id, quantity=Decimal(3)),), "message_id": short.message.id,
    }  # fmt: skip
    return open_dispute(Claim(**(claim | fields)), store=store)  # type: ignore[arg-type]


def a_rough_driver(store: Store, short: Short, **fields: object) -> Complaint:
    grievance = {
        "customer_id": short.customer.id, "about": "De chauffeur gooide de zakken", "category": "delivery",
        "severity": "high", "invoice_id": short.invoice.id, "message_id": short.message.id,
    }  # fmt: skip
    return log_complaint(Grievance(**(grievance | fields)), store=store)  # type: ignore[arg-type]
