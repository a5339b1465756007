"""What Twilio delivered at its doors, in our words.

Sources: twilio.com/docs/messaging/guides/webhook-request (fields); advanced-opt-out (OptOutType, default keywords);
support.twilio.com 223181748 (toll-free: YES does not start; stand-alone short codes: nothing is done).
"""

from __future__ import annotations

import mimetypes
import re
from typing import Any, Literal
from uuid import UUID

from channels.twilio_codes import STATES, setback_of
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.heard import Heard, HeardFile, Noise, Sense, Word

MEDIA_MAX = 10
NOT_FETCHED = "Files that come with a text stay with the provider and are not fetched."

_KEYWORDS: dict[str, Literal["stop", "start", "help"]] = {
    **dict.fromkeys(("stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"), "stop"),
    **dict.fromkeys(("start", "yes", "unstop"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
}
_TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)\d{7}")


def read_twilio(arrival: Arrival) -> Sense:
    """Never raises, whatever was delivered."""
    fields: dict[str, str] = {}
    for pair in arrival.payload.get("fields") or []:
        # Of a field that came twice the first counts.
        if isinstance(pair, list) and len(pair) == 2:
            fields.setdefault(str(pair[0]), str(pair[1]))
    return _word(arrival, fields) if arrival.kind == "word" else _heard(fields)


def _heard(fields: dict[str, str]) -> Sense:
    channel, sender = _split(fields.get("From", ""))
    _, receiver = _split(fields.get("To", ""))
    key = fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid")
    if channel is None:
        return Noise("A message by a channel that is not known here.")
    if not key or not sender:
        return Noise("A message without an id or a sender.")
    text = fields.get("Body", "")
    return Heard(
        channel=channel,
        key=key,
        from_address=sender,
        to_address=receiver,
        text=text,
        provider_heard=_provider_heard(fields, channel, receiver, text),
        files=_files(fields),
    )


def _split(address: str) -> tuple[Literal["sms", "whatsapp"] | None, str]:
    prefix, colon, rest = address.strip().partition(":")
    if not colon:
        return "sms", prefix
    return ("whatsapp", rest) if prefix.lower() == "whatsapp" else (None, rest)


def _provider_heard(
    fields: dict[str, str], channel: str, receiver: str, text: str
) -> Literal["stop", "start", "help"] | None:
    """What Twilio itself made of it and has answered: what it says so, or a keyword of its own as the only word.

    It knows the keywords for texts to an ordinary or toll-free number; a stand-alone short code does nothing by itself.
    """
    named = fields.get("OptOutType", "").strip().lower()
    if named in ("stop", "start", "help"):
        return named  # type: ignore[return-value]
    word = text.strip().lower()
    if channel != "sms" or not receiver.startswith("+") or (word == "yes" and _TOLL_FREE.fullmatch(receiver)):
        return None
    return _KEYWORDS.get(word)


def _files(fields: dict[str, str]) -> tuple[HeardFile, ...]:
    said = fields.get("NumMedia", "0")
    count = min(int(said), MEDIA_MAX) if said.isascii() and said.isdigit() and len(said) < 4 else 0
    kinds = [fields.get(f"MediaContentType{place}", "application/octet-stream")[:100] for place in range(count)]
    return tuple(
        HeardFile(
            name=f"file-{place}{mimetypes.guess_extension(kind) or ''}",
            media_type=kind,
            claimed_type=kind,
            size=0,
            checksum="",
            content=None,
            refused_why=NOT_FETCHED,
        )
        for place, kind in enumerate(kinds, start=1)
    )


def _word(arrival: Arrival, fields: dict[str, str]) -> Sense:
    status = (fields.get("MessageStatus") or fields.get("SmsStatus") or "").lower()
    if status not in STATES:
        return Noise("A state of a message that is not known here.")
    state = STATES[status]
    code = fields.get("ErrorCode") or None
    _, address = _split(fields.get("To", ""))
    return Word(
        carrier="twilio",
        key=arrival.sender_key,
        carrier_key=fields.get("MessageSid") or fields.get("SmsSid"),
        message_id=_uuid(arrival.payload.get("message_id")),
        state=state,
        at=arrival.received_at,
        address=address or None,
        setback=setback_of(code, status) if state == "failed" else None,
        code=code,
        why=fields.get("ErrorMessage") or fields.get("ChannelStatusMessage") or "",
    )


def _uuid(said: Any) -> UUID | None:
    try:
        return UUID(str(said))
    except ValueError:
        return None
