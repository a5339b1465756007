"""A desk in the middle of a conversation, for tests of the tools that act: what was said, offered and agreed to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.desk import Desk
from bot.embedded.understanding import Understanding, understand
from bot.facts import FactBook
from bot.guard import check
from bot.tools import DEEDS, TOOLS
from bot.tools.tool import Done
from bot.wording import plain
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.clock import today
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.remembered import Remembered
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.keys import new_key
from o2c_core.store.store import Store


class Talk:
    """One proven customer and the assistant's tools; each `says` is a message, and what was asked or offered waits.

    Whatever is said has to pass the guard, as it does in a turn.
    """

    def __init__(self, store: Store, seller: Seller, customer: Customer, language: str = "en") -> None:
        self.store, self.seller, self.customer, self.language = store, seller, customer, language
        self.before = Remembered()
        self.desk: Desk
        self._conversation = None

    def says(self, tool: str, words: str, *, understood: Understanding | None = None, **arguments: Any) -> str:
        """What the tool answers to these words, as the customer reads it."""
        received = receive_message(
            Incoming(self.seller.id, "terminal", words, self.customer.id, "proven", conversation_id=self._conversation),
            store=self.store,
        )
        self._conversation = received.conversation.id
        self.desk = Desk(
            store=self.store, knowledge=lambda: None, seller=self.seller, customer=self.customer, identity="proven",
            known_customer=self.customer, conversation_id=received.conversation.id, message_id=received.message_id,
            words=words, language=self.language, today=today(self.store.clock, self.seller.time_zone),
            facts=FactBook(locale_for(self.language, self.customer.country), self.store.clock.now()),
            before=self.before, understood=understood, channel="terminal",
        )  # fmt: skip
        draft = TOOLS[tool](self.desk, **arguments)
        check(draft, self.desk.facts, self.language, approved=[*self.desk.said, *plain(self.language)])
        self.before = replace(
            self.before, asked=self.desk.asks, slots=self.desk.slots, calmed=self.before.calmed or self.desk.calmed
        )
        if self.desk.offers:
            self.before = replace(self.before, waiting=tuple(self._proposal(offer) for offer in self.desk.offers))
        return self.rendered(draft)

    def _proposal(self, offer: Any) -> Proposal:
        return Proposal(
            id=new_key(), conversation_id=self.desk.conversation_id, customer_id=self.customer.id,
            message_id=self.desk.message_id, answer_id=self.desk.message_id, kind=offer.kind, arguments=offer.arguments,
            says=offer.says, state="open",
        )  # fmt: skip

    def agrees(self) -> Done:
        """Carries out what waits, with its sentence as the customer reads it."""
        (proposal,) = self.before.waiting
        done = DEEDS[proposal.kind](self.desk, proposal)
        check(done.says, self.desk.facts, self.language, approved=[*self.desk.said, *plain(self.language)])
        return replace(done, says=self.rendered(done.says))

    def rendered(self, draft: str) -> str:
        text, _ = self.desk.facts.render(draft)
        return text.replace("\xa0", " ").replace("\u202f", " ")

    @property
    def offered(self) -> dict[str, Any]:
        """The arguments of the one proposal this message led to; empty without one."""
        return dict(self.desk.offers[0].arguments) if self.desk.offers else {}


def angrily(words: str) -> Understanding:
    return replace(understand(words), is_angry=True)
