"""What SendGrid delivered, in our words: its events about our mails, and the mails people send us."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from channels.email_reading import read_mail
from channels.mail_message import one_line
from channels.mail_status import status_in
from channels.sendgrid_form import form_of
from channels.sendgrid_rebuilt import rebuilt
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Heard, Noise, Sense, Word
from o2c_core.conversations.setback import Setback

_WHY_CHARACTERS_MAX = 500
_Refuses = Literal["spam", "unsubscribe", "resubscribe"]


@dataclass(frozen=True)
class _Row:
    """What an event says of the message, and what it says of the person."""

    state: Literal["sent", "delivered", "failed"] | None = None
    setback: Setback | None = None
    refuses: _Refuses | None = None


# Source: twilio.com/docs/sendgrid/for-developers/tracking-events/event. A bounce of the type "blocked" is not for good.
_EVENTS: dict[str, _Row] = {
    "processed": _Row("sent"),
    "deferred": _Row(),
    "delivered": _Row("delivered"),
    "bounce": _Row("failed", Setback.BAD_ADDRESS),
    "bounce/blocked": _Row("failed", Setback.BLOCKED),
    "dropped": _Row("failed", Setback.UNKNOWN),
    "spamreport": _Row(refuses="spam"),
    "unsubscribe": _Row(refuses="unsubscribe"),
    "group_unsubscribe": _Row(refuses="unsubscribe"),
    "group_resubscribe": _Row(refuses="resubscribe"),
}
# Why SendGrid drops a mail without trying: words its reason begins with.
_DROPS: dict[str, _Row] = {
    "bounced address": _Row("failed", Setback.BAD_ADDRESS),
    "invalid smtpapi": _Row("failed", Setback.CONTENT),
    "invalid": _Row("failed", Setback.BAD_ADDRESS),
    "unsubscribed address": _Row("failed", Setback.OPTED_OUT, "unsubscribe"),
    "spam reporting address": _Row("failed", Setback.OPTED_OUT, "spam"),
    "spam content": _Row("failed", Setback.CONTENT),
    "recipient list over package quota": _Row("failed", Setback.SETTINGS),
}
# Mail programs and scanners open and click by themselves: no proof that anybody read, and never a consent.
_NO_PROOF = ("open", "click")


def read_sendgrid(arrival: Arrival, *, doorplate: Doorplate, own_addresses: Collection[str]) -> Sense:
    """The sense of an arrival from SendGrid; it raises nothing, whatever was posted."""
    if arrival.kind == "word":
        return _word(arrival)
    return _heard(arrival, doorplate, own_addresses)


def _word(arrival: Arrival) -> Sense:
    event = arrival.payload
    name = _text(event, "event").lower()
    if name in _NO_PROOF:
        return Noise(f"an event that proves nothing: {name}")
    row = _row_of(name, event)
    if row is None:
        return Noise(f"an event we do not know: {one_line(name)[:40] or 'none'}")
    message_id = _uuid(_text(event, "o2c_message"))
    # SendGrid's id of the request; what follows the first dot is about one recipient.
    carrier_key = _text(event, "sg_message_id").partition(".")[0] or None
    address = _text(event, "email").strip().lower() or None
    if message_id is None and carrier_key is None and not (row.refuses and address):
        return Noise("an event about no message of ours")
    reason = _text(event, "reason") or _text(event, "response")
    return Word(
        carrier="sendgrid",
        key=arrival.sender_key,
        carrier_key=carrier_key,
        message_id=message_id,
        state=row.state,
        at=_moment(event.get("timestamp")),
        address=address,
        setback=row.setback,
        code=(status_in(_text(event, "status")) or status_in(reason)) if row.setback else None,
        why=one_line(reason)[:_WHY_CHARACTERS_MAX],
        refuses=row.refuses,
    )


def _row_of(name: str, event: Mapping[str, Any]) -> _Row | None:
    if name == "bounce" and _text(event, "type").lower() == "blocked":
        return _EVENTS["bounce/blocked"]
    if name == "dropped":
        reason = _text(event, "reason").strip().lower()
        return next((row for words, row in _DROPS.items() if reason.startswith(words)), _EVENTS[name])
    return _EVENTS.get(name) if "/" not in name else None


def _heard(arrival: Arrival, doorplate: Doorplate, own_addresses: Collection[str]) -> Heard | Noise:
    mail = arrival.raw
    if arrival.payload.get("mode") != "raw":
        form = form_of(arrival.raw or b"", _text(arrival.payload, "content_type") or None)
        mail = form.mail() or rebuilt(form)
    if not mail:
        return Noise("a form that holds no mail")
    envelope = _json(_text(arrival.payload, "envelope"))
    envelope_to = envelope.get("to")
    return read_mail(
        mail,
        doorplate=doorplate,
        own_addresses=own_addresses,
        received_at=arrival.received_at,
        # An empty sender is what bounces have; no word about the sender is something else.
        envelope_from=envelope["from"] if isinstance(envelope.get("from"), str) else None,
        envelope_to=[one for one in envelope_to if isinstance(one, str)] if isinstance(envelope_to, list) else [],
        dkim=_text(arrival.payload, "dkim") or None,
        spf=_text(arrival.payload, "SPF") or None,
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(seconds: object) -> datetime | None:
    """When SendGrid says it happened; None for what is no moment."""
    if not isinstance(seconds, int | float | str) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
