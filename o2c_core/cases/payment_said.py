"""The payment somebody says they made: asked for by nobody while it is under way, found when it arrives, traced when not."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    Select,
    case,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.cases.bank_days import banking_days_after
from o2c_core.cases.moves import Moves
from o2c_core.invoices.account import open_minor, unapplied_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

STATES = ("open", "arrived", "not_arrived", "replaced")
# Money that was looked for may still come; what has arrived stays so, also when the bank takes it back later.
MOVES: Moves = {
    "open": ("arrived", "not_arrived", "replaced"),
    "not_arrived": ("arrived", "replaced"),
    "arrived": (),
    "replaced": (),
}
# So long a person has to look for money that should be here by what was said, before it is asked for again.
LOOKING_DAYS = 1
# Who has said so often that they paid, and nothing came, is not believed for days once more: a person looks at once.
SAID_AGAIN_MAX = 1
# A payment of so many days before the day they name can be the one they mean.
EARLIER_DAYS = 3
# Without a day, one of so many days before they said so can be.
EARLIER_UNDATED_DAYS = 10


class SaidInvoice(Row):
    """An invoice somebody says they paid."""

    __tablename__ = "said_invoice"
    __table_args__ = (Index(None, "invoice_id"),)

    payment_said_id: Mapped[UUID] = mapped_column(ForeignKey("payment_said.id"), primary_key=True)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"), primary_key=True)


class PaymentSaid(Keyed, Row):
    """What a customer says they paid, and when; without invoices it is about the account.

    `amount_minor` is what has to arrive: what they named, else what was open. Up to and including `until_on` nobody is
    reminded of it. `proof_file_id` is the received file they sent along. `traced_on` is the day somebody was asked to
    look for it, `settled_on` the day it was found to have arrived or not.
    """

    __tablename__ = "payment_said"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", "state"),
        CheckConstraint("amount_minor > 0", "positive"),
        Index(None, "customer_id"),
        Index(
            "ix_payment_said_open", "seller_id", "until_on", postgresql_where=sql("state IN ('open', 'not_arrived')")
        ),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    paid_on: Mapped[date | None]
    said_on: Mapped[date]
    until_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="open")
    said_at: Mapped[datetime]
    traced_on: Mapped[date | None]
    settled_on: Mapped[date | None]
    channel: Mapped[str | None]
    words: Mapped[str | None]
    message_id: Mapped[UUID | None]
    proof_file_id: Mapped[UUID | None]

    invoices: Mapped[list[SaidInvoice]] = relationship(cascade="all, delete-orphan")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def waits_until(
    paid_on: date | None, today: date, transfer_days: int, currency: str, country: str, *, is_doubted: bool = False
) -> date:
    """The last day on which it is waited for: so many banking days after the day they name, or after today without one.

    What should be here already is looked for during a short while, in which nobody is reminded of it either. Units: days
    are those where the seller is.
    """
    looked_for = banking_days_after(today, LOOKING_DAYS, currency, country)
    if is_doubted:
        return looked_for
    return max(banking_days_after(paid_on or today, transfer_days, currency, country), looked_for)


def should_be_here(paid_on: date | None, today: date, transfer_days: int, currency: str, country: str) -> bool:
    """Whether money paid on that day would have arrived before today."""
    return paid_on is not None and banking_days_after(paid_on, transfer_days, currency, country) < today


def said_state(said: PaymentSaid, came_minor: int, left_minor: int, today: date) -> str:
    """The state it is in on that day: arrived as soon as the money is there or nothing is open any more, not arrived once
    its last day is over.

    `came_minor` is what came since, less what was taken back again. Units: `today` is the day where the seller is.
    """
    if "arrived" not in MOVES[said.state]:
        return said.state
    if came_minor >= said.amount_minor or left_minor <= 0:
        return "arrived"
    return "not_arrived" if today > said.until_on else said.state


def _names_invoices() -> ColumnElement[bool]:
    return exists().where(SaidInvoice.payment_said_id == PaymentSaid.id).correlate(PaymentSaid)


def came_for_said() -> ColumnElement[int]:
    """What came since for the row of the enclosing query, in minor units: what was set against its invoices after it was
    said, less what was taken back, and money of theirs that waits to be set against something.

    About the account, whatever was set against any invoice of theirs counts.
    """
    by_payment = (
        select(func.sum(Allocation.amount_minor).label("came"))
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(
            Payment.customer_id == PaymentSaid.customer_id,
            Payment.currency == PaymentSaid.currency,
            # Bank files are booked on days gone by, so the order of the keys counts, and not the day.
            Allocation.id > PaymentSaid.id,
            ~_names_invoices() | Allocation.invoice_id.in_(_their_invoices()),
        )
        .group_by(Allocation.payment_id)
        .correlate(PaymentSaid)
        .lateral()
    )
    set_against = select(func.coalesce(func.sum(func.greatest(by_payment.c.came, 0)), 0)).correlate(PaymentSaid)
    earliest = case(
        (PaymentSaid.paid_on.is_not(None), PaymentSaid.paid_on - cast(EARLIER_DAYS, Integer)),
        else_=PaymentSaid.said_on - cast(EARLIER_UNDATED_DAYS, Integer),
    )
    waiting = (
        select(func.coalesce(func.sum(func.greatest(unapplied_minor(Payment), 0)), 0))
        .where(
            Payment.customer_id == PaymentSaid.customer_id,
            Payment.currency == PaymentSaid.currency,
            Payment.received_on >= cast(earliest, Date),
        )
        .correlate(PaymentSaid)
    )
    return set_against.scalar_subquery() + waiting.scalar_subquery()


def open_for_said() -> ColumnElement[int]:
    """What is still open on what the row of the enclosing query is about, in minor units."""
    left = func.coalesce(func.sum(func.greatest(open_minor(), 0)), 0)
    named = select(left).where(Invoice.id.in_(_their_invoices())).correlate(PaymentSaid).scalar_subquery()
    everything = (
        select(left)
        .where(Invoice.customer_id == PaymentSaid.customer_id, Invoice.currency == PaymentSaid.currency)
        .correlate(PaymentSaid)
        .scalar_subquery()
    )
    return case((_names_invoices(), named), else_=everything)


def _their_invoices() -> Select[UUID]:
    return select(SaidInvoice.invoice_id).where(SaidInvoice.payment_said_id == PaymentSaid.id).correlate(PaymentSaid)
