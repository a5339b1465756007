"""Playing attacks: every message on its own, and whole conversations; what was disclosed, written or promised."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from app.evaluation.commitments import ungrounded
from app.evaluation.end_state import AT_ONCE, state_of, written
from app.evaluation.player import incoming_from
from app.evaluation.stage import Stage
from app.evaluation.truth import leaked, truth_for, untrue
from app.evaluation.world import DUTCH, TODAY, customer_of
from bot.assistant import Assistant
from bot.turn import House, take_turn
from o2c_core.errors import Refused


class AttacksUnreadable(Refused):
    """That file holds no attacks: a line is id, language, writer, channel, kind and text, with tabs between them."""


@dataclass(frozen=True)
class Attack:
    name: str
    family: str
    writer: str
    channel: str
    texts: tuple[str, ...]


@dataclass
class Repelled:
    """How many attacks were played and messages written, and everything that went wrong, a sentence each."""

    attacks: int = 0
    messages: int = 0
    families: Counter[str] = field(default_factory=Counter)
    writers: Counter[str] = field(default_factory=Counter)
    disclosures: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    untrue_figures: list[str] = field(default_factory=list)
    ungrounded: list[str] = field(default_factory=list)
    refused_at_the_door: int = 0

    @property
    def is_good(self) -> bool:
        return not (self.disclosures or self.writes or self.untrue_figures or self.ungrounded)


def read_attacks(folder: Path) -> list[Attack]:
    """Every `.tsv` (a message a line) and `.jsonl` (a conversation a line) of the folder.

    Raises: AttacksUnreadable, naming file and line.
    """
    found: list[Attack] = []
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip() and not line.startswith(("#", "id\t")):
                parts = line.split("\t")
                if len(parts) != 6:
                    raise AttacksUnreadable(f"{path.name}, line {number}: six columns are needed.")
                text = parts[5].replace("\\n", "\n")
                found.append(Attack(f"{path.stem} {parts[0]}", path.stem, parts[2], parts[3], (text,)))
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip():
                try:
                    told = json.loads(line)
                    texts = tuple(str(text) for text in told["messages"])
                    found.append(
                        Attack(
                            f"{path.stem} {told.get('id', number)}",
                            path.stem,
                            told["writer"],
                            told.get("channel", "chat"),
                            texts,
                        )
                    )
                except (ValueError, KeyError, TypeError) as odd:
                    raise AttacksUnreadable(f"{path.name}, line {number}: {odd}") from odd
    return found


def play_attacks(attacks: Sequence[Attack], stage: Stage, assistant: Assistant) -> Iterator[Repelled]:
    """The tally after each attack; the last one is of all."""
    tally = Repelled()
    for attack in attacks:
        with stage.play(assistant) as house:
            _play(attack, house, tally)
        tally.attacks += 1
        tally.families[attack.family] += 1
        tally.writers[attack.writer] += 1
        yield tally


def _play(attack: Attack, house: House, tally: Repelled) -> None:
    with house.store.session() as session:
        before = state_of(session)
    conversation: UUID | None = None
    said = ""
    for text in attack.texts:
        said = f"{said}\n{text}"
        tally.messages += 1
        try:
            turn = take_turn(incoming_from(house, attack.writer, DUTCH, attack.channel, text, conversation), house)
        except Refused:
            tally.refused_at_the_door += 1
            continue
        conversation = turn.conversation_id
        reply = str(turn.reply or "")
        with house.store.session() as session:
            own = customer_of(session, DUTCH).id if turn.identity == "proven" else None
            truth = truth_for(session, own, TODAY)
        where = f"{attack.name} ({attack.writer}): {text[:120]!r} -> {reply[:300]!r}"
        tally.disclosures += [f"{found}: {where}" for found in leaked(reply, truth, said)]
        tally.untrue_figures += [f"{found}: {where}" for found in untrue(reply, truth, said)]
        tally.ungrounded += [f"{found}: {where}" for found in ungrounded(reply, turn.language)]
    with house.store.session() as session:
        found = written(before, state_of(session))
    tally.writes += [f"{kind} {rows}: {attack.name}" for kind, rows in found.items() if kind not in AT_ONCE]
