"""What breaks for one seller, rule or customer stops no other, and somebody hears of it once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.actions.close_task import close_task
from o2c_core.actions.raise_escalations import raise_escalations
from o2c_core.actions.run_escalations import run_escalations
from o2c_core.actions.save_rule import save_rule
from o2c_core.actions.switch_rule import switch_rule
from o2c_core.clock import MovableClock
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import EscalationRule
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, escalations, in_force

LEVELS = [
    {"owner": "Sanne", "acknowledge_within": "4 hours", "actions": [{"do": "task", "what": "Call"}]},
    {"owner": "Mo", "actions": [{"do": "task", "what": "Decide"}]},
]


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def late(session: Session, seller: Seller, ref: str, minor: int = 20_000) -> Customer:
    customer = a_customer(session, seller, ref, name=f"Firm {ref}")
    an_invoice(session, customer, due_on=DAY - timedelta(days=10), total_minor=minor)
    session.commit()
    return customer


def broken_for(session: Session, customer: Customer, event: str = "INSERT") -> None:
    """From now on the database refuses what is written about that customer's escalations."""
    session.execute(
        text(f"""
        CREATE OR REPLACE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.customer_id = '{customer.id}' THEN RAISE EXCEPTION 'Firm secret'; END IF; RETURN NEW; END $$;
        CREATE OR REPLACE TRIGGER refuse_one BEFORE {event} ON escalation FOR EACH ROW EXECUTE FUNCTION refuse_one()
        """)
    )
    session.commit()


def mended(session: Session) -> None:
    session.execute(text("DROP TRIGGER refuse_one ON escalation"))
    session.commit()


def cannot_be_read(session: Session, rule: EscalationRule) -> None:
    """As after an update of the house in which a fact got another name."""
    kept = session.get_one(EscalationRule, rule.id)
    kept.document = kept.document | {"when": "overdue_once >= 100"}
    session.commit()


def told(store: Store) -> Sequence[tuple[str | None, str, str]]:
    """Whose, about what and in which state the tasks about rules themselves are."""
    with store.session() as session:
        return [
            (one.owner, one.why, one.state) for one in session.scalars(select(Task).order_by(Task.id))
            if one.about.startswith("rule") or one.about.endswith(":unclear")
        ]  # fmt: skip


def test_a_customer_that_breaks_keeps_none_of_the_others_back(store: Store, session: Session, seller: Seller) -> None:
    customers = [late(session, seller, ref) for ref in ("C1", "C2", "C3")]
    broken_for(session, customers[1])
    in_force(a_rule(), store, seller)
    run = run_escalations(store=store)
    assert [run.count(what) for what in ("fired", "failed")] == [2, 1]
    assert run.to_json()["failed"] == 1
    (failed,) = run.troubles
    assert failed.sentence == (
        "Late could not be carried out for Firm C2 (C2): something unexpected (ProgrammingError); the log has more."
    )
    ((owner, why, state),) = told(store)
    assert (owner, state) == ("Sanne", "open")
    assert why.startswith("Late could not be carried out for C2: ")
    assert "secret" not in why
    assert run_escalations(store=store).count("failed") == 1
    assert len(told(store)) == 1
    mended(session)
    assert run_escalations(store=store).count("fired") == 1
    assert [state for _, _, state in told(store)] == ["done"]


def test_what_is_over_and_cannot_be_ended_keeps_none_of_the_others_open(
    store: Store, session: Session, seller: Seller
) -> None:
    customers = [late(session, seller, ref) for ref in ("C1", "C2")]
    in_force(a_rule(), store, seller)
    run_escalations(store=store)
    for invoice in session.scalars(select(Invoice)).all():
        a_payment(session, invoice, invoice.total_minor)
    session.commit()
    broken_for(session, customers[0], "UPDATE")
    run = run_escalations(store=store)
    assert [(one.what, one.customer) for one in run.entries] == [("failed", "C1"), ("over", "C2")]
    assert [one.stands for one in escalations(store)] == ["open", "over"]


def test_a_rule_that_breaks_stops_no_other(store: Store, session: Session, seller: Seller) -> None:
    late(session, seller, "C1")
    # More than the database can count in whole cents: no fact about open invoices can be read any more.
    huge = late(session, seller, "C2", minor=9_000_000_000_000_000_000)
    an_invoice(session, huge, "INV-2", due_on=DAY - timedelta(days=3), total_minor=9_000_000_000_000_000_000)
    session.commit()
    in_force(a_rule(name="broken", title="Broken"), store, seller)
    in_force(a_rule(name="whole", title="Whole", when='country == "NL"'), store, seller)
    run = run_escalations(store=store)
    assert [(one.what, one.rule, one.customer) for one in run.entries] == [
        ("failed", "broken", ""),
        ("fired", "whole", "C1"),
        ("fired", "whole", "C2"),
    ]
    assert [why.partition(":")[0] for _, why, _ in told(store)] == ["Broken could not be judged"]


