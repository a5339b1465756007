"""A customer's account: every invoice with what is open on it, and the balance, today or on any past day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Select, bindparam, case, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import set_committed_value

from o2c_core.days import days_late
from o2c_core.invoices.allocation import instalments_open, overdue_minor
from o2c_core.invoices.invoice import CreditNote, Instalment, Invoice, invoice_state
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.money import Money
from o2c_core.store.many import is_one_of
from o2c_core.store.rows import Row

_Columns = TypeVarTuple("_Columns")
# Most messages ask for an account as it is now: what that takes is put together once for each day that is asked for.
_DAYS_KEPT = 16


def allocated_minor(*, as_of: date | None = None) -> ScalarSelect[int]:
    """What was allocated to the invoice of the enclosing query, in minor units; 0 when nothing was."""
    return _allocated(Allocation.invoice_id == Invoice.id, Invoice, as_of)


def open_minor(*, as_of: date | None = None) -> ColumnElement[int]:
    """What is open on the invoice of the enclosing query, in minor units: its total less its allocations.

    With `as_of`, only what was allocated, and not yet taken back, by the end of that day counts.
    """
    return Invoice.total_minor - allocated_minor(as_of=as_of)


def unapplied_minor(source: type[Payment | CreditNote], *, as_of: date | None = None) -> ColumnElement[int]:
    """What is left of the payment or credit note of the enclosing query: neither set against an invoice nor paid back."""
    if source is Payment:
        used = _allocated(Allocation.payment_id == Payment.id, Payment, as_of)
        returned = _returned(PaymentReturn.payment_id == Payment.id, Payment, as_of)
        return Payment.amount_minor - used - returned
    used = _allocated(Allocation.credit_note_id == CreditNote.id, CreditNote, as_of)
    returned = _returned(PaymentReturn.credit_note_id == CreditNote.id, CreditNote, as_of)
    return CreditNote.total_minor - used - returned


def _allocated(which: ColumnElement[bool], of: type[Row], as_of: date | None) -> ScalarSelect[int]:
    return _summed(Allocation.amount_minor, which, Allocation.allocated_on, of, as_of)


def _returned(which: ColumnElement[bool], of: type[Row], as_of: date | None) -> ScalarSelect[int]:
    return _summed(PaymentReturn.amount_minor, which, PaymentReturn.returned_on, of, as_of)


def _summed(
    minor: InstrumentedAttribute[int],
    which: ColumnElement[bool],
    on: InstrumentedAttribute[date],
    of: type[Row],
    as_of: date | None,
) -> ScalarSelect[int]:
    query = select(func.coalesce(func.sum(minor), 0)).where(which)
    if as_of is not None:
        query = query.where(on <= as_of)
    return query.correlate(of).scalar_subquery()


def open_parts(*whose: ColumnElement[bool], as_of: date | None = None) -> Select[UUID, UUID, str, date, int]:
    """Rows of (invoice_id, customer_id, currency, due_on, minor) for what is open: a row per invoice or instalment.

    The rows of an invoice sum to what is open on it. Money fills the earliest instalment first; the last one is what the
    total leaves after the others. `whose` speaks of the invoice.
    """
    issued = (*whose, Invoice.issued_on <= as_of) if as_of is not None else whose
    columns = (Invoice.id.label("invoice_id"), Invoice.customer_id, Invoice.currency)
    left = open_minor(as_of=as_of)
    whole = select(*columns, Invoice.due_on, left.label("minor")).where(Invoice.is_in_instalments.is_(False), *issued)
    in_turn = (Instalment.due_on, Instalment.position)
    before = func.sum(Instalment.amount_minor).over(partition_by=Invoice.id, order_by=in_turn, rows=(None, -1))
    following = func.lead(Invoice.id).over(partition_by=Invoice.id, order_by=in_turn)
    each = (
        select(
            *columns,
            func.coalesce(Instalment.due_on, Invoice.due_on).label("due_on"),
            func.coalesce(Instalment.amount_minor, 0).label("amount"),
            func.coalesce(before, 0).label("before"),
            following.is_(None).label("is_last"),
            Invoice.total_minor.label("total"),
            allocated_minor(as_of=as_of).label("used"),
        )
        .outerjoin(Instalment, Instalment.invoice_id == Invoice.id)
        .where(Invoice.is_in_instalments.is_(True), *issued)
        .subquery()
    )
    beyond = func.greatest(each.c.used - each.c.before, 0)
    minor = case(
        (each.c.is_last, each.c.total - each.c.before - beyond),
        else_=each.c.amount - func.least(beyond, each.c.amount),
    )
    parts = select(each.c.invoice_id, each.c.customer_id, each.c.currency, each.c.due_on, minor.label("minor"))
    both = union_all(whole, parts).subquery()
    return select(both.c.invoice_id, both.c.customer_id, both.c.currency, both.c.due_on, both.c.minor).where(
        both.c.minor != 0
    )


@dataclass(frozen=True)
class OpenInvoice:
    """An invoice and what is open on it as of a day."""

    invoice: Invoice
    open: Money
    today: date

    @property
    def parts(self) -> list[tuple[date, int]]:
        """Due day and open minor units of what is open, earliest first: one part, or the instalments not yet paid."""
        parts = parts_of(
            self.invoice, self.invoice.instalments if self.invoice.is_in_instalments else (), self.open.minor
        )
        return [(due_on, minor) for due_on, minor in parts if minor]

    @property
    def next_due_on(self) -> date:
        """The last day to pay the next part that is open; the invoice's own due day when nothing is."""
        return min((due_on for due_on, _ in self.parts), default=self.invoice.due_on)

    @property
    def overdue(self) -> Money:
        """What is open past its due day: of an invoice in instalments, only the instalments that were missed."""
        return Money(overdue_minor(self.parts, self.today), self.open.currency)

    @property
    def days_late(self) -> int:
        return days_late(self.next_due_on, self.today) if self.open.minor > 0 else 0

    @property
    def state(self) -> str:
        return invoice_state(self.invoice.total, self.open, self.next_due_on, self.today)


