"""Cases that are over, kind by kind: which of them still have words that have been kept long enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.promise import Promise
from o2c_core.privacy.holdings import holdings
from o2c_core.privacy.traces import ERASED

_DONE = ("", ERASED)


def cases_over(seller_id: UUID, before: date) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """The tables with cases in them, and which rows of the seller's were over before that day and have words left."""
    moment = datetime(before.year, before.month, before.day, tzinfo=UTC)
    problem = (DocumentProblem.words, DocumentProblem.wanted, DocumentProblem.resolution)
    # Finance's rules stand beside this room and not below it, so their tables are found by name.
    fired, asked = holdings()["escalation"].table.c, holdings()["approval"].table.c
    over: dict[str, ColumnElement[bool]] = {
        "dispute": and_(Dispute.state != "open", Dispute.resolved_at < moment, Dispute.description.not_in(_DONE)),
        "complaint": and_(Complaint.state != "open", Complaint.resolved_at < moment, Complaint.about.not_in(_DONE)),
        "promise": and_(Promise.state != "open", Promise.made_at < moment, Promise.words.not_in(_DONE)),
        "hold": and_(Hold.until_on < before, Hold.reason.not_in(_DONE)),
        "payment_said": and_(
            PaymentSaid.state != "open", PaymentSaid.said_at < moment, PaymentSaid.words.not_in(_DONE)
        ),
        "document_problem": and_(
            DocumentProblem.state != "open",
            DocumentProblem.settled_on < before,
            or_(*(words.not_in(_DONE) for words in problem)),
        ),
        "escalation": and_(
            fired.ended_at < moment,
            or_(fired.ended_why.not_in(_DONE), fired.closed_how.not_in(_DONE)),
        ),
        "approval": and_(
            asked.state != "waiting", asked.asked_at < moment, or_(asked.subject.not_in(_DONE), asked.why.not_in(_DONE))
        ),
    }  # fmt: skip
    for name, which in over.items():
        yield name, and_(holdings()[name].table.c.seller_id == seller_id, which)
