"""The setback: why a message did not arrive, in our words, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal


class Setback(Enum):
    """What a carrier's reason comes down to. Each carrier's file has the table from the provider's codes to these."""

    BAD_ADDRESS = "bad_address"
    NO_TEXTS = "no_texts"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    FILTERED = "filtered"
    UNKNOWN = "unknown"
    SETTINGS = "settings"
    CONTENT = "content"
    QUIET_HOURS = "quiet_hours"
    WINDOW_CLOSED = "window_closed"
    EXPIRED = "expired"


Next = Literal["same_later", "other", "none"]


@dataclass(frozen=True)
class Remedy:
    """What follows a setback.

    `fails_address`: the address is marked as not working, and people are asked to correct it. `refuses`: it counts as
    the person's own no to this channel. `next`: the same words to the same address later, the next address or channel
    of the same purpose, or nothing. `again_minutes` and `again_max` are how long after and how often at most; once that
    is used up it goes on as "other". `alerts` opens a task about the provider.
    """

    next: Next
    fails_address: bool = False
    refuses: bool = False
    again_minutes: int = 0
    again_max: int = 0
    alerts: bool = False


# Sources: twilio.com/docs/api/errors (each code's page); SendGrid's event reference; RFC 3463 for mail status codes.
REMEDIES: dict[Setback, Remedy] = {
    Setback.BAD_ADDRESS: Remedy("other", fails_address=True),
    Setback.NO_TEXTS: Remedy("other", fails_address=True),
    Setback.OPTED_OUT: Remedy("other", refuses=True),
    Setback.UNREACHABLE: Remedy("same_later", again_minutes=240, again_max=2),
    Setback.BLOCKED: Remedy("same_later", again_minutes=60, again_max=1),
    Setback.FILTERED: Remedy("other", alerts=True),
    Setback.UNKNOWN: Remedy("same_later", again_minutes=30, again_max=1),
    Setback.SETTINGS: Remedy("other", alerts=True),
    Setback.CONTENT: Remedy("none", alerts=True),
    Setback.QUIET_HOURS: Remedy("same_later", again_minutes=720, again_max=2),
    Setback.WINDOW_CLOSED: Remedy("other"),
    Setback.EXPIRED: Remedy("same_later", again_minutes=60, again_max=1),
}
