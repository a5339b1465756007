"""Storing an electronic invoice or credit note, new or changed, and what of it must not change any more."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2c_core.cases.dispute import DisputeLine
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.imports.allocate import Part, allocate
from o2c_core.imports.follow_days import follow_days
from o2c_core.imports.ubl.content import Content
from o2c_core.invoices.invoice import CreditNote, CreditNoteLine, Invoice, InvoiceLine, TaxSubtotal
from o2c_core.invoices.payment import Allocation, PaymentReturn
from o2c_core.money import Money
from o2c_core.orders.order import Order, OrderLine


class NumberTaken(Refused):
    """The number of the document is already that of another one."""


class AlreadyUsed(Refused):
    """What is already set against the document does not allow this change."""


class CreditedUnknown(Refused):
    """The credit note is for an invoice that the customer does not have."""


def existing(
    session: Session, seller: Seller, customer: Customer, content: Content, kind: str
) -> Invoice | CreditNote | None:
    """The document of that number that is there already, locked until the end of the transaction.

    Raises: NumberTaken when it is of the other kind or of another customer.
    """
    nouns: tuple[type[Invoice], type[CreditNote]] = (Invoice, CreditNote)
    found: list[Invoice | CreditNote] = []
    for noun in nouns:
        found += session.scalars(
            select(noun).where(noun.seller_id == seller.id, noun.number == content.number).with_for_update()
        )
    for document in found:
        if document.__tablename__ != kind:
            words = document.__tablename__.replace("_", " ")
            raise NumberTaken(f"{content.number} is already known as {'an' if words[0] in 'aeiou' else 'a'} {words}.")
        if document.customer_id != customer.id:
            raise NumberTaken(f"{content.number} is already known for another customer than {customer.ref}.")
    return next(iter(found), None)


def check_change(session: Session, document: Invoice | CreditNote, content: Content) -> None:
    """Raises: AlreadyUsed when more is set against it than it now comes to, its currency moves, or a disputed line goes."""
    used = Money(used_minor(session, document), document.currency)
    noun = document.__tablename__.replace("_", " ")
    if used.minor > 0 and document.currency != content.currency:
        raise AlreadyUsed(f"{used} is already set against {noun} {content.number}, so its currency cannot change.")
    if used.minor > content.total_minor:
        raise AlreadyUsed(
            f"{used} is already set against {noun} {content.number}, more than its new total, {content.total}."
        )
    surplus = [line.id for line in document.lines[len(content.lines) :]]
    if surplus and session.scalar(select(DisputeLine.id).where(DisputeLine.invoice_line_id.in_(surplus)).limit(1)):
        raise AlreadyUsed(f"A line of invoice {content.number} is disputed, and the new document no longer has it.")


def used_minor(session: Session, document: Invoice | CreditNote) -> int:
    """What is set against the invoice; of a credit note, what was used of it or paid back."""
    if isinstance(document, Invoice):
        return _sum(session, Allocation.amount_minor, Allocation.invoice_id, document.id)
    returned = _sum(session, PaymentReturn.amount_minor, PaymentReturn.credit_note_id, document.id)
    return _sum(session, Allocation.amount_minor, Allocation.credit_note_id, document.id) + returned


def _sum(
    session: Session, amount: InstrumentedAttribute[int], source: InstrumentedAttribute[UUID | None], id_: UUID
) -> int:
    return int(session.execute(select(func.coalesce(func.sum(amount), 0)).where(source == id_)).scalar_one())


def keep_invoice(
    session: Session, seller: Seller, customer: Customer, content: Content, invoice: Invoice | None
) -> tuple[Invoice, Order | None]:
    """The invoice with the content's amounts, lines and taxes; the order it names, where this customer has it."""
    terms = customer.terms(seller)
    order = _order(session, seller, customer, content)
    if invoice is None:
        invoice = Invoice(
            seller_id=seller.id, customer_id=customer.id, number=content.number, currency=content.currency
        )
        session.add(invoice)
    invoice.buyer = invoice.buyer or customer.as_buyer()
    invoice.order_id = order.id if order is not None else invoice.order_id
    invoice.issued_on, invoice.currency = content.issued_on, content.currency
    invoice.due_on = content.due_on or terms.due_on(content.issued_on)
    invoice.terms_days = max(0, (invoice.due_on - content.issued_on).days)
    invoice.net_minor, invoice.tax_minor, invoice.total_minor = (
        content.net_minor,
        content.tax_minor,
        content.total_minor,
    )
    invoice.purchase_order, invoice.buyer_reference = content.purchase_order, content.buyer_reference
    invoice.payment_reference = content.payment_reference
    invoice.discount_minor = terms.discount_minor(content.total_minor)
    invoice.discount_until_on = terms.discount_until(content.issued_on)
    # The document has one day on which it is due as a whole.
    invoice.instalments, invoice.is_in_instalments = [], False
    invoice.fingerprint = content.fingerprint
    articles = _articles(order)
    del invoice.lines[len(content.lines) :]
    for position, said in enumerate(content.lines, 1):
        if position > len(invoice.lines):
            invoice.lines.append(InvoiceLine(position=position))
        line = invoice.lines[position - 1]
        line.sku, line.description, line.quantity = said.sku, said.description, said.quantity
        line.unit_price, line.amount_minor = said.unit_price, said.amount_minor
        line.tax_category, line.tax_rate = said.tax_category or None, said.tax_rate
        line.order_line_id = articles.get(said.sku) or line.order_line_id
    invoice.taxes = _taxes(content)
    session.flush()
    follow_days(session, Allocation.invoice_id == invoice.id)
    return invoice, order


