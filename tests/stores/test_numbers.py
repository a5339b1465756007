"""Numbers given out per seller: in the seller's pattern, never twice, never one that is taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2c_core.cases.numbers import NoSuchNumbering, NumberingUnclear, next_number, parse_pattern
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice, an_order

NEW_YEAR = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("kind", "pattern", "numbers"),
    [
        ("invoice", None, ["INV-2026-0001", "INV-2026-0002"]),
        ("invoice", "{year}/{number:06}", ["2026/000001", "2026/000002"]),
        ("invoice", "F{number}", ["F101", "F102"]),
        ("order", None, ["SO-101", "SO-102"]),
        ("credit_note", "CN-{number}", ["CN-101", "CN-102"]),
        ("dispute", "Bezwaar {number}", ["Bezwaar 101", "Bezwaar 102"]),
        ("complaint", None, ["C-101", "C-102"]),
        ("plan", None, ["P-101", "P-102"]),
    ],
)
def test_a_seller_counts_in_its_own_pattern(
    session: Session, kind: str, pattern: str | None, numbers: list[str]
) -> None:
    seller = a_seller(session, numbering={kind: pattern} if pattern else {})
    assert [next_number(session, seller, kind, DAY) for _ in numbers] == numbers


def test_a_series_with_a_year_starts_again_every_year_and_one_without_goes_on(session: Session) -> None:
    seller = a_seller(session, numbering={"invoice": "{year}-{number}", "order": "SO-{number}"})
    days = [DAY, NEW_YEAR, DAY, NEW_YEAR]
    assert [next_number(session, seller, "invoice", day) for day in days] == ["2026-1", "2027-1", "2026-2", "2027-2"]
    assert [next_number(session, seller, "order", day) for day in days] == ["SO-101", "SO-102", "SO-103", "SO-104"]


def test_sellers_and_kinds_count_for_themselves(session: Session) -> None:
    one, other = a_seller(session, "one"), a_seller(session, "other")
    assert next_number(session, one, "order", DAY) == next_number(session, other, "order", DAY) == "SO-101"
    assert next_number(session, one, "credit_note", DAY) == "CN-101"


def test_a_kind_may_be_said_by_its_letter_and_a_seller_by_its_id(session: Session) -> None:
    seller = a_seller(session)
    assert next_number(session, seller.id, "D") == "D-101"
    assert next_number(session, seller, "dispute", DAY) == "D-102"


def test_what_an_import_has_taken_is_passed_over_once(session: Session) -> None:
    seller = a_seller(session)
    customer = a_customer(session, seller)
    for taken in (1, 2, 3, 5):
        an_invoice(session, customer, f"INV-2026-{taken:04}")
    assert [next_number(session, seller, "invoice", DAY) for _ in range(3)] == [
        "INV-2026-0004",
        "INV-2026-0006",
        "INV-2026-0007",
    ]


def test_the_same_number_at_another_seller_takes_nothing(session: Session) -> None:
    an_order(session, a_customer(session, a_seller(session, "other")), "SO-101")
    assert next_number(session, a_seller(session), "order", DAY) == "SO-101"


def test_thousands_of_imported_numbers_are_passed_over_in_few_looks(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    session.add_all(
        Order(seller_id=customer.seller_id, customer_id=customer.id, number=f"SO-{number}", currency="EUR")
        for number in range(101, 2_500)
    )
    session.flush()
    looks: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *said: looks.append(str(said[2])))
    assert next_number(session, customer.seller_id, "order", DAY) == "SO-2500"
    assert len(looks) < 10


@pytest.mark.parametrize(
    "pattern",
    ["", "INV", "INV-{year}", "{number}{number}", "{number}-{year}-{year}", "INV-{nummer}", "{number!r}", "{number:>9}",
     "{number:099}", "{number.real}", "{", "INV-{number}\n", " {number}", "{0}", "x" * 40 + "{number}"],
)  # fmt: skip
def test_a_pattern_that_cannot_number_anything_is_refused_in_a_sentence(session: Session, pattern: str) -> None:
    seller = a_seller(session, numbering={"invoice": pattern})
    with pytest.raises(NumberingUnclear, match=r"^A numbering pattern has \{number\} once"):
        next_number(session, seller, "invoice", DAY)


@pytest.mark.parametrize("numbering", [{"invoice": 7}, {"invoice": None}, {"invoice": ["x"]}])
def test_a_pattern_that_is_not_even_text_is_refused_too(session: Session, numbering: dict[str, object]) -> None:
    with pytest.raises(NumberingUnclear):
        next_number(session, a_seller(session, numbering=numbering), "invoice", DAY)


def test_what_has_no_numbers_is_said_to_have_none(session: Session) -> None:
    with pytest.raises(NoSuchNumbering, match="There is no numbering for 'parcel': order, invoice"):
        next_number(session, a_seller(session), "parcel", DAY)


def test_a_year_in_the_pattern_asks_for_the_day(session: Session) -> None:
    with pytest.raises(NumberingUnclear, match="its day must be given"):
        next_number(session, a_seller(session), "invoice")


@given(
    pieces=st.permutations(["INV", "-", "{year}", "/", "{number:03}"]),
    one=st.tuples(st.integers(1, 10**9), st.integers(2000, 2099)),
    other=st.tuples(st.integers(1, 10**9), st.integers(2000, 2099)),
)
def test_two_documents_of_one_pattern_are_never_written_alike(
    pieces: list[str], one: tuple[int, int], other: tuple[int, int]
) -> None:
    pattern = parse_pattern("".join(pieces))
    assert (pattern.show(*one) == pattern.show(*other)) == (one == other)


def test_writers_at_the_same_time_never_get_the_same_number(own_store: Store) -> None:
    with own_store.session() as session:
        seller = a_seller(session)
        an_invoice(session, a_customer(session, seller), "INV-2026-0007")
        session.commit()
    writers, each = 8, 6
    ready = Barrier(writers)

    def write(_: int) -> list[str]:
        ready.wait()
        given_out = []
        for _ in range(each):
            with own_store.session() as session:
                given_out.append(next_number(session, seller.id, "invoice", DAY))
                session.commit()
        return given_out

    with ThreadPoolExecutor(writers) as pool:
        numbers = [number for written in pool.map(write, range(writers)) for number in written]
    assert sorted(numbers) == [f"INV-2026-{number:04}" for number in range(1, writers * each + 2) if number != 7]


def test_a_number_that_was_not_committed_is_given_again(own_store: Store) -> None:
    with own_store.session() as session:
        seller = a_seller(session)
        session.commit()
    for _ in range(2):
        with own_store.session() as session:
            assert next_number(session, seller, "invoice", DAY) == "INV-2026-0001"
