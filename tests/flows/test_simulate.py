"""`parley simulate`: the real actions under a simulated year, the same to the byte, and an auditor that finds faults."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker
from typer.testing import CliRunner

from app.cli import command_line
from app.simulation.run import Run, Trade, run_policy
from bot.assistant import Assistant
from o2c_core.clock import SystemClock
from o2c_core.reminders.may_contact import Facts
from o2c_core.store.store import Store

SMALL = Trade(days=32, customers=10, faults=True)


def _ran(engine: Engine, assistant: Assistant, trade: Trade = SMALL) -> Run:
    """The run on an empty ledger, whose commits are taken back when it is over."""
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        run = run_policy("parley", 1, trade, store=Store(sessions, SystemClock()), assistant=assistant)
        outer.rollback()
    return run


def test_the_same_seed_gives_the_same_run_byte_for_byte_and_the_auditor_finds_nothing(
    shared_engine: Engine, assistant: Assistant
) -> None:
    once, again = _ran(shared_engine, assistant), _ran(shared_engine, assistant)
    assert json.dumps(once.to_json()) == json.dumps(again.to_json())
    assert once.violations == ()
    assert once.checked["reminders"] == once.counts["sent reminder"] > 10
    assert once.checked["books"] >= 2


def test_a_policy_that_keeps_no_hours_is_found(
    shared_engine: Engine, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whenever(facts: Facts, now: datetime) -> None:
        """Nothing ever waits."""

    for place in ("still_right", "planning"):
        monkeypatch.setattr(f"o2c_core.reminders.{place}.waits", whenever)
    run = _ran(shared_engine, assistant, Trade(days=20, customers=12))
    assert len(run.violations) == run.checked["reminders"] > 0
    assert {line.split(" ", 2)[2].partition(":")[0] for line in run.violations} == {"outside hours"}


def test_the_command_labels_every_figure_as_simulated_and_prints_the_same_twice() -> None:
    asked = ["simulate", "--days", "90", "--customers", "20", "--policy", "fixed", "--seed", "2"]
    cli = command_line("simulate")
    shown = CliRunner().invoke(cli, asked)
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("Simulated: no customer was written to")
    once, again = (CliRunner().invoke(cli, [*asked, "--json"]).stdout for _ in range(2))
    assert once == again
    found = json.loads(once)
    assert found["simulated"] is True
    assert all(run["simulated"] for run in found["runs"])
