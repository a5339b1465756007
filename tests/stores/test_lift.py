"""What a trial showed, read off the decisions, the money and the words of a real ledger."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.figures.lift import COMPLAINED, DAYS_TO_PAY, PAID_IN_TIME, REPLIED, Line, lift
from o2c_core.figures.reports import report_named
from o2c_core.keys import new_key
from o2c_core.reminders.reminder import ReminderDecision
from tests.build import DAY, MOMENT, a_customer, a_payment, a_seller, an_invoice

LATER = DAY + timedelta(days=40)
REMINDED, HELD = "firmer@first:tone=clear", "firmer@first:held_out"


def _in_trial(
    session: Session, customer: Customer, number: str, arm: str, *, on: int = 0, reason: str | None = None
) -> None:
    """What the run decided about that invoice, so many days after DAY."""
    entry = {"number": number, "part": 0, "open_minor": 12_500}
    reason = "held_out" if arm == HELD else reason
    entry |= {"reason": reason} if reason else {"rung": "first", "asked_minor": 12_500}
    session.add(
        ReminderDecision(
            seller_id=customer.seller_id, customer_id=customer.id, on=DAY + timedelta(days=on), currency="EUR", arm=arm,
            rung=None if reason else "first", reason=reason, invoices=[entry],
            decided_at=MOMENT,
        )
    )  # fmt: skip
    session.flush()


def _line(lines: list[Line], arm: str, measure: object) -> Line:
    return next(line for line in lines if line.arm == arm and line.measure is measure)


def test_days_run_from_the_day_the_lot_decided_to_the_money_that_completed_it(session: Session) -> None:
    seller = a_seller(session)
    quick, slow, never = (a_customer(session, seller) for _ in range(3))
    for number, customer in enumerate((quick, slow, never)):
        invoice = an_invoice(session, customer, f"INV-{number}", due_on=DAY - timedelta(days=7))
        _in_trial(session, customer, f"INV-{number}", REMINDED if customer is quick else HELD)
        if customer is not never:
            a_payment(session, invoice, 5_000, DAY + timedelta(days=1))
            a_payment(session, invoice, 7_500, DAY + timedelta(days=4 if customer is quick else 12))
    lines = lift(session, seller.id, LATER)
    assert _line(lines, "tone=clear", DAYS_TO_PAY).value == 4
    assert _line(lines, "held_out", DAYS_TO_PAY).value == (12 + 30) / 2
    assert _line(lines, "held_out", PAID_IN_TIME).value == 50


def test_who_is_held_out_day_after_day_came_in_on_the_first(session: Session) -> None:
    seller = a_seller(session)
    customer = a_customer(session, seller)
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    for day in range(3):
        _in_trial(session, customer, "INV-1", HELD, on=day)
    a_payment(session, invoice, 12_500, DAY + timedelta(days=9))
    line = _line(lift(session, seller.id, LATER), "held_out", DAYS_TO_PAY)
    assert (line.value, line.invoices) == (9, 1)


def test_who_had_earned_the_step_on_a_rest_day_came_in_on_that_day_too(session: Session) -> None:
    seller = a_seller(session)
    customer = a_customer(session, seller)
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    _in_trial(session, customer, "INV-1", REMINDED, reason="rest_day")
    _in_trial(session, customer, "INV-1", REMINDED, on=1)
    a_payment(session, invoice, 12_500, DAY + timedelta(days=6))
    assert _line(lift(session, seller.id, LATER), "tone=clear", DAYS_TO_PAY).value == 6


def test_what_was_not_at_the_step_is_no_part_of_the_trial(session: Session) -> None:
    seller = a_seller(session)
    customer = a_customer(session, seller)
    an_invoice(session, customer, "INV-1")
    _in_trial(session, customer, "INV-1", REMINDED, reason="disputed")
    assert lift(session, seller.id, LATER) == []


def test_what_is_too_young_is_left_out_also_when_it_is_paid(session: Session) -> None:
    seller = a_seller(session)
    customer = a_customer(session, seller)
    a_payment(session, an_invoice(session, customer, "INV-1"), 12_500, DAY + timedelta(days=1))
    _in_trial(session, customer, "INV-1", REMINDED)
    line = _line(lift(session, seller.id, DAY + timedelta(days=29)), "tone=clear", DAYS_TO_PAY)
    assert (line.customers, line.too_recent, line.value) == (0, 1, None)


def test_replies_and_complaints_within_the_time_count_for_their_customer(session: Session) -> None:
    seller = a_seller(session)
    talks, angry = a_customer(session, seller), a_customer(session, seller)
    for number, customer in enumerate((talks, angry)):
        an_invoice(session, customer, f"INV-{number}")
        _in_trial(session, customer, f"INV-{number}", REMINDED)
    soon = MOMENT.replace(month=3, day=20)
    thread = Conversation(
        id=new_key(), seller_id=seller.id, customer_id=talks.id, channel="email", opened_at=soon, updated_at=soon
    )
    session.add(thread)
    session.flush()
    session.add(
        Message(conversation_id=thread.id, direction="in", author="customer", purpose="question", channel="email",
                text="We will pay on Friday.", delivery="received", created_at=soon)
    )  # fmt: skip
    session.add(
        Complaint(seller_id=seller.id, customer_id=angry.id, number="K-1", about="You keep writing.", opened_at=soon,
                  answer_by=DAY)
    )  # fmt: skip
    session.flush()
    lines = lift(session, seller.id, LATER)
    assert _line(lines, "tone=clear", REPLIED).value == 50
    assert _line(lines, "tone=clear", COMPLAINED).value == 50


def test_the_report_says_so_when_there_is_not_enough_data(session: Session) -> None:
    seller = a_seller(session)
    for number, arm in enumerate((REMINDED, HELD)):
        customer = a_customer(session, seller)
        an_invoice(session, customer, f"INV-{number}")
        _in_trial(session, customer, f"INV-{number}", arm)
    report = report_named("lift")
    rows = [dict(zip(report.columns, row, strict=True)) for row in report.rows(session, seller.id, LATER)]
    remarks = {str(row["Remark"]) for row in rows if row["Arm"] == "tone=clear"}
    assert len(rows) == 8
    assert remarks == {"Not enough data: fewer than 30 customers in a group."}
