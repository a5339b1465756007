"""The simulated world: the same for every policy of a seed, and honest about its money."""

from __future__ import annotations

from collections import Counter

import pytest

from app.simulation.comparison import compare
from app.simulation.figures import outcome
from app.simulation.people import HABITS, PLACES
from app.simulation.run import Trade, run_policy
from app.simulation.seeds import OtherTrade, SeedsUnclear, run_all, seeds_in
from app.simulation.unheard import FixedCadence, NoReminders
from app.simulation.words import said
from app.simulation.world import World


def _ran(policy: type[NoReminders], seed: int = 1, customers: int = 60, days: int = 200) -> World:
    world = World(seed, customers, days)
    world.run(policy(world))
    return world


def test_every_policy_meets_the_same_customers_and_bills() -> None:
    none, fixed = _ran(NoReminders), _ran(FixedCadence)
    assert [(person.email, person.habit, person.zone) for person in none.people] == [
        (person.email, person.habit, person.zone) for person in fixed.people
    ]
    assert [(bill.number, bill.due_on, bill.minor, bill.trouble) for bill in none.bills] == [
        (bill.number, bill.due_on, bill.minor, bill.trouble) for bill in fixed.bills
    ]


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    trade = Trade(120, 40)
    assert run_policy("fixed", 3, trade).to_json() == run_policy("fixed", 3, trade).to_json()
    assert run_policy("fixed", 3, trade).to_json() != run_policy("fixed", 4, trade).to_json()


@pytest.mark.parametrize("policy", [NoReminders, FixedCadence])
def test_no_bill_is_paid_twice_and_no_money_is_lost(policy: type[NoReminders]) -> None:
    world = _ran(policy, days=365)
    assert all(0 <= bill.open_minor <= bill.minor for bill in world.bills)
    assert all(bill.waiting_minor >= 0 for bill in world.bills)
    assert all((bill.settled_on is None) == (bill.open_minor > 0) for bill in world.bills)
    assert world.month_ends[-1].receivables == sum(bill.open_minor for bill in world.bills)


def test_without_reminders_nobody_is_written_to_and_nobody_complains_of_it() -> None:
    found = outcome(_ran(NoReminders), "none")
    assert (found.reminders_per_customer, found.complaints_per_1000) == (0, 0)


def test_reminding_helps_the_forgetful_and_leaves_the_punctual_as_they_are() -> None:
    none, fixed = _ran(NoReminders, customers=150), _ran(FixedCadence, customers=150)

    def days_late(world: World, habit: str) -> float:
        late = [
            (bill.settled_on - bill.due_on).days
            for bill in world.bills
            if bill.settled_on and bill.who.habit == habit and not bill.trouble
        ]
        return sum(late) / len(late)

    assert days_late(fixed, "forgetful") < days_late(none, "forgetful") - 1
    assert days_late(fixed, "punctual") == pytest.approx(days_late(none, "punctual"), abs=0.5)


def test_the_shares_of_habits_and_places_sum_to_one() -> None:
    assert sum(HABITS.values()) == pytest.approx(1)
    assert sum(place[3] for place in PLACES) == pytest.approx(1)


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_everything_a_customer_may_say_is_written_in_every_language(language: str) -> None:
    draw = World(1, 1, 30).chance.of("words")
    kinds = (
        "paid", "promise", "plan", "dispute", "document", "complaint", "stop", "stop_sms", "wrong_person", "question", "yes",
        "away", "away_subject", "broke",
    )  # fmt: skip
    for kind in kinds:
        words = said(kind, language, draw, number="INV-1", day="Friday", amount="€ 5", back="Monday", subject="Due")
        assert words
        assert "{" not in words


@pytest.mark.parametrize(("text", "seeds"), [("1", [1]), ("1..3", [1, 2, 3]), ("7..7", [7])])
def test_seeds_are_one_or_a_first_and_a_last(text: str, seeds: list[int]) -> None:
    assert seeds_in(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "3..1", "1..", "-1", "1...2"])
def test_other_seeds_are_refused(text: str) -> None:
    with pytest.raises(SeedsUnclear):
        seeds_in(text)


def test_a_comparison_that_was_broken_off_goes_on_where_it_was(tmp_path: object) -> None:
    from pathlib import Path

    kept, trade = Path(str(tmp_path)) / "kept.jsonl", Trade(60, 10)
    first = list(run_all([1, 2], ["none"], trade, processes=1, kept=kept))
    kept.write_text(kept.read_text() + '{"half a li')
    again = list(run_all([1, 2, 3], ["none", "fixed"], trade, processes=1, kept=kept))
    assert again[:2] == first
    assert Counter(run["policy"] for run in again) == {"none": 3, "fixed": 3}
    with pytest.raises(OtherTrade):
        list(run_all([1], ["none"], Trade(61, 10), processes=1, kept=kept))


def test_a_comparison_says_whether_what_was_aimed_at_was_reached() -> None:
    runs = [run_policy(policy, 1, Trade(150, 30)).to_json() for policy in ("none", "fixed")]
    ours = {**runs[1], "policy": "parley", "overdue_share": runs[1]["overdue_share"] / 4, "cei": 90.0}
    found = compare([*runs, ours, {**ours, "seed": 2, "violations": ["2026-03-16 10:00 after payment: INV-1"]}],
                    ["parley", "none", "fixed"])  # fmt: skip
    assert found["simulated"] is True
    assert found["violations"] == {"after payment": 1}
    assert all(aim["reached"] for aim in found["aims"].values())
    assert found["means"]["fixed"]["cei"] == runs[1]["cei"]


def test_what_is_overdue_is_put_down_to_one_cause_each_and_adds_up() -> None:
    for policy in ("none", "fixed"):
        found = run_policy(policy, 1, Trade(200, 60)).outcome
        assert sum(found.overdue_why.values()) == pytest.approx(found.overdue_share, abs=0.05)
    forgotten = [run_policy(policy, 1, Trade(200, 60)).outcome.overdue_why["forgotten"] for policy in ("none", "fixed")]
    assert forgotten[1] < forgotten[0] / 2
