"""The demo has a promise kept, one broken, a plan and a hold, and its ledger bears them out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import cast
from app.demo.history import write_history
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.cases.hold import Hold
from o2c_core.cases.paid_since import paid_for_plan, paid_for_promise
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.daily_look import Sweep
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import invoices_of
from o2c_core.reminders.may_contact import Reason
from o2c_core.store.store import Store


@pytest.mark.parametrize(("today", "seed"), [(date(2026, 3, 16), 2026), (date(2027, 1, 3), 7), (date(2028, 3, 1), 11)])
def test_what_was_agreed_is_what_the_money_says(store: Store, session: Session, today: date, seed: int) -> None:
    write_history(store=store, today=today, seed=seed)
    refs = {customer.id: customer.ref for customer in session.scalars(select(Customer))}
    promises = {
        refs[promise.customer_id]: (promise, int(paid))
        for promise, paid in session.execute(select(Promise, paid_for_promise()))
    }
    kept, paid = promises[cast.PAYS_VERY_LATE]
    assert (kept.state, paid) == ("kept", kept.amount_minor)
    broken, paid = promises[cast.STOPPED_PAYING]
    assert (broken.state, paid) == ("broken", 0)
    assert broken.until_on < (broken.settled_on or today) <= today
    plan, paid = session.execute(select(PaymentPlan, paid_for_plan())).one()
    owed = invoices_of(session, plan.customer_id, today, only_open=True)
    assert (refs[plan.customer_id], plan.state, paid) == (cast.PAYS_IN_PARTS, "active", 0)
    assert plan.total_minor == sum(each.open.minor for each in owed)
    assert {planned.invoice_id for planned in plan.invoices} == {each.invoice.id for each in owed}
    hold = session.scalars(select(Hold)).one()
    assert refs[hold.customer_id] == cast.CAFE_DES_ARTS
    assert hold.is_running(today)


def test_nothing_is_left_to_settle_and_the_agreements_keep_reminders_back(store: Store) -> None:
    today = date(2026, 3, 16)
    write_history(store=store, today=today)
    assert settle_promises(store=store) == Sweep()
    run = run_reminders(today, store=store, dry_run=True)
    skipped = {entry.customer: {line.reason for line in entry.invoices if line.reason} for entry in run.skipped}
    assert skipped[cast.PAYS_IN_PARTS] >= {Reason.ON_PLAN}
    assert skipped[cast.CAFE_DES_ARTS] >= {Reason.ON_HOLD}
    # A broken promise keeps nothing back any more.
    after = run_reminders(today + timedelta(days=1), store=store, dry_run=True)
    assert Reason.PROMISED not in after.reasons
