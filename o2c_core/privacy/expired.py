"""What has been kept long enough, kind by kind: one batch of it is looked up and dealt with at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, column, delete, exists, func, or_, select, table, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.access_link import AccessLink
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
from o2c_core.informing.informed import Informed
from o2c_core.integrations.api_key import ApiKey, IdempotentCall
from o2c_core.integrations.webhook import WebhookDelivery, WebhookEndpoint
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.bank import BankStatement, BankTransaction
from o2c_core.invoices.invoice import CreditNote, Invoice, InvoiceLine
from o2c_core.invoices.payment import Payment
from o2c_core.orders.order import Order, OrderLine
from o2c_core.orders.shipment import Shipment, ShipmentLine
from o2c_core.privacy import batches
from o2c_core.privacy.batches import NOBODY, Done, Step, after_last, deleting, emptying, midnight, some
from o2c_core.privacy.came_in import forget_what_came, is_done_task, is_old_code, is_old_word
from o2c_core.privacy.erasing import erase_rows
from o2c_core.privacy.holdings import holdings
from o2c_core.privacy.over import cases_over
from o2c_core.privacy.reminded import end_reminders, is_old_news
from o2c_core.privacy.settled import delete_book, settled_book
from o2c_core.privacy.traces import ERASED
from o2c_core.reminders.reminder import Reminder
from o2c_core.trail import TrailLine

SOMEBODY = "somebody"
_DONE = ("", ERASED)
_ROLES_SHOWN = ("assistant", "customer", "system", SOMEBODY)
_GAP = table("gap", column("id"), column("last_asked_at"))


def _bookkeeping(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    here = Customer.seller_id == seller_id
    old = or_(
        exists().where(Invoice.customer_id == Customer.id, Invoice.issued_on < before),
        exists().where(Payment.customer_id == Customer.id, Payment.received_on < before),
        exists().where(CreditNote.customer_id == Customer.id, CreditNote.issued_on < before),
    )
    customers = some(session, select(Customer.id).where(here, old).with_for_update(key_share=True), Customer.id, after)
    count = 0
    for customer_id in customers:
        book = settled_book(session, customer_id, before)
        if book:
            erase_rows(session, "message", delete_book(session, book), NOBODY)
            count += len(book)
    return Done(count, after_last(customers))


def _orders(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    lines = select(OrderLine.id).where(OrderLine.order_id == Order.id)
    query = select(Order.id).where(
        Order.seller_id == seller_id,
        Order.ordered_on < before,
        ~exists().where(Invoice.order_id == Order.id),
        ~exists().where(InvoiceLine.order_line_id.in_(lines)),
        ~exists().where(Complaint.order_id == Order.id, Complaint.state == "open"),
    )
    ids = some(session, query, Order.id, after)
    shipments = select(Shipment.id).where(Shipment.order_id.in_(ids))
    session.execute(update(Complaint).where(Complaint.order_id.in_(ids)).values(order_id=None))
    session.execute(delete(ShipmentLine).where(ShipmentLine.shipment_id.in_(shipments)))
    session.execute(delete(Shipment).where(Shipment.order_id.in_(ids)))
    session.execute(delete(OrderLine).where(OrderLine.order_id.in_(ids)))
    session.execute(delete(Order).where(Order.id.in_(ids)))
    return Done(len(ids), after_last(ids))


def _statements(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    empty = deleting(BankStatement, _is_empty_statement)
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


_bank_transactions = deleting(
    BankTransaction,
    lambda seller_id, before: and_(
        BankTransaction.seller_id == seller_id,
        BankTransaction.booked_on < before,
        BankTransaction.payment_id.is_(None),
        BankTransaction.state != "waiting",
    ),
)


def _conversations(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    here = select(Message.id).where(Message.conversation_id == Conversation.id).scalar_subquery()
    cases = (
        exists().where(Dispute.message_id.in_(here), Dispute.state == "open"),
        exists().where(Complaint.message_id.in_(here), Complaint.state == "open"),
        exists().where(Promise.message_id.in_(here), Promise.state == "open"),
        exists().where(PaymentPlan.message_id.in_(here), PaymentPlan.state.in_(("proposed", "active"))),
        exists().where(PaymentSaid.message_id.in_(here), PaymentSaid.state == "open"),
        exists().where(DocumentProblem.message_id.in_(here), DocumentProblem.state == "open"),
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
        Conversation.seller_id == seller_id, Conversation.updated_at < midnight(before), has_words, ~or_(*cases), ~owed
    )
    ids = some(session, query, Conversation.id, after)
    said = select(Message.id).where(Message.conversation_id.in_(ids), no_reminder)
    emptied = list(session.scalars(said))
    forget_what_came(session, emptied)
    erase_rows(session, "message", emptied, NOBODY)
    erase_rows(session, "conversation", ids, NOBODY)
    for of in (Proposal, Handoff, ModelCall):
        told = select(of.id).where(of.conversation_id.in_(ids))
        erase_rows(session, of.__tablename__, list(session.scalars(told)), NOBODY)
    return Done(len(ids), after_last(ids))


def _cases(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:  # noqa: ARG001
    """Every kind of cases in one step each; their words are few."""
    done = 0
    for name, which in cases_over(seller_id, before):
        ids = list(session.scalars(select(holdings()[name].table.c.id).where(which).limit(batches.BATCH)))
        done += erase_rows(session, name, ids, NOBODY)
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
        later.c.at < midnight(before),
    )
    return and_(Consent.contact_id.in_(here), replaced, Consent.words.not_in(_DONE))


def _trail(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    nothing = func.jsonb_build_object(type_=JSONB)
    query = select(TrailLine.id).where(
        _is_about_seller(seller_id),
        TrailLine.at < midnight(before),
        or_(TrailLine.why.not_in(_DONE), TrailLine.details != nothing, TrailLine.who.not_in(_ROLES_SHOWN)),
    )
    ids = some(session, query, TrailLine.id, after)
    session.execute(select(func.set_config("parley.erasing", "on", True)))
    lines = update(TrailLine).where(TrailLine.id.in_(ids)).execution_options(synchronize_session=False)
    session.execute(lines.values(details={}))
    session.execute(lines.where(TrailLine.why != "").values(why=ERASED))
    session.execute(lines.where(TrailLine.who.not_in(_ROLES_SHOWN)).values(who=SOMEBODY))
    session.execute(select(func.set_config("parley.erasing", "off", True)))
    return Done(len(ids), after_last(ids))


def _is_about_seller(seller_id: UUID) -> ColumnElement[bool]:
    """Lines that name the seller, or nobody but a customer of theirs or a message to one."""
    here = select(Customer.id).where(Customer.seller_id == seller_id)
    said = select(Message.id).join(Conversation, Conversation.id == Message.conversation_id)
    said = said.where(Conversation.seller_id == seller_id)
    nobodys = and_(TrailLine.seller_id.is_(None), or_(TrailLine.customer_id.in_(here), TrailLine.message_id.in_(said)))
    return or_(TrailLine.seller_id == seller_id, nobodys)


def _of_seller(of: Any, seller_id: UUID) -> Any:
    return select(of.id).where(of.seller_id == seller_id)


STEPS: Mapping[str, Step] = {
    "bookkeeping": _bookkeeping,
    "bank_transactions": _statements,
    "orders": _orders,
    "reminders": end_reminders,
    "conversations": _conversations,
    "cases": _cases,
    "news": deleting(Informed, is_old_news),
    "consent": emptying(Consent, _replaced_consent),
    "trail": _trail,
    "words": deleting(Arrival, is_old_word),
    "codes": deleting(OneTimeCode, is_old_code),
    # Their visits go with them.
    "links": deleting(
        AccessLink,
        lambda seller, before: and_(AccessLink.seller_id == seller, AccessLink.expires_at < midnight(before)),
    ),
    "tasks": deleting(Task, is_done_task),
    "idempotent_calls": deleting(
        IdempotentCall,
        lambda seller, before: and_(
            IdempotentCall.api_key_id.in_(_of_seller(ApiKey, seller)), IdempotentCall.at < midnight(before)
        ),
    ),
    "webhook_deliveries": deleting(
        WebhookDelivery,
        lambda seller, before: and_(
            WebhookDelivery.endpoint_id.in_(_of_seller(WebhookEndpoint, seller)),
            WebhookDelivery.state != "waiting",
            WebhookDelivery.created_at < midnight(before),
        ),
    ),
    "api_keys": deleting(
        ApiKey,
        lambda seller, before: and_(
            ApiKey.seller_id == seller,
            ApiKey.revoked_at < midnight(before),
            ~exists().where(IdempotentCall.api_key_id == ApiKey.id),
        ),
    ),
}


def forget_old_gaps(session: Session, before: date) -> int:
    """Deletes questions nobody has asked since that day; they belong to no seller."""
    gone = session.connection().execute(
        delete(_GAP).where(_GAP.c.last_asked_at < midnight(before)).returning(_GAP.c.id)
    )
    return len(gone.all())
