"""What a thread is made of: messages with what was made of them, marks, notes, and why a person was called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.proposal import Proposal
from web.desk.called import CHANNELS, URGENCY, why_called
from web.outbox import CHANNELS_OUT
from web.receipts import Receipt, receipts_of

STATES = {
    "open": ("waits for a yes or no", "warn"),
    "confirmed": ("agreed, being done", "calm"),
    "done": ("done", "good"),
    "refused": ("could not be done", "bad"),
    "declined": ("declined", "calm"),
    "replaced": ("put right since", "calm"),
    "lapsed": ("never answered", "warn"),
}
# What became of a call of a provider's model, in words for people.
CALLS = {
    "answered": ("answered", "good"),
    "called_tools": ("looked things up", "good"),
    "refused_by_guard": ("its words were not sent: no receipt", "warn"),
    "timed_out": ("did not answer in time", "bad"),
    "failed": ("failed", "bad"),
    "nonsense": ("answered nonsense", "bad"),
    "over_limit": ("not asked: limit reached", "warn"),
}
# What intents, kinds of proposals and tools are called where their name with spaces would not do.
_NAMES = {
    "human": "a person", "out_of_scope": "something else", "policy_question": "how things work", "confirm": "yes",
    "deny": "no", "opt_out": "no more messages", "wrong_contact": "not the right person", "ask_back": "asked back",
    "update_contact": "other contact details", "change_contact": "other contact details", "plan": "payment plan",
    "promise": "promise to pay", "promise_to_pay": "promise to pay",
}  # fmt: skip
_PAPERS = {"invoice": "Invoice copy", "statement": "Statement of account"}
_PURPOSES = {
    "notice": "Notice",
    "reminder": "Reminder",
    "confirmation": "Confirmation",
    "code": "One-time code",
    "document": "Document",
}
_DELIVERED = ("received", "sent", "delivered")
# Where an outgoing message is on its way, in words for people.
ON_ITS_WAY = {
    "draft": ("waits for approval", "calm"),
    "queued": ("waits to be sent", "calm"),
    "sending": ("being sent", "calm"),
    "sent": ("sent", "calm"),
    "delivered": ("delivered", "good"),
    "failed": ("did not arrive", "bad"),
    "uncertain": ("nobody knows whether it was sent", "warn"),
    "withdrawn": ("withdrawn, not sent", "warn"),
}


def named(code: str) -> str:
    """A code of ours in words for people."""
    return _NAMES.get(code, code.replace("_", " "))


@dataclass(frozen=True)
class Said:
    """A message with what was made of it."""

    message: Message
    receipts: Sequence[Receipt]
    proposals: Sequence[Proposal]
    calls: Sequence[ModelCall]
    files: int
    is_here: bool = True

    @property
    def channel(self) -> str:
        return CHANNELS.get(self.message.channel, self.message.channel)

    @property
    def on_its_way(self) -> tuple[str, str] | None:
        """Of what we wrote: where it is by now, and how that looks."""
        if self.message.direction == "in" or self.message.channel in ("chat", "terminal"):
            return None
        return ON_ITS_WAY.get(self.message.delivery)

    @property
    def moved_at(self) -> datetime | None:
        return self.message.delivered_at or self.message.sent_at

    @property
    def trusted(self) -> list[str]:
        """Figures that had no receipt, and that the writer said they had checked."""
        return list(self.message.understanding.get("figures_without_receipt", ()))

    @property
    def papers(self) -> list[tuple[str, str | None]]:
        """What went along, and where one of our own files can be looked at."""
        return [
            (str(one.get("name") or "File"), f"/ledger/files/{one['id']}")
            if one.get("document") == "file"
            else (_PAPERS.get(str(one.get("document")), "Document"), None)
            for one in self.message.attachments or ()
            if one.get("document") != "pay_code"
        ]

    @property
    def at(self) -> datetime:
        return self.message.created_at

    @property
    def side(self) -> str:
        if self.message.direction == "in":
            return "customer"
        return "assistant" if self.message.author in ("assistant", "system") else "agent"

    @property
    def by(self) -> str:
        """Whose words they are; of what is sent by itself, what it is."""
        if self.side == "customer":
            return "Customer"
        if self.side == "agent":
            return self.message.author
        return _PURPOSES.get(self.message.purpose, "Assistant")

    @property
    def intents(self) -> list[str]:
        return [named(name) for name in self.message.understanding.get("intents", ())]

    @property
    def tools(self) -> list[str]:
        """What was looked up or begun, with the document it was about where one was named."""
        return [called_in_words(call) for call in self.message.understanding.get("tools", ())]

    @property
    def trouble(self) -> str | None:
        """Where the message is on its way, as long as it has not arrived."""
        return None if self.message.delivery in _DELIVERED else self.message.delivery

    @property
    def is_letter(self) -> bool:
        return self.message.direction == "out" and self.message.channel in CHANNELS_OUT


@dataclass(frozen=True)
class Mark:
    """That who speaks changed, or a person was called."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Noted:
    """A word between colleagues, which no customer reads."""

    at: datetime
    by: str
    note: str


Event = Said | Mark | Noted


@dataclass(frozen=True)
class Call:
    """Why a person is called, for whoever opens the conversation: the packet in words. `ended_by` took it over."""

    handoff: Handoff

    @property
    def packet(self) -> Mapping[str, Any]:
        return self.handoff.packet

    @property
    def why(self) -> str:
        return why_called(self.handoff)

    @property
    def more(self) -> str:
        """What was noted beyond the reason itself; empty when nothing was."""
        return "" if self.handoff.why == self.why else self.handoff.why

    @property
    def urgency(self) -> tuple[str, str]:
        return URGENCY[self.handoff.urgency]

    @property
    def wants(self) -> list[str]:
        return [named(name) for name in self.packet.get("wants", ()) if name != "out_of_scope"]

    @property
    def moods(self) -> list[str]:
        return [named(name) for name in self.packet.get("mood", ())]

    @property
    def tried(self) -> list[str]:
        return [called_in_words(call) for call in self.packet.get("tried", ()) if call.get("name") != "call_person"]

    @property
    def proposals(self) -> list[tuple[str, str]]:
        return [(named(one["kind"]), STATES[one["state"]][0]) for one in self.packet.get("proposals", ())]

    @property
    def receipts(self) -> list[Receipt]:
        return receipts_of(self.packet.get("facts", ()))


def called_in_words(call: Mapping[str, Any]) -> str:
    arguments = call.get("arguments") or {}
    numbers = arguments.get("numbers") or [arguments.get("number")]
    about = ", ".join(str(number) for number in numbers if number)
    return f"{named(str(call.get('name', '')))}{f' ({about})' if about else ''}"
