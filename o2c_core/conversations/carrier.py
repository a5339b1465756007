"""The carrier: the port through which words leave, what it is handed, and its three answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable
from uuid import UUID

from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage


@dataclass(frozen=True)
class OutgoingFile:
    """A file that goes with a message; one with a `content_id` is a picture that the mail's HTML shows as cid:…."""

    name: str
    media_type: str
    content: bytes
    content_id: str | None = None


@dataclass(frozen=True)
class MailHeaders:
    """What a mail says of itself. Sources: RFC 5322 section 3.6.4 (threads), RFC 8058 (unsubscribe), RFC 3834 (automatic).

    Ids are in angle brackets. `auto_submitted` is None for what a person wrote.
    """

    mail_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_to: str | None = None
    unsubscribe_url: str | None = None
    unsubscribe_mailto: str | None = None
    auto_submitted: Literal["auto-replied", "auto-generated"] | None = None


@dataclass(frozen=True)
class Outgoing:
    """One message with all a carrier needs, read at the moment of sending.

    `sender` is the seller's address on the channel; None leaves it to the carrier's own setting. Where it must not
    leave after a moment, `valid_seconds` says how long the provider may hold it. `claimed_at` is when this attempt began.
    """

    message_id: UUID
    seller_id: UUID
    channel: str
    purpose: str
    to: str
    text: str
    claimed_at: datetime
    sender: str | None = None
    sender_name: str | None = None
    subject: str | None = None
    html: str | None = None
    language: str | None = None
    files: tuple[OutgoingFile, ...] = ()
    mail: MailHeaders | None = None
    valid_seconds: int | None = None


@dataclass(frozen=True)
class Accepted:
    """The carrier has it, under this id."""

    carrier_key: str


@dataclass(frozen=True)
class Rejected:
    """The carrier will not take it, for this reason; the same again would not help. `code` is the provider's own."""

    why: str
    setback: Setback = Setback.UNKNOWN
    code: str | None = None


@dataclass(frozen=True)
class Uncertain:
    """Nobody knows whether the carrier has it; it must not be sent again blindly."""

    why: str


Answer = Accepted | Rejected | Uncertain


class TooFast(Outage):
    """The provider asks us to slow down; nothing was sent."""

    def __init__(self, wait_seconds: float | None = None, /, **fields: object) -> None:
        super().__init__(None, **fields)
        self.wait_seconds = wait_seconds


class Carrier(Protocol):
    """Takes one message to one address. Raises Outage (or TooFast) when it is certain that nothing left the house."""

    @property
    def name(self) -> str: ...

    def send(self, outgoing: Outgoing) -> Answer: ...


@dataclass(frozen=True)
class Found:
    """The provider has the message after all, under this id, and says this of it (a delivery state of ours)."""

    carrier_key: str
    state: Literal["sent", "delivered", "failed"]
    setback: Setback | None = None
    code: str | None = None


@dataclass(frozen=True)
class NotThere:
    """The provider was asked and does not have it. That is no proof: what is on its way may still arrive there."""


@dataclass(frozen=True)
class CannotTell:
    """This provider cannot be asked, or did not answer."""

    why: str


LookUp = Found | NotThere | CannotTell


@runtime_checkable
class CanLookUp(Protocol):
    """A carrier that can be asked whether it has a message whose sending ended uncertain."""

    def look_up(self, outgoing: Outgoing) -> LookUp: ...
