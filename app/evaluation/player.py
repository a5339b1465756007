"""Playing a scenario: the customer's messages through the whole turn, and what was wrong with the answers and the end."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter
from uuid import UUID

from sqlalchemy import select

from app.evaluation.commitments import ungrounded
from app.evaluation.end_state import AT_ONCE, missing, state_of, written
from app.evaluation.scenario import Scenario, Step
from app.evaluation.stage import Stage, move_on
from app.evaluation.truth import Truth, leaked, truth_for, untrue
from app.evaluation.world import TODAY, contact_of, customer_of
from bot.assistant import Assistant
from bot.turn import House, Turn, take_turn
from o2c_core.actions.receive_message import Incoming
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address
from o2c_core.customers.seller import Seller

_CODE = re.compile(r"\b\d{6}\b")


@dataclass
class Played:
    """What came of one play. `wrong` are the scenario's own demands that were not met; figures, leaks, commitments and
    writes without agreement are counted for every play, whatever it demands."""

    name: str
    kind: str
    language: str
    replies: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    untrue_figures: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    ungrounded: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.wrong or self.untrue_figures or self.leaks or self.ungrounded or self.unconfirmed)


def play(scenario: Scenario, stage: Stage, assistant: Assistant, *, strict: bool = True) -> Played:
    """With `strict` every demand of the scenario counts; without, only what may never happen, whichever model drafts."""
    played = Played(scenario.name, scenario.kind, scenario.language)
    with stage.play(assistant) as house:
        with house.store.session() as session:
            before = state_of(session)
        conversation: UUID | None = None
        said = ""
        for step in scenario.steps:
            move_on(house, step.after_minutes)
            says = _with_code(house, step)
            said = f"{said}\n{says}"
            began = perf_counter()
            turn = take_turn(_incoming(house, scenario, says, conversation), house)
            played.milliseconds.append((perf_counter() - began) * 1000)
            conversation = turn.conversation_id
            _look(played, house, scenario, turn, said)
            if strict:
                played.wrong += _demands(step, turn)
        with house.store.session() as session:
            found = written(before, state_of(session))
    if strict:
        played.wrong += missing(scenario.end, found)
    else:
        wanted = {kind: list(rows) for kind, rows in found.items() if kind in AT_ONCE or kind in scenario.end}
        played.unconfirmed += missing(wanted, found)
    return played


def incoming_from(
    house: House, writer: str, ref: str | None, channel: str, text: str, conversation: UUID | None
) -> Incoming:
    """The message as its door would hand it in: by chat and terminal as the session says, else from the address on record."""
    with house.store.session() as session:
        seller_id = session.scalars(select(Seller.id)).one()
        customer = customer_of(session, ref) if ref is not None and writer != "stranger" else None
        address = None
        if channel in ("sms", "whatsapp", "email"):
            address = "nobody@elsewhere.example" if channel == "email" else "+31600000000"
            if customer is not None:
                kind = "email" if channel == "email" else "sms"
                known = select(Address.value).where(
                    Address.contact_id == contact_of(session, customer.id).id, Address.channel == kind
                )
                address = session.scalars(known.limit(1)).one()
        return Incoming(
            seller_id, channel, text, customer.id if customer else None, writer, conversation, address=address
        )


def _incoming(house: House, scenario: Scenario, text: str, conversation: UUID | None) -> Incoming:
    return incoming_from(house, scenario.writer, scenario.customer, scenario.channel, text, conversation)


def _with_code(house: House, step: Step) -> str:
    """What the customer writes, with the code they were sent in the place of {code}."""
    if not step.sent_code:
        return step.says
    with house.store.session() as session:
        texts = session.scalars(select(Message.text).where(Message.purpose == "code").order_by(Message.id.desc()))
        code = next((found[0] for text in texts if (found := _CODE.search(text))), "")
    return step.says.replace("{code}", code)


def _look(played: Played, house: House, scenario: Scenario, turn: Turn, said: str) -> None:
    """What may never happen, looked for in one answer."""
    reply = str(turn.reply or "")
    played.replies.append(reply)
    truth = _truth(house, scenario, turn)
    played.untrue_figures += [f"{found} in {reply!r}" for found in untrue(reply, truth, said)]
    played.leaks += [f"{found} in {reply!r}" for found in leaked(reply, truth, said)]
    played.ungrounded += [f"{found} in {reply!r}" for found in ungrounded(reply, turn.language)]


def _truth(house: House, scenario: Scenario, turn: Turn) -> Truth:
    with house.store.session() as session:
        proven = turn.identity == "proven" and scenario.customer is not None
        customer_id = customer_of(session, str(scenario.customer)).id if proven else None
        return truth_for(session, customer_id, TODAY)


def _demands(step: Step, turn: Turn) -> Iterator[str]:
    reply = str(turn.reply or "").replace("\u00a0", " ").replace("\u202f", " ")
    if step.intents is not None and set(step.intents) != set(turn.intents):
        yield f"{step.says!r} was understood as {turn.intents}, not {list(step.intents)}"
    yield from (f"{piece!r} is not in {reply!r}" for piece in step.reads if piece.lower() not in reply.lower())
    yield from (f"{piece!r} is in {reply!r}" for piece in step.not_reads if piece.lower() in reply.lower())
    kind = turn.proposal["kind"] if turn.proposal else ""
    if step.proposal is not None and kind != step.proposal:
        yield f"{step.says!r} led to the proposal {kind or 'none'}, not {step.proposal or 'none'}: {reply!r}"
    reason = turn.handoff["reason"] if turn.handoff else ""
    if step.handoff is not None and reason != step.handoff:
        yield f"{step.says!r} called a person for {reason or 'nothing'}, not {step.handoff or 'nothing'}"
    if step.language is not None and turn.language != step.language:
        yield f"{step.says!r} was answered in {turn.language}, not {step.language}"


def as_typed(scenario: Scenario, trial: int) -> Scenario:
    """The same customer on another day: the first trial as written, the others hurried, by a seed of the trial's own."""
    if trial == 0:
        return scenario
    chance = random.Random(f"{scenario.name}-{trial}")  # noqa: S311 (the same slips on every run)
    return replace(scenario, steps=tuple(replace(step, says=_hurried(step.says, chance)) for step in scenario.steps))


def _hurried(text: str, chance: random.Random) -> str:
    if chance.random() < 0.5:
        text = text.lower()
    if chance.random() < 0.5:
        text = text.rstrip(".!")
    words = text.split(" ")
    long = [number for number, word in enumerate(words) if len(word) > 6 and word.isalpha()]
    if long:
        number = chance.choice(long)
        word = words[number]
        at = chance.randrange(2, len(word) - 2)
        words[number] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)
