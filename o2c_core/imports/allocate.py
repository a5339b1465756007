"""Setting money and credit against the invoices they name, up to what is open on each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.keys import new_key

_BATCH = 1_000


@dataclass(frozen=True)
class Part:
    """An amount in minor units of a payment or credit note, meant for one invoice of the same currency.

    Parts of one source that follow each other with the same `share` draw on one amount; each share has its own.
    """

    source: UUID
    amount: int
    invoice: UUID
    on: date
    share: int = 0


class Pouring:
    """How much of each part its invoice takes; `open` is lowered as invoices fill up, so nothing is used twice."""

    def __init__(self) -> None:
        self.open: dict[UUID, int] = {}
        self._drawing: tuple[UUID, int] | None = None
        self._left = 0

    def take(self, part: Part) -> int:
        """What is set against the part's invoice; 0 when the invoice is full or the amount is used up."""
        if self._drawing != (part.source, part.share):
            self._drawing, self._left = (part.source, part.share), part.amount
        taken = max(0, min(self._left, self.open[part.invoice]))
        self._left -= taken
        self.open[part.invoice] -= taken
        return taken


def allocate(session: Session, parts: Iterable[Part], *, source: str) -> int:
    """Writes the allocations; `source` is the column that names what they come from. Gives how much was set, in all."""
    given = 0
    pouring = Pouring()
    coming = iter(parts)
    while batch := list(islice(coming, _BATCH)):
        unknown = {part.invoice for part in batch} - pouring.open.keys()
        if unknown:
            asked = select(Invoice.id, open_minor()).where(Invoice.id.in_(unknown)).order_by(Invoice.id)
            pouring.open |= {id_: int(left) for id_, left in session.execute(asked.with_for_update(of=Invoice))}
        rows = []
        for part in batch:
            taken = pouring.take(part)
            given += taken
            if taken:
                against = {"invoice_id": part.invoice, source: part.source, "allocated_on": part.on}
                rows.append({"id": new_key(), "amount_minor": taken, **against})
        if rows:
            session.execute(insert(Allocation), rows)
    return given
