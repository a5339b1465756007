"""A rule tried on past days says what a run on those days would have done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.actions.run_escalations import run_escalations
from o2c_core.clock import MovableClock
from o2c_core.customers.seller import Seller
from o2c_core.escalations.firing import HOLDS, NEW_STATE, NO_LONGER, compare, holding, state_key
from o2c_core.escalations.firing import Holding as Found
from o2c_core.escalations.measured import Day
from o2c_core.escalations.trial import NoSuchDays, Trial, try_rule
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, escalations, in_force

FIRST = DAY - timedelta(days=20)


@pytest.fixture
def seller(session: Session) -> Seller:
    """A month in which customers become late, pay, pay in part, and object."""
    seller = a_seller(session)
    for number, (due, total, paid_on, part) in enumerate(
        [(-30, 20_000, -8, 20_000), (-15, 30_000, -5, 12_500), (-12, 9_000, None, 0), (-9, 50_000, -9, 50_000), (-2, 15_000, None, 0)],
        1,
    ):  # fmt: skip
        customer = a_customer(session, seller, f"C{number}", segment="key" if number % 2 else None)
        invoice = an_invoice(session, customer, due_on=DAY + timedelta(days=due), total_minor=total)
        if paid_on is not None:
            a_payment(session, invoice, part, on=DAY + timedelta(days=paid_on))
        if number == 5:
            an_invoice(session, customer, due_on=DAY - timedelta(days=19), total_minor=15_000)
            dispute = a_dispute(session, invoice, 5_000)
            dispute.opened_at = datetime(2026, 3, 6, 9, tzinfo=UTC)
            dispute.resolved_at, dispute.state = datetime(2026, 3, 12, 9, tzinfo=UTC), "resolved"
    session.commit()
    return seller


RULES = {
    "late": a_rule(),
    "late and large, by the amount": a_rule(when="overdue >= 140", anew_when=["overdue"]),
    "late and nothing objected to": a_rule(when="overdue >= 100 and disputed == 0"),
    "late in one segment": a_rule(when='invoices_late > 0 and segment == "key"'),
    "not late": a_rule(when="not (overdue > 0)"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_trial_is_what_a_run_on_every_one_of_those_days_does(
    name: str, store: Store, session: Session, seller: Seller, clock: MovableClock
) -> None:
    rule = RULES[name]
    tried = try_rule(session, seller.id, rule, FIRST, DAY)
    in_force(rule, store, seller)
    for days in range(21):
        clock.at = datetime(2026, 3, 16, 11, tzinfo=UTC) - timedelta(days=20 - days)
        run_escalations(store=store)
    happened = sorted(
        (one.fired_on, one.customer_id, one.ended_at.date() if one.ended_at else None) for one in escalations(store)
    )
    assert sorted((one.on, one.subject.id, one.over_on) for one in tried.firings) == happened
    assert happened


def test_a_dry_run_of_a_past_day_and_the_trial_of_that_day_agree(
    store: Store, session: Session, seller: Seller
) -> None:
    in_force(a_rule(), store, seller)
    for days in range(21):
        on = FIRST + timedelta(days=days)
        dry = run_escalations(on, store=store, dry_run=True)
        tried = try_rule(session, seller.id, a_rule(), on, on)
        assert {entry.customer for entry in dry.entries} == {one.subject.ref for one in tried.firings}


def test_it_says_how_often_for_whom_and_what_was_assumed(session: Session, seller: Seller) -> None:
    rule = a_rule(when='overdue >= 100 and segment != "none"')
    tried = try_rule(session, seller.id, rule, FIRST, DAY)
    assert tried.sentence == (
        "In 21 days, from 2026-02-24 to 2026-03-16, it would have fired 3 times for 3 of 5, 1 of them on the first day, as "
        "it was so already. At most 3 stood open at once."
    )
    assert [fact.name for fact in tried.assumed] == ["segment"]
    assert [(one.subject.ref, one.on, one.over_on, one.since_before, one.seen["overdue"]) for one in tried.firings] == [
        ("C1", FIRST, DAY - timedelta(days=8), True, Decimal(200)),
        ("C5", DAY - timedelta(days=18), None, False, Decimal(150)),
        ("C2", DAY - timedelta(days=14), None, False, Decimal(300)),
    ]
    assert tried.firings[0].days(DAY) == 12
    assert tried.to_json()["assumed"] == [{"fact": "segment", "instead": "today's"}]


def test_nothing_fired_is_said_as_well(session: Session, seller: Seller) -> None:
    tried = try_rule(session, seller.id, a_rule(when="overdue > 9000"), DAY, DAY)
    assert (
        tried.sentence
        == "In 1 days, from 2026-03-16 to 2026-03-16, it would not have fired; 5 were looked at each day."
    )


@pytest.mark.parametrize(("first", "last"), [(DAY, FIRST), (DAY - timedelta(days=400), DAY)])
def test_days_that_make_no_sense_are_refused(session: Session, seller: Seller, first: date, last: date) -> None:
    with pytest.raises(NoSuchDays):
        try_rule(session, seller.id, a_rule(), first, last)


# Ten days of figures for four customers; the rule fires above one hundred, and anew when another is late.
FIGURES = st.lists(
    st.lists(st.tuples(st.sampled_from([0, 50, 100, 150]), st.integers(0, 2)), min_size=4, max_size=4),
    min_size=1,
    max_size=10,
)


@given(FIGURES, st.booleans())
def test_a_rule_fires_at_most_once_for_a_state_and_always_once(
    figures: list[list[tuple[int, int]]], fires_anew: bool
) -> None:
    """Whatever happens from day to day: while a state lasts it stands open exactly once, and when it ends it is over."""
    rule = a_rule(when="overdue >= 100 and invoices_late >= 0", anew_when=["invoices_late"] if fires_anew else [])
    standing: set[tuple[UUID, str]] = set()
    before: set[tuple[UUID, str]] = set()
    for of_day in figures:
        values = {
            UUID(int=number): {"overdue": Decimal(overdue), "invoices_late": Decimal(late)}
            for number, (overdue, late) in enumerate(of_day, 1)
        }
        expected = {(key, state_key(rule, found)) for key, found in values.items() if found["overdue"] >= 100}
        compared = compare(holding(rule, Day(DAY, values)), standing)
        fired = [(one.subject_id, one.state_key) for one in compared.fires]
        over = [which for which, _ in compared.over]
        assert len(set(fired)) == len(fired)
        assert not set(fired) & standing
        assert set(fired) == expected - before
        assert set(over) == before - expected
        standing = (standing | set(fired)) - set(over)
        assert standing == expected
        again = compare(holding(rule, Day(DAY, values)), standing)
        assert (again.fires, again.over) == ((), ())
        before = expected


ONE = UUID(int=1)
COMPARED = """
now -    standing -    | fires -    over -
now a    standing -    | fires a    over -
now a    standing a    | fires -    over -
now -    standing a    | fires -    over no longer
now b    standing a    | fires b    over new state
now b    standing a b  | fires -    over new state
"""


@pytest.mark.parametrize("line", COMPARED.strip().splitlines())
def test_what_is_so_now_against_what_fired_before(line: str) -> None:
    said, expected = line.split("|")
    now_key = said.split()[1]
    keys = [key for key in said.split("standing")[1].split() if key != "-"]
    now: Mapping[UUID, Found] = {} if now_key == "-" else {ONE: Found(ONE, now_key, {})}
    compared = compare(now, [(ONE, key) for key in keys])
    fires, over = expected.split("over")
    assert [one.state_key for one in compared.fires] == [key for key in fires.split()[1:] if key != "-"]
    whys = {"-": [], "no longer": [NO_LONGER], "new state": [NEW_STATE]}[over.strip()]
    assert [why for _, why in compared.over] == whys


def test_without_facts_that_make_it_new_there_is_one_state() -> None:
    assert state_key(a_rule(), {"overdue": Decimal(1)}) == HOLDS


@pytest.mark.parametrize("line", ["100 = 100.00", "100 = 1E+2", "0 = 0.00", "100 != 100.01", "1 != 10"])
def test_the_same_figure_is_the_same_state_however_it_is_written(line: str) -> None:
    one, how, other = line.split()
    rule = a_rule(anew_when=["overdue"])
    states = {state_key(rule, {"overdue": Decimal(written)}) for written in (one, other)}
    assert (len(states) == 1) is (how == "=")


def test_a_trial_counts_what_stood_open_at_once() -> None:
    tried = Trial(a_rule(), DAY, DAY, 3, (), ())
    assert tried.most_at_once == 0
