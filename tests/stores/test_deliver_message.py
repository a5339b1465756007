"""Delivery of a queued message: once, looked at again, and always ending in a state somebody can see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.deliver_message import NoCarrier, NoSuchMessage, deliver_message, deliver_queued
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Accepted, Answer, Outgoing, Rejected, Uncertain
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.setback import Setback
from o2c_core.customers.customer import Customer
from o2c_core.errors import Outage
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_credit_note, a_customer, a_dispute, a_payment, a_seller, an_invoice


@dataclass
class Scripted:
    """A carrier that answers as told and keeps what it was given."""

    answer: Answer | Exception = field(default_factory=lambda: Accepted("key-1"))
    name: str = "scripted"
    taken: list[UUID] = field(default_factory=list)

    def send(self, message: Outgoing) -> Answer:
        self.taken.append(message.message_id)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def queued(store: Store, session: Session) -> Message:
    """A reminder of two invoices, not sent yet."""
    customer = a_customer(session, a_seller(session))
    for number in ("INV-1", "INV-2"):
        an_invoice(session, customer, number, due_on=DAY - timedelta(days=7))
    session.commit()
    run_reminders(DAY, store=store)
    return session.scalars(select(Message)).one()


def now_of(session: Session, message: Message) -> Message:
    session.refresh(message)
    return message


def last_note(session: Session) -> TrailLine:
    return session.scalars(select(TrailLine).order_by(TrailLine.id.desc()).limit(1)).one()


@pytest.mark.parametrize(("answer", "state", "rungs_used"), [
    (Accepted("key-1"), "sent", 2),
    (Rejected("no such domain", Setback.BAD_ADDRESS), "failed", 0),
    (Uncertain("timed out after sending"), "uncertain", 2),
])  # fmt: skip
def test_the_carriers_answer_is_recorded_and_only_a_refusal_frees_the_rungs(
    store: Store, session: Session, queued: Message, clock: MovableClock, answer: Answer, state: str, rungs_used: int
) -> None:
    carrier = Scripted(answer)
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == state
    message = now_of(session, queued)
    assert (message.delivery, message.carrier) == (state, "scripted")
    assert message.carrier_key == ("key-1" if state == "sent" else None)
    assert message.sent_at == (clock.now() if state == "sent" else None)
    assert session.scalar(select(func.count()).select_from(Reminder)) == rungs_used
    assert f"message {state}" in session.scalars(select(TrailLine.what)).all()
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == state
    assert carrier.taken == [queued.id]


def test_an_outage_leaves_the_message_queued_for_the_next_attempt(
    store: Store, session: Session, queued: Message, clock: MovableClock
) -> None:
    carrier = Scripted(Outage())
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == "queued"
    assert now_of(session, queued).not_before > clock.now()
    carrier.answer = Accepted("key-1")
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == "queued"
    clock.move(timedelta(seconds=5))
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == "sent"


def test_a_carrier_that_breaks_leaves_an_uncertain_message_that_is_never_sent_again(
    store: Store, session: Session, queued: Message
) -> None:
    carrier = Scripted(ZeroDivisionError("ours"))
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == "uncertain"
    assert now_of(session, queued).delivery == "uncertain"
    assert "ZeroDivisionError" in last_note(session).why
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == "uncertain"
    assert len(carrier.taken) == 1


def one(session: Session, number: str) -> Invoice:
    return session.scalars(select(Invoice).where(Invoice.number == number)).one()


def customer_of(session: Session) -> Customer:
    return session.scalars(select(Customer)).one()


def break_address(session: Session) -> None:
    customer_of(session).contacts[0].addresses[0].failed_at = MOMENT


def take_over(session: Session) -> None:
    session.scalars(select(Conversation)).one().speaker = "agent"


OVERTAKEN: dict[str, Callable[[Session], object]] = {
    "paid": lambda session: a_payment(session, one(session, "INV-1"), 12_500),
    "credited": lambda session: a_credit_note(session, customer_of(session), 12_500, against=one(session, "INV-2")),
    "disputed": lambda session: a_dispute(session, one(session, "INV-2")),
    "amount_changed": lambda session: a_payment(session, one(session, "INV-1"), 100),
    "amount_changed by a dispute": lambda session: a_dispute(session, one(session, "INV-1"), 100),
    "amount_changed by unmatched credit": lambda session: a_credit_note(session, customer_of(session), 100),
    "money_pending": lambda session: a_credit_note(session, customer_of(session), 25_000),
    "bounced": break_address,
    "conversation_live": take_over,
}


@pytest.mark.parametrize("what", OVERTAKEN)
def test_what_happens_between_planning_and_sending_withdraws_the_reminder(
    store: Store, session: Session, queued: Message, what: str
) -> None:
    OVERTAKEN[what](session)
    session.commit()
    carrier = Scripted()
    assert deliver_message(queued.id, store=store, carriers={"email": carrier}) == "withdrawn"
    assert carrier.taken == []
    assert now_of(session, queued).delivery == "withdrawn"
    line = last_note(session)
    assert (line.what, line.details["reason"]) == ("reminder withdrawn", what.split()[0])
    assert line.customer_id == customer_of(session).id
    assert session.scalar(select(func.count()).select_from(Reminder)) == 0


def test_a_withdrawn_reminder_is_written_anew_for_what_is_still_owed(
    store: Store, session: Session, queued: Message
) -> None:
    a_payment(session, one(session, "INV-1"), 12_500)
    session.commit()
    carrier = Scripted()
    deliver_message(queued.id, store=store, carriers={"email": carrier})
    (entry,) = run_reminders(DAY, store=store).reminded
    assert [line.number for line in entry.invoices if line.rung] == ["INV-2"]
    assert deliver_queued(store=store, carriers={"email": carrier}) == 1
    assert carrier.taken == [entry.message_id]


def test_words_that_have_waited_too_long_are_not_sent(
    store: Store, session: Session, queued: Message, clock: MovableClock
) -> None:
    clock.move(timedelta(days=3))
    assert deliver_message(queued.id, store=store, carriers={"email": Scripted()}) == "withdrawn"
    assert last_note(session).details["reason"] == "out_of_date"


def test_a_reminder_nothing_has_overtaken_leaves_although_its_own_rung_is_used(store: Store, queued: Message) -> None:
    assert deliver_message(queued.id, store=store, carriers={"email": Scripted()}) == "sent"


def an_answer(session: Session, customer: Customer, channel: str = "email", **fields: object) -> Message:
    talk = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel=channel, opened_at=MOMENT, updated_at=MOMENT
    )
    session.add(talk)
    session.flush()
    message = Message(
        **{
            "conversation_id": talk.id,
            "direction": "out",
            "author": "assistant",
            "channel": channel,
            "address": "ap@jansen.example",
            "text": "Goedendag",
            "delivery": "queued",
            "created_at": MOMENT,
        }
        | fields
    )
    session.add(message)
    session.commit()
    return message


def test_an_answer_is_sent_without_a_look_at_what_is_owed(store: Store, session: Session) -> None:
    message = an_answer(session, a_customer(session, a_seller(session)))
    assert deliver_message(message.id, store=store, carriers={"email": Scripted()}) == "sent"


@pytest.mark.parametrize("state", ["sending", "sent", "delivered", "failed", "uncertain", "withdrawn", "received"])
def test_only_a_queued_message_is_sent(store: Store, session: Session, state: str) -> None:
    message = an_answer(session, a_customer(session, a_seller(session)), delivery=state)
    carrier = Scripted()
    assert deliver_message(message.id, store=store, carriers={"email": carrier}) == state
    assert carrier.taken == []


def test_a_channel_without_a_carrier_leaves_its_messages_waiting(store: Store, session: Session) -> None:
    message = an_answer(session, a_customer(session, a_seller(session)), channel="sms")
    with pytest.raises(NoCarrier):
        deliver_message(message.id, store=store, carriers={"email": Scripted()})
    assert deliver_queued(store=store, carriers={"email": Scripted()}) == 0
    assert now_of(session, message).delivery == "queued"
    with pytest.raises(NoSuchMessage):
        deliver_message(new_key(), store=store, carriers={})


def test_everything_queued_is_sent_oldest_first_up_to_the_limit_and_past_a_channel_that_is_out(
    store: Store, session: Session, clock: MovableClock
) -> None:
    customer = a_customer(session, a_seller(session))
    texts = [an_answer(session, customer, channel="sms", address="+31612345678") for _ in range(7)]
    mails = [an_answer(session, customer) for _ in range(3)]
    email, sms = Scripted(), Scripted(Outage(), name="texts")
    assert deliver_queued(store=store, carriers={"email": email, "sms": sms}) == 3
    assert email.taken == [mail.id for mail in mails]
    assert sms.taken == [text.id for text in texts[:5]]
    assert deliver_queued(store=store, carriers={"email": email, "sms": sms}) == 0
    clock.move(timedelta(minutes=2))
    sms.answer = Accepted("key-2")
    assert deliver_queued(store=store, carriers={"email": email, "sms": sms}, limit=1) == 1
    assert sms.taken[5:] == [texts[0].id]
