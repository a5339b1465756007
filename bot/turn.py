"""The whole turn: who is writing, what they want, what is true, what is said, and that it is stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from bot import wording
from bot.assistant import Assistant
from bot.desk import Desk, Knowledge
from bot.embedded.plan import about_paying, going_on, is_about_files, without_opt_out
from bot.embedded.understanding import Understanding, understand
from bot.facts import FactBook
from bot.guard import check
from bot.identity import ask_for_proof, look_for_proof
from bot.tools.cases import call_person
from o2c_core.actions.answer_message import Answer, Way, answer_message
from o2c_core.actions.call_person import call_person as leave_to_person
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.cards import without_hidden
from o2c_core.clock import today
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.received import Received, answers_since, look_at
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.stop_words import is_everyday_word
from o2c_core.errors import Overtaken, Refused
from o2c_core.store.store import Store

log = logging.getLogger("parley.turn")
# A person who writes mail does not need more answers in an hour; a machine that answers ours never stops.
MAILS_PER_HOUR = 5
TEXTS_PER_HOUR = 20


@dataclass(frozen=True)
class House:
    """What turns are taken with. With a `doorplate` people can prove who they are by a one-time code."""

    store: Store
    knowledge: Knowledge
    assistant: Assistant
    doorplate: Doorplate | None = None


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
    question_id: UUID | None = None

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
    """The path of every message whose answer travels with the response. Message and reply are stored when it returns.

    Raises: NothingWritten; TooLong; NotFound when the conversation is not this writer's.
    """
    began = perf_counter()
    received = receive_message(incoming, store=house.store)
    if received.is_repeat or received.conversation.speaker == "agent":
        return _timed(_turn(received), began)
    return _timed(_answered(received, house), began)


def answer_waiting(message_id: UUID, house: House) -> Turn | None:
    """The same for a message that a door stored: its answer is put into the outbox.

    None when there is nothing to answer from here: it was answered, a person speaks, a later message of the same writer
    answers both, or so much was answered within the hour that two machines may be talking to each other; then a person
    is asked to look.
    """
    began = perf_counter()
    now = house.store.clock.now()
    with house.store.session() as session:
        received = look_at(session, message_id, now)
        if received is None:
            return None
        is_loop = answers_since(session, received, now - timedelta(hours=1)) >= _most_answers(received.channel)
    if is_loop:
        leave_to_person(
            received.conversation.id, "many answers within an hour: it may be a machine", store=house.store,
            message_id=message_id, instead_of_answering=True,
        )  # fmt: skip
        return None
    return _timed(_answered(received, house), began)


def _most_answers(channel: str) -> int:
    return MAILS_PER_HOUR if channel == "email" else TEXTS_PER_HOUR


def _answered(received: Received, house: House) -> Turn:
    """Who it is, what they want, what is true, what is said; stored unless somebody overtook it."""
    turn = _turn(received)
    was = received.version
    key = house.doorplate.key if house.doorplate else None
    proof = look_for_proof(received, turn.language, store=house.store, key=key)
    received = proof.received
    turn.identity = received.identity
    words = without_hidden(proof.words)
    understood = going_on(understand(words, thread_language=turn.language), received.asked)
    desk = _desk(received, proof.words, understood, house)
    desk.asks = proof.asks
    question_id = proof.question_id
    if received.has_stopped or is_everyday_word(words, channel=received.channel):
        understood = without_opt_out(understood)
    if received.hid_card:
        understood = about_paying(understood)
    if proof.is_all:
        draft = desk.say(str(proof.sentence))
    elif received.files and is_about_files(words, understood):
        draft = _about_files(desk)
    else:
        draft, question_id = ask_for_proof(_draft(desk, understood, house.assistant), desk, received, key=key)
    if received.hid_card:
        draft = f"{desk.say('payment.never_cards')}\n\n{draft}"
    introduces = not received.conversation.introduced
    if introduces:
        name = desk.facts.text(desk.seller.name, f"seller {desk.seller.ref}")
        draft = f"{desk.say('introduction', seller=name)}\n\n{draft}"
    turn.reply, facts = desk.facts.render(draft)
    turn.language = desk.language
    turn.intents = [] if proof.is_all else [intent.name for intent in understood.intents]
    turn.tools = desk.calls
    turn.facts = [fact.as_json() for fact in facts]
    turn.handoff = {"reason": desk.handoff} if desk.handoff else None
    turn.asks = desk.asks
    turn.question_id = question_id
    try:
        answer_message(_answer(turn, introduces), conversation_id=turn.conversation_id, message_id=turn.message_id,
                       was=was, store=house.store, way=_way(received))  # fmt: skip
    except Overtaken:
        turn.reply = None  # whoever overtook us answers this message with their own
    return turn


def _way(received: Received) -> Way:
    return Way(
        received.channel, received.address, received.contact_id, received.subject, seller_name=received.seller.name
    )


def _about_files(desk: Desk) -> str:
    """Files with nothing to answer beside them: we do not open them, a person looks."""
    call_person(desk, "sent files without words")
    return desk.say("files.received")


def _turn(received: Received) -> Turn:
    """The turn before anything was done; of a repeat, the turn as it was stored."""
    conversation, customer, reply = received.conversation, received.customer, received.reply
    language = conversation.language or (customer.language if customer else received.seller.language)
    turn = Turn(
        received.pending[-1],
        reply.text if reply else None,
        language,
        received.identity,
        conversation.id,
        received.message_id,
    )
    if reply:
        turn.facts = list(reply.receipts)
        turn.intents = reply.understanding.get("intents", [])
        turn.tools = reply.understanding.get("tools", [])
        turn.handoff = reply.understanding.get("handoff")
    return turn


def _desk(received: Received, words: str, understood: Understanding, house: House) -> Desk:
    seller, customer = received.seller, received.customer
    language = understood.language if understood.language in LANGUAGES else "en"
    locale = locale_for(language, customer.country if customer else seller.country)
    return Desk(
        store=house.store,
        knowledge=house.knowledge,
        seller=seller,
        customer=customer if received.identity == "proven" else None,
        identity=received.identity,
        conversation_id=received.conversation.id,
        message_id=received.message_id,
        words=words,
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
    if turn.question_id is not None:
        understanding["question"] = str(turn.question_id)
    return Answer(str(turn.reply), turn.language, turn.facts, understanding, introduces)


def _timed(turn: Turn, began: float) -> Turn:
    turn.milliseconds = round((perf_counter() - began) * 1000, 1)
    return turn
