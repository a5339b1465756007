"""The promise to pay: an amount by a day, kept or broken by money that arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.cases.moves import Moves
from o2c_core.errors import Refused
from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

STATES = ("open", "kept", "broken", "replaced")
MOVES: Moves = {"open": ("kept", "broken", "replaced"), "kept": (), "broken": (), "replaced": ()}
GRACE_DAYS = 2


class PromisedInThePast(Refused):
    """A promise is about a day that has not gone by yet."""


class PromisedTooFar(Refused):
    """That day is further away than may be agreed; an earlier one can be, or a person looks at it."""


class PromisedTooOften(Refused):
    """Another day has been agreed as often as may be; a person looks at it now."""


class PromisedInvoice(Row):
    """An invoice a promise is about."""

    __tablename__ = "promised_invoice"
    __table_args__ = (Index(None, "invoice_id"),)

    promise_id: Mapped[UUID] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"), primary_key=True)


class Promise(Keyed, Row):
    """What a customer said they will pay and by when. Without invoices it is about the account.

    `grace_days` calendar days after `promised_on` still count. `settled_on` is the day it was found kept or broken. A kept
    promise stays kept; `undone_on` is the day its money was found to be gone again.
    """

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", "state"),
        CheckConstraint("amount_minor > 0", "positive"),
        Index(None, "customer_id"),
        Index("ix_promise_open", "seller_id", "promised_on", postgresql_where=text("state = 'open'")),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    promised_on: Mapped[date]
    grace_days: Mapped[int] = mapped_column(default=GRACE_DAYS)
    state: Mapped[str] = mapped_column(default="open")
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    settled_on: Mapped[date | None]
    undone_on: Mapped[date | None]
    channel: Mapped[str | None]
    words: Mapped[str | None]
    message_id: Mapped[UUID | None]

    invoices: Mapped[list[PromisedInvoice]] = relationship(cascade="all, delete-orphan")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def until_on(self) -> date:
        """The last day, grace included, on which the money is in time."""
        return self.promised_on + timedelta(days=self.grace_days)


def promise_state(promise: Promise, paid_minor: int, today: date, *, left_minor: int | None = None) -> str:
    """The state an open promise is in on that day: until its last day is over it is open, and then kept or broken.

    Money that is there may be taken back until then, so nothing is kept before. `paid_minor` is the money that counts,
    less what was taken back; `left_minor` what is still open on what was promised: where nothing is, nobody broke their
    word. A promise that was settled stays as it is. Units: `today` is the day where the seller is.
    Source: docs/decisions/0029-kept-is-said-when-the-day-is-over.md
    """
    if promise.state != "open" or today <= promise.until_on:
        return promise.state
    if paid_minor >= promise.amount_minor or (left_minor is not None and left_minor <= 0):
        return "kept"
    return "broken"


def is_undone(promise: Promise, paid_minor: int, left_minor: int) -> bool:
    """Whether the money of a kept promise is gone again and something is open that it paid; said once."""
    is_kept = promise.state == "kept" and promise.undone_on is None
    return is_kept and paid_minor < promise.amount_minor and left_minor > 0


def check_day(
    promised_on: date, *, earliest: date, today: date, due_on: date, days_max: int, again: int, again_max: int
) -> None:
    """Whether that day may be agreed on: at most `days_max` days after the due day, or after today when that is later.

    `again` counts the promises made before about the same.

    Raises: PromisedInThePast; PromisedTooFar; PromisedTooOften.
    """
    if promised_on < earliest:
        raise PromisedInThePast(promised_on=promised_on)
    if promised_on > max(due_on, today) + timedelta(days=days_max):
        raise PromisedTooFar(promised_on=promised_on, days_max=days_max)
    if again > again_max:
        raise PromisedTooOften(again=again, again_max=again_max)


@dataclass(frozen=True)
class Awaited:
    """What is still to come of a promise; without `invoice_ids` it is for whatever is open."""

    left_minor: int
    promised_on: date
    until_on: date
    invoice_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Covered:
    """The part of an invoice that is not asked for because it was promised, by which day and until when it waits."""

    minor: int
    promised_on: date
    until_on: date


def cover(promises: Sequence[Awaited], free: Sequence[tuple[UUID, int]]) -> dict[UUID, Covered]:
    """What those promises cover of each invoice, given as (id, open and undisputed minor units), oldest due first.

    Money fills the oldest invoice first, so what was promised does too; the promise for the earliest day goes first.
    """
    covered: dict[UUID, Covered] = {}
    for promise in sorted(promises, key=lambda promise: promise.promised_on):
        left = promise.left_minor
        for invoice_id, free_minor in free:
            before = covered.get(invoice_id)
            room = free_minor - (before.minor if before else 0)
            taken = min(left, room)
            if taken <= 0 or (promise.invoice_ids and invoice_id not in promise.invoice_ids):
                continue
            left -= taken
            covered[invoice_id] = (
                Covered(before.minor + taken, before.promised_on, min(before.until_on, promise.until_on))
                if before
                else Covered(taken, promise.promised_on, promise.until_on)
            )
    return covered
