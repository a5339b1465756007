"""Ladders, replies, notices, rules and news come to a ledger that has been reminding: it goes on where it was, and can go back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import sessionmaker

from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.store.migrate import _config
from o2c_core.store.schema import schema_is_current
from o2c_core.store.store import Store
from tests.stores.test_upgrade import old as _old

old = _old
ON = date(2026, 2, 20)
NOW = datetime(2026, 2, 20, 11, tzinfo=UTC)
SELLER = "00000000-0000-7000-8000-000000000001"
# What the versions from 0009 on add to or read anew.
TOUCHED = (
    "address", "conversation", "customer", "hold", "instalment", "invoice", "message", "payment_plan", "plan_part",
    "planned_invoice", "promise", "promised_invoice", "reminder", "seller", "task", "trail",
)  # fmt: skip


def _id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def _put(connection: Connection, table: str, **fields: Any) -> None:
    values = {name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in fields.items()}
    named, places = ", ".join(f'"{name}"' for name in values), ", ".join(f"%({name})s" for name in values)
    connection.exec_driver_sql(f"INSERT INTO {table} ({named}) VALUES ({places})", values)  # noqa: S608 (names of ours)


def _customer(connection: Connection, number: int, due_on: str, **fields: Any) -> dict[str, Any]:
    """A customer, somebody to write to, and an invoice of 121.00: what other rows say they belong to."""
    customer, invoice = _id(1000 + number), _id(2000 + number)
    _put(
        connection, "customer", id=customer, seller_id=SELLER, ref=f"R{number}", name=f"Customer {number}", kind="company",
        country="NL", language="nl", currency="EUR", is_walk_in=False, created_at=NOW,
    )  # fmt: skip
    _put(connection, "contact", id=_id(3000 + number), customer_id=customer, name="A. Jansen", role="accounts_payable")
    _put(connection, "address", id=_id(4000 + number), contact_id=_id(3000 + number), channel="email", value=f"ap{number}@old.example")  # fmt: skip
    _put(
        connection, "invoice", id=invoice, seller_id=SELLER, customer_id=customer, number=f"R-{number}",
         issued_on="2026-01-01", due_on=due_on, terms_days=30, currency="EUR", net_minor=10_000,
        tax_minor=2_100, total_minor=12_100, **fields,
    )  # fmt: skip
    return {"seller_id": SELLER, "customer_id": customer, "invoice_id": invoice}


def _reminded(connection: Connection, number: int, rung: str, on: str, *, delivery: str = "sent") -> None:
    """A reminder of that customer's invoice, with its conversation and mail."""
    key = number * 100 + int(on[-2:])
    at = f"{on}T10:00:00Z"
    _put(
        connection, "conversation", id=_id(50_000 + key), seller_id=SELLER, customer_id=_id(1000 + number), channel="email",
        identity="known", speaker="assistant", state="open", version=1, introduced=True, opened_at=at, updated_at=at,
    )  # fmt: skip
    _put(
        connection, "message", id=_id(60_000 + key), conversation_id=_id(50_000 + key), direction="out", author="system",
        purpose="reminder", channel="email", address=f"ap{number}@old.example", text="Wilt u 121,00 betalen?", delivery=delivery,
        receipts=[], understanding={}, created_at=at,
    )  # fmt: skip
    _put(
        connection, "reminder", id=_id(70_000 + key), invoice_id=_id(2000 + number), customer_id=_id(1000 + number),
        message_id=_id(60_000 + key), rung=rung, on=on, open_minor=12_100, created_at=at,
    )  # fmt: skip


def _fill(connection: Connection) -> None:
    _customer(connection, 1, "2026-01-31")
    _reminded(connection, 1, "first", "2026-02-07")
    _reminded(connection, 1, "second", "2026-02-14")
    promised = _customer(connection, 2, "2026-01-31")
    _put(
        connection, "promise", id=_id(21), seller_id=SELLER, customer_id=promised["customer_id"], amount_minor=12_100,
        currency="EUR", promised_on="2026-03-10", grace_days=1, state="open", made_at=NOW, made_on="2026-02-02",
    )  # fmt: skip
    _put(connection, "promised_invoice", promise_id=_id(21), invoice_id=promised["invoice_id"])
    in_parts = _customer(connection, 3, "2026-01-31", is_in_instalments=True)
    for position, due_on, minor in ((1, "2026-01-10", 6_000), (2, "2026-01-31", 6_100)):
        _put(
            connection, "instalment", id=_id(30 + position), invoice_id=in_parts["invoice_id"], position=position,
            due_on=due_on, amount_minor=minor,
        )  # fmt: skip
    _reminded(connection, 3, "second", "2026-02-14")
    held = _customer(connection, 4, "2026-01-31")
    _put(
        connection, "hold", id=_id(41), seller_id=SELLER, customer_id=held["customer_id"], kind="reminders", reason="ill",
        owner="Kim", from_on="2026-02-01", until_on="2026-03-01", created_at=NOW,
    )  # fmt: skip
    _customer(connection, 5, "2026-02-10")
    planned = _customer(connection, 6, "2026-01-31")
    _put(
        connection, "payment_plan", id=_id(61), seller_id=SELLER, customer_id=planned["customer_id"], number="P-1",
        currency="EUR", grace_days=2, state="active", by="Kim", role="agent", proposed_at=NOW, started_on="2026-02-02",
    )  # fmt: skip
    _put(connection, "plan_part", id=_id(62), plan_id=_id(61), position=1, due_on="2026-03-10", amount_minor=12_100)
    _put(connection, "planned_invoice", plan_id=_id(61), invoice_id=planned["invoice_id"])
    _customer(connection, 7, "2026-02-10")
    _reminded(connection, 7, "first", "2026-02-20", delivery="queued")
    for number, state in ((1, "open"), (2, "done")):
        _put(
            connection, "task", id=_id(80 + number), kind="review", about=f"reminder:{_id(1001)}", state=state, why="look",
            details={"n": 1}, opened_at=NOW, seller_id=SELLER, customer_id=_id(1001),
            done_at=NOW if state == "done" else None, done_by="Kim" if state == "done" else None,
        )  # fmt: skip


