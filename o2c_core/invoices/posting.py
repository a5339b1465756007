"""Setting money and credit against invoices and taking it back, inside the caller's transaction.

Rows are locked before anything about them is read, the source first and then the invoices in the order of their ids,
so that of two writers the second sees what the first did and neither waits for the other's lock forever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from o2c_core.clock import Clock, today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.account import open_minor, parts_of, read_instalments, unapplied_minor
from o2c_core.invoices.allocation import (
    OpenItem,
    Part,
    allocate_explicit,
    allocate_oldest_first,
    check_left,
    discount_taken,
    newest_first,
)
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, WriteOff
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.rows import Keyed

Source = Payment | CreditNote
# How money is to be set against invoices: so much on each, or the oldest due first.
Wanted = Mapping[UUID, Money] | Literal["oldest first"]
DISCOUNT = "early_payment_discount"
_N = TypeVar("_N", bound=Keyed)


@dataclass(frozen=True)
class Change:
    """What was set against an invoice, or below zero what was taken back from it."""

    invoice_id: UUID
    invoice: str
    amount: Money
    allocation_id: UUID
    is_discount: bool = False

    def to_json(self) -> dict[str, str]:
        said = {"invoice": self.invoice, "amount": str(self.amount)}
        return said | {"because": DISCOUNT} if self.is_discount else said


def ledger_day(session: Session, seller_id: UUID, clock: Clock) -> date:
    """The calendar day it is where the seller keeps its books."""
    zone = session.scalars(select(Seller.time_zone).where(Seller.id == seller_id)).one()
    return today(clock, zone)


def locked(session: Session, noun: type[_N], id_: UUID) -> _N:
    """The row, ours until the transaction ends. Raises: NotFound."""
    query = select(noun).where(noun.id == id_).with_for_update(key_share=True)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        name = getattr(noun, "__tablename__", "row").replace("_", " ")
        raise NotFound(f"There is no such {name}.", id=str(id_))
    return row


def locked_source(session: Session, id_: UUID) -> Source:
    """The payment or credit note with that id, ours until the transaction ends. Raises: NotFound."""
    try:
        return locked(session, Payment, id_)
    except NotFound:
        pass
    try:
        return locked(session, CreditNote, id_)
    except NotFound as neither:
        raise NotFound("There is no such payment or credit note.", id=str(id_)) from neither


def locked_invoices(session: Session, *which: ColumnElement[bool]) -> list[Invoice]:
    """Those invoices in the order of their ids, ours until the transaction ends."""
    query = select(Invoice).where(*which).order_by(Invoice.id).with_for_update(key_share=True)
    invoices = list(session.scalars(query.execution_options(populate_existing=True)))
    read_instalments(session, invoices)
    return invoices


def open_of(session: Session, invoice_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What is open on each of those invoices, in minor units."""
    query = select(Invoice.id, open_minor()).where(Invoice.id.in_(list(invoice_ids)))
    return {id_: int(left) for id_, left in session.execute(query)}


def open_items(session: Session, invoices: Sequence[Invoice]) -> list[OpenItem]:
    """What is open on those invoices, instalment by instalment."""
    left = open_of(session, [invoice.id for invoice in invoices])
    return [
        OpenItem(invoice.id, invoice.number, due_on, minor, invoice.currency)
        for invoice in invoices
        for due_on, minor in parts_of(
            invoice, invoice.instalments if invoice.is_in_instalments else (), left[invoice.id]
        )
    ]


def left_of(session: Session, source: Source) -> Money:
    """What is left of a payment or credit note: neither set against an invoice nor paid back."""
    kind = Payment if isinstance(source, Payment) else CreditNote
    minor = session.scalars(select(unapplied_minor(kind)).where(kind.id == source.id)).one()
    return Money(int(minor), source.currency)


def happened_on(source: Source) -> date:
    return source.received_on if isinstance(source, Payment) else source.issued_on


def apply(session: Session, source: Source, wanted: Wanted, amount: Money, on: date, by: str) -> list[Change]:
    """Sets up to `amount` of the source against invoices of its customer as wanted, and grants what was earned by it.

    Raises: what `allocate_explicit` does; NothingLeft; MoreThanIsLeft.
    """
    check_left(amount, left_of(session, source))
    theirs = Invoice.customer_id == source.customer_id
    if wanted == "oldest first":
        invoices = locked_invoices(session, theirs, Invoice.currency == source.currency, open_minor() > 0)
        parts = allocate_oldest_first(open_items(session, invoices), amount.minor)
    else:
        invoices = locked_invoices(session, theirs, Invoice.id.in_(list(wanted)))
        parts = allocate_explicit(open_items(session, invoices), wanted, amount)
    by_id = {invoice.id: invoice for invoice in invoices}
    changes = [_set(session, source, by_id[part.invoice_id], part, on) for part in parts]
    session.flush()
    if isinstance(source, CreditNote):
        # Only who pays earns something by paying early.
        return changes
    return changes + _grant_discounts(session, [by_id[part.invoice_id] for part in parts], on, by)


def _set(session: Session, source: Source | WriteOff, invoice: Invoice, part: Part, on: date) -> Change:
    allocation = Allocation(
        id=new_key(),
        invoice_id=invoice.id,
        payment_id=source.id if isinstance(source, Payment) else None,
        credit_note_id=source.id if isinstance(source, CreditNote) else None,
        write_off_id=source.id if isinstance(source, WriteOff) else None,
        amount_minor=part.minor,
        # Money that came before the invoice counts on it from the day there is an invoice.
        allocated_on=max(on, invoice.issued_on),
    )
    session.add(allocation)
    is_discount = isinstance(source, WriteOff) and source.reason == DISCOUNT
    return Change(invoice.id, invoice.number, Money(part.minor, invoice.currency), allocation.id, is_discount)


