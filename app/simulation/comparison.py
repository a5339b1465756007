"""Policies side by side over the same seeds: the mean of every figure, and whether what was aimed at was reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any

from app.simulation.world import CAUSES

FIGURES: dict[str, str] = {
    "overdue_share": "Overdue share of receivables, %",
    "dso": "DSO, days",
    "cei": "Collection effectiveness (CEI), %",
    "days_late": "Days late when paid",
    "unpaid_60": "Unpaid 60 days after due, %",
    "reminders_per_customer": "Reminders per customer",
    "messages_per_customer": "Messages per customer",
    "complaints_per_1000": "Complaints per 1,000 customers",
}
CEI_AIM = 87.0
LABEL = "Simulated: no customer was written to, and no figure here is a measurement of a real one."


def compare(runs: Iterable[dict[str, Any]], policies: Sequence[str]) -> dict[str, Any]:
    """The document of a comparison. It has nothing of how long it took, so the same seeds give the same bytes."""
    found = sorted(runs, key=lambda run: (run["seed"], policies.index(run["policy"])))
    means: dict[str, dict[str, float | None]] = {}
    why: dict[str, dict[str, float | None]] = {}
    for policy in policies:
        own = [run for run in found if run["policy"] == policy]
        means[policy] = {name: _mean([run[name] for run in own]) for name in FIGURES}
        why[policy] = {cause: _mean([run["overdue_why"][cause] for run in own]) for cause in CAUSES}
    violations = Counter(line.split(" ", 2)[2].partition(":")[0] for run in found for line in run["violations"])
    bare = [{name: value for name, value in run.items() if name != "seconds"} for run in found]
    return {
        "simulated": True, "label": LABEL, "seeds": sorted({run["seed"] for run in found}), "means": means,
        "overdue_why": why,
        "aims": _aims(means), "violations": dict(sorted(violations.items())), "runs": bare,
    }  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 2) if known else None


def _aims(means: dict[str, dict[str, float | None]]) -> dict[str, Any]:
    """What was aimed at beside what came out; only where it can be told."""
    ours, fixed = means.get("parley", {}), means.get("fixed", {})
    aims: dict[str, Any] = {}
    share, theirs, cei = ours.get("overdue_share"), fixed.get("overdue_share"), ours.get("cei")
    if share is not None and theirs:
        aims["overdue share at most a third of fixed"] = {
            "ratio": round(share / theirs, 3),
            "reached": share * 3 <= theirs,
        }
    if cei is not None:
        aims[f"CEI at least {CEI_AIM:g} %"] = {"cei": cei, "reached": cei >= CEI_AIM}
    return aims
