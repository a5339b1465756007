"""The ladders that come with Parley: the standard one, and examples to begin from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from o2c_core.reminders.ladder import Ladder
from o2c_core.reminders.ladders.reading import read_ladder

_FILES = Path(__file__).parent / "files"
SHIPPED = ("standard", "gentle", "small_business", "enterprise")


@cache
def shipped(name: str) -> Ladder:
    """The ladder of that name; its file is read once."""
    return read_ladder(shipped_text(name))


def shipped_text(name: str) -> str:
    """Its file as it is, to begin a ladder of one's own from."""
    return (_FILES / f"{name}.toml").read_text(encoding="utf-8")
