"""The dispute: a customer's objection to an invoice; what is not disputed stays due."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.cases.moves import Moves
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

REASONS = (
    "PRICE", "QTY_SHORT", "QTY_OVER", "DAMAGED", "NOT_RECEIVED", "LATE", "QUALITY", "RETURNED", "DUPLICATE", "WRONG_PO",
    "MISSING_POD", "WRONG_ADDRESS", "TAX", "FREIGHT", "DISCOUNT", "NOT_ORDERED", "CREDIT_MISSING", "SERVICE",
    "FRAUD_CLAIM", "OTHER",
)  # fmt: skip
OUTCOMES = ("credited", "part_credited", "valid_as_billed", "written_off", "withdrawn")
MOVES: Moves = {"open": ("resolved",), "resolved": ()}
ANSWER_WORKING_DAYS = 5


class UnknownReason(Refused):
    """That is not a reason for a dispute; use one of the reason codes, or OTHER."""


class AlreadyPaid(Refused):
    """A payment we have not found is traced, not disputed: say when, how much and from which account it was paid."""


class ClaimTooLarge(Refused):
    """What is objected to is more than there is on that line, or more than is open and not yet disputed."""


class DisputeLine(Keyed, Row):
    """What is objected to on one line of the invoice: how many of it, or how much."""

    __tablename__ = "dispute_line"
    __table_args__ = (
        UniqueConstraint("dispute_id", "invoice_line_id"),
        CheckConstraint("amount_minor > 0", "positive"),
    )

    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    invoice_line_id: Mapped[UUID] = mapped_column(ForeignKey("invoice_line.id"))
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(14, 3))
    amount_minor: Mapped[int]


class Dispute(Keyed, Row):
    """An objection to an amount of one invoice. `number` is what the customer is told, for instance D-118.

    `cause` is one of causes.CAUSES, said when it is resolved, and `cause_about` what it names (an article, a carrier).
    """

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        Index(
            "ix_dispute_number_found",
            "seller_id",
            func.lower(literal_column("number")).label("begins"),
            postgresql_ops={"begins": "text_pattern_ops"},
        ),
        CheckConstraint("state IN ('open', 'resolved')", "state"),
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint(f"outcome IN {OUTCOMES}", "outcome"),
        Index(None, "invoice_id"),
        Index(None, "customer_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    number: Mapped[str]
    reason: Mapped[str]
    description: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    message_id: Mapped[UUID | None]
    owner: Mapped[str | None]
    answer_by: Mapped[date | None]
    outcome: Mapped[str | None]
    cause: Mapped[str | None]
    cause_about: Mapped[str | None]
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))
    write_off_id: Mapped[UUID | None] = mapped_column(ForeignKey("write_off.id"))

    lines: Mapped[list[DisputeLine]] = relationship(order_by=DisputeLine.id, cascade="all, delete-orphan")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def cycle(self) -> timedelta | None:
        """How long it took from the objection to the outcome; None while it is open."""
        return self.resolved_at - self.opened_at if self.resolved_at else None


def check_reason(code: str) -> None:
    """Raises: AlreadyPaid, since a missing payment is traced; UnknownReason for what is not in the list."""
    if code == "ALREADY_PAID":
        raise AlreadyPaid
    if code not in REASONS:
        raise UnknownReason(reason=code)


def line_minor(line: InvoiceLine, invoice: Invoice) -> int:
    """The line with its tax. Where the line names no rate, the invoice's tax is spread evenly over its net amounts."""
    if line.tax_rate is not None:
        return line.amount_minor + _rounded(line.amount_minor * line.tax_rate / 100)
    if invoice.net_minor == 0:
        return line.amount_minor
    return _rounded(Decimal(line.amount_minor) * invoice.total_minor / invoice.net_minor)


def claimed_minor(
    whole_minor: int, whole: Decimal, quantity: Decimal | None, amount_minor: int | None, taken_minor: int = 0
) -> int:
    """What is objected to on a line of `whole` pieces that costs `whole_minor`, tax included.

    A quantity alone is its share of the line; an amount alone is that amount; with both, the amount may not be more
    than that many pieces cost; with neither it is all that other disputes (`taken_minor`) have left.

    Raises: ClaimTooLarge, also for nothing at all.
    """
    left = whole_minor - taken_minor
    share = left
    if quantity is not None:
        if not 0 < quantity <= whole:
            raise ClaimTooLarge(quantity=str(quantity), line=str(whole))
        share = _rounded(whole_minor * quantity / whole)
    claimed = share if amount_minor is None else amount_minor
    if not 0 < claimed <= min(share, left):
        raise ClaimTooLarge(claimed=claimed, left=left)
    return claimed


def _rounded(minor: Decimal) -> int:
    return int(minor.quantize(Decimal(1), ROUND_HALF_UP))


def undisputed(open_: Money, disputed: Money) -> Money:
    """What may still be asked for: what is open less what is disputed, never below zero."""
    return max(open_ - disputed, Money.zero(open_.currency))
