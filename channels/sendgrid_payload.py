"""What SendGrid posts, as it can be kept: JSON that PostgreSQL takes, and keys by which a repeat is found."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

from channels.sendgrid_form import Form
from o2c_core.actions.keep_arrivals import Arrived

# The small fields of the form; the mail itself is kept whole, and everything else with it where it came in pieces.
KEPT_FIELDS = ("envelope", "dkim", "SPF", "sender_ip", "spam_score")
FIELD_CHARACTERS_MAX = 4_000
_DEPTH_MAX = 20
_KEY_CHARACTERS_MAX = 120
_CONTENT_FIELDS = ("headers", "from", "to", "cc", "subject", "text", "html")
_MAIL_ID = re.compile(rb"^message-id[ \t]*:[ \t]*(?:\r?\n[ \t]+)?(<[!-;=?-~]{3,300}>)", re.IGNORECASE | re.MULTILINE)


def events_in(body: bytes) -> list[Arrived]:
    """One word per event of the array. What is no event is kept too, to be looked at by people rather than lost."""
    try:
        events = json.loads(body)
    except (ValueError, RecursionError):
        return [_odd_word(body)]
    return [_word(event) for event in (events if isinstance(events, list) else [events])]


def mail_in(body: bytes, content_type: str | None, form: Form) -> Arrived:
    """The mail as it is kept: byte for byte where SendGrid posts it raw, else the whole form it came in.

    It has no id of SendGrid's: a repeat is found by its Message-ID and its content. A form's boundary is new every time,
    so that is no part of it.
    """
    mail = form.mail() if form.is_whole else None
    if mail is not None:
        mode, raw, mail_id, parts = "raw", mail, _mail_id_of(mail), [mail]
    else:
        mode, raw, mail_id = (
            ("parsed" if form.is_whole else "broken"),
            body,
            _mail_id_of(form.fields.get("headers", b"")),
        )
        parts = [form.fields.get(name, b"") for name in _CONTENT_FIELDS] + [file.content for file in form.files]
        if not form.is_whole or not any(parts):
            parts = [body]
    payload: dict[str, Any] = {"mode": mode}
    if mode != "raw":
        payload["content_type"] = content_type
    for name in KEPT_FIELDS:
        text = form.text(name)
        if text is not None:
            payload[name] = text[:FIELD_CHARACTERS_MAX]
    return Arrived("sendgrid", "message", "email", f"{mail_id}:{_hash(parts)}", keepable(payload), raw)


def keepable(value: Any, depth: int = 0) -> Any:
    """The value without what jsonb refuses: NUL, halves of characters, numbers that are none, endless nesting."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if depth == _DEPTH_MAX:
        return None
    if isinstance(value, dict):
        return {keepable(str(name)): keepable(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [keepable(one, depth + 1) for one in value]
    return value


def _word(event: Any) -> Arrived:
    if not isinstance(event, dict):
        return _odd_word(json.dumps(keepable(event)).encode())
    kept = keepable(event)
    key = kept.get("sg_event_id")
    if (
        not isinstance(key, str)
        or not key.isascii()
        or not key.isprintable()
        or not 0 < len(key) <= _KEY_CHARACTERS_MAX
    ):
        key = "hash:" + _hash([json.dumps(kept, sort_keys=True).encode()])
    return Arrived("sendgrid", "word", "email", key, kept)


def _odd_word(body: bytes) -> Arrived:
    return Arrived("sendgrid", "word", "email", "odd:" + _hash([body]), {"unreadable": True}, body)


def _mail_id_of(headers: bytes) -> str:
    """The Message-ID in a mail's headers; empty when there is none that could be one."""
    head = re.split(rb"\r?\n\r?\n", headers[:200_000], maxsplit=1)[0]
    found = _MAIL_ID.search(head)
    return found[1].decode("ascii")[:_KEY_CHARACTERS_MAX] if found else ""


def _hash(parts: list[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()
