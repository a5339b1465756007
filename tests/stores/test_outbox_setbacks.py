"""A message that does not arrive is made good once: the address, the person's no, the next attempt, and people's tasks."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.note_word import note_word
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Rejected
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.setback import REMEDIES, Setback
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice
from tests.stores.outbox import (
    MAIL,
    PHONE,
    Scripted,
    a_message,
    a_phone,
    a_thread,
    a_word,
    fresh,
    replacement,
    tasks,
)

PLATE = Doorplate("key")


@pytest.fixture
def customer(session: Session) -> Customer:
    """Reached by mail and by phone."""
    customer = a_customer(session, a_seller(session))
    a_phone(session, customer)
    return customer


def fail(store: Store, message: Message, setback: Setback, *, as_word: bool = False, code: str = "30000") -> None:
    if as_word:
        note_word(a_word("failed", message, setback=setback, code=code, why="said no"), store=store, doorplate=PLATE)
    else:
        carrier = Scripted([Rejected("said no", setback, code)])
        assert (
            deliver_message(message.id, store=store, carriers={message.channel: carrier}, doorplate=PLATE) == "failed"
        )


ROWS = [
    # setback      next               address marked  refused  tasks
    "bad_address   email              marked          -        data_fix",
    "no_texts      email              marked          -        data_fix",
    "opted_out     email              -               refused  -",
    "unreachable   same+240           -               -        -",
    "blocked       same+60            -               -        -",
    "filtered      email              -               -        provider",
    "unknown       same+30            -               -        -",
    "settings      email              -               -        provider",
    "content       -                  -               -        provider,review",
    "quiet_hours   same+720           -               -        -",
    "window_closed email              -               -        -",
    "expired       same+60            -               -        -",
]


def test_every_setback_has_its_row() -> None:
    assert {row.split()[0] for row in ROWS} == {setback.value for setback in REMEDIES}
    assert set(REMEDIES) == set(Setback)


@pytest.mark.parametrize("as_word", [False, True], ids=["answer", "word"])
@pytest.mark.parametrize("row", ROWS)
def test_what_follows_a_setback(
    store: Store, session: Session, customer: Customer, clock: MovableClock, row: str, as_word: bool
) -> None:
    name, following, marked, refused, opened = row.split()
    thread = a_thread(session, customer, "sms")
    asked = a_message(
        session, thread, direction="in", delivery="received", purpose="question", created_at=clock.now(),
        author="customer",
    )  # fmt: skip
    message = a_message(
        session, thread, answers_id=asked.id, **({"delivery": "sent", "sent_at": clock.now()} if as_word else {})
    )
    fail(store, message, Setback(name), as_word=as_word)
    assert (fresh(session, message).delivery, message.failed_code, message.failed_why) == ("failed", "30000", "said no")
    instead = replacement(session, message)
    if following == "-":
        assert instead is None
    else:
        assert instead is not None
        assert (instead.delivery, instead.text, instead.purpose) == ("queued", "Goedendag", "answer")
    if following == "email":
        assert instead is not None
        assert (instead.channel, instead.address, instead.not_before) == ("email", MAIL, None)
    if following.startswith("same"):
        assert instead is not None
        later = clock.now() + timedelta(minutes=int(following.removeprefix("same+")))
        assert (instead.channel, instead.address, instead.not_before) == ("sms", PHONE, later)
    address = session.scalars(select(Address).where(Address.value == PHONE)).one()
    assert (address.failed_at is not None, address.failed_why) == (
        marked == "marked", "30000 said no" if marked == "marked" else None,
    )  # fmt: skip
    notes = session.scalars(select(Consent)).all()
    assert {(note.channel, note.purpose, note.how, note.is_given) for note in notes} == (
        {("sms", purpose, "provider", False) for purpose in ("service", "reminders", "marketing")}
        if refused == "refused"
        else set()
    )
    assert sorted(task.kind for task in tasks(session)) == sorted(
        opened.replace("-", "").split(",") if opened != "-" else []
    )


def test_an_address_is_marked_wherever_the_sellers_customers_have_it_and_nowhere_else(
    store: Store, session: Session, customer: Customer
) -> None:
    twin = a_customer(session, session.get_one(Seller, customer.seller_id))
    elsewhere = a_customer(session, a_seller(session, "another"))
    session.commit()
    message = a_message(session, a_thread(session, customer), delivery="sent")
    fail(store, message, Setback.BAD_ADDRESS, as_word=True)
    query = select(Contact.customer_id).join(Address).where(Address.value == MAIL, Address.failed_at.is_not(None))
    assert set(session.scalars(query)) == {customer.id, twin.id}
    assert elsewhere.id not in set(session.scalars(query))
    assert {task.customer_id for task in tasks(session, "data_fix")} == {customer.id, twin.id}


def test_that_a_number_has_no_whatsapp_says_nothing_of_its_texts(
    store: Store, session: Session, customer: Customer
) -> None:
    thread = a_thread(session, customer, "whatsapp")
    message = a_message(session, thread, address=PHONE, delivery="sent")
    fail(store, message, Setback.BAD_ADDRESS, as_word=True)
    assert session.scalars(select(Address).where(Address.failed_at.is_not(None))).all() == []
    instead = replacement(session, message)
    assert instead is not None
    assert (instead.channel, instead.address) in {("sms", PHONE), ("email", MAIL)}


def test_the_same_words_are_tried_so_often_and_then_it_is_somebody_elses_turn_until_there_is_nobody(
    store: Store, session: Session, customer: Customer
) -> None:
    message: Message | None = a_message(session, a_thread(session, customer, "sms"), delivery="sent")
    went = []
    while message is not None:
        went.append((message.channel, message.address))
        last = message
        note_word(a_word("failed", message, setback=Setback.UNREACHABLE), store=store, doorplate=PLATE)
        message = replacement(session, message)
        if message is not None:
            message.delivery = "sent"
            session.commit()
    assert went == [("sms", PHONE)] * 3 + [("email", MAIL)] * 3
    (task,) = tasks(session)
    assert (task.kind, task.message_id) == ("review", last.id)


def test_a_code_that_did_not_arrive_is_sent_nowhere_else(store: Store, session: Session, customer: Customer) -> None:
    for setback in (Setback.UNREACHABLE, Setback.BAD_ADDRESS):
        message = a_message(session, a_thread(session, customer, "sms"), purpose="code", delivery="sent")
        fail(store, message, setback, as_word=True)
        assert replacement(session, message) is None


def test_many_messages_refused_for_one_reason_are_one_task(store: Store, session: Session, customer: Customer) -> None:
    thread = a_thread(session, customer, "sms")
    for code in ("21408", "21408", "30034"):
        message = a_message(session, thread, delivery="sent", carrier="scripted")
        fail(store, message, Setback.SETTINGS, as_word=True, code=code)
    assert [task.about for task in tasks(session, "provider")] == ["scripted:21408", "scripted:30034"]


@pytest.fixture
def reminder(store: Store, session: Session, customer: Customer) -> Message:
    """A reminder by mail of two invoices that the provider has."""
    for number in ("INV-1", "INV-2"):
        an_invoice(session, customer, number, due_on=DAY - timedelta(days=7))
    session.commit()
    run_reminders(DAY, store=store)
    message = session.scalars(select(Message)).one()
    assert deliver_message(message.id, store=store, carriers={"email": Scripted()}) == "sent"
    return message


def rungs(session: Session) -> set[UUID]:
    return set(session.scalars(select(Reminder.message_id)))


def test_a_bounced_reminder_was_not_sent_and_its_rungs_go_to_the_text_sent_instead(
    store: Store, session: Session, reminder: Message
) -> None:
    fail(store, reminder, Setback.BAD_ADDRESS, as_word=True)
    text = replacement(session, reminder)
    assert text is not None
    assert (text.channel, text.address, text.purpose) == ("sms", PHONE, "reminder")
    assert text.html is None
    assert rungs(session) == {text.id}
    carrier = Scripted()
    assert deliver_message(text.id, store=store, carriers={"sms": carrier}) == "sent"
    assert carrier.ids == [text.id]
    fail(store, text, Setback.NO_TEXTS, as_word=True)
    assert replacement(session, text) is None
    assert rungs(session) == set()
    assert session.scalar(select(func.count()).select_from(Message)) == 2


def test_a_reminder_that_was_paid_meanwhile_is_not_sent_another_way(
    store: Store, session: Session, customer: Customer, reminder: Message
) -> None:
    for invoice in session.scalars(select(Invoice)):
        a_payment(session, invoice, invoice.total_minor)
    session.commit()
    fail(store, reminder, Setback.BAD_ADDRESS, as_word=True)
    assert replacement(session, reminder) is None
    assert rungs(session) == set()


def test_the_same_reminder_later_says_when_its_words_were_written(
    store: Store, session: Session, reminder: Message, clock: MovableClock
) -> None:
    clock.move(timedelta(minutes=5))
    fail(store, reminder, Setback.BLOCKED, as_word=True)
    copy = replacement(session, reminder)
    assert copy is not None
    assert (copy.text, copy.html, copy.receipts) == (reminder.text, reminder.html, reminder.receipts)
    assert copy.created_at == reminder.created_at
    assert copy.not_before == clock.now() + timedelta(hours=1)
    assert rungs(session) == {copy.id}
    clock.move(timedelta(minutes=61))
    assert deliver_message(copy.id, store=store, carriers={"email": Scripted()}) == "sent"


def test_a_reminder_that_is_tried_again_too_late_for_its_words_is_withdrawn(
    store: Store, session: Session, reminder: Message, clock: MovableClock
) -> None:
    fail(store, reminder, Setback.BLOCKED, as_word=True)
    copy = replacement(session, reminder)
    assert copy is not None
    clock.move(timedelta(days=2, hours=1))
    assert deliver_message(copy.id, store=store, carriers={"email": Scripted()}) == "withdrawn"
    assert rungs(session) == set()
