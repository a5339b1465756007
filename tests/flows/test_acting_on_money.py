"""Whole conversations about money and cases: proposed, put right, agreed to, recorded; and what each role may concede."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.turn import House, Turn, take_turn
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.actions.propose_plan import Wish, propose_plan
from o2c_core.actions.receive_message import Incoming
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise, PromisedTooFar, PromisedTooOften
from o2c_core.conversations.handoff import Handoff
from o2c_core.customers.authority import BeyondAuthority, authority_of
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

LATE = DAY - timedelta(days=5)


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def hart(session: Session, seller: Seller) -> Customer:
    hart = a_customer(session, seller, "C1002", name="Hart & Sons", language="en", country="GB", currency="GBP")
    an_invoice(session, hart, "INV-2026-0042", total_minor=90_000, due_on=LATE)
    session.commit()
    return hart


class Talk:
    """One conversation of a proven customer by chat; each call is a message and gives what the customer reads."""

    def __init__(self, house: House, customer: Customer) -> None:
        self.house, self.customer = house, customer
        self.turns: list[Turn] = []

    def __call__(self, text: str) -> str:
        conversation = self.turns[-1].conversation_id if self.turns else None
        incoming = Incoming(self.customer.seller_id, "chat", text, self.customer.id, "proven", conversation)
        self.turns.append(take_turn(incoming, self.house))
        return str(self.turns[-1].reply).replace("\xa0", " ").replace("\u202f", " ")


def count(session: Session, noun: type) -> int:
    return session.scalar(select(func.count()).select_from(noun)) or 0


def test_a_promise_is_offered_put_right_and_recorded(session: Session, house: House, hart: Customer) -> None:
    talk = Talk(house, hart)
    assert "I'll record that you'll pay £900.00 for invoice INV-2026-0042 by 20 March 2026." in talk(
        "I'll pay this on Friday"
    )
    assert "by 24 March 2026" in talk("no, make it 24 March")
    assert count(session, Promise) == 0
    assert "I've recorded that you'll pay £900.00 for invoice INV-2026-0042 by 24 March 2026." in talk("yes please")
    assert [(str(one.amount), one.promised_on.isoformat()) for one in session.scalars(select(Promise))] == [
        ("900.00 GBP", "2026-03-24")
    ]


def test_a_plan_is_asked_about_offered_and_recorded(session: Session, house: House, hart: Customer) -> None:
    talk = Talk(house, hart)
    assert "In how many monthly parts" in talk("Can we pay in instalments?")
    assert "• 1 April 2026: £300.00" in talk("In 3 parts from 1 April")
    assert "I've recorded payment plan P-101 for £900.00" in talk("that works for us")
    assert session.scalars(select(PaymentPlan)).one().state == "active"


def test_a_complaint_withdrawn_afterwards_reaches_a_person(session: Session, house: House, hart: Customer) -> None:
    talk = Talk(house, hart)
    talk("I want to complain: your driver was rude to our staff")
    assert count(session, Complaint) == 0
    assert "number C-101" in talk("yes")
    assert "I can't take C-101 back myself." in talk("Please withdraw my complaint")
    assert session.scalars(select(Handoff)).one().reason == "cannot"


def test_an_objection_declined_records_nothing(session: Session, house: House, hart: Customer) -> None:
    talk = Talk(house, hart)
    assert "I'll record your objection to everything that is open on invoice INV-2026-0042: £900.00." in talk(
        "I dispute invoice INV-2026-0042, we never ordered this"
    )
    assert "left it as it was" in talk("no")
    assert count(session, Dispute) == 0


def test_an_objection_is_recorded_and_asked_about(session: Session, house: House, hart: Customer) -> None:
    talk = Talk(house, hart)
    talk("I dispute invoice INV-2026-0042: you charged £45 too much")
    assert "(£45.00) under number D-101" in talk("yes, go ahead")
    assert "Your objection D-101 to £45.00 of invoice INV-2026-0042 has been with us since" in talk(
        "What is the status of my dispute D-101?"
    )
    assert count(session, Dispute) == 1


# What each role may concede where the seller's settings say nothing: days and repeats of a promise, the amount and the
# months of a plan, and money. The assistant concedes no money at all.
@pytest.mark.parametrize(("role", "days", "again", "plan", "months", "credit", "written_off"), [
    ("assistant", 14, 1, 2_500, 3, 0, 0),
    ("agent", 21, 2, 5_000, 4, 100, 25),
    ("finance", 30, 3, 25_000, 6, 1_000, 250),
    ("manager", 60, 5, 250_000, 12, 25_000, 5_000),
])  # fmt: skip
class TestAuthority:
    def test_a_promise_may_be_so_far_away_and_no_further(
        self, session: Session, store: Store, hart: Customer, role: str, days: int, again: int, plan: int, months: int,
        credit: int, written_off: int,
    ) -> None:  # fmt: skip
        latest = DAY + timedelta(days=days)
        with pytest.raises(PromisedTooFar):
            make_promise(Pledge(hart.id, latest + timedelta(days=1)), store=store, role=role)
        for earlier in range(again + 1):
            make_promise(Pledge(hart.id, latest - timedelta(days=earlier)), store=store, role=role)
        with pytest.raises(PromisedTooOften):
            make_promise(Pledge(hart.id, latest - timedelta(days=again + 1)), store=store, role=role)

    def test_a_plan_may_be_so_large_and_no_larger(
        self, session: Session, store: Store, hart: Customer, role: str, days: int, again: int, plan: int, months: int,
        credit: int, written_off: int,
    ) -> None:  # fmt: skip
        most = an_invoice(session, hart, "INV-MOST", total_minor=plan * 100)
        more = an_invoice(session, hart, "INV-MORE", total_minor=plan * 100 + 1)
        session.commit()
        propose_plan(Wish(hart.id, (most.id,), parts=months + 1), store=store, role=role, by="x")
        with pytest.raises(BeyondAuthority):
            propose_plan(Wish(hart.id, (more.id,), parts=2), store=store, role=role, by="x")

    def test_money_is_conceded_up_to_the_limit_and_by_the_assistant_never(
        self, session: Session, store: Store, seller: Seller, hart: Customer, role: str, days: int, again: int, plan: int,
        months: int, credit: int, written_off: int,
    ) -> None:  # fmt: skip
        limits = authority_of(role, seller)
        assert (limits.credit_max, limits.write_off_max) == (credit, written_off)
        small = an_invoice(session, hart, "INV-SMALL", total_minor=1)
        large = an_invoice(session, hart, "INV-LARGE", total_minor=credit * 100 + 1)
        session.commit()
        too_much = open_dispute(Claim(hart.id, large.id, "wrong"), store=store)
        with pytest.raises(BeyondAuthority):
            resolve_dispute(too_much.id, outcome="credited", by="x", role=role, words="ours", store=store)
        least = open_dispute(Claim(hart.id, small.id, "wrong"), store=store)
        if role == "assistant":
            for outcome in ("credited", "written_off"):
                with pytest.raises(BeyondAuthority):
                    resolve_dispute(least.id, outcome=outcome, by="x", role=role, words="ours", store=store)
        else:
            done = resolve_dispute(least.id, outcome="credited", by="x", role=role, words="ours", store=store)
            assert done.posted == Money(1, "GBP")


def test_a_sellers_own_settings_move_what_the_assistant_offers(
    session: Session, house: House, seller: Seller, hart: Customer
) -> None:
    seller.settings = {"authority": {"assistant": {"promise_days_max": 2, "plan_max": 100}}}
    session.commit()
    assert "18 March 2026 is the last day I can record" in Talk(house, hart)("I'll pay on Friday 20 March")
    assert "is more than I may agree to" in Talk(house, hart)("Can we pay in 3 parts?")
    assert session.scalars(select(Handoff)).one().reason == "beyond_authority"
