"""A customer who owes two invoices and was reminded of one of them, and what they answer by chat, text or mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.turn import House, Turn, answer_waiting, take_turn
from o2c_core.actions.keep_arrivals import Arrived, keep_arrivals
from o2c_core.actions.receive_message import Incoming
from o2c_core.actions.take_in import take_in
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Automatic, Heard, HeardFile, HeardMail
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import SenderIdentity
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.reminders.debts import debts_of
from o2c_core.reminders.may_contact import Yes, may_contact
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice

PLATE = Doorplate("key", "https://parley.example", "reply.parley.example")
PHONES = {"nl": "+31612345678", "en": "+447911123456", "de": "+4915112345678", "fr": "+33612345678"}
COUNTRIES = {"nl": "NL", "en": "GB", "de": "DE", "fr": "FR"}
OURS = "+31201234567"
MAILBOX = "ap@jansen.example"
TOLD, OTHER = "INV-2026-0042", "INV-2026-0041"
# The invoice they were reminded of reaches its next step on the day after the fixture's; the other one did long ago.
DUE = DAY - timedelta(days=13)
REMINDED_ON = DUE + timedelta(days=7)
NEXT = DAY + timedelta(days=1)


@dataclass
class Replying:
    """One customer, one channel: `says` is a message of theirs and gives what they read back."""

    session: Session
    store: Store
    house: House
    customer: Customer
    channel: str
    language: str
    conversation_id: UUID | None
    turn: Turn | None = None

    def says(self, words: str, *, files: tuple[HeardFile, ...] = (), automatic: Automatic | None = None) -> str:
        """What they read back; nothing where the message needs no answer."""
        if self.channel == "chat":
            incoming = Incoming(
                self.customer.seller_id, "chat", words, self.customer.id, "proven", self.conversation_id
            )
            self.turn = take_turn(incoming, self.house)
            self.conversation_id = self.turn.conversation_id
            return _read(self.turn.reply)
        message_id = self._heard(words, files, automatic)
        self.turn = answer_waiting(message_id, self.house)  # type: ignore[assignment]
        if self.turn is None:
            self.session.expire_all()
            replied = self.session.get_one(Message, message_id).answered_by_id
            return _read(self.session.get_one(Message, replied).text if replied else None)
        return _read(self.turn.reply)

    def _heard(self, words: str, files: tuple[HeardFile, ...], automatic: Automatic | None) -> UUID:
        key = new_key().hex
        if self.channel == "sms":
            heard = Heard("sms", key, PHONES[self.language], OURS, words, files=files)
        else:
            mail = HeardMail(
                f"<{key}@jansen.example>", f"Re: {TOLD}", thread=self.conversation_id, is_aligned=True,
                automatic=automatic, original=words,
            )  # fmt: skip
            heard = Heard("email", key, MAILBOX, "hello@parley.example", words, mail=mail, files=files)
        arrived = Arrived(
            {"sms": "twilio"}.get(self.channel, "sendgrid"), "message", self.channel, key, {"Body": words}
        )
        arrival_id = keep_arrivals([arrived], store=self.store)[0]
        assert take_in(arrival_id, store=self.store, read=lambda _: heard, doorplate=PLATE) == "done"
        self.session.expire_all()
        found = self.session.get_one(Arrival, arrival_id).message_id
        assert found is not None
        return found

    @property
    def intents(self) -> list[str]:
        return self.turn.intents if self.turn else []

    @property
    def tools(self) -> list[str]:
        return [call["name"] for call in self.turn.tools] if self.turn else []

    def may_be_reminded(self, on: date = NEXT) -> dict[str, str]:
        """Per invoice the reason why it is left out on that day, or the step it has earned."""
        self.session.expire_all()
        debts = debts_of(self.session, [self.customer.id], on, self.store.clock.now())
        found = {}
        for debt in debts:
            for claim, answer in zip(debt.facts.claims, may_contact(debt.facts, on), strict=True):
                if claim.number not in (TOLD, OTHER):
                    continue
                found[claim.number] = answer.rung.name if isinstance(answer, Yes) else answer.reason.value
        return found

    def written_to(self, on: date = NEXT) -> str | None:
        """The channel on which the next run would write."""
        (debt,) = debts_of(self.session, [self.customer.id], on, self.store.clock.now())
        return debt.recipient.channel if debt.recipient else None


def who_was_reminded(
    session: Session, store: Store, house: House, channel: str = "chat", language: str = "en"
) -> Replying:
    """They owe 120.00 on one invoice, of which they were reminded a week ago, and 200.00 on another."""
    seller = a_seller(session, languages=["nl", "en", "de", "fr"])
    seller.senders.append(SenderIdentity(channel="sms", value=OURS, is_default=True))
    seller.senders.append(SenderIdentity(channel="email", value="hello@parley.example", is_default=True))
    customer = a_customer(
        session,
        seller,
        "C1001",
        email=MAILBOX,
        language=language,
        country=COUNTRIES[language],
        preferred_channel="email",
    )
    customer.contacts[0].addresses.append(Address(channel="sms", value=PHONES[language], verified_at=MOMENT))
    an_invoice(session, customer, OTHER, total_minor=20_000, due_on=DUE - timedelta(days=3))
    told = an_invoice(session, customer, TOLD, total_minor=12_000, due_on=DUE)
    thread = _reminded(session, customer, told, "sms" if channel == "sms" else "email", language)
    session.commit()
    return Replying(session, store, house, customer, channel, language, thread.id if channel == "email" else None)


def _reminded(session: Session, customer: Customer, invoice: Invoice, channel: str, language: str) -> Conversation:
    address = PHONES[language] if channel == "sms" else MAILBOX
    at = MOMENT.replace(year=REMINDED_ON.year, month=REMINDED_ON.month, day=REMINDED_ON.day)
    thread = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel=channel, address=address, language=language,
        contact_id=customer.contacts[0].id, identity="proven", speaker="assistant", state="open", version=1,
        introduced=True, opened_at=at, updated_at=at,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    message = Message(
        conversation_id=thread.id, direction="out", author="assistant", purpose="reminder", channel=channel,
        address=address, text=f"Invoice {invoice.number} is open.", delivery="sent", created_at=at, language=language,
    )  # fmt: skip
    session.add(message)
    session.flush()
    session.add(
        Reminder(
            invoice_id=invoice.id, customer_id=customer.id, message_id=message.id, rung="first", on=REMINDED_ON, days=7,
            open_minor=invoice.total_minor, created_at=at,
        )
    )  # fmt: skip
    session.flush()
    return thread


def queued_reminder(session: Session, of: Replying) -> Message:
    """A reminder of the same invoice that was written and has not left yet."""
    invoice = session.scalars(select(Invoice).where(Invoice.number == TOLD)).one()
    now = of.store.clock.now()
    thread = session.scalars(select(Conversation).where(Conversation.customer_id == of.customer.id).limit(1)).one()
    message = Message(
        conversation_id=thread.id, direction="out", author="assistant", purpose="reminder", channel=thread.channel,
        address=thread.address, text="…", delivery="queued", created_at=now, language=of.language,
        receipts=[{"id": f"invoice {TOLD}.asked", "text": "…", "source": "…", "minor": 12_000},
                  {"id": "message.to_pay", "text": "…", "source": "…", "minor": 12_000}],
    )  # fmt: skip
    session.add(message)
    session.flush()
    session.add(
        Reminder(
            invoice_id=invoice.id, customer_id=of.customer.id, message_id=message.id, rung="second", on=NEXT, days=14,
            open_minor=12_000, created_at=now,
        )
    )  # fmt: skip
    session.commit()
    return message


def _read(text: str | None) -> str:
    return (text or "").replace("\xa0", " ").replace("\u202f", " ")
