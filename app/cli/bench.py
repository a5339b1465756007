"""`parley bench`: how fast Parley is on this machine."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from app.bench.importing import measure_import
from app.bench.ledger import measure_ledger
from app.bench.turn import measure_turns
from o2c_core.errors import Refused


class UnknownBench(Refused):
    """There is no benchmark of that name; there are: turn, import, ledger."""


def bench(
    name: Annotated[str | None, typer.Argument(help="turn, import or ledger; the first two when left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    processes: Annotated[int, typer.Option(help="How many web processes the server of `turn` runs.", min=1)] = 1,
    invoices: Annotated[int, typer.Option(help="How many invoices the book of `ledger` has.", min=1_000)] = 1_000_000,
) -> None:
    """Measure Parley through its real doors, on embedded defaults, in a temporary folder."""
    if name not in (None, "turn", "import", "ledger"):
        raise UnknownBench
    found: dict[str, dict[str, object]] = {}
    if name in (None, "turn"):
        found["turn"] = asdict(measure_turns(processes=processes))
    if name in (None, "import"):
        found["import"] = asdict(measure_import())
    if name == "ledger":  # it takes minutes, so it has to be asked for
        found["ledger"] = asdict(measure_ledger(invoices))
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    for title, figures in found.items():
        sys.stdout.write(f"{title}\n")
        for key, value in figures.items():
            sys.stdout.write(f"  {key.replace('_', ' '):<22} {value}\n")
