"""Six months of a fictional company, written into an empty ledger."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import cast, ledger_rows
from app.demo.agreements import agreements
from app.demo.buyers import NAMED, Buyer, buyers
from app.demo.deals import Deal, regular
from app.demo.letters import Writing, letters
from app.demo.mailbox import mailbox
from app.demo.payers import transferred
from app.demo.scenes import BOUNCES, Scenes, scenes
from app.demo.ticking import TickingClock
from o2c_core.cases.numbers import next_number
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import seeded
from o2c_core.store.rows import Row
from o2c_core.store.store import Store
from o2c_core.trail import note

_DAYS = 182
_LAST_ORDER_DAYS = 5
_QUIET = timedelta(days=14)
_ZONE = ZoneInfo("Europe/Amsterdam")


class HistoryIsThere(Refused):
    """The demo company is in this ledger already; start over with --fresh."""


class TooFewCustomers(Refused):
    """The demo needs its forty named customers; ask for forty or more."""


def has_history(*, store: Store) -> bool:
    """Whether the demo company is in the ledger, so that a second start can leave it as it is."""
    with store.session() as session:
        return session.scalar(select(Seller.id).where(Seller.ref == cast.SELLER)) is not None


def write_history(*, store: Store, today: date, seed: int = 2026, customers: int = 40) -> None:
    """Writes the company, its customers and what they did in the six months up to `today`.

    Units: `today` is the date in Amsterdam; nothing in the history is later than its first minute. Everything follows
    from the seed and the day: the same two give the same rows, ids included.
    Raises: HistoryIsThere; TooFewCustomers.
    """
    if customers < len(NAMED):
        raise TooFewCustomers(asked=customers)
    if has_history(store=store):
        raise HistoryIsThere
    dice = random.Random(seed)  # noqa: S311 (reproducible on purpose; nothing secret is derived)
    people = buyers(customers, dice)
    extra = scenes({buyer.ref: buyer for buyer in people}, today, dice)
    deals = sorted(
        [*_ordinary(people, extra, today, dice), *extra.deals], key=lambda deal: (deal.ordered_on, deal.buyer.ref)
    )
    clock = TickingClock(datetime(2000, 1, 1, tzinfo=UTC))
    with seeded(seed, clock), store.session() as session:
        writing = _Writing(session, clock, today)
        writing.people(people)
        writing.orders(deals)
        writing.invoices(deals)
        writing.money(deals)
        writing.cases(extra)
        writing.agreements()
        writing.letters()
        writing.sign(seed)
        session.commit()


def _ordinary(people: Sequence[Buyer], extra: Scenes, today: date, dice: random.Random) -> list[Deal]:
    """Everybody's everyday deals: they end before the last thing a part says, and well before the first where the
    part says all that is open."""
    start, usual_end = today - timedelta(days=_DAYS), today - timedelta(days=_LAST_ORDER_DAYS)
    result: list[Deal] = []
    for buyer in people:
        in_parts = [deal.ordered_on for deal in extra.deals if deal.buyer is buyer]
        is_settled = buyer.ref in cast.SETTLED
        end = min([usual_end, *in_parts]) - _QUIET if is_settled else min(usual_end, max(in_parts, default=usual_end))
        result += regular(buyer, start, end, today, dice, only_paid=is_settled)
    return result


class _Writing:
    """The rows, in the order in which they refer to each other; each key is made on the day its row tells of."""

    def __init__(self, session: Session, clock: TickingClock, today: date) -> None:
        self._session, self._clock, self._today = session, clock, today
        self._put_on(today - timedelta(days=2 * _DAYS))
        self._seller = ledger_rows.the_seller()
        self._invoice_of: dict[int, Invoice] = {}
        self._customer_ids: dict[str, UUID] = {}
        self._order_rows: dict[int, ledger_rows.OrderRows] = {}
        self._written: Counter[str] = Counter()

    def _write(self, rows: Sequence[Row]) -> None:
        self._session.add_all(rows)
        self._session.flush()
        self._written.update(row.__tablename__ for row in rows)

    def people(self, people: Sequence[Buyer]) -> None:
        self._write([self._seller])
        since = self._put_on(self._today - timedelta(days=2 * _DAYS))
        rows = []
        for buyer in people:
            days, why = BOUNCES.get(buyer.ref, (0, None))
            failed_at = _start_of(self._today - timedelta(days=days)) if why else None
            rows.append(ledger_rows.a_customer(buyer, self._seller, since, failed_at, why))
        self._customer_ids = {row.ref: row.id for row in rows}
        self._write(rows)

    def orders(self, deals: Sequence[Deal]) -> None:
        for number, deal in enumerate(deals, 1001):
            self._put_on(deal.ordered_on)
            customer_id = self._customer_ids[deal.buyer.ref]
            self._order_rows[id(deal)] = ledger_rows.an_order(deal, f"SO-{number}", self._seller.id, customer_id)
        self._write([rows.order for rows in self._order_rows.values()])

    def invoices(self, deals: Sequence[Deal]) -> None:
        billed = sorted(((deal.issued_on, deal) for deal in deals if deal.issued_on), key=lambda pair: pair[0])
        numbers: Counter[int] = Counter()
        self._rewind()
        for issued_on, deal in billed:
            self._put_on(issued_on)
            numbers[issued_on.year] += 1
            number = f"INV-{issued_on.year}-{numbers[issued_on.year]:04}"
            self._invoice_of[id(deal)] = ledger_rows.an_invoice(deal, issued_on, number, self._order_rows[id(deal)])
        self._write(list(self._invoice_of.values()))

    def money(self, deals: Sequence[Deal]) -> None:
        """One transfer for everything that a customer paid on one day."""
        parts = sorted(
            ((part, deal) for deal in deals for part in deal.parts),
            key=lambda pair: (pair[0].on, pair[1].buyer.ref, self._invoice_of[id(pair[1])].number),
        )
        payments: list[Row] = []
        allocations: list[Row] = []
        self._rewind()
        for (on, _), group in groupby(parts, key=lambda pair: (pair[0].on, pair[1].buyer.ref)):
            self._put_on(on)
            together = list(group)
            buyer = together[0][1].buyer
            paid = [(part.minor, self._invoice_of[id(deal)]) for part, deal in together]
            sent_minor = transferred(buyer.habit, sum(minor for minor, _ in paid))
            payment = ledger_rows.a_payment(buyer, paid, sent_minor, on, f"demo-{len(payments) + 1:05}")
            payments.append(payment)
            allocations += [ledger_rows.an_allocation(payment, invoice, minor) for minor, invoice in paid]
        self._write(payments)
        self._write(allocations)

    def cases(self, extra: Scenes) -> None:
        self._rewind()
        notes: list[Row] = []
        for number, credit in enumerate(sorted(extra.credits, key=lambda credit: credit.on), 1):
            self._put_on(credit.on)
            invoice = self._invoice_of[id(credit.deal)]
            notes.append(ledger_rows.a_credit_note(credit, invoice, f"CN-{credit.on.year}-{number:04}"))
        self._write(notes)
        disputes: list[Row] = []
        for objection in extra.objections:
            at = self._put_on(objection.on)
            number_said = next_number(self._session, self._seller.id, "D")
            disputes.append(ledger_rows.a_dispute(objection, self._invoice_of[id(objection.deal)], number_said, at))
        self._write(disputes)

    def agreements(self) -> None:
        self._rewind()
        rows = agreements(self._session, self._seller, self._customer_ids, self._today, self._on)
        self._write(rows)

    def letters(self) -> None:
        """What was written to customers and by them, and what became of it."""
        self._rewind()
        to = Writing(self._session, self._seller, self._customer_ids, self._today, self._on)
        letters(to)
        mailbox(to)

    def _put_on(self, day: date) -> datetime:
        """The clock on that day, unless it is later already; what it says."""
        self._clock.at = max(self._clock.at, _start_of(day))
        return self._clock.at

    def _on(self, day: date) -> datetime:
        """The first moment of that day, with the clock there, also when it has been later already."""
        self._clock.at = _start_of(day)
        return self._clock.at

    def sign(self, seed: int) -> None:
        note(
            self._session,
            "demo history written",
            self._seller,
            at=self._put_on(self._today),
            who="system",
            why=f"parley demo, seed {seed}",
            customers=self._written["customer"],
            orders=self._written["orders"],
            invoices=self._written["invoice"],
            payments=self._written["payment"],
        )

    def _rewind(self) -> None:
        self._clock.at = _start_of(self._today - timedelta(days=_DAYS))


def _start_of(day: date) -> datetime:
    """Midnight in Amsterdam, which has always been by the time the day is today."""
    return datetime.combine(day, time(), _ZONE).astimezone(UTC)
