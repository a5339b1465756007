"""Quick answers belong to an offer or a guess, and to nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from o2c_core.conversations.choices import choices_of

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"asks": None, "offers": 0}, None),
    ({"asks": "promise_to_pay"}, None),
    ({"asks": "meant:account_balance"}, "guess"),
    ({"offers": 2}, "offer"),
    ({"offers": 1, "asks": "meant:human"}, "offer"),
]


@pytest.mark.parametrize(("understanding", "choices"), CASES)
def test_an_offer_or_a_guess_invites_a_quick_answer(understanding: dict[str, Any], choices: str | None) -> None:
    assert choices_of(understanding) == choices
