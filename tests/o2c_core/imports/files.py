"""Files to import, written for one test."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from o2c_core.actions.import_ledger import import_ledger
from o2c_core.imports.profile import Profile, load_profile
from o2c_core.imports.report import ImportReport
from o2c_core.store.store import Store


def a_file(folder: Path, content: str | bytes, name: str = "export.csv") -> Path:
    """The file, with the indentation of the test taken off."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode())
    return path


def a_profile(folder: Path, content: str, name: str = "own") -> Profile:
    return load_profile(str(a_file(folder, content, f"{name}.toml")))


def imported(
    store: Store,
    folder: Path,
    content: str | bytes,
    profile: str | Profile,
    *,
    name: str = "export.csv",
    dry_run: bool = False,
) -> ImportReport:
    """The report of importing that content for the seller vandijk."""
    chosen = load_profile(profile) if isinstance(profile, str) else profile
    return import_ledger(a_file(folder, content, name), "vandijk", chosen, store=store, dry_run=dry_run)


def reasons(report: ImportReport) -> list[str]:
    """What was refused, as "line: reason"."""
    return [f"{refusal.line}: {refusal.reason}" for refusal in report.refused]
