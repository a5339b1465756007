"""`parley inform`: tell customers now what happened, as the worker does every minute."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from app.installation import doorplate, opened_store
from app.settings import settings
from o2c_core.actions.begin_informing import begin_informing
from o2c_core.actions.inform_customers import inform_customers


def inform(
    begin: Annotated[
        str | None,
        typer.Option(help="Begin with this seller, by its reference, from now on: what happened so far is no news."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Queue what is ripe to be told. `parley report informed` says who was told what, and who was not and why."""
    with opened_store() as store:
        if begin is not None:
            begin_informing(begin, store=store)
        run = inform_customers(store=store, doorplate=doorplate(settings()))
    if as_json:
        sys.stdout.write(json.dumps(asdict(run)) + "\n")
        return
    sys.stdout.write(
        f"{_count(run.events, 'event')} taken over, {_count(run.told, 'step')} told in"
        f" {_count(run.messages, 'message')}, {run.skipped} not told.\n"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
