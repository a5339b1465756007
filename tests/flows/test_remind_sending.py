"""What may still be sent at the instant of sending, of any purpose, and to whom it goes instead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.reminders.hours import window_end
from o2c_core.reminders.may_contact import No, NotNow, Reason
from o2c_core.reminders.recipient import Recipient, next_recipient
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.rewrite import rewrite
from o2c_core.reminders.still_right import against_sending
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import MOMENT, a_payment, a_seller, an_invoice
from tests.flows.reminding import NOON, PHONE, deliver, the_message, the_run, who_owes
from tests.o2c_core.reminders.said import heard, ours, refuse


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return who_owes(session, seller)


def test_stop_by_sms_sends_the_planned_reminder_by_email_and_the_reason_is_recorded(
    store: Store, session: Session, customer: Customer
) -> None:
    customer.preferred_channel = "sms"
    stop = heard(session, customer, "sms", PHONE, NOON, text="STOP", answered_at=NOON)
    for purpose in ("reminders", "service"):
        refuse(session, "sms", NOON, contact=customer.contacts[0], address=PHONE, purpose=purpose, message=stop)
    entry = the_run(store)
    assert (entry.channel, entry.address, entry.waits_until) == ("email", "ap@jansen.example", None)
    assert [(one.channel, one.address, one.reason) for one in entry.passed_over] == [("sms", PHONE, Reason.OPTED_OUT)]
    assert entry.to_json()["passed_over"][0]["reason"] == "opted_out"
    line = session.scalars(select(TrailLine).where(TrailLine.what == "reminder queued")).one()
    assert line.details["passed_over"] == [{"channel": "sms", "why": "opted_out"}]
    assert deliver(store, session) == "sent"
    # The question they ask afterwards is answered where they asked it; one of before is not.
    later = heard(session, customer, "sms", PHONE, NOON + timedelta(minutes=5))
    answer = ours(session, later, "answer", answers_id=later.id)
    assert against_sending(session, answer, NOON + timedelta(minutes=6)) is None
    before = heard(session, customer, "sms", PHONE, NOON - timedelta(minutes=5))
    against = against_sending(session, ours(session, before, "answer", answers_id=before.id), NOON)
    assert against == No(Reason.OPTED_OUT)
    # And our own word that it was heard goes once.
    assert against_sending(session, ours(session, stop, "confirmation", answers_id=stop.id), NOON) is None


def test_stop_between_planning_and_sending_withdraws_the_text_and_the_next_run_goes_by_email(
    store: Store, session: Session, customer: Customer
) -> None:
    customer.preferred_channel = "sms"
    session.commit()
    assert the_run(store).channel == "sms"
    # Somebody nobody knows wrote from that number: it counts for whoever has it.
    refuse(session, "sms", NOON, address=PHONE)
    assert deliver(store, session) == "withdrawn"
    entry = the_run(store)
    assert (entry.channel, entry.rung) == ("email", "first")
    # A start from the same number takes the stop back.
    refuse(session, "sms", NOON + timedelta(minutes=1), address=PHONE, is_given=True)
    session.delete(session.scalars(select(Reminder)).one())
    session.commit()
    assert the_run(store, dry_run=True).channel == "sms"


@pytest.mark.parametrize(("hours", "channel"), [(23, "whatsapp"), (24, "email"), (None, "email")])
def test_whatsapp_is_used_within_a_day_of_their_own_message_and_no_longer(
    store: Store, session: Session, customer: Customer, hours: int | None, channel: str
) -> None:
    customer.preferred_channel = "whatsapp"
    session.commit()
    if hours is not None:
        heard(session, customer, "whatsapp", PHONE, NOON - timedelta(hours=hours), answered_at=NOON)
    assert the_run(store).channel == channel
    message = the_message(session)
    late = against_sending(session, message, NOON + timedelta(hours=2))
    assert (late.reason if late else None) is (Reason.WINDOW_CLOSED if channel == "whatsapp" else None)


@pytest.mark.parametrize(("channel", "end"), [
    ("email", datetime(2026, 3, 16, 19, 0, tzinfo=UTC)),
    ("sms", datetime(2026, 3, 16, 19, 0, tzinfo=UTC)),
])  # fmt: skip
def test_no_provider_may_hold_a_reminder_longer_than_its_hours(
    store: Store, session: Session, customer: Customer, channel: str, end: datetime
) -> None:
    customer.preferred_channel = channel
    session.commit()
    the_run(store)
    message = the_message(session)
    assert window_end(session, message, NOON) == end
    message.created_at = NOON - timedelta(hours=47)
    session.commit()
    assert window_end(session, message, NOON) == NOON + timedelta(hours=1)


def test_an_answer_by_text_may_take_a_day_and_one_by_email_has_no_end(session: Session, customer: Customer) -> None:
    for channel, address, end in (
        ("sms", PHONE, NOON + timedelta(hours=24)), ("email", "ap@jansen.example", None), ("chat", "", None),
    ):  # fmt: skip
        question = heard(session, customer, channel, address, NOON)
        assert window_end(session, ours(session, question, "answer", answers_id=question.id), NOON) == end


NIGHT = datetime(2026, 3, 16, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(("purpose", "channel", "address", "reason"), [
    ("answer", "sms", PHONE, None),
    ("notice", "sms", PHONE, None),
    ("document", "email", "ap@jansen.example", None),
    ("answer", "chat", "", None),
])  # fmt: skip
def test_what_they_have_just_asked_for_goes_at_any_hour(
    session: Session, customer: Customer, purpose: str, channel: str, address: str, reason: Reason | None
) -> None:
    question = heard(session, customer, channel, address, NIGHT - timedelta(minutes=1))
    message = ours(session, question, purpose)
    assert against_sending(session, message, NIGHT) is None


def test_what_nobody_asked_for_waits_for_the_day(session: Session, customer: Customer) -> None:
    old = heard(session, customer, "sms", PHONE, NIGHT - timedelta(days=3))
    against = against_sending(session, ours(session, old, "notice", created_at=NIGHT), NIGHT)
    assert isinstance(against, NotNow)
    assert (against.reason, against.until_at) == (Reason.QUIET_HOURS, datetime(2026, 3, 17, 8, 0, tzinfo=UTC))


def test_a_stranger_who_asked_is_answered_and_one_who_said_stop_is_not_written_to(
    session: Session, seller: Seller
) -> None:
    question = heard(session, None, "sms", "+31687654321", NIGHT)
    answer = ours(session, question, "answer", answers_id=question.id)
    assert against_sending(session, answer, NIGHT) is None
    refuse(session, "sms", NIGHT + timedelta(minutes=1), address="+31687654321", purpose="service")
    assert against_sending(session, answer, NIGHT + timedelta(minutes=2)) == No(Reason.OPTED_OUT)


def test_an_address_that_failed_works_again_for_who_wrote_from_it_since(session: Session, customer: Customer) -> None:
    customer.contacts[0].addresses[0].failed_at = MOMENT
    question = heard(session, customer, "email", "ap@jansen.example", NOON)
    assert against_sending(session, ours(session, question, "answer", answers_id=question.id), NOON) is None
    unasked = ours(session, question, "notice", created_at=MOMENT)
    assert against_sending(session, unasked, NOON) == No(Reason.BOUNCED)


def test_a_reminder_that_bounced_goes_to_the_next_address_then_as_a_text_with_the_ledger_as_it_is(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    other = Contact(customer_id=customer.id, name="Eva", role="owner", language="fr")
    other.addresses.append(Address(channel="email", value="eva@jansen.example"))
    session.add(other)
    session.commit()
    session.refresh(customer)
    the_run(store)
    message = the_message(session)
    second = next_recipient(session, message, [])
    assert second == Recipient("eva@jansen.example", "fr", "email", other.id, "Eva")
    third = next_recipient(session, message, [("email", "eva@jansen.example")])
    assert third == Recipient(PHONE, "nl", "sms", customer.contacts[0].id, "A. Jansen")
    assert next_recipient(session, message, [("email", "eva@jansen.example"), ("sms", PHONE)]) is None
    invoice = session.scalars(select(Reminder)).one().invoice_id
    a_payment(session, session.get_one(type(an_invoice(session, customer, "INV-9")), invoice), 2_500)
    for is_freed in (False, True):
        if is_freed:
            session.delete(session.scalars(select(Reminder)).one())
            session.flush()
        mail = rewrite(session, message, second, NOON, None)
        text = rewrite(session, message, third, NOON, None)
        assert mail
        assert text
        assert mail.subject == "Van Dijk Groothandel : paiement de la facture INV-1"
        assert "EUR 100,00" in text.text
        assert "INV-9" not in text.text
        assert (text.subject, text.html, text.language) == (None, None, "nl")
    a_payment(session, session.get_one(type(an_invoice(session, customer, "INV-8")), invoice), 10_000)
    assert rewrite(session, message, second, NOON, None) is None


def test_an_answer_goes_only_to_who_asked_and_a_code_nowhere_else(session: Session, customer: Customer) -> None:
    other = Contact(customer_id=customer.id, name="Eva", role="accounts_payable")
    other.addresses.append(Address(channel="email", value="eva@jansen.example"))
    session.add(other)
    session.commit()
    session.refresh(customer)
    question = heard(session, customer, "sms", PHONE, NOON)
    answer = ours(session, question, "answer")
    found = next_recipient(session, answer, [])
    assert found
    assert found.address == "ap@jansen.example"
    said = rewrite(session, answer, found, NOON, None)
    assert said
    assert (said.subject, said.text) == ("Van Dijk Groothandel", "Tomorrow.")
    assert next_recipient(session, answer, [("email", "ap@jansen.example")]) is None
    document = ours(session, heard(session, customer, "email", "ap@jansen.example", NOON), "document")
    sent_on = next_recipient(session, document, [])
    assert sent_on
    assert (sent_on.channel, sent_on.address) == ("email", "eva@jansen.example")
    assert next_recipient(session, ours(session, question, "code"), []) is None
