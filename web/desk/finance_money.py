"""Money from the bank that nobody could place: each amount with what it may be for, and how it was booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core import money
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import invoices_of
from o2c_core.invoices.allocation import OpenItem, allocate_oldest_first
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.invoices.posting import left_of, standing
from o2c_core.invoices.waiting import WaitingMoney
from o2c_core.money import Money, NotAnAmount
from o2c_core.trail import TrailLine
from web.desk.place import key_of
from web.reader import Reader

CUSTOMERS_FOUND = 12
INVOICES_SHOWN = 60
BOOKED_SHOWN = 50
# What the trail says of a transaction that does not wait any more.
_SETTLED = ("money matched", "transaction ignored", "reversal matched")
# What else may have happened in the same instant, in words.
_FOLLOWED = {
    "reminder withdrawn": "A reminder that had not left was withdrawn",
    "message withdrawn": "A message that had not left was withdrawn",
    "said payment arrived": "It is the payment the customer spoke of",
    "task done": "A task was closed",
}


@dataclass(frozen=True)
class OpenRow:
    """An open invoice of the customer whose money it may be, and how much of the money is proposed for it."""

    id: UUID
    number: str
    due_on: date
    open: Money
    proposed: str


@dataclass(frozen=True)
class SetAgainst:
    """A part of the money that was set against an invoice, and can be taken back."""

    allocation_id: UUID
    number: str
    amount: Money
    on: date


@dataclass(frozen=True)
class Settled:
    """Who said what the money is, when and by which rule, and what followed in the same instant."""

    who: str
    line: TrailLine
    followed: tuple[str, ...]


@dataclass(frozen=True)
class Looked:
    """One transaction with all somebody needs who says what it is."""

    waiting: WaitingMoney
    customer: Customer | None
    rows: Sequence[OpenRow]
    found: Sequence[Customer]
    settled: Settled | None
    against: Sequence[SetAgainst]
    left: Money | None
    payment_id: UUID | None

    @property
    def transaction(self) -> BankTransaction:
        return self.waiting.transaction

    @property
    def may_pay(self) -> bool:
        """Whether it can be booked as a customer's at all: money that came in and was not taken back."""
        return self.transaction.direction == "in" and not self.transaction.is_reversal

    @property
    def is_waiting(self) -> bool:
        return self.transaction.state == "waiting"


def looked(
    session: Session, transaction_id: UUID, reader: Reader, *, customer: str = "", words: str = "", fill: bool = False
) -> Looked | None:
    """The transaction, with the open invoices of that customer; by `words` customers are looked for."""
    transaction = session.get(BankTransaction, transaction_id)
    if transaction is None:
        return None
    suggestions = _named(session, transaction)
    whose = _customer(session, transaction, customer, suggestions)
    payment = session.get(Payment, transaction.payment_id) if transaction.payment_id else None
    left = left_of(session, payment) if payment is not None else None
    to_place = left if left is not None else Money(transaction.amount_minor, transaction.currency)
    rows = _open_rows(session, whose, transaction, suggestions, to_place, reader, fill=fill) if whose else []
    return Looked(
        WaitingMoney(transaction, suggestions),
        whose,
        rows,
        _search(session, transaction.seller_id, words) if words else [],
        _settled(session, transaction),
        _against(session, payment) if payment is not None else [],
        left,
        payment.id if payment is not None else None,
    )


def booked_lately(session: Session, seller_id: UUID) -> list[tuple[BankTransaction, str | None]]:
    """What was booked or left alone last, with whose it became."""
    query = (
        select(BankTransaction, Customer.name)
        .outerjoin(Payment, Payment.id == BankTransaction.payment_id)
        .outerjoin(Customer, Customer.id == Payment.customer_id)
        .where(BankTransaction.seller_id == seller_id, BankTransaction.state != "waiting")
        .order_by(BankTransaction.id.desc())
        .limit(BOOKED_SHOWN)
    )
    return [(transaction, name) for transaction, name in session.execute(query)]


def parts_written(
    invoices: Sequence[str], amounts: Sequence[str], currency: str, reader: Reader
) -> list[tuple[str | UUID, Money]]:
    """What somebody wrote beside each invoice (its id or number); what was left empty is not set against it.

    Raises: NotAnAmount.
    """
    parts: list[tuple[str | UUID, Money]] = []
    for invoice, written in zip(invoices, amounts, strict=False):
        if not written.strip():
            continue
        try:
            amount = money.parse(written.strip(), currency, reader.locale)
        except NotAnAmount as odd:
            example = money.show(Money.of(1240, currency), reader.locale)
            raise NotAnAmount(f"“{written.strip()}” is no amount; write it as {example}.") from odd
        if amount.minor:
            parts.append((key_of(invoice) or invoice, amount))
    return parts


