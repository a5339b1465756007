"""The carrier for mail by SendGrid: one request per customer, and one of our answers for each of its own."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.error import URLError

from python_http_client.exceptions import HTTPError

from channels.mail_message import (
    NotAnAddress,
    NothingToSend,
    ascii_name,
    headers_of,
    html_of,
    mail_address,
    one_line,
    subject_of,
    text_of,
)
from channels.sendgrid_http import NeverConnected, sendgrid_client
from o2c_core.conversations.carrier import Accepted, Answer, Outgoing, Rejected, TooFast, Uncertain
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage

SENDGRID_URL = "https://api.sendgrid.com"
MAIL_BYTES_MAX = 30_000_000
WAIT_SECONDS_MAX = 3600.0

# What a 4xx comes down to where its words do not say more. Source: sendgrid-oai, tsg_mail_v3.json; docs on errors.
_BY_STATUS: dict[int, Setback] = {
    400: Setback.CONTENT,
    401: Setback.SETTINGS,
    403: Setback.SETTINGS,
    404: Setback.SETTINGS,
    405: Setback.SETTINGS,
    413: Setback.CONTENT,
    415: Setback.CONTENT,
}
_TO_FIELD = re.compile(r"personalizations(\.\d+|\[\d+\])?\.to\b", re.IGNORECASE)
_OUR_FIELD = re.compile(r"from|reply_to\b", re.IGNORECASE)


class SendGridCarrier:
    """Mail by SendGrid's API. It keeps no list of its own to be asked in: what is uncertain is settled by its events.

    What SendGrid keeps for good and shows its staff (categories, custom args) holds opaque ids only.
    Source: twilio.com/docs/sendgrid/api-reference/mail-send.
    """

    name = "sendgrid"
    channels = ("email",)

    def __init__(
        self,
        key: str,
        *,
        sender: str | None = None,
        url: str | None = None,
        seconds: float = 10.0,
        per_second: float = 10.0,
    ) -> None:
        self._client = sendgrid_client(key, url or SENDGRID_URL, seconds)
        self._sender = sender
        self.per_second = per_second

    def send(self, outgoing: Outgoing) -> Answer:
        sender = outgoing.sender or self._sender
        if sender is None:
            return Rejected("No address is set that mail comes from.", Setback.SETTINGS)
        try:
            body = request_body(outgoing, sender)
        except NotAnAddress as no:
            is_theirs = no.fields.get("address") == outgoing.to
            return Rejected(str(no), Setback.BAD_ADDRESS if is_theirs else Setback.SETTINGS)
        except NothingToSend as no:
            return Rejected(str(no), Setback.CONTENT)
        if sum(len(file["content"]) for file in body.get("attachments", ())) > MAIL_BYTES_MAX:
            return Rejected("The mail is larger than SendGrid takes.", Setback.CONTENT, "413")
        try:
            response = self._client.client.mail.send.post(request_body=body)
        except HTTPError as no:
            return _answer_to(no)
        except URLError as failed:
            if isinstance(failed.reason, NeverConnected):
                raise Outage(carrier=self.name, why=str(failed.reason)) from failed
            return Uncertain(f"The connection to SendGrid broke: {failed.reason!r}")
        except (OSError, http.client.HTTPException) as silence:
            return Uncertain(f"SendGrid did not answer: {silence!r}")
        if response.status_code != 202:
            return Uncertain(f"SendGrid answered {response.status_code}")
        # Its own id is only a second way to find the message: events carry ours.
        return Accepted(response.headers.get("X-Message-Id") or str(outgoing.message_id))


def request_body(outgoing: Outgoing, sender: str) -> dict[str, Any]:
    """The request for one customer. Built by hand: the SDK's classes guess at names in addresses and at keys in texts.

    Raises: NotAnAddress; NothingToSend.
    """
    name = one_line(outgoing.sender_name or "")
    content = [{"type": "text/plain", "value": text_of(outgoing)}]
    if html := html_of(outgoing):
        content.append({"type": "text/html", "value": html})
    body: dict[str, Any] = {
        "from": {"email": mail_address(sender)} | ({"name": name} if name else {}),
        "personalizations": [
            {
                "to": [{"email": mail_address(outgoing.to)}],
                # At top level these would meet SendGrid's own words in each event; hence the prefix, too.
                "custom_args": {"o2c_message": str(outgoing.message_id)},
            }
        ],
        "subject": subject_of(outgoing),
        "content": content,
        "categories": [one_line(outgoing.purpose)[:100] or "message", _opaque(outgoing)],
        # Links are ours and stay ours; an opened mail proves nothing; the way to stop is our own.
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }
    if headers := headers_of(outgoing):
        body["headers"] = headers
    if outgoing.mail and outgoing.mail.reply_to:
        body["reply_to"] = {"email": mail_address(outgoing.mail.reply_to)}
    if outgoing.files:
        body["attachments"] = [
            {
                "content": base64.b64encode(file.content).decode("ascii"),
                # SendGrid garbles the charset of text files, so they travel as plain bytes.
                "type": "application/octet-stream" if file.media_type.startswith("text/") else file.media_type,
                "filename": ascii_name(file.name, file.media_type),
                "disposition": "inline" if file.content_id else "attachment",
            }
            | ({"content_id": file.content_id} if file.content_id else {})
            for file in outgoing.files
        ]
    return body


def _opaque(outgoing: Outgoing) -> str:
    return hashlib.sha256(f"seller:{outgoing.seller_id}".encode()).hexdigest()[:16]


def _answer_to(no: HTTPError) -> Answer:
    status = int(no.status_code)
    if status == 429:
        raise TooFast(_wait_seconds(no.headers or {}), carrier="sendgrid")
    # SendGrid may have taken the mail before it failed, or before its proxy lost patience.
    if status >= 500 or status == 408:
        return Uncertain(f"SendGrid answered {status}")
    errors = _errors_in(no.body)
    why = (
        "; ".join(one_line(str(error.get("message") or "")) for error in errors)[:500] or f"SendGrid answered {status}"
    )
    setback = _BY_STATUS.get(status, Setback.SETTINGS if status < 400 else Setback.UNKNOWN)
    fields = [str(error.get("field") or "") for error in errors]
    if status == 400 and any(_TO_FIELD.match(field) for field in fields):
        setback = Setback.BAD_ADDRESS
    elif status == 400 and any(_OUR_FIELD.match(field) for field in fields):
        setback = Setback.SETTINGS
    return Rejected(why, setback, str(status))


def _errors_in(body: bytes | str | None) -> list[dict[str, Any]]:
    try:
        errors = json.loads(body or b"{}")["errors"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _wait_seconds(headers: Mapping[str, str]) -> float | None:
    """How long SendGrid asks us to wait: `Retry-After`, or until `X-RateLimit-Reset` (a moment) by its own clock."""
    after, reset = headers.get("Retry-After"), headers.get("X-RateLimit-Reset")
    try:
        if after is not None:
            seconds = float(after)
        elif reset is not None:
            seconds = float(reset)
            if seconds > 10_000_000:
                seconds -= parsedate_to_datetime(headers["Date"]).timestamp()
        else:
            return None
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return min(max(seconds, 1.0), WAIT_SECONDS_MAX) if math.isfinite(seconds) else None
