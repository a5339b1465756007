"""What was written to and by customers in the demo: a message in every state it can be in, and what was made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.demo import cast
from app.demo.deals import workday_before
from app.demo.scenes import FAILS_DAYS, PAID_DAYS, UNSURE_DAYS, WAITS_DAYS
from o2c_core.conversations.backoff import LOOK_UP_WAITS
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.keys import new_key
from o2c_core.reminders.debts import debt_on
from o2c_core.reminders.letter import Letter, letter_for
from o2c_core.reminders.may_contact import NotNow, Reason, may_contact
from o2c_core.reminders.opening import opening_for
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.rewrite import write_reminder
from o2c_core.store.rows import Row

PutOn = Callable[[date], datetime]
GONE = "550 5.1.1 The email account that you tried to reach does not exist"
NO_ANSWER = "The mail server closed the connection before it answered."
STOPPED_DAYS = (52, 24)
_MORNING, _EVENING = timedelta(hours=10), timedelta(hours=22)


@dataclass
class Writing:
    """Where rows about messages are written, and when; `put_on` moves the clock to a day and says its first moment."""

    session: Session
    seller: Seller
    customer_ids: dict[str, UUID]
    today: date
    put_on: PutOn

    def at(self, day: date, since_midnight: timedelta = _MORNING) -> datetime:
        """That time of that day, with the clock at its first moment; of today, only its first moment has been."""
        moment = self.put_on(day)
        return moment if day == self.today else moment + since_midnight

    def add(self, *rows: Row) -> None:
        self.session.add_all(rows)
        self.session.flush()

    def customer(self, ref: str) -> Customer:
        return self.session.get_one(Customer, self.customer_ids[ref])

    def reached(self, ref: str, channel: str) -> tuple[Contact, Address]:
        """The customer's first address on that channel, and whose it is."""
        query = (
            select(Contact, Address)
            .join(Address, Address.contact_id == Contact.id)
            .where(Contact.customer_id == self.customer_ids[ref], Address.channel == channel)
            .order_by(Address.id)
        )
        contact, address = self.session.execute(query.limit(1)).one()
        return contact, address

    def thread(self, ref: str | None, channel: str, address: str, at: datetime, **more: Any) -> Conversation:
        customer = self.customer(ref) if ref else None
        thread = Conversation(
            id=new_key(), seller_id=self.seller.id, customer_id=customer.id if customer else None, channel=channel,
            address=address, language=customer.language if customer else self.seller.language, version=1,
            introduced=True, opened_at=at, updated_at=at, **more,
        )  # fmt: skip
        self.add(thread)
        return thread


def letters(to: Writing) -> None:
    """The reminders of the days before, each with what became of it."""
    for play in (_delivered, _failed, _unsure, _paid_meanwhile, _waits):
        play(to)


def _delivered(to: Writing) -> None:
    at = to.at(workday_before("NL", to.today - timedelta(days=4)))
    for message in _reminders(to, cast.STOPPED_PAYING, STOPPED_DAYS, at, "email"):
        _arrived(message, at, "sendgrid")
        to.session.flush()


def _failed(to: Writing) -> None:
    """The mailbox is gone: the address is marked, a text is sent instead, and somebody is asked for another address."""
    at = to.at(workday_before("DE", to.today))
    for failed in _reminders(to, cast.MAILBOX_GONE, (FAILS_DAYS,), at, "email"):
        _, address = to.reached(cast.MAILBOX_GONE, "email")
        failed.carrier, failed.carrier_key, failed.sent_at = "sendgrid", f"demo-{failed.id.hex[:12]}", at
        failed.delivery, failed.failed_code, failed.failed_why = "failed", "5.1.1", GONE
        address.failed_at, address.failed_why = at, f"5.1.1 {GONE}"
        to.session.flush()
        to.add(
            Task(
                id=new_key(), kind="data_fix", about=f"address:{address.id}", message_id=failed.id,
                why="Nothing arrives at this address; ask for another one.", seller_id=to.seller.id,
                customer_id=to.customer_ids[cast.MAILBOX_GONE], opened_at=at,
                details={"channel": "email", "setback": "bad_address", "code": "5.1.1"},
            )
        )  # fmt: skip
        for instead in _reminders(to, cast.MAILBOX_GONE, (FAILS_DAYS,), at + timedelta(minutes=2), "sms", failed):
            _arrived(instead, at + timedelta(minutes=2), "twilio")
            to.session.flush()


def _unsure(to: Writing) -> None:
    """Nobody knows whether it left: it cannot be looked up any more, so a person is asked."""
    at = to.at(workday_before("GB", to.today))
    for message in _reminders(to, cast.NOBODY_KNOWS, (UNSURE_DAYS,), at, "email"):
        message.delivery, message.carrier, message.tries = "uncertain", "smtp", 1
        message.look_ups, message.waits_why = len(LOOK_UP_WAITS), NO_ANSWER
        to.session.flush()
        to.add(
            Task(
                id=new_key(), kind="uncertain_send", about=f"message:{message.id}", message_id=message.id, why=NO_ANSWER,
                seller_id=to.seller.id, customer_id=to.customer_ids[cast.NOBODY_KNOWS], opened_at=at, details={},
            )
        )  # fmt: skip