def keep_credit_note(
    session: Session, seller: Seller, customer: Customer, content: Content, credit: CreditNote | None
) -> tuple[CreditNote, Money, Money]:
    """The credit note, how much of it was set against the invoices it names, up to what is open on them, and what is left.

    Raises: CreditedUnknown.
    """
    named = _credited(session, seller, customer, content)
    if credit is None:
        credit = CreditNote(seller_id=seller.id, customer_id=customer.id, number=content.number)
        session.add(credit)
    credit.invoice_id = named[0].id if named else credit.invoice_id
    credit.issued_on, credit.currency = content.issued_on, content.currency
    credit.net_minor, credit.tax_minor, credit.total_minor = content.net_minor, content.tax_minor, content.total_minor
    credit.reason, credit.fingerprint = content.reason, content.fingerprint
    del credit.lines[len(content.lines) :]
    for position, said in enumerate(content.lines, 1):
        if position > len(credit.lines):
            credit.lines.append(CreditNoteLine(position=position))
        line = credit.lines[position - 1]
        line.sku, line.description, line.quantity = said.sku, said.description, said.quantity
        line.unit_price, line.amount_minor = said.unit_price, said.amount_minor
        line.tax_category, line.tax_rate = said.tax_category or None, said.tax_rate
    credit.taxes = _taxes(content)
    session.flush()
    follow_days(session, Allocation.credit_note_id == credit.id)
    left = credit.total_minor - used_minor(session, credit)
    parts = [
        Part(credit.id, left, invoice.id, credit.issued_on) for invoice in named if invoice.currency == credit.currency
    ]
    given = allocate(session, parts, source="credit_note_id")
    return credit, Money(given, credit.currency), Money(left - given, credit.currency)


def _taxes(content: Content) -> list[TaxSubtotal]:
    return [
        TaxSubtotal(
            category=row.category,
            rate=row.rate,
            base_minor=row.base_minor,
            tax_minor=row.tax_minor,
            exemption_reason=row.exemption_reason,
        )
        for row in content.taxes
    ]


def _credited(session: Session, seller: Seller, customer: Customer, content: Content) -> Sequence[Invoice]:
    """The invoices the credit note names, in its order."""
    found = session.scalars(
        select(Invoice).where(
            Invoice.seller_id == seller.id, Invoice.customer_id == customer.id, Invoice.number.in_(content.preceding)
        )
    )
    by_number = {invoice.number: invoice for invoice in found}
    unknown = [number for number in content.preceding if number not in by_number]
    if unknown:
        raise CreditedUnknown(
            f"Credit note {content.number} is for invoice {unknown[0]}, which customer {customer.ref} does not have; "
            "nothing was kept. Import the invoice first.",
            invoice=unknown[0],
        )
    return [by_number[number] for number in content.preceding]


def _order(session: Session, seller: Seller, customer: Customer, content: Content) -> Order | None:
    """The order of this customer that the document names by our number, else the only one with that purchase order."""
    mine = select(Order).where(Order.seller_id == seller.id, Order.customer_id == customer.id)
    for number in content.orders:
        found = session.scalars(mine.where(Order.number == number)).one_or_none()
        if found is not None:
            return found
    if content.purchase_order is None:
        return None
    named = session.scalars(mine.where(Order.purchase_order == content.purchase_order).limit(2)).all()
    return named[0] if len(named) == 1 else None


def _articles(order: Order | None) -> dict[str, UUID]:
    """The order's lines by article, where the order has the article once."""
    lines: dict[str, list[OrderLine]] = {}
    for line in order.lines if order is not None else ():
        lines.setdefault(line.sku, []).append(line)
    return {sku: found[0].id for sku, found in lines.items() if sku and len(found) == 1}
