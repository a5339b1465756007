"""`parley train`: learn the intents from the example files, or with --check say how well they were learned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.embedded.head import ModelOutdated, trained_head
from bot.embedded.lessons import EXAMPLES, examples_checksum
from bot.embedded.measurement import Measured, measure
from bot.embedded.training import TrainingReport
from bot.embedded.training import train as train_head
from o2c_core.errors import NotFound

_HELDOUT = Path(__file__).parents[2] / "tests" / "bot" / "heldout"


class NoHeldout(NotFound):
    """There are no held-out messages in that folder to check the model with."""


def train(
    check: Annotated[
        bool, typer.Option("--check", help="Do not train; print how well the model does on held-out messages.")
    ] = False,
    heldout: Annotated[
        Path,
        typer.Option(
            help="Folder of held-out messages, one file (en.tsv, nl.tsv …) a language; folders in it are measured as well."
        ),
    ] = _HELDOUT,
) -> None:
    """Learn the intents from the example files (about five minutes), or check what was learned."""
    if check:
        _check(heldout)
        return
    typer.echo(f"Learning from {EXAMPLES} …", err=True)
    _tell(train_head())


def _tell(report: TrainingReport) -> None:
    typer.echo(
        f"{report.examples} examples in {', '.join(report.languages)}; model of {report.model_bytes // 1000} kB written."
    )
    typer.echo("On examples held back while learning, mean over intents (first look alone):")
    for language, accuracy in report.accuracy.items():
        typer.echo(f"  {language}  {accuracy:.3f} ({report.accuracy_quick[language]:.3f})")
    typer.echo(
        f"Looked at twice: {report.look_twice:.0%}. Sure from a confidence of {report.sure}: {report.sure_share:.0%}."
    )
    typer.echo("Most often taken for another:")
    for wanted, taken, count in report.confused:
        typer.echo(f"  {wanted} for {taken}: {count}")


def _check(folder: Path) -> None:
    """Raises: NoHeldout; ModelOutdated when the examples have changed since."""
    files = sorted(folder.rglob("*.tsv"))
    if not files:
        raise NoHeldout(folder=str(folder))
    if trained_head().checksum != examples_checksum():
        raise ModelOutdated("The examples have changed since the model was trained; run `parley train`.")
    for file in files:
        _show(file.relative_to(folder).with_suffix("").as_posix(), measure(file))


def _show(name: str, found: Measured) -> None:
    typer.echo(f"{name}: {found.lines} messages")
    typer.echo(f"  right, mean over intents   {found.accuracy:.1%}")
    typer.echo(f"  sure                       {found.sure:.1%}, of which right {found.accuracy_when_sure:.1%}")
    typer.echo(
        f"  off-topic to the ledger    {found.leak:.1%}, acted on {found.leak_acted:.1%}, changes {found.leak_to_write:.1%}"
    )
    typer.echo(f"  one wish taken for two     {found.false_seconds:.1%}")
    typer.echo(
        f"  two wishes, both found     {found.both_found:.1%}, at least one and nothing else {found.one_found:.1%}"
    )
    typer.echo(f"  language right             {found.language_right:.1%}")
    typer.echo(
        f"  milliseconds a message     mean {found.milliseconds_mean:.1f}, median {found.milliseconds_median:.1f}"
    )
    worst = sorted(found.each.items(), key=lambda item: item[1])[:5]
    typer.echo(f"  weakest                    {', '.join(f'{name} {share:.0%}' for name, share in worst)}")
    for wanted, taken, count in found.confused[:8]:
        typer.echo(f"    {wanted} taken for {taken or 'nothing'}: {count}")
