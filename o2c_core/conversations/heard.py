"""What a door heard, in our words: the one shape every provider's messages are translated into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from o2c_core.conversations.setback import Setback


@dataclass(frozen=True)
class HeardFile:
    """A file that came along. `content` is None where it is not kept, and `refused_why` says why."""

    name: str
    media_type: str
    claimed_type: str
    size: int
    checksum: str
    content: bytes | None
    refused_why: str | None = None


@dataclass(frozen=True)
class Bounced:
    """An address a bounce (RFC 3464) or out-of-office speaks of; `is_hard` for a status of class 5 (RFC 3463)."""

    address: str
    is_hard: bool
    status: str | None = None
    mail_id: str | None = None


AutomaticKind = Literal["out_of_office", "auto_reply", "bounce", "list", "loop"]


@dataclass(frozen=True)
class Automatic:
    """A mail no person wrote for us: never answered, and yet of use."""

    kind: AutomaticKind
    back_on: date | None = None
    deputy: str | None = None
    bounced: tuple[Bounced, ...] = ()


@dataclass(frozen=True)
class HeardMail:
    """What a mail says of itself, beyond its text.

    `thread` is the conversation its reply address names, if our signature on it is good. `is_aligned` says whether DKIM
    or SPF vouched for the domain in From. `original` is the whole text before quotes and signature were taken off. Where
    the mail asks for no automatic answer (X-Auto-Response-Suppress), `may_answer` is false: a person answers it.
    """

    mail_id: str | None
    subject: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    thread: UUID | None = None
    is_aligned: bool = False
    dkim: str | None = None
    spf: str | None = None
    automatic: Automatic | None = None
    html: str | None = None
    original: str = ""
    sender_name: str | None = None
    may_answer: bool = True


@dataclass(frozen=True)
class Heard:
    """A message somebody sent us. `text` is what is new in it; `key` the sending side's id.

    `provider_heard` is set when the provider itself recognised (and answered) a stop, start or help.
    """

    channel: Literal["sms", "whatsapp", "email"]
    key: str
    from_address: str
    to_address: str
    text: str
    provider_heard: Literal["stop", "start", "help"] | None = None
    mail: HeardMail | None = None
    files: tuple[HeardFile, ...] = ()


@dataclass(frozen=True)
class Word:
    """What a provider has to say about a message of ours.

    `message_id` is our own id where the provider hands it back, else the message is found by `carrier_key`. `state` is
    a delivery state of ours, or None where the word changes none (a deferral, an open). `refuses` is set when the
    person told the provider to stop: "spam" and "unsubscribe" are about the address, whatever became of the message.
    """

    carrier: str
    key: str
    carrier_key: str | None
    message_id: UUID | None
    state: Literal["sent", "delivered", "failed"] | None
    at: datetime | None = None
    address: str | None = None
    setback: Setback | None = None
    code: str | None = None
    why: str = ""
    refuses: Literal["spam", "unsubscribe", "resubscribe"] | None = None


@dataclass(frozen=True)
class Noise:
    """Something that arrived and means nothing to us, with the reason; it is set aside."""

    why: str


Sense = Heard | Word | Noise
