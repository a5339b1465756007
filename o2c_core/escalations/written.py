"""What can still be read of a stored rule that cannot be used any more: its title, whose it is, and how many levels it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from o2c_core.escalations.rule_file import LEVELS_MAX


def title_written(document: Mapping[str, Any]) -> str | None:
    return _words(document.get("title"))


def owner_written(document: Mapping[str, Any]) -> str | None:
    """Whose it is when it fires."""
    levels = document.get("level")
    first = levels[0] if isinstance(levels, list) and levels else None
    return _words(first.get("owner")) if isinstance(first, Mapping) else None


def levels_written(document: Mapping[str, Any]) -> int:
    """As many as a rule may have where that cannot be told: rather one too many than nobody's."""
    levels = document.get("level")
    return len(levels) if isinstance(levels, list) and levels else LEVELS_MAX


def _words(said: object) -> str | None:
    return said.strip()[:300] or None if isinstance(said, str) else None
