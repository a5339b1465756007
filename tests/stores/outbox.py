"""Carriers that answer as told, and messages to send with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.carrier import Accepted, Answer, LookUp, NotThere, Outgoing
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.heard import Word
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.reminders.reminder import Reminder
from o2c_core.trail import TrailLine
from tests.build import DAY, an_invoice
from tests.conftest import NOON

PHONE = "+31612345678"
MAIL = "ap@jansen.example"


@dataclass
class Scripted:
    """A carrier that gives its answers in turn, the last one for ever, and keeps what it was given."""

    answers: list[Answer | BaseException | Callable[[], Answer]] = field(default_factory=lambda: [Accepted("key-1")])
    name: str = "scripted"
    per_second: float | None = None
    taken: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Answer:
        self.taken.append(outgoing)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer

    @property
    def ids(self) -> list[UUID]:
        return [one.message_id for one in self.taken]


@dataclass
class Asked(Scripted):
    """One that can be asked what became of a message, too."""

    found: LookUp | Exception = field(default_factory=NotThere)
    asked: list[Outgoing] = field(default_factory=list)

    def look_up(self, outgoing: Outgoing) -> LookUp:
        self.asked.append(outgoing)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def a_thread(session: Session, customer: Customer, channel: str = "email", **fields: object) -> Conversation:
    thread = Conversation(
        **{
            "seller_id": customer.seller_id, "customer_id": customer.id, "channel": channel, "opened_at": NOON,
            "updated_at": NOON, "contact_id": customer.contacts[0].id,
        }
        | fields
    )  # fmt: skip
    session.add(thread)
    session.flush()
    return thread


def a_message(session: Session, thread: Conversation, **fields: object) -> Message:
    """An answer of the assistant that waits in the outbox, written a minute ago."""
    message = Message(
        **{
            "id": new_key(), "conversation_id": thread.id, "direction": "out", "author": "assistant",
            "purpose": "answer", "channel": thread.channel, "address": PHONE if thread.channel == "sms" else MAIL,
            "text": "Goedendag", "delivery": "queued", "created_at": NOON - timedelta(minutes=1), "language": "nl",
            "contact_id": thread.contact_id,
        }
        | fields
    )  # fmt: skip
    session.add(message)
    session.commit()
    return message


def a_reminder(session: Session, customer: Customer, thread: Conversation | None = None, **fields: object) -> Message:
    """A reminder of one invoice with its rung, as a run leaves it, whatever its words are."""
    invoice = session.scalars(select(Invoice).where(Invoice.customer_id == customer.id)).first() or an_invoice(
        session, customer, f"INV-{customer.ref}", due_on=DAY - timedelta(days=7)
    )
    message = a_message(session, thread or a_thread(session, customer), **({"purpose": "reminder"} | fields))
    session.add(
        Reminder(
            invoice_id=invoice.id, customer_id=customer.id, message_id=message.id, rung="late_7", on=DAY,
            open_minor=12_500, created_at=NOON,
        )
    )  # fmt: skip
    session.commit()
    return message


def a_phone(session: Session, customer: Customer, value: str = PHONE) -> None:
    customer.contacts[0].addresses.append(Address(channel="sms", value=value, verified_at=NOON))
    session.commit()


def a_word(state: str | None, message: Message | None = None, **fields: object) -> Word:
    return Word(
        **{
            "carrier": "scripted", "key": f"event-{state}", "carrier_key": None,
            "message_id": message.id if message else None, "state": state,
        }
        | fields
    )  # type: ignore[arg-type]  # fmt: skip


def fresh(session: Session, message: Message) -> Message:
    session.refresh(message)
    return message


def tasks(session: Session, *kinds: str) -> list[Task]:
    query = select(Task).where(Task.state == "open").order_by(Task.id)
    return list(session.scalars(query.where(Task.kind.in_(kinds)) if kinds else query))


def replacement(session: Session, message: Message) -> Message | None:
    return session.scalars(select(Message).where(Message.instead_of_id == message.id)).one_or_none()


def whats(session: Session, message: Message) -> list[str]:
    query = select(TrailLine.what).where(TrailLine.message_id == message.id).order_by(TrailLine.id)
    return list(session.scalars(query))
