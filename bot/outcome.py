"""What came of one message: the reply with its receipts, and everything that is kept with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bot.desk import Desk
from o2c_core.actions.answer_message import Answer, Offer, Way
from o2c_core.conversations.choices import Choices, choices_of
from o2c_core.conversations.handoff import Packet
from o2c_core.conversations.received import Received

_SHOWN = (
    "message", "reply", "language", "intents", "tools", "facts", "proposal", "handoff", "identity", "milliseconds",
)  # fmt: skip
_DOCUMENTS = ("order", "invoice", "complaint", "dispute", "promise", "plan", "credit note")


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
    packet: Packet | None = None  # for colleagues; it is no part of what a page or the command line is told
    milliseconds: float = 0.0
    offers: tuple[Offer, ...] = ()
    understanding: dict[str, Any] = field(default_factory=dict)

    @property
    def choices(self) -> Choices | None:
        """The quick answers that the reply invites."""
        return choices_of(self.understanding)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _SHOWN}


def opened_turn(received: Received) -> Turn:
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
        turn.proposal = reply.understanding.get("proposal")
        turn.understanding = dict(reply.understanding)
    return turn


def note_outcome(turn: Turn, desk: Desk, draft: str, question_id: UUID | None) -> None:
    """Renders the draft, and puts on the turn everything the answer is kept with."""
    turn.reply, facts = desk.facts.render(draft)
    turn.language = desk.language
    turn.tools = desk.calls
    turn.facts = [fact.as_json() for fact in facts]
    turn.handoff = {"reason": desk.handoff} if desk.handoff else None
    turn.packet = desk.packet
    turn.offers = tuple(Offer(one.kind, one.arguments, desk.facts.render(one.says)[0]) for one in desk.offers)
    turn.proposal = _proposal(turn.offers)
    turn.understanding = {
        "intents": turn.intents,
        "tools": desk.calls,
        "handoff": turn.handoff,
        "asks": desk.asks,
        "about": _about(turn.facts),
    }
    if desk.slots:
        turn.understanding["slots"] = desk.slots
    if turn.proposal is not None:
        turn.understanding |= {"offers": len(turn.offers), "proposal": turn.proposal}
    if desk.misunderstood or desk.calmed:
        turn.understanding |= {"misunderstood": desk.misunderstood, "calmed": desk.calmed}
    if question_id is not None:
        turn.understanding["question"] = str(question_id)


def _proposal(offers: tuple[Offer, ...]) -> dict[str, Any] | None:
    """As the command line and pages show it: what was proposed first, and what else together with it."""
    if not offers:
        return None
    shown = [{"kind": one.kind, "arguments": one.arguments, "says": one.says} for one in offers]
    return shown[0] | ({"and": shown[1:]} if shown[1:] else {})


def _about(facts: list[dict[str, str]]) -> list[dict[str, str]]:
    """The documents the answer names, in its order: facts that are a document's own number."""
    return [
        {"kind": kind.replace(" ", "_"), "number": fact["text"]}
        for fact in facts
        for kind in _DOCUMENTS
        if fact["source"].startswith(f"{kind} {fact['text']} at ")
    ]


def answer_of(turn: Turn, received: Received, *, introduces: bool) -> Answer:
    return Answer(
        str(turn.reply), turn.language, turn.facts, turn.understanding, introduces, turn.offers,
        received.customer.id if received.customer else None,
    )  # fmt: skip


def way_back(received: Received) -> Way:
    """Back to the address the message came from."""
    return Way(
        received.channel, received.address, received.contact_id, received.subject, seller_name=received.seller.name
    )
