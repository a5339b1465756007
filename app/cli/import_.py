"""`parley import`: exports of other systems, e-invoices and bank files into the ledger."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.installation import opened_store
from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.actions.import_einvoice import import_einvoice
from o2c_core.actions.import_ledger import Progress as Hears
from o2c_core.actions.import_ledger import import_ledger
from o2c_core.errors import Failure, Refused
from o2c_core.imports.bank.read_bank_file import bank_format
from o2c_core.imports.binding import guess_profile
from o2c_core.imports.encoding import open_bytes
from o2c_core.imports.profile import Profile, load_profile
from o2c_core.imports.source import FileMissing, open_source
from o2c_core.imports.ubl.read_ubl import is_einvoice
from o2c_core.imports.xml import looks_like_xml, read_xml
from o2c_core.store.store import Store

_BY = "command line"

Importer = Callable[[str, Store, bool], "Report"]


class Report(Protocol):
    """What any import says about itself."""

    @property
    def is_all_good(self) -> bool: ...

    def sentences(self) -> Iterable[str]: ...

    def as_tables(self) -> dict[str, Any]: ...


class NothingReads(Refused):
    """That file is none of those that can be imported."""


# All that could be read was taken over, and something could not.
EXIT_ROWS_REFUSED = 3


def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV, XLSX, JSON, UBL, camt.053 or MT940; also compressed with gzip.", show_default=False),
    ],
    seller: Annotated[str, typer.Option(help="Reference of the seller whose ledger it is.", show_default=False)],
    profile: Annotated[
        str | None,
        typer.Option(help="A profile's name, or the path of your own; without it the one that fits is used."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would happen and keep nothing.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")
    ] = False,
) -> None:
    """Import files of other systems; each is one transaction. Exit code 3 when rows were refused and the rest was kept.

    What a file is, is seen from its content. An e-invoice or a bank file is taken over whole or refused whole.
    """
    for file in files:
        if not file.exists():
            raise FileMissing(f"There is no file {file}.", path=str(file))
    named = load_profile(profile) if profile is not None else None
    reports: list[Report] = []
    try:
        importers = [_importer_for(file, named) for file in files]
        with opened_store() as store:
            for import_file in importers:
                report = import_file(seller, store, dry_run)
                reports.append(report)
                if not as_json:
                    typer.echo("\n".join(report.sentences()))
    except Failure as failure:
        # What earlier files did is done, so it is reported before the failure is.
        if as_json and reports:
            _print_json(reports, dry_run, failure.sentence)
        raise
    if as_json:
        _print_json(reports, dry_run, None)
    if not all(report.is_all_good for report in reports):
        raise typer.Exit(EXIT_ROWS_REFUSED)


def _importer_for(file: Path, named: Profile | None) -> Importer:
    """What takes the file over, by what is in it. Nothing is written yet. Raises: Refused, when nothing can."""
    if named is None:
        with open_bytes(file) as content:
            start = content.read(4096)
        if bank_format(start) is not None:
            return lambda seller, store, dry_run: import_bank_file(file, seller, store=store, dry_run=dry_run, by=_BY)
        if looks_like_xml(start):
            if not is_einvoice(read_xml(file)):
                raise NothingReads(f"{file.name} is XML, and neither a UBL invoice nor a camt.053 statement.")
            return lambda seller, store, dry_run: import_einvoice(file, seller, store=store, dry_run=dry_run, by=_BY)
    fitting, remark = named, ""
    if fitting is None:
        fitting = guess_profile(open_source(file), file.name)
        remark = f"no profile was named; the columns fit the profile {fitting.name}"

    def import_rows(seller: str, store: Store, dry_run: bool) -> Report:
        with _watched(file.name) as progress:
            report = import_ledger(file, seller, fitting, store=store, dry_run=dry_run, progress=progress, by=_BY)
        if remark:
            report.remarks.insert(0, remark)
        return report

    return import_rows


def _print_json(reports: list[Report], dry_run: bool, failure: str | None) -> None:
    document: dict[str, Any] = {
        "dry_run": dry_run,
        "all_good": failure is None and all(report.is_all_good for report in reports),
        "files": [report.as_tables() for report in reports],
    }
    if failure is not None:
        document["failure"] = failure
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def _watched(name: str) -> Iterator[Hears | None]:
    """A progress bar for somebody who is looking; nothing where standard error is a file or a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)

        def hear(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield hear
