"""Taking in what arrived: once, whole, and never lost or tried for ever."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from o2c_core.actions.keep_arrivals import Arrived, keep_arrivals
from o2c_core.actions.pick_up_unanswered import ANSWER_TRIES_MAX, pick_up_unanswered, waiting_arrivals
from o2c_core.actions.take_in import TRIES_MAX, UNKNOWN_LOOKS_MAX, NoSuchArrival, take_in
from o2c_core.clock import MovableClock
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Automatic, Bounced, Heard, HeardFile, HeardMail, Noise, Sense, Word
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.task import Task
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller, SenderIdentity
from o2c_core.errors import Outage
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller

PLATE = Doorplate("key", "https://parley.example", "reply.parley.example")
OURS, THEIRS = "+31201234567", "+31612345678"


@pytest.fixture
def jansen(session: Session) -> Customer:
    seller = a_seller(session)
    seller.senders.append(SenderIdentity(channel="sms", value=OURS))
    jansen = a_customer(session, seller, "C1001")
    jansen.contacts[0].addresses.append(Address(channel="sms", value=THEIRS, verified_at=MOMENT))
    session.commit()
    return jansen


def arrive(store: Store, key: str = "SM1", kind: str = "message") -> UUID:
    return keep_arrivals([Arrived("twilio", kind, "sms", key, {"Body": "words"})], store=store)[0]


def a_text(text: str = "Hoeveel staat er open?", key: str = "SM1", sender: str = THEIRS, to: str = OURS) -> Heard:
    return Heard("sms", key, sender, to, text)


def taken(store: Store, sense: Sense, key: str | None = None) -> str:
    arrival_id = arrive(store, key or new_key().hex)
    return take_in(arrival_id, store=store, read=lambda _: sense, doorplate=PLATE)


def messages(session: Session) -> list[Message]:
    session.expire_all()
    return list(session.scalars(select(Message).order_by(Message.id)))


def test_a_text_becomes_a_message_of_its_customer_with_a_job_to_answer_it(
    session: Session, store: Store, jansen: Customer
) -> None:
    assert taken(store, a_text()) == "done"
    (message,) = messages(session)
    conversation = session.get_one(Conversation, message.conversation_id)
    assert (message.text, message.sender_key, message.purpose) == ("Hoeveel staat er open?", "SM1", "question")
    assert message.contact_id == jansen.contacts[0].id
    assert (conversation.customer_id, conversation.identity, conversation.version) == (jansen.id, "proven", 1)
    jobs = session.execute(text("SELECT args ->> 'message_id' FROM procrastinate_jobs WHERE task_name = 'answer'"))
    assert list(jobs.scalars()) == [str(message.id)]


def test_taking_in_twice_changes_nothing(session: Session, store: Store, jansen: Customer) -> None:
    arrival_id = arrive(store)
    for _ in range(3):
        assert take_in(arrival_id, store=store, read=lambda _: a_text(), doorplate=PLATE) == "done"
    assert len(messages(session)) == 1
    assert session.scalars(select(Arrival.tries)).one() == 1


def test_the_same_message_by_another_arrival_is_not_stored_again(
    session: Session, store: Store, jansen: Customer
) -> None:
    assert [taken(store, a_text()) for _ in range(2)] == ["done", "done"]
    (message,) = messages(session)
    assert set(session.scalars(select(Arrival.message_id))) == {message.id}
    assert session.scalar(select(func.count()).select_from(Conversation)) == 1


def test_what_cannot_be_read_is_tried_again_and_then_set_aside_for_people(
    session: Session, store: Store, jansen: Customer
) -> None:
    arrival_id = arrive(store)

    def broken(_: Arrival) -> Sense:
        raise ValueError("somebody's words")

    states = [take_in(arrival_id, store=store, read=broken, doorplate=PLATE) for _ in range(TRIES_MAX + 1)]
    assert states == ["waiting"] * (TRIES_MAX - 1) + ["set_aside"] * 2
    arrival = session.get_one(Arrival, arrival_id)
    assert arrival.why == "could not be taken in: ValueError"
    assert session.scalars(select(Task.kind)).all() == ["review"]


def test_what_ends_the_process_each_time_is_set_aside_too(session: Session, store: Store, jansen: Customer) -> None:
    arrival_id = arrive(store)

    def killed(_: Arrival) -> Sense:
        raise KeyboardInterrupt

    for _ in range(TRIES_MAX):
        with pytest.raises(KeyboardInterrupt):
            take_in(arrival_id, store=store, read=killed, doorplate=PLATE)
    assert take_in(arrival_id, store=store, read=killed, doorplate=PLATE) == "set_aside"


def test_an_outage_is_nobodys_fault_and_leaves_it_waiting(session: Session, store: Store, jansen: Customer) -> None:
    def out(_: Arrival) -> Sense:
        raise Outage

    arrival_id = arrive(store)
    with pytest.raises(Outage):
        take_in(arrival_id, store=store, read=out, doorplate=PLATE)
    assert session.get_one(Arrival, arrival_id).state == "waiting"


def test_noise_is_set_aside_with_its_reason_and_no_task(session: Session, store: Store, jansen: Customer) -> None:
    assert taken(store, Noise("a test of the provider's")) == "set_aside"
    assert session.scalars(select(Arrival.why)).one() == "a test of the provider's"
    assert session.scalars(select(Task)).all() == []


def test_a_message_for_none_of_several_sellers_is_set_aside_for_people(
    session: Session, store: Store, jansen: Customer
) -> None:
    a_seller(session, "other")
    session.commit()
    assert taken(store, a_text(to="+31200000000")) == "set_aside"
    assert messages(session) == []
    assert session.scalars(select(Task.kind)).all() == ["review"]


def test_of_several_sellers_the_one_with_the_number_is_meant(session: Session, store: Store, jansen: Customer) -> None:
    a_seller(session, "other")
    session.commit()
    assert taken(store, a_text()) == "done"
    assert session.scalars(select(Conversation.seller_id)).one() == jansen.seller_id


def test_a_word_about_a_message_nobody_knows_yet_waits_a_little(
    session: Session, store: Store, jansen: Customer
) -> None:
    word = Word("twilio", "SM1 delivered", "SM1", None, "delivered")
    arrival_id = arrive(store, kind="word")
    states = [take_in(arrival_id, store=store, read=lambda _: word, doorplate=PLATE) for _ in range(UNKNOWN_LOOKS_MAX)]
    assert states == ["waiting"] * (UNKNOWN_LOOKS_MAX - 1) + ["set_aside"]
    assert session.scalars(select(Task)).all() == []


@pytest.mark.parametrize("line", [
    "one customer, verified        proven    theirs",
    "one customer, not verified    known     theirs",
    "two customers                 stranger  nobody's",
    "nobody                        stranger  nobody's",
    "a number that failed          known     theirs",
])  # fmt: skip
def test_who_wrote_is_kept_with_the_message(session: Session, store: Store, jansen: Customer, line: str) -> None:
    whose, identity, customer = (part.strip() for part in line.split("  ") if part.strip())
    address = session.scalars(select(Address).where(Address.value == THEIRS)).one()
    if whose == "one customer, not verified":
        address.verified_at = None
    elif whose == "two customers":
        seller = session.get_one(Seller, jansen.seller_id)
        other = a_customer(session, seller, "C2002", email=None)
        other.contacts[0].addresses.append(Address(channel="sms", value=THEIRS, verified_at=MOMENT))
    elif whose == "nobody":
        session.delete(address)
    elif whose == "a number that failed":
        address.failed_at = MOMENT
    session.commit()
    taken(store, a_text())
    (message,) = messages(session)
    assert message.understanding["identity"] == identity
    theirs = session.get_one(Conversation, message.conversation_id).customer_id
    assert theirs == (jansen.id if customer == "theirs" else None)


def a_letter(key: str = "m1", *, text: str = "Dank u", **more: object) -> Heard:
    mail = HeardMail(**{"mail_id": f"<{key}@x.example>", "subject": "Vraag", "is_aligned": True} | more)  # type: ignore[arg-type]
    return Heard("email", key, "ap@jansen.example", "hello@parley.example", text, mail=mail)


def test_files_and_odd_text_are_kept_whatever_they_are(session: Session, store: Store, jansen: Customer) -> None:
    files = (
        HeardFile("a\0.pdf", "application/pdf", "application/pdf", 3, "sum", b"pdf"),
        HeardFile("b.exe", "application/x-msdownload", "image/png", 9, "sum", None, "can do harm"),
    )
    heard = Heard("sms", "SM1", THEIRS, OURS, "\0\ud800" + "lang " * 5000, files=files)
    assert taken(store, heard) == "done"
    (message,) = messages(session)
    assert len(message.text) <= 8000
    assert session.scalars(select(ReceivedFile.refused_why).order_by(ReceivedFile.id)).all() == [None, "can do harm"]


def test_a_card_number_in_a_mails_quoted_part_is_not_kept_either(
    session: Session, store: Store, jansen: Customer
) -> None:
    heard = a_letter(original="> 4111 1111 1111 1111", html="<p>4111 1111 1111 1111</p>")
    assert taken(store, heard) == "done"
    (message,) = messages(session)
    arrival = session.scalars(select(Arrival)).one()
    assert "4111 1111" not in f"{message.mail} {message.html} {arrival.payload} {arrival.raw!r}"


def test_a_bounce_reaches_the_message_it_is_about_by_its_id(session: Session, store: Store, jansen: Customer) -> None:
    conversation = Conversation(
        seller_id=jansen.seller_id,
        customer_id=jansen.id,
        channel="email",
        identity="known",
        opened_at=MOMENT,
        updated_at=MOMENT,
    )
    session.add(conversation)
    session.flush()
    sent = Message(
        conversation_id=conversation.id, direction="out", author="assistant", purpose="notice", channel="email",
        address="ap@jansen.example", text="Hallo", delivery="sent", carrier="smtp", mail_id="<ours@parley.example>",
        created_at=MOMENT, sent_at=MOMENT,
    )  # fmt: skip
    session.add(sent)
    session.commit()
    bounced = Bounced("ap@jansen.example", is_hard=True, status="5.1.1", mail_id="<ours@parley.example>")
    mail = HeardMail(
        "<b@x.example>", "Undelivered", thread=conversation.id, automatic=Automatic("bounce", bounced=(bounced,))
    )
    heard = Heard("email", "b1", "mailer-daemon@x.example", "t-x@reply.parley.example", "not delivered", mail=mail)
    assert taken(store, heard) == "done"
    session.expire_all()
    assert session.get_one(Message, sent.id).delivery == "failed"


def test_an_automatic_mail_of_nobodys_thread_is_a_closed_conversation(
    session: Session, store: Store, jansen: Customer
) -> None:
    mail = HeardMail("<n@x.example>", "News", automatic=Automatic("list"))
    taken(store, Heard("email", "n1", "news@shop.example", "hello@parley.example", "Sale", mail=mail))
    assert session.scalars(select(Conversation.state)).one() == "closed"


def test_the_sweep_finds_arrivals_after_a_minute(store: Store, jansen: Customer, clock: MovableClock) -> None:
    arrival_id = arrive(store)
    clock.move(timedelta(seconds=60))
    assert waiting_arrivals(store=store) == []
    clock.move(timedelta(seconds=1))
    assert waiting_arrivals(store=store) == [arrival_id]


def test_a_question_left_lying_is_picked_up_five_times_and_then_left_to_a_person(
    session: Session, store: Store, jansen: Customer, clock: MovableClock
) -> None:
    taken(store, a_text())
    (message,) = messages(session)
    assert pick_up_unanswered(store=store) == ([], [])
    clock.move(timedelta(minutes=3))
    for _ in range(ANSWER_TRIES_MAX):
        assert pick_up_unanswered(store=store) == ([message.id], [])
    assert pick_up_unanswered(store=store) == ([], [(message.conversation_id, message.id)])


@pytest.mark.parametrize("change", ["agent", "answered", "chat"])
def test_what_needs_no_answer_from_here_is_not_picked_up(
    session: Session, store: Store, jansen: Customer, clock: MovableClock, change: str
) -> None:
    taken(store, a_text())
    (message,) = messages(session)
    changes: dict[str, Callable[[], None]] = {
        "agent": lambda: setattr(session.get_one(Conversation, message.conversation_id), "speaker", "agent"),
        "answered": lambda: setattr(message, "answered_at", MOMENT),
        "chat": lambda: setattr(message, "channel", "chat"),
    }
    changes[change]()
    session.commit()
    clock.move(timedelta(minutes=3))
    assert pick_up_unanswered(store=store) == ([], [])


def test_an_arrival_that_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(NoSuchArrival):
        take_in(new_key(), store=store, read=lambda _: Noise(""), doorplate=PLATE)
