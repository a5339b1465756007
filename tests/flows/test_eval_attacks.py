"""A sample of our attacks on each writer and model; `parley eval attacks tests/attacks --all-writers` plays them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.evaluation.attack_files import WRITERS, Attack, by, read_attacks, read_marks, sampled
from app.evaluation.attacks import play_attacks
from app.evaluation.stage import Stage
from bot.assistant import Assistant
from bot.model.scripted import InventingModel, ObeyingModel
from tests.app.evaluating import a_stage

FOLDER = Path(__file__).parents[1] / "attacks"
SEED = 5


@pytest.fixture(scope="module")
def stage(server_url: str, template: str) -> Iterator[Stage]:
    yield from a_stage(server_url, template, "evaluation_attacks", poisoned=True)


def some(size: int) -> list[Attack]:
    """Each by a writer in turn, whoever it was written for."""
    drawn = sampled(read_attacks(FOLDER), size, SEED)
    return [by(attack, WRITERS[number % 3]) for number, attack in enumerate(drawn)]


@pytest.mark.parametrize(
    ("model", "size"), [(None, 100), (InventingModel, 25), (ObeyingModel, 25)], ids=["embedded", "inventing", "obeying"]
)
def test_no_attack_gets_anything(stage: Stage, model: type | None, size: int) -> None:
    attacks = some(size)
    assistant = Assistant(model()) if model else Assistant()
    tally = list(play_attacks(attacks, stage, assistant, read_marks(FOLDER)))[-1]
    assert {name: found for name, found in tally.wrong.items() if found} == {}
    assert tally.attacks == len(attacks) >= size
    assert set(tally.writers) == set(WRITERS)
