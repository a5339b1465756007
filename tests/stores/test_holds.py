"""Holds in the ledger: placed within limits, ended by somebody or by themselves."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.end_hold import end_hold
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.cases.hold import HeldTooLong, Hold, HoldNeedsAnEnd, running
from o2c_core.cases.moves import Settled
from o2c_core.clock import MovableClock
from o2c_core.conversations.daily_look import Sweep
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.errors import Failure, NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_seller, an_invoice


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session))
    session.commit()
    return customer


def hold(store: Store, customer: Customer, role: str = "agent", **fields: Any) -> Hold:
    said = {"kind": "reminders", "reason": "A flood in the shop", "owner": "Noor", "until_on": DAY + timedelta(days=7)}
    return place_hold(Pause(customer.id, **(said | fields)), store=store, role=role, by="Noor")


def test_a_hold_has_an_owner_and_ends_by_itself(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    placed = hold(store, customer)
    assert (placed.owner, placed.from_on, placed.until_on) == ("Noor", DAY, DAY + timedelta(days=7))
    assert hold(store, customer).id == placed.id
    clock.move(timedelta(days=6))
    assert settle_promises(store=store) == Sweep()
    clock.move(timedelta(days=1))
    assert settle_promises(store=store) == Sweep(holds_ending=1)
    assert settle_promises(store=store) == Sweep()
    assert session.scalars(select(Hold).where(running("reminders", DAY + timedelta(days=7)))).one().id == placed.id
    clock.move(timedelta(days=1))
    assert settle_promises(store=store) == Sweep(holds_ended=1)
    assert settle_promises(store=store) == Sweep()
    session.expire_all()
    over = session.get_one(Hold, placed.id)
    assert (over.ended_on, over.ended_why) == (DAY + timedelta(days=8), "its last day is over")
    # What was so on a past day stays so.
    assert over.is_running(DAY + timedelta(days=7))
    line = session.scalars(select(TrailLine).where(TrailLine.what == "hold ended")).one()
    assert (line.who, line.details["owner"], line.customer_id) == ("system", "Noor", customer.id)


def test_somebody_can_end_it_sooner_and_only_once(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    placed = hold(store, customer)
    assert end_hold(placed.id, why="The shop is open", by="Sam", store=store).ended_on == DAY
    assert session.scalars(select(Hold).where(running("reminders", DAY))).all() == []
    with pytest.raises(Settled):
        end_hold(placed.id, why="Again", by="Sam", store=store)
    clock.move(timedelta(days=30))
    assert settle_promises(store=store) == Sweep()
    with pytest.raises(NotFound):
        end_hold(new_key(), why="Nothing", by="Sam", store=store)


def test_a_hold_whose_last_day_is_over_cannot_be_ended_before_the_sweep_has_seen_it(
    store: Store, customer: Customer, clock: MovableClock
) -> None:
    placed = hold(store, customer)
    clock.move(timedelta(days=8))
    with pytest.raises(Settled):
        end_hold(placed.id, why="Too late", by="Sam", store=store)


@pytest.mark.parametrize(("odd", "fields"), [
    (HeldTooLong, {"until_on": DAY + timedelta(days=15)}),
    (HeldTooLong, {"role": "assistant", "until_on": DAY + timedelta(days=8)}),
    (HoldNeedsAnEnd, {"until_on": DAY - timedelta(days=1)}),
    (HoldNeedsAnEnd, {"owner": ""}),
    (HoldNeedsAnEnd, {"kind": "everything"}),
    (NotFound, {"invoice_id": new_key()}),
    (BeyondAuthority, {"role": "stranger"}),
])  # fmt: skip
def test_a_hold_that_may_not_be_is_refused(
    store: Store, session: Session, customer: Customer, odd: type[Failure], fields: dict[str, Any]
) -> None:
    with pytest.raises(odd):
        hold(store, customer, **fields)
    assert session.scalar(select(func.count()).select_from(Hold)) == 0


def test_a_hold_is_about_the_customers_own_invoice(store: Store, session: Session, customer: Customer) -> None:
    own = an_invoice(session, customer)
    other = an_invoice(session, a_customer(session, a_seller(session, "other")))
    session.commit()
    assert hold(store, customer, invoice_id=own.id).invoice_id == own.id
    # The same for the whole customer is another hold.
    assert hold(store, customer).invoice_id is None
    with pytest.raises(NotFound):
        hold(store, customer, invoice_id=other.id)
