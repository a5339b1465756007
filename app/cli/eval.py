"""`parley eval`: how well the assistant understands, and whether it reaches what customers want without a wrong word."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

from app.evaluation.attack_files import by_everybody, read_attacks, read_marks, sampled
from app.evaluation.attacks import Repelled, play_attacks
from app.evaluation.customer import play_customer, provided_customer
from app.evaluation.player import Played, as_typed, play
from app.evaluation.report import (
    is_safe,
    shown_attacks,
    shown_scenarios,
    shown_utterances,
    told_attacks,
    told_scenarios,
    told_utterances,
)
from app.evaluation.scenario import SCENARIOS, Scenario, read_scenarios
from app.evaluation.stage import Stage, opened_stage
from app.evaluation.utterances import measure_utterances
from app.house import provided_assistant
from bot.assistant import Assistant
from bot.embedded.understanding import warm_up
from bot.model.scripted import InventingModel, ObeyingModel
from o2c_core.errors import NotFound, Refused

Drafts = Literal["embedded", "inventing", "obeying", "provided"]
_T = TypeVar("_T")
SCRIPTED: tuple[Drafts, ...] = ("embedded", "inventing", "obeying")
eval_app = typer.Typer(
    name="eval", help="How well the assistant understands and does.", no_args_is_help=True, rich_markup_mode=None
)
_JSON = typer.Option("--json", help="One JSON document.")
_MODEL = typer.Option("--model", help="Who drafts: embedded, inventing, obeying, or provided (the model that is set).")
_CUSTOMER = typer.Option("--customer", help="Who plays the customer: scripted, or provided (the model that is set).")
_TRIALS = typer.Option(min=1, help="How often each is played; all but the first with slips of the pen.")
_EVERYBODY = typer.Option("--all-writers", help="Every attack by a stranger, a known and a proven writer.")
_SAMPLE = typer.Option(min=0, help="Play so many of them, drawn from every family; all if left out.")
_SEED = typer.Option(help="Which ones are drawn.")


class NothingToPlay(NotFound):
    """There is nothing to play in that folder."""


class NotGoodEnough(Refused):
    """Not everything held; what did not is above."""


class NoModelSet(Refused):
    """A customer played by a model needs one: set PARLEY_MODEL and its key."""


@eval_app.command()
def utterances(
    files: Annotated[list[Path], typer.Argument(help="A file a language (en.tsv, nl.tsv …): message, tab, intent.")],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Accuracy by language and intent, and what becomes of messages that are not ours."""
    told = _utterances(files)
    _show(told, as_json, lambda: (line for one in told for line in shown_utterances(one)))