def _paid_meanwhile(to: Writing) -> None:
    """Written early in the morning, withdrawn when the money came in before it left."""
    at = to.at(workday_before("NL", to.today), timedelta(hours=6))
    due_on = to.today - timedelta(days=PAID_DAYS)
    invoice = to.session.scalars(
        select(Invoice).where(Invoice.customer_id == to.customer_ids[cast.PAID_IN_TIME], Invoice.due_on == due_on)
    ).first()
    if invoice is None:
        return
    # The words are those of the hour before the payment: it is looked away from while they are written.
    before = to.session.begin_nested()
    to.session.execute(delete(Allocation).where(Allocation.invoice_id == invoice.id))
    letter = _letter(to, cast.PAID_IN_TIME, (PAID_DAYS,), at, "email", ignores_money=True)
    before.rollback()
    if letter is not None:
        message = _written(to, cast.PAID_IN_TIME, letter, at, "email")
        message.delivery, message.failed_why = "withdrawn", Reason.PAID.sentence
        to.add(message)


def _waits(to: Writing) -> None:
    """Written when nobody is written to; it leaves in the morning, if it is still right then."""
    at, late = to.at(to.today), to.put_on(to.today) + _EVENING
    customer = to.customer(cast.WAITS_FOR_MORNING)
    _, address = to.reached(customer.ref, "email")
    opens_at = opening_for(customer.country, customer.time_zone, "email", address.value, to.today).opens_at(late)
    if opens_at is None:
        return
    for message in _reminders(to, customer.ref, (WAITS_DAYS,), at, "email"):
        message.not_before = opens_at
        message.waits_why = NotNow(opens_at.date(), Reason.QUIET_HOURS, None, opens_at).sentence
        to.session.flush()


def _arrived(message: Message, at: datetime, carrier: str) -> None:
    """No provider has claimed anything here: what the demo itself sends is kept, and must not wait for one that has."""
    message.delivery, message.carrier, message.carrier_key = "delivered", carrier, f"demo-{message.id.hex[:12]}"
    message.tries, message.sent_at = 1, at + timedelta(seconds=2)
    message.delivered_at = at + timedelta(seconds=9)


def _reminders(
    to: Writing, ref: str, late_days: Sequence[int], at: datetime, channel: str, instead_of: Message | None = None
) -> Iterator[Message]:
    """The reminder as it would have been written then, queued, with its steps taken; none when there was nothing to ask."""
    if instead_of is not None:
        steps = to.session.scalars(select(Reminder).where(Reminder.message_id == instead_of.id)).all()
        for step in steps:
            to.session.delete(step)
        to.session.flush()
    letter = _letter(to, ref, late_days, at, channel)
    if letter is None:
        return
    message = _written(to, ref, letter, at, channel, instead_of)
    to.add(message)
    to.add(
        *(
            Reminder(
                id=new_key(), invoice_id=line.claim.invoice_id, customer_id=to.customer_ids[ref], message_id=message.id,
                rung=line.rung.name, on=letter.on, open_minor=line.claim.open_minor, created_at=at,
            )
            for line in letter.lines
        )
    )  # fmt: skip
    yield message


def _letter(
    to: Writing, ref: str, late_days: Sequence[int], at: datetime, channel: str, *, ignores_money: bool = False
) -> Letter | None:
    customer_id, on = to.customer_ids[ref], at.astimezone(ZoneInfo(to.seller.time_zone)).date()
    days = [to.today - timedelta(days=late) for late in late_days]
    numbers = to.session.scalars(
        select(Invoice.number).where(Invoice.customer_id == customer_id, Invoice.due_on.in_(days))
    ).all()
    debt = debt_on(to.session, customer_id, numbers, on, at)
    if debt is None:
        return None
    # What kept them from being written to is no part of the play: only what there was to ask for.
    facts = replace(
        debt.facts, reach="usable", has_refused=False, channel="email", opening=None, cap=None, back_on=None,
        unanswered_at=None, unapplied_minor=0 if ignores_money else debt.facts.unapplied_minor,
    )  # fmt: skip
    debt = replace(debt, facts=facts, recipient=_recipient(to, ref, channel))
    return letter_for(debt, may_contact(facts, on, at), to.seller, on, at)


def _recipient(to: Writing, ref: str, channel: str) -> Recipient:
    contact, address = to.reached(ref, channel)
    return Recipient(address.value, to.customer(ref).language, channel, contact.id)


def _written(
    to: Writing, ref: str, letter: Letter, at: datetime, channel: str, instead_of: Message | None = None
) -> Message:
    recipient = _recipient(to, ref, channel)
    written = write_reminder(letter, recipient, None)
    thread_id = instead_of.conversation_id if instead_of else to.thread(ref, channel, recipient.address, at).id
    return Message(
        id=new_key(), conversation_id=thread_id, direction="out", author="assistant", purpose="reminder",
        channel=channel, address=recipient.address, contact_id=recipient.contact_id, subject=written.subject,
        text=written.text, html=written.html, language=written.language, receipts=list(written.receipts),
        delivery="queued", instead_of_id=instead_of.id if instead_of else None, created_at=at,
    )  # fmt: skip