def write_down(
    session: Session, invoice: Invoice, minor: int, *, reason: str, words: str, by: str, role: str, on: date
) -> tuple[WriteOff, Change]:
    """A write-off of so much of the invoice, set against it."""
    write_off = WriteOff(
        id=new_key(),
        seller_id=invoice.seller_id,
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        amount_minor=minor,
        currency=invoice.currency,
        reason=reason,
        words=words,
        by=by,
        role=role,
        written_off_on=on,
    )
    session.add(write_off)
    session.flush()
    change = _set(session, write_off, invoice, Part(invoice.id, minor), on)
    session.flush()
    return write_off, change


def _grant_discounts(session: Session, invoices: Sequence[Invoice], on: date, by: str) -> list[Change]:
    granted = []
    for invoice in invoices:
        taken = _discount_earned(session, invoice)
        minor = min(taken, open_of(session, [invoice.id])[invoice.id]) if taken else 0
        if minor > 0:
            words = f"paid by {invoice.discount_until_on}"
            _, change = write_down(session, invoice, minor, reason=DISCOUNT, words=words, by=by, role="terms", on=on)
            granted.append(change)
    return granted


def _discount_earned(session: Session, invoice: Invoice) -> int:
    """What may be kept for paying early by what arrived in time, however late it was set against the invoice."""
    until = invoice.discount_until_on
    if not invoice.discount_minor or until is None:
        return 0
    in_time = (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .outerjoin(Payment, Payment.id == Allocation.payment_id)
        .outerjoin(CreditNote, CreditNote.id == Allocation.credit_note_id)
        .outerjoin(WriteOff, WriteOff.id == Allocation.write_off_id)
        .where(
            Allocation.invoice_id == invoice.id,
            func.coalesce(Payment.received_on, CreditNote.issued_on, WriteOff.written_off_on) <= until,
            or_(WriteOff.id.is_(None), WriteOff.reason != DISCOUNT),
        )
    )
    return discount_taken(invoice, int(session.scalars(in_time).one()), until)


def standing(session: Session, *which: ColumnElement[bool]) -> list[Allocation]:
    """The allocations not taken back, newest first."""
    taken_back = aliased(Allocation)
    query = (
        select(Allocation)
        .where(*which, Allocation.reverses_id.is_(None))
        .where(~select(taken_back.id).where(taken_back.reverses_id == Allocation.id).exists())
        .order_by(Allocation.allocated_on.desc(), Allocation.id.desc())
    )
    return list(session.scalars(query))


def take_back(session: Session, allocations: Sequence[Allocation], minor: int, on: date) -> list[Change]:
    """Releases so much of the allocations (newest first), and the discounts that were earned only by them.

    An allocation is released whole, and what was too much is set against its invoice again. Their invoices are locked
    here; the sources are the caller's to lock.
    """
    invoices = {
        invoice.id: invoice
        for invoice in locked_invoices(session, Invoice.id.in_({allocation.invoice_id for allocation in allocations}))
    }
    by_id = {allocation.id: allocation for allocation in allocations}
    changes = []
    touched: dict[UUID, Invoice] = {}
    for id_, _, again in newest_first([(one.id, one.amount_minor) for one in allocations], minor):
        invoice = invoices[by_id[id_].invoice_id]
        touched[invoice.id] = invoice
        changes += _release(session, by_id[id_], invoice, again, on)
    session.flush()
    return changes + _withdraw_discounts(session, list(touched.values()), on)


def _release(session: Session, allocation: Allocation, invoice: Invoice, again: int, on: date) -> list[Change]:
    since = max(on, allocation.allocated_on)
    source = {
        "invoice_id": allocation.invoice_id,
        "payment_id": allocation.payment_id,
        "credit_note_id": allocation.credit_note_id,
        "write_off_id": allocation.write_off_id,
        "allocated_on": since,
    }
    back = Allocation(id=new_key(), reverses_id=allocation.id, amount_minor=-allocation.amount_minor, **source)
    session.add(back)
    if again:
        session.add(Allocation(id=new_key(), amount_minor=again, **source))
    return [Change(invoice.id, invoice.number, Money(again - allocation.amount_minor, invoice.currency), back.id)]


def settle_discounts(session: Session, invoices: Sequence[Invoice], by: str) -> list[Change]:
    """Grants and takes back discounts for paying early as what was set against the invoices now says.

    For money whose days somebody else keeps: each is dated as the money is. The invoices are the caller's to lock.
    """
    changes = _withdraw_discounts(session, invoices, date.min)
    for invoice in invoices:
        last = select(func.max(Allocation.allocated_on)).where(
            Allocation.invoice_id == invoice.id, Allocation.payment_id.is_not(None)
        )
        day = session.scalars(last).one()
        changes += _grant_discounts(session, [invoice], day, by) if day is not None else []
    return changes


def _withdraw_discounts(session: Session, invoices: Sequence[Invoice], on: date) -> list[Change]:
    changes = []
    for invoice in invoices:
        if _discount_earned(session, invoice):
            continue
        granted = select(WriteOff.id).where(WriteOff.invoice_id == invoice.id, WriteOff.reason == DISCOUNT)
        for allocation in standing(session, Allocation.write_off_id.in_(granted)):
            (change,) = _release(session, allocation, invoice, 0, on)
            changes.append(Change(change.invoice_id, change.invoice, change.amount, change.allocation_id, True))
    session.flush()
    return changes
