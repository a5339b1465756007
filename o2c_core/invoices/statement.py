"""A customer's statement of account: what it was, everything that moved it, and what is open at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

from sqlalchemy import Row, func, literal, select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.days import days_late
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import CreditNote, Instalment, Invoice
from o2c_core.invoices.movements import moves_of, used_of
from o2c_core.invoices.payment import Payment, PaymentReturn
from o2c_core.money import Money, total

# On one day they are told in this order: first what is claimed, then what settles it, then what is taken back.
KINDS = (
    "invoice", "credit_note", "payment", "paid_by_other", "paid_for_other", "refund", "reversal", "chargeback", "write_off",
)  # fmt: skip
BUCKETS = ("current", "1-30", "31-60", "61-90", "over 90")


class DaysReversed(Refused):
    """A statement runs from a day to the same or a later one."""


@dataclass(frozen=True)
class Movement:
    """Something that changed what the customer owes, by `amount` (above zero: more), leaving `balance`."""

    on: date
    kind: str
    number: str
    amount: Money
    balance: Money


@dataclass(frozen=True)
class OpenItem:
    """What is left of an invoice, or of one instalment of it; of a payment or credit note it is below zero.

    `due_on` is None, and nothing is late, where we hold the customer's money. `part` is (2, 3) for the second of three.
    """

    kind: str
    number: str
    on: date
    due_on: date | None
    total: Money
    open: Money
    days_late: int
    part: tuple[int, int] | None = None


@dataclass(frozen=True)
class Statement:
    """The account in one currency over some days, both counted. `opening` is before the first of them.

    `opening` and the movements make `closing`, and so do the open items.
    """

    customer_id: UUID
    currency: str
    from_on: date
    to_on: date
    opening: Money
    movements: tuple[Movement, ...]
    open_items: tuple[OpenItem, ...]

    @property
    def closing(self) -> Money:
        return self.movements[-1].balance if self.movements else self.opening

    @property
    def claims(self) -> tuple[OpenItem, ...]:
        return tuple(item for item in self.open_items if item.due_on is not None)

    @property
    def waiting(self) -> tuple[OpenItem, ...]:
        """Money and credit of the customer that is not set against an invoice yet."""
        return tuple(item for item in self.open_items if item.due_on is None)

    @property
    def overdue(self) -> Money:
        return total((item.open for item in self.claims if item.days_late > 0), self.currency)

    @property
    def unapplied(self) -> Money:
        """The money and credit that waits, below zero."""
        return total((item.open for item in self.waiting), self.currency)

    @property
    def buckets(self) -> tuple[Money, ...]:
        """What is open by days past the due day, as BUCKETS; with `unapplied` they sum to the closing balance."""
        sums = [0] * len(BUCKETS)
        for item in self.claims:
            sums[bucket_of(item.days_late)] += item.open.minor
        return tuple(Money(minor, self.currency) for minor in sums)


def bucket_of(late: int) -> int:
    """Which of the BUCKETS something that many days late belongs in."""
    return 0 if late <= 0 else min(1 + (late - 1) // 30, len(BUCKETS) - 1)


def statement_of(session: Session, customer: Customer, currency: str, from_on: date, to_on: date) -> Statement:
    """The customer's account in that currency, as it stood at the end of `to_on`.

    Raises: DaysReversed.
    """
    if to_on < from_on:
        raise DaysReversed(from_on=from_on, to_on=to_on)
    moves = moves_of(customer.id, currency, to_on)
    before = select(literal(from_on), literal("opening"), literal(""), func.coalesce(func.sum(moves.c.minor), 0)).where(
        moves.c.on < from_on
    )
    told = select(moves.c.on, moves.c.kind, moves.c.number, moves.c.minor).where(
        moves.c.on >= from_on, moves.c.minor != 0
    )
    rows = sorted(session.execute(before.union_all(told)), key=_place)
    opening = Money(int(rows[0][3]), currency)
    return Statement(
        customer_id=customer.id,
        currency=currency,
        from_on=from_on,
        to_on=to_on,
        opening=opening,
        movements=running([(on, kind, number, int(minor)) for on, kind, number, minor in rows[1:]], opening),
        open_items=(*_claims(session, customer.id, currency, to_on), *_waiting(session, customer.id, currency, to_on)),
    )


def _place(move: Row[date, str, str, int]) -> tuple[date, int, str, int]:
    """Where a movement stands: by day, then in the order of KINDS; the opening balance is before all."""
    on, kind, number, minor = move
    return (on, -1 if kind == "opening" else KINDS.index(kind), number, int(minor))


def first_day(session: Session, customer_id: UUID, currency: str, to_on: date) -> date:
    """The first day of a statement nobody chose days for: far enough back to show every invoice still open, and at
    least ninety days."""
    used = used_of(customer_id, currency, to_on, "invoice")
    open_ = Invoice.total_minor - func.coalesce(used.c.minor, 0)
    oldest = session.scalar(
        select(func.min(Invoice.issued_on))
        .outerjoin(used, used.c.id == Invoice.id)
        .where(Invoice.customer_id == customer_id, Invoice.currency == currency, Invoice.issued_on <= to_on, open_ != 0)
    )
    usual = to_on - timedelta(days=90)
    return min(oldest, usual) if oldest else usual


def running(moves: Sequence[tuple[date, str, str, int]], opening: Money) -> tuple[Movement, ...]:
    """The moves (day, kind, number, minor units), in their order, each with the balance after it."""
    balances = accumulate((minor for _, _, _, minor in moves), initial=opening.minor)
    next(balances)
    return tuple(
        Movement(on, kind, number, Money(minor, opening.currency), Money(balance, opening.currency))
        for (on, kind, number, minor), balance in zip(moves, balances, strict=True)
    )


def parts_open(
    total_minor: int, open_minor: int, parts: Sequence[tuple[date, int]]
) -> list[tuple[int, date, int, int]]:
    """(place, due day, amount, what is open of it) for each instalment not yet filled; money fills the earliest first.

    What is open on them is what is open on the invoice: the last part is what the total leaves after the others.
    """
    amounts = [amount for _, amount in parts[:-1]]
    amounts.append(total_minor - sum(amounts))
    settled = max(0, total_minor - open_minor)
    found = []
    for place, ((due_on, _), amount) in enumerate(zip(parts, amounts, strict=True), 1):
        filled = min(amount, settled)
        settled -= filled
        if amount - filled > 0:
            found.append((place, due_on, amount, amount - filled))
    return found


def _claims(session: Session, customer_id: UUID, currency: str, to_on: date) -> list[OpenItem]:
    used = used_of(customer_id, currency, to_on, "invoice")
    left = Invoice.total_minor - func.coalesce(used.c.minor, 0)
    query = (
        select(Invoice, left)
        .outerjoin(used, used.c.id == Invoice.id)
        .where(Invoice.customer_id == customer_id, Invoice.currency == currency, Invoice.issued_on <= to_on, left != 0)
        .order_by(Invoice.due_on, Invoice.number)
    )
    items: list[OpenItem] = []
    for invoice, minor in session.execute(query):
        parts = [(part.due_on, part.amount_minor) for part in _instalments(invoice)]
        found = parts_open(invoice.total_minor, int(minor), parts) if parts and minor > 0 else []
        found = found or [(0, invoice.due_on, invoice.total_minor, int(minor))]
        items.extend(
            OpenItem(
                kind="invoice",
                number=invoice.number,
                on=invoice.issued_on,
                due_on=due_on,
                total=Money(amount, currency),
                open=Money(open_minor, currency),
                days_late=days_late(due_on, to_on) if open_minor > 0 else 0,
                part=(place, len(parts)) if place else None,
            )
            for place, due_on, amount, open_minor in found
        )
    return sorted(items, key=lambda item: (item.due_on or to_on, item.number, item.part or (0, 0)))


def _instalments(invoice: Invoice) -> list[Instalment]:
    return invoice.instalments if invoice.is_in_instalments else []


def _waiting(session: Session, customer_id: UUID, currency: str, to_on: date) -> list[OpenItem]:
    items: list[OpenItem] = []
    for kind, noun, on, number, amount in (
        ("payment", Payment, Payment.received_on, Payment.reference, Payment.amount_minor),
        ("credit_note", CreditNote, CreditNote.issued_on, CreditNote.number, CreditNote.total_minor),
    ):
        used = used_of(customer_id, currency, to_on, kind)
        key = PaymentReturn.payment_id if kind == "payment" else PaymentReturn.credit_note_id
        back = (
            select(key.label("id"), func.sum(PaymentReturn.amount_minor).label("minor"))
            .where(PaymentReturn.customer_id == customer_id, PaymentReturn.returned_on <= to_on)
            .group_by(key)
            .subquery()
        )
        left = amount - func.coalesce(used.c.minor, 0) - func.coalesce(back.c.minor, 0)
        query = (
            select(on, number, amount, left)
            .outerjoin(used, used.c.id == noun.id)
            .outerjoin(back, back.c.id == noun.id)
            .where(noun.customer_id == customer_id, noun.currency == currency, on <= to_on, left != 0)
            .order_by(on, noun.id)
        )
        items.extend(
            OpenItem(kind, said or "", day, None, Money(-int(whole), currency), Money(-int(minor), currency), 0)
            for day, said, whole, minor in session.execute(query)
        )
    return items
