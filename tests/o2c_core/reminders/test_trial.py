"""Who is in which arm of a trial: by lot, the same for ever, in the shares that were asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.money import Money
from o2c_core.reminders.answer import No, NotNow, Reason, Yes
from o2c_core.reminders.ladder import LADDER, Ladder
from o2c_core.reminders.may_contact import Claim
from o2c_core.reminders.trial import (
    HELD_OUT,
    Trial,
    TrialUnclear,
    arm_of,
    arms_of,
    arms_written,
    as_drawn,
    by_lot,
    trial_of,
)

DAY = date(2026, 3, 16)
FIRST = LADDER[2]
TRIED = replace(FIRST, arms=("name=firmer", "held_out=10%", "tone=asking", "tone=clear"))
LADDERED = Ladder("tried", (*LADDER[:2], TRIED, *LADDER[3:]))
# The 99.9999 % points of chi-square for one to five degrees of freedom: a fair lot is beyond them once in a million.
_CHI = {1: 23.93, 2: 27.63, 3: 30.66, 4: 33.38, 5: 35.89}

ids = st.uuids()
shares = st.sampled_from(["0%", "5%", "10%", "25%", "50%"])
tones = st.lists(st.sampled_from(["courtesy", "neutral", "asking", "clear"]), unique=True, max_size=3)


def _claim(**said: object) -> Claim:
    return Claim(
        **{"invoice_id": UUID(int=1), "number": "INV-1", "due_on": DAY - timedelta(days=7), "total_minor": 5000,
           "open_minor": 5000, "ladder": LADDERED} | said  # type: ignore[arg-type]
    )  # fmt: skip


def _someone(arm: str) -> UUID:
    trial = trial_of(TRIED)
    assert trial is not None
    return next(UUID(int=n) for n in range(1000) if arm_of(trial, UUID(int=n)) == arm)


@given(st.integers(0, 10**6), st.sampled_from(["a", "firmer", "zweite Stufe"]), shares, tones)
def test_every_arm_gets_its_share_of_the_customers(seed: int, name: str, hold_out: str, tried: list[str]) -> None:
    trial = trial_of(replace(FIRST, arms=(f"name={name}", f"seed={seed}", f"held_out={hold_out}", *_tones(tried))))
    assert trial is not None
    many = 600
    drawn = list(arms_of(trial, [UUID(int=number) for number in range(many)]).values())
    assert set(drawn) <= {arm for arm, _ in trial.arms}
    assert sum(share for _, share in trial.arms) == pytest.approx(1)
    chi = sum((drawn.count(arm) - many * float(share)) ** 2 / (many * float(share)) for arm, share in trial.arms)
    assert len(trial.arms) == 1 or chi < _CHI[len(trial.arms) - 1]


def _tones(tried: list[str]) -> list[str]:
    return [f"tone={tone}" for tone in tried]


@given(ids, st.integers(0, 99))
def test_a_customer_stays_in_their_arm_and_another_trial_draws_anew(customer_id: UUID, seed: int) -> None:
    trial = Trial("firmer", seed, Decimal("0.5"))
    assert arm_of(trial, customer_id) == arm_of(Trial("firmer", seed, Decimal("0.5")), customer_id)


def test_two_trials_do_not_hold_out_the_same_customers() -> None:
    everyone = [UUID(int=number) for number in range(1000)]
    one, other = (arms_of(Trial(name, 1, Decimal("0.5")), everyone) for name in ("one", "other"))
    both = sum(one[who] == other[who] == HELD_OUT for who in everyone)
    assert 200 < both < 300


def test_without_arms_nothing_is_tried() -> None:
    answers = (Yes(FIRST, Money(5000, "EUR")), No(Reason.PAID))
    assert trial_of(FIRST) is None
    assert by_lot(answers, (_claim(), _claim()), UUID(int=1), DAY) == (answers, None)


def test_who_is_held_out_is_not_written_to_at_that_step_and_may_be_at_the_next() -> None:
    (answer,), arm = by_lot((Yes(TRIED, Money(5000, "EUR")),), (_claim(),), _someone(HELD_OUT), DAY)
    assert answer == NotNow(DAY + timedelta(days=7), Reason.HELD_OUT)
    assert arm == "firmer@first:held_out"


def test_the_others_are_written_to_in_the_tone_of_their_arm() -> None:
    (answer,), arm = by_lot((Yes(TRIED, Money(5000, "EUR")),), (_claim(),), _someone("tone=clear"), DAY)
    assert isinstance(answer, Yes)
    assert (answer.rung.tone, answer.rung.name, arm) == ("clear", "first", "firmer@first:tone=clear")


@pytest.mark.parametrize(
    ("what", "claim", "rung"),
    [
        ("after a broken promise", _claim(broken_on=DAY), TRIED),
        ("a part of a plan", _claim(plan_part_on=DAY), TRIED),
        ("a formal letter", _claim(), replace(TRIED, letter=True)),
        ("a step a person approves", _claim(), replace(TRIED, mode="approve")),
    ],
)
def test_what_law_or_a_promise_obliges_is_never_held_out(what: str, claim: Claim, rung: object) -> None:
    yes = Yes(rung, Money(5000, "EUR"))  # type: ignore[arg-type]
    assert by_lot((yes,), (claim,), _someone(HELD_OUT), DAY) == ((yes,), None), what


def test_who_would_not_be_written_to_is_not_because_of_a_lot() -> None:
    answers = (NotNow(None, Reason.DISPUTED), No(Reason.PAID))
    assert by_lot(answers, (_claim(), _claim()), _someone("tone=clear"), DAY) == (answers, None)


def test_an_arm_of_a_channel_puts_that_channel_first() -> None:
    rung = replace(FIRST, channels=("email", "sms"), arms=("channel=sms", "channel=email"))
    assert as_drawn(rung, "channel=sms").channels == ("sms", "email")
    trial = trial_of(rung)
    assert trial is not None
    assert [arm for arm, _ in trial.arms] == ["channel=sms", "channel=email"]


def test_a_table_in_a_ladder_file_is_written_as_arms() -> None:
    table = {"name": "firmer", "seed": 3, "rung": "first", "hold_out": 0.1, "arms": {"tone": ["asking", "clear"]}}
    written = arms_written(table)
    trial = trial_of(replace(FIRST, arms=written))
    assert trial is not None
    assert trial == Trial("firmer", 3, Decimal("0.1"), ((("tone", "asking"),), (("tone", "clear"),)))


@pytest.mark.parametrize(
    "arms",
    [
        ("tone=angry",), ("channel=pigeon",), ("colour=red",), ("tone",), ("name=a,b",), ("name=a@b",), ("held_out=60%",), ("held_out=ten",),
        ("seed=x",), ("name=a", "name=b"), ("held_out=-5%",), ("tone=",),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_refused(arms: tuple[str, ...]) -> None:
    with pytest.raises(TrialUnclear):
        trial_of(replace(FIRST, arms=arms))