def test_a_seller_that_breaks_stops_no_other(store: Store, session: Session, seller: Seller) -> None:
    broken = a_seller(session, "broken", time_zone="Nowhere/At_All")
    late(session, broken, "B1")
    late(session, seller, "C1")
    in_force(a_rule(), store, seller)
    run = run_escalations(store=store)
    assert [(one.what, one.seller) for one in run.entries] == [("failed", "broken"), ("fired", seller.ref)]
    assert run.troubles[0].sentence.startswith("The rules of broken could not be judged: something unexpected")
    assert [(owner, state) for owner, _, state in told(store)] == [("finance", "open")]
    assert list(run.days) == [seller.ref]


def test_a_dry_run_says_what_is_wrong_and_opens_no_task(store: Store, session: Session, seller: Seller) -> None:
    late(session, seller, "C1")
    cannot_be_read(session, in_force(a_rule(), store, seller))
    run = run_escalations(store=store, dry_run=True)
    assert [one.what for one in run.troubles] == ["unclear"]
    assert told(store) == []


def test_of_an_unclear_rule_its_owner_hears_once_until_it_is_saved_anew(
    store: Store, session: Session, seller: Seller
) -> None:
    late(session, seller, "C1")
    cannot_be_read(session, in_force(a_rule(), store, seller))
    in_force(a_rule(name="other", title="Other"), store, seller)
    for fired in (1, 0):
        run = run_escalations(store=store)
        assert [run.count(what) for what in ("unclear", "fired")] == [1, fired]
    assert run.to_json()["unclear"][0]["rule"] == "late"
    ((owner, why, _),) = told(store)
    assert owner == "Sanne"
    assert why.startswith("The rule late cannot be judged: the rule: when: There is no fact 'overdue_once'.")
    with store.session() as looking:
        task = looking.scalars(select(Task).where(Task.about.like("rule:%"))).one()
    close_task(task.id, by="Sanne", how="I know", store=store)
    run_escalations(store=store)
    assert [state for _, _, state in told(store)] == ["done"]
    cannot_be_read(session, in_force(a_rule(when="overdue >= 200"), store, seller))
    run_escalations(store=store)
    in_force(a_rule(when="overdue >= 150"), store, seller)
    assert [state for _, _, state in told(store)] == ["done", "done"]
    assert run_escalations(store=store).count("fired") == 1


def test_without_an_owner_that_can_be_read_finance_hears_of_it(store: Store, session: Session, seller: Seller) -> None:
    rule = in_force(a_rule(), store, seller)
    session.get_one(EscalationRule, rule.id).document = {"level": "none"}
    session.commit()
    run_escalations(store=store)
    assert [owner for owner, _, _ in told(store)] == ["finance"]


def test_what_an_unclear_rule_keeps_on_its_level_is_told_to_whose_it_is(
    store: Store, session: Session, seller: Seller, clock: MovableClock
) -> None:
    for ref in ("C1", "C2"):
        late(session, seller, ref)
    old = in_force(a_rule(level=LEVELS), store, seller)
    run_escalations(store=store)
    in_force(a_rule(level=LEVELS, when="overdue >= 50"), store, seller)
    cannot_be_read(session, old)
    assert raise_escalations(store=store) == []
    clock.move(timedelta(hours=4))
    run = run_escalations(store=store)
    assert [(one.what, one.customer) for one in run.entries] == [("unclear", "C1"), ("unclear", "C2")]
    assert "should go up a level, and its rule cannot be read" in run.entries[0].sentence
    assert run.to_json()["unclear"] == []
    assert len(raise_escalations(store=store)) == 2
    assert [(owner, state) for owner, _, state in told(store)] == [("Sanne", "open")] * 2
    switch_rule("late", "off", seller_ref=seller.ref, store=store, by="finance")
    assert [state for _, _, state in told(store)] == ["done"] * 2


def test_one_that_cannot_go_up_keeps_none_of_the_others_down(
    store: Store, session: Session, seller: Seller, clock: MovableClock
) -> None:
    customers = [late(session, seller, ref) for ref in ("C1", "C2")]
    in_force(a_rule(level=LEVELS), store, seller)
    run_escalations(store=store)
    broken_for(session, customers[0], "UPDATE")
    clock.move(timedelta(hours=4))
    run = raise_escalations(store=store)
    assert [(one.what, one.customer, one.owner) for one in run] == [("failed", "C1", "Sanne"), ("raised", "C2", "Mo")]
    with store.session() as looking:
        levels = dict(looking.execute(select(Escalation.customer_id, Escalation.level)).all())
    assert [levels[one.id] for one in customers] == [1, 2]
    assert [owner for owner, _, _ in told(store)] == ["Sanne"]


def test_a_rule_that_cannot_be_read_is_not_switched_on(store: Store, session: Session, seller: Seller) -> None:
    saved = save_rule(a_rule(), seller_ref=seller.ref, store=store, by="finance")
    cannot_be_read(session, saved)
    with pytest.raises(Exception, match="There is no fact 'overdue_once'"):
        switch_rule("late", "on", seller_ref=seller.ref, store=store, by="finance")
    assert switch_rule("late", "off", seller_ref=seller.ref, store=store, by="finance").state == "off"
