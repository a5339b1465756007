"""Instalments and payment plans in a reminders run: each part on its own day, with its own amount."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.answer_plan import answer_plan
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.propose_plan import Wish, propose_plan
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Instalment, Invoice
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.flows.reminding import CARRIERS


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


def in_three(session: Session, customer: Customer, *days: int, **fields: object) -> Invoice:
    """An invoice of 120.00 in three equal parts that are due so many days after today."""
    invoice = an_invoice(
        session, customer, "INV-1", total_minor=12_000, due_on=DAY + timedelta(days=days[-1]), is_in_instalments=True,
        issued_on=DAY - timedelta(days=40), **fields,
    )  # fmt: skip
    invoice.instalments = [
        Instalment(position=n, due_on=DAY + timedelta(days=after), amount_minor=4_000)
        for n, after in enumerate(days, 1)
    ]
    session.commit()
    return invoice


def asked(store: Store, after: int = 0, **how: object) -> dict[tuple[str, int], object]:
    """Per part what is asked, or why not, on the day so many days after today."""
    run = run_reminders(DAY + timedelta(days=after), store=store, **how)  # type: ignore[arg-type]
    lines = [line for entry in run.entries for line in entry.invoices]
    return {(line.number, line.part): line.reason or line.asked.minor for line in lines}


def test_a_part_that_is_late_is_reminded_of_long_before_the_last_is_due(
    store: Store, session: Session, customer: Customer
) -> None:
    in_three(session, customer, -7, 23, 53)
    assert asked(store) == {("INV-1", 1): 4_000, ("INV-1", 2): Reason.NOT_YET, ("INV-1", 3): Reason.NOT_YET}
    message = session.scalars(select(Message)).one()
    assert "40,00" in message.text
    assert "120,00" not in message.text
    steps = session.execute(select(Reminder.part, Reminder.rung, Reminder.days, Reminder.ladder)).all()
    assert [tuple(step) for step in steps] == [(1, "first", 7, "standard")]
    assert deliver_message(message.id, store=store, carriers=CARRIERS) == "sent"


def test_each_part_climbs_its_own_ladder_and_its_due_day_is_not_late(
    store: Store, session: Session, customer: Customer
) -> None:
    in_three(session, customer, 0, 7, 60)
    reminded: dict[int, list[tuple[int, str]]] = {}
    for after in range(-4, 15):
        for entry in run_reminders(DAY + timedelta(days=after), store=store, in_full=True).reminded:
            for line in entry.invoices:
                if line.rung:
                    reminded.setdefault(line.part, []).append((after, line.rung))
                    assert line.days_late == max(0, after - {1: 0, 2: 7}[line.part])
    assert reminded == {
        1: [(-3, "courtesy"), (0, "due"), (7, "first"), (14, "second")],
        2: [(4, "courtesy"), (7, "due"), (14, "first")],
    }


def test_money_and_objections_are_taken_off_the_earliest_part(
    store: Store, session: Session, customer: Customer
) -> None:
    invoice = in_three(session, customer, -14, -7, 60)
    a_payment(session, invoice, 5_000)
    a_dispute(session, invoice, 1_000)
    session.commit()
    assert asked(store, dry_run=True) == {("INV-1", 2): 2_000, ("INV-1", 3): Reason.NOT_YET}


def test_a_reminder_of_a_part_does_not_leave_once_that_part_is_paid(
    store: Store, session: Session, customer: Customer
) -> None:
    invoice = in_three(session, customer, -7, 23, 53)
    run_reminders(DAY, store=store)
    message = session.scalars(select(Message)).one()
    a_payment(session, invoice, 4_000)
    session.commit()
    assert deliver_message(message.id, store=store, carriers=CARRIERS) == "withdrawn"
    assert asked(store) == {("INV-1", 2): Reason.NOT_YET, ("INV-1", 3): Reason.NOT_YET}


def test_the_next_part_of_a_plan_is_reminded_of_by_itself(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    one, other = (an_invoice(session, customer, n, due_on=DAY - timedelta(days=7)) for n in ("INV-1", "INV-2"))
    session.commit()
    friday = DAY + timedelta(days=4)
    plan = propose_plan(
        Wish(customer.id, (one.id, other.id), parts=2, first_on=friday), store=store, role="agent", by="N"
    )
    answer_plan(plan.id, accepted=True, store=store)
    soon = asked(store, 2)
    assert soon == {("INV-1", 0): Reason.ON_PLAN, ("INV-2", 0): Reason.ON_PLAN, (plan.number, 1): 12_500}
    assert asked(store, 2)[plan.number, 1] is Reason.ALREADY_REMINDED
    step = session.scalars(select(Reminder)).one()
    assert (step.rung, step.part, step.invoice_id) == (f"plan_soon {plan.number}", 1, one.id)
    # What was written about the part leaves, and not once the part is paid.
    clock.move(timedelta(days=2))
    assert withdraw_overtaken_of(store, customer) == 0
    a_payment(session, one, 12_500, on=DAY + timedelta(days=2))
    session.commit()
    assert withdraw_overtaken_of(store, customer) == 1


def withdraw_overtaken_of(store: Store, customer: Customer) -> int:
    with store.session() as looking:
        return len(withdraw_overtaken(looking, customer.id, store.clock.now()))


@pytest.mark.parametrize("to_parts", [True, False], ids=["into parts", "out of parts"])
def test_an_invoice_whose_terms_are_put_right_is_not_reminded_of_the_same_again(
    store: Store, session: Session, customer: Customer, to_parts: bool
) -> None:
    invoice = in_three(session, customer, -7, 23, 53)
    invoice_id = invoice.id

    def terms(*, in_parts: bool) -> None:
        session.expire_all()
        now = session.get_one(Invoice, invoice_id)
        now.is_in_instalments, now.due_on = in_parts, DAY + timedelta(days=53 if in_parts else -7)
        session.commit()

    terms(in_parts=not to_parts)
    assert run_reminders(DAY, store=store).messages > 0
    terms(in_parts=to_parts)
    # Of what was due the same day it was said already; the other parts, and the next step, come in their turn.
    assert [run_reminders(DAY + timedelta(days=after), store=store).messages for after in (0, 1)] == [0, 0]
    assert run_reminders(DAY + timedelta(days=7), store=store).messages == 1
