"""One customer's timeline: everything in order, page by page, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan, PlanPart
from o2c_core.cases.promise import Promise
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import EscalationRule
from o2c_core.figures.happenings import KINDS
from o2c_core.figures.telling import tell
from o2c_core.figures.timeline import Cursor, Event, NotACursor, UnknownKind, timeline
from o2c_core.invoices.payment import Allocation, PaymentReturn, WriteOff
from o2c_core.money import Money
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.reminders.reminder import Reminder, ReminderSkip
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
    a_call(
        session, customer, state="done", done_at=MOMENT + timedelta(days=1), done_by="An", done_how="they pay Friday"
    )
    a_draft(session, thread, approved_at=MOMENT + timedelta(hours=3), approved_by="An", delivery="sent")
    session.add(ReminderSkip(invoice_id=invoice.id, customer_id=customer.id, rung="second", on=DAY, by="An",
                             why="on the phone with them", skipped_at=MOMENT))  # fmt: skip
    session.add(PaymentSaid(**mine, amount_minor=900, currency="EUR", paid_on=DAY, said_on=DAY, until_on=DAY,
                            said_at=MOMENT, words="gisteren betaald"))  # fmt: skip
    session.add(DocumentProblem(**mine, invoice_id=invoice.id, kind="purchase_order", wanted="PO-7", state="put_right",
                                opened_at=MOMENT, opened_on=DAY, settled_on=DAY, resolution="PO-7 is on it"))  # fmt: skip
    session.add(FormalNotice(**mine, number="FN-1", kind="nl_business", country="NL", customer_kind="business",
                             language="nl", wording="1", state="delivered", currency="EUR", principal_minor=7_000,
                             interest_minor=120, fixed_minor=4_000, costs_minor=0, vat_minor=0, daily_minor=2,
                             calculated_on=DAY, why="late", proposed_by="An", proposed_at=MOMENT, approved_by="Bo",
                             sent_at=MOMENT, way="post", received_on=DAY, proof="post", deadline_on=DAY))  # fmt: skip
    rule = EscalationRule(seller_id=customer.seller_id, name="late", version=1, document={"title": "A month late"},
                          saved_at=MOMENT, saved_by="An")  # fmt: skip
    session.add(rule)
    session.flush()
    an_escalation(session, customer, rule, closed_at=MOMENT + timedelta(hours=1), closed_by="An", closed_how="called")
    session.flush()


def a_call(session: Session, customer: Customer, **more: object) -> Task:
    """A step of a ladder that is a person's to take by phone."""
    task = Task(kind="call", about="call", seller_id=customer.seller_id, customer_id=customer.id, owner="An", why="Call",
                opened_at=MOMENT, due_at=MOMENT + timedelta(days=2), details={"asked_minor": 7_500, "currency": "EUR",
                "invoices": [{"number": "INV-1", "part": 0, "asked_minor": 7_500, "rung": "first"}]}, **more)  # fmt: skip
    session.add(task)
    session.flush()
    return task


def a_draft(session: Session, thread: Conversation, **more: object) -> Message:
    """A reminder that waits, or waited, for a person."""
    facts = {"delivery": "draft", "subject": "Factuur INV-1", "created_at": MOMENT, "purpose": "reminder"} | more
    message = Message(conversation_id=thread.id, direction="out", author="assistant", channel="email", text="…", **facts)  # fmt: skip
    session.add(message)
    session.flush()
    return message


def an_escalation(session: Session, customer: Customer, rule: EscalationRule, **more: object) -> None:
    session.add(Escalation(seller_id=customer.seller_id, customer_id=customer.id, rule_id=rule.id, rule=rule.name,
                           about="customer", state_key=f"{len(more)}", facts={}, fired_on=DAY, fired_at=MOMENT,
                           level_at=MOMENT, owner="An", **more))  # fmt: skip
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
    assert by_kind["reminded"].message_id in {one.id for one in timeline(session, customer.id, kinds={"message_out"})}
    assert by_kind["consent_noted"].values["is_given"] is False


