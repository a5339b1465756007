"""The approved sentences that say what came of a dispute or a complaint, one file per language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from o2c_core.customers.customer import LANGUAGES
from o2c_core.documents.wording import Wording, read_wording

__all__ = ["Wording", "wording_in"]


@cache
def wording_in(language: str) -> Wording:
    """The approved wording of that language, English for one that has none; its file is read once."""
    return read_wording(Path(__file__).parent, language if language in LANGUAGES else "en")
