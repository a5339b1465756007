"""Nouns for tests: name only what the test is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from sqlalchemy.orm import Session

from o2c_core.cases.dispute import Dispute
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.orders.order import Order, OrderLine
from o2c_core.orders.shipment import Shipment

_number = count(1)
DAY = date(2026, 3, 16)
MOMENT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def a_seller(session: Session, ref: str = "vandijk", **fields: object) -> Seller:
    seller = Seller(
        **{
            "ref": ref,
            "name": "Van Dijk Groothandel",
            "country": "NL",
            "currency": "EUR",
            "language": "nl",
            "time_zone": "Europe/Amsterdam",
            "payment_terms_days": 30,
            "email": "administratie@vandijk.example",
            "languages": ["nl", "en"],
            "numbering": {},
            "settings": {},
        }
        | fields
    )
    seller.bank_accounts.append(
        BankAccount(
            iban="NL91ABNA0417164300",
            bic="ABNANL2A",
            holder="Van Dijk Groothandel B.V.",
            currency=seller.currency,
            is_default=True,
        )
    )
    session.add(seller)
    session.flush()
    return seller


def a_customer(
    session: Session,
    seller: Seller,
    ref: str | None = None,
    *,
    email: str | None = "ap@jansen.example",
    **fields: object,
) -> Customer:
    """A customer with one accounts-payable contact; without `email` the contact has no address."""
    customer = Customer(
        **{
            "seller_id": seller.id,
            "ref": ref or f"C{next(_number):04}",
            "name": "Bakkerij Jansen",
            "kind": "company",
            "country": "NL",
            "language": "nl",
            "currency": "EUR",
            "created_at": MOMENT,
        }
        | fields
    )
    contact = Contact(name="A. Jansen", role="accounts_payable")
    if email is not None:
        contact.addresses.append(Address(channel="email", value=email, verified_at=MOMENT))
    customer.contacts.append(contact)
    session.add(customer)
    session.flush()
    return customer


def an_order(
    session: Session,
    customer: Customer,
    number: str | None = None,
    *,
    states: tuple[str, ...] = ("shipped",),
    **fields: object,
) -> Order:
    order = Order(
        **{
            "seller_id": customer.seller_id,
            "customer_id": customer.id,
            "number": number or f"SO-{1000 + next(_number)}",
            "ordered_on": DAY - timedelta(days=10),
            "currency": customer.currency,
        }
        | fields
    )
    for position, state in enumerate(states, 1):
        order.lines.append(
            OrderLine(
                position=position,
                sku=f"ART-{position}",
                description=f"Article {position}",
                quantity=Decimal(2),
                unit_price=Decimal("12.50"),
                amount_minor=2500,
                state=state,
            )
        )
    session.add(order)
    session.flush()
    return order


def a_shipment(session: Session, order: Order, tracking_number: str = "3SVD0001", **fields: object) -> Shipment:
    shipment = Shipment(
        **{
            "order_id": order.id,
            "carrier": "PostNL",
            "tracking_number": tracking_number,
            "shipped_on": DAY - timedelta(days=2),
        }
        | fields
    )
    session.add(shipment)
    session.flush()
    return shipment


def an_invoice(
    session: Session,
    customer: Customer,
    number: str | None = None,
    *,
    total_minor: int = 12_500,
    due_on: date = DAY,
    paid_minor: int = 0,
    **fields: object,
) -> Invoice:
    invoice = Invoice(
        **{
            "seller_id": customer.seller_id,
            "customer_id": customer.id,
            "number": number or f"INV-2026-{next(_number):04}",
            "issued_on": due_on - timedelta(days=30),
            "due_on": due_on,
            "terms_days": 30,
            "currency": customer.currency,
            "net_minor": total_minor,
            "tax_minor": 0,
            "total_minor": total_minor,
        }
        | fields
    )
    session.add(invoice)
    session.flush()
    if paid_minor:
        a_payment(session, invoice, paid_minor)
    return invoice


def a_payment(session: Session, invoice: Invoice, minor: int, on: date = DAY) -> Payment:
    """Money set against the invoice in full."""
    payment = Payment(
        seller_id=invoice.seller_id,
        customer_id=invoice.customer_id,
        received_on=on,
        amount_minor=minor,
        currency=invoice.currency,
        source_key=f"test-{next(_number)}",
    )
    session.add(payment)
    session.flush()
    session.add(Allocation(invoice_id=invoice.id, payment_id=payment.id, amount_minor=minor, allocated_on=on))
    session.flush()
    return payment


def a_credit_note(session: Session, customer: Customer, minor: int, *, against: Invoice | None = None) -> CreditNote:
    credit = CreditNote(
        seller_id=customer.seller_id,
        customer_id=customer.id,
        invoice_id=against.id if against else None,
        number=f"CN-{next(_number)}",
        issued_on=DAY,
        currency=customer.currency,
        total_minor=minor,
    )
    session.add(credit)
    session.flush()
    if against:
        session.add(Allocation(invoice_id=against.id, credit_note_id=credit.id, amount_minor=minor, allocated_on=DAY))
        session.flush()
    return credit


def a_dispute(session: Session, invoice: Invoice, minor: int | None = None) -> Dispute:
    dispute = Dispute(
        seller_id=invoice.seller_id,
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        number=f"D-{next(_number)}",
        reason="QTY_SHORT",
        description="We got nine of twelve",
        amount_minor=minor or invoice.total_minor,
        currency=invoice.currency,
        opened_at=MOMENT,
    )
    session.add(dispute)
    session.flush()
    return dispute
