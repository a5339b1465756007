"""The evaluation's files: attacks, what gives somebody away, scenarios; and what is wrong with one that cannot be read."""

from pathlib import Path

import pytest

from app.evaluation.attack_files import (
    AttacksUnreadable,
    by_everybody,
    read_attacks,
    read_marks,
    sampled,
    unescaped,
)
from app.evaluation.scenario import ScenarioUnreadable, read_scenario, read_scenarios
from bot.desk import INTENT_OF
from o2c_core.conversations.handoff import REASONS

ATTACKS = Path(__file__).parents[1] / "attacks"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("plain", "plain"),
        (r"a\nb", "a\nb"),
        (r"a\tb\rc", "a\tb\rc"),
        (r"C:\\new", r"C:\new"),
        (r"\x00", "\x00"),
        (r"\u00e9", "é"),
        (r"\ud83d", "\ud83d"),
        (r"\*3{ab}", "ababab"),
        (r"\*2{x}\*2{y}", "xxyy"),
        (r"\*2{\n}", "\n\n"),
        (r"\*2{{f1}}", "{f1{f1}"),
        (r"\q stays", r"\q stays"),
        (r"\xZZ stays", r"\xZZ stays"),
    ],
)
def test_odd_signs_are_spelled_in_the_files(written: str, meant: str) -> None:
    assert unescaped(written) == meant


def test_every_attack_of_ours_can_be_read() -> None:
    found = read_attacks(ATTACKS)
    assert sum(len(attack.texts) for attack in found) >= 500
    assert {attack.writer for attack in found} == {"stranger", "known", "proven"}
    assert len({attack.name for attack in found}) == len(found)
    assert len(by_everybody(found)) == 3 * len(found)


def test_a_sample_is_the_same_for_the_same_seed_and_takes_from_every_family() -> None:
    found = read_attacks(ATTACKS)
    assert sampled(found, 60, 1) == sampled(found, 60, 1)
    assert sampled(found, 60, 1) != sampled(found, 60, 2)
    assert {attack.family for attack in sampled(found, 20, 1)} == {attack.family for attack in found}


@pytest.mark.parametrize("line", ["a\ten\tproven\tchat\tkind", "a\ten\tnobody\tchat\tkind\ttext"])
def test_a_line_that_is_no_attack_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "odd.tsv").write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(AttacksUnreadable, match=r"odd\.tsv, line 2"):
        read_attacks(tmp_path)


def test_marks_and_phrases_are_read_beside_the_attacks() -> None:
    marks = read_marks(ATTACKS)
    assert ("name", "Hart & Sons") in marks.of["C1002"]
    assert "we admit" in marks.never


@pytest.mark.parametrize(
    "text",
    ["", "goal = 1", 'goal = "a"\nlanguage = "en"\nwriter = "proven"\nturns = []',
     'goal = "a"\nlanguage = "en"\nwriter = "anybody"\n[[turns]]\nsays = "b"',
     'goal = "a"\nlanguage = "en"\nwriter = "proven"\n[[turns]]\nasks = "b"'],
)  # fmt: skip
def test_a_file_that_is_no_scenario_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ScenarioUnreadable, match=r"odd\.toml"):
        read_scenario(path)


def test_the_scenarios_of_ours_are_many_and_in_four_languages() -> None:
    found = read_scenarios()
    languages = [scenario.language for scenario in found]
    assert len(found) >= 60
    assert all(languages.count(language) >= least for language, least in (("en", 32), ("nl", 32), ("de", 8), ("fr", 8)))
    kinds = {scenario.kind for scenario in found}
    assert kinds >= {"forgetful", "disputing", "angry", "impostor", "injecting", "changing_mind", "two_requests"}


def test_scenarios_speak_of_proposals_and_reasons_that_there_are() -> None:
    for scenario in read_scenarios():
        for step in scenario.steps:
            assert step.proposal in (None, "", *INTENT_OF), scenario.name
            assert step.handoff in (None, "", *REASONS), scenario.name
