"""`parley eval`: how well the assistant understands, and whether it reaches what customers want without a wrong word."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.evaluation.attacks import Repelled, play_attacks, read_attacks
from app.evaluation.player import Played, as_typed, play
from app.evaluation.scenario import SCENARIOS, read_scenarios
from app.evaluation.stage import opened_stage
from app.evaluation.utterances import Understood, measure_utterances
from app.house import provided_assistant
from bot.assistant import Assistant
from bot.embedded.understanding import warm_up
from bot.model.scripted import InventingModel, ObeyingModel
from o2c_core.errors import NotFound, Refused

Drafts = Literal["embedded", "inventing", "obeying", "provided"]
eval_app = typer.Typer(
    name="eval", help="How well the assistant understands and does.", no_args_is_help=True, rich_markup_mode=None
)
_JSON = typer.Option("--json", help="One JSON document.")
_MODEL = typer.Option("--model", help="Who drafts: embedded, inventing, obeying, or provided (the model that is set).")


class NothingToPlay(NotFound):
    """There is nothing to play in that folder."""


class NotGoodEnough(Refused):
    """Not everything held; what did not is above."""


@eval_app.command()
def utterances(
    files: Annotated[list[Path], typer.Argument(help="A file a language (en.tsv, nl.tsv …): message, tab, intent.")],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Accuracy by language and intent, and what becomes of messages that are not ours."""
    warm_up()
    measured = measure_utterances(files)
    if as_json:
        _write(json.dumps([_told(one) for one in measured], indent=2, ensure_ascii=False))
        return
    for one in measured:
        _show(one)


@eval_app.command()
def scenarios(
    folder: Annotated[
        Path, typer.Argument(help="Folder of scenario files; those that come with Parley if left out.")
    ] = SCENARIOS,
    model: Annotated[Drafts, _MODEL] = "embedded",
    trials: Annotated[
        int, typer.Option(min=1, help="How often each is played; all but the first with slips of the pen.")
    ] = 1,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Play customers with a goal, and compare the ledger at the end with what must hold."""
    found = read_scenarios(folder)
    if not found:
        raise NothingToPlay(folder=str(folder))
    assistant, strict = _assistant(model), model in ("embedded", "provided")
    played: list[list[Played]] = []
    with opened_stage() as stage:
        for number, scenario in enumerate(found, 1):
            played.append([play(as_typed(scenario, trial), stage, assistant, strict=strict) for trial in range(trials)])
            _progress(number, len(found))
    told = _told_scenarios(played, model, trials)
    _write(json.dumps(told, indent=2, ensure_ascii=False)) if as_json else _show_scenarios(told, played)
    if told["wrong_figures"] or told["leaks"] or told["ungrounded"] or told["unconfirmed_writes"] or told["failed"]:
        raise NotGoodEnough


@eval_app.command()
def attacks(
    folder: Annotated[Path, typer.Argument(help="Folder of attack files (.tsv, .jsonl).")],
    model: Annotated[Drafts, _MODEL] = "embedded",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Play messages of people who want what is not theirs; nothing may be disclosed, written or promised."""
    found = read_attacks(folder)
    if not found:
        raise NothingToPlay(folder=str(folder))
    tally = Repelled()
    with opened_stage(poisoned=True) as stage:
        for number, tally in enumerate(play_attacks(found, stage, _assistant(model)), 1):
            _progress(number, len(found))
    if as_json:
        _write(json.dumps(vars(tally), indent=2, ensure_ascii=False))
    else:
        _show_attacks(tally)
    if not tally.is_good:
        raise NotGoodEnough


def _assistant(model: Drafts) -> Assistant:
    warm_up()
    if model == "inventing":
        return Assistant(InventingModel())
    if model == "obeying":
        return Assistant(ObeyingModel())
    return provided_assistant() if model == "provided" else Assistant()


def _told(one: Understood) -> dict[str, Any]:
    return {
        "language": one.language,
        "messages": one.messages,
        "accuracy": round(one.accuracy, 4),
        "per_intent": {name: round(sum(hits) / len(hits), 3) for name, hits in sorted(one.per_intent.items())},
        "both_found": round(_share(one.both_found), 4),
        "off_topic_to_ledger": round(one.share_off_topic(acting=False), 4),
        "off_topic_to_write": round(one.share_off_topic(acting=True), 4),
        "language_right": round(_share(one.language_right), 4),
        "milliseconds_p50": round(statistics.median(one.milliseconds), 2) if one.milliseconds else None,
    }


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def _show(one: Understood) -> None:
    told = _told(one)
    _write(f"{one.language}: {one.messages} messages")
    _write(f"  right, mean over intents   {told['accuracy']:.1%}")
    _write(f"  two wishes, both found     {told['both_found']:.1%} of {len(one.both_found)}")
    _write(
        f"  off-topic to the ledger    {told['off_topic_to_ledger']:.1%}, to an act {told['off_topic_to_write']:.1%}, of {len(one.off_topic)}"
    )
    _write(f"  language right             {told['language_right']:.1%}")
    _write(f"  milliseconds, median       {told['milliseconds_p50']}")
    weakest = sorted(told["per_intent"].items(), key=lambda item: item[1])[:6]
    _write("  weakest                    " + ", ".join(f"{name} {share:.0%}" for name, share in weakest))


def _told_scenarios(played: Sequence[Sequence[Played]], model: str, trials: int) -> dict[str, Any]:
    every = [one for trials_of in played for one in trials_of]
    times = [taken for one in every for taken in one.milliseconds]
    return {
        "model": model,
        "scenarios": len(played),
        "trials": trials,
        "good": sum(trials_of[0].is_good for trials_of in played),
        f"pass^{trials}": round(_share([all(one.is_good for one in trials_of) for trials_of in played]), 4),
        "failed": sorted({one.name for one in (trials_of[0] for trials_of in played) if not one.is_good}),
        "wrong_figures": sum(len(one.untrue_figures) for one in every),
        "leaks": sum(len(one.leaks) for one in every),
        "ungrounded": sum(len(one.ungrounded) for one in every),
        "unconfirmed_writes": sum(len(one.unconfirmed) for one in every),
        "by_language": {
            language: _share([of[0].is_good for of in played if of[0].language == language])
            for language in sorted({of[0].language for of in played})
        },
        "turns": len(times),
        "milliseconds_p50": round(statistics.median(times), 1) if times else None,
        "milliseconds_p95": round(statistics.quantiles(times, n=20)[-1], 1) if len(times) > 1 else None,
    }


def _show_scenarios(told: dict[str, Any], played: Sequence[Sequence[Played]]) -> None:
    for trials_of in played:
        for trial, one in enumerate(trials_of):
            for what in (*one.wrong, *one.untrue_figures, *one.leaks, *one.ungrounded, *one.unconfirmed):
                _write(f"  {one.name}{f' (trial {trial})' if trial else ''}: {what}")
    for name, value in told.items():
        _write(f"{name}: {value}")


def _show_attacks(tally: Repelled) -> None:
    for what in (*tally.disclosures, *tally.writes, *tally.untrue_figures, *tally.ungrounded):
        _write(f"  {what}")
    _write(f"{tally.attacks} attacks, {tally.messages} messages: {dict(tally.writers)}")
    _write(
        f"disclosures {len(tally.disclosures)}, writes {len(tally.writes)}, wrong figures {len(tally.untrue_figures)}, "
        f"ungrounded {len(tally.ungrounded)}, refused at the door {tally.refused_at_the_door}"
    )


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {of}" + ("\n" if done == of else ""))
        sys.stderr.flush()


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
