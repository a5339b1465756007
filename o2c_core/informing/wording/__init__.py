"""The approved sentences of notices, one file per language, with the figures left open."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from o2c_core.documents.wording import Wording, read_wording

__all__ = ["Wording", "wording_in"]


@cache
def wording_in(language: str) -> Wording:
    """The approved wording of that language; its file is read once."""
    return read_wording(Path(__file__).parent, language)
