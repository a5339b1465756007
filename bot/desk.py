"""What the assistant has on its desk for one turn: one customer, one day, one book of facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from bot.embedded.mentions import Mentions, find_mentions
from bot.embedded.pointing import About
from bot.embedded.understanding import Understanding
from bot.facts import FactBook
from bot.wording import say
from knowledge.index import Index
from o2c_core.actions.answer_message import Offer
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.handoff import Packet
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.remembered import Remembered
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store

# The intent under which a customer speaks of what was proposed.
INTENT_OF = {
    "invoice_copy": "invoice_copy",
    "statement": "statement",
    "promise": "promise_to_pay",
    "plan": "payment_plan",
    "dispute": "dispute_invoice",
    "complaint": "complaint",
    "cancel_order": "cancel_order",
    "change_order": "change_order",
    "change_contact": "update_contact",
}
# How many rows of a list a reader of that channel is given at once.
_ROWS = {"sms": 3, "whatsapp": 4, "chat": 5, "terminal": 8, "email": 8}


class Knowledge(Protocol):
    """Where the library's index is, if it is up right now."""

    def __call__(self) -> Index | None: ...


@dataclass
class Desk:
    """Everything a tool may use. Tools never take a customer as an argument: it is bound here, on the server.

    `customer` is set for the proven only; `known_customer` also for whoever writes from an address on record, and
    nothing about the account may be told on its strength. `words` is what there is to answer, and `before` what is
    remembered of the conversation. `asks` is the intent whose missing detail the answer asks for, with what is known
    of it already in `slots`, so that the next message can supply the rest. What is proposed goes into `offers`.
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
    channel: str = "chat"
    address: str | None = None
    contact_id: UUID | None = None
    known_customer: Customer | None = None
    doorplate: Doorplate | None = None
    understood: Understanding | None = None
    before: Remembered = field(default_factory=Remembered)
    said: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    handoff: str | None = None
    packet: Packet | None = None
    asks: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    misunderstood: bool = False
    calmed: bool = False

    @cached_property
    def mentions(self) -> Mentions:
        """The days, amounts, numbers and products that the words name, read by code."""
        country = self.customer.country if self.customer else self.seller.country
        return find_mentions(self.words, language=self.language, today=self.today, country=country)

    @property
    def about(self) -> tuple[About, ...]:
        """What the last answers spoke of, newest answer first."""
        return tuple(About(one["kind"], one["number"], one["answer"]) for one in self.before.about)

    @property
    def rows_max(self) -> int:
        """How many rows of a list fit the channel."""
        return _ROWS.get(self.channel, 5)

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """What was said before in this conversation, as (author, text), oldest first."""
        return self.before.turns

    def say(self, key: str, /, **facts: str) -> str:
        """The approved sentence in the customer's language, remembered as approved for this turn's guard."""
        sentence = say(key, self.language, **facts)
        self.said.append(sentence)
        return sentence

    def word(self, key: str) -> str:
        """An approved word or phrase without places, for use as a fact of its own (the name of a state)."""
        return say(key, self.language)

    def asks_for(self, intent: str) -> bool:
        """Whether the customer's own words ask for that, as far as code can tell: what takes effect at once needs more
        than a model that calls for it."""
        return self.understood is None or any(one.name == intent for one in self.understood.intents)

    def offer(self, kind: str, arguments: dict[str, Any], says: str) -> str:
        """Proposes exactly that; it is done once the customer agrees. The same sentence is returned, to be said.

        `arguments` are plain JSON (ids as text, money as {"minor", "currency"}, days as ISO dates).
        """
        self.offers.append(Offer(kind, arguments, says))
        return says

    def ask_for(self, intent: str, slots: Mapping[str, Any], says: str) -> str:
        """Asks for one missing detail; `slots` is what is known already and comes back as `earlier(intent)`."""
        self.asks, self.slots = intent, dict(slots)
        return says

    def earlier(self, intent: str) -> Mapping[str, Any]:
        """What was known before this message of what is wanted now: of a proposal of that intent that still waits and
        is being put right, or of a detail that we asked for."""
        waiting = self.waiting_for(intent)
        if waiting is not None:
            return waiting.arguments
        return self.before.slots if self.before.asked == intent else {}

    def waiting_for(self, intent: str) -> Proposal | None:
        """The proposal of that intent that waits for the customer's word, the newest where there are several."""
        found = [one for one in self.before.waiting if one.state == "open" and INTENT_OF[one.kind] == intent]
        return found[-1] if found else None

    def apart(self) -> Desk:
        """The same desk with nothing done yet, for an attempt that may have to be thrown away."""
        book = FactBook(self.facts.locale, self.facts.read_at, dict(self.facts.facts))
        fresh = replace(
            self, facts=book, said=list(self.said), calls=list(self.calls), offers=list(self.offers), slots={}
        )
        fresh.asks = None
        if "mentions" in self.__dict__:
            # A bare figure was perhaps read as what our question makes of it.
            fresh.__dict__["mentions"] = self.mentions
        return fresh

    def adopt(self, other: Desk) -> None:
        """Takes over what an attempt on a desk apart has read, said and proposed."""
        self.facts, self.said, self.calls, self.offers = other.facts, other.said, other.calls, other.offers
        self.handoff, self.packet = other.handoff or self.handoff, other.packet or self.packet
        self.asks, self.slots, self.misunderstood = other.asks, other.slots, other.misunderstood
