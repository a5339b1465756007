"""What customers' own pages say, in the reader's language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from o2c_core.customers.customer import LANGUAGES
from o2c_core.documents.wording import Wording, read_wording

FOLDER = Path(__file__).parents[1] / "portal_wording"


@cache
def words_in(language: str) -> Wording:
    """The sentences in that language; English where there are none. The file is read once."""
    return read_wording(FOLDER, language if language in LANGUAGES else "en")
