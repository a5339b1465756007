"""What the assistant has on its desk for one turn: one customer, one day, one book of facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from bot.facts import FactBook
from bot.wording import say
from knowledge.index import Index
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store


class Knowledge(Protocol):
    """Where the library's index is, if it is up right now."""

    def __call__(self) -> Index | None: ...


@dataclass
class Desk:
    """Everything a tool may use. Tools never take a customer as an argument: it is bound here, on the server.

    `asks` is the intent whose missing detail the answer asks for, so that the next message can supply it.
    """

    store: Store
    knowledge: Knowledge
    seller: Seller
    customer: Customer | None
    identity: str
    conversation_id: UUID
    message_id: UUID
    words: str
    language: str
    today: date
    facts: FactBook
    said: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    handoff: str | None = None
    asks: str | None = None

    def say(self, key: str, /, **facts: str) -> str:
        """The approved sentence in the customer's language, remembered as approved for this turn's guard."""
        sentence = say(key, self.language, **facts)
        self.said.append(sentence)
        return sentence

    def word(self, key: str) -> str:
        """An approved word or phrase without places, for use as a fact of its own (the name of a state)."""
        return say(key, self.language)
