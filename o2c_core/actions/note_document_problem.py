"""Note what an invoice lacks, so that somebody puts it right; nobody is reminded of that invoice until then."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.collectable import collectable
from o2c_core.cases.complaint import answer_day
from o2c_core.cases.document_problem import DUE_WORKING_DAYS, DocumentProblem, check_document_problem
from o2c_core.clock import today
from o2c_core.conversations.document_problems import about as about_problem
from o2c_core.conversations.tasks import due_at, open_task, owner_of
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

WORDS_CHARACTERS_MAX = 2000
WANTED_CHARACTERS_MAX = 100
_WHY = {
    "purchase_order": "The customer cannot book the invoice without their purchase order number on it. Put it right and send it.",
    "not_received": "The customer says the invoice never came. See to it that they have it.",
    "delivery_note": "The customer cannot pay without the delivery note or the proof of delivery. Send it.",
    "other": "The invoice lacks something the customer needs to pay it. See what it is, and put it right.",
}


@dataclass(frozen=True)
class Lack:
    """What the customer says is missing; `wanted` is what should be there, for instance their purchase order number."""

    customer_id: UUID
    invoice_id: UUID
    kind: str
    wanted: str | None = None
    channel: str | None = None
    words: str | None = None
    message_id: UUID | None = None


def note_document_problem(lack: Lack, *, store: Store, by: str = "customer") -> DocumentProblem:
    """The open problem, with a task for its owner. The same one about the same invoice is found; what is wanted of it may
    be said later and is added. Told in the same message again it is found whatever has become of it.

    Raises: NotFound when the invoice is not this customer's; NoSuchDocumentProblem; NothingToWaitFor.
    """
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two of the same take turns.
        found = collectable(session, Invoice.id == lack.invoice_id, Invoice.customer_id == lack.customer_id, lock=True)
        if not found:
            raise NotFound(invoice=str(lack.invoice_id))
        told = _told(session, lack)
        if told is not None:
            return told
        (about,) = found
        check_document_problem(lack.kind, about.open_minor)
        invoice = about.invoice
        seller = session.get_one(Seller, invoice.seller_id)
        day = today(store.clock, seller.time_zone)
        wanted = lack.wanted[:WANTED_CHARACTERS_MAX] if lack.wanted else None
        same = select(DocumentProblem).where(
            DocumentProblem.invoice_id == invoice.id, DocumentProblem.kind == lack.kind, DocumentProblem.state == "open"
        )
        problem = session.scalars(same).one_or_none()
        is_new = problem is None
        if problem is None:
            problem = DocumentProblem(
                seller_id=invoice.seller_id, customer_id=invoice.customer_id, invoice_id=invoice.id, kind=lack.kind,
                state="open", opened_at=now, opened_on=day, channel=lack.channel, message_id=lack.message_id,
                words=lack.words[:WORDS_CHARACTERS_MAX] if lack.words else None,
            )  # fmt: skip
            session.add(problem)
        is_told_more = wanted is not None and problem.wanted != wanted
        problem.wanted = wanted or problem.wanted
        session.flush()
        task = open_task(
            session, "document_problem", about_problem(problem), _WHY[lack.kind], at=now,
            seller_id=seller.id, customer_id=invoice.customer_id, message_id=lack.message_id,
            owner=owner_of(seller, "document_problem"), due_at=due_at(seller, answer_day(day, DUE_WORKING_DAYS)),
            invoice=invoice.number, what=lack.kind, wanted=problem.wanted,
        )  # fmt: skip
        if is_new or is_told_more:
            task.details = task.details | {"wanted": problem.wanted}
            note(
                session, "document problem opened" if is_new else "document problem told more", problem, at=now, who=by,
                why=lack.kind, message_id=lack.message_id, invoice=invoice.number, wanted=problem.wanted,
            )  # fmt: skip
        withdraw_overtaken(session, invoice.customer_id, now)
        session.commit()
        return problem


def _told(session: Session, lack: Lack) -> DocumentProblem | None:
    if lack.message_id is None:
        return None
    same = select(DocumentProblem).where(
        DocumentProblem.invoice_id == lack.invoice_id,
        DocumentProblem.kind == lack.kind,
        DocumentProblem.message_id == lack.message_id,
    )
    told = session.scalars(same.order_by(DocumentProblem.id.desc()).limit(1)).one_or_none()
    return None if told is not None and told.state == "open" and told.wanted != lack.wanted else told
