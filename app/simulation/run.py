"""One simulated run: one seed, one policy, from an empty ledger to the figures of its year."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

import o2c_core.nouns  # noqa: F401 (completes the mapping before the first query)
from app.simulation.figures import Outcome, outcome
from app.simulation.listening import Listening
from app.simulation.unheard import FixedCadence, NoReminders
from app.simulation.world import Progress, World
from bot.assistant import Assistant
from o2c_core.clock import SystemClock
from o2c_core.figures.lift import lift
from o2c_core.keys import seeded
from o2c_core.store.embedded import start_embedded, stop_embedded
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_engine, open_store

POLICIES = ("parley", "none", "fixed")


@dataclass(frozen=True)
class Trade:
    """What is simulated: the same for every seed and policy of a comparison. `ladder` is the text of a ladder file."""

    days: int
    customers: int
    faults: bool = False
    ladder: str | None = None


@dataclass(frozen=True)
class Run:
    """What came of it. `digest` is over every message sent: its moment, channel, recipient and words."""

    seed: int
    outcome: Outcome
    counts: dict[str, int]
    violations: tuple[str, ...] = ()
    checked: dict[str, int] = field(default_factory=dict)
    digest: str | None = None
    lift: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Without the time it took: that is no part of what a seed gives."""
        return {
            "seed": self.seed, "simulated": True, **self.outcome.to_json(), "violations": list(self.violations),
            "checked": self.checked, "counts": self.counts, "digest": self.digest, "lift": list(self.lift),
        }  # fmt: skip


def run_policy(
    policy: str, seed: int, trade: Trade, *, store: Store | None = None, assistant: Assistant | None = None,
    progress: Progress | None = None,
) -> Run:  # fmt: skip
    """The run. For "parley" a ledger is opened in a temporary folder, unless an empty one is handed in."""
    if policy == "parley" and store is None:
        with temporary_ledger() as opened:
            return run_policy(policy, seed, trade, store=opened, assistant=assistant, progress=progress)
    began = time.perf_counter()
    world = World(seed, trade.customers, trade.days)
    if policy != "parley":
        unheard = FixedCadence(world) if policy == "fixed" else NoReminders(world)
        world.run(unheard, progress)
        found = outcome(world, policy)
        return Run(seed, found, _sorted(world.counts), seconds=round(time.perf_counter() - began, 1))
    assert store is not None
    with seeded(seed, world.clock), _seldom_tidied():
        theirs = Store(store.sessions, world.clock)
        listening = Listening(world, theirs, assistant or Assistant(), faults=trade.faults)
        if trade.ladder is not None:
            listening.books.remind_by(trade.ladder)
        world.run(listening, progress)
    auditor = listening.auditor
    return Run(
        seed,
        outcome(world, policy, listening.counts["messages"]),
        _sorted(world.counts + listening.counts),
        tuple(map(str, auditor.violations)),
        dict(sorted(auditor.checked.items())),
        listening.digest.hexdigest(),
        _lift(listening, world),
        round(time.perf_counter() - began, 1),
    )


@contextmanager
def _seldom_tidied() -> Iterator[None]:
    """Within it Python looks for garbage less often, and not at all in what was there before, such as the models."""
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


def _lift(listening: Listening, world: World) -> tuple[dict[str, Any], ...]:
    """What the trials of the ladder showed by the last day; nothing where nothing was tried."""
    with listening.store.session() as session:
        lines = lift(session, listening.books.seller_id, world.last_day)
    return tuple(
        {
            "trial": line.trial, "step": line.rung, "arm": line.arm, "customers": line.customers, "invoices": line.invoices,
            "measure": line.measure.name, "value": _rounded(line.value), "difference": _rounded(line.difference.value),
            "low": _rounded(line.difference.low), "high": _rounded(line.difference.high), "remark": line.difference.remark,
        }
        for line in lines
    )  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


@contextmanager
def temporary_ledger() -> Iterator[Store]:
    """An empty ledger on a PostgreSQL of its own that is gone afterwards, whatever database the settings name.

    Nothing in it has to outlive a power cut.
    """
    with tempfile.TemporaryDirectory(prefix="parley-simulation-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        engine = open_engine(start_embedded(folder))
        try:
            migrate(engine)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
                for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                    admin.execute(text(f"ALTER SYSTEM SET {setting} = off"))
                admin.execute(text("SELECT pg_reload_conf()"))
            engine.dispose()
            yield open_store(engine, SystemClock())
        finally:
            engine.dispose()
            stop_embedded(folder)
