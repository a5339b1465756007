"""Payment plans: the exact schedule within what the assistant may grant, and a person for everything beyond."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.plan import PaymentPlan, even_parts
from o2c_core.conversations.handoff import Handoff
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.bot.acting import Talk
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice

LATE = DAY - timedelta(days=10)


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


@pytest.fixture
def talk(store: Store, seller: Seller, customer: Customer) -> Talk:
    return Talk(store, seller, customer)


def plans(session: Session) -> list[tuple[str, list[tuple[date, int]]]]:
    return [
        (plan.state, [(part.due_on, part.amount_minor) for part in plan.parts])
        for plan in session.scalars(select(PaymentPlan).order_by(PaymentPlan.id))
    ]


def test_three_parts_are_offered_with_every_day_and_amount(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", total_minor=10_000, due_on=LATE)
    session.commit()
    assert talk.says("payment_plan", "Can I pay in 3 parts, starting 1 April?").splitlines() == [
        "I'll record a payment plan for the £100.00 open on invoice INV-1, in these parts:",
        "• 1 April 2026: £33.34",
        "• 1 May 2026: £33.33",
        "• 1 June 2026: £33.33",
        "As long as each part arrives in time, we send no reminders for it.",
    ]
    assert plans(session) == []
    done = talk.agrees()
    assert done.says.splitlines()[0] == "I've recorded payment plan P-101 for £100.00, in these parts:"
    assert done.says.splitlines()[2] == "• 1 May 2026: £33.33"
    assert done.outcome["number"] == "P-101"
    schedule = [(date(2026, 4, 1), 3_334), (date(2026, 5, 1), 3_333), (date(2026, 6, 1), 3_333)]
    assert plans(session) == [("active", schedule)]


def test_half_now_and_the_rest_on_a_day_are_those_two_parts(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", total_minor=10_001, due_on=LATE)
    session.commit()
    said = talk.says("payment_plan", "can I pay half now and the rest at the end of the month")
    assert said.splitlines()[1:3] == ["• 16 March 2026: £50.01", "• 31 March 2026: £50.00"]


def test_agreeing_twice_records_one_plan(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("payment_plan", "in 2 parts please")
    assert talk.agrees() == talk.agrees()
    assert [state for state, _ in plans(session)] == ["active"]


@pytest.mark.parametrize(("words", "language", "amounts", "days"), [
    ("in three parts from 1 April", "en", [4_167, 4_167, 4_166], ["2026-04-01", "2026-05-01", "2026-06-01"]),
    ("£50 a month from 1 April", "en", [5_000, 5_000, 2_500], ["2026-04-01", "2026-05-01", "2026-06-01"]),
    ("in 2 weekly parts from 20 March", "en", [6_250, 6_250], ["2026-03-20", "2026-03-27"]),
    ("mag het in drie keer vanaf 1 april?", "nl", [4_167, 4_167, 4_166], ["2026-04-01", "2026-05-01", "2026-06-01"]),
    ("in 2 Raten ab dem 1. April", "de", [6_250, 6_250], ["2026-04-01", "2026-05-01"]),
    ("en deux fois à partir du 1er avril", "fr", [6_250, 6_250], ["2026-04-01", "2026-05-01"]),
    ("in 2 parts, the first one now", "en", [6_250, 6_250], ["2026-03-16", "2026-04-16"]),
    ("in 2 parts", "en", [6_250, 6_250], ["2026-03-23", "2026-04-23"]),
    ("in 4 parts", "en", [3_125] * 4, ["2026-03-16", "2026-04-16", "2026-05-16", "2026-06-16"]),
])  # fmt: skip
def test_parts_days_and_amounts_are_read_from_the_words(
    session: Session, store: Store, seller: Seller, customer: Customer, words: str, language: str, amounts: list[int],
    days: list[str],
) -> None:  # fmt: skip
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk = Talk(store, seller, customer, language)
    talk.says("payment_plan", words)
    assert [one["amount"]["minor"] for one in talk.offered["schedule"]] == amounts
    assert [one["on"] for one in talk.offered["schedule"]] == days


@given(total=st.integers(1, 10**9), parts=st.integers(1, 60))
def test_parts_sum_to_the_cent_and_differ_by_one_at_most(total: int, parts: int) -> None:
    if parts <= total:
        amounts = [minor for _, minor in even_parts(total, parts, DAY)]
        assert (sum(amounts), len(amounts)) == (total, parts)
        assert max(amounts) - min(amounts) <= 1


def test_how_many_parts_is_asked_and_then_put_right(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", total_minor=10_000, due_on=LATE)
    session.commit()
    assert talk.says("payment_plan", "Can I pay in instalments?", parts="12", day="2026-04-01", amount="1.00") == (
        "In how many monthly parts would you like to pay the £100.00? I can agree to a plan that ends by 16 June 2026."
    )
    assert talk.offered == {}
    talk.says("payment_plan", "in 2 parts")
    assert [one["amount"]["minor"] for one in talk.offered["schedule"]] == [5_000, 5_000]
    talk.says("payment_plan", "no, rather in 3 parts, from 25 March")
    assert [one["on"] for one in talk.offered["schedule"]] == ["2026-03-25", "2026-04-25", "2026-05-25"]


@pytest.mark.parametrize(("total", "words"), [
    (250_001, "in 3 parts"), (250_001, "Can I pay in parts?"), (10_000, "in 12 parts"),
    (10_000, "in 3 parts from 1 September"), (10_000, "£1 a month"),
])  # fmt: skip
def test_more_than_the_assistant_may_grant_goes_to_a_person_with_what_was_asked(
    session: Session, talk: Talk, customer: Customer, total: int, words: str
) -> None:
    an_invoice(session, customer, "INV-1", total_minor=total, due_on=LATE)
    session.commit()
    assert talk.says("payment_plan", words).startswith("A payment plan like that for £")
    assert (talk.offered, plans(session)) == ({}, [])
    handoff = session.scalars(select(Handoff)).one()
    assert handoff.reason == "beyond_authority"
    assert "INV-1" in handoff.why
    assert handoff.packet["words"] == words


def test_what_is_objected_to_is_not_spread(session: Session, talk: Talk, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=10_000, due_on=LATE)
    a_dispute(session, invoice, 4_000)
    session.commit()
    said = talk.says("payment_plan", "in 2 parts")
    assert [one["amount"]["minor"] for one in talk.offered["schedule"]] == [3_000, 3_000]
    assert said.endswith("The £40.00 you object to stays out of it.")


def test_what_was_paid_meanwhile_makes_the_plan_another(session: Session, talk: Talk, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=10_000, due_on=LATE)
    session.commit()
    talk.says("payment_plan", "in 2 parts")
    a_payment(session, invoice, 1_000)
    session.commit()
    done = talk.agrees()
    assert (done.is_refused, plans(session)) == (True, [])
    assert done.says.startswith(
        "What is open there, or the first day, is no longer what it was, so I've recorded nothing."
    )


def test_a_running_plan_is_not_replaced_by_the_assistant(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("payment_plan", "in 2 parts")
    talk.agrees()
    talk.before = type(talk.before)()
    assert talk.says("payment_plan", "rather in 3 parts").startswith("Payment plan P-101 is about that already.")
    assert session.scalars(select(Handoff)).one().reason == "beyond_authority"


def test_nothing_open_needs_no_plan(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", paid_minor=12_500)
    session.commit()
    assert talk.says("payment_plan", "in 2 parts") == "Nothing is open on your account that would have to be paid."
