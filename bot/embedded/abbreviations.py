"""What people shorten when they text: "hvl staat er open", "whn is it due"."""

from __future__ import annotations

import re

# Only what is no word of any of our languages, and short for one thing alone.
_SHORT = {
    "hvl": "hoeveel",
    "wnr": "wanneer",
    "whn": "when",
    "wht": "what",
    "wher": "where",
    "hw": "how",
    "ur": "your",
    "pymt": "payment",
    "pmt": "payment",
    "qd": "quand",
}
_WORD = re.compile(rf"(?<![\w@./-])(?:{'|'.join(_SHORT)})(?![\w@/-])", re.IGNORECASE)


def spelled_out(words: str) -> str:
    """The words with what is shortened in full."""
    return _WORD.sub(lambda found: _SHORT[found[0].lower()], words)
