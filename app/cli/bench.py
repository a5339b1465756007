"""`parley bench`: how fast Parley is on this machine, and whether it keeps its promises when things go wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from app.bench.channels_inbound import measure_inbound
from app.bench.channels_outbox import measure_outbox
from app.bench.channels_webhook import measure_webhook
from app.bench.desk import measure_desk
from app.bench.importing import measure_import
from app.bench.ledger import measure_ledger
from app.bench.live import measure_live
from app.bench.remind import measure_remind
from app.bench.turn import measure_turns
from o2c_core.errors import Refused

# Some take minutes, so they have to be asked for.
_UNLESS_NAMED = ("turn", "import")
_NAMES = (*_UNLESS_NAMED, "ledger", "remind", "webhook", "inbound", "outbox", "desk", "live")


class UnknownBench(Refused):
    """There is no benchmark of that name; there are: turn, import, ledger, remind, webhook, inbound, outbox, desk, live."""


class PromiseBroken(Refused):
    """What Parley promises did not hold in this run; the figures above say what."""


def bench(
    name: Annotated[
        str | None, typer.Argument(help=f"One of {', '.join(_NAMES)}; the first two when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    processes: Annotated[
        int, typer.Option(help="How many web processes the server of `turn` and `live` runs.", min=1)
    ] = 1,
    invoices: Annotated[
        int, typer.Option(help="How many invoices the book of `ledger` and `remind` has.", min=1_000)
    ] = 1_000_000,
    customers: Annotated[
        int | None,
        typer.Option(help="How many customers the book of `remind` has; one for every five invoices.", min=1),
    ] = None,
    messages: Annotated[
        int | None, typer.Option(help="How many messages `webhook`, `inbound` and `outbox` are run with.", min=100)
    ] = None,
    kills: Annotated[int, typer.Option(help="How often `outbox` kills a worker.", min=0)] = 30,
    workers: Annotated[
        int | None, typer.Option(help="How many workers `inbound` and `outbox` (3) and `remind` (2) run.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="What goes wrong in `outbox`, and when; the order of `inbound`.")] = 1,
) -> None:
    """Measure Parley through its real doors, on embedded defaults, in a temporary folder.

    All but `turn`, `import` and `ledger` also check what Parley promises, and end with an error when it did not hold.
    """
    if name is not None and name not in _NAMES:
        raise UnknownBench
    many = {"messages": messages} if messages else {}
    runs: dict[str, Callable[[], Any]] = {
        "turn": lambda: measure_turns(processes=processes),
        "import": measure_import,
        "ledger": lambda: measure_ledger(invoices),
        "remind": lambda: measure_remind(invoices, customers or max(1, invoices // 5), workers or 2),
        "webhook": lambda: measure_webhook(**({"requests": messages} if messages else {})),
        "inbound": lambda: measure_inbound(workers=workers or 3, seed=seed, **many),
        "desk": measure_desk,
        "live": lambda: measure_live(processes=processes),
        "outbox": lambda: measure_outbox(kills=kills, workers=workers or 3, seed=seed, **many),
    }
    found: dict[str, Any] = {one: runs[one]() for one in ((name,) if name else _UNLESS_NAMED)}
    figures = {title: asdict(one) for title, one in found.items()}
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _show(figures)
    if not all(getattr(one, "is_kept", True) for one in found.values()):
        raise PromiseBroken


def _show(found: dict[str, dict[str, object]]) -> None:
    for title, figures in found.items():
        sys.stdout.write(f"{title}\n")
        for key, value in figures.items():
            if isinstance(value, dict):
                sys.stdout.write(f"  {key.replace('_', ' ')}\n")
                for what, number in sorted(value.items()):
                    sys.stdout.write(f"    {what.replace('_', ' '):<28} {number}\n")
            else:
                sys.stdout.write(f"  {key.replace('_', ' '):<22} {value}\n")
