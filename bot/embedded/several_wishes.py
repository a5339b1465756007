"""Several wishes in one message: which of them is only the reason for another, and which numbers belong to which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.embedded.clauses import clauses
from bot.embedded.entities import find_references
from bot.embedded.mentions import Mentions

_CALLED_COMPLAINT = re.compile(
    r"\b(?:complain\w*|klacht\w*|klagen|beschwer\w*|reklam\w*|plainte|plaindre|réclamation)\b", re.IGNORECASE
)
_BECAUSE = re.compile(
    r"(?:^|[,;.\n]\s*)(?:as|because|since|omdat|want|aangezien|daar|weil|denn|da|car|parce qu[e']|puisqu[e'])\b",
    re.IGNORECASE,
)
# What a complaint beside it is only the reason for; an objection is one by itself.
_WITH_REASON = frozenset({
    "invoice_copy", "statement", "refund", "cancel_order", "change_order", "payment_plan", "promise_to_pay",
    "proof_of_delivery",
})  # fmt: skip


def without_reasons(wishes: Sequence[str], words: str) -> list[str]:
    """The wishes without a complaint that only says why something else is wanted, unless it is called a complaint."""
    others = [name for name in wishes if name != "complaint"]
    if len(others) == len(wishes) or _CALLED_COMPLAINT.search(words):
        return list(wishes)
    is_reason = "dispute_invoice" in others or (_BECAUSE.search(words) is not None and bool(_WITH_REASON & set(others)))
    return others if is_reason else list(wishes)


def numbers_by_wish(wishes: Sequence[str], mentions: Mentions, words: str) -> Mapping[str, Mentions]:
    """For each wish the mentions with only the numbers of its own clause; nothing where that cannot be told.

    "A copy of 0143 and tell me if 0130 is paid": as many clauses with numbers as wishes that take one, in their order.
    """
    if len(wishes) < 2 or len(mentions.references.numbers) < 2:
        return {}
    each = [found for clause in clauses(words) if (found := find_references(clause).numbers)]
    if len(each) != len(wishes):
        return {}
    known = {one.text: one for one in mentions.references.numbers}
    return {
        wish: replace(
            mentions,
            references=replace(mentions.references, numbers=tuple(known.get(one.text, one) for one in numbers)),
        )
        for wish, numbers in zip(wishes, each, strict=True)
    }
