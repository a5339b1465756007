"""Pages in a real Chromium; where there is none, these tests are left out and one line says so."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from web.screenshots import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
_left_out = pytest.StashKey[int]()


_HAS_PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
_HAS_BROWSER = _HAS_PLAYWRIGHT and shutil.which("chromium") is not None
# Without the package the files cannot even be read.
collect_ignore_glob = [] if _HAS_PLAYWRIGHT else ["test_*.py"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker("browser")
    if ours and not _HAS_BROWSER:
        config.stash[_left_out] = len(ours)
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    count = config.stash.get(_left_out, 0)
    if count or not _HAS_PLAYWRIGHT:
        what = f"{count} browser tests" if count else "The browser tests were"
        terminalreporter.write_line(f"{what} left out: Chromium or the package playwright is not installed.")


# Closed with each module: while it is open, nothing else in this process may start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened
