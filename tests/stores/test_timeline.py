"""One customer's timeline: everything in order, page by page, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan, PlanPart
from o2c_core.cases.promise import Promise
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.figures.happenings import KINDS
from o2c_core.figures.timeline import Cursor, NotACursor, UnknownKind, timeline
from o2c_core.invoices.payment import Allocation, PaymentReturn, WriteOff
from o2c_core.money import Money
from o2c_core.reminders.reminder import Reminder
from tests.build import (
    DAY,
    MOMENT,
    a_credit_note,
    a_customer,
    a_dispute,
    a_payment,
    a_seller,
    a_shipment,
    an_invoice,
    an_order,
)  # fmt: skip


def a_full_history(session: Session, customer: Customer) -> None:
    """At least one event of every kind."""
    mine = {"seller_id": customer.seller_id, "customer_id": customer.id}
    order = an_order(session, customer, ordered_on=DAY - timedelta(days=20), confirmed_on=DAY - timedelta(days=19))
    a_shipment(session, order, delivered_on=DAY - timedelta(days=1), received_by="J. Bakker", proof_kind="signature")
    invoice = an_invoice(session, customer, total_minor=10_000, due_on=DAY + timedelta(days=12))
    payment = a_payment(session, invoice, 2_000, DAY - timedelta(days=3))
    a_credit_note(session, customer, 500, against=invoice)
    write_off = WriteOff(**mine, invoice_id=invoice.id, amount_minor=10, currency="EUR", reason="small_balance",
                         words="rounding", by="An", role="finance", written_off_on=DAY)  # fmt: skip
    session.add(write_off)
    session.add(PaymentReturn(**mine, payment_id=payment.id, kind="chargeback", returned_on=DAY, amount_minor=2_000,
                              currency="EUR", source_key="back"))  # fmt: skip
    dispute = a_dispute(session, invoice, 1_500)
    dispute.resolved_at, dispute.outcome, dispute.state = MOMENT + timedelta(days=2), "withdrawn", "resolved"
    session.add(Complaint(**mine, number="C-27", about="Wet box", opened_at=MOMENT, answer_by=DAY, state="resolved",
                          resolved_at=MOMENT + timedelta(days=1), resolution="New box"))  # fmt: skip
    for state, settled_on in (("kept", DAY), ("broken", DAY - timedelta(days=1))):
        session.add(Promise(**mine, amount_minor=900, currency="EUR", promised_on=DAY, state=state, made_at=MOMENT,
                            made_on=MOMENT.date(), settled_on=settled_on))  # fmt: skip
    for number, state in (("PL-1", "kept"), ("PL-2", "broken"), ("PL-3", "declined")):
        plan = PaymentPlan(**mine, number=number, currency="EUR", grace_days=2, state=state, by="An", role="finance",
                           proposed_at=MOMENT, answered_at=MOMENT + timedelta(hours=1),
                           started_on=None if state == "declined" else DAY,
                           settled_on=None if state == "declined" else DAY)  # fmt: skip
        plan.parts += [PlanPart(position=at, due_on=DAY + timedelta(days=at), amount_minor=450) for at in (1, 2)]
        session.add(plan)
    session.add(Hold(**mine, kind="reminders", reason="flood", owner="An", from_on=DAY, until_on=DAY, created_at=MOMENT,
                     ended_on=DAY, ended_why="dry again"))  # fmt: skip
    session.add(Consent(contact_id=customer.contacts[0].id, channel="sms", purpose="reminders", is_given=False, at=MOMENT,
                        how="sms", words="STOP"))  # fmt: skip
    thread = Conversation(**mine, channel="email", opened_at=MOMENT, updated_at=MOMENT)
    session.add(thread)
    session.flush()
    for direction, hour in (("in", 1), ("out", 2)):
        message = Message(conversation_id=thread.id, direction=direction, author="assistant", channel="email",
                          subject=f"Mail {direction}", text="…", delivery="sent", created_at=MOMENT + timedelta(hours=hour))  # fmt: skip
        session.add(message)
    session.flush()
    session.add(Reminder(invoice_id=invoice.id, customer_id=customer.id, message_id=message.id, rung="late", on=DAY,
                         open_minor=7_000, created_at=MOMENT))  # fmt: skip
    session.flush()


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


def test_everything_between_a_customer_and_the_seller_is_in_it_newest_first(
    session: Session, customer: Customer
) -> None:
    a_full_history(session, customer)
    found = timeline(session, customer.id, limit=200)
    assert {one.kind for one in found} == set(KINDS)
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)


def test_an_event_says_what_it_is_about(session: Session, customer: Customer) -> None:
    a_full_history(session, customer)
    by_kind = {one.kind: one for one in timeline(session, customer.id, limit=200)}
    delivered = by_kind["shipment_delivered"]
    assert (delivered.subject, delivered.number, delivered.amount) == ("shipment", "3SVD0001", None)
    assert (delivered.values["received_by"], delivered.values["proof"]) == ("J. Bakker", "signature")
    assert by_kind["payment_returned"].amount == Money(2_000, "EUR")
    assert by_kind["payment_returned"].values == {"kind": "chargeback"}
    assert by_kind["plan_started"].amount == Money(900, "EUR")
    assert by_kind["plan_started"].values == {"parts": 2, "until_on": (DAY + timedelta(days=2)).isoformat()}
    assert by_kind["reminded"].amount == Money(7_000, "EUR")
    assert by_kind["reminded"].message_id == by_kind["message_out"].id
    assert by_kind["consent_noted"].values["is_given"] is False


def test_a_day_is_the_sellers_and_begins_where_the_seller_is(session: Session, customer: Customer) -> None:
    an_invoice(session, customer, issued_on=DAY)
    order = an_order(session, customer, ordered_on=None)
    late = datetime(2026, 3, 15, 23, 30, tzinfo=UTC)  # half past midnight on DAY in Amsterdam
    session.add(Complaint(seller_id=customer.seller_id, customer_id=customer.id, order_id=order.id, number="C-1",
                          about="x", opened_at=late, answer_by=DAY))  # fmt: skip
    session.flush()
    complaint, invoice = timeline(session, customer.id)
    assert (complaint.on, complaint.is_moment, complaint.at) == (DAY, True, late)
    assert (invoice.on, invoice.is_moment, invoice.at) == (DAY, False, datetime(2026, 3, 15, 23, tzinfo=UTC))


@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_page_by_page_it_is_the_same_as_at_once(session: Session, customer: Customer, at_once: int) -> None:
    a_full_history(session, customer)
    for number in range(5):
        an_invoice(session, customer, due_on=DAY, total_minor=100 + number)  # five on one day
    whole = timeline(session, customer.id, limit=200)
    found, cursor = [], None
    while page := timeline(session, customer.id, before=cursor, limit=at_once):
        assert len(page) <= at_once
        found += page
        cursor = Cursor.read(str(page[-1].cursor))
    assert found == whole


def test_nobody_elses_events_are_in_it(session: Session, customer: Customer) -> None:
    a_full_history(session, customer)
    other = a_customer(session, a_seller(session, "other"))
    assert timeline(session, other.id) == []


def test_only_the_kinds_that_are_asked_for(session: Session, customer: Customer) -> None:
    a_full_history(session, customer)
    assert {one.kind for one in timeline(session, customer.id, kinds={"invoice_issued", "reminded"})} == {
        "invoice_issued", "reminded"}  # fmt: skip
    assert timeline(session, customer.id, kinds=()) == []
    with pytest.raises(UnknownKind):
        timeline(session, customer.id, kinds={"invoice_issued", "invoice; DROP TABLE invoice"})


@pytest.mark.parametrize("written", ["", "yesterday", "2026-03-01T09:00:00+00:00~3~x", "2026-03-01T09:00:00~3~" + "0" * 32,
                                     "2026-03-01T09:00:00+00:00~99~" + "0" * 32])  # fmt: skip
def test_a_cursor_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(NotACursor):
        Cursor.read(written)


def test_it_is_one_query(session: Session, customer: Customer) -> None:
    a_full_history(session, customer)
    statements: list[str] = []
    heard = lambda *told: statements.append(told[2])  # noqa: E731
    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", heard)
    timeline(session, customer.id, before=Cursor(MOMENT + timedelta(days=30), 0, customer.id))
    event.remove(engine, "before_cursor_execute", heard)
    assert len(statements) == 1


def test_a_reversed_allocation_changes_nothing_that_happened(session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer)
    payment = a_payment(session, invoice, 100)
    before = timeline(session, customer.id)
    first = session.query(Allocation).one()
    session.add(Allocation(invoice_id=invoice.id, payment_id=payment.id, reverses_id=first.id, amount_minor=-100,
                           allocated_on=DAY))  # fmt: skip
    session.flush()
    assert timeline(session, customer.id) == before
    assert before[0].amount is not None
    assert before[0].amount.major == Decimal("1.00")
