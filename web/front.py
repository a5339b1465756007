"""What the front page shows: whoever somebody is there, the words of the chat, and what happened beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.figures.ageing import Ageing, ageing
from o2c_core.money import Money
from web.ledger import Happening, happenings
from web.outbox import Letter, counts, letters
from web.people import Person
from web.reader import Reader
from web.receipts import Receipt, receipts_of

LETTERS_BESIDE = 4
HAPPENINGS_BESIDE = 6
# Whoever else says something is a person of ours. "system" is the house, of the conversation itself.
AUTHORS = ("customer", "assistant", "system")


class Question(Protocol):
    """Something to try, as one customer; a visitor's question has an empty reference."""

    @property
    def customer_ref(self) -> str: ...

    @property
    def text(self) -> str: ...


Ask = Callable[[str, str], tuple[str, Sequence[Mapping[str, Any]]]]
"""Takes a chat token and what was written; gives the token to go on with and the whole conversation, each message
with author, text, facts and at (ISO 8601) as the chat's API gives them. Raises a Failure whose sentence is shown."""


@dataclass(frozen=True)
class Bubble:
    """One message of the conversation, written into the page by the server. `choices` says what kind of quick answer it
    invites: a word on an offer or on a guess; empty where any words will do."""

    author: str
    text: str
    at: datetime | None
    receipts: Sequence[Receipt]
    choices: str = ""


def bubbles(messages: Sequence[Mapping[str, Any]]) -> list[Bubble]:
    return [_bubble(message) for message in messages]


def _bubble(message: Mapping[str, Any]) -> Bubble:
    author = str(message["author"])
    at = datetime.fromisoformat(str(message["at"])) if message.get("at") else None
    return Bubble(
        author if author in AUTHORS else "agent",
        str(message["text"]),
        at,
        receipts_of(message.get("facts") or ()),
        str(message.get("choices") or ""),
    )


def starters(words: Mapping[str, Any], person: Person | None, questions: Sequence[Question]) -> list[str]:
    """What to ask first: the examples about this very customer, or else the ones anybody can ask."""
    ref = person.customer.ref if person else ""
    theirs = [question.text for question in questions if question.customer_ref == ref]
    general: list[str] = words["starters" if person else "starters_visitor"]
    return theirs or general


@dataclass(frozen=True)
class Bar:
    """One bucket of the ageing; `percent` is its part of all that is open."""

    label: str
    amount: Money
    percent: float


AGES = ("Not yet due", "1–30 days late", "31–60 days late", "61–90 days late", "Over 90 days late")


@dataclass(frozen=True)
class Book:
    """One currency's ageing with the width of its bars."""

    ageing: Ageing

    @property
    def bars(self) -> list[Bar]:
        whole = sum(max(bucket.minor, 0) for bucket in self.ageing.buckets)
        return [
            Bar(name, bucket, round(100 * max(bucket.minor, 0) / whole, 2) if whole else 0.0)
            for name, bucket in zip(AGES, self.ageing.buckets, strict=True)
        ]


def books(session: Session, seller_id: UUID, reader: Reader) -> list[Book]:
    """The ageing of every currency in which there is anything."""
    return [Book(one) for one in ageing(session, seller_id, reader.today)]


@dataclass(frozen=True)
class Beside:
    """What stands beside the chat: the outbox, the ledger's figures, and what happened last."""

    letters: Sequence[Letter]
    letters_count: int
    books: Sequence[Book]
    happenings: Sequence[Happening]


def beside(session: Session, seller_id: UUID, reader: Reader) -> Beside:
    return Beside(
        letters(session, seller_id, limit=LETTERS_BESIDE)[:LETTERS_BESIDE],
        sum(counts(session, seller_id).values()),
        books(session, seller_id, reader),
        happenings(session, seller_id, reader, HAPPENINGS_BESIDE),
    )
