"""Reading what happened as the ledger has it now, and saying what is not to be told any more, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold, running
from o2c_core.conversations.handoff import Handoff
from o2c_core.informing.goods import confirmed, delivered, order_delayed, shipment_delayed, shipped
from o2c_core.informing.informed import Informed
from o2c_core.informing.part import (
    Account,
    CreditIssued,
    HoldEnded,
    InvoiceIssued,
    Part,
    PaymentReceived,
    Settled,
    Told,
    Untold,
)
from o2c_core.informing.why_not import WhyNot
from o2c_core.invoices.account import open_minor, parts_of
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.invoices.posting import left_of
from o2c_core.money import Money
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment

GOODS = ("order_confirmed", "shipped", "delayed", "delivered")
# Who was taken back by the bank or the payer did not pay; a refund is ours to give.
_TAKEN_BACK = ("reversal", "chargeback")


@dataclass
class _Ledger:
    """What the rows of one customer are about, read at once."""

    session: Session
    today: date
    orders: dict[UUID, Order] = field(default_factory=dict)
    shipments: dict[UUID, tuple[Shipment, Order]] = field(default_factory=dict)
    invoices: dict[UUID, Collectable] = field(default_factory=dict)
    numbers: dict[UUID, str] = field(default_factory=dict)


def read_parts(session: Session, rows: Sequence[Informed], today: date) -> list[Told | Untold]:
    """Each row with what there is to tell, or why there is nothing to tell any more; in the order of the rows.

    `today` is the day where the seller is.
    """
    ledger = _Ledger(session, today)
    _read_goods(ledger, rows)
    _read_invoices(ledger, rows)
    return [_one(ledger, row) for row in rows]


def _one(ledger: _Ledger, row: Informed) -> Told | Untold:
    found, order_id = _part(ledger, row)
    return Untold(row, found) if isinstance(found, WhyNot) else Told(row, found, order_id)


def _part(ledger: _Ledger, row: Informed) -> tuple[Part | WhyNot, UUID | None]:
    match row.step:
        case "order_confirmed":
            order = ledger.orders.get(row.subject_id)
            return (confirmed(order) if order else WhyNot.CORRECTED), row.subject_id
        case "delayed" if row.subject_id in ledger.orders:
            return order_delayed(ledger.orders[row.subject_id], row), row.subject_id
        case "shipped" | "delayed" | "delivered":
            found = ledger.shipments.get(row.subject_id)
            if found is None:
                return WhyNot.CORRECTED, None
            read = {"shipped": shipped, "delayed": shipment_delayed, "delivered": delivered}[row.step]
            return read(*found, row), found[1].id
        case "invoice_issued":
            claim = ledger.invoices.get(row.subject_id)
            return (_issued(ledger, claim) if claim else WhyNot.CORRECTED), claim.invoice.order_id if claim else None
        case "payment_received":
            return _received(ledger, row.subject_id), None
        case "credit_issued":
            return _credited(ledger, row.subject_id), None
        case "hold_ended":
            return _hold_ended(ledger, row.subject_id), None
        case _:
            raise AssertionError(row.step)


def _issued(ledger: _Ledger, claim: Collectable) -> Part | WhyNot:
    invoice = claim.invoice
    currency = invoice.currency
    if claim.open_minor <= 0 and not _is_paid(ledger.session, invoice.id):
        return WhyNot.CREDITED
    order = ledger.orders.get(invoice.order_id) if invoice.order_id else None
    parts = parts_of(invoice, invoice.instalments if invoice.is_in_instalments else (), claim.open_minor)
    has_discount = invoice.discount_minor > 0 and (invoice.discount_until_on or ledger.today) >= ledger.today
    return InvoiceIssued(
        invoice.id,
        invoice.number,
        invoice.total,
        Money(claim.free_minor, currency),
        Money(claim.open_minor, currency),
        invoice.due_on,
        order.number if order else None,
        tuple((day, Money(minor, currency)) for day, minor in parts) if invoice.is_in_instalments else (),
        Money(invoice.discount_minor, currency) if has_discount and invoice.discount_until_on else None,
        invoice.discount_until_on if has_discount else None,
    )


def _is_paid(session: Session, invoice_id: UUID) -> bool:
    paid = select(func.sum(Allocation.amount_minor)).where(
        Allocation.invoice_id == invoice_id, Allocation.payment_id.is_not(None)
    )
    return int(session.scalar(paid) or 0) > 0


def _received(ledger: _Ledger, payment_id: UUID) -> Part | WhyNot:
    payment = ledger.session.get(Payment, payment_id)
    if payment is None:
        return WhyNot.CORRECTED
    gone = ledger.session.scalar(
        select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0)).where(
            PaymentReturn.payment_id == payment_id, PaymentReturn.kind.in_(_TAKEN_BACK)
        )
    )
    # Whoever took part of a payment back disputes it: a person speaks with them about that, and nobody is thanked.
    if int(gone or 0) > 0:
        return WhyNot.TAKEN_BACK
    settled = _settled(ledger, Allocation.payment_id == payment_id, payment.currency)
    unapplied = left_of(ledger.session, payment)
    return PaymentReceived(Money(payment.amount_minor, payment.currency), payment.received_on, settled, unapplied)


def _credited(ledger: _Ledger, credit_id: UUID) -> Part | WhyNot:
    credit = ledger.session.get(CreditNote, credit_id)
    if credit is None:
        return WhyNot.CORRECTED
    settled = _settled(ledger, Allocation.credit_note_id == credit_id, credit.currency)
    about = ledger.session.get(Invoice, credit.invoice_id) if credit.invoice_id else None
    return CreditIssued(
        credit.number,
        Money(credit.total_minor, credit.currency),
        about.number if about else None,
        settled,
        left_of(ledger.session, credit),
    )


def _settled(ledger: _Ledger, which: object, currency: str) -> tuple[Settled, ...]:
    """What stands of it on each invoice, with what is open there now."""
    query = (
        select(Allocation.invoice_id, func.sum(Allocation.amount_minor))
        .where(which)  # type: ignore[arg-type]
        .group_by(Allocation.invoice_id)
        .having(func.sum(Allocation.amount_minor) > 0)
    )
    found = {invoice_id: int(minor) for invoice_id, minor in ledger.session.execute(query)}
    if not found:
        return ()
    disputes = _disputes(ledger.session, found)
    return tuple(
        Settled(
            one.invoice.id,
            one.invoice.number,
            Money(found[one.invoice.id], currency),
            Money(max(0, one.open_minor), currency),
            Money(min(max(0, one.open_minor), one.disputed_minor), currency),
            tuple(disputes.get(one.invoice.id, ())),
        )
        for one in collectable(ledger.session, Invoice.id.in_(found))
    )


def _disputes(session: Session, invoice_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[str]]:
    query = select(Dispute.invoice_id, Dispute.number).where(
        Dispute.invoice_id.in_(list(invoice_ids)), Dispute.state == "open"
    )
    found: dict[UUID, list[str]] = {}
    for invoice_id, number in session.execute(query.order_by(Dispute.opened_at, Dispute.number)):
        found.setdefault(invoice_id, []).append(number)
    return found


def _hold_ended(ledger: _Ledger, hold_id: UUID) -> Part | WhyNot:
    """Told to who was told of it: the customer's own message brought the hold about, and our answer to it said so."""
    session = ledger.session
    hold = session.get(Hold, hold_id)
    if hold is None or hold.ended_on is None:
        return WhyNot.CORRECTED
    if hold.message_id is None:
        return WhyNot.NEVER_HEARD
    if session.scalar(select(Handoff.id).where(Handoff.message_id == hold.message_id).limit(1)) is not None:
        return WhyNot.WITH_PERSON
    others = select(Hold.id).where(Hold.customer_id == hold.customer_id, running("reminders", ledger.today))
    others = others.where(Hold.invoice_id.is_(None) | (Hold.invoice_id == hold.invoice_id)).limit(1)
    if session.scalar(others) is not None:
        return WhyNot.STILL_HELD
    mine = Invoice.id == hold.invoice_id if hold.invoice_id else Invoice.customer_id == hold.customer_id
    if not any(one.free_minor > 0 for one in collectable(session, mine, open_minor() > 0)):
        return WhyNot.PAID
    about = session.get(Invoice, hold.invoice_id) if hold.invoice_id else None
    last_on = max(hold.from_on, min(hold.until_on, hold.ended_on - timedelta(days=1)))
    return HoldEnded(last_on, about.number if about else None)