def _named(session: Session, transaction: BankTransaction) -> tuple[dict[str, Any], ...]:
    """Its suggestions with whose each would be and the number of each invoice."""
    ids = {UUID(one["customer_id"]) for one in transaction.suggestions}
    if not ids:
        return ()
    query = select(Customer.id, Customer.ref, Customer.name).where(Customer.id.in_(ids))
    names = {str(id_): {"customer": ref, "name": name} for id_, ref, name in session.execute(query)}
    numbers = [part["invoice"] for one in transaction.suggestions for part in one["parts"]]
    of_numbers = select(Invoice.number, Invoice.id).where(
        Invoice.seller_id == transaction.seller_id, Invoice.number.in_(numbers)
    )
    keys = {number: str(id_) for number, id_ in session.execute(of_numbers)} if numbers else {}
    return tuple(
        one
        | names[one["customer_id"]]
        | {"parts": [part | {"id": keys[part["invoice"]]} for part in one["parts"] if part["invoice"] in keys]}
        for one in transaction.suggestions
    )


def _customer(
    session: Session, transaction: BankTransaction, ref: str, suggestions: Sequence[Mapping[str, Any]]
) -> Customer | None:
    """Whose open invoices are shown: who was chosen, whose it became, or whose it most likely is."""
    if not ref and transaction.payment_id is not None:
        query = select(Customer).join(Payment, Payment.customer_id == Customer.id)
        return session.scalars(query.where(Payment.id == transaction.payment_id)).one_or_none()
    chosen = ref or (str(suggestions[0]["customer"]) if suggestions else "")
    if not chosen:
        return None
    query = select(Customer).where(Customer.seller_id == transaction.seller_id, Customer.ref == chosen)
    return session.scalars(query).one_or_none()


def _open_rows(
    session: Session,
    customer: Customer,
    transaction: BankTransaction,
    suggestions: Sequence[Mapping[str, Any]],
    to_place: Money,
    reader: Reader,
    *,
    fill: bool,
) -> list[OpenRow]:
    found = [
        one
        for one in invoices_of(session, customer.id, reader.today, only_open=True)
        if one.invoice.currency == transaction.currency
    ][:INVOICES_SHOWN]
    if fill:
        items = [OpenItem(one.invoice.id, one.invoice.number, one.next_due_on, one.open.minor) for one in found]
        proposed = {part.invoice_id: part.minor for part in allocate_oldest_first(items, to_place.minor)}
    else:
        best = next((one for one in suggestions if one["customer"] == customer.ref), None)
        proposed = {UUID(part["id"]): int(part["minor"]) for part in best["parts"]} if best else {}
    return [
        OpenRow(
            one.invoice.id,
            one.invoice.number,
            one.next_due_on,
            one.open,
            plain(Money(proposed[one.invoice.id], one.open.currency), reader) if one.invoice.id in proposed else "",
        )
        for one in found
    ]


def plain(amount: Money, reader: Reader) -> str:
    """ "240,00": as it is written into a field."""
    return money.show_plain(amount, reader.locale).removeprefix(amount.currency).strip()


def _search(session: Session, seller_id: UUID, words: str) -> list[Customer]:
    query = (
        select(Customer)
        .where(
            Customer.seller_id == seller_id,
            or_(Customer.name.icontains(words, autoescape=True), Customer.ref.icontains(words, autoescape=True)),
        )
        .order_by(Customer.name)
        .limit(CUSTOMERS_FOUND)
    )
    return list(session.scalars(query))


def _settled(session: Session, transaction: BankTransaction) -> Settled | None:
    query = (
        select(TrailLine)
        .where(TrailLine.subject_id == transaction.id, TrailLine.what.in_(_SETTLED))
        .order_by(TrailLine.id.desc())
        .limit(1)
    )
    line = session.scalars(query).one_or_none()
    if line is None:
        return None
    # Everything one commit wrote has its number; by the customer it is found quickly.
    same = select(TrailLine).where(
        TrailLine.transaction == line.transaction, TrailLine.at == line.at, TrailLine.customer_id == line.customer_id
    )
    followed = tuple(
        f"{_FOLLOWED[one.what]}{f': {one.why}' if one.why else '.'}"
        for one in session.scalars(same.order_by(TrailLine.id))
        if one.what in _FOLLOWED
    )
    return Settled("by itself" if line.who == "system" else line.who, line, followed)


def _against(session: Session, payment: Payment) -> list[SetAgainst]:
    found = standing(session, Allocation.payment_id == payment.id)
    numbers = select(Invoice.id, Invoice.number).where(Invoice.id.in_([one.invoice_id for one in found]))
    named = {row.id: row.number for row in session.execute(numbers)}
    return [
        SetAgainst(one.id, named[one.invoice_id], Money(one.amount_minor, payment.currency), one.allocated_on)
        for one in found
    ]
