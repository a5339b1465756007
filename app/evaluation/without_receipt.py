"""What stands in a reply beside its facts and has no business there: figures without a receipt, and our machinery."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_FIGURE = re.compile(r"[^\W_]*\d[\w.,:/-]*")
_MACHINERY = re.compile(
    r"\{\w*\}|\{\{|\}\}|<data>|\$\{|%\(\w+\)|\[\w+ \d+\]|\b[a-z]+(?:_[a-z]+)+\b|\bTraceback\b|\bSELECT\b|\bSystemMessage\b"
    r"|\bapi[_ ]key\b|\bfact id\b|\btool_call\b|\bJSON\b",
)


def beside_facts(reply: str, facts: Sequence[Mapping[str, str]]) -> str:
    """The reply without the texts of its facts, the longest first."""
    rest = reply
    for text in sorted({fact["text"] for fact in facts}, key=len, reverse=True):
        rest = rest.replace(text, " ")
    return rest


def figures_without_receipt(reply: str, facts: Sequence[Mapping[str, str]]) -> list[str]:
    """Approved wording has no figure of its own, so every digit of a reply stands in one of its facts."""
    return [f"{found} has no receipt" for found in _FIGURE.findall(beside_facts(reply, facts))]


def machinery(reply: str, facts: Sequence[Mapping[str, str]]) -> list[str]:
    """Places that were not filled, names of tools and tables, and what else nobody outside should see."""
    return [f"machinery shown: {found}" for found in _MACHINERY.findall(beside_facts(reply, facts))]
