"""`parley rules` as it is typed: saved, tried, switched on, run, taken, decided and closed, by name and within authority."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

import app.cli.rules
import app.cli.rules_open
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.escalations.rule import EscalationRule
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

RULE = """
name = "late"
title = "Late"
when = "overdue >= 100"
authority = "manager"

[[level]]
owner = "Sanne"
acknowledge_within = "4 hours"
actions = [{ do = "ask_approval", what = "a letter", role = "finance" }]

[[level]]
owner = "Mo"
actions = [{ do = "task", what = "Decide" }]
"""


@pytest.fixture
def typed(store: Store, session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    seller = a_seller(session)
    an_invoice(session, a_customer(session, seller, "C1"), due_on=DAY - timedelta(days=10), total_minor=20_000)
    session.commit()

    @contextmanager
    def opened() -> Iterator[Store]:
        yield store

    for module in (app.cli.rules, app.cli.rules_open):
        monkeypatch.setattr(module, "opened_store", opened)
    return lambda *words: CliRunner().invoke(app.cli.rules.rules_app, words)


def test_from_the_file_to_the_end_of_an_escalation(typed: Callable[..., Result], tmp_path: Path) -> None:
    def said(*words: str) -> str:
        done = typed(*words)
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout

    file = tmp_path / "late.toml"
    file.write_text(RULE)
    assert "late, version 1, is saved and off." in said("save", str(file))
    assert "Level 2, Mo: a task “Decide”." in said("show", "late")
    assert "it would have fired once for one of 1" in said("try", "late")
    assert isinstance(typed("on", "late", "--by", "Eva").exception, BeyondAuthority)
    assert "late, version 1, is on." in said("on", "late", "--by", "Eva", "--role", "manager")
    assert "Late fires for Bakkerij Jansen (C1), and is Sanne's: the amount overdue: 200." in said("run")
    listed = json.loads(said("list", "--json"))
    (one,) = listed["escalations"]
    assert (listed["rules"][0]["open"], one["title"], one["seen"]) == (1, "Late", "the amount overdue: 200")
    assert "Acknowledged by Sanne." in said("acknowledge", one["id"], "--by", "Sanne")
    (asked,) = json.loads(said("approvals", "--json"))["approvals"]
    assert "1 waits for approval." in said("approvals")
    decide = ("decide", asked["id"], "--yes", "--role", "finance", "--why", "it is time", "--by")
    assert "It is approved. A task for Sanne." in said(*decide, "Eva")
    second = typed(*decide, "Tom")
    assert str(second.exception).startswith("Eva approved this on Monday 16 March 2026, 12:00: “it is time”.")
    assert "The escalation is closed." in said("close", one["id"], "--how", "They pay on Friday")
    assert "1 rule, 0 open." in said("list")


def test_a_run_that_could_not_do_all_of_it_says_so_and_ends_with_an_error(
    typed: Callable[..., Result], session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "late.toml"
    file.write_text(RULE)
    typed("save", str(file))
    typed("on", "late", "--role", "manager")
    kept = session.scalars(select(EscalationRule)).one()
    kept.document = kept.document | {"when": "overdue_once > 1"}
    session.commit()
    done = typed("run")
    assert done.exit_code == 1
    assert "late cannot be judged: " in done.stderr
    assert "0 fired" in done.stdout
    told = typed("run", "--json")
    assert (told.exit_code, json.loads(told.stdout)["unclear"][0]["rule"]) == (1, "late")
    listed = typed("list").stdout
    assert "late (version 1): Late; 0 open" in listed
