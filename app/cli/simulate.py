"""`parley simulate`: a year of simulated customers, to see what a way of reminding does before anybody is written to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.simulation.comparison import FIGURES, LABEL, compare
from app.simulation.run import POLICIES, Trade, run_policy
from app.simulation.seeds import run_all, seeds_in
from app.simulation.world import CAUSES
from o2c_core.errors import Refused


class NoSuchPolicy(Refused):
    """A policy is parley, none or fixed; all three are compared when none is named."""


class PromiseBroken(Refused):
    """The auditor found reminders that should not have left; they are listed above."""


def simulate(
    days: Annotated[int, typer.Option(help="How many days are simulated.", min=7, max=1500)] = 365,
    customers: Annotated[int, typer.Option(help="How many customers there are.", min=1, max=20_000)] = 200,
    faults: Annotated[bool, typer.Option("--faults", help="Providers and workers fail, over and over.")] = False,
    seed: Annotated[str, typer.Option(help="The seed, or the first and the last: 1..20.")] = "1",
    policy: Annotated[str | None, typer.Option(help="Only this one: parley, none or fixed.")] = None,
    ladder: Annotated[Path | None, typer.Option(help="A ladder file to try instead of the standard one.")] = None,
    processes: Annotated[int | None, typer.Option(help="How many seeds run at once; one per core if left out.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="A file that keeps what is done, so that a broken-off comparison goes on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Try a way of reminding on simulated customers, and check every message it sends. Everything is simulated.

    Nothing of your own ledger is read or written: a database is made for it and thrown away.
    """
    if policy is not None and policy not in POLICIES:
        raise NoSuchPolicy(policy=policy)
    policies, seeds = [policy] if policy else list(POLICIES), seeds_in(seed)
    trade = Trade(days, customers, faults, ladder.read_text("utf-8") if ladder else None)
    runs = _one(policies[0], seeds[0], trade) if len(seeds) * len(policies) == 1 and not keep else None
    if runs is None:
        runs = []
        for run in run_all(seeds, policies, trade, processes=processes, kept=keep):
            runs.append(run)
            sys.stderr.write(_line(run, len(runs), len(seeds) * len(policies)) + "\n")
    found = compare(runs, policies)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2, sort_keys=True) + "\n")
    else:
        _show(found, trade)
    if found["violations"]:
        raise PromiseBroken


def _one(policy: str, seed: int, trade: Trade) -> list[dict[str, Any]]:
    screen = Console(stderr=True)
    with Progress(
        TextColumn("Simulating day"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(),
        console=screen, disable=not screen.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("days", total=trade.days)
        run = run_policy(policy, seed, trade, progress=lambda done, _: bar.update(task, completed=done))
    return [run.to_json() | {"seconds": run.seconds}]


def _line(run: dict[str, Any], done: int, total: int) -> str:
    broken = f", {len(run['violations'])} promises broken" if run["violations"] else ""
    share, cei = _number(run["overdue_share"]), _number(run["cei"])
    return (
        f"[{done}/{total}] seed {run['seed']} {run['policy']}: overdue {share} %, CEI {cei} %{broken},"
        f" {run['seconds']:.0f} s (simulated)"
    )


def _show(found: dict[str, Any], trade: Trade) -> None:
    out = sys.stdout
    seeds = found["seeds"]
    said = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    faults = ", with faults" if trade.faults else ""
    out.write(f"{LABEL}\n{trade.days} days, {trade.customers} customers, {said}{faults}.\n\n")
    means = found["means"]
    out.write(f"{'':<36}" + "".join(f"{policy:>12}" for policy in means) + "\n")
    for name, title in FIGURES.items():
        out.write(f"{title:<36}" + "".join(f"{_number(means[policy][name]):>12}" for policy in means) + "\n")
        if name == "overdue_share":
            _show_why(found["overdue_why"])
    for aim, what in found["aims"].items():
        figures = ", ".join(f"{name} {value:g}" for name, value in what.items() if name != "reached")
        out.write(f"\nAim: {aim}: {'reached' if what['reached'] else 'not reached'} ({figures}).")
    for run in found["runs"]:
        for line in run["lift"]:
            out.write(f"\n{_tried(line, run['seed'])}")
    checked = sum(run["checked"].get("reminders", 0) for run in found["runs"])
    books = sum(run["checked"].get("books", 0) for run in found["runs"])
    if not books:
        out.write("\n\nThe auditor looks over what Parley itself sends: nothing here.\n")
        return
    out.write(f"\n\nThe auditor looked over {checked} reminders as they left and {books} month ends of the books.\n")
    for promise, count in found["violations"].items():
        out.write(f"  {promise}: {count}\n")
    for line in [line for run in found["runs"] for line in run["violations"]][:20]:
        out.write(f"    {line}\n")
    if not found["violations"]:
        out.write("It found nothing to object to.\n")
    for run in found["runs"]:
        if run["digest"]:
            out.write(f"Seed {run['seed']}, all messages sent: {run['digest']}\n")


def _show_why(why: dict[str, dict[str, float | None]]) -> None:
    """The overdue share by cause, which the simulated world knows and a ledger would not."""
    for cause in CAUSES:
        sys.stdout.write(f"  {cause:<34}" + "".join(f"{_number(shares[cause]):>12}" for shares in why.values()) + "\n")


def _tried(line: dict[str, Any], seed: int) -> str:
    """One measure of one arm of a trial."""
    said = f"Trial {line['trial']} at {line['step']}, seed {seed}, {line['arm']} ({line['customers']} customers)"
    said += f": {line['measure'][:1].lower()}{line['measure'][1:]}: {_number(line['value'])}"
    if line["difference"] is not None:
        said += f"; difference {line['difference']:+.2f} ({line['low']:+.2f} to {line['high']:+.2f})"
    return f"{said}. {line['remark']}".rstrip()


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
