"""The whole turn: who is writing, what they want, what is true, what is said, and that it is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from uuid import UUID

from bot.assistant import Assistant
from bot.desk import Desk, Knowledge
from bot.embedded.abbreviations import spelled_out
from bot.embedded.letters import body_of
from bot.embedded.plan import about_paying, is_about_files, without_opt_out
from bot.embedded.understanding import Understanding, understand
from bot.facts import FactBook
from bot.gathering import Later, waits_for_more
from bot.identity import Proof, ask_for_proof, look_for_proof
from bot.outcome import Turn, answer_of, note_outcome, opened_turn, way_back
from bot.ratings import hears_rating
from bot.speaking import spoken
from bot.tools.change_codes import hear_code, is_code_for_change
from bot.tools.claims import claim_of
from bot.tools.people import call_person
from o2c_core.actions.answer_message import Answer, answer_message
from o2c_core.actions.call_person import call_person as leave_to_person
from o2c_core.actions.note_model_calls import note_model_calls
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.actions.remember_contact import remember_contact
from o2c_core.cards import without_hidden
from o2c_core.clock import today
from o2c_core.conversations.desk_said import desk_words
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.received import AT_ONCE, Received, answers_since, look_at
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.stop_words import is_everyday_word
from o2c_core.errors import Overtaken
from o2c_core.store.store import Store

__all__ = ["House", "Turn", "answer_waiting", "take_turn"]

# A person who writes mail does not need more answers in an hour; a machine that answers ours never stops.
MAILS_PER_HOUR = 5
TEXTS_PER_HOUR = 20


@dataclass(frozen=True)
class House:
    """What turns are taken with. With a `doorplate` people can prove who they are by a one-time code.

    Units: `gather_seconds` is how long a text that seems unfinished may wait for the rest.
    """

    store: Store
    knowledge: Knowledge
    assistant: Assistant
    doorplate: Doorplate | None = None
    gather_seconds: float = 0.0


def take_turn(incoming: Incoming, house: House) -> Turn:
    """The path of every message whose answer travels with the response. Message and reply are stored when it returns.

    Raises: NothingWritten; TooLong; NotFound when the conversation is not this writer's.
    """

    def taken() -> Turn:
        received = _unfinished(receive_message(incoming, store=house.store), house.store)
        if received.is_repeat or received.conversation.speaker == "agent":
            return opened_turn(received)
        return _answered(received, house)

    return _timed(taken)


def _unfinished(received: Received, store: Store) -> Received:
    """Of a message that is sent again, where it stands when its first turn did not come to its end."""
    if not received.is_repeat or received.reply is not None:
        return received
    with store.session() as session:
        return look_at(session, received.message_id, store.clock.now()) or received


def answer_waiting(message_id: UUID, house: House) -> Turn | Later | None:
    """The same for a message that a door stored: its answer is put into the outbox.

    Later when it seems unfinished and more may come. None when there is nothing to answer from here: it was answered, a
    person speaks, a later message of the same writer answers both, or so much was answered within the hour that two
    machines may be talking to each other; then a person is asked to look.
    """
    now = house.store.clock.now()
    with house.store.session() as session:
        received = look_at(session, message_id, now)
        if received is None:
            return None
        most = MAILS_PER_HOUR if received.channel == "email" else TEXTS_PER_HOUR
        is_loop = answers_since(session, received, now - timedelta(hours=1)) >= most
        later = waits_for_more(session, received, now, house.gather_seconds)
    if is_loop:
        leave_to_person(received.conversation.id, "machine", store=house.store, message_id=message_id,
                        instead_of_answering=True)  # fmt: skip
        return None
    return later or _timed(lambda: _answered(received, house))


def _answered(received: Received, house: House) -> Turn:
    """The answer, stored unless somebody overtook it; of a rating that was asked for, that it was noted."""
    if hears_rating(received, store=house.store):
        return _rated(received, house)
    was = received.version
    drafted = drafted_turn(received, house)
    turn, desk, received = drafted.turn, drafted.desk, drafted.received
    try:
        answer_message(
            answer_of(turn, received, introduces=drafted.introduces), conversation_id=turn.conversation_id,
            message_id=turn.message_id, was=was, store=house.store, way=way_back(received),
        )  # fmt: skip
    except Overtaken:
        turn.reply = None  # whoever overtook us answers this message with their own
    note_model_calls(desk.model_calls, store=house.store)
    if desk.customer is not None and desk.contact_id is not None and turn.language != desk.customer.language:
        remember_contact(desk.contact_id, language=turn.language, store=house.store)
    return turn


def _rated(received: Received, house: House) -> Turn:
    """Where people are there to read it they are thanked; a text or a mail that only says thank you is not sent."""
    turn = opened_turn(received)
    if received.channel not in AT_ONCE:
        return turn
    turn.reply = desk_words("rating_heard", turn.language)
    try:
        answer_message(
            Answer(turn.reply, turn.language), conversation_id=turn.conversation_id, message_id=turn.message_id,
            was=received.version, store=house.store, way=way_back(received),
        )  # fmt: skip
    except Overtaken:
        turn.reply = None
    return turn


@dataclass(frozen=True)
class Drafted:
    """A turn before its answer is stored: with who wrote it as far as is known by now, and whether it says who we are."""

    turn: Turn
    desk: Desk
    received: Received
    introduces: bool


def drafted_turn(received: Received, house: House) -> Drafted:
    """Who it is, what they want, what is true, what is said; the answer is not stored."""
    turn = opened_turn(received)
    key = house.doorplate.key if house.doorplate else None
    if is_code_for_change(received):
        proof = Proof(received, "\n".join(received.pending))
    else:
        proof = look_for_proof(received, turn.language, store=house.store, key=key)
    received = proof.received
    turn.identity = received.identity
    understood = _understood(proof, turn.language)
    desk = _desk(received, proof, understood, house)
    draft, question_id = _draft(desk, understood, proof, house)
    introduces = not received.conversation.introduced
    if introduces:
        name = desk.facts.text(desk.seller.name, f"seller {desk.seller.ref}")
        draft = f"{desk.say('introduction', seller=name)}\n\n{draft}"
    if not proof.is_all and desk.understood is not None:
        turn.intents = [intent.name for intent in desk.understood.intents]
    note_outcome(turn, desk, draft, question_id)
    return Drafted(turn, desk, received, introduces)


def _understood(proof: Proof, language: str) -> Understanding:
    received, words = proof.received, without_hidden(proof.words)
    understood = understand(spelled_out(body_of(words)), thread_language=language)
    if received.has_stopped or is_everyday_word(words, channel=received.channel):
        understood = without_opt_out(understood)
    return about_paying(understood) if received.hid_card else understood


def _draft(desk: Desk, understood: Understanding, proof: Proof, house: House) -> tuple[str, UUID | None]:
    """What is said, and the message that waits for what it asks."""
    question_id = proof.question_id
    heard = hear_code(desk, proof.received)
    if heard is not None:
        draft = heard
    elif proof.is_all:
        draft = desk.say(str(proof.sentence))
    elif proof.received.files and is_about_files(desk.words, understood) and claim_of(desk) is None:
        # Files with nothing to answer beside them: we do not open them, a person looks.
        call_person(desk, "sent_files")
        draft = desk.say("files.received")
    else:
        key = house.doorplate.key if house.doorplate else None
        draft, question_id = ask_for_proof(spoken(desk, understood, house.assistant), desk, proof.received, key=key)
    if proof.received.hid_card:
        draft = f"{desk.say('payment.never_cards')}\n\n{draft}"
    return draft, question_id


def _desk(received: Received, proof: Proof, understood: Understanding, house: House) -> Desk:
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
        words=proof.words,
        language=language,
        today=today(house.store.clock, seller.time_zone),
        facts=FactBook(locale, house.store.clock.now()),
        channel=received.channel,
        address=received.address,
        contact_id=_contact_of(received),
        known_customer=customer,
        doorplate=house.doorplate,
        understood=understood,
        before=received.before,
        asks=proof.asks,
    )


def _contact_of(received: Received) -> UUID | None:
    """Who writes; the conversation's contact only where it is their own address that this came from."""
    own = received.channel in AT_ONCE or received.address == received.conversation.address
    return received.contact_id or (received.conversation.contact_id if own else None)


def _timed(take: Callable[[], Turn]) -> Turn:
    began = perf_counter()
    turn = take()
    turn.milliseconds = round((perf_counter() - began) * 1000, 1)
    return turn
