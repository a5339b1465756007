"""The published events are those the ledger notes; nothing is announced that never happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from o2c_core.cases.plan import STATES as PLAN_STATES
from o2c_core.cases.promise import STATES as PROMISE_STATES
from o2c_core.clock import SystemClock
from o2c_core.integrations.events import EVENTS, NAMES, UnknownEvent, check_events, told, whats_of
from o2c_core.keys import new_key
from o2c_core.trail import TrailLine

CORE = Path(__file__).parents[3] / "o2c_core"
# What is put together when it happens.
MADE = {f"promise {state}" for state in PROMISE_STATES} | {f"plan {state}" for state in PLAN_STATES} | {
    "dispute assigned", "complaint assigned",
}  # fmt: skip


def test_every_published_event_is_noted_somewhere() -> None:
    source = "\n".join(file.read_text() for file in CORE.rglob("*.py") if file.name != "events.py")
    noted = set(re.findall(r"[\"']([a-z][a-z ]+)[\"']", source)) | MADE
    assert set(EVENTS) - noted == set()


def test_names_are_written_as_noun_dot_verb() -> None:
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in NAMES)


@pytest.mark.parametrize(("names", "whats"), [
    (["customer.added"], ["customer added", "customer created"]), (["dispute.opened"], ["dispute opened"]), ([], list(EVENTS)),
])  # fmt: skip
def test_what_an_endpoint_hears_is_what_it_named_or_all(names: list[str], whats: list[str]) -> None:
    assert whats_of(names) == whats


def test_an_unknown_event_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(UnknownEvent, match=r"invoice\.issued"):
        check_events(["invoice.payed"])
    assert check_events(["order.placed", "dispute.opened", "order.placed"]) == ["dispute.opened", "order.placed"]


def test_what_a_person_wrote_or_is_called_is_not_told() -> None:
    line = TrailLine(
        id=new_key(), at=SystemClock().now(), who="Els", what="shipment delivered", subject="shipment", subject_id=new_key(),
        why="she said so", details={
            "order": "SO-1", "delivered_on": "2026-03-16", "proof": {"received_by": "A. Jansen"}, "root_cause": "haste",
            "words": "x", "owner": "Els", "by": "Els",
        },
    )  # fmt: skip
    said = told(line, seller="vandijk", customer="C1001")
    assert said["data"] == {"order": "SO-1", "delivered_on": "2026-03-16"}
    assert "Els" not in str(said)
    assert "she said" not in str(said)
