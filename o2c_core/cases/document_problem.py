"""The document problem: an invoice that lacks something or never came; nobody refuses it, and it is ours to put right."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, or_
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.cases.moves import Moves
from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

# purchase_order: their number is missing on it, or is another. not_received: the invoice itself. delivery_note: the paper
# or proof of the delivery. other: any other paper or detail they cannot pay without.
KINDS = ("purchase_order", "not_received", "delivery_note", "other")
MOVES: Moves = {"open": ("put_right", "withdrawn"), "put_right": (), "withdrawn": ()}
# Who just got what was missing needs time to book it: so many banking days nobody is reminded of that invoice.
REST_DAYS = 3
# Within so many working days somebody sees to it.
DUE_WORKING_DAYS = 2


class NoSuchDocumentProblem(Refused):
    """What can be missing is the purchase order number, the invoice itself, the delivery note, or something else."""


class NothingToWaitFor(Refused):
    """Nothing is open on that invoice, so nothing has to wait for its papers."""


class DocumentProblem(Keyed, Row):
    """What an invoice lacks so that the customer can pay it. `wanted` is what should be on it or come with it.

    While it is open nobody is reminded of the invoice; nor up to and including `rests_until` once it was put right. Its
    due day stays as it is.
    """

    __tablename__ = "document_problem"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", "kind"),
        CheckConstraint(f"state IN {tuple(MOVES)}", "state"),
        CheckConstraint("(state = 'open') = (settled_on IS NULL)", "settled"),
        Index(None, "customer_id"),
        Index(
            "uq_document_problem_open", "invoice_id", "kind", unique=True, postgresql_where=sql("state = 'open'")
        ),
    )  # fmt: skip

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    kind: Mapped[str]
    wanted: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    opened_on: Mapped[date]
    settled_on: Mapped[date | None]
    rests_until: Mapped[date | None]
    resolution: Mapped[str | None]
    by: Mapped[str | None]
    channel: Mapped[str | None]
    words: Mapped[str | None]
    message_id: Mapped[UUID | None]

    def keeps_waiting(self, today: date) -> bool:
        """Whether nobody is reminded of the invoice on that day; the last day of rest still counts."""
        if self.state == "open":
            return self.opened_on <= today
        return self.state == "put_right" and self.rests_until is not None and today <= self.rests_until


def waiting_on(today: date) -> ColumnElement[bool]:
    """The same as `keeps_waiting`, for a query."""
    return or_(
        and_(DocumentProblem.state == "open", DocumentProblem.opened_on <= today),
        and_(DocumentProblem.state == "put_right", DocumentProblem.rests_until >= today),
    )


def check_document_problem(kind: str, open_minor: int) -> None:
    """Raises: NoSuchDocumentProblem; NothingToWaitFor."""
    if kind not in KINDS:
        raise NoSuchDocumentProblem(kind=kind)
    if open_minor <= 0:
        raise NothingToWaitFor(kind=kind)
