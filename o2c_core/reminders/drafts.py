"""Reminders that wait for a person: which there are, and writing one anew from the ledger as it is today."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from o2c_core import days
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import NoSuchMessage
from o2c_core.customers.authority import LOCALE, authority_of, check_amount
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.errors import Overtaken
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.reminders.debts import debt_behind
from o2c_core.reminders.decisions import most_telling
from o2c_core.reminders.letter import Letter, letter_for
from o2c_core.reminders.may_contact import No, NotNow, Reason, may_contact
from o2c_core.reminders.open_claims import asked_by
from o2c_core.reminders.own_words import NotOwnWords, check_own_words
from o2c_core.reminders.receipts import TO_PAY
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.rewrite import write_reminder
from o2c_core.reminders.written import Words, Written
from o2c_core.trail import TrailLine

# Where a message keeps the sentences a person put in their own words.
OWN_WORDS = "own_words"
_DECIDED = {"reminder approved": "approved", "reminder skipped": "skipped", "reminder withdrawn": "withdrew"}


class NotADraft(Overtaken):
    """That reminder does not wait for approval any more."""


@dataclass(frozen=True)
class Draft:
    """A reminder that waits, with whose it is, what it asks for and the step it takes."""

    message: Message
    customer: Customer
    seller_id: UUID
    on: date
    rung: str
    days: int
    ladder: str
    version: int
    tone: str | None
    currency: str
    numbers: tuple[str, ...]

    @property
    def asked(self) -> Money:
        return asked_of(self.message, self.currency)

    @property
    def own_words(self) -> dict[str, str]:
        """The sentences a person put in their own words, and who did."""
        words: dict[str, str] = (self.message.understanding or {}).get(OWN_WORDS, {})
        return words


@dataclass(frozen=True)
class Held:
    """A draft in the hand of whoever looks at it, with all that deciding about it needs."""

    message: Message
    thread: Conversation
    seller: Seller
    customer: Customer
    on: date
    today: date
    currency: str

    @property
    def is_of_today(self) -> bool:
        return self.on >= self.today

    @property
    def locale(self) -> str:
        """How the seller's people, who decide about it, write amounts."""
        return locale_for(self.seller.language, self.seller.country)


def asked_of(message: Message, currency: str) -> Money:
    """What the message as a whole asks for, by its own receipt."""
    minor = next((receipt["minor"] for receipt in message.receipts if receipt.get("id") == TO_PAY), 0)
    return Money(int(minor), currency)


def drafts_of(session: Session, seller_id: UUID, ids: Collection[UUID] | None = None) -> list[Draft]:
    """The seller's reminders that wait for approval, the largest amounts first; with `ids` only those."""
    query = (
        select(Message, Customer, Reminder, Invoice.number, Invoice.currency)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(Reminder, Reminder.message_id == Message.id)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(Conversation.seller_id == seller_id, Message.delivery == "draft", Message.purpose == "reminder")
        .order_by(Message.id, Reminder.days.desc(), Invoice.due_on, Invoice.number)
    )
    if ids is not None:
        query = query.where(Message.id.in_(ids))
    found: dict[UUID, Draft] = {}
    for message, customer, reminder, number, currency in session.execute(query):
        before = found.get(message.id)
        if before is None:
            found[message.id] = Draft(
                message, customer, seller_id, reminder.on, reminder.rung, reminder.days, reminder.ladder,
                reminder.ladder_version, reminder.tone, currency, (number,),
            )  # fmt: skip
        elif number not in before.numbers:
            found[message.id] = replace(before, numbers=(*before.numbers, number))
    return sorted(found.values(), key=lambda draft: (-draft.asked.minor, draft.customer.name, draft.message.id))


def take_hold(session: Session, message_id: UUID, role: str, now: datetime) -> Held:
    """The draft, locked until the transaction ends, for somebody in that role to decide about.

    Raises: NoSuchMessage; NotADraft; BeyondAuthority.
    """
    query = select(Message).where(Message.id == message_id).with_for_update(key_share=True)
    held = _held(session, session.scalars(query.execution_options(populate_existing=True)).one_or_none(), now)
    asked = asked_of(held.message, held.currency)
    check_amount(asked, authority_of(role, held.seller).approve_max, role, "reminder", held.locale)
    return held


def look_at(session: Session, message_id: UUID, now: datetime) -> Held:
    """The draft for somebody who only reads it.

    Raises: NoSuchMessage; NotADraft.
    """
    return _held(session, session.get(Message, message_id), now)


def _held(session: Session, message: Message | None, now: datetime) -> Held:
    if message is None or message.purpose != "reminder":
        raise NoSuchMessage
    written = session.execute(
        select(Reminder.on, Invoice.currency)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(Reminder.message_id == message.id)
        .limit(1)
    ).one_or_none()
    if message.delivery != "draft" or written is None:
        became = _became(session, message)
        raise NotADraft(f"It does not wait for approval any more: {became}.", delivery=message.delivery)
    thread = session.get_one(Conversation, message.conversation_id)
    seller = session.get_one(Seller, thread.seller_id)
    customer = session.get_one(Customer, thread.customer_id)
    today = now.astimezone(ZoneInfo(seller.time_zone)).date()
    return Held(message, thread, seller, customer, written.on, today, written.currency)


