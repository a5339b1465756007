"""What people shorten when they text."""

import pytest

from bot.embedded.abbreviations import spelled_out


@pytest.mark.parametrize("line", [
    "hvl staat er open -> hoeveel staat er open",
    "Wnr komt ie? -> wanneer komt ie?",
    "whn is it due -> when is it due",
    "hw much do i owe -> how much do i owe",
    "mail hvl@jansen.example -> mail hvl@jansen.example",
    "order HVL-12 -> order HVL-12",
    "wat is de prijs -> wat is de prijs",
])  # fmt: skip
def test_a_shortened_word_is_read_in_full_and_an_address_or_number_is_not(line: str) -> None:
    written, meant = line.split(" -> ")
    assert spelled_out(written) == meant
