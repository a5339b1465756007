"""Many seeds at once: each in a process of its own, and what is done kept so that a broken-off comparison goes on."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.simulation.run import Trade, run_policy
from o2c_core.errors import Refused


class SeedsUnclear(Refused):
    """Seeds are written as one number, or as the first and the last: 1..20."""


class OtherTrade(Refused):
    """That file keeps runs of another length, size or with other faults; give another file, or none."""


def seeds_in(text: str) -> list[int]:
    """Raises: SeedsUnclear."""
    first, dots, last = text.partition("..")
    if not first.isdecimal() or (dots and not last.isdecimal()):
        raise SeedsUnclear(text=text)
    seeds = list(range(int(first), int(last or first) + 1))
    if not seeds:
        raise SeedsUnclear(text=text)
    return seeds


def run_all(
    seeds: Sequence[int],
    policies: Sequence[str],
    trade: Trade,
    *,
    processes: int | None = None,
    kept: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """The runs as they finish; what `kept` (one JSON document a line) has from before comes first.

    Raises: OtherTrade.
    """
    done = _kept(kept, trade) if kept else {}
    wanted = [(seed, policy) for seed in seeds for policy in policies]
    yield from (done[one] for one in wanted if one in done)
    left = [one for one in wanted if one not in done]
    processes = min(processes or os.cpu_count() or 1, len(left))
    if processes <= 1:
        for seed, policy in left:
            yield _keep(kept, trade, _run(policy, seed, trade))
        return
    # A fresh interpreter for each, since what a process has opened before it splits in two belongs to neither.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for run in as_completed([pool.submit(_run, policy, seed, trade) for seed, policy in left]):
            yield _keep(kept, trade, run.result())


def _run(policy: str, seed: int, trade: Trade) -> dict[str, Any]:
    run = run_policy(policy, seed, trade)
    return run.to_json() | {"seconds": run.seconds}


def _kept(path: Path, trade: Trade) -> dict[tuple[int, str], dict[str, Any]]:
    if not path.exists():
        return {}
    found = {}
    for line in path.read_text("utf-8").splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue  # a line that was being written when the process was ended
        if one["trade"] != asdict(trade):
            raise OtherTrade(path=str(path))
        found[one["run"]["seed"], one["run"]["policy"]] = one["run"]
    return found


def _keep(path: Path | None, trade: Trade, run: dict[str, Any]) -> dict[str, Any]:
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"trade": asdict(trade), "run": run}, sort_keys=True) + "\n")
    return run
