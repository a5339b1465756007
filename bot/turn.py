"""The whole turn: who is writing, what they want, what is true, what is said, and that it is stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

from bot import wording
from bot.assistant import Assistant
from bot.desk import Desk, Knowledge
from bot.embedded.plan import about_paying, going_on
from bot.embedded.understanding import Understanding, understand
from bot.facts import FactBook
from bot.guard import check
from bot.tools.cases import call_person
from o2c_core.actions.answer_message import Answer, answer_message
from o2c_core.actions.receive_message import Incoming, Received, receive_message
from o2c_core.cards import without_hidden
from o2c_core.clock import today
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.errors import Overtaken, Refused
from o2c_core.store.store import Store

log = logging.getLogger("parley.turn")


@dataclass(frozen=True)
class House:
    """What turns are taken with."""

    store: Store
    knowledge: Knowledge
    assistant: Assistant


@dataclass
class Turn:
    """What came of one message. `reply` is None when a person speaks in the conversation or a later message overtook it."""

    message: str
    reply: str | None
    language: str
    identity: str
    conversation_id: UUID
    message_id: UUID
    intents: list[str] = field(default_factory=list)
    tools: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, str]] = field(default_factory=list)
    proposal: dict[str, Any] | None = None
    handoff: dict[str, str] | None = None
    milliseconds: float = 0.0
    asks: str | None = None

    def as_json(self) -> dict[str, Any]:
        names = [
            "message",
            "reply",
            "language",
            "intents",
            "tools",
            "facts",
            "proposal",
            "handoff",
            "identity",
            "milliseconds",
        ]
        return {name: getattr(self, name) for name in names}


def take_turn(incoming: Incoming, house: House) -> Turn:
    """The one path every message takes, on every channel. The message and the reply are stored when it returns.

    Raises: NothingWritten; TooLong; NotFound when the conversation is not this writer's.
    """
    began = perf_counter()
    received = receive_message(incoming, store=house.store)
    turn = _turn(received)
    if received.is_repeat or received.conversation.speaker == "agent":
        return _timed(turn, began)
    words = without_hidden("\n".join(received.pending))
    understood = going_on(understand(words, thread_language=turn.language), received.asked)
    desk = _desk(received, understood, house)
    if received.hid_card:
        understood = about_paying(understood)
    draft = _draft(desk, understood, house.assistant)
    if received.hid_card:
        draft = f"{desk.say('payment.never_cards')}\n\n{draft}"
    introduces = not received.conversation.introduced
    if introduces:
        name = desk.facts.text(desk.seller.name, f"seller {desk.seller.ref}")
        draft = f"{desk.say('introduction', seller=name)}\n\n{draft}"
    turn.reply, facts = desk.facts.render(draft)
    turn.language = desk.language
    turn.intents = [intent.name for intent in understood.intents]
    turn.tools = desk.calls
    turn.facts = [fact.as_json() for fact in facts]
    turn.handoff = {"reason": desk.handoff} if desk.handoff else None
    turn.asks = desk.asks
    try:
        answer_message(_answer(turn, introduces), conversation_id=turn.conversation_id, message_id=turn.message_id,
                       was=received.version, store=house.store)  # fmt: skip
    except Overtaken:
        turn.reply = None  # whoever overtook us answers this message with their own
    return _timed(turn, began)


def _turn(received: Received) -> Turn:
    """The turn before anything was done; of a repeat, the turn as it was stored."""
    conversation, customer, reply = received.conversation, received.customer, received.reply
    language = conversation.language or (customer.language if customer else received.seller.language)
    turn = Turn(
        received.pending[-1],
        reply.text if reply else None,
        language,
        conversation.identity,
        conversation.id,
        received.message_id,
    )
    if reply:
        turn.facts = list(reply.receipts)
        turn.intents = reply.understanding.get("intents", [])
        turn.tools = reply.understanding.get("tools", [])
        turn.handoff = reply.understanding.get("handoff")
    return turn


def _desk(received: Received, understood: Understanding, house: House) -> Desk:
    seller, customer = received.seller, received.customer
    language = understood.language if understood.language in LANGUAGES else "en"
    locale = locale_for(language, customer.country if customer else seller.country)
    return Desk(
        store=house.store,
        knowledge=house.knowledge,
        seller=seller,
        customer=customer if received.conversation.identity == "proven" else None,
        identity=received.conversation.identity,
        conversation_id=received.conversation.id,
        message_id=received.message_id,
        words="\n".join(received.pending),
        language=language,
        today=today(house.store.clock, seller.time_zone),
        facts=FactBook(locale, house.store.clock.now()),
    )


def _draft(desk: Desk, understood: Understanding, assistant: Assistant) -> str:
    """The first draft that passes the guard; when all fail, an honest sentence and a person."""
    attempts = list(assistant.drafts(desk, understood))
    while attempts:
        attempt = attempts.pop(0)
        try:
            draft = attempt()
            check(draft, desk.facts, desk.language, approved=[*desk.said, *wording.plain(desk.language)])
        except Refused as refused:
            log.warning("draft refused message=%s found=%s", desk.message_id, refused.fields.get("found"))
        except Exception as broken:
            # A provider that is out is not asked again in this turn: the last way needs none.
            log.warning("draft failed message=%s because=%r", desk.message_id, broken)
            attempts = attempts[-1:]
        else:
            if draft:
                return draft
    call_person(desk, "the assistant could not answer")
    return desk.say("trouble")


def _answer(turn: Turn, introduces: bool) -> Answer:
    understanding = {"intents": turn.intents, "tools": turn.tools, "handoff": turn.handoff, "asks": turn.asks}
    return Answer(str(turn.reply), turn.language, turn.facts, understanding, introduces)


def _timed(turn: Turn, began: float) -> Turn:
    turn.milliseconds = round((perf_counter() - began) * 1000, 1)
    return turn
