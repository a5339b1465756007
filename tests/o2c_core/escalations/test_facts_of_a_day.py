"""Every fact a rule may ask about, as it was on a day, for all customers at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.escalations.facts import Value, facts
from o2c_core.escalations.measured import Measured, heads
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import Instalment
from o2c_core.reminders.reminder import Reminder
from o2c_core.trail import note
from tests.build import (
    DAY,
    a_customer,
    a_dispute,
    a_payment,
    a_seller,
    a_shipment,
    an_invoice,
    an_order,
)


def days(count: int) -> date:
    return DAY + timedelta(days=count)


def at(count: int, hour: int = 10) -> datetime:
    return datetime(2026, 3, 16, hour, 0, tzinfo=UTC) + timedelta(days=count)


def measured(session: Session, customer: Customer, name: str, on: date = DAY, about: str = "customer") -> Value:
    session.flush()
    return Measured(session, customer.seller_id, [name], about=about).on(on).values[customer.id][name]


def a_promise(session: Session, customer: Customer, state: str, settled: int | None, **fields: Any) -> Promise:
    promise = Promise(
        **{
            "seller_id": customer.seller_id,
            "customer_id": customer.id,
            "amount_minor": 5_000,
            "currency": "EUR",
            "promised_on": days(settled if settled is not None else 5),
            "state": state,
            "made_at": at(-200),
            "made_on": days(-200),
            "settled_on": None if settled is None else days(settled),
        }
        | fields
    )
    session.add(promise)
    session.flush()
    return promise


def a_plan(session: Session, customer: Customer, number: str, state: str, started: int, settled: int | None) -> None:
    session.add(
        PaymentPlan(
            seller_id=customer.seller_id, customer_id=customer.id, number=number, currency="EUR", grace_days=2,
            state=state, by="finance", role="finance", proposed_at=at(started), started_on=days(started),
            settled_on=None if settled is None else days(settled),
        )
    )  # fmt: skip
    session.flush()


def a_talk(session: Session, customer: Customer) -> Conversation:
    talk = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel="email", version=0, opened_at=at(-90),
        updated_at=at(-90),
    )  # fmt: skip
    session.add(talk)
    session.flush()
    return talk


def words(session: Session, talk: Conversation, on: int, direction: str = "in", **fields: Any) -> Message:
    message = Message(
        **{
            "conversation_id": talk.id,
            "direction": direction,
            "author": "customer" if direction == "in" else "assistant",
            "purpose": "question" if direction == "in" else "reminder",
            "channel": "email",
            "text": "…",
            "delivery": "received" if direction == "in" else "delivered",
            "created_at": at(on),
        }
        | fields
    )
    session.add(message)
    session.flush()
    return message


def reminded(
    session: Session, customer: Customer, talk: Conversation, on: int, rung: str = "first", **fields: Any
) -> None:
    invoice = an_invoice(session, customer, due_on=days(on - 7))
    message = words(session, talk, on, "out", **fields)
    session.add(
        Reminder(
            invoice_id=invoice.id, customer_id=customer.id, message_id=message.id, rung=rung, on=days(on),
            open_minor=invoice.total_minor, created_at=message.created_at,
        )
    )  # fmt: skip
    session.flush()


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", credit_limit_minor=100_000, segment="key")


LATE = """
due   0 total 100.00 paid   0.00 | overdue      0 days_late_max  0 invoices_late 0 open 100
due  -1 total 100.00 paid   0.00 | overdue    100 days_late_max  1 invoices_late 1 open 100
due -40 total 100.00 paid  25.50 | overdue   74.5 days_late_max 40 invoices_late 1 open 74.5
due -40 total 100.00 paid 100.00 | overdue      0 days_late_max  0 invoices_late 0 open 0
due   9 total 100.00 paid   0.00 | overdue      0 days_late_max  0 invoices_late 0 open 100
due -40 total 500.00 paid   0.00 | overdue_share_of_limit 0.5 limit_used_share 0.5
due   4 total 250.00 paid   0.00 | overdue_share_of_limit   0 limit_used_share 0.25
"""


@pytest.mark.parametrize("line", LATE.strip().splitlines())
def test_what_is_late_is_counted_from_the_day_after_it_was_due(session: Session, customer: Customer, line: str) -> None:
    said, expected = line.split("|")
    _, due, _, total, _, paid = said.split()
    an_invoice(
        session, customer, due_on=days(int(due)), total_minor=int(Decimal(total) * 100),
        paid_minor=int(Decimal(paid) * 100),
    )  # fmt: skip
    names = expected.split()[::2]
    found = Measured(session, customer.seller_id, names).on(DAY).values[customer.id]
    assert found == {name: Decimal(value) for name, value in zip(names, expected.split()[1::2], strict=True)}


def test_a_past_day_has_what_was_open_then_and_money_counts_from_its_own_day(
    session: Session, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, due_on=days(-20), total_minor=10_000)
    a_payment(session, invoice, 4_000, on=days(-10))
    a_payment(session, invoice, 6_000, on=days(-5))
    told = Measured(session, customer.seller_id, ["overdue"]).days(days(-60), DAY)
    by_day = {day.on: day.values[customer.id]["overdue"] for day in told}
    expected = (
        dict.fromkeys(by_day, 0) | {days(n): 100 for n in range(-19, -10)} | {days(n): 60 for n in range(-10, -5)}
    )
    assert by_day == expected


def test_only_the_missed_instalments_are_late(session: Session, customer: Customer) -> None:
    invoice = an_invoice(
        session, customer, issued_on=days(-60), due_on=days(30), total_minor=30_000, is_in_instalments=True
    )
    for position, due in enumerate((-30, 0, 30), 1):
        session.add(Instalment(invoice_id=invoice.id, position=position, due_on=days(due), amount_minor=10_000))
    session.flush()
    a_payment(session, invoice, 4_000, on=days(-3))
    assert measured(session, customer, "overdue") == 60
    assert measured(session, customer, "days_late_max") == 30
    assert measured(session, customer, "overdue", days(-4)) == 100
    assert measured(session, customer, "overdue", days(1)) == 160
    assert measured(session, customer, "invoices_late", days(1)) == 1


def test_the_figures_are_those_of_the_account_on_every_day(session: Session, customer: Customer) -> None:
    for due, total, payments in [
        (-50, 9_900, [(-40, 900), (-2, 9_000)]),
        (-10, 4_500, []),
        (-3, 700, [(-30, 500)]),
        (5, 3_000, [(-1, 3_000)]),
    ]:
        invoice = an_invoice(session, customer, due_on=days(due), total_minor=total)
        for on, minor in payments:
            a_payment(session, invoice, minor, on=days(on))
    parts = an_invoice(session, customer, due_on=days(-5), total_minor=6_000, is_in_instalments=True)
    for position, due in enumerate((-35, -5), 1):
        session.add(Instalment(invoice_id=parts.id, position=position, due_on=days(due), amount_minor=3_000))
    session.flush()
    a_payment(session, parts, 3_500, on=days(-20))
    for day in Measured(session, customer.seller_id, ["open", "overdue"]).days(days(-61), days(6)):
        balance = next(iter(balances(session, customer.id, day.on, as_of=day.on)), None)
        found = day.values[customer.id]
        assert (found["open"], found["overdue"]) == (
            (balance.open.major, balance.overdue.major) if balance else (0, 0)
        ), day.on


def test_amounts_of_two_currencies_are_never_added(session: Session, customer: Customer) -> None:
    an_invoice(session, customer, due_on=days(-9), total_minor=10_000)
    an_invoice(session, customer, due_on=days(-9), total_minor=12_000, currency="USD")
    an_invoice(session, customer, due_on=days(-9), total_minor=110, currency="JPY")
    assert measured(session, customer, "overdue") == 120
    assert measured(session, customer, "invoices_late") == 3


PROMISES = """
broken -5                          | 1 1
broken -5, broken -3               | 2 2
broken -9, kept -5, broken -3      | 2 1
broken -9, kept -5                 | 1 0
broken -95                         | 0 1
broken -95, kept -91               | 0 0
kept -5                            | 0 0
replaced -5                        | 0 0
broken 1                           | 0 0
"""


@pytest.mark.parametrize("line", PROMISES.strip().splitlines())
def test_broken_promises_are_counted_from_the_day_they_were_found_broken(
    session: Session, customer: Customer, line: str
) -> None:
    said, expected = line.split("|")
    for one in said.split(","):
        state, settled = one.split()
        a_promise(session, customer, state, int(settled))
    lately, in_a_row = expected.split()
    assert measured(session, customer, "broken_promises_90_days") == int(lately)
    assert measured(session, customer, "broken_promises_in_a_row") == int(in_a_row)


def test_an_open_promise_is_known_with_its_day(session: Session, customer: Customer) -> None:
    a_promise(session, customer, "open", None, promised_on=days(6), made_on=days(-2))
    assert measured(session, customer, "has_promise") is True
    assert measured(session, customer, "next_promise_days") == 6
    assert measured(session, customer, "next_promise_days", days(8)) == 0
    assert measured(session, customer, "has_promise", days(-3)) is False


PLANS = """
active -20                | yes no
kept -20 -3               | no  no
broken -20 -3             | no  yes
broken -20 -3, active -1  | yes no
broken -200 -100          | no  no
"""


@pytest.mark.parametrize("line", PLANS.strip().splitlines())
def test_a_plan_runs_until_it_is_settled_and_a_broken_one_counts_until_the_next(
    session: Session, customer: Customer, line: str
) -> None:
    said, expected = line.split("|")
    for number, one in enumerate(said.split(",")):
        state, started, *settled = one.split()
        a_plan(session, customer, f"P{number}", state, int(started), int(settled[0]) if settled else None)
    runs, broken = (word == "yes" for word in expected.split())
    assert measured(session, customer, "on_plan") is runs
    assert measured(session, customer, "plan_broken") is broken


def test_disputes_count_while_they_are_open(session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer, total_minor=10_000)
    first, second = a_dispute(session, invoice, 2_000), a_dispute(session, invoice, 3_000)
    first.opened_at, second.opened_at = at(-30), at(-10)
    first.state, first.resolved_at = "resolved", at(-4)
    assert measured(session, customer, "disputed") == 30
    assert measured(session, customer, "oldest_dispute_days") == 10
    assert measured(session, customer, "disputed", days(-5)) == 50
    assert measured(session, customer, "oldest_dispute_days", days(-5)) == 25
    assert measured(session, customer, "disputes_open", days(-31)) == 0


def test_a_complaint_counts_the_days_it_waits(session: Session, customer: Customer) -> None:
    session.add(
        Complaint(
            seller_id=customer.seller_id, customer_id=customer.id, number="C-1", about="rude", opened_at=at(-6),
            answer_by=DAY,
        )
    )  # fmt: skip
    assert measured(session, customer, "complaint_open_days") == 6
    assert measured(session, customer, "complaints_open", days(-7)) == 0


SILENCE = """
reminded -20                                  | 1 20
reminded -20, reminded -6                     | 2 20
reminded -20, wrote -15, reminded -6          | 1  6
reminded -20, paid -20                        | 0  0
reminded -20, reminded -6, paid -2            | 0  0
reminded -20, automatic -19                   | 1 20
reminded -20, failed -6                       | 1 20
wrote -20                                     | 0  0
"""


@pytest.mark.parametrize("line", SILENCE.strip().splitlines())
def test_silence_is_counted_from_the_first_reminder_without_an_answer(
    session: Session, customer: Customer, line: str
) -> None:
    said, expected = line.split("|")
    talk = a_talk(session, customer)
    for one in said.split(","):
        what, on = one.split()[0], int(one.split()[1])
        if what == "reminded":
            reminded(session, customer, talk, on)
        elif what == "failed":
            reminded(session, customer, talk, on, delivery="failed")
        elif what == "paid":
            a_payment(session, an_invoice(session, customer), 100, on=days(on))
        else:
            words(session, talk, on, purpose="automatic" if what == "automatic" else "question")
    unanswered, silent = expected.split()
    assert measured(session, customer, "reminders_unanswered") == int(unanswered)
    assert measured(session, customer, "silence_days") == int(silent)


def test_the_ladder_is_done_while_an_invoice_is_open_past_its_last_step(session: Session, customer: Customer) -> None:
    talk = a_talk(session, customer)
    reminded(session, customer, talk, -20, rung="second")
    assert measured(session, customer, "ladder_done") is False
    reminded(session, customer, talk, -3, rung="last")
    assert measured(session, customer, "ladder_done") is True
    assert measured(session, customer, "ladder_done", days(-4)) is False


MOODS = """
called angry -3                              | angry         no  no
called vulnerable -3, called angry -1        | in_difficulty no  no
called bereavement -29                       | bereaved      no  no
called angry -30                             | calm          no  no
calmed -2                                    | angry         no  no
called legal_threat -89                      | calm          yes no
called legal_threat -90                      | calm          no  no
called insolvency -179                       | calm          no  yes
called asked_for_person -1                   | calm          no  no
"""


@pytest.mark.parametrize("line", MOODS.strip().splitlines())
def test_the_worst_mood_of_a_month_and_threats_of_a_quarter(session: Session, customer: Customer, line: str) -> None:
    said, expected = line.split("|")
    talk = a_talk(session, customer)
    for one in said.split(","):
        *what, on = one.split()
        if what == ["calmed"]:
            words(session, talk, int(on), "out", purpose="answer", understanding={"calmed": True})
        else:
            note(session, "person called", talk, at=at(int(on)), who="assistant", reason=what[1])
    mood, legal, insolvent = expected.split()
    assert measured(session, customer, "mood") == mood
    assert measured(session, customer, "legal_threat") is (legal == "yes")
    assert measured(session, customer, "insolvency") is (insolvent == "yes")


def test_orders_wait_until_they_left(session: Session, customer: Customer) -> None:
    an_order(session, customer, "SO-1", states=("confirmed", "cancelled"), ordered_on=days(-10))
    gone = an_order(session, customer, "SO-2", states=("shipped",), ordered_on=days(-10))
    a_shipment(session, gone, shipped_on=days(-4))
    assert measured(session, customer, "orders_open") == 1
    assert measured(session, customer, "order_value_waiting") == 25
    assert measured(session, customer, "orders_open", days(-5)) == 2
    assert measured(session, customer, "order_value_waiting", days(-11)) == 0


ON_RECORD = {
    "credit_limit": Decimal(1000), "has_credit_limit": True, "segment": "key", "country": "NL", "language": "nl",
    "currency": "EUR", "kind": "company",
}  # fmt: skip


@pytest.mark.parametrize("name", ON_RECORD)
def test_what_is_on_record_is_today_s(session: Session, customer: Customer, name: str) -> None:
    assert measured(session, customer, name, days(-400)) == ON_RECORD[name]
    assert not facts()[name].is_known_for_the_past


def test_a_group_is_summed_at_its_head_and_every_company_knows_the_sum(session: Session, seller: Seller) -> None:
    head = a_customer(session, seller, "HEAD", credit_limit_minor=20_000)
    child = a_customer(session, seller, "CHILD", parent_id=head.id)
    grandchild = a_customer(session, seller, "GRAND", parent_id=child.id, credit_limit_minor=30_000)
    alone = a_customer(session, seller, "ALONE")
    for one, minor, late in [(head, 1_000, 3), (grandchild, 24_000, 9), (alone, 700, 1)]:
        an_invoice(session, one, due_on=days(-late), total_minor=minor)
    names = ["group_overdue", "overdue", "days_late_max", "invoices_late", "credit_limit", "overdue_share_of_limit"]
    by_customer = Measured(session, seller.id, names).on(DAY).values
    assert [by_customer[one.id]["group_overdue"] for one in (head, child, grandchild, alone)] == [250, 250, 250, 7]
    assert by_customer[child.id]["overdue"] == 0
    groups = Measured(session, seller.id, names, about="group")
    assert {one.ref for one in groups.subjects.values()} == {"HEAD", "ALONE"}
    assert groups.on(DAY).values[head.id] == {
        "group_overdue": 250, "overdue": 250, "days_late_max": 9, "invoices_late": 2, "credit_limit": 500,
        "overdue_share_of_limit": Decimal("0.5"),
    }  # fmt: skip


LIMITS = """
limit 1000 EUR | overdue 500 EUR                  | 0.5
limit 1000 EUR | overdue 500 EUR, overdue 400 USD | 0.5
limit 1000 EUR | overdue 400 USD                  | 0
limit 1000 EUR | -                                | 0
limit 0 EUR    | overdue 1 EUR                    | 999
limit 0 EUR    | -                                | 0
limit 0 EUR    | overdue 1 USD                    | 0
limit 1 EUR    | overdue 5000 EUR                 | 999
limit -        | overdue 500 EUR                  | 0
"""


@pytest.mark.parametrize("line", LIMITS.strip().splitlines())
def test_a_share_of_the_limit_is_of_its_own_currency_and_a_limit_of_nothing_is_soon_exceeded(
    session: Session, seller: Seller, line: str
) -> None:
    limit, owed, expected = (part.strip() for part in line.split("|"))
    said = limit.split()[1]
    customer = a_customer(session, seller, "LIM", credit_limit_minor=None if said == "-" else int(said) * 100)
    for one in owed.split(", ") if owed != "-" else ():
        _, major, currency = one.split()
        an_invoice(session, customer, due_on=days(-9), total_minor=int(major) * 100, currency=currency)
    for fact in ("overdue_share_of_limit", "limit_used_share"):
        assert measured(session, customer, fact) == Decimal(expected)


def test_the_shares_of_a_group_with_limits_in_two_currencies_are_never_added(session: Session, seller: Seller) -> None:
    head = a_customer(session, seller, "HEAD", credit_limit_minor=100_000)
    other = a_customer(session, seller, "USA", parent_id=head.id, currency="USD", credit_limit_minor=10_000)
    an_invoice(session, head, due_on=days(-9), total_minor=20_000)
    an_invoice(session, other, due_on=days(-9), total_minor=9_000, currency="USD")
    values = Measured(session, seller.id, ["overdue_share_of_limit", "group_overdue"], about="group").on(DAY).values
    assert values[head.id] == {"overdue_share_of_limit": Decimal("0.9"), "group_overdue": 200}


def test_companies_that_own_each_other_in_a_circle_still_have_one_head() -> None:
    one, two, three, four = (UUID(int=number) for number in range(1, 5))
    assert heads({one: two, two: three, three: one, four: three}) == {one: one, two: one, three: one, four: one}


def test_walk_in_and_erased_customers_are_nobody_s_escalation(session: Session, seller: Seller) -> None:
    counter = a_customer(session, seller, "WALK", is_walk_in=True)
    gone = a_customer(session, seller, "GONE", erased_at=at(-1))
    for one in (counter, gone):
        an_invoice(session, one, due_on=days(-9))
    assert not Measured(session, seller.id, ["overdue"]).subjects


def test_a_customer_nothing_was_found_about_has_every_fact_blank(session: Session, seller: Seller) -> None:
    quiet = a_customer(session, seller, "QUIET")
    found = Measured(session, seller.id, list(facts())).on(DAY).values[quiet.id]
    for name, fact in facts().items():
        if fact.source != "customers":
            assert found[name] == fact.blank, name


def test_another_seller_s_customers_are_not_seen(session: Session, customer: Customer) -> None:
    other = a_customer(session, a_seller(session, "other"), "X")
    an_invoice(session, other, due_on=days(-9))
    assert other.id not in Measured(session, customer.seller_id, ["overdue"]).on(DAY).values
