"""How late somebody usually pays: quantiles of days late, leaning on others while there is little to go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

# So many paid invoices count as much as everybody else's habit does.
SHRINKAGE = 5
QUANTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Habit:
    """Days after the due day by which a quarter, half and three quarters of `invoices` paid ones were paid.

    Days are negative for who pays early; they never fall from one quantile to the next.
    """

    invoices: int
    early: float
    usual: float
    slow: float

    def leaning_on(self, wider: Habit | None) -> Habit:
        """Each quantile as the weighted mean of one's own, by the number of invoices, and the wider one, by `SHRINKAGE`.

        Source: James-Stein shrinkage in its simplest form (Efron and Morris, 1977); that a customer's own quantiles do
        better than boosted and survival models was measured (docs/figures.md).
        """
        if wider is None:
            return self
        own = self.invoices / (self.invoices + SHRINKAGE)
        return Habit(
            self.invoices,
            *(own * mine + (1 - own) * theirs for mine, theirs in zip(self._days, wider._days, strict=True)),
        )

    @property
    def days(self) -> tuple[int, int, int]:
        """Whole days, rounded to the nearest; a half goes to the later day."""
        early, usual, slow = (int((days + 0.5) // 1) for days in self._days)
        return early, usual, slow

    @property
    def _days(self) -> tuple[float, float, float]:
        return self.early, self.usual, self.slow


# What holds where nobody ever paid anything: on the due day, or up to a month after it.
UNKNOWN = Habit(0, 0.0, 7.0, 30.0)


def habit_of(own: Habit | None, of_segment: Habit | None, of_seller: Habit | None) -> Habit:
    """A customer's habit: their own leaning on their segment's, which leans on that of all the seller's customers."""
    wider = (of_seller or UNKNOWN).leaning_on(UNKNOWN)
    wider = of_segment.leaning_on(wider) if of_segment else wider
    return own.leaning_on(wider) if own else wider


@dataclass(frozen=True)
class Habits:
    """Everybody's habits, from the invoices that were paid in the last year."""

    of_customers: Mapping[UUID, Habit]
    of_segments: Mapping[str, Habit]
    of_seller: Habit | None

    def of(self, customer_id: UUID, segment: str | None) -> Habit:
        of_segment = self.of_segments.get(segment) if segment is not None else None
        return habit_of(self.of_customers.get(customer_id), of_segment, self.of_seller)


def quantiles(days: Sequence[int]) -> tuple[float, float, float]:
    """The quantiles of those days, between two observations in proportion, as PostgreSQL's percentile_cont has them."""
    ordered = sorted(days)
    found = []
    for part in QUANTILES:
        at = part * (len(ordered) - 1)
        low = int(at)
        high = min(low + 1, len(ordered) - 1)
        found.append(ordered[low] + (at - low) * (ordered[high] - ordered[low]))
    early, usual, slow = found
    return early, usual, slow
