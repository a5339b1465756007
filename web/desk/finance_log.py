"""Every message that went out, to whom, and why each of them was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.informing.informed import Informed
from o2c_core.invoices.invoice import Invoice
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.reminders.ladders.summary import when
from o2c_core.reminders.reminder import Reminder
from web.outbox import CHANNELS_OUT, Letter

SHOWN = 50
# So many customers may bear a name that is looked for; who means one of more than that writes more of it.
CUSTOMERS_MAX = 200
# What each purpose is called, for whoever filters by it.
PURPOSES = {
    "reminder": "Reminder",
    "notice": "News of an order, invoice or case",
    "answer": "Answer",
    "document": "Document",
    "code": "One-time code",
    "confirmation": "Confirmation",
    "rating": "Question how it was",
}
_STEPS = {
    "order_confirmed": "the order was confirmed",
    "shipped": "goods left",
    "delayed": "goods come later than was said",
    "delivered": "goods arrived",
    "invoice_issued": "an invoice was issued",
    "payment_received": "money came in",
    "credit_issued": "a credit note was issued",
    "hold_ended": "a hold ended",
}
_PLAINLY = {
    "code": "They asked for a one-time code to show who they are.",
    "confirmation": "They are told what was recorded.",
    "rating": "They are asked how it was, once, after it was resolved.",
    "document": "They asked for a document, or it goes along with a letter.",
}
_NUMBERS_NAMED = 3
_WORDS_QUOTED = 70


@dataclass(frozen=True)
class Sought:
    """Which messages somebody looks for: of a customer, a channel, a purpose, a state, and older than which."""

    words: str = ""
    channel: str = ""
    purpose: str = ""
    state: str = ""
    before: UUID | None = None

    def asked(self) -> dict[str, str]:
        """The same as an address says it."""
        said = {"q": self.words, "channel": self.channel, "purpose": self.purpose, "state": self.state}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Entry:
    """One message of the log, with why it was written."""

    letter: Letter
    customer_ref: str | None
    why: str


def log(session: Session, seller_id: UUID, sought: Sought, limit: int = SHOWN) -> list[Entry]:
    """The newest messages first, one more than `limit` when there are more."""
    rows = session.execute(log_query(session, seller_id, sought).limit(limit + 1)).all()
    whys = why_written(session, [(message, customer_id) for message, customer_id, *_ in rows])
    return [
        Entry(Letter(message, name or "Somebody we do not know"), ref, whys[message.id])
        for message, _, name, ref in rows
    ]


def log_query(session: Session, seller_id: UUID, sought: Sought) -> Select[Message, UUID | None, str, str]:
    """Keys are ordered by time, so that each page is read off an index from where the one before it ended."""
    query = (
        select(Message, Conversation.customer_id, Customer.name, Customer.ref)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .where(Message.direction == "out", Conversation.seller_id == seller_id)
        .order_by(Message.id.desc())
    )
    # Without a channel those that leave the house; with one exactly that, so that its own index serves.
    query = query.where(Message.channel == sought.channel if sought.channel else Message.channel.in_(CHANNELS_OUT))
    if sought.purpose:
        query = query.where(Message.purpose == sought.purpose)
    if sought.state:
        query = query.where(Message.delivery == sought.state)
    if sought.before is not None:
        query = query.where(Message.id < sought.before)
    if sought.words:
        query = query.where(Conversation.customer_id.in_(_customers(session, seller_id, sought.words)))
    return query


def why_written(session: Session, messages: Sequence[tuple[Message, UUID | None]]) -> dict[UUID, str]:
    """Why each of those messages was written, in a sentence; the few queries are the same for one and for many."""
    ids = [message.id for message, _ in messages]
    customers = {customer_id for _, customer_id in messages if customer_id is not None}
    found = _reminded(session, ids, customers) | _informed(session, ids) | _noticed(session, ids)
    answered = [message.answers_id for message, _ in messages if message.answers_id is not None]
    asked = (
        {
            id_: " ".join(text.split())
            for id_, text in session.execute(select(Message.id, Message.text).where(Message.id.in_(answered)))
        }
        if answered
        else {}
    )
    return {message.id: found.get(message.id) or _otherwise(message, asked) for message, _ in messages}


def _otherwise(message: Message, asked: dict[UUID, str]) -> str:
    if message.instead_of_id is not None:
        return "An earlier one did not arrive; this went another way instead."
    by = "" if message.author in ("assistant", "system") else f"{message.author} wrote it. "
    words = asked.get(message.answers_id) if message.answers_id is not None else None
    if words:
        quoted = words if len(words) <= _WORDS_QUOTED else f"{words[:_WORDS_QUOTED].rstrip()}…"
        return f"{by}It answers “{quoted}”."
    if message.purpose == "answer":
        return by.strip() or "It answers the customer."
    return _PLAINLY.get(message.purpose, by.strip() or "Nothing more is on record.")


def _reminded(session: Session, ids: Sequence[UUID], customers: set[UUID]) -> dict[UUID, str]:
    """The step each reminder took, of which ladder, for which invoices. By the customer they are found quickly."""
    if not customers:
        return {}
    query = (
        select(Reminder, Invoice.number)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(Reminder.customer_id.in_(customers), Reminder.message_id.in_(ids))
        .order_by(Reminder.message_id, Reminder.days.desc(), Invoice.due_on, Invoice.number)
    )
    steps: dict[UUID, tuple[Reminder, list[str]]] = {}
    for reminder, number in session.execute(query):
        numbers = steps.setdefault(reminder.message_id, (reminder, []))[1]
        if number not in numbers:
            numbers.append(number)
    return {
        id_: f"{when(step.days)}, ladder {step.ladder}, version {step.ladder_version}: {_listed(numbers)}."
        for id_, (step, numbers) in steps.items()
    }


def _informed(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    query = select(Informed.message_id, Informed.step).where(Informed.message_id.in_(ids)).order_by(Informed.id)
    steps: dict[UUID, list[str]] = {}
    for message_id, step in session.execute(query):
        assert message_id is not None, "by the query"
        said = steps.setdefault(message_id, [])
        if _STEPS[step] not in said:
            said.append(_STEPS[step])
    return {id_: f"{', '.join(said)}.".capitalize() for id_, said in steps.items()}


def _noticed(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    query = select(FormalNotice.message_id, FormalNotice.number, FormalNotice.approved_by).where(
        FormalNotice.message_id.in_(ids)
    )
    return {
        message_id: f"Formal notice {number}, approved by {by}."
        for message_id, number, by in session.execute(query)
        if message_id is not None
    }


def _customers(session: Session, seller_id: UUID, words: str) -> list[UUID]:
    query = select(Customer.id).where(
        Customer.seller_id == seller_id,
        or_(Customer.name.icontains(words, autoescape=True), Customer.ref.icontains(words, autoescape=True)),
    )
    return list(session.scalars(query.order_by(Customer.name).limit(CUSTOMERS_MAX)))


def _listed(numbers: Sequence[str]) -> str:
    named = ", ".join(numbers[:_NUMBERS_NAMED])
    more = len(numbers) - _NUMBERS_NAMED
    return f"{named} and {more} more" if more > 0 else named
