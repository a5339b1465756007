"""The ledger's own rows for what happened in the fictional company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from app.demo import cast
from app.demo.buyers import Buyer
from app.demo.deals import Deal, Item
from app.demo.scenes import Credit, Objection
from o2c_core.cases.dispute import Dispute
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.invoices.invoice import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.keys import new_key
from o2c_core.orders.order import Order, OrderLine
from o2c_core.orders.shipment import Shipment


def the_seller() -> Seller:
    """Van Dijk Groothandel. Its bank account is the published example of a Dutch IBAN, so no money can reach it."""
    return Seller(
        id=new_key(),
        ref=cast.SELLER,
        name="Van Dijk Groothandel",
        country="NL",
        currency="EUR",
        language="nl",
        time_zone="Europe/Amsterdam",
        payment_terms_days=30,
        email="administratie@vandijk.example",
        street="Handelskade 25",
        city="Utrecht",
        languages=["nl", "en", "de", "fr"],
        numbering={},
        # Whoever shows the demo reminds by hand, so that what is seen does not depend on the hour.
        settings={"reminders": {"by_itself": False}, "informing": {"gather_minutes": 0}},
        bank_accounts=[
            BankAccount(
                id=new_key(),
                iban="NL91ABNA0417164300",
                bic="ABNANL2A",
                holder="Van Dijk Groothandel B.V.",
                currency="EUR",
                is_default=True,
            )
        ],
    )


def a_customer(
    buyer: Buyer, seller: Seller, since: datetime, failed_at: datetime | None, failed_why: str | None
) -> Customer:
    """The customer with its people and their addresses, which all stopped working at `failed_at` if that is given."""
    customer = Customer(
        id=new_key(),
        seller_id=seller.id,
        ref=buyer.ref,
        name=buyer.name,
        kind=buyer.kind,
        country=buyer.country,
        language=buyer.language,
        currency=buyer.currency,
        time_zone=buyer.time_zone,
        street=buyer.street,
        postcode=buyer.postcode,
        city=buyer.city,
        payment_terms_days=buyer.terms_days,
        segment=cast.KEY_ACCOUNT if buyer.ref in cast.KEY_ACCOUNTS else None,
        created_at=since,
    )
    for person in buyer.people:
        contact = Contact(id=new_key(), name=person.name, role=person.role)
        for channel, value in (("email", person.email), ("sms", person.phone)):
            if value:
                contact.addresses.append(
                    Address(
                        id=new_key(),
                        channel=channel,
                        value=value,
                        verified_at=since,
                        failed_at=failed_at,
                        failed_why=failed_why,
                    )
                )
        customer.contacts.append(contact)
    return customer


@dataclass
class OrderRows:
    """An order's row, with its lines by the item they stand for."""

    order: Order
    line_ids: dict[int, UUID]


def an_order(deal: Deal, number: str, seller_id: UUID, customer_id: UUID) -> OrderRows:
    order = Order(
        id=new_key(),
        seller_id=seller_id,
        customer_id=customer_id,
        number=number,
        ordered_on=deal.ordered_on,
        expected_on=deal.expected_on,
        currency=deal.buyer.currency,
        purchase_order=deal.purchase_order,
    )
    for position, item in enumerate(deal.items, 1):
        order.lines.append(OrderLine(position=position, state=item.state, **_figures(item, deal.buyer)))
    for parcel in deal.parcels:
        order.shipments.append(
            Shipment(
                id=new_key(),
                carrier=parcel.carrier,
                tracking_number=parcel.tracking_number,
                shipped_on=parcel.shipped_on,
                expected_on=parcel.expected_on,
                delivered_on=parcel.delivered_on,
                received_by=parcel.received_by,
            )
        )
    return OrderRows(order, {id(item): line.id for item, line in zip(deal.items, order.lines, strict=True)})


def an_invoice(deal: Deal, issued_on: date, number: str, rows: OrderRows) -> Invoice:
    """The bill for what was sent of the order."""
    invoice = Invoice(
        id=new_key(),
        seller_id=rows.order.seller_id,
        customer_id=rows.order.customer_id,
        order_id=rows.order.id,
        number=number,
        issued_on=issued_on,
        due_on=deal.due_on,
        terms_days=deal.buyer.terms_days,
        currency=deal.buyer.currency,
        net_minor=deal.net_minor,
        tax_minor=deal.total_minor - deal.net_minor,
        total_minor=deal.total_minor,
        purchase_order=deal.purchase_order,
    )
    for position, item in enumerate(deal.billed, 1):
        figures = _figures(item, deal.buyer)
        invoice.lines.append(InvoiceLine(position=position, order_line_id=rows.line_ids[id(item)], **figures))
    return invoice


def _figures(item: Item, buyer: Buyer) -> dict[str, object]:
    return {
        "id": new_key(),
        "sku": item.article.sku,
        "description": item.article.names[buyer.language],
        "quantity": Decimal(item.quantity),
        "unit_price": item.price,
        "amount_minor": item.minor(buyer.currency),
    }


def a_payment(buyer: Buyer, paid: Sequence[tuple[int, Invoice]], minor: int, on: date, key: str) -> Payment:
    first = paid[0][1]
    return Payment(
        id=new_key(),
        seller_id=first.seller_id,
        customer_id=first.customer_id,
        received_on=on,
        amount_minor=minor,
        currency=buyer.currency,
        reference=" ".join(invoice.number for _, invoice in paid),
        method="ideal" if buyer.kind == "person" and buyer.country == "NL" else "bank_transfer",
        source_key=key,
    )


def an_allocation(payment: Payment, invoice: Invoice, minor: int) -> Allocation:
    return Allocation(
        id=new_key(),
        invoice_id=invoice.id,
        payment_id=payment.id,
        amount_minor=minor,
        allocated_on=payment.received_on,
    )


def a_credit_note(credit: Credit, invoice: Invoice, number: str) -> CreditNote:
    first, currency = credit.deal.items[0], credit.deal.buyer.currency
    net_minor = first.minor(currency, credit.quantity)
    return CreditNote(
        id=new_key(),
        seller_id=invoice.seller_id,
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        number=number,
        issued_on=credit.on,
        currency=currency,
        total_minor=credit.deal.with_tax(net_minor),
        reason=credit.reason,
        lines=[
            CreditNoteLine(
                id=new_key(),
                position=1,
                sku=first.article.sku,
                description=first.article.names[credit.deal.buyer.language],
                quantity=Decimal(credit.quantity),
                unit_price=first.price,
                amount_minor=net_minor,
            )
        ],
    )


def a_dispute(objection: Objection, invoice: Invoice, number: str, at: datetime) -> Dispute:
    deal, currency = objection.deal, objection.deal.buyer.currency
    return Dispute(
        id=new_key(),
        seller_id=invoice.seller_id,
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        number=number,
        reason="QTY_SHORT",
        description=objection.words,
        amount_minor=deal.with_tax(deal.items[0].minor(currency, objection.quantity)),
        currency=currency,
        opened_at=at,
    )
