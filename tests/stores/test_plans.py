"""Payment plans in the ledger: proposed within limits, answered, and kept or broken part by part."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.answer_plan import PlanOvertaken, answer_plan
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.propose_plan import NothingToPlan, PlannedAlready, Wish, propose_plan
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.cases.moves import Settled
from o2c_core.cases.plan import PaymentPlan, PlanDoesNotAddUp, PlanTooLong
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.daily_look import Sweep
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.errors import Failure, NotFound
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.money import CurrenciesDiffer, Money
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice

FIRST = date(2026, 4, 1)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.fixture
def customer(session: Session) -> Customer:
    """Owes 100.00 and 50.01 in euros, of which 20.00 is disputed."""
    customer = a_customer(session, a_seller(session))
    a_dispute(session, an_invoice(session, customer, "INV-1", total_minor=10_000), 2_000)
    an_invoice(session, customer, "INV-2", total_minor=5_001)
    session.commit()
    return customer


def propose(store: Store, customer: Customer, role: str = "agent", **wish: object) -> PaymentPlan:
    said: dict[str, object] = {"parts": 3, "first_on": FIRST} if "schedule" not in wish else {}
    return propose_plan(Wish(customer.id, **(said | wish)), store=store, role=role, by="Noor")  # type: ignore[arg-type]


def accepted(store: Store, customer: Customer, **wish: object) -> PaymentPlan:
    return answer_plan(propose(store, customer, **wish).id, accepted=True, store=store)


def state(session: Session, plan: PaymentPlan) -> str:
    session.expire_all()
    return session.get_one(PaymentPlan, plan.id).state


def test_the_parts_come_to_what_is_open_and_undisputed(store: Store, session: Session, customer: Customer) -> None:
    plan = propose(store, customer)
    assert [(part.due_on, part.amount_minor) for part in plan.parts] == [
        (date(2026, 4, 1), 4_334), (date(2026, 5, 1), 4_334), (date(2026, 6, 1), 4_333),
    ]  # fmt: skip
    assert (plan.state, plan.role, plan.by, plan.total_minor) == ("proposed", "agent", "Noor", 13_001)
    assert plan.number.startswith("P-")
    assert len(plan.invoices) == 2


def test_a_schedule_can_be_said_in_full(store: Store, session: Session, customer: Customer) -> None:
    (second,) = session.scalars(select(Invoice.id).where(Invoice.number == "INV-2"))
    plan = propose(
        store, customer, invoice_ids=(second,), schedule=((DAY, eur(1)), (DAY + timedelta(days=10), eur(5_000)))
    )
    assert [part.amount_minor for part in plan.parts] == [1, 5_000]


REFUSED: list[tuple[type[Failure], dict[str, object]]] = [
    (PlanTooLong, {"parts": 5}),
    (PlanTooLong, {"first_on": DAY + timedelta(days=130), "parts": 1}),
    (PlanDoesNotAddUp, {"parts": 0}),
    (PlanDoesNotAddUp, {"parts": None}),
    (PlanDoesNotAddUp, {"first_on": DAY - timedelta(days=1)}),
    (PlanDoesNotAddUp, {"schedule": ((FIRST, eur(13_000)),)}),
    (CurrenciesDiffer, {"schedule": ((FIRST, Money(13_001, "USD")),)}),
    (NothingToPlan, {"currency": "USD"}),
    (NotFound, {"invoice_ids": (new_key(),)}),
    (BeyondAuthority, {"role": "stranger"}),
]


@pytest.mark.parametrize(("odd", "wish"), REFUSED)
def test_a_plan_that_cannot_be_is_refused_and_not_kept(
    store: Store, session: Session, customer: Customer, odd: type[Failure], wish: dict[str, object]
) -> None:
    with pytest.raises(odd):
        propose(store, customer, **wish)  # type: ignore[arg-type]
    assert session.scalar(select(func.count()).select_from(PaymentPlan)) == 0


def test_how_much_may_be_spread_depends_on_who_grants_it(store: Store, session: Session, customer: Customer) -> None:
    an_invoice(session, customer, total_minor=300_000)
    session.commit()
    with pytest.raises(BeyondAuthority):
        propose(store, customer, role="assistant")
    assert propose(store, customer, role="agent").total_minor == 313_001


def test_amounts_in_two_currencies_are_two_plans(store: Store, session: Session, customer: Customer) -> None:
    an_invoice(session, customer, currency="USD", total_minor=9_000)
    session.commit()
    with pytest.raises(CurrenciesDiffer):
        propose(store, customer)
    assert propose(store, customer, currency="USD").total_minor == 9_000


def test_an_accepted_plan_replaces_promises_and_keeps_others_from_being_made(
    store: Store, session: Session, customer: Customer
) -> None:
    (first,) = session.scalars(select(Invoice.id).where(Invoice.number == "INV-1"))
    promised = make_promise(Pledge(customer.id, DAY, None, (first,)), store=store).promise
    plan = accepted(store, customer)
    assert (plan.state, plan.started_on) == ("active", DAY)
    assert session.get_one(Promise, promised.id, populate_existing=True).state == "replaced"
    with pytest.raises(PlannedAlready):
        propose(store, customer)
    assert answer_plan(plan.id, accepted=True, store=store).id == plan.id
    with pytest.raises(Settled):
        answer_plan(plan.id, accepted=False, store=store)


def test_a_declined_or_newer_proposal_is_not_accepted_any_more(
    store: Store, session: Session, customer: Customer
) -> None:
    first, second = propose(store, customer), propose(store, customer, parts=2)
    assert (state(session, first), state(session, second)) == ("withdrawn", "proposed")
    answer_plan(second.id, accepted=False, store=store)
    for plan in (first, second):
        with pytest.raises(Settled):
            answer_plan(plan.id, accepted=True, store=store)
    with pytest.raises(NotFound):
        answer_plan(new_key(), accepted=True, store=store)


def test_a_proposal_that_no_longer_fits_is_not_accepted(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    plan = propose(store, customer)
    a_payment(session, session.scalars(select(Invoice).where(Invoice.number == "INV-2")).one(), 1)
    session.commit()
    with pytest.raises(PlanOvertaken):
        answer_plan(plan.id, accepted=True, store=store)
    late = propose(store, customer, first_on=DAY)
    clock.move(timedelta(days=1))
    with pytest.raises(PlanOvertaken):
        answer_plan(late.id, accepted=True, store=store)
    assert settle_promises(store=store) == Sweep(plans_withdrawn=1)
    assert state(session, late) == "withdrawn"


def on(clock: MovableClock, day: date) -> None:
    clock.move(day - clock.at.date())


def test_parts_paid_in_time_keep_the_plan(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    one, two = session.scalars(select(Invoice).order_by(Invoice.number)).all()
    a_payment(session, one, 1_000)
    session.commit()
    plan = accepted(store, customer, parts=2)
    for day, invoice, minor in ((date(2026, 4, 3), one, 7_000), (date(2026, 5, 1), two, 5_001)):
        on(clock, day)
        assert settle_promises(store=store) == Sweep()
        a_payment(session, invoice, minor, on=day)
        session.commit()
    assert settle_promises(store=store) == Sweep(plans_kept=1)
    assert settle_promises(store=store) == Sweep()
    assert state(session, plan) == "kept"


def test_a_part_that_does_not_come_breaks_it_once_its_grace_is_over(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    plan = accepted(store, customer, parts=2)
    a_payment(session, session.scalars(select(Invoice).where(Invoice.number == "INV-1")).one(), 6_500, on=FIRST)
    session.commit()
    on(clock, date(2026, 4, 3))
    assert settle_promises(store=store) == Sweep()
    on(clock, date(2026, 4, 4))
    assert settle_promises(store=store) == Sweep(plans_broken=1)
    assert settle_promises(store=store) == Sweep()
    assert state(session, plan) == "broken"
    line = session.scalars(select(TrailLine).where(TrailLine.what == "plan broken")).one()
    assert (line.details["owner"], line.why) == ("Noor", "65.00 EUR of 130.01 EUR arrived")
