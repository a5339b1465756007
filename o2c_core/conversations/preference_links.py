"""Links with which somebody says how they want to be written to, without a password: signed, and with ids in them only."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from uuid import UUID

from o2c_core.conversations.doorplate import Doorplate

_LETTERS = {"email": "e", "sms": "s", "whatsapp": "w", "chat": "c"}
_CHANNELS = {letter: channel for channel, letter in _LETTERS.items()}
_KEY_LETTERS = 22
_MARK_BYTES = 6


@dataclass(frozen=True)
class Holder:
    """Whom a link was made for, and where it was sent: `mark` is that address's, which only we can compare."""

    contact_id: UUID
    channel: str
    mark: str
    purpose: str = "reminders"


def preferences_url(doorplate: Doorplate, *, contact_id: UUID | None, channel: str, address: str | None) -> str | None:
    """The page where that person chooses; None where nobody is known, or this house has no public address."""
    if contact_id is None or channel not in _LETTERS:
        return None
    return doorplate.url(
        f"/preferences/{doorplate.sign('preferences', _packed(doorplate, contact_id, channel, address))}"
    )


def unsubscribe_url(
    doorplate: Doorplate, *, contact_id: UUID | None, channel: str, address: str | None, purpose: str = "reminders"
) -> str | None:
    """The address that a mail program posts to; None where nobody is known, or this house has no public address."""
    if contact_id is None or channel not in _LETTERS:
        return None
    signed = doorplate.sign("unsubscribe", _packed(doorplate, contact_id, channel, address), purpose)
    return doorplate.url(f"/unsubscribe/{signed}")


def preferences_holder(doorplate: Doorplate, token: str) -> Holder | None:
    """Whose preferences that link opens; None when it is not ours."""
    parts = doorplate.read("preferences", token)
    return _unpacked(parts[0]) if parts and len(parts) == 1 else None


def unsubscribe_holder(doorplate: Doorplate, token: str) -> Holder | None:
    """Who unsubscribes with that link, and from what; None when it is not ours."""
    parts = doorplate.read("unsubscribe", token)
    return _unpacked(parts[0], parts[1]) if parts and len(parts) == 2 else None


def mark_of(doorplate: Doorplate, address: str) -> str:
    """A mark by which a link recognises the address it was sent to, without having it in it."""
    digest = hashlib.blake2b(address.encode(), key=doorplate.key.encode()[:64], digest_size=_MARK_BYTES)
    return _letters(digest.digest())


def _packed(doorplate: Doorplate, contact_id: UUID, channel: str, address: str | None) -> str:
    return _letters(contact_id.bytes) + _LETTERS[channel] + (mark_of(doorplate, address) if address else "")


def _unpacked(packed: str, purpose: str = "reminders") -> Holder | None:
    key, letter, mark = packed[:_KEY_LETTERS], packed[_KEY_LETTERS : _KEY_LETTERS + 1], packed[_KEY_LETTERS + 1 :]
    if letter not in _CHANNELS:
        return None
    return Holder(UUID(bytes=base64.urlsafe_b64decode(key + "==")), _CHANNELS[letter], mark, purpose)


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
