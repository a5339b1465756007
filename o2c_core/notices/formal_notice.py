"""The formal notice: a letter with legal effect about late invoices, approved by a person before it leaves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.cases.moves import Moves
from o2c_core.cases.numbers import KINDS as NUMBERINGS
from o2c_core.cases.numbers import Kind as Numbering
from o2c_core.money import Money
from o2c_core.notices.kinds import KINDS
from o2c_core.store.rows import Keyed, Row

# What was sent may turn out not to have arrived, also after a provider said it had: mail comes back. It may then be sent
# again another way. Everything else only runs forwards.
MOVES: Moves = {
    "proposed": ("approved", "refused", "withdrawn", "lapsed"),
    "approved": ("sent", "delivered", "undelivered", "withdrawn", "lapsed"),
    "sent": ("delivered", "undelivered"),
    "delivered": ("undelivered",),
    "undelivered": ("sent", "delivered"),
    "refused": (),
    "withdrawn": (),
    "lapsed": (),
}
STATES = tuple(MOVES)
# A notice nobody has decided about or sent for so long speaks of days that have gone by.
LAPSES_AFTER_DAYS = 14
# The last day is this many days after the day of receipt, in both valid wordings: fourteen days from the day after it, or
# fifteen that count it.
DEADLINE_DAYS = 14
WAYS = ("email", "post")
PROOFS = ("provider", "post", "person")


class FormalNoticeLine(Keyed, Row):
    """One late invoice, or one instalment of it (`part` 1, 2 …; 0 is the whole), with what is asked for it.

    `working` has the days, amounts and rates the interest was worked out from.
    """

    __tablename__ = "formal_notice_line"
    __table_args__ = (
        UniqueConstraint("notice_id", "invoice_id", "part"),
        CheckConstraint("principal_minor > 0", "positive"),
        Index(None, "invoice_id"),
    )

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("formal_notice.id"))
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    part: Mapped[int]
    due_on: Mapped[date]
    principal_minor: Mapped[int]
    left_out_minor: Mapped[int]
    interest_minor: Mapped[int]
    working: Mapped[list[dict[str, Any]]]


class FormalNotice(Keyed, Row):
    """What is asked is the principal, and of businesses interest and the fixed sum; `costs_minor` is only announced.

    `costs_minor` has its VAT (`vat_minor`) not in it. `interest_minor` runs to `calculated_on`, that day counted.
    `country` is the entry of the tables it was worked out by. `file` is the letter as it was sent, byte for byte.
    `received_on` is the day it was received by what `proof` says, and `deadline_on` the last day to pay without costs.
    """

    __tablename__ = "formal_notice"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        CheckConstraint(f"kind IN {tuple(KINDS)}", "kind"),
        CheckConstraint("customer_kind IN ('business', 'consumer')", "customer_kind"),
        CheckConstraint(f"state IN {STATES}", "state"),
        CheckConstraint(f"way IN {WAYS}", "way"),
        CheckConstraint(f"proof IN {PROOFS}", "proof"),
        CheckConstraint("principal_minor > 0", "positive"),
        CheckConstraint("customer_kind = 'business' OR interest_minor + fixed_minor = 0", "consumer"),
        CheckConstraint("state <> 'delivered' OR (received_on IS NOT NULL AND proof IS NOT NULL)", "proven"),
        Index(None, "customer_id"),
        Index(None, "seller_id", "state"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    number: Mapped[str]
    kind: Mapped[str]
    country: Mapped[str]
    customer_kind: Mapped[str]
    language: Mapped[str]
    wording: Mapped[str]
    state: Mapped[str] = mapped_column(default="proposed")
    currency: Mapped[str]
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    fixed_minor: Mapped[int]
    costs_minor: Mapped[int]
    vat_minor: Mapped[int]
    vat_percent: Mapped[str | None]
    percent: Mapped[str | None]
    daily_minor: Mapped[int]
    calculated_on: Mapped[date]
    why: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_role: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_why: Mapped[str | None]
    way: Mapped[str | None]
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    file_name: Mapped[str | None]
    file: Mapped[bytes | None]
    checksum: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    post_code: Mapped[str | None]
    received_on: Mapped[date | None]
    proof: Mapped[str | None]
    evidence: Mapped[str | None]
    deadline_on: Mapped[date | None]

    lines: Mapped[list[FormalNoticeLine]] = relationship(order_by=FormalNoticeLine.id, cascade="all, delete-orphan")

    @property
    def principal(self) -> Money:
        return Money(self.principal_minor, self.currency)

    @property
    def asked(self) -> Money:
        """What is to be paid now."""
        return Money(self.principal_minor + self.interest_minor + self.fixed_minor, self.currency)

    @property
    def costs_with_vat(self) -> Money:
        """What paying late would add."""
        return Money(self.costs_minor + self.vat_minor, self.currency)


NUMBERINGS["notice"] = Numbering("N-{number}", "N", FormalNotice.number, FormalNotice.seller_id)


def deadline_day(received_on: date) -> date:
    """The last day on which paying is in time: the first of the fourteen days is the day after receipt.

    Source: HR 25-11-2016, ECLI:NL:HR:2016:2704.
    """
    return received_on + timedelta(days=DEADLINE_DAYS)


def has_lapsed(notice: FormalNotice, now: datetime) -> bool:
    """Whether it waited for a person for so long that it is worked out anew instead."""
    return notice.state in ("proposed", "approved") and now - notice.proposed_at > timedelta(days=LAPSES_AFTER_DAYS)
