"""Which documents a message means: those it names, or those it points at with "that one", "both" or "the other"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.embedded.mentions import Mentions

Kind = Literal["order", "invoice", "shipment", "complaint", "dispute", "promise", "plan", "credit_note"]


@dataclass(frozen=True)
class About:
    """One document or case an answer was about; `answer` tells answers apart, where the caller knows them."""

    kind: Kind
    number: str
    answer: int = 0


def meant(mentions: Mentions, about: Sequence[About], kind: Literal["order", "invoice"] | None) -> tuple[str, ...]:
    """The numbers the message means; none where it names nothing and points at nothing there was an answer about.

    `about` is what the last answers were about, the newest answer first and each in the order it named them. Without a
    kind the newest thing of any kind is pointed at. The numbers a message names go before all pointing; of two kinds
    of number the wanted one is taken, and where there is none of it ("the invoice of order 1003"), what was named.
    """
    named = mentions.references.numbers
    if named:
        fitting = [one.text for one in named if kind is None or one.kind in (kind, None)]
        exact = [one.text for one in named if kind is not None and one.kind == kind]
        return tuple(exact or fitting or [one.text for one in named])
    answers = _answers(about, kind)
    return _pointed_at(mentions.points, answers) if answers else ()


def _pointed_at(points: frozenset[str], answers: list[list[str]]) -> tuple[str, ...]:
    newest = answers[0]
    # "The first" and "all of them" are said of a list, which the newest answer may have left behind for one of its own.
    listed = next((answer for answer in answers if len(answer) > 1), newest)
    ever = list(dict.fromkeys(number for answer in answers for number in answer))
    if "both" in points:
        return tuple(newest[:2] if len(newest) > 1 else ever[:2]) if len(ever) > 1 else ()
    if "other" in points:
        others = [number for number in (listed if newest[0] in listed else ever) if number != newest[0]]
        return tuple(others) if len(newest) == 1 and len(others) == 1 else _other_of_two(newest)
    if "all" in points:
        return tuple(listed)
    if "rest" in points and len(listed) > 1 and len(newest) == 1 and newest[0] in listed:
        return tuple(number for number in listed if number != newest[0])
    if "last" in points:
        return (listed[-1],) if len(listed) > 1 else ()
    if "first" in points:
        return (listed[0],) if len(listed) > 1 else ()
    return (newest[0],) if points & {"that", "it"} else ()


def _other_of_two(newest: list[str]) -> tuple[str, ...]:
    """Of two things in one answer the first was the one it was about, so the other is the second."""
    return (newest[1],) if len(newest) == 2 else ()


def _answers(about: Sequence[About], kind: str | None) -> list[list[str]]:
    """The numbers of that kind by answer; a number that comes again begins an older answer."""
    if kind is None and about:
        kind = about[0].kind
    answers: list[list[str]] = []
    number_of_answer: int | None = None
    for one in about:
        if one.kind != kind:
            continue
        if not answers or one.answer != number_of_answer or one.number in answers[-1]:
            answers.append([])
            number_of_answer = one.answer
        answers[-1].append(one.number)
    return answers
