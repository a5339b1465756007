"""What a payer did before, as the ledger has it."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.reminders.history import NO_HISTORY, History, histories_of
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_payment, a_seller, a_shipment, an_invoice, an_order


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


def history(session: Session, customer: Customer, on: date = DAY) -> History:
    return histories_of(session, [customer.id], on).get(customer.id, NO_HISTORY)


def paid(session: Session, customer: Customer, *days: int, first_due: int = 200) -> list[Invoice]:
    """Invoices due every week from so many days ago, each paid that many days after its due day."""
    found = []
    for number, late in enumerate(days):
        due_on = DAY - timedelta(days=first_due - 7 * number)
        invoice = an_invoice(session, customer, due_on=due_on)
        a_payment(session, invoice, invoice.total_minor, due_on + timedelta(days=late))
        found.append(invoice)
    return found


def a_message(session: Session, customer: Customer, place: str, at: datetime, **fields: object) -> Message:
    channel, address = place.split()
    thread = Conversation(
        id=new_key(), seller_id=customer.seller_id, customer_id=customer.id, channel=channel, address=address,
        speaker="assistant", version=0, opened_at=at, updated_at=at,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    message = Message(
        **{
            "conversation_id": thread.id, "direction": "out", "author": "assistant", "channel": channel,
            "address": address, "text": "x", "delivery": "delivered", "created_at": at,
        } | fields
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message


@pytest.mark.parametrize(("days", "habit_day", "is_punctual"), [
    ((), None, False),
    ((0, 0, 0), None, False),
    ((0, -1, 0, -2), None, True),
    ((4, 4, 4, 4), 4, False),
    ((4, 3, 4, 5, 4), 4, False),
    ((0, 9, 0, 9, 1, 20), None, False),
    ((10, 10, 10, 10), 10, False),
    ((11, 11, 11, 11), None, False),
    ((0, 0, 0, 0, 0, 0, 0, 0, 0, 3), None, True),
    ((0, 0, 0, 0, 0, 0, 0, 3, 0, 3), None, False),
])  # fmt: skip
def test_a_steady_habit_of_a_few_days_is_waited_for_and_hardly_ever_late_is_punctual(
    session: Session, customer: Customer, days: tuple[int, ...], habit_day: int | None, is_punctual: bool
) -> None:
    paid(session, customer, *days)
    found = history(session, customer)
    assert (found.habit_day, found.is_punctual) == (habit_day, is_punctual)
    assert found.waits_until(DAY) == (DAY + timedelta(days=habit_day) if habit_day else None)


def test_only_what_was_paid_in_the_last_year_by_that_day_counts(session: Session, customer: Customer) -> None:
    paid(session, customer, 4, 4, 4, 4)
    assert history(session, customer, DAY - timedelta(days=190)).paid == 1
    assert history(session, customer, DAY + timedelta(days=400)) == NO_HISTORY
    open_ = an_invoice(session, customer, due_on=DAY - timedelta(days=10))
    a_payment(session, open_, 100, DAY)
    assert history(session, customer).paid == 4


def test_who_was_ever_reminded_is_not_punctual(session: Session, customer: Customer) -> None:
    invoices = paid(session, customer, 0, 0, 0, 0)
    for days, expected in ((-3, 0), (7, 1)):
        a_step(session, invoices[0], days)
        assert history(session, customer).reminded == expected
    assert not history(session, customer).is_punctual


@pytest.mark.parametrize(("by_itself", "habit_day"), [((4, 4, 4, 4), 4), ((4, 4, 4), None)])
def test_what_came_after_a_reminder_is_no_habit_of_paying(
    session: Session, customer: Customer, by_itself: tuple[int, ...], habit_day: int | None
) -> None:
    paid(session, customer, *by_itself)
    for invoice in paid(session, customer, 9, 9, 9, 9, first_due=150):
        a_step(session, invoice, 7)
    found = history(session, customer)
    assert (found.paid, found.reminded, found.habit_day) == (len(by_itself) + 4, 4, habit_day)


def a_step(session: Session, invoice: Invoice, days: int) -> None:
    """The invoice was reminded of that many days after its due day."""
    message = a_message(session, session.get_one(Customer, invoice.customer_id), "email ap@jansen.example", MOMENT)
    session.add(
        Reminder(
            id=new_key(), invoice_id=invoice.id, customer_id=invoice.customer_id, message_id=message.id,
            rung=f"r{days}", days=days, on=invoice.due_on + timedelta(days=days), open_minor=1, created_at=MOMENT,
        )
    )  # fmt: skip
    session.flush()


def a_promise(session: Session, customer: Customer, *invoices: Invoice, days_ago: int = 6, **fields: object) -> Promise:
    promised_on = DAY - timedelta(days=days_ago)
    promise = Promise(
        **{
            "seller_id": customer.seller_id, "customer_id": customer.id, "amount_minor": 12_500, "currency": "EUR",
            "promised_on": promised_on, "state": "broken", "made_at": MOMENT, "made_on": promised_on - timedelta(days=5),
            "settled_on": promised_on + timedelta(days=3),
        } | fields
    )  # fmt: skip
    promise.invoices = [PromisedInvoice(invoice_id=invoice.id) for invoice in invoices]
    session.add(promise)
    session.flush()
    return promise


def test_a_broken_promise_is_told_with_what_of_it_came_newest_first(session: Session, customer: Customer) -> None:
    invoice, other = (an_invoice(session, customer, due_on=DAY - timedelta(days=20)) for _ in range(2))
    a_promise(session, customer, invoice, days_ago=12)
    newest = a_promise(session, customer, invoice)
    a_promise(session, customer, invoice, days_ago=200)
    a_promise(session, customer, invoice, state="kept")
    a_payment(session, invoice, 2_500, newest.promised_on + timedelta(days=1))
    found = history(session, customer)
    assert [(one.promised_on, one.minor, one.paid_minor) for one in found.broken] == [
        (newest.promised_on, 12_500, 2_500),
        (DAY - timedelta(days=12), 12_500, 2_500),
    ]
    assert len(found.broken_about([invoice.id], "EUR")) == 2
    assert found.broken_about([other.id], "EUR") == ()
    assert found.broken_about([invoice.id], "GBP") == ()


def test_a_promise_about_the_account_counts_for_every_invoice(session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer)
    a_promise(session, customer)
    assert len(history(session, customer).broken_about([invoice.id], "EUR")) == 1


def test_who_broke_a_promise_is_not_waited_for_by_habit(session: Session, customer: Customer) -> None:
    paid(session, customer, 4, 4, 4, 4)
    a_promise(session, customer)
    assert history(session, customer).waits_until(DAY) is None


@pytest.mark.parametrize("line", [
    "promised -10  delivered -6   issued -40  late 4   asked 4",
    "promised -10  delivered -10  issued -40  on time",
    "promised -10  delivered -12  issued -40  on time",
    "promised -10  delivered -6   issued -8   late 4   asked 2",
    "promised -10  delivered -6   issued -6   late 4   asked 0",
    "promised -40  delivered -10  issued -40  late 30  asked 14",
    "promised -10  delivered ?    issued -40  late 10  asked 10",
    "promised ?    delivered -6   issued -40  on time",
    "promised -10  delivered 3    issued -40  on time",
])  # fmt: skip
def test_an_invoice_of_goods_that_came_late_is_asked_for_so_many_days_later(
    session: Session, customer: Customer, line: str
) -> None:
    words = line.split()
    said = {
        name: None if at == "?" else DAY + timedelta(days=int(at))
        for name, at in zip(words[:6:2], words[1:6:2], strict=True)
    }
    order = an_order(session, customer)
    a_shipment(session, order, expected_on=said["promised"], delivered_on=said["delivered"])
    invoice = an_invoice(session, customer, order_id=order.id, issued_on=said["issued"])
    late = history(session, customer).deliveries.get(invoice.id)
    until = history(session, customer).our_delay_until(invoice.id, invoice.due_on)
    if words[6] == "on":
        assert (late, until) == (None, None)
        return
    assert late is not None
    assert (late.days, late.order, late.delivered_on) == (int(words[7]), order.number, said["delivered"])
    assert until == (invoice.due_on + timedelta(days=int(words[9])) if int(words[9]) else None)


def test_the_shipment_an_invoice_is_for_counts_and_no_other_and_what_is_paid_needs_no_apology(
    session: Session, customer: Customer
) -> None:
    order = an_order(session, customer, expected_on=DAY - timedelta(days=9))
    on_time = a_shipment(session, order, "A", delivered_on=DAY - timedelta(days=9))
    late = a_shipment(session, order, "B", delivered_on=DAY - timedelta(days=6))
    first = an_invoice(session, customer, order_id=order.id, shipment_id=on_time.id)
    second = an_invoice(session, customer, order_id=order.id, shipment_id=late.id)
    settled = an_invoice(session, customer, order_id=order.id, paid_minor=12_500)
    assert history(session, customer).deliveries.keys() == {second.id}
    assert {first.id, settled.id}.isdisjoint(history(session, customer).deliveries)


def test_where_messages_arrived_and_where_they_last_wrote_from_is_known(session: Session, customer: Customer) -> None:
    a_message(session, customer, "email ap@jansen.example", MOMENT)
    a_message(session, customer, "email lost@jansen.example", MOMENT, delivery="sent")
    a_message(session, customer, "sms +31611111111", MOMENT, direction="in", delivery="received")
    a_message(
        session, customer, "email boss@jansen.example", MOMENT - timedelta(1), direction="in", delivery="received"
    )
    a_message(
        session, customer, "email old@jansen.example", MOMENT - timedelta(200), direction="in", delivery="received"
    )
    found = history(session, customer)
    assert found.delivered == {
        ("email", "ap@jansen.example"), ("sms", "+31611111111"), ("email", "boss@jansen.example"),
    }  # fmt: skip
    assert found.replied == ("sms", "+31611111111")


def test_many_customers_are_read_at_once_and_each_has_their_own_past(store: Store) -> None:
    with store.session() as session:
        seller = a_seller(session)
        customers = [a_customer(session, seller) for _ in range(3)]
        paid(session, customers[0], 4, 4, 4, 4)
        paid(session, customers[1], 0, 0, 0, 0)
        found: dict[UUID, History] = histories_of(session, [customer.id for customer in customers], DAY)
    assert {key: one.paid for key, one in found.items()} == {customers[0].id: 4, customers[1].id: 4}
    assert histories_of(session, [], DAY) == {}


def a_plan(session: Session, customer: Customer, *invoices: Invoice, **fields: object) -> PaymentPlan:
    """Agreed twenty days ago: 40.00 ten days ago, and twice 40.00 later; broken a week ago."""
    plan = PaymentPlan(
        **{
            "seller_id": customer.seller_id, "customer_id": customer.id, "number": "P-101", "currency": "EUR",
            "grace_days": 2, "state": "broken", "by": "mira", "role": "finance", "proposed_at": MOMENT,
            "started_on": DAY - timedelta(days=20), "settled_on": DAY - timedelta(days=7),
        } | fields
    )  # fmt: skip
    plan.parts = [
        PlanPart(position=at + 1, due_on=DAY + timedelta(days=day), amount_minor=4_000)
        for at, day in enumerate((-10, 20, 50))
    ]
    plan.invoices = [PlannedInvoice(invoice_id=invoice.id) for invoice in invoices]
    session.add(plan)
    session.flush()
    return plan


@pytest.mark.parametrize(("fields", "paid", "told"), [
    ({}, 0, [("P-101", -10, 4_000, 0)]),
    ({}, 1_500, [("P-101", -10, 4_000, 1_500)]),
    # What was missed has come since, or the plan did not break, or long ago.
    ({}, 4_000, []),
    ({"state": "active", "settled_on": None}, 0, []),
    ({"settled_on": DAY - timedelta(days=181)}, 0, []),
    ({"settled_on": DAY + timedelta(days=1)}, 0, []),
])  # fmt: skip
def test_a_broken_plan_is_told_by_the_part_that_was_missed(
    session: Session, customer: Customer, fields: dict[str, object], paid: int, told: list[tuple[str, int, int, int]]
) -> None:
    invoice = an_invoice(session, customer, total_minor=12_000, due_on=DAY - timedelta(days=40))
    a_payment(session, invoice, 100, DAY - timedelta(days=30))
    a_plan(session, customer, invoice, **fields)
    if paid:
        a_payment(session, invoice, paid, DAY - timedelta(days=9))
    found = history(session, customer).broken
    assert [(one.plan, (one.promised_on - DAY).days, one.minor, one.paid_minor) for one in found] == told
    assert all(one.invoice_ids == {invoice.id} and one.made_on == DAY - timedelta(days=20) for one in found)


def test_a_promise_after_a_broken_plan_is_the_newer_word(session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer, total_minor=12_000, due_on=DAY - timedelta(days=40))
    a_plan(session, customer, invoice)
    a_promise(session, customer, invoice, days_ago=4)
    assert [one.plan for one in history(session, customer).broken] == [None, "P-101"]
