"""A section: an answer that can be given as it stands, and some of the questions people ask for it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """`name` is the same in every language; it is written behind the heading, {#like-this}, or made from the heading.

    `facts` are whole numbers that the ledger is joined with, such as return_days. `page` is where it begins in a PDF.
    """

    name: str
    title: str
    text: str
    questions: tuple[str, ...] = ()
    facts: Mapping[str, int] = field(default_factory=dict)
    page: int | None = None


def slug(title: str) -> str:
    """The name made from a heading: "Late fees (B2B)" is late-fees-b2b."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or hashlib.sha256(title.encode()).hexdigest()[:12]
