"""Texts that go on: who writes in pieces is answered once."""

import pytest

from bot.gathering import seems_unfinished


@pytest.mark.parametrize("line", [
    "hi                                          | goes on",
    "goedemorgen                                 | goes on",
    "hello there                                 | goes on",
    "my order                                    | goes on",
    "I have a question about my invoice and      | goes on",
    "ik wilde vragen of...                       | goes on",
    "could you tell me:                          | goes on",
    "where is my order?                          | is done",
    "wat staat er nog open                       | is done",
    "hi!                                         | is done",
    "SO-1003                                     | is done",
    "123456                                      | is done",
    "Where is my last order, it should be here   | is done",
])  # fmt: skip
def test_a_greeting_or_a_broken_off_sentence_goes_on(line: str) -> None:
    text, outcome = (part.strip() for part in line.split("|"))
    assert seems_unfinished(text) == (outcome == "goes on")