def _became(session: Session, message: Message) -> str:
    """What somebody, or the ledger, has made of it meanwhile: who was faster wants to be named."""
    noted = select(TrailLine).where(TrailLine.message_id == message.id, TrailLine.what.in_(_DECIDED))
    line = session.scalars(noted.order_by(TrailLine.id.desc()).limit(1)).first()
    if line is None:
        return "it was withdrawn" if message.delivery == "withdrawn" else "somebody let it go"
    if line.what == "reminder withdrawn":
        return f"it was withdrawn: {line.why[:1].lower()}{line.why[1:].rstrip('.')}"
    seller = session.get_one(Seller, session.get_one(Conversation, message.conversation_id).seller_id)
    at = line.at.astimezone(ZoneInfo(seller.time_zone))
    return f"{line.who} {_DECIDED[line.what]} it on {days.show(at.date(), LOCALE)} at {at:%H:%M}"


def write_anew(
    session: Session, held: Held, now: datetime, doorplate: Doorplate | None, words: Words | None = None
) -> Written | No | NotNow:
    """The draft as the ledger has it today, kept in its place; or why there is nothing to ask for any more.

    It stays a draft, takes the step its invoices have reached by today, and keeps a person's own words where their
    figures are still those of the message; `words` replace them.
    """
    found = letter_today(session, held, now)
    if not isinstance(found, Letter):
        return found
    to = recipient_of_message(held)
    written = write_reminder(found, to, doorplate)
    chosen = words if words is not None else _still_own(held, written)
    if chosen != Words():
        written = write_reminder(found, to, doorplate, words=chosen)
    _keep(session, held, found, written, now)
    return written


def letter_today(session: Session, held: Held, now: datetime) -> Letter | No | NotNow:
    """What the draft would say of today's ledger. Whether it may go at this moment is asked when it is approved."""
    asked = asked_by(session, held.message.id)
    debt = debt_behind(session, asked, held.today, now) if asked is not None else None
    if debt is None:
        return No(Reason.OUT_OF_DATE)
    about_money = replace(
        debt.facts, reach="usable", has_refused=False, channel="email", opening=None, cap=None, back_on=None,
        unanswered_at=None, reminded_on=(), agent_speaks=False, has_draft=False,
    )  # fmt: skip
    answers = may_contact(about_money, held.today, now)
    letter = letter_for(replace(debt, recipient=recipient_of_message(held)), answers, held.seller, held.today, now)
    return letter or most_telling(answers)


def recipient_of_message(held: Held) -> Recipient:
    """Whom the message is addressed to, by name where they are still known."""
    message = held.message
    people: Iterable[Contact] = held.customer.contacts
    name = next((one.name for one in people if one.id == message.contact_id), None)
    language = message.language or held.customer.language
    return Recipient(message.address or "", language, message.channel, message.contact_id, name)


def facts_in(written: Written) -> list[str]:
    """Every figure, day, number and name the message holds a receipt for, as its reader reads it."""
    return [str(receipt["text"]) for receipt in written.receipts if receipt.get("text")]


def checked_words(written: Written, words: Words) -> None:
    """Raises: NotOwnWords when the words name a figure the message has no receipt for."""
    for sentence in (words.opening, words.ask):
        if sentence is not None:
            check_own_words(sentence, facts=facts_in(written), said=written.text, language=written.language)


def _still_own(held: Held, written: Written) -> Words:
    """A person's words of before, where they still say nothing that is not so."""
    kept: dict[str, str] = (held.message.understanding or {}).get(OWN_WORDS, {})
    words = Words(kept.get("opening"), kept.get("ask"))
    try:
        checked_words(written, words)
    except NotOwnWords:
        return Words()
    return words


def _keep(session: Session, held: Held, letter: Letter, written: Written, now: datetime) -> None:
    message = held.message
    message.subject, message.text, message.html = written.subject, written.text, written.html
    message.receipts, message.attachments = written.receipts, written.attachments
    message.language = written.language
    message.not_before = message.waits_why = None
    # From here on it is a message of today: its words are as old as what they were written from.
    message.created_at = now
    arm = session.scalar(select(Reminder.arm).where(Reminder.message_id == message.id).limit(1))
    session.execute(delete(Reminder).where(Reminder.message_id == message.id))
    session.add_all(
        Reminder(
            id=new_key(), invoice_id=line.claim.invoice_id, part=line.claim.part, customer_id=held.customer.id,
            message_id=message.id, rung=line.rung.name, days=line.rung.days, ladder=line.claim.ladder.name,
            ladder_version=line.claim.ladder.version, tone=letter.tone.name, arm=arm, on=held.today,
            open_minor=line.claim.open_minor, created_at=now,
        )
        for line in letter.lines
    )  # fmt: skip
    session.flush()


def keep_words(message: Message, words: Words, by: str) -> None:
    """What a person put in their own words, and who; nothing when they took it all back."""
    said: dict[str, Any] = {name: value for name, value in (("opening", words.opening), ("ask", words.ask)) if value}
    understanding = {key: value for key, value in (message.understanding or {}).items() if key != OWN_WORDS}
    message.understanding = understanding | ({OWN_WORDS: said | {"by": by}} if said else {})
