"""The ageing of a book on any day, against the same book counted document by document."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.figures.ageing import Ageing, ageing, ageing_by_customer, ageing_by_segment
from o2c_core.invoices.account import open_parts
from o2c_core.invoices.invoice import CreditNote, Instalment, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn, WriteOff
from o2c_core.keys import new_key
from o2c_core.money import Money
from tests.build import DAY, a_credit_note, a_customer, a_payment, a_seller, an_invoice


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def buckets(one: Ageing) -> list[int]:
    return [bucket.minor for bucket in one.buckets]


@pytest.mark.parametrize(
    "line",
    ["due   0 late bucket 0", "due  -1 late bucket 0", "due   1 late bucket 1", "due  30 late bucket 1",
     "due  31 late bucket 2", "due  60 late bucket 2", "due  61 late bucket 3", "due  90 late bucket 3",
     "due  91 late bucket 4"],
)  # fmt: skip
def test_an_invoice_is_aged_by_its_due_day_which_is_not_late(session: Session, line: str) -> None:
    _, days, _, _, bucket = line.split()
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, total_minor=100, due_on=later(-int(days)))
    [one] = ageing(session, customer.seller_id, DAY)
    assert [number for number, minor in enumerate(buckets(one)) if minor] == [int(bucket)]


@pytest.mark.parametrize(
    "line",
    ["paid    0  100 100 100", "paid   40   60 100 100", "paid  150    0  50 100", "paid  300    0   0   0",
     "paid  320    0   0 -20"],
)  # fmt: skip
def test_instalments_stand_in_the_buckets_they_are_due_in_and_money_fills_the_earliest(
    session: Session, line: str
) -> None:
    _, paid, *left = (int(word) if word.lstrip("-").isdigit() else 0 for word in line.split())
    customer = a_customer(session, a_seller(session))
    invoice = an_invoice(
        session, customer, total_minor=300, due_on=later(20), issued_on=later(-60), is_in_instalments=True
    )
    for position, due in ((1, -40), (2, -10), (3, 20)):
        session.add(Instalment(invoice_id=invoice.id, position=position, due_on=later(due), amount_minor=100))
    if paid:
        a_payment(session, invoice, paid, later(-1))
    session.flush()
    [one] = ageing(session, customer.seller_id, DAY)
    assert buckets(one) == [left[2], left[1], left[0], 0, 0]
    assert one.unapplied.minor == 0


def test_an_invoice_in_instalments_without_any_is_aged_as_a_whole(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, total_minor=300, due_on=later(-5), is_in_instalments=True)
    [one] = ageing(session, customer.seller_id, DAY)
    assert buckets(one) == [0, 300, 0, 0, 0]


def test_money_that_left_again_is_no_longer_held_and_what_it_paid_is_open_again(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    invoice = an_invoice(session, customer, total_minor=100, due_on=later(-5))
    payment = a_payment(session, invoice, 100, later(-2))
    first = session.query(Allocation).one()
    session.add(Allocation(invoice_id=invoice.id, payment_id=payment.id, reverses_id=first.id, amount_minor=-100,
                           allocated_on=DAY))  # fmt: skip
    session.add(PaymentReturn(seller_id=customer.seller_id, customer_id=customer.id, payment_id=payment.id,
                              kind="reversal", returned_on=DAY, amount_minor=100, currency="EUR", source_key="r1"))  # fmt: skip
    session.flush()
    for day, bucket, balance in ((later(-3), 100, 100), (later(-2), 0, 0), (later(-1), 0, 0), (DAY, 100, 100)):
        [one] = ageing(session, customer.seller_id, day)
        assert (one.buckets[1].minor, one.unapplied.minor, one.balance.minor) == (bucket, 0, balance), day


def test_another_seller_is_never_in_the_book(session: Session) -> None:
    mine, other = a_seller(session, "mine"), a_seller(session, "other")
    an_invoice(session, a_customer(session, mine), total_minor=100)
    invoice = an_invoice(session, a_customer(session, other), total_minor=900, paid_minor=200)
    a_credit_note(session, session.get_one(Customer, invoice.customer_id), 50)
    [one] = ageing(session, mine.id, DAY)
    assert (one.balance, one.unapplied) == (Money(100, "EUR"), Money(0, "EUR"))
    assert len(ageing_by_customer(session, mine.id, DAY)) == 1


# A random book. Days are counted from DAY; nothing in it need make sense to an accountant for it to sum.
DAYS = st.integers(-130, 5)


@dataclass
class Book:
    """Documents by list number: (customer, currency, minor, day, due day, instalment amounts) and what was done with them."""

    invoices: list[tuple[int, str, int, int, int, list[int]]]
    money: list[tuple[bool, int, str, int, int]]
    set_against: list[tuple[int, int, int, int, int | None]]
    returns: list[tuple[int, int, int]]
    write_offs: list[tuple[int, int, int]]
    on: int = field(default=0)


MINOR = st.integers(1, 1000)
BOOKS = st.builds(
    Book,
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["EUR", "GBP"]), MINOR, DAYS, st.integers(0, 60),
                  st.lists(st.integers(1, 300), max_size=3)), min_size=1, max_size=6),
    st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.sampled_from(["EUR", "GBP"]), MINOR, DAYS), max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), MINOR, DAYS, st.none() | st.integers(0, 40)), max_size=6),
    st.lists(st.tuples(st.integers(0, 4), MINOR, DAYS), max_size=2),
    st.lists(st.tuples(st.integers(0, 5), MINOR, DAYS), max_size=2),
    st.integers(-100, 3),
)  # fmt: skip


@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(BOOKS)
def test_on_any_day_the_buckets_and_what_is_unapplied_are_the_ledgers_balance(session: Session, book: Book) -> None:
    with session.begin_nested() as undone:
        customers = write(session, book)
        seller_id, on = customers[0].seller_id, later(book.on)
        found = {one.currency: one for one in ageing(session, seller_id, on)}
        for currency in ("EUR", "GBP"):
            one = found.get(currency)
            assert (one.balance.minor if one else 0) == balance(book, currency)
            assert (buckets(one) if one else [0] * 5) == aged(session, seller_id, currency, on)
            per_customer = [
                row.ageing for row in ageing_by_customer(session, seller_id, on) if row.ageing.currency == currency
            ]
            per_segment = [aged for _, aged in ageing_by_segment(session, seller_id, on) if aged.currency == currency]
            for rows in (per_customer, per_segment):
                assert [sum(buckets(row)[at] for row in rows) for at in range(5)] == (buckets(one) if one else [0] * 5)
                assert sum(row.unapplied.minor for row in rows) == (one.unapplied.minor if one else 0)
        undone.rollback()
    session.expunge_all()


def balance(book: Book, currency: str) -> int:
    """Invoices less money and credit, plus what left again, less what was written off of invoices issued by then."""
    on = book.on
    owed = sum(minor for _, of, minor, day, _, _ in book.invoices if of == currency and day <= on)
    owed -= sum(minor for _, _, of, minor, day in book.money if of == currency and day <= on)
    owed += sum(
        minor for at, minor, day in book.returns if book.money and day <= on and _money(book, at)[2] == currency
    )
    for at, minor, day in book.write_offs:
        _, of, _, issued, _, _ = _invoice(book, at)
        if of == currency and issued <= on and day <= on:
            owed -= minor
    return owed


def aged(session: Session, seller_id: UUID, currency: str, on: date) -> list[int]:
    """The same buckets from the parts of each invoice, as a customer's account reads them."""
    found = [0] * 5
    for row in session.execute(open_parts(Invoice.seller_id == seller_id, as_of=on)):
        if row.currency == currency:
            late = (on - row.due_on).days
            found[0 if late <= 0 else min(4, (late - 1) // 30 + 1)] += int(row.minor)
    return found


def _invoice(book: Book, at: int) -> tuple[int, str, int, int, int, list[int]]:
    return book.invoices[at % len(book.invoices)]


def _money(book: Book, at: int) -> tuple[bool, int, str, int, int]:
    return book.money[at % len(book.money)]


def write(session: Session, book: Book) -> list[Customer]:
    """The book in the ledger, of a seller of its own."""
    seller = a_seller(session, f"book-{new_key()}")
    customers = [a_customer(session, seller, email=None, segment=segment) for segment in ("key", None, "smb")]
    rows: dict[type, list[dict[str, object]]] = {
        noun: [] for noun in (Invoice, Instalment, Payment, CreditNote, WriteOff, PaymentReturn, Allocation)
    }
    invoices, sources = [new_key() for _ in book.invoices], [new_key() for _ in book.money]
    common = {"seller_id": seller.id}
    for at, (who, currency, minor, day, due, parts) in enumerate(book.invoices):
        rows[Invoice].append(
            common | {"id": invoices[at], "customer_id": customers[who].id, "number": f"I{at}", "issued_on": later(day),
                      "due_on": later(day + due), "terms_days": due, "currency": currency, "net_minor": minor,
                      "tax_minor": 0, "total_minor": minor, "discount_minor": 0, "is_in_instalments": bool(parts)}
        )  # fmt: skip
        rows[Instalment] += [
            {"id": new_key(), "invoice_id": invoices[at], "position": position, "due_on": later(day + due - 20 * position),
             "amount_minor": amount} for position, amount in enumerate(parts)
        ]  # fmt: skip
    for at, (is_payment, who, currency, minor, day) in enumerate(book.money):
        of = common | {"id": sources[at], "customer_id": customers[who].id, "currency": currency}
        if is_payment:
            rows[Payment].append(of | {"received_on": later(day), "amount_minor": minor, "source_key": f"P{at}"})
        else:
            rows[CreditNote].append(of | {"issued_on": later(day), "total_minor": minor, "number": f"C{at}"})
    for source, at, minor, day, back in book.set_against if book.money else []:
        is_payment, _, currency, _, _ = _money(book, source)
        if _invoice(book, at)[1] != currency:
            continue
        key = sources[source % len(sources)]
        from_ = {"payment_id": key if is_payment else None, "credit_note_id": None if is_payment else key}
        first = from_ | {"id": new_key(), "invoice_id": invoices[at % len(invoices)], "amount_minor": minor,
                         "allocated_on": later(day), "write_off_id": None, "reverses_id": None}  # fmt: skip
        rows[Allocation].append(first)
        if back is not None:
            rows[Allocation].append(first | {"id": new_key(), "amount_minor": -minor, "allocated_on": later(day + back),
                                             "reverses_id": first["id"]})  # fmt: skip
    for at, (source, minor, day) in enumerate(book.returns if book.money else []):
        is_payment, who, currency, _, _ = _money(book, source)
        key = sources[source % len(sources)]
        rows[PaymentReturn].append(
            common | {"id": new_key(), "customer_id": customers[who].id, "payment_id": key if is_payment else None,
                      "credit_note_id": None if is_payment else key, "kind": "refund", "returned_on": later(day),
                      "amount_minor": minor, "currency": currency, "source_key": f"R{at}"}
        )  # fmt: skip
    for at, minor, day in book.write_offs:
        who, currency, *_ = _invoice(book, at)
        key = new_key()
        invoice_id = invoices[at % len(invoices)]
        rows[WriteOff].append(
            common | {"id": key, "customer_id": customers[who].id, "invoice_id": invoice_id, "amount_minor": minor,
                      "currency": currency, "reason": "goodwill", "words": "x", "by": "An", "role": "finance",
                      "written_off_on": later(day)}
        )  # fmt: skip
        rows[Allocation].append({"id": new_key(), "invoice_id": invoice_id, "payment_id": None, "credit_note_id": None,
                                 "write_off_id": key, "reverses_id": None, "amount_minor": minor,
                                 "allocated_on": later(day)})  # fmt: skip
    for noun, of_noun in rows.items():
        if of_noun:
            session.execute(insert(noun), of_noun)
    return customers


def test_the_allocations_of_a_whole_book_are_gone_through_once(session: Session) -> None:
    """Not once for every invoice: the plan has no loop over them, whatever is known about the tables."""
    from o2c_core.figures import ageing as module

    statement = text(f"EXPLAIN {module._OF_ALL.text}")
    plan = "\n".join(row[0] for row in session.execute(statement, {"seller": new_key(), "on": DAY}))
    assert plan.count("on allocation") <= 2  # the book's, and those of the few invoices in instalments
