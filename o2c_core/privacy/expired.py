"""What has been kept long enough, kind by kind: one batch of it is looked up and dealt with at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, delete, exists, func, or_, select, table, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.integrations.api_key import ApiKey, IdempotentCall
from o2c_core.integrations.webhook import WebhookDelivery, WebhookEndpoint
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.bank import BankStatement, BankTransaction
from o2c_core.invoices.invoice import CreditNote, Invoice, InvoiceLine
from o2c_core.invoices.payment import Payment
from o2c_core.orders.order import Order, OrderLine
from o2c_core.orders.shipment import Shipment, ShipmentLine
from o2c_core.privacy.came_in import forget_what_came, is_done_task, is_old_code, is_old_word
from o2c_core.privacy.erasing import erase_rows
from o2c_core.privacy.holdings import holdings
from o2c_core.privacy.over import cases_over
from o2c_core.privacy.settled import delete_book, settled_book
from o2c_core.privacy.traces import ERASED, Traces
from o2c_core.reminders.reminder import Reminder, ReminderDecision, ReminderSkip
from o2c_core.store.rows import Row
from o2c_core.trail import TrailLine

BATCH = 500
SOMEBODY = "somebody"
_NOBODY = Traces("somebody")
_DONE = ("", ERASED)
_ROLES_SHOWN = ("assistant", "customer", "system", SOMEBODY)
_GAP = table("gap", column("id"), column("last_asked_at"))


@dataclass(frozen=True)
class Done:
    """How many were dealt with in a batch, and where the next one begins; `after` is None when there is no more."""

    count: int
    after: UUID | None


# Deals with one batch of a seller's, from that place on, of what is of before that day.
Step = Callable[[Session, UUID, date, UUID | None], Done]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _after(ids: Sequence[UUID]) -> UUID | None:
    return ids[-1] if len(ids) == BATCH else None


def _some(session: Session, query: Select[Any], key: Any, after: UUID | None) -> list[UUID]:
    """The next ids of the query, in the order of the key, which is that of time."""
    if after is not None:
        query = query.where(key > after)
    return list(session.scalars(query.order_by(key).limit(BATCH)))


def _emptying(of: type[Row], which: Callable[[UUID, date], ColumnElement[bool]]) -> Step:
    def step(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
        key: Any = of.__table__.c.id
        ids = _some(session, select(key).where(which(seller_id, before)), key, after)
        return Done(erase_rows(session, of.__tablename__, ids, _NOBODY), _after(ids))

    return step


def _deleting(of: type[Row], which: Callable[[UUID, date], ColumnElement[bool]]) -> Step:
    def step(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
        key: Any = of.__table__.c.id
        ids = _some(session, select(key).where(which(seller_id, before)), key, after)
        session.execute(delete(of).where(key.in_(ids)), execution_options={"synchronize_session": False})
        return Done(len(ids), _after(ids))

    return step


def _bookkeeping(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    here = Customer.seller_id == seller_id
    old = or_(
        exists().where(Invoice.customer_id == Customer.id, Invoice.issued_on < before),
        exists().where(Payment.customer_id == Customer.id, Payment.received_on < before),
        exists().where(CreditNote.customer_id == Customer.id, CreditNote.issued_on < before),
    )
    customers = _some(session, select(Customer.id).where(here, old).with_for_update(key_share=True), Customer.id, after)
    count = 0
    for customer_id in customers:
        book = settled_book(session, customer_id, before)
        if book:
            erase_rows(session, "message", delete_book(session, book), _NOBODY)
            count += len(book)
    return Done(count, _after(customers))


def _orders(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    lines = select(OrderLine.id).where(OrderLine.order_id == Order.id)
    query = select(Order.id).where(
        Order.seller_id == seller_id,
        Order.ordered_on < before,
        ~exists().where(Invoice.order_id == Order.id),
        ~exists().where(InvoiceLine.order_line_id.in_(lines)),
        ~exists().where(Complaint.order_id == Order.id, Complaint.state == "open"),
    )
    ids = _some(session, query, Order.id, after)
    shipments = select(Shipment.id).where(Shipment.order_id.in_(ids))
    session.execute(update(Complaint).where(Complaint.order_id.in_(ids)).values(order_id=None))
    session.execute(delete(ShipmentLine).where(ShipmentLine.shipment_id.in_(shipments)))
    session.execute(delete(Shipment).where(Shipment.order_id.in_(ids)))
    session.execute(delete(OrderLine).where(OrderLine.order_id.in_(ids)))
    session.execute(delete(Order).where(Order.id.in_(ids)))
    return Done(len(ids), _after(ids))


def _statements(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    empty = _deleting(BankStatement, _is_empty_statement)
    looked = _bank_transactions(session, seller_id, before, after)
    if looked.after is not None:
        return looked
    gone = empty(session, seller_id, before, None)
    return Done(looked.count + gone.count, None)


def _is_empty_statement(seller_id: UUID, before: date) -> ColumnElement[bool]:
    return and_(
        BankStatement.seller_id == seller_id,
        func.coalesce(BankStatement.to_on, func.date(BankStatement.imported_at)) < before,
        ~exists().where(BankTransaction.bank_statement_id == BankStatement.id),
    )


_bank_transactions = _deleting(
    BankTransaction,
    lambda seller_id, before: and_(
        BankTransaction.seller_id == seller_id,
        BankTransaction.booked_on < before,
        BankTransaction.payment_id.is_(None),
        BankTransaction.state != "waiting",
    ),
)


def _reminders(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    query = (
        select(Reminder.id)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(Invoice.seller_id == seller_id, Reminder.on < before, open_minor() == 0)
    )
    ids = _some(session, query, Reminder.id, after)
    written = list(session.scalars(select(Reminder.message_id).where(Reminder.id.in_(ids)).distinct()))
    session.execute(delete(Reminder).where(Reminder.id.in_(ids)))
    still = set(session.scalars(select(Reminder.message_id).where(Reminder.message_id.in_(written))))
    erase_rows(session, "message", [id_ for id_ in written if id_ not in still], _NOBODY)
    if len(ids) == BATCH:
        return Done(len(ids), ids[-1])
    # What was decided and left out goes after them, from the beginning each time: what is gone is not found again.
    old = [
        _deleting(of, which)(session, seller_id, before, None).count
        for of, which in ((ReminderDecision, _is_old_decision), (ReminderSkip, _is_old_skip))
    ]
    return Done(len(ids) + sum(old), UUID(int=2**128 - 1) if BATCH in old else None)


def _is_old_decision(seller_id: UUID, before: date) -> ColumnElement[bool]:
    return and_(ReminderDecision.seller_id == seller_id, ReminderDecision.on < before)


def _is_old_skip(seller_id: UUID, before: date) -> ColumnElement[bool]:
    done_with = select(Invoice.id).where(Invoice.seller_id == seller_id, open_minor() == 0)
    return and_(ReminderSkip.on < before, ReminderSkip.invoice_id.in_(done_with))


def _conversations(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    here = select(Message.id).where(Message.conversation_id == Conversation.id).scalar_subquery()
    cases = (
        exists().where(Dispute.message_id.in_(here), Dispute.state == "open"),
        exists().where(Complaint.message_id.in_(here), Complaint.state == "open"),
        exists().where(Promise.message_id.in_(here), Promise.state == "open"),
        exists().where(PaymentPlan.message_id.in_(here), PaymentPlan.state.in_(("proposed", "active"))),
        exists().where(Hold.message_id.in_(here), Hold.ended_on.is_(None), Hold.until_on >= before),
    )
    owed = exists().where(
        Invoice.customer_id == Conversation.customer_id,
        Invoice.issued_on <= func.date(Conversation.updated_at),
        open_minor() != 0,
    )
    # The words of a reminder stay as long as the reminder does.
    no_reminder = or_(Message.purpose != "reminder", ~exists().where(Reminder.message_id == Message.id))
    has_words = exists().where(Message.conversation_id == Conversation.id, no_reminder, Message.text.not_in(_DONE))
    query = select(Conversation.id).where(
        Conversation.seller_id == seller_id, Conversation.updated_at < _midnight(before), has_words, ~or_(*cases), ~owed
    )
    ids = _some(session, query, Conversation.id, after)
    said = select(Message.id).where(Message.conversation_id.in_(ids), no_reminder)
    emptied = list(session.scalars(said))
    forget_what_came(session, emptied)
    erase_rows(session, "message", emptied, _NOBODY)
    erase_rows(session, "conversation", ids, _NOBODY)
    for of in (Proposal, Handoff, ModelCall):
        told = select(of.id).where(of.conversation_id.in_(ids))
        erase_rows(session, of.__tablename__, list(session.scalars(told)), _NOBODY)
    return Done(len(ids), _after(ids))


def _cases(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:  # noqa: ARG001
    """Every kind of cases in one step each; their words are few."""
    done = 0
    for name, which in cases_over(seller_id, before):
        ids = list(session.scalars(select(holdings()[name].table.c.id).where(which).limit(BATCH)))
        done += erase_rows(session, name, ids, _NOBODY)
    # What was done is not found again, so the next batch begins at the beginning.
    return Done(done, UUID(int=0) if done else None)


def _replaced_consent(seller_id: UUID, before: date) -> ColumnElement[bool]:
    later = Consent.__table__.alias("later")
    here = select(Contact.id).join(Customer, Customer.id == Contact.customer_id).where(Customer.seller_id == seller_id)
    replaced = exists().where(
        later.c.contact_id == Consent.contact_id,
        later.c.channel == Consent.channel,
        later.c.purpose == Consent.purpose,
        or_(later.c.at > Consent.at, and_(later.c.at == Consent.at, later.c.id > Consent.id)),
        later.c.at < _midnight(before),
    )
    return and_(Consent.contact_id.in_(here), replaced, Consent.words.not_in(_DONE))


def _trail(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    nothing = func.jsonb_build_object(type_=JSONB)
    query = select(TrailLine.id).where(
        TrailLine.seller_id == seller_id,
        TrailLine.at < _midnight(before),
        or_(TrailLine.why.not_in(_DONE), TrailLine.details != nothing, TrailLine.who.not_in(_ROLES_SHOWN)),
    )
    ids = _some(session, query, TrailLine.id, after)
    session.execute(select(func.set_config("parley.erasing", "on", True)))
    lines = update(TrailLine).where(TrailLine.id.in_(ids)).execution_options(synchronize_session=False)
    session.execute(lines.values(details={}))
    session.execute(lines.where(TrailLine.why != "").values(why=ERASED))
    session.execute(lines.where(TrailLine.who.not_in(_ROLES_SHOWN)).values(who=SOMEBODY))
    session.execute(select(func.set_config("parley.erasing", "off", True)))
    return Done(len(ids), _after(ids))


def _of_seller(of: Any, seller_id: UUID) -> Any:
    return select(of.id).where(of.seller_id == seller_id)


STEPS: Mapping[str, Step] = {
    "bookkeeping": _bookkeeping,
    "bank_transactions": _statements,
    "orders": _orders,
    "reminders": _reminders,
    "conversations": _conversations,
    "cases": _cases,
    "consent": _emptying(Consent, _replaced_consent),
    "trail": _trail,
    "words": _deleting(Arrival, is_old_word),
    "codes": _deleting(OneTimeCode, is_old_code),
    "tasks": _deleting(Task, is_done_task),
    "idempotent_calls": _deleting(
        IdempotentCall,
        lambda seller, before: and_(
            IdempotentCall.api_key_id.in_(_of_seller(ApiKey, seller)), IdempotentCall.at < _midnight(before)
        ),
    ),
    "webhook_deliveries": _deleting(
        WebhookDelivery,
        lambda seller, before: and_(
            WebhookDelivery.endpoint_id.in_(_of_seller(WebhookEndpoint, seller)),
            WebhookDelivery.state != "waiting",
            WebhookDelivery.created_at < _midnight(before),
        ),
    ),
    "api_keys": _deleting(
        ApiKey,
        lambda seller, before: and_(
            ApiKey.seller_id == seller,
            ApiKey.revoked_at < _midnight(before),
            ~exists().where(IdempotentCall.api_key_id == ApiKey.id),
        ),
    ),
}


def forget_old_gaps(session: Session, before: date) -> int:
    """Deletes questions nobody has asked since that day; they belong to no seller."""
    gone = session.connection().execute(
        delete(_GAP).where(_GAP.c.last_asked_at < _midnight(before)).returning(_GAP.c.id)
    )
    return len(gone.all())
