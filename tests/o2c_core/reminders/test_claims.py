"""An invoice in parts, as claims."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.money import Money
from o2c_core.reminders.claims import Steps, in_parts, is_of_plan, on_ladder, plan_ladder, spread
from o2c_core.reminders.ladder import STANDARD, Rung, Used
from o2c_core.reminders.may_contact import Claim, asked_for
from o2c_core.reminders.planning import mode_of

DUE = date(2026, 3, 2)
PARTS = [(DUE, 4_000), (DUE + timedelta(days=30), 4_000), (DUE + timedelta(days=60), 4_000)]


def whole(**fields: object) -> Claim:
    return Claim(
        **{
            "invoice_id": uuid4(),
            "number": "INV-1",
            "due_on": PARTS[-1][0],
            "total_minor": 12_000,
            "open_minor": 12_000,
        }
        | fields
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(("fields", "asked"), [
    ({}, [4_000, 4_000, 4_000]),
    # Money fills the earliest part first.
    ({"open_minor": 9_000}, [1_000, 4_000, 4_000]),
    ({"open_minor": 8_000}, [0, 4_000, 4_000]),
    ({"open_minor": 500}, [0, 0, 500]),
    ({"open_minor": 0}, [0, 0, 0]),
    # What is disputed or promised is taken off the earliest part that is open: less is asked now.
    ({"disputed_minor": 1_500}, [2_500, 4_000, 4_000]),
    ({"disputed_minor": 5_000}, [0, 3_000, 4_000]),
    ({"open_minor": 8_000, "disputed_minor": 1_000}, [0, 3_000, 4_000]),
    ({"promised_minor": 3_000}, [1_000, 4_000, 4_000]),
    ({"disputed_minor": 3_000, "promised_minor": 3_000}, [0, 2_000, 4_000]),
    ({"disputed_minor": 12_000}, [0, 0, 0]),
    # The last part is what the total leaves after the others.
    ({"total_minor": 12_003, "open_minor": 12_003}, [4_000, 4_000, 4_003]),
])  # fmt: skip
def test_each_part_is_asked_for_by_itself(fields: dict[str, object], asked: list[int]) -> None:
    parts = in_parts(whole(**fields), PARTS)
    assert [asked_for(part, "EUR").minor for part in parts] == asked
    assert [(part.part, part.parts, part.due_on) for part in parts] == [(n, 3, PARTS[n - 1][0]) for n in (1, 2, 3)]


def test_only_the_part_a_dispute_or_promise_reaches_speaks_of_it() -> None:
    parts = in_parts(
        whole(disputed_minor=1_000, disputes=("D-1",), promised_minor=3_500, promised_on=DUE, promised_until=DUE), PARTS
    )
    assert [part.disputes for part in parts] == [("D-1",), (), ()]
    assert [part.promised_on for part in parts] == [DUE, DUE, None]


def test_an_invoice_without_instalments_is_one_claim() -> None:
    claim = whole()
    assert in_parts(claim, []) == [claim]


@given(
    amounts=st.lists(st.integers(1, 500), min_size=1, max_size=6),
    paid=st.integers(0, 3_000),
    disputed=st.integers(0, 3_000),
    promised=st.integers(0, 3_000),
)
def test_the_parts_ask_for_exactly_what_the_whole_asks_for(
    amounts: list[int], paid: int, disputed: int, promised: int
) -> None:
    total = sum(amounts)
    claim = whole(total_minor=total, open_minor=max(0, total - paid), disputed_minor=disputed, promised_minor=promised)
    parts = in_parts(claim, [(DUE + timedelta(days=n), minor) for n, minor in enumerate(amounts)])
    assert sum(part.open_minor for part in parts) == claim.open_minor
    assert sum(asked_for(part, "EUR").minor for part in parts) == asked_for(claim, "EUR").minor
    assert sum(part.total_minor for part in parts) == total
    # Nothing is left of an earlier dispute while a later part carries some.
    full = [part.disputed_minor == part.open_minor for part in parts if part.open_minor]
    carries = [part.disputed_minor > 0 for part in parts if part.open_minor]
    assert all(full[at] for at in range(len(full)) if any(carries[at + 1 :]))


@given(st.integers(0, 1_000), st.lists(st.integers(-5, 300), max_size=6))
def test_an_amount_is_spread_over_the_earliest_first_and_never_beyond(minor: int, over: list[int]) -> None:
    given_ = spread(minor, over)
    assert sum(given_) == min(minor, sum(max(0, most) for most in over))
    assert all(0 <= part <= max(0, most) for part, most in zip(given_, over, strict=True))


def test_the_steps_of_a_part_are_its_own_and_those_of_the_whole_are_the_last_parts() -> None:
    claim = whole()
    steps = Steps(
        used={(claim.invoice_id, 1): {"first": Used(DUE, 7)}, (claim.invoice_id, 0): {"due": Used(DUE, 0)}},
        called={(claim.invoice_id, 2): {"second": DUE}},
        drafted={(claim.invoice_id, 3)},
    )
    parts = [on_ladder(part, steps, STANDARD) for part in in_parts(claim, PARTS)]
    # The first part was due the same day as the whole, so that step was said of it too.
    assert [list(part.used or ()) for part in parts] == [["due", "first"], ["second"], ["due"]]
    assert [part.is_drafted for part in parts] == [False, False, True]
    # A step that was taken by phone stands where its rung stands.
    assert (parts[1].used or {})["second"] == Used(DUE, 14)


def test_each_plan_has_steps_of_its_own_names() -> None:
    one, other = (plan_ladder(number) for number in ("P-1", "P-2"))
    assert not {rung.name for rung in one.rungs} & {rung.name for rung in other.rungs}
    assert all(is_of_plan(rung.name) for rung in one.rungs)
    assert [rung.sentences for rung in one.rungs] == ["plan_soon", "plan_late"]
    assert not any(is_of_plan(rung.name) for rung in STANDARD.rungs)


SMALL = {"mode": "approve", "automatic_below_major": Decimal(100)}


@pytest.mark.parametrize(("modes", "asked", "mode"), [
    ([{}], 12_500, "automatic"),
    ([{"mode": "approve"}], 12_500, "approve"),
    ([{"mode": "draft"}], 12_500, "draft"),
    # The strictest of the steps in one message holds for all of it.
    ([{}, {"mode": "approve"}], 12_500, "approve"),
    ([{"mode": "draft"}, {"mode": "approve"}], 12_500, "draft"),
    # Small amounts go by themselves; what counts is what the message asks for in all.
    ([SMALL], 9_999, "automatic"),
    ([SMALL], 10_000, "approve"),
    ([SMALL, {"mode": "draft"}], 9_999, "draft"),
    ([SMALL, {}], 9_999, "automatic"),
])  # fmt: skip
def test_a_message_goes_out_as_its_strictest_step_says(modes: list[dict[str, object]], asked: int, mode: str) -> None:
    rungs = [Rung(f"step {n}", n, **fields) for n, fields in enumerate(modes)]  # type: ignore[arg-type]
    assert mode_of(rungs, Money(asked, "EUR")) == mode
