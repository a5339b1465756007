"""Let go of what has been kept long enough, as the table of periods says for each seller's country."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.privacy.batches import Done
from o2c_core.privacy.came_in import forget_nobodys_arrivals
from o2c_core.privacy.expired import STEPS, forget_old_gaps
from o2c_core.privacy.periods import periods
from o2c_core.store.store import Store
from o2c_core.trail import note

EVERYBODY = "all sellers"


@dataclass(frozen=True)
class LetGo:
    """How many of one kind at one seller, of before which day, and what became of them."""

    seller: str
    kind: str
    then: str
    before: date
    count: int


@dataclass
class Retention:
    """What one run did, or would do."""

    is_dry_run: bool
    lines: list[LetGo] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines)

    def __str__(self) -> str:
        return f"{self.count} let go" if self.lines else "nothing to let go"


def apply_retention(on: date | None = None, *, store: Store, dry_run: bool = False) -> Retention:
    """Deletes or empties what is over, in batches of which each is one transaction with its line in the trail.

    `on` is the day to count from, each seller's own when none is given. Once more finds nothing; a run that was cut
    short is taken up by the next. With `dry_run` everything is counted and taken back.
    Source: GDPR art. 5(1)(e); retention.toml has each period with where it comes from.
    """
    with store.session() as session:
        sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
    done = Retention(dry_run)
    for seller in sellers:
        day = on or today(store.clock, seller.time_zone)
        _of_seller(seller, day, done, store)
    _of_everybody(on or today(store.clock, "UTC"), done, store)
    return done


def _of_seller(seller: Seller, day: date, done: Retention, store: Store) -> None:
    with store.session() as session:
        for kind in STEPS:
            before = periods()[kind].over_before(day, seller.country)
            count = _all_batches(session, seller, kind, before, store, dry_run=done.is_dry_run)
            if count:
                done.lines.append(LetGo(seller.ref, kind, periods()[kind].then, before, count))
        # What a dry run did is taken back when its session ends.


def _all_batches(session: Session, seller: Seller, kind: str, before: date, store: Store, *, dry_run: bool) -> int:
    count = 0
    after: UUID | None = None
    while True:
        batch: Done = STEPS[kind](session, seller.id, before, after)
        count += batch.count
        if not dry_run:
            if batch.count:
                note(
                    session, "retention applied", seller, at=store.clock.now(), who="system", why=f"kept long enough: {kind}",
                    seller_id=seller.id, kind=kind, count=batch.count, before=before.isoformat(), then=periods()[kind].then,
                )  # fmt: skip
            session.commit()
        session.expire_all()
        after = batch.after
        if after is None:
            return count


def _of_everybody(day: date, done: Retention, store: Store) -> None:
    for kind, forget in (("gaps", forget_old_gaps), ("words", forget_nobodys_arrivals)):
        before = periods()[kind].over_before(day, "")
        with store.session() as session:
            count = forget(session, before)
            if not done.is_dry_run:
                session.commit()
        if count:
            done.lines.append(LetGo(EVERYBODY, kind, periods()[kind].then, before, count))