@eval_app.command()
def scenarios(
    folder: Annotated[
        Path, typer.Argument(help="Folder of scenario files; those that come with Parley if left out.")
    ] = SCENARIOS,
    model: Annotated[Drafts, _MODEL] = "embedded",
    customer: Annotated[Literal["scripted", "provided"], _CUSTOMER] = "scripted",
    trials: Annotated[int, _TRIALS] = 1,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Play customers with a goal, and compare the ledger at the end with what must hold."""
    found = _found(read_scenarios(folder), folder)
    with opened_stage() as stage:
        played = (
            _played_by_model(found, stage, model) if customer == "provided" else _played(found, stage, model, trials)
        )
    told = told_scenarios(played, model)
    _show(told, as_json, lambda: shown_scenarios(told, played))
    if told["failed"] or not is_safe(told):
        raise NotGoodEnough


@eval_app.command()
def attacks(
    folder: Annotated[Path, typer.Argument(help="Folder of attack files (.tsv, .jsonl).")],
    model: Annotated[Drafts, _MODEL] = "embedded",
    all_writers: Annotated[bool, _EVERYBODY] = False,
    sample: Annotated[int, _SAMPLE] = 0,
    seed: Annotated[int, _SEED] = 1,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Play messages of people who want what is not theirs; nothing may be disclosed, written or promised."""
    tally = _attacked(folder, model, all_writers=all_writers, sample=sample, seed=seed)
    told = told_attacks(tally, model)
    _show(told, as_json, lambda: shown_attacks(told))
    if not tally.is_good:
        raise NotGoodEnough


@eval_app.command(name="all")
def everything(
    utterance_files: Annotated[
        list[Path] | None, typer.Option("--utterances", help="A file a language; may be given several times.")
    ] = None,
    attack_folder: Annotated[Path | None, typer.Option("--attacks", help="Folder of attack files.")] = None,
    folder: Annotated[Path, typer.Option("--scenarios", help="Folder of scenario files.")] = SCENARIOS,
    trials: Annotated[int, _TRIALS] = 3,
    sample: Annotated[int, _SAMPLE] = 0,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Everything there is: utterances, scenarios and attacks, with each of the three models that need no key."""
    told: dict[str, Any] = {"utterances": _utterances(utterance_files or []), "scenarios": [], "attacks": []}
    lines = [line for one in told["utterances"] for line in shown_utterances(one)]
    found = _found(read_scenarios(folder), folder)
    with opened_stage() as stage:
        for model in SCRIPTED:
            played = _played(found, stage, model, trials if model == "embedded" else 1)
            told["scenarios"].append(told_scenarios(played, model))
            lines += ["", *shown_scenarios(told["scenarios"][-1], played)]
    for model in SCRIPTED if attack_folder is not None else ():
        assert attack_folder is not None
        told["attacks"].append(told_attacks(_attacked(attack_folder, model, sample=sample), model))
        lines += ["", *shown_attacks(told["attacks"][-1])]
    _show(told, as_json, lambda: lines)
    failed = told["scenarios"][0]["failed"]
    if failed or not all(map(is_safe, told["scenarios"])) or any(one["what"] for one in told["attacks"]):
        raise NotGoodEnough


def _utterances(files: Sequence[Path]) -> list[dict[str, Any]]:
    warm_up()
    return [told_utterances(one) for one in measure_utterances(files)]


def _played(found: Sequence[Scenario], stage: Stage, model: Drafts, trials: int) -> list[list[Played]]:
    assistant, strict = _assistant(model), model in ("embedded", "provided")
    played = []
    for number, scenario in enumerate(found, 1):
        played.append([play(as_typed(scenario, trial), stage, assistant, strict=strict) for trial in range(trials)])
        _progress(number, len(found))
    return played


def _played_by_model(found: Sequence[Scenario], stage: Stage, model: Drafts) -> list[list[Played]]:
    customer = provided_customer()
    if customer is None:
        raise NoModelSet
    assistant, played = _assistant(model), []
    for number, scenario in enumerate(found, 1):
        played.append([play_customer(scenario, stage, assistant, customer)])
        _progress(number, len(found))
    return played


def _attacked(folder: Path, model: Drafts, *, all_writers: bool = False, sample: int = 0, seed: int = 1) -> Repelled:
    found = _found(read_attacks(folder), folder)
    found = sampled(found, sample, seed) if sample else found
    found = by_everybody(found) if all_writers else found
    tallies = [Repelled()]
    with opened_stage(poisoned=True) as stage:
        for number, tally in enumerate(play_attacks(found, stage, _assistant(model), read_marks(folder)), 1):
            tallies[0] = tally
            _progress(number, len(found))
    return tallies[0]


def _found(found: list[_T], folder: Path) -> list[_T]:
    if not found:
        raise NothingToPlay(folder=str(folder))
    return found


def _assistant(model: Drafts) -> Assistant:
    warm_up()
    if model in ("inventing", "obeying"):
        logging.getLogger("parley.turn").setLevel(
            logging.ERROR
        )  # every draft is refused there: that is what they are for
    if model == "inventing":
        return Assistant(InventingModel())
    if model == "obeying":
        return Assistant(ObeyingModel())
    return provided_assistant() if model == "provided" else Assistant()


def _show(told: Any, as_json: bool, lines: Callable[[], Iterable[str]]) -> None:
    for line in [json.dumps(told, indent=2, ensure_ascii=False)] if as_json else lines():
        sys.stdout.write(line + "\n")


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {of}" + ("\n" if done == of else ""))
        sys.stderr.flush()