def _read_goods(ledger: _Ledger, rows: Sequence[Informed]) -> None:
    ids = {row.subject_id for row in rows if row.step in GOODS}
    if ids:
        whole = (selectinload(Order.lines), selectinload(Order.shipments).selectinload(Shipment.lines))
        mine = select(Shipment.order_id).where(Shipment.id.in_(ids))
        query = select(Order).where(Order.id.in_(ids) | Order.id.in_(mine)).options(*whole)
        for order in ledger.session.scalars(query.execution_options(populate_existing=True)):
            ledger.orders[order.id] = order
            ledger.shipments |= {one.id: (one, order) for one in order.shipments if one.id in ids}


def _read_invoices(ledger: _Ledger, rows: Sequence[Informed]) -> None:
    ids = {row.subject_id for row in rows if row.step == "invoice_issued"}
    if ids:
        ledger.invoices = {one.invoice.id: one for one in collectable(ledger.session, Invoice.id.in_(ids))}
        orders = {one.invoice.order_id for one in ledger.invoices.values() if one.invoice.order_id} - set(ledger.orders)
        for order in ledger.session.scalars(select(Order).where(Order.id.in_(orders))):
            ledger.orders[order.id] = order


def accounts_of(session: Session, customer_id: UUID, named: Iterable[UUID]) -> list[Account]:
    """What is open beside the invoices a message names itself, by currency; empty when nothing is."""
    besides = set(named)
    found: dict[str, list[Collectable]] = {}
    for one in collectable(session, Invoice.customer_id == customer_id, open_minor() > 0):
        if one.invoice.id not in besides:
            found.setdefault(one.invoice.currency, []).append(one)
    return [
        Account(
            Money(sum(one.open_minor for one in claims), currency),
            len(claims),
            Money(sum(min(one.open_minor, one.disputed_minor) for one in claims), currency),
            claims[0].invoice.due_on,
        )
        for currency, claims in sorted(found.items())
    ]
