"""Workers that run the rules at the same moment fire once and go up once; of people who decide at once one is the first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from o2c_core.actions.decide_approval import AlreadyDecided, decide_approval
from o2c_core.actions.raise_escalations import raise_escalations
from o2c_core.actions.run_escalations import run_escalations
from o2c_core.cases.hold import Hold
from o2c_core.clock import MovableClock
from o2c_core.conversations.task import Task
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.escalation import Escalation
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, in_force

CUSTOMERS, WORKERS = 12, 4


def at_once(act: Callable[[], object]) -> None:
    """The same in several threads, each on a connection of its own, begun together."""
    ready = threading.Barrier(WORKERS)
    broken: list[BaseException] = []

    def work() -> None:
        try:
            ready.wait()
            act()
        except BaseException as odd:
            broken.append(odd)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not broken


def test_several_runs_at_once_fire_once_and_end_once(own_store: Store, clock: MovableClock) -> None:
    with own_store.session() as session:
        seller = a_seller(session)
        for number in range(CUSTOMERS):
            customer = a_customer(session, seller, f"C{number}")
            an_invoice(session, customer, due_on=DAY - timedelta(days=9), total_minor=20_000)
        session.commit()
    levels = [
        {
            "owner": "Sanne",
            "acknowledge_within": "1 hour",
            "actions": [{"do": "hold_orders", "days": 7}, {"do": "tell"}],
        },
        {"owner": "Mo", "acknowledge_within": "1 hour", "actions": [{"do": "task", "what": "Decide"}]},
        {"owner": "Board", "actions": [{"do": "tell"}]},
    ]
    in_force(a_rule(level=levels), own_store, seller)

    def count(kind: type[Escalation] | type[Hold] | type[Task] | type[TrailLine], what: str = "") -> int:
        query = select(func.count()).select_from(kind)
        with own_store.session() as session:
            return session.scalar(query.where(TrailLine.what == what) if what else query) or 0

    at_once(lambda: run_escalations(store=own_store))
    assert [count(Escalation), count(Hold), count(Task)] == [CUSTOMERS, 2 * CUSTOMERS, CUSTOMERS]
    assert count(TrailLine, "escalation fired") == CUSTOMERS
    clock.move(timedelta(hours=1))
    at_once(lambda: raise_escalations(store=own_store))
    assert count(TrailLine, "escalation raised") == CUSTOMERS
    assert count(Task) == 2 * CUSTOMERS
    with own_store.session() as session:
        assert set(session.scalars(select(Escalation.level))) == {2}
    in_force(a_rule(level=levels, when="overdue > 100000"), own_store, seller)
    at_once(lambda: run_escalations(store=own_store))
    assert count(TrailLine, "escalation over") == CUSTOMERS
    with own_store.session() as session:
        assert session.scalar(select(func.count()).where(Hold.ended_on.is_(None))) == 0


def test_of_two_who_decide_the_same_request_at_once_one_is_first_and_the_other_is_told_who(own_store: Store) -> None:
    """Half of the pairs agree and half do not; whatever is decided is done once."""
    with own_store.session() as session:
        seller = a_seller(session)
        for number in range(CUSTOMERS):
            person = a_customer(session, seller, f"P{number}", kind="person")
            an_invoice(session, person, due_on=DAY - timedelta(days=9), total_minor=20_000)
        session.commit()
    in_force(a_rule({"do": "hold_orders", "days": 7}), own_store, seller)
    run_escalations(store=own_store)
    with own_store.session() as session:
        asked = session.scalars(select(Approval.id).order_by(Approval.id)).all()
    for place, approval_id in enumerate(asked):
        outcomes: list[tuple[str, str]] = []
        ready = threading.Barrier(2)

        def decide(by: str, approve: bool, approval_id: UUID = approval_id, ready: threading.Barrier = ready,
                   outcomes: list[tuple[str, str]] = outcomes) -> None:  # fmt: skip
            ready.wait()
            try:
                done = decide_approval(
                    approval_id, approve=approve, by=by, role="finance", why="so be it", store=own_store
                )
                outcomes.append((by, done.state))
            except AlreadyDecided as late:
                outcomes.append((by, late.sentence))

        threads = [
            threading.Thread(target=decide, args=one) for one in (("Eva", True), ("Mo", place % 2 == 0))
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(outcomes) == 2
        ((first, state),) = [one for one in outcomes if one[1] in ("approved", "refused")]
        ((_, told),) = [one for one in outcomes if one[0] != first]
        assert told.startswith(f"{first} {state} this on Monday 16 March 2026, 12:00: “so be it”.")
        with own_store.session() as session:
            kept = session.get_one(Approval, approval_id)
            assert (kept.state, kept.decided_by) == (state, first)
            assert (kept.carried_out_at is not None) == (state == "approved")
            holds = session.scalar(select(func.count()).where(Hold.customer_id == kept.customer_id))
            assert holds == (2 if state == "approved" else 0)
            lines = select(TrailLine.what).where(TrailLine.subject_id == approval_id).order_by(TrailLine.id)
            ends = ["approval carried out"] if state == "approved" else []
            assert list(session.scalars(lines)) == ["approval asked", f"approval {state}", *ends]