SAYS = [
    "P-1    1  -        not_yet",
    "R-1    -  -        already_reminded",
    "R-2    -  -        promised",
    # The second step was taken for the whole, on a day on which its first part was late enough for it as well.
    "R-3    1  last     -",
    "R-3    2  -        already_reminded",
    "R-4    -  -        on_hold",
    "R-5    -  first    -",
    "R-6    -  -        on_plan",
    "R-7    -  -        already_reminded",
]


def _said(engine: Engine) -> list[str]:
    run = run_reminders(ON, store=Store(sessionmaker(engine), MovableClock(NOW)), dry_run=True)
    assert run.unplanned == []
    return sorted(
        f"{line.number:6} {line.part or '-':<2} {line.rung or '-':8} {line.reason.value if line.reason else '-'}"
        for entry in run.entries
        for line in entry.invoices
        if entry.customer != "C1"
    )


def _rows(connection: Connection) -> dict[str, list[Any]]:
    """Everything in the touched tables, whatever their columns are."""
    return {
        name: list(connection.scalars(text(f"SELECT to_jsonb(t) FROM {name} t ORDER BY to_jsonb(t)::text")))  # noqa: S608
        for name in TOUCHED
    }


def _move(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    now = connection.scalar(text("SELECT version_num FROM alembic_version"))
    go = command.downgrade if revision != "head" and now > revision else command.upgrade
    go(config, revision)


def test_a_ledger_that_reminds_goes_on_where_it_was_and_can_go_back(old: Engine) -> None:
    with old.begin() as connection:
        _move(connection, "0008")
        _fill(connection)
        before = _rows(connection)
        _move(connection, "head")
        after = _rows(connection)
        for name, rows in before.items():
            assert [{key: new[key] for key in row} for row, new in zip(rows, after[name], strict=True)] == rows, name
        # The steps of the one ladder there was then stand where they stood.
        steps = connection.execute(
            text("SELECT DISTINCT rung, part, days, ladder, ladder_version FROM reminder ORDER BY days")
        )
        assert [tuple(row) for row in steps] == [("first", 0, 7, "standard", 1), ("second", 0, 14, "standard", 1)]
        # What happened before is no news to anybody.
        assert connection.scalar(text("SELECT count(*) FROM informed_until WHERE transaction > 0")) == 1
    assert schema_is_current(old)
    assert _said(old) == SAYS
    with old.begin() as connection:
        _move(connection, "0008")
        assert _rows(connection) == before
        _move(connection, "head")
    assert _said(old) == SAYS
    with old.begin() as connection:
        _use_what_is_new(connection)
        _move(connection, "0008")
        left = _rows(connection)
        assert _new_in(left, before, "message", "id", "delivery") == [(_id(60_520), "withdrawn")]
        # Nobody was reminded by a draft, so its step is free; of two parts at one step the first is told of.
        assert _new_in(left, before, "reminder", "invoice_id", "rung", "on") == [(_id(2005), "last", "2026-02-20")]
        assert _new_in(left, before, "task", "kind", "state") == [("review", "open")] * 3
        _move(connection, "head")
    # What was reminded of meanwhile is remembered, at its step.
    assert _said(old) == [line if "R-5" not in line else "R-5    -  -        already_reminded" for line in SAYS]


def _new_in(left: dict[str, list[Any]], before: dict[str, list[Any]], table: str, *columns: str) -> list[Any]:
    return sorted(tuple(row[column] for column in columns) for row in left[table] if row not in before[table])


def _use_what_is_new(connection: Connection) -> None:
    """What only the newest version can say."""
    whose = {"seller_id": SELLER, "customer_id": _id(1005)}
    _reminded(connection, 5, "first", "2026-02-20", delivery="draft")
    reminder = {"customer_id": _id(1005), "message_id": _id(60_107), "invoice_id": _id(2005), "on": "2026-02-20"}
    for part in (1, 2):
        _put(
            connection, "reminder", id=_id(90 + part), part=part, days=30, rung="last", open_minor=1, created_at=NOW,
            ladder="gentle", ladder_version=3, tone="firm", arm="sent", **reminder,
        )  # fmt: skip
    # The same thing may be several people's to see to, each in a way of its own, besides a review of before.
    for number, kind in enumerate(("call", "broken_promise", "hold_end")):
        _put(
            connection, "task", id=_id(95 + number), kind=kind, about=f"reminder:{_id(1001)}", state="open", why="call",
            details={}, opened_at=NOW, owner="Kim", due_at=NOW, **whose,
        )  # fmt: skip
    _put(
        connection, "informed", id=_id(98), step="invoice_issued", subject_id=_id(2005), happened_at=NOW, state="told",
        message_id=_id(60_107), look_at=NOW, settled_at=NOW, **whose,
    )  # fmt: skip
    _put(connection, "ladder_choice", id=_id(99), scope="customer", ladder="gentle", by="Kim", chosen_at=NOW, **whose)
    _put(
        connection, "payment_said", id=_id(100), amount_minor=1, currency="EUR", said_on=ON, until_on=ON, state="open",
        said_at=NOW, **whose,
    )  # fmt: skip
    _put(connection, "said_invoice", payment_said_id=_id(100), invoice_id=_id(2005))
    connection.exec_driver_sql("UPDATE promise SET undone_on = '2026-02-20'")
