"""Where a seller's run of one day stands: taken batch by batch, so that it can be started twice, killed and resumed."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.keys import new_key
from o2c_core.reminders.may_contact import Yes
from o2c_core.reminders.planning import Plan
from o2c_core.reminders.reminder import ReminderRun

_TAKEN = "taken"
# A family of advisory locks of our own: other uses of them in the database have other first numbers.
_LOCKS = 7310


@dataclass(frozen=True)
class Batch:
    """Customers that one worker has taken on: those after one id, up to another; `is_fresh` when nobody had them before."""

    after: UUID | None
    upto: UUID
    customers: tuple[UUID, ...]
    is_fresh: bool = False

    @property
    def name(self) -> str:
        return f"{self.after or ''}..{self.upto}"


Find = Callable[[UUID | None], Sequence[UUID]]
"""The next customers after one, in the order of their ids."""


def begin_run(session: Session, seller_id: UUID, on: date, now: datetime) -> None:
    """The day's run is there and running: a new one, one that goes on where it stopped, or a done one from the start."""
    statement = insert(ReminderRun).values(
        id=new_key(), seller_id=seller_id, on=on, state="running", counts={}, started_at=now
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["seller_id", "on"],
            set_={"state": "running", "after": None, "counts": {}, "started_at": now, "finished_at": None},
            where=ReminderRun.state == "done",
        )
    )


def next_batches(session: Session, seller_id: UUID, on: date, now: datetime, find: Find) -> list[Batch]:
    """The next batch, taken for whoever asks; behind the last one those that were taken and not done; none when all is.

    What was taken and not done is another worker's, who may be at it or dead: see `is_ours`. To be committed at once.
    """
    run = _locked(session, seller_id, on)
    if run.state != "running":
        return []
    taken: list[list[str | None]] = run.counts.get(_TAKEN, [])
    if customers := tuple(find(run.after)):
        batch = Batch(run.after, customers[-1], customers, is_fresh=True)
        run.counts = {**run.counts, _TAKEN: [*taken, [str(batch.after) if batch.after else None, str(batch.upto)]]}
        run.after = batch.upto
        return [batch]
    if not taken:
        run.state, run.finished_at = "done", now
    left = []
    for first, last in taken:
        after, upto = UUID(first) if first else None, UUID(last)
        left.append(Batch(after, upto, tuple(id_ for id_ in find(after) if id_ <= upto)))
    return left


def is_ours(session: Session, seller_id: UUID, on: date, batch: Batch) -> bool:
    """Whether this transaction is now the only one at that batch, and it is not done yet.

    A worker that dies loses its transaction, and with it the lock; what it had taken on is then anybody's.
    """
    key = zlib.crc32(f"{seller_id} {on} {batch.name}".encode()) - 2**31
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCKS, key))):
        return False
    query = select(ReminderRun.counts).where(ReminderRun.seller_id == seller_id, ReminderRun.on == on)
    counts = session.scalar(query) or {}
    return any(
        (first or "", last) == (str(batch.after or ""), str(batch.upto)) for first, last in counts.get(_TAKEN, [])
    )


def is_done(session: Session, seller_id: UUID, on: date) -> bool:
    query = select(ReminderRun.state).where(ReminderRun.seller_id == seller_id, ReminderRun.on == on)
    return session.scalar(query) == "done"


def batch_done(
    session: Session, seller_id: UUID, on: date, batch: Batch, plans: Iterable[Plan], *, overtaken: int = 0
) -> None:
    """The batch is done, with what came of it; in the transaction that did it, at its end.

    `overtaken` customers of it were somebody else's to write to at that moment.
    """
    run = _locked(session, seller_id, on)
    mine = [str(batch.after) if batch.after else None, str(batch.upto)]
    left = [one for one in run.counts.get(_TAKEN, []) if one != mine]
    before = {name: count for name, count in run.counts.items() if name != _TAKEN}
    now = added(before, counted(plans) | ({"overtaken": overtaken} if overtaken else {}))
    run.counts = now | ({_TAKEN: left} if left else {})


def _locked(session: Session, seller_id: UUID, on: date) -> ReminderRun:
    query = select(ReminderRun).where(ReminderRun.seller_id == seller_id, ReminderRun.on == on)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def counted(plans: Iterable[Plan]) -> dict[str, Any]:
    """How many messages, drafts and calls, what they ask for by currency in minor units, and why the rest did not go."""
    numbers: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for plan in plans:
        numbers["customers"] += 1
        if plan.letter is not None:
            numbers["drafts" if plan.is_draft else "messages"] += 1
            numbers["waiting"] += plan.waits is not None and not plan.is_draft
        elif plan.is_call:
            numbers["calls"] += 1
        else:
            numbers["skipped"] += 1
        if plan.rung is not None:
            asked[plan.debt.facts.currency] += plan.asked.minor
        reasons.update(answer.reason.value for answer in plan.answers if not isinstance(answer, Yes))
    return {**numbers, "asked": dict(asked), "reasons": dict(reasons)}


def added(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both counts together."""
    both: dict[str, Any] = {}
    for key in {**one, **other}:
        mine, theirs = one.get(key), other.get(key)
        if isinstance(mine, dict) or isinstance(theirs, dict):
            both[key] = dict(Counter(mine or {}) + Counter(theirs or {}))
        else:
            both[key] = (mine or 0) + (theirs or 0)
    return both
