"""What a carrier is handed: the seller's sender, the place in the thread, the files, and how long it may be held."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import MailHeaders, Outgoing
from o2c_core.conversations.delivering import VALID_SECONDS, valid_seconds
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller, SenderIdentity
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.conftest import NOON
from tests.stores.outbox import MAIL, PHONE, Scripted, a_message, a_phone, a_thread, fresh, tasks

PLATE = Doorplate("key", "https://pay.vandijk.example", "reply.vandijk.example")


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller)


def handed(store: Store, message: Message, plate: Doorplate | None = PLATE) -> Outgoing:
    carrier = Scripted()
    assert deliver_message(message.id, store=store, carriers={message.channel: carrier}, doorplate=plate) == "sent"
    return carrier.taken[0]


def headers(store: Store, message: Message, plate: Doorplate | None = PLATE) -> MailHeaders:
    mail = handed(store, message, plate).mail
    assert mail is not None
    return mail


def test_it_comes_from_the_sellers_default_sender_of_that_channel(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    seller.senders += [
        SenderIdentity(channel="email", value="old@vandijk.example"),
        SenderIdentity(channel="email", value="post@vandijk.example", name="Van Dijk", is_default=True),
        SenderIdentity(channel="sms", value="+3197010", is_default=True),
    ]
    mail = a_message(session, a_thread(session, customer), subject="Uw vraag", html="<p>Goedendag</p>")
    out = handed(store, mail)
    assert (out.sender, out.sender_name) == ("post@vandijk.example", "Van Dijk")
    assert (out.to, out.text, out.subject, out.html, out.language) == (
        MAIL, "Goedendag", "Uw vraag", "<p>Goedendag</p>", "nl",
    )  # fmt: skip
    assert fresh(session, mail).sender == "post@vandijk.example"
    text = handed(store, a_message(session, a_thread(session, customer, "sms")))
    assert (text.sender, text.to, text.mail) == ("+3197010", PHONE, None)
    # Who wrote to one of our numbers is answered from that number.
    answer = a_message(session, a_thread(session, customer, "sms"), sender="+3197099")
    assert handed(store, answer).sender == "+3197099"


def test_without_a_sender_it_is_left_to_the_carrier(store: Store, session: Session, customer: Customer) -> None:
    assert handed(store, a_message(session, a_thread(session, customer))).sender is None


def test_a_mail_answers_the_mail_it_answers_in_its_thread(store: Store, session: Session, customer: Customer) -> None:
    thread = a_thread(session, customer)
    first = a_message(session, thread)
    one = headers(store, first)
    assert (one.in_reply_to, one.references) == (None, ())
    assert one.mail_id == f"<{first.id.hex}@reply.vandijk.example>"
    assert fresh(session, first).mail_id == one.mail_id
    assert PLATE.thread_of(str(one.reply_to)) == thread.id
    heard = {"direction": "in", "delivery": "received", "author": "customer", "purpose": "question"}
    asked = a_message(session, thread, **heard, mail_id="<q1@jansen.example>", mail={"references": ["<old@x.example>"]})
    a_message(session, thread, **heard, mail_id="<q2@jansen.example>")
    two = headers(store, a_message(session, thread, answers_id=asked.id))
    assert two.in_reply_to == "<q1@jansen.example>"
    assert two.references == (one.mail_id, "<old@x.example>", "<q1@jansen.example>")
    three = headers(store, a_message(session, thread))
    assert three.in_reply_to == two.mail_id
    assert three.references[-1] == two.mail_id
    assert len(set(three.references)) == len(three.references)


def test_a_long_thread_names_where_it_began_and_its_last_mails(
    store: Store, session: Session, customer: Customer
) -> None:
    thread = a_thread(session, customer)
    for number in range(30):
        a_message(session, thread, delivery="sent", mail_id=f"<{number}@x.example>")
    mail = headers(store, a_message(session, thread))
    assert mail.references == ("<0@x.example>", *(f"<{number}@x.example>" for number in range(21, 30)))


def test_what_was_tried_again_keeps_its_place_in_the_thread(store: Store, session: Session, customer: Customer) -> None:
    thread = a_thread(session, customer)
    asked = a_message(session, thread, direction="in", delivery="received", mail_id="<q1@jansen.example>")
    a_message(session, thread, direction="in", delivery="received", mail_id="<q2@jansen.example>")
    failed = a_message(session, thread, delivery="failed", answers_id=asked.id)
    assert headers(store, a_message(session, thread, instead_of_id=failed.id)).in_reply_to == "<q1@jansen.example>"


@pytest.mark.parametrize(("author", "purpose", "said"), [
    ("assistant", "answer", "auto-replied"),
    ("assistant", "document", "auto-generated"),
    ("assistant", "notice", "auto-generated"),
    ("Eva", "answer", None),
])  # fmt: skip
def test_a_mail_says_who_made_it(
    store: Store, session: Session, customer: Customer, author: str, purpose: str, said: str | None
) -> None:
    message = a_message(session, a_thread(session, customer), author=author, purpose=purpose)
    assert headers(store, message).auto_submitted == said


def test_only_a_reminder_can_be_unsubscribed_from_and_it_says_it_was_made(
    store: Store, session: Session, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    session.commit()
    run_reminders(DAY, store=store, doorplate=PLATE)
    mail = headers(store, session.scalars(select(Message)).one())
    assert str(mail.unsubscribe_url).startswith("https://pay.vandijk.example/")
    assert mail.auto_submitted == "auto-generated"
    assert headers(store, a_message(session, a_thread(session, customer))).unsubscribe_url is None


def test_without_a_doorplate_there_are_no_links_and_nothing_breaks(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    seller.senders.append(SenderIdentity(channel="email", value="post@vandijk.example", is_default=True))
    message = a_message(session, a_thread(session, customer))
    mail = headers(store, message, None)
    assert (mail.mail_id, mail.reply_to) == (f"<{message.id.hex}@vandijk.example>", None)


@pytest.mark.parametrize(("until", "seconds"), [
    (None, VALID_SECONDS),
    (NOON + timedelta(hours=2), 7200),
    (NOON + timedelta(days=3), 36_000),
    (NOON + timedelta(seconds=0.5), 1),
    (NOON - timedelta(hours=1), 1),
])  # fmt: skip
def test_no_provider_holds_it_beyond_its_hours(until: datetime | None, seconds: int) -> None:
    assert valid_seconds(NOON, until) == seconds


def test_a_text_may_be_held_no_longer_than_its_day_lasts(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    a_phone(session, customer)
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    customer.preferred_channel = "sms"
    session.commit()
    run_reminders(DAY, store=store)
    clock.at = NOON.replace(hour=18, minute=30)  # 19:30 in Amsterdam
    out = handed(store, session.scalars(select(Message)).one())
    assert out.channel == "sms"
    assert out.valid_seconds == 30 * 60


def test_what_may_not_leave_at_this_hour_waits_for_its_hour_with_the_reason(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    a_phone(session, customer)
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    customer.preferred_channel = "sms"
    session.commit()
    run_reminders(DAY, store=store)
    message = session.scalars(select(Message)).one()
    clock.at = NOON.replace(hour=22)
    carrier = Scripted()
    assert deliver_message(message.id, store=store, carriers={"sms": carrier}) == "queued"
    assert carrier.taken == []
    morning = fresh(session, message).not_before
    assert morning == datetime(2026, 3, 17, 8, 0, tzinfo=NOON.tzinfo)  # nine in Amsterdam
    assert message.waits_why
    assert message.tries == 0
    clock.at = morning
    assert deliver_message(message.id, store=store, carriers={"sms": carrier}) == "sent"


def test_a_document_that_cannot_be_made_is_a_failed_message_and_a_task(
    store: Store, session: Session, customer: Customer
) -> None:
    broken = [{"document": "invoice", "id": "01900000-0000-7000-8000-000000000000"}]
    message = a_message(session, a_thread(session, customer), purpose="document", attachments=broken)
    carrier = Scripted()
    assert deliver_message(message.id, store=store, carriers={"email": carrier}) == "failed"
    assert carrier.taken == []
    assert "put together" in str(fresh(session, message).failed_why)
    (task,) = tasks(session)
    assert (task.kind, task.message_id) == ("review", message.id)


def test_a_document_goes_along_as_a_file(store: Store, session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    copy = [{"document": "invoice", "id": str(invoice.id)}]
    out = handed(store, a_message(session, a_thread(session, customer), purpose="document", attachments=copy))
    (file,) = out.files
    assert (file.media_type, file.content[:5]) == ("application/pdf", b"%PDF-")
    assert "INV-1" in file.name
