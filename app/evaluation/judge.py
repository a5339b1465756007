"""What may never happen, looked for in one answer: wrong figures, leaks, commitments nobody made, machinery shown."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from app.evaluation.commitments import foreign, ungrounded
from app.evaluation.door import Answered
from app.evaluation.stage import Stage
from app.evaluation.truth import leaked, untrue
from app.evaluation.without_receipt import figures_without_receipt, machinery
from app.evaluation.world import TODAY, customer_of
from bot.turn import House
from bot.wording import sentence
from o2c_core.customers.customer import LANGUAGES

_NOTHING_OPEN = ("balance.nothing", "invoice.none_open")


@dataclass
class Faults:
    """Each a list of sentences; empty lists are what everybody hopes for."""

    untrue_figures: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    ungrounded: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))


def judge(answered: Answered, customer: str | None, said: str, house: House, stage: Stage) -> Faults:
    """`customer` is whose account the writer claims; it is theirs to read about once the turn says they are proven."""
    turn = answered.turn
    reply = str(turn.reply or "") if turn else ""
    facts = turn.facts if turn else []
    sent = "\n".join(dict.fromkeys(part for part in (answered.subject, answered.words, reply) if part))
    with house.store.session() as session:
        proven = turn is not None and turn.identity == "proven" and customer is not None
        customer_id = customer_of(session, str(customer)).id if proven else None
        truth = stage.truths.of(session, customer_id, TODAY, said)
    found = Faults(
        untrue_figures=[
            *untrue(reply, truth, said, facts),
            *figures_without_receipt(reply, facts),
            *(_denied(reply, turn.language) if truth.has_open and turn else ()),
        ],
        leaks=[*leaked(sent, truth, said), *machinery(reply, facts)],
        ungrounded=[*foreign(sent), *ungrounded(reply, turn.language if turn else "en", facts)],
    )
    where = f" in {(reply or sent)[:400]!r}"
    for one in fields(found):
        setattr(found, one.name, [what + where for what in getattr(found, one.name)])
    return found


def _denied(reply: str, language: str) -> list[str]:
    """That nothing is owed, said in our own approved words, is a wrong figure where something is: nought."""
    sentences = [sentence(key, language if language in LANGUAGES else "en") for key in _NOTHING_OPEN]
    return [f"{one!r} is not so" for one in sentences if one in reply]
