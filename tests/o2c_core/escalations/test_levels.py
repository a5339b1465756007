"""An escalation nobody takes goes up, in working time: not over a weekend, and not over a holiday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.acknowledge_escalation import acknowledge_escalation
from o2c_core.actions.close_escalation import close_escalation
from o2c_core.actions.raise_escalations import raise_escalations
from o2c_core.actions.run_escalations import run_escalations
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.seller import Seller
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.levels import TOO_LATE, UNACKNOWLEDGED, goes_up, is_late
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, escalations, in_force

FRIDAY_AFTERNOON = datetime(2026, 3, 20, 14, 0, tzinfo=UTC)  # 15:00 in Amsterdam
LEVELS = [
    {"owner": "Sanne", "acknowledge_within": "4 hours", "actions": [{"do": "task", "what": "Call"}]},
    {"owner": "Mo", "acknowledge_within": "1 day", "actions": [{"do": "task", "what": "Decide"}]},
    {"owner": "Board", "actions": [{"do": "task", "what": "Know"}]},
]


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    customer = a_customer(session, seller, "C1")
    an_invoice(session, customer, due_on=DAY - timedelta(days=10), total_minor=20_000)
    session.commit()
    return seller


def at(clock: MovableClock, day: int, hour: int, minute: int = 0) -> None:
    """Puts the clock on that day of March and that hour in Amsterdam (an hour ahead of UTC until the 29th)."""
    clock.at = datetime(2026, 3, day, hour - 1, minute, tzinfo=UTC)


def test_over_a_weekend_nobody_is_late(store: Store, seller: Seller, clock: MovableClock) -> None:
    clock.at = FRIDAY_AFTERNOON
    in_force(a_rule(level=LEVELS), store, seller)
    run_escalations(store=store)
    (one,) = escalations(store)
    # Two hours are left of Friday, so the other two of the four are Monday's.
    assert one.acknowledge_by == datetime(2026, 3, 23, 10, 0, tzinfo=UTC)
    for day, hour in ((21, 12), (22, 20), (23, 10)):
        at(clock, day, hour)
        assert run_escalations(store=store).entries == []
    at(clock, 23, 11)
    (up,) = run_escalations(store=store).entries
    assert up.sentence == f"Late for Bakkerij Jansen (C1) goes up to Mo: {UNACKNOWLEDGED}."
    assert raise_escalations(store=store) == []
    at(clock, 24, 11)
    assert [entry.owner for entry in raise_escalations(store=store)] == ["Board"]
    at(clock, 30, 11)
    assert raise_escalations(store=store) == []
    with store.session() as session:
        assert list(session.scalars(select(Task.owner).order_by(Task.id))) == ["Sanne", "Mo", "Board"]
        lines = session.scalars(select(TrailLine).where(TrailLine.what == "escalation raised").order_by(TrailLine.id))
        assert [(line.details["level"], line.why) for line in lines] == [(2, UNACKNOWLEDGED), (3, UNACKNOWLEDGED)]


def test_once_acknowledged_it_stays_with_its_owner(store: Store, seller: Seller, clock: MovableClock) -> None:
    in_force(a_rule(level=LEVELS), store, seller)
    run_escalations(store=store)
    (one,) = escalations(store)
    acknowledge_escalation(one.id, by="Sanne", store=store)
    clock.move(timedelta(days=30))
    assert raise_escalations(store=store) == []


def test_acknowledged_and_not_dealt_with_it_goes_up_at_its_deadline(
    store: Store, seller: Seller, clock: MovableClock
) -> None:
    in_force(a_rule(level=LEVELS, deadline="2 days"), store, seller)
    run_escalations(store=store)
    (one,) = escalations(store)
    acknowledge_escalation(one.id, by="Sanne", store=store)
    clock.move(timedelta(days=2))
    (up,) = raise_escalations(store=store)
    assert (up.owner, up.why) == ("Mo", TOO_LATE)
    (one,) = escalations(store)
    assert (one.acknowledged_by, one.deadline_at) == (None, clock.now() + timedelta(days=2))
    close_escalation(one.id, by="Mo", how="agreed", store=store)
    clock.move(timedelta(days=9))
    assert raise_escalations(store=store, seller_ref=seller.ref) == []


def test_on_its_last_level_its_owner_hears_once_more_that_it_is_late(
    store: Store, seller: Seller, clock: MovableClock
) -> None:
    """Once that nobody said they have it, once that it was not dealt with: each in the thread of the first mail."""
    level = {
        "owner": "Sanne",
        "mail": "s@vandijk.example",
        "acknowledge_within": "4 hours",
        "actions": [{"do": "tell"}],
    }
    in_force(a_rule(level=[level], deadline="2 days"), store, seller)
    run_escalations(store=store)
    clock.move(timedelta(hours=3))
    assert raise_escalations(store=store) == []
    clock.move(timedelta(hours=1))
    (late,) = raise_escalations(store=store)
    assert late.sentence == f"Late for Bakkerij Jansen (C1) is late, and Sanne hears so once more: {UNACKNOWLEDGED}."
    assert raise_escalations(store=store) == []
    (one,) = escalations(store)
    acknowledge_escalation(one.id, by="Sanne", store=store)
    clock.move(timedelta(days=2))
    (late,) = raise_escalations(store=store)
    assert (late.what, late.why, late.owner) == ("late", TOO_LATE, "Sanne")
    assert run_escalations(store=store).to_json()["late"] == 0
    with store.session() as session:
        mails = session.scalars(select(Message).order_by(Message.created_at, Message.id)).all()
        assert len({mail.conversation_id for mail in mails}) == 1
        assert [mail.text.partition(": ")[2][:12] for mail in mails[1:]] == [UNACKNOWLEDGED[:12], TOO_LATE[:12]]
        lines = session.scalars(select(TrailLine.why).where(TrailLine.what == "escalation late").order_by(TrailLine.id))
        assert list(lines) == [UNACKNOWLEDGED, TOO_LATE]


def test_without_an_address_they_hear_by_a_task_that_ends_with_it(
    store: Store, seller: Seller, clock: MovableClock
) -> None:
    in_force(a_rule(level=[LEVELS[0], LEVELS[1]]), store, seller)
    run_escalations(store=store)
    clock.move(timedelta(hours=4))
    assert [entry.what for entry in raise_escalations(store=store)] == ["raised"]
    clock.move(timedelta(days=1))
    assert [entry.what for entry in raise_escalations(store=store)] == ["late"]
    with store.session() as session:
        task = session.scalars(select(Task).where(Task.about.endswith(":2:late"))).one()
        assert (task.owner, task.state) == ("Mo", "open")
    (one,) = escalations(store)
    close_escalation(one.id, by="Mo", how="agreed", store=store)
    with store.session() as session:
        assert set(session.scalars(select(Task.state))) == {"done"}


def test_it_goes_up_by_the_version_it_fired_by(store: Store, seller: Seller, clock: MovableClock) -> None:
    in_force(a_rule(level=LEVELS), store, seller)
    run_escalations(store=store)
    in_force(a_rule(level=[{"owner": "Somebody else", "actions": [{"do": "tell"}]}]), store, seller)
    clock.move(timedelta(days=1))
    assert [entry.owner for entry in raise_escalations(store=store)] == ["Mo"]


NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
UPS = """
level 1 acknowledge 12          now 11 | -
level 1 acknowledge 12          now 12 | unacknowledged
level 1 acknowledge 12 by Sanne now 12 | -
level 1 acknowledge -           now 12 | -
level 2 acknowledge 12          now 12 | unacknowledged
level 3 acknowledge 12          now 12 | -
level 1 acknowledge 12 by Sanne deadline 14 now 13 | -
level 1 acknowledge 12 by Sanne deadline 14 now 14 | too late
level 3 acknowledge 12 by Sanne deadline 14 now 14 | -
closed  acknowledge 12          now 12 | -
over    acknowledge 12          now 12 | -
trial   acknowledge 12          now 12 | -
"""


@pytest.mark.parametrize("line", UPS.strip().splitlines())
def test_when_it_goes_up(line: str) -> None:
    said, expected = (part.strip() for part in line.split("|"))
    words = said.split()

    def hour(name: str) -> datetime | None:
        found = words[words.index(name) + 1] if name in words else "-"
        return None if found == "-" else NOON.replace(hour=int(found))

    fields: dict[str, Any] = {
        "is_trial": "trial" in words,
        "level": int(words[1]) if words[0] == "level" else 1,
        "acknowledge_by": hour("acknowledge"),
        "deadline_at": hour("deadline"),
        "acknowledged_at": NOON if "by" in words else None,
        "closed_at": NOON if "closed" in words else None,
        "ended_at": NOON if "over" in words else None,
    }
    now = hour("now")
    assert now is not None
    why = goes_up(Escalation(**fields), 3, now)
    assert why == {"-": None, "unacknowledged": UNACKNOWLEDGED, "too late": TOO_LATE}[expected]


def test_on_its_last_level_it_is_marked_late() -> None:
    one = Escalation(is_trial=False, level=3, acknowledge_by=NOON)
    assert is_late(one, NOON)
    assert not is_late(one, NOON - timedelta(seconds=1))
    one.acknowledged_at = NOON
    assert not is_late(one, NOON)
