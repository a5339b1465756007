"""Every scenario of ours, played with the embedded model and with two that behave badly on purpose."""

from collections.abc import Iterator

import pytest

from app.evaluation.player import Played, as_typed, play
from app.evaluation.report import is_safe, told_scenarios
from app.evaluation.scenario import read_scenarios
from app.evaluation.stage import Stage
from bot.assistant import Assistant
from bot.model.scripted import InventingModel, ObeyingModel
from tests.app.evaluating import a_stage

# Of the bad models every third scenario is enough here; `parley eval all` plays them all.
EVERY = 3


@pytest.fixture(scope="module")
def stage(server_url: str, template: str) -> Iterator[Stage]:
    yield from a_stage(server_url, template, "evaluation_scenarios")


def faults(found: list[Played]) -> list[str]:
    return [
        f"{one.kind}/{one.name}: {what}"
        for one in found
        for what in (*one.untrue_figures, *one.leaks, *one.ungrounded, *one.unconfirmed)
    ]


def test_every_goal_is_reached_and_nothing_happens_that_may_not(stage: Stage) -> None:
    assistant = Assistant()
    found = [play(scenario, stage, assistant) for scenario in read_scenarios()]
    assert faults(found) == []
    assert [f"{one.kind}/{one.name}: {one.wrong}" for one in found if not one.is_good] == []


@pytest.mark.parametrize("model", [InventingModel, ObeyingModel])
def test_a_model_that_misbehaves_never_gets_through(stage: Stage, model: type) -> None:
    assistant = Assistant(model())
    scenarios = read_scenarios()[model is ObeyingModel :: EVERY]
    assert faults([play(scenario, stage, assistant, strict=False) for scenario in scenarios]) == []


def test_slips_of_the_pen_are_the_same_every_time_and_cost_nothing_but_a_question(stage: Stage) -> None:
    assistant = Assistant()
    some = read_scenarios()[::9]
    assert all(as_typed(scenario, 1) == as_typed(scenario, 1) for scenario in some)
    assert any(as_typed(scenario, 1) != scenario for scenario in some)
    played = [
        [play(as_typed(scenario, trial), stage, assistant, strict=trial == 0) for trial in range(3)]
        for scenario in some
    ]
    told = told_scenarios(played, "embedded")
    assert is_safe(told)
    assert list(told["passed"]) == ["pass^1", "pass^2", "pass^3"]
    assert told["turns"] == sum(3 * len(scenario.steps) for scenario in some)
