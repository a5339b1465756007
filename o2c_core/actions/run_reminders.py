"""Reminding customers: who has earned a reminder today is written to once, with everything that is due in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.tasks import open_task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.reminders.candidates import customers_of, ladders_in_force, next_candidates, next_customers
from o2c_core.reminders.decisions import keep_decisions, keep_unplanned
from o2c_core.reminders.garbage import left_lying
from o2c_core.reminders.ladder import Ladder
from o2c_core.reminders.planning import Plan, plan_around
from o2c_core.reminders.run import RemindersRun
from o2c_core.reminders.runs import Batch, batch_done, begin_run, is_ours, next_batches
from o2c_core.reminders.unplanned import Unplanned
from o2c_core.reminders.withdraw import lapse_drafts
from o2c_core.reminders.writing_down import AnotherRun, write_down
from o2c_core.store.store import Store

log = logging.getLogger("parley.reminders")
CUSTOMERS_PER_BATCH = 500
DRAFTS_PER_BATCH = 2_000
_ATTEMPTS = 3

Progress = Callable[[int, int], None]
"""Told how many customers of how many are done."""


class NoSuchSeller(NotFound):
    """There is no seller with that reference."""


def run_reminders(
    on: date,
    *,
    store: Store,
    seller_ref: str | None = None,
    dry_run: bool = False,
    doorplate: Doorplate | None = None,
    in_full: bool = True,
    progress: Progress | None = None,
) -> RemindersRun:
    """Queue one message per customer and currency for the invoices and parts that have earned a step on that day.

    `on` is the day where the seller is. A batch of customers at a time, the messages with their steps, what was decided
    and the jobs that deliver them are committed together with how far the run has come: one that was killed goes on
    there, and two at once share the batches. A step is never used twice. With `dry_run` nothing is written. Nobody is
    written to on a day of rest of theirs; outside their hours the message waits in the queue until they begin. Steps
    that need approval wait as drafts, and drafts of an earlier day lapse. Without a `doorplate` there are no links.
    A customer whose data it breaks on is left out, with a task for a person, and keeps back none of the others; nor does
    one whose steps somebody else is taking at that moment, who is counted as overtaken.

    `in_full` reports everybody with anything open or lately paid; without it only those are looked at of whom something
    has come to a new step, and the report has the counts alone.

    Raises: NoSuchSeller.
    """
    run = RemindersRun(on, dry_run)
    for seller in _sellers(store, seller_ref):
        one = _OfSeller(store, seller, on, doorplate, run, in_full=in_full, progress=progress)
        if dry_run:
            one.rehearse()
        else:
            one.carry_out()
    return run


def _sellers(store: Store, ref: str | None) -> list[Seller]:
    query = select(Seller).options(selectinload(Seller.senders)).order_by(Seller.ref)
    with store.session() as session:
        sellers = list(session.scalars(query if ref is None else query.where(Seller.ref == ref)))
    if ref is not None and not sellers:
        raise NoSuchSeller(ref=ref)
    return sellers


@dataclass
class _Done:
    """What came of a batch: plans with their messages, who could not be planned, how many were somebody else's."""

    written: list[tuple[Plan, UUID | None]]
    unplanned: list[Unplanned]
    overtaken: int = 0


