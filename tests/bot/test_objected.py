"""How much is objected to: never nothing, never more than may be, and the lines always sum to it."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.mentions import AmountSaid, Mentions, QuantitySaid, find_mentions
from bot.tools.objected import MoreThanOpen, NoSuchLineThere, ObjectedAlready, WhichLine, objection_of, with_prices
from o2c_core.invoices.invoice import Invoice, InvoiceLine


def an_invoice(lines: list[tuple[int, int]], tax: int) -> Invoice:
    """An invoice with those lines, as (quantity, price of one in cents), and so many percent of tax."""
    rows = [
        InvoiceLine(
            id=uuid4(), position=at, sku=f"S{at}", description=f"Article number {at}", quantity=Decimal(quantity),
            unit_price=Decimal(price) / 100, amount_minor=quantity * price, tax_rate=Decimal(tax),
        )
        for at, (quantity, price) in enumerate(lines, 1)
    ]  # fmt: skip
    net = sum(row.amount_minor for row in rows)
    return Invoice(
        currency="EUR",
        net_minor=net,
        tax_minor=round(net * tax / 100),
        total_minor=net + round(net * tax / 100),
        lines=rows,
    )


quantities = st.lists(
    st.builds(
        QuantitySaid, st.integers(0, 60).map(Decimal), st.none() | st.integers(1, 60).map(Decimal), st.none(), st.just(""),
        st.sampled_from(["got", "missing", "wanted", "plain"]),
    ), max_size=3,
)  # fmt: skip
amounts = st.lists(
    st.builds(
        AmountSaid, st.decimals(Decimal("0.01"), 10_000, places=2), st.sampled_from([None, "EUR", "USD"]), st.just("")
    ),
    max_size=2,
)


@given(
    lines=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 5_000)), min_size=1, max_size=4),
    tax=st.sampled_from([0, 9, 21]),
    share=st.integers(1, 100),
    taken=st.lists(st.integers(0, 3_000), min_size=4, max_size=4),
    numbers=st.lists(st.integers(1, 4), max_size=2, unique=True),
    counted=quantities,
    named=amounts,
    words=st.sampled_from(["it is wrong", "twice too dear", "should have been less", "the whole invoice", "agreed"]),
)
def test_an_objection_is_within_what_is_open_and_its_lines_sum_to_it(
    lines: list[tuple[int, int]], tax: int, share: int, taken: list[int], numbers: list[int], counted: list[QuantitySaid],
    named: list[AmountSaid], words: str,
) -> None:  # fmt: skip
    invoice = an_invoice(lines, tax)
    free = max(1, invoice.total_minor * share // 100)
    before: dict[UUID, int] = {line.id: minor for line, minor in zip(invoice.lines, taken, strict=False)}
    mentions = Mentions(line_numbers=tuple(numbers), quantities=tuple(counted), amounts=tuple(named))
    try:
        found = objection_of(invoice, free, before, mentions, words)
    except (NoSuchLineThere, WhichLine, MoreThanOpen, ObjectedAlready):
        return
    assert 0 < found.minor <= free
    assert all(one.minor > 0 for one in found.lines)
    if found.lines:
        assert sum(one.minor for one in found.lines) == found.minor
        assert len({one.line.id for one in found.lines}) == len(found.lines)


@pytest.mark.parametrize(("mentions", "words", "minor"), [
    (Mentions(), "wrong", 24_200), (Mentions(line_numbers=(2,)), "wrong", 12_100), (Mentions(line_numbers=(1, 2)), "wrong", 24_200),
    (Mentions(line_numbers=(2,)), "twice too dear", 6_050),
    (Mentions(quantities=(QuantitySaid(Decimal(9), Decimal(10), None, "", "got"),)), "only 9 of 10", 1_210),
    (Mentions(amounts=(AmountSaid(Decimal(50), "EUR", ""),)), "50 too much", 5_000),
    (Mentions(amounts=(AmountSaid(Decimal(50), "USD", ""),)), "50 dollars too much", 24_200),
    (Mentions(amounts=(AmountSaid(Decimal(200), None, ""),)), "we agreed 200", 4_200),
    (Mentions(line_numbers=(1,), amounts=(AmountSaid(Decimal("8.00"), None, ""),)), "should be 8.00", 2_420),
])  # fmt: skip
def test_what_words_come_to(mentions: Mentions, words: str, minor: int) -> None:
    assert objection_of(an_invoice([(10, 1_000), (5, 2_000)], 21), 24_200, {}, mentions, words).minor == minor


@pytest.mark.parametrize("line", [
    "you charged 160 a piece, we agreed 140                     | 4000",
    "jullie rekenen 160, afgesproken was 140                    | 4000",
    "140 war vereinbart, nicht 160                              | 4000",
    "the price of line 2 should be 140.00                       | 4000",
    "the second line should be 140 instead of 160 euro          | 4000",
    "the price of the second line should be 140 instead of 160  | 4000",
])  # fmt: skip
def test_a_price_that_was_too_high_is_objected_to_by_the_difference_for_every_piece(line: str) -> None:
    words, wanted = (part.strip() for part in line.split("|"))
    invoice = an_invoice([(5, 3_000), (2, 16_000)], 0)
    read = find_mentions(words, language="en", today=date(2026, 3, 16))
    found = objection_of(invoice, invoice.total_minor, {}, with_prices(read, words), words)
    assert ([one.line.position for one in found.lines], found.minor) == ([2], int(wanted))


@pytest.mark.parametrize("words", [
    "we got 9 instead of 12 boxes", "it was agreed on 12 March", "invoice 0143 is not what we agreed", "I called 3 times",
])  # fmt: skip
def test_figures_that_are_no_prices_are_not_read_as_prices(words: str) -> None:
    read = find_mentions(words, language="en", today=date(2026, 3, 16))
    assert with_prices(read, words).amounts == ()