def parts_of(invoice: Invoice, instalments: Iterable[Instalment], open_minor: int) -> list[tuple[date, int]]:
    """Due day and open minor units of each instalment, or of the whole invoice when it has none; they sum to what is open."""
    amounts = sorted((part.due_on, part.position, part.amount_minor) for part in instalments)
    if not amounts:
        return [(invoice.due_on, open_minor)]
    parts = [(due_on, amount) for due_on, _, amount in amounts]
    parts[-1] = (parts[-1][0], invoice.total_minor - sum(amount for _, amount in parts[:-1]))
    return instalments_open(parts, invoice.total_minor - open_minor)


def read_instalments(session: Session, invoices: Collection[Invoice]) -> None:
    """Fills `instalments` of those invoices that have any, with one query, or none at all."""
    in_parts = {invoice.id: invoice for invoice in invoices if invoice.is_in_instalments}
    if not in_parts:
        return
    found: dict[UUID, list[Instalment]] = {id_: [] for id_ in in_parts}
    query = select(Instalment).where(Instalment.invoice_id.in_(in_parts)).order_by(Instalment.position)
    for part in session.scalars(query):
        found[part.invoice_id].append(part)
    for id_, invoice in in_parts.items():
        set_committed_value(invoice, "instalments", found[id_])


def invoices_of(
    session: Session,
    customer_id: UUID,
    today: date,
    *,
    only_open: bool = False,
    last: int | None = None,
    as_of: date | None = None,
) -> list[OpenInvoice]:
    """The customer's invoices with what is open on each; oldest due first, or the `last` few issued, newest first.

    With `as_of` they are as they stood at the end of that day, and how late they are is counted to it.
    """
    query = _invoices(only_open=only_open, is_last=last is not None, as_of=as_of)
    rows = session.execute(query, {"customer_id": customer_id, "last": last}).all()
    read_instalments(session, [invoice for invoice, _ in rows])
    return [OpenInvoice(invoice, Money(int(left), invoice.currency), as_of or today) for invoice, left in rows]


@lru_cache(maxsize=_DAYS_KEPT)
def _invoices(*, only_open: bool, is_last: bool, as_of: date | None) -> Select[Invoice, int]:
    left = open_minor(as_of=as_of)
    query = select(Invoice, left.label("open")).where(Invoice.customer_id == bindparam("customer_id"))
    query = _issued(query, as_of)
    if only_open:
        query = query.where(left > 0)
    if is_last:
        return query.order_by(Invoice.issued_on.desc(), Invoice.number.desc()).limit(bindparam("last", type_=Integer))
    return query.order_by(Invoice.due_on, Invoice.number)


def _issued(query: Select[*_Columns], as_of: date | None) -> Select[*_Columns]:
    return query if as_of is None else query.where(Invoice.issued_on <= as_of)


