"""Reminder policies of the demo's seller: its key accounts climb the enterprise ladder, where a person looks first."""

from __future__ import annotations

from app.demo import cast
from o2c_core.actions.choose_ladder import choose_ladder
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.reminders.ladders.shipped import shipped
from o2c_core.store.store import Store

KEY_ACCOUNTS_LADDER = "enterprise"
FINANCE = "finance"


def choose_ladders(*, store: Store) -> None:
    """Keeps that ladder and chooses it for the segment; everybody else stays on the standard one."""
    save_ladder(cast.SELLER, shipped(KEY_ACCOUNTS_LADDER), store=store, by=FINANCE)
    choose_ladder(
        cast.SELLER, KEY_ACCOUNTS_LADDER, segment=cast.KEY_ACCOUNT, store=store, by=FINANCE,
        why="somebody looks before a key account is reminded for the second time",
    )  # fmt: skip
