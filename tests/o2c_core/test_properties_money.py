"""Money is neither made nor lost: by the rules whatever is set against what, and in the ledger whatever is done in turn."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.refund import refund
from o2c_core.actions.release_allocation import release_allocation
from o2c_core.actions.return_payment import return_payment
from o2c_core.errors import Refused
from o2c_core.figures.ageing import ageing
from o2c_core.invoices.account import balance_of, balances, open_parts
from o2c_core.invoices.allocation import (
    OpenItem,
    Part,
    allocate_explicit,
    allocate_oldest_first,
    discount_taken,
    instalments_open,
    newest_first,
    overdue_minor,
)
from o2c_core.invoices.crediting import split_gross
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.tax import TaxPart
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.stores.money import Books

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
MINOR = st.integers(1, 10**12)
DUE = st.integers(-400, 400).map(lambda days: DAY + timedelta(days=days))


@st.composite
def items(draw: st.DrawFn, currency: str = "EUR", *, least: int = 0) -> list[OpenItem]:
    """Invoices with something open or nothing, some of them in instalments."""
    found = []
    for number in range(draw(st.integers(least, 8))):
        for _ in range(draw(st.integers(1, 3))):
            left = draw(st.integers(0, 10**9))
            found.append(OpenItem(UUID(int=number), f"INV-{number}", draw(DUE), left, currency))
    return found


def open_on(items: list[OpenItem]) -> dict[UUID, int]:
    left: dict[UUID, int] = {}
    for item in items:
        left[item.invoice_id] = left.get(item.invoice_id, 0) + item.open_minor
    return left


@given(items(), st.integers(0, 10**10))
def test_oldest_first_gives_all_there_is_and_never_more_than_is_open(found: list[OpenItem], amount: int) -> None:
    parts = allocate_oldest_first(found, amount)
    open_ = open_on(found)
    assert sum(part.minor for part in parts) == min(amount, sum(open_.values()))
    assert len({part.invoice_id for part in parts}) == len(parts)
    assert all(0 < part.minor <= open_[part.invoice_id] for part in parts)


@given(items(), st.integers(0, 10**10))
def test_nothing_newer_is_paid_while_something_older_is_open(found: list[OpenItem], amount: int) -> None:
    single = [OpenItem(UUID(int=at), f"INV-{at}", item.due_on, item.open_minor) for at, item in enumerate(found)]
    paid = {part.invoice_id: part.minor for part in allocate_oldest_first(single, amount)}
    for older, newer in itertools.permutations(single, 2):
        if older.due_on < newer.due_on and newer.invoice_id in paid:
            assert paid.get(older.invoice_id, 0) == older.open_minor


@given(st.permutations(range(6)), st.lists(st.integers(0, 1_000), min_size=6, max_size=6), st.integers(0, 7_000))
def test_in_whatever_order_invoices_are_read_the_same_ones_are_paid(
    order: list[int], left: list[int], amount: int
) -> None:
    found = [OpenItem(UUID(int=at), f"INV-{at}", DAY + timedelta(days=at % 3), left[at]) for at in range(6)]
    assert allocate_oldest_first([found[at] for at in order], amount) == allocate_oldest_first(found, amount)


@st.composite
def wishes(draw: st.DrawFn) -> tuple[list[OpenItem], dict[UUID, Money], Money]:
    currency = draw(CURRENCIES)
    found = draw(items(currency, least=1))
    wanted = {}
    for invoice_id, left in open_on(found).items():
        if draw(st.booleans()):
            wanted[invoice_id] = Money(draw(st.integers(1, max(1, left + 2))), currency)
    return found, wanted, Money(draw(st.integers(0, 10**10)), currency)


@given(wishes())
def test_an_explicit_allocation_is_done_to_the_letter_or_refused_for_a_reason(
    wish: tuple[list[OpenItem], dict[UUID, Money], Money],
) -> None:
    found, wanted, amount = wish
    open_ = open_on(found)
    fits = all(part.minor <= open_[id_] for id_, part in wanted.items())
    has_it = sum(part.minor for part in wanted.values()) <= amount.minor
    try:
        parts = allocate_explicit(found, wanted, amount)
    except Refused:
        assert not (fits and has_it)
    else:
        assert fits
        assert has_it
        assert parts == [Part(id_, part.minor) for id_, part in wanted.items()]


@st.composite
def payments(draw: st.DrawFn) -> tuple[list[OpenItem], list[dict[UUID, int]]]:
    """Payments that name what they pay, and that all fit."""
    found = draw(items(least=1))
    left = open_on(found)
    made = []
    for _ in range(draw(st.integers(1, 6))):
        parts = {id_: draw(st.integers(0, open_)) for id_, open_ in left.items()}
        for id_, part in parts.items():
            left[id_] -= part
        made.append({id_: part for id_, part in parts.items() if part})
    return found, made


def paid(found: list[OpenItem], made: list[dict[UUID, int]]) -> dict[UUID, int]:
    left = open_on(found)
    for wanted in made:
        now = [OpenItem(id_, str(id_), DAY, open_) for id_, open_ in left.items()]
        amount = Money(sum(wanted.values()), "EUR")
        for part in allocate_explicit(now, {id_: Money(minor, "EUR") for id_, minor in wanted.items()}, amount):
            left[part.invoice_id] -= part.minor
    return left


@given(payments(), st.randoms(use_true_random=False))
def test_explicit_payments_in_any_order_leave_the_same_open(
    case: tuple[list[OpenItem], list[dict[UUID, int]]], random: object
) -> None:
    found, made = case
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert paid(found, shuffled) == paid(found, made)


@given(st.lists(MINOR, min_size=1, max_size=8), st.integers(0, 10**13))
def test_what_is_taken_back_is_what_was_needed_and_the_newest_first(amounts: list[int], needed: int) -> None:
    allocations = [(UUID(int=at), minor) for at, minor in enumerate(amounts)]
    released = newest_first(allocations, needed)
    assert sum(minor - again for _, minor, again in released) == min(needed, sum(amounts))
    assert [id_ for id_, _, _ in released] == [id_ for id_, _ in allocations[: len(released)]]
    assert all(again == 0 for _, _, again in released[:-1])
    assert all(0 <= again < minor for _, minor, again in released)


PARTS = st.lists(st.tuples(DUE, MINOR), min_size=1, max_size=8).map(sorted)


@given(PARTS, st.data())
def test_instalments_sum_to_what_is_open_and_fill_in_turn(parts: list[tuple[date, int]], data: st.DataObject) -> None:
    total = sum(minor for _, minor in parts)
    allocated = data.draw(st.integers(-10, total + 10))
    left = instalments_open(parts, allocated)
    assert [due_on for due_on, _ in left] == [due_on for due_on, _ in parts]
    assert sum(minor for _, minor in left) == total - allocated
    if 0 <= allocated <= total:
        assert all(0 <= now <= was for (_, now), (_, was) in zip(left, parts, strict=True))
        first_open = next((at for at, (_, now) in enumerate(left) if now), len(left))
        assert [now for _, now in left[first_open + 1 :]] == [was for _, was in parts[first_open + 1 :]]


@given(PARTS, st.data(), DUE)
def test_money_makes_nothing_later_and_days_make_nothing_earlier(
    parts: list[tuple[date, int]], data: st.DataObject, today: date
) -> None:
    total = sum(minor for _, minor in parts)
    less, more = sorted((data.draw(st.integers(0, total)), data.draw(st.integers(0, total))))
    late = overdue_minor(instalments_open(parts, less), today)
    assert 0 <= overdue_minor(instalments_open(parts, more), today) <= late <= total - less
    assert late <= overdue_minor(instalments_open(parts, less), today + timedelta(days=1))


@given(st.lists(st.tuples(st.integers(1, 10**9), DUE), max_size=20), st.integers(0, 10**9), CURRENCIES, DUE)
def test_a_balance_is_late_and_not_late_and_less_what_is_held(
    rows: list[tuple[int, date]], unapplied: int, currency: str, today: date
) -> None:
    balance = balance_of(rows, unapplied, currency, today)
    not_late = sum(left for left, due_on in rows if due_on >= today)
    assert balance.overdue.minor + not_late == balance.open.minor
    assert balance.owed.minor + unapplied == sum(left for left, _ in rows)


@given(MINOR, st.integers(0, 10**12), st.integers(0, 10**12), st.integers(-5, 5))
def test_a_discount_closes_the_invoice_exactly_or_is_not_taken(
    total: int, discount: int, paid_minor: int, days: int
) -> None:
    invoice = Invoice(total_minor=total, discount_minor=min(discount, total), discount_until_on=DAY)
    taken = discount_taken(invoice, paid_minor, DAY + timedelta(days=days))
    assert 0 <= taken <= invoice.discount_minor
    assert taken == 0 or (days <= 0 and paid_minor + taken == total)


TAXES = st.lists(
    st.tuples(st.sampled_from([0, 6, 9, 21]), st.integers(1, 10**9)).map(
        lambda one: TaxPart("S", one[0], one[1], (one[1] * one[0] + 50) // 100)  # type: ignore[arg-type]
    ),
    min_size=1,
    max_size=4,
)


@given(TAXES, st.data())
def test_an_amount_divided_over_taxes_loses_nothing(taxes: list[TaxPart], data: st.DataObject) -> None:
    whole = sum(part.base_minor + part.tax_minor for part in taxes)
    gross = data.draw(st.integers(1, whole))
    parts = split_gross(gross, taxes)
    assert sum(part.base_minor + part.tax_minor for part in parts) == gross
    assert all(part.base_minor >= 0 and part.tax_minor >= 0 for part in parts)
    assert split_gross(whole, taxes) == taxes


@dataclass(frozen=True)
class Step:
    """Something somebody does, by numbers that are taken as far as there is anything to do it with."""

    verb: str
    which: int
    minor: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["pay", "pay oldest", "allocate", "release", "release part", "return", "refund"]),
        st.integers(0, 20),
        st.integers(1, 15_000),
    ),
    max_size=12,
)


def do(step: Step, books: Books, paid: list[UUID]) -> tuple[int, int]:
    """What arrived and what left by the step, in minor units; a step that is refused moves nothing."""
    store, amount = books.store, Money(step.minor, "EUR")
    try:
        if step.verb.startswith("pay"):
            made = record_payment(
                books.customer_id, amount, DAY, source_key=str(new_key()), store=store,
                wanted="oldest first" if step.verb == "pay oldest" else None,
            )  # fmt: skip
            paid.append(made.payment.id)
            return step.minor, 0
        standing = [one for one in books.allocations() if one.amount_minor > 0]
        if step.verb.startswith("release") and standing:
            one = standing[step.which % len(standing)]
            release_allocation(one.id, "", store=store, amount=amount if step.verb == "release part" else None)
        elif paid:
            payment = paid[step.which % len(paid)]
            if step.verb == "allocate":
                allocate_payment(payment, store=store, amount=amount)
            if step.verb == "refund":
                refund(payment, amount, reason="", store=store)
                return 0, step.minor
            if step.verb == "return":
                key = str(new_key())
                return_payment(payment, "reversal", amount, DAY, reason="", source_key=key, store=store)
                return 0, step.minor
    except Refused:
        pass
    return 0, 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=3), STEPS)
def test_whatever_is_done_in_turn_money_is_on_invoices_or_unapplied_or_gone(
    store: Store, session: Session, totals: list[int], steps: list[Step]
) -> None:
    seller = a_seller(session, str(new_key()))
    customer = a_customer(session, seller)
    for at, total in enumerate(totals):
        an_invoice(
            session,
            customer,
            total_minor=total,
            due_on=DAY - timedelta(days=40 * at),
            issued_on=DAY - timedelta(days=200),
        )
    session.commit()
    books, paid, arrived, left_again = Books(store, customer.id), [], 0, 0  # type: ignore[var-annotated]
    for step in steps:
        came, went = do(step, books, paid)
        arrived, left_again = arrived + came, left_again + went
        open_, unapplied = books.open(), books.unapplied()
        assert all(left >= 0 for left in open_.values())
        assert unapplied >= 0
        assert sum(totals) - sum(open_.values()) + unapplied == arrived - left_again
    (row,) = ageing(session, seller.id, DAY)
    (balance,) = balances(session, customer.id, DAY)
    assert (row.open, row.overdue, row.balance) == (balance.open, balance.overdue, balance.owed)
    parts = session.execute(open_parts(Invoice.customer_id == customer.id)).all()
    assert sum(int(part.minor) for part in parts) == balance.open.minor


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=4), st.integers(1, 30_000), st.integers(1, 30_000))
def test_a_reversal_restores_exactly_what_was_open_before(
    store: Store, session: Session, totals: list[int], first: int, second: int
) -> None:
    customer = a_customer(session, a_seller(session, str(new_key())))
    for total in totals:
        an_invoice(session, customer, total_minor=total)
    session.commit()
    books = Books(store, customer.id)
    books.pay(first, "oldest first", key="before")
    was = books.open(), books.unapplied()
    payment = books.pay(second, "oldest first", key="reversed").payment
    return_payment(payment.id, "reversal", Money(second, "EUR"), DAY, reason="MD01", source_key="back", store=store)
    assert (books.open(), books.unapplied()) == was