@dataclass(frozen=True)
class Balance:
    """What a customer owes in one currency.

    `open` is the sum still open on invoices, `overdue` the part of it past its due date, `unapplied` money and credit
    not yet set against an invoice, and `owed` what remains when that is taken off (negative: we owe the customer).
    """

    open: Money
    overdue: Money
    unapplied: Money

    @property
    def owed(self) -> Money:
        return self.open - self.unapplied


def balance_of(open_invoices: Sequence[tuple[int, date]], unapplied_minor: int, currency: str, today: date) -> Balance:
    """The balance from (open minor units, due day) per invoice and the unapplied money and credit, in one currency."""
    return Balance(
        open=Money(sum(left for left, _ in open_invoices), currency),
        overdue=Money(overdue_minor(((due_on, left) for left, due_on in open_invoices), today), currency),
        unapplied=Money(unapplied_minor, currency),
    )


def balances(session: Session, customer_id: UUID, today: date, *, as_of: date | None = None) -> list[Balance]:
    """The customer's balance in each currency there is anything in, by currency code; empty when there is nothing.

    With `as_of` it is the balance at the end of that day, by what had been issued, received, allocated and taken back
    by then, and what is overdue is counted to it.
    """
    open_invoices: dict[str, list[tuple[int, date]]] = {}
    in_instalments: list[UUID] = []
    open_now = session.execute(_open(as_of), {"customer_id": customer_id})
    for id_, currency, due_on, has_instalments, minor in open_now:
        if has_instalments:
            in_instalments.append(id_)
        else:
            open_invoices.setdefault(currency, []).append((int(minor), due_on))
    if in_instalments:
        # Few invoices have them, and asking for them together with the others costs more than all the rest.
        for part in session.execute(open_parts(Invoice.id.in_(in_instalments), as_of=as_of)):
            open_invoices.setdefault(part.currency, []).append((int(part.minor), part.due_on))
    unapplied = unapplied_of(session, customer_id, as_of=as_of)
    return [
        balance_of(open_invoices.get(currency, []), unapplied.get(currency, 0), currency, as_of or today)
        for currency in sorted(open_invoices.keys() | unapplied.keys())
    ]


@lru_cache(maxsize=_DAYS_KEPT)
def _open(as_of: date | None) -> Select[UUID, str, date, bool, int]:
    left = open_minor(as_of=as_of)
    query = select(Invoice.id, Invoice.currency, Invoice.due_on, Invoice.is_in_instalments, left)
    return _issued(query.where(Invoice.customer_id == bindparam("customer_id"), left != 0), as_of)


def unapplied_of(session: Session, customer_id: UUID, *, as_of: date | None = None) -> dict[str, int]:
    """Money and credit of the customer not set against any invoice, in minor units by currency; only what is not zero."""
    found = session.execute(_unapplied(as_of), {"customer_id": customer_id})
    return {currency: int(left) for currency, left in found if left}


@lru_cache(maxsize=_DAYS_KEPT)
def _unapplied(as_of: date | None) -> Select[str, int]:
    asked: ColumnElement[UUID] = bindparam("customer_id")
    both = _unapplied_parts(Payment.customer_id == asked, CreditNote.customer_id == asked, as_of).subquery()
    return select(both.c.currency, func.sum(both.c.minor)).group_by(both.c.currency)


def unapplied_parts(customer_ids: Collection[UUID], *, as_of: date | None = None) -> Select[UUID, str, int]:
    """Rows of (customer_id, currency, minor) for each payment and credit note of those customers: what is left of it."""
    theirs = is_one_of(Payment.customer_id, customer_ids), is_one_of(CreditNote.customer_id, customer_ids)
    return _unapplied_parts(*theirs, as_of)


def _unapplied_parts(
    whose_money: ColumnElement[bool], whose_credit: ColumnElement[bool], as_of: date | None
) -> Select[UUID, str, int]:
    money, credit = [whose_money], [whose_credit]
    if as_of is not None:
        money.append(Payment.received_on <= as_of)
        credit.append(CreditNote.issued_on <= as_of)
    both = union_all(
        select(Payment.customer_id, Payment.currency, unapplied_minor(Payment, as_of=as_of).label("minor")).where(
            *money
        ),
        select(CreditNote.customer_id, CreditNote.currency, unapplied_minor(CreditNote, as_of=as_of)).where(*credit),
    ).subquery()
    return select(both.c.customer_id, both.c.currency, both.c.minor)
