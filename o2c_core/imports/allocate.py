"""Setting money and credit against the invoices they name, up to what is open on each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from o2c_core.invoices.account import open_minor, unapplied_minor
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
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
    """How much of each part its invoice takes; `open` is lowered as invoices fill up, so nothing is used twice.

    `left` has what is left of the sources that were used before; of the others there is what their parts say.
    """

    def __init__(self) -> None:
        self.open: dict[UUID, int] = {}
        self.issued_on: dict[UUID, date] = {}
        self.left: dict[UUID, int] = {}
        self._drawing: tuple[UUID, int] | None = None
        self._left = 0

    def take(self, part: Part) -> int:
        """What is set against the part's invoice; 0 when the invoice is full or the amount is used up."""
        if self._drawing != (part.source, part.share):
            self._drawing, self._left = (part.source, part.share), part.amount
        taken = max(0, min(self._left, self.open[part.invoice], self.left.get(part.source, self._left)))
        self._left -= taken
        self.open[part.invoice] -= taken
        if part.source in self.left:
            self.left[part.source] -= taken
        return taken


def allocate(session: Session, parts: Iterable[Part], *, source: str) -> int:
    """Writes the allocations; `source` is the column that names what they come from. Gives how much was set, in all.

    Rows are only added. Money that came before its invoice counts on it from the day there is an invoice.
    """
    given = 0
    pouring = Pouring()
    coming = iter(parts)
    while batch := list(islice(coming, _BATCH)):
        unknown = {part.invoice for part in batch} - pouring.open.keys()
        if unknown:
            _read_open(session, unknown, pouring)
        pouring.left |= _left_of_used(session, {part.source for part in batch} - pouring.left.keys(), source)
        rows = []
        for part in batch:
            taken = pouring.take(part)
            given += taken
            if taken:
                on = max(part.on, pouring.issued_on[part.invoice])
                against = {"invoice_id": part.invoice, source: part.source, "allocated_on": on}
                rows.append({"id": new_key(), "amount_minor": taken, **against})
        if rows:
            session.execute(insert(Allocation), rows)
    return given


def _read_open(session: Session, invoice_ids: set[UUID], pouring: Pouring) -> None:
    """What is open is asked for once the rows are locked: a sum in the locking statement would be from before the wait."""
    session.execute(
        select(Invoice.id).where(Invoice.id.in_(invoice_ids)).order_by(Invoice.id).with_for_update(key_share=True)
    )
    asked = select(Invoice.id, Invoice.issued_on, open_minor()).where(Invoice.id.in_(invoice_ids))
    for id_, issued_on, left in session.execute(asked):
        pouring.open[id_], pouring.issued_on[id_] = int(left), issued_on


def _left_of_used(session: Session, source_ids: set[UUID], source: str) -> dict[UUID, int]:
    """What is left of those sources of which some was set against invoices or paid back before.

    Their rows are locked by now, as the import has just written them, so nobody uses what is left meanwhile.
    """
    kind: type[Payment | CreditNote] = Payment if source == "payment_id" else CreditNote
    allocated = select(getattr(Allocation, source)).where(getattr(Allocation, source).in_(source_ids))
    returned = select(getattr(PaymentReturn, source)).where(getattr(PaymentReturn, source).in_(source_ids))
    used = set(session.scalars(allocated.union(returned)))
    if not used:
        return {}
    query = select(kind.id, unapplied_minor(kind)).where(kind.id.in_(used))
    return {id_: int(left) for id_, left in session.execute(query)}
