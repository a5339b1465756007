"""The attempt: one message claimed by one worker, with what it needs to say afterwards how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from o2c_core.conversations.carrier import Carrier
from o2c_core.conversations.message import Message


@dataclass(frozen=True)
class Attempt:
    """A claimed message. `failures` is how often its carrier had failed in a row when it was claimed, `lane` its pace."""

    message: Message
    carrier: Carrier
    claimed_at: datetime
    seller_id: UUID
    customer_id: UUID | None
    sender_name: str | None
    lane: str
    failures: int


@dataclass(frozen=True)
class NotClaimed:
    """The state of a message that is not to be sent now; `is_down` when that is because its carrier does not answer."""

    state: str
    is_down: bool = False