def test_a_draft_waits_and_has_reminded_nobody_until_it_is_approved(session: Session, customer: Customer) -> None:
    thread = Conversation(seller_id=customer.seller_id, customer_id=customer.id, channel="email", opened_at=MOMENT,
                          updated_at=MOMENT)  # fmt: skip
    invoice = an_invoice(session, customer)
    session.add(thread)
    session.flush()
    draft = a_draft(session, thread)
    session.add(Reminder(invoice_id=invoice.id, customer_id=customer.id, message_id=draft.id, rung="second", on=DAY,
                         open_minor=7_000, created_at=MOMENT))  # fmt: skip
    session.flush()
    assert {one.kind for one in timeline(session, customer.id)} == {"invoice_issued", "reminder_drafted"}
    draft.delivery, draft.approved_at, draft.approved_by = "queued", MOMENT + timedelta(minutes=5), "An"
    session.flush()
    kinds = {"reminder_drafted", "reminder_approved", "reminded", "message_out"}
    after = timeline(session, customer.id, kinds=kinds)
    # It waits to be sent: nobody was reminded by it so far, and it is not told as sent.
    assert sorted(one.kind for one in after) == ["message_out", "reminder_approved", "reminder_drafted"]
    assert told_in_four(after, "message_out") == WAITS
    draft.delivery = "sent"
    session.flush()
    sent = timeline(session, customer.id, kinds=kinds)
    assert sorted(one.kind for one in sent) == ["message_out", "reminded", "reminder_approved", "reminder_drafted"]
    assert told_in_four(sent, "message_out") != WAITS


WAITS = [
    "Message written, waits to be sent",
    "Bericht geschreven, wacht op verzending",
    "Nachricht geschrieben, wartet auf den Versand",
    "Message rédigé, en attente d'envoi",
]


def told_in_four(events: list[Event], kind: str) -> list[str]:
    (event,) = [one for one in events if one.kind == kind]
    return [tell(event, language, "en_GB") for language in ("en", "nl", "de", "fr")]


# Where a message of ours is on its way, and what a timeline says of it: "sent" only of what was.
@pytest.mark.parametrize("line", [
    "queued    -> Message written, waits to be sent",
    "sending   -> Message being sent",
    "sent      -> Message sent",
    "delivered -> Message sent",
    "withdrawn -> Message written, withdrawn before it left",
    "failed    -> Message did not arrive",
    "uncertain -> Message sent or not: nobody knows",
])  # fmt: skip
def test_a_message_is_told_by_where_it_is_on_its_way(line: str, session: Session, customer: Customer) -> None:
    state, told = line.split("->")
    thread = Conversation(seller_id=customer.seller_id, customer_id=customer.id, channel="email", opened_at=MOMENT,
                          updated_at=MOMENT)  # fmt: skip
    session.add(thread)
    session.flush()
    a_draft(session, thread, delivery=state.strip(), purpose="answer", failed_why="no such mailbox")
    (event,) = timeline(session, customer.id)
    assert tell(event, "en", "en_GB") == told.strip()
    assert event.values.get("failed_why") == ("no such mailbox" if state.strip() == "failed" else None)


def test_a_call_is_told_as_a_call_and_not_as_a_step_left_out(session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    session.add(ReminderSkip(invoice_id=invoice.id, customer_id=customer.id, rung="first", on=DAY, by="a call",
                             why="A person calls.", skipped_at=MOMENT))  # fmt: skip
    task = a_call(session, customer)
    told = {one.kind: one for one in timeline(session, customer.id)}
    assert set(told) == {"invoice_issued", "call_asked"}
    assert tell(told["call_asked"], "en", "en_GB") == "A person is to call about €75.00"
    assert told["call_asked"].values["numbers"] == ["INV-1"]
    task.state, task.done_at, task.done_by, task.done_how = "done", MOMENT + timedelta(hours=1), "An", "they pay Friday"
    session.flush()
    over = timeline(session, customer.id, kinds={"call_closed"})
    assert [(one.values["how"], one.values["by"]) for one in over] == [("they pay Friday", "An")]


def test_a_rule_in_trial_did_nothing_and_a_state_that_ended_by_itself_is_over(
    session: Session, customer: Customer
) -> None:
    rule = EscalationRule(seller_id=customer.seller_id, name="late", version=1, document={"title": "A month late"},
                          saved_at=MOMENT, saved_by="An")  # fmt: skip
    session.add(rule)
    session.flush()
    an_escalation(session, customer, rule, is_trial=True)
    assert timeline(session, customer.id) == []
    an_escalation(session, customer, rule, ended_at=MOMENT + timedelta(days=1), ended_why="paid")
    closed, opened = timeline(session, customer.id)
    assert (opened.kind, opened.values["title"], opened.values["owner"]) == ("escalation_opened", "A month late", "An")
    assert (closed.kind, closed.values["how"]) == ("escalation_closed", "paid")


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
