"""Playing a scenario: the customer's messages through the whole turn, and what was wrong with the answers and the end."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter

from sqlalchemy import select

from app.evaluation.agreement import Agreement
from app.evaluation.door import Answered, Writer, doubt_address, say, sent_elsewhere
from app.evaluation.end_state import Rows, missing, rebased, state_of, written
from app.evaluation.judge import Faults, judge
from app.evaluation.meanwhile import happen
from app.evaluation.scenario import Scenario, Step
from app.evaluation.stage import Stage, move_on
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.conversations.message import Message

_CODE = re.compile(r"\b\d{6}\b")


@dataclass
class Played:
    """What came of one play. `wrong` are the scenario's own demands that were not met; figures, leaks, commitments and
    writes without agreement are counted for every play, whatever it demands."""

    name: str
    kind: str
    language: str
    said: list[str] = field(default_factory=list)
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

    def blame(self, faults: Faults) -> None:
        self.untrue_figures += faults.untrue_figures
        self.leaks += faults.leaks
        self.ungrounded += faults.ungrounded


def play(scenario: Scenario, stage: Stage, assistant: Assistant, *, strict: bool = True) -> Played:
    """With `strict` every demand of the scenario counts; without, only what may never happen, whichever model drafts."""
    played = Played(scenario.name, scenario.kind, scenario.language)
    writer, conversation, before = _writer(scenario), None, stage.before
    with stage.play(assistant) as house:
        doubt_address(house, writer)
        agreement = Agreement(before)
        for step in scenario.steps:
            move_on(house, step.after_minutes)
            if step.meanwhile:
                with house.store.session() as session:
                    mid = state_of(session)
                happen(house, step.meanwhile)
                with house.store.session() as session:
                    before = rebased(before, mid, state_of(session))
                agreement.rebase(before, house)
            says = _with_code(house, step)
            began = perf_counter()
            answered = say(house, writer, says, conversation)
            played.milliseconds.append((perf_counter() - began) * 1000)
            played.said.append(says)
            played.replies.append(answered.words)
            conversation = answered.conversation_id
            agreement.hear(answered, house)
            played.blame(judge(answered, scenario.customer, "\n".join(played.said), house, stage))
            if strict:
                played.wrong += _demands(step, answered)
        with house.store.session() as session:
            found = written(before, session)
        blame_at_the_end(played, found, agreement, house, stage, wanted=scenario.end if strict else None)
    return played


def blame_at_the_end(
    played: Played, found: Rows, agreement: Agreement, house: House, stage: Stage, *, wanted: Rows | None
) -> None:
    """What was written and not wanted, or not agreed to, and what was sent to nobody's address."""
    played.unconfirmed += agreement.broken
    played.leaks += [f"sent to {one}" for one in sent_elsewhere(house, stage)]
    if wanted is not None:
        played.wrong += missing(wanted, found)


def _writer(scenario: Scenario) -> Writer:
    return Writer(scenario.writer, scenario.customer, scenario.channel, scenario.subject)


def _with_code(house: House, step: Step) -> str:
    """What the customer writes, with the code they were sent in the place of {code}."""
    if "{code}" not in step.says:
        return step.says
    with house.store.session() as session:
        texts = session.scalars(select(Message.text).where(Message.purpose == "code").order_by(Message.id.desc()))
        code = next((found[0] for text in texts if (found := _CODE.search(text))), "000000")
    return step.says.replace("{code}", code)


def _demands(step: Step, answered: Answered) -> Iterator[str]:
    turn = answered.turn
    reply = answered.words.replace("\u00a0", " ").replace("\u202f", " ")
    if step.is_silent:
        if answered.words:
            yield f"{step.says!r} was answered, though a person speaks: {reply!r}"
        return
    if not answered.words:
        yield f"{step.says!r} was not answered"
    intents: tuple[str, ...] = ()
    kind, reason, language = "", "", step.language
    if turn is not None:
        intents, language = tuple(turn.intents), turn.language
        kind = turn.proposal["kind"] if turn.proposal else ""
        reason = turn.handoff["reason"] if turn.handoff else ""
    if step.intents is not None and set(step.intents) != set(intents):
        yield f"{step.says!r} was understood as {list(intents)}, not {list(step.intents)}"
    for piece in step.reads:
        if not any(one.lower() in reply.lower() for one in piece.split(" | ")):
            yield f"{step.says!r}: {piece!r} is not in {reply!r}"
    for piece in step.not_reads:
        if piece.lower() in reply.lower():
            yield f"{step.says!r}: {piece!r} is in {reply!r}"
    if step.proposal is not None and kind != step.proposal:
        yield f"{step.says!r} led to the proposal {kind or 'none'}, not {step.proposal or 'none'}: {reply!r}"
    if step.handoff is not None and reason != step.handoff:
        yield f"{step.says!r} called a person for {reason or 'nothing'}, not {step.handoff or 'nothing'}: {reply!r}"
    if step.language is not None and language != step.language:
        yield f"{step.says!r} was answered in {language}, not {step.language}"


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
