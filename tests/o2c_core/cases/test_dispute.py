"""What can be objected to, and what a credit for it consists of."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases.credit import spread, worth_of_dispute
from o2c_core.cases.dispute import (
    REASONS,
    AlreadyPaid,
    ClaimTooLarge,
    Dispute,
    DisputeLine,
    UnknownReason,
    check_reason,
    claimed_minor,
    line_minor,
)
from o2c_core.invoices.invoice import Invoice, InvoiceLine, TaxSubtotal
from o2c_core.money import Money

ONE, TWO = UUID(int=1), UUID(int=2)


def test_a_missing_payment_is_traced_and_not_disputed() -> None:
    for code in REASONS:
        check_reason(code)
    with pytest.raises(AlreadyPaid, match="traced, not disputed"):
        check_reason("ALREADY_PAID")
    with pytest.raises(UnknownReason):
        check_reason("qty_short")


@pytest.mark.parametrize(("quantity", "amount", "taken", "claimed"), [
    # Twelve pieces for 120.00.
    (None, None, 0, 12_000),
    (None, None, 5_000, 7_000),
    ("3", None, 0, 3_000),
    ("0.5", None, 0, 500),
    ("12", None, 0, 12_000),
    (None, 1, 0, 1),
    (None, 12_000, 0, 12_000),
    ("3", 1_500, 0, 1_500),
    ("3", 3_001, 0, None),
    ("13", None, 0, None),
    ("0", None, 0, None),
    ("-1", None, 0, None),
    (None, 12_001, 0, None),
    (None, 0, 0, None),
    (None, 7_001, 5_000, None),
    ("8", None, 5_000, None),
    (None, None, 12_000, None),
])  # fmt: skip
def test_never_more_is_claimed_than_there_is_on_a_line(
    quantity: str | None, amount: int | None, taken: int, claimed: int | None
) -> None:
    pieces = Decimal(quantity) if quantity else None
    if claimed is not None:
        assert claimed_minor(12_000, Decimal(12), pieces, amount, taken) == claimed
        return
    with pytest.raises(ClaimTooLarge):
        claimed_minor(12_000, Decimal(12), pieces, amount, taken)


@given(
    st.integers(1, 10**7),
    st.decimals("0.001", "5000", places=3),
    st.none() | st.decimals("0.001", "6000", places=3),
    st.none() | st.integers(-5, 10**7),
    st.integers(0, 10**7),
)
def test_a_claim_is_above_zero_and_within_what_is_left_of_its_line(
    whole: int, pieces: Decimal, quantity: Decimal | None, amount: int | None, taken: int
) -> None:
    try:
        claimed = claimed_minor(whole, pieces, quantity, amount, taken)
    except ClaimTooLarge:
        return
    assert 0 < claimed <= whole - taken


def a_line(key: UUID, net: int, rate: str | None = None, category: str | None = None) -> InvoiceLine:
    return InvoiceLine(
        id=key,
        sku=f"ART-{key.int}",
        description=f"Article {key.int}",
        quantity=Decimal(12),
        unit_price=Decimal(net) / 1200,
        amount_minor=net,
        tax_rate=Decimal(rate) if rate is not None else None,
        tax_category=category,
    )


def a_bill(*, tax: int, taxes: tuple[tuple[str, str, int, int], ...] = (), lines: list[InvoiceLine]) -> Invoice:
    net = sum(line.amount_minor for line in lines)
    return Invoice(
        number="INV-1",
        currency="EUR",
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
        lines=lines,
        taxes=[
            TaxSubtotal(category=category, rate=Decimal(rate), base_minor=base, tax_minor=minor)
            for category, rate, base, minor in taxes
        ],
    )


@pytest.mark.parametrize(("rate", "tax", "gross"), [
    ("21", 2_100, 12_100), ("9", 2_100, 10_900), ("0", 0, 10_000), (None, 2_100, 12_100), (None, 0, 10_000),
])  # fmt: skip
def test_a_line_is_claimed_with_its_tax(rate: str | None, tax: int, gross: int) -> None:
    line = a_line(ONE, 10_000, rate)
    assert line_minor(line, a_bill(tax=tax, lines=[line])) == gross


def an_objection(minor: int, *lines: tuple[UUID, str | None, int]) -> Dispute:
    return Dispute(
        number="D-101",
        amount_minor=minor,
        currency="EUR",
        lines=[
            DisputeLine(invoice_line_id=key, quantity=Decimal(pieces) if pieces else None, amount_minor=claimed)
            for key, pieces, claimed in lines
        ],
    )


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def two_rates(category: str | None = "S") -> Invoice:
    return a_bill(
        tax=2_550,
        taxes=(("S", "21", 10_000, 2_100), ("S", "9", 5_000, 450)),
        lines=[a_line(ONE, 10_000, "21", category), a_line(TWO, 5_000, "9", category)],
    )


def test_a_credit_takes_back_the_disputed_pieces_with_their_own_tax() -> None:
    objection = an_objection(3_570, (ONE, "3", 3_025), (TWO, None, 545))
    worth = worth_of_dispute(two_rates(), objection, eur(3_570))
    assert [(line.sku, line.quantity, line.net("EUR").minor, line.tax_rate) for line in worth.lines] == [
        ("ART-1", Decimal(3), 2_500, Decimal(21)),
        ("ART-2", Decimal(1), 500, Decimal(9)),
    ]
    assert worth.parts == (("S", Decimal(9), 500, 45), ("S", Decimal(21), 2_500, 525))
    # Half of it is half of the money, not half of the pieces.
    half = worth_of_dispute(two_rates(), objection, eur(1_785))
    assert half.total_minor == 1_785
    assert {line.quantity for line in half.lines} == {Decimal(1)}


def test_a_credit_without_lines_goes_over_the_rates_as_they_were_charged() -> None:
    whole = worth_of_dispute(two_rates(), an_objection(17_550), eur(17_550))
    assert [(part.base_minor, part.tax_minor) for part in whole.parts] == [(10_000, 2_100), (5_000, 450)]
    # So does one of lines that do not say their tax on an invoice that does.
    silent = worth_of_dispute(two_rates(None), an_objection(1_755, (ONE, None, 1_755)), eur(1_755))
    assert [(part.base_minor, part.tax_minor) for part in silent.parts] == [(1_000, 210), (500, 45)]


def test_a_credit_on_an_invoice_that_says_no_rates_has_its_share_of_the_tax() -> None:
    plain = a_bill(tax=2_100, lines=[a_line(ONE, 10_000)])
    for objection in (an_objection(1_210), an_objection(1_210, (ONE, None, 1_210))):
        worth = worth_of_dispute(plain, objection, eur(1_210))
        assert (worth.net_minor, worth.tax_minor, worth.parts) == (1_000, 210, ())


@given(
    st.lists(
        st.tuples(
            st.integers(1, 10**6),
            st.sampled_from(["0", "6", "9", "19", "21", "20.5"]),
            st.none() | st.decimals("0.001", "12", places=3),
        ),
        min_size=2,
        max_size=2,
    ),
    st.integers(1, 10**6),
)
def test_a_credit_comes_to_exactly_what_was_conceded(lines: list[tuple[int, str, Decimal | None]], minor: int) -> None:
    of_bill = [a_line(key, net, rate, "S") for key, (net, rate, _) in zip((ONE, TWO), lines, strict=True)]
    bill = a_bill(tax=0, lines=of_bill)
    claimed = [
        (line.id, str(pieces) if pieces else None, line_minor(line, bill))
        for line, (_, _, pieces) in zip(of_bill, lines, strict=True)
    ]
    amount = min(minor, sum(each[2] for each in claimed))
    worth = worth_of_dispute(bill, an_objection(amount, *claimed), eur(amount))
    assert worth.total_minor == amount
    # The note's lines are written with prices, and still come to its net amount and to what its tax is taken of.
    assert sum(line.net("EUR").minor for line in worth.lines) == worth.net_minor
    assert sum(part.base_minor for part in worth.parts) == worth.net_minor
    assert sum(part.tax_minor for part in worth.parts) == worth.tax_minor


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
def test_spreading_loses_nothing_and_gives_nobody_less_than_nothing(minor: int, weights: list[int]) -> None:
    shares = spread(minor, weights)
    assert sum(shares) == minor
    assert len(shares) == len(weights)
    assert all(abs(share - minor * weight / sum(weights)) <= 1 for share, weight in zip(shares, weights, strict=True))
    assert min(shares) >= 0
