"""Order lines only move forward, and their quantities always balance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.errors import Refused
from o2c_core.keys import new_key
from o2c_core.orders.order import LINE_STATES, OrderLine, quantities_of, state_of
from o2c_core.orders.shipment import Shipment, ShipmentLine
from o2c_core.orders.states import (
    LINE_MOVES,
    MoreThanDelivered,
    MoreThanOpen,
    MoreThanShipped,
    NotAQuantity,
    NotConfirmed,
    Quantities,
    line_state,
    may_become,
    part_of,
    standing,
)

TEN = Decimal(10)
# How far along each state is; nothing may become what is less far.
RANK = {"ordered": 0, "confirmed": 1, "part_shipped": 2, "shipped": 3, "delivered": 4, "cancelled": 5, "returned": 5}
quantity = st.decimals("0.001", "20", places=3) | st.integers(1, 12).map(Decimal)
event = st.tuples(st.sampled_from(["confirm", "ship", "deliver", "cancel", "take_back"]), quantity)


def after(events: list[tuple[str, Decimal]], at: Quantities) -> list[Quantities]:
    """Where a line was after each event; what is refused changes nothing."""
    path = [at]
    for what, much in events:
        try:
            at = at.confirm() if what == "confirm" else getattr(at, what)(much)
        except Refused:
            continue
        path.append(at)
    return path


def test_the_table_of_states_is_complete_and_never_runs_backwards() -> None:
    assert set(LINE_MOVES) == set(RANK) == set(LINE_STATES)
    for before, nexts in LINE_MOVES.items():
        assert all(RANK[now] > RANK[before] for now in nexts), before
    assert LINE_MOVES["delivered"] == {"returned"}
    assert not LINE_MOVES["cancelled"]
    assert not LINE_MOVES["returned"]


@given(st.integers(1, 15).map(Decimal) | st.decimals("0.001", "20", places=3), st.lists(event, max_size=40))
def test_whatever_happens_the_quantities_balance(ordered: Decimal, events: list[tuple[str, Decimal]]) -> None:
    for at in after(events, Quantities(ordered)):
        assert at.ordered == at.open + at.shipped + at.cancelled
        assert 0 <= at.returned <= at.delivered <= at.shipped
        assert at.open >= 0
        assert at.cancelled >= 0


@given(st.integers(1, 15).map(Decimal), st.lists(event, max_size=40), st.sampled_from(LINE_STATES))
def test_whatever_happens_a_state_never_runs_backwards(
    ordered: Decimal, events: list[tuple[str, Decimal]], imported: str
) -> None:
    state = imported
    for at in after(events, Quantities(ordered, is_confirmed=imported != "ordered")):
        now = line_state(at, state)
        assert now == state or now in LINE_MOVES[state], (state, now)
        state = now


@given(st.integers(1, 15).map(Decimal), st.lists(event, max_size=40))
def test_every_step_a_line_of_ours_can_take_is_in_the_table(
    ordered: Decimal, events: list[tuple[str, Decimal]]
) -> None:
    state = "ordered"
    for at in after(events, Quantities(ordered)):
        now = standing(at)
        assert now == state or may_become(state, now), (state, now)
        state = now


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        ("", "ordered"),
        ("confirm", "confirmed"),
        ("confirm ship 4", "part_shipped"),
        ("confirm ship 4 deliver 4", "part_shipped"),
        ("confirm ship 10", "shipped"),
        ("confirm ship 4 ship 6", "shipped"),
        ("confirm ship 10 deliver 4", "shipped"),
        ("confirm ship 10 deliver 10", "delivered"),
        ("confirm ship 4 cancel 6", "shipped"),
        ("confirm ship 4 deliver 4 cancel 6", "delivered"),
        ("confirm ship 4 deliver 4 take_back 4", "part_shipped"),
        ("confirm ship 4 deliver 4 take_back 4 cancel 6", "returned"),
        ("confirm ship 10 deliver 10 take_back 3", "delivered"),
        ("confirm ship 10 deliver 10 take_back 3 take_back 7", "returned"),
        ("cancel 3", "ordered"),
        ("cancel 10", "cancelled"),
        ("confirm cancel 4 cancel 6", "cancelled"),
        ("confirm cancel 4 ship 6", "shipped"),
    ],
)
def test_a_line_of_ten_is_where_its_quantities_have_it(happened: str, state: str) -> None:
    words = iter(happened.split())
    at, now = Quantities(TEN), "ordered"
    for word in words:
        at = at.confirm() if word == "confirm" else getattr(at, word)(Decimal(next(words)))
        now = line_state(at, now)
    assert now == state


@pytest.mark.parametrize(
    ("act", "failure"),
    [
        (lambda: Quantities(TEN).ship(Decimal(1)), NotConfirmed),
        (lambda: Quantities(TEN, is_confirmed=True).ship(Decimal("10.001")), MoreThanOpen),
        (lambda: Quantities(TEN, shipped=Decimal(8), is_confirmed=True).cancel(Decimal(3)), MoreThanOpen),
        (lambda: Quantities(TEN, shipped=Decimal(8)).deliver(Decimal(9)), MoreThanShipped),
        (lambda: Quantities(TEN, shipped=TEN).take_back(Decimal(1)), MoreThanDelivered),
        (lambda: Quantities(TEN, TEN, TEN, returned=Decimal(9)).take_back(Decimal(2)), MoreThanDelivered),
        (lambda: Quantities(TEN).cancel(Decimal(0)), NotAQuantity),
        (lambda: Quantities(TEN).cancel(Decimal(-1)), NotAQuantity),
        (lambda: Quantities(TEN).cancel(Decimal("0.0001")), NotAQuantity),
        (lambda: Quantities(TEN).cancel(Decimal("NaN")), NotAQuantity),
        (lambda: Quantities(TEN).cancel(Decimal("Infinity")), NotAQuantity),
    ],
)
def test_what_the_quantities_do_not_allow_is_refused(act: Callable[[], Quantities], failure: type[Refused]) -> None:
    with pytest.raises(failure):
        act()


def a_line(state: str, *, cancelled: str = "0", returned: str = "0") -> OrderLine:
    return OrderLine(
        id=new_key(),
        quantity=TEN,
        state=state,
        cancelled_quantity=Decimal(cancelled),
        returned_quantity=Decimal(returned),
    )


def a_shipment(line_id: UUID, quantity: str | None, *, delivered: bool) -> Shipment:
    parts = [] if quantity is None else [ShipmentLine(order_line_id=line_id, quantity=Decimal(quantity))]
    return Shipment(delivered_on=date(2026, 3, 16) if delivered else None, lines=parts)


@pytest.mark.parametrize(
    ("state", "shipments", "shipped", "delivered", "after_state"),
    [
        # What an ERP says stands, with and without shipments that do not say what is in them.
        ("ordered", [], 0, 0, "ordered"),
        ("confirmed", ["? under way"], 0, 0, "confirmed"),
        ("part_shipped", ["? under way"], 0, 0, "part_shipped"),
        ("shipped", [], 10, 0, "shipped"),
        ("shipped", ["? under way"], 10, 0, "shipped"),
        ("delivered", [], 10, 10, "delivered"),
        ("delivered", ["? under way"], 10, 10, "delivered"),
        ("cancelled", [], 0, 0, "cancelled"),
        ("returned", [], 10, 10, "returned"),
        # A shipped line arrives with the last shipment that does not say what is in it.
        ("shipped", ["? arrived"], 10, 10, "delivered"),
        ("shipped", ["? arrived", "? under way"], 10, 0, "shipped"),
        ("shipped", ["? arrived", "? arrived"], 10, 10, "delivered"),
        ("shipped", ["6 under way", "? arrived"], 10, 4, "shipped"),
        ("shipped", ["6 arrived", "? arrived"], 10, 10, "delivered"),
        # Shipments that say so are counted.
        ("confirmed", ["4 under way"], 4, 0, "part_shipped"),
        ("confirmed", ["4 arrived", "6 under way"], 10, 4, "shipped"),
        ("shipped", ["4 arrived", "6 arrived"], 10, 10, "delivered"),
        # An imported state that is further than the shipments is not contradicted.
        ("delivered", ["4 under way"], 10, 10, "delivered"),
        ("cancelled", ["4 arrived"], 4, 4, "cancelled"),
    ],
)
def test_an_imported_state_speaks_for_what_the_shipments_do_not_say(
    state: str, shipments: list[str], shipped: int, delivered: int, after_state: str
) -> None:
    line = a_line(state)
    split = [said.split(" ", 1) for said in shipments]
    sent = [a_shipment(line.id, None if much == "?" else much, delivered=where == "arrived") for much, where in split]
    at = quantities_of(line, sent)
    assert (at.shipped, at.delivered) == (shipped, delivered)
    assert line_state(at, line.state) == after_state


@given(
    st.sampled_from(LINE_STATES),
    st.lists(st.tuples(st.none() | st.integers(1, 4), st.booleans()), max_size=2),
    st.integers(0, 2),
)
def test_whatever_was_imported_the_quantities_balance(
    state: str, sent: list[tuple[int | None, bool]], cancelled: int
) -> None:
    line = a_line(state, cancelled=str(cancelled))
    at = quantities_of(line, [a_shipment(line.id, much and str(much), delivered=here) for much, here in sent])
    assert at.ordered == at.open + at.shipped + at.cancelled
    assert 0 <= at.returned <= at.delivered <= at.shipped
    now = line_state(at, state)
    assert now == state or may_become(state, now)


@given(
    st.integers(0, 10**13),
    st.lists(st.decimals("0.001", "100", places=3), min_size=1, max_size=12),
)
def test_however_a_line_is_cut_its_parts_sum_to_its_amount(amount: int, pieces: list[Decimal]) -> None:
    whole, counted, parts = sum(pieces, Decimal(0)), Decimal(0), 0
    for piece in pieces:
        part = part_of(amount, whole, counted, piece)
        assert part >= 0
        parts += part
        counted += piece
    assert parts == amount


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (["part_shipped", "confirmed"], "part_shipped"),
        (["part_shipped", "cancelled"], "part_shipped"),
        (["part_shipped", "delivered"], "part_delivered"),
        (["part_shipped", "shipped"], "part_shipped"),
        (["delivered", "confirmed", "returned"], "part_delivered"),
        (["returned"], "returned"),
    ],
)
def test_an_order_with_lines_on_their_way_is_part_shipped_or_part_delivered(lines: list[str], state: str) -> None:
    assert state_of(lines) == state