class _OfSeller:
    """One seller's run of one day."""

    def __init__(
        self,
        store: Store,
        seller: Seller,
        on: date,
        doorplate: Doorplate | None,
        run: RemindersRun,
        *,
        in_full: bool,
        progress: Progress | None,
    ) -> None:
        self._store, self._seller, self._on, self._doorplate, self._run = store, seller, on, doorplate, run
        self._in_full, self._progress = in_full, progress
        self._done = 0
        with store.session() as session:
            self._customers = customers_of(session, seller.id) if progress else 0
            self._ladders: Sequence[Ladder] = ladders_in_force(session, seller.id)

    def rehearse(self) -> None:
        """Everything as it would be, in one transaction that is not committed."""
        with self._store.session() as session:
            while lapse_drafts(session, self._seller.id, self._on, self._store.clock.now(), DRAFTS_PER_BATCH):
                pass
            after: UUID | None = None
            while batch := self._next(session, after):
                plans, unplanned = self._plan(session, batch, self._store.clock.now())
                self._run.unplanned += unplanned
                self._run.add([(plan, None) for plan in plans], self._seller, in_full=self._in_full)
                self._tell(len(batch))
                session.expunge_all()
                after = batch[-1]

    def carry_out(self) -> None:
        with self._store.session() as session:
            begin_run(session, self._seller.id, self._on, self._store.clock.now())
            session.commit()
        while self._lapse():
            pass
        while batches := self._take():
            # What another worker took and has not finished is done here if that worker is gone, and else left to it.
            if not sum([self._do(batch) or batch.is_fresh for batch in batches]):
                break

    def _lapse(self) -> int:
        with self._store.session() as session:
            now = self._store.clock.now()
            lapsed = lapse_drafts(session, self._seller.id, self._on, now, DRAFTS_PER_BATCH)
            session.commit()
            return lapsed

    def _take(self) -> list[Batch]:
        with self._store.session() as session:
            now = self._store.clock.now()
            batches = next_batches(session, self._seller.id, self._on, now, lambda after: self._next(session, after))
            session.commit()
            return batches

    @left_lying()
    def _do(self, batch: Batch) -> bool:
        """Whether it was done here. A batch that loses a step to somebody else is looked at again, at last one by one."""
        for _ in range(_ATTEMPTS):
            try:
                return self._attempt(batch, self._write_together)
            except AnotherRun:
                log.info("batch overtaken seller=%s after=%s", self._seller.id, batch.after)
        return self._attempt(batch, self._write_one_by_one)

    def _attempt(self, batch: Batch, write: Callable[[Session, Batch, datetime], _Done]) -> bool:
        """Raises: AnotherRun, with nothing of the batch done."""
        with self._store.session() as session:
            if not is_ours(session, self._seller.id, self._on, batch):
                return False
            now = self._store.clock.now()
            done = write(session, batch, now)
            keep_decisions(session, done.written, self._on, now)
            keep_unplanned(session, self._seller.id, done.unplanned, self._on, now)
            self._ask_to_look(session, done.unplanned, now)
            plans = [plan for plan, _ in done.written]
            batch_done(session, self._seller.id, self._on, batch, plans, overtaken=done.overtaken)
            session.commit()
        self._run.unplanned += done.unplanned
        self._run.add(done.written, self._seller, in_full=self._in_full, overtaken=done.overtaken)
        self._tell(len(batch.customers))
        return True

    def _write_together(self, session: Session, batch: Batch, now: datetime) -> _Done:
        plans, unplanned = self._plan(session, batch.customers, now)
        ids = write_down(session, self._seller, plans, self._on, now)
        return _Done(list(zip(plans, ids, strict=True)), unplanned)

    def _write_one_by_one(self, session: Session, batch: Batch, now: datetime) -> _Done:
        """Who loses a step to somebody else even so is theirs, and keeps none of the others back."""
        done = _Done([], [])
        for customer_id in batch.customers:
            plans, unplanned = self._plan(session, [customer_id], now)
            try:
                with session.begin_nested():
                    ids = write_down(session, self._seller, plans, self._on, now)
            except AnotherRun:
                log.warning("left out customer=%s: another run has it", customer_id)
                done.overtaken += 1
                continue
            done.written += zip(plans, ids, strict=True)
            done.unplanned += unplanned
        return done

    def _plan(self, session: Session, customers: Sequence[UUID], now: datetime) -> tuple[list[Plan], list[Unplanned]]:
        return plan_around(
            session, self._seller, customers, self._on, now, self._doorplate, only_open=not self._in_full
        )

    def _ask_to_look(self, session: Session, unplanned: Iterable[Unplanned], now: datetime) -> None:
        for one in unplanned:
            log.error("not planned customer=%s broke=%s", one.customer_id, one.broke)
            customer = session.get_one(Customer, one.customer_id)
            open_task(
                session, "review", f"reminder:{customer.id}",
                f"No reminder could be written to {customer.name} ({customer.ref}): something on record about them could "
                f"not be read ({one.broke}).",
                at=now, seller_id=self._seller.id, customer_id=customer.id, broke=one.broke,
            )  # fmt: skip

    def _next(self, session: Session, after: UUID | None) -> list[UUID]:
        if self._in_full:
            return next_customers(session, self._seller.id, after, CUSTOMERS_PER_BATCH)
        return next_candidates(session, self._seller.id, self._on, self._ladders, after, CUSTOMERS_PER_BATCH)

    def _tell(self, customers: int) -> None:
        self._done += customers
        if self._progress:
            self._progress(self._done, max(self._customers, self._done))
