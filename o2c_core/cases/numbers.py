"""Numbers people can say: INV-2026-0042, D-118, counted per seller in the pattern it has set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.plan import PaymentPlan
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.orders.order import Order
from o2c_core.store.rows import Row

PATTERN_CHARACTERS_MAX = 40
PADDING_MAX = 12
# What stands between the places of a pattern: nothing that is lost or misread when a number is said or typed.
_PATTERN = re.compile(r"(?:[A-Za-z0-9_./ -]|\{year\}|\{number(?::0(?P<width>\d{1,2}))?\})+")
_BLOCK_MAX = 10_000


class NumberingUnclear(Refused):
    """A numbering pattern has {number} once and may have {year} once, such as INV-{year}-{number:04}."""


class NoSuchNumbering(Refused):
    """There is no numbering for that kind of document."""


@dataclass(frozen=True)
class Kind:
    """A kind of document: the pattern where the seller set none, the series it counts in, where its numbers are kept."""

    pattern: str
    series: str
    taken: InstrumentedAttribute[str]
    seller: InstrumentedAttribute[UUID]


KINDS = {
    "order": Kind("SO-{number}", "order", Order.number, Order.seller_id),
    "invoice": Kind("INV-{year}-{number:04}", "invoice", Invoice.number, Invoice.seller_id),
    "credit_note": Kind("CN-{number}", "credit_note", CreditNote.number, CreditNote.seller_id),
    "dispute": Kind("D-{number}", "D", Dispute.number, Dispute.seller_id),
    "complaint": Kind("C-{number}", "C", Complaint.number, Complaint.seller_id),
    "plan": Kind("P-{number}", "P", PaymentPlan.number, PaymentPlan.seller_id),
}
_SAID_SHORT = {"D": "dispute", "C": "complaint", "P": "plan"}


class NumberSeries(Row):
    """The last number given out, per seller and series."""

    __tablename__ = "number_series"

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


@dataclass(frozen=True)
class Pattern:
    """How the numbers of a series are written. With a year in it the series starts again every year."""

    text: str

    @property
    def is_yearly(self) -> bool:
        return "{year}" in self.text

    @property
    def first(self) -> int:
        """A year begins at 1; a series that never ends begins at 101, so that an early number does not look like one."""
        return 1 if self.is_yearly else 101

    def show(self, number: int, year: int | None) -> str:
        return self.text.format(number=number, year=year)


@lru_cache(maxsize=256)
def parse_pattern(text: str) -> Pattern:
    """The pattern as a seller writes it: "INV-{year}-{number:04}" makes INV-2026-0042.

    Raises: NumberingUnclear, also for a pattern whose numbers would be longer than people can use.
    """
    found = _PATTERN.fullmatch(text)
    once = text.count("{number") == 1 and text.count("{year}") <= 1
    width = int((found and found["width"]) or 0)
    if found is None or not once or text != text.strip():
        raise NumberingUnclear(pattern=text)
    if len(text) > PATTERN_CHARACTERS_MAX or width > PADDING_MAX:
        raise NumberingUnclear(pattern=text)
    return Pattern(text)


def next_number(session: Session, seller: Seller | UUID, kind: str, on: date | None = None) -> str:
    """The next number of that kind (order, invoice, credit_note, dispute, complaint, plan) at that seller on that day.

    Numbers already taken, by imported documents for instance, are passed over. Two transactions never get the same
    one: the second waits for the first. `on` is the day the number is given, and needed where the pattern has a year.

    Raises: NoSuchNumbering; NumberingUnclear.
    """
    name = _SAID_SHORT.get(kind, kind)
    if name not in KINDS:
        raise NoSuchNumbering(f"There is no numbering for '{kind}': {', '.join(KINDS)}.", kind=kind)
    what = KINDS[name]
    if isinstance(seller, UUID):
        seller = session.get_one(Seller, seller)
    said = (seller.numbering or {}).get(name, what.pattern)
    if not isinstance(said, str):
        raise NumberingUnclear(pattern=said)
    pattern = parse_pattern(said)
    if pattern.is_yearly and on is None:
        raise NumberingUnclear(f"The numbers of a {name} have the year in them, so its day must be given.", kind=kind)
    year = on.year if on is not None and pattern.is_yearly else None
    series = what.series if year is None else f"{what.series} {year}"
    number = _count_on(session, seller.id, series, pattern.first)
    free = next(_free(session, seller.id, what, pattern, year, number))
    if free != number:
        # The series' row has been ours since it was counted on, so nobody else passes over these numbers meanwhile.
        here = (NumberSeries.seller_id == seller.id, NumberSeries.kind == series)
        session.execute(update(NumberSeries).where(*here).values(last=free))
    return pattern.show(free, year)


def _count_on(session: Session, seller_id: UUID, series: str, first: int) -> int:
    statement = (
        insert(NumberSeries)
        .values(seller_id=seller_id, kind=series, last=first)
        .on_conflict_do_update(
            index_elements=[NumberSeries.seller_id, NumberSeries.kind], set_={"last": NumberSeries.last + 1}
        )
        .returning(NumberSeries.last)
    )
    return session.execute(statement).scalar_one()


def _free(
    session: Session, seller_id: UUID, what: Kind, pattern: Pattern, year: int | None, number: int
) -> Iterator[int]:
    """The numbers from that one on that no document has, looked up in blocks that grow where many are taken."""
    block = 1
    while True:
        written = {pattern.show(each, year): each for each in range(number, number + block)}
        query = select(what.taken).where(what.seller == seller_id, what.taken.in_(list(written)))
        taken = set(session.scalars(query))
        yield from (each for said, each in written.items() if said not in taken)
        number += block
        block = min(block * 10, _BLOCK_MAX)
