"""Settling what an invoice lacked: the rest that follows, and the task that asked for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.bank_days import banking_days_after
from o2c_core.cases.document_problem import MOVES, REST_DAYS, DocumentProblem
from o2c_core.cases.moves import Settled, move
from o2c_core.conversations.task import Task
from o2c_core.conversations.tasks import close_tasks
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.trail import note

_SAID = {"put_right": "document problem put right", "withdrawn": "document problem withdrawn"}


def about(problem: DocumentProblem) -> str:
    """What the task to put it right is about."""
    return f"document problem {problem.id}"


def settle(
    session: Session,
    problem: DocumentProblem,
    to: str,
    *,
    how: str,
    by: str,
    at: datetime,
    message_id: UUID | None = None,
) -> None:
    """Moves the problem on, closes its task and, where it was put right, gives the customer days to book the invoice.

    Raises: Settled when it was settled before.
    """
    if to not in MOVES[problem.state]:
        raise Settled(now=problem.state, asked=to)
    seller = session.get_one(Seller, problem.seller_id)
    invoice = session.get_one(Invoice, problem.invoice_id)
    day = at.astimezone(ZoneInfo(seller.time_zone)).date()
    move(problem, to, MOVES)
    problem.settled_on, problem.resolution, problem.by = day, how, by
    if to == "put_right":
        problem.rests_until = banking_days_after(day, REST_DAYS, invoice.currency, seller.country)
    close_tasks(session, "document_problem", about(problem), at=at, by=by, how=how)
    note(
        session, _SAID[to], problem, at=at, who=by, why=how, message_id=message_id,
        invoice=invoice.number, rests_until=problem.rests_until.isoformat() if problem.rests_until else None,
    )  # fmt: skip


def settle_with_task(session: Session, task: Task, *, how: str, by: str, at: datetime) -> None:
    """Whoever closes the task says with that that it was put right."""
    if task.kind != "document_problem":
        return
    key = UUID(task.about.removeprefix("document problem "))
    open_one = select(DocumentProblem).where(DocumentProblem.id == key, DocumentProblem.state == "open")
    problem = session.scalars(open_one.with_for_update(key_share=True)).one_or_none()
    if problem is not None:
        settle(session, problem, "put_right", how=how, by=by, at=at)
