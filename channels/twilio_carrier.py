"""The carrier for texts and WhatsApp by Twilio.

Sources: twilio.com/docs/messaging/api/message-resource; twilio.com/docs/api/errors/20500 (a message is not safe to send
again after a server error) and 20429; twilio.com/docs/usage/webhooks/webhooks-connection-overrides (#rc, rp);
no page of Twilio's knows an idempotency key for messages, so an uncertain send is looked up by recipient and words.
"""

from __future__ import annotations

import weakref
from datetime import timedelta
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.twilio_codes import SETBACKS, STATES, TOO_FAST, setback_of
from o2c_core.conversations.carrier import (
    Accepted,
    Answer,
    CannotTell,
    Found,
    LookUp,
    NotThere,
    Outgoing,
    Rejected,
    TooFast,
    Uncertain,
)
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage

CONNECT_SECONDS_MAX = 3.0
ANSWER_SECONDS_MAX = 10.0
VALID_SECONDS_MAX = 36_000
# Twilio's clock and ours may differ a little.
CLOCKS_DIFFER_SECONDS = 60
LISTED_MAX = 200
# By default only a failed connection is retried, and once. Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
RETRIES = "#rc=3&rp=all"


class TwilioUnreachable(Outage):
    """Twilio does not answer; nothing was sent."""


class _ServerError(Exception):
    """Twilio's side failed after it had the request."""


class _Line(HttpClient):  # type: ignore[misc]
    """The SDK's way to the network: a time limit, another address where one is set, and no log of who is written to."""

    def __init__(self, api_url: str | None, seconds: float) -> None:
        # Nothing is logged and no last request kept, so the SDK's own set-up is left out.
        self.is_async = False
        self.timeout = seconds
        self._api_url = httpx.URL(api_url) if api_url else None
        limits = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS_MAX))
        self._client = httpx.Client(timeout=limits, follow_redirects=False)
        # The SDK has no way to say that it is done with; the connections go with the line.
        weakref.finalize(self, self._client.close)

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 (the SDK's signature)
        allow_redirects: bool = False,  # noqa: ARG002
    ) -> Response:
        """Raises: TooFast; TwilioUnreachable; _ServerError; httpx.HTTPError when nobody knows what became of it."""
        try:
            answer = self._client.request(
                method.upper(),
                self._address(uri),
                params=params or None,
                data=data or None,
                headers=headers,
                auth=auth,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as silence:
            raise TwilioUnreachable from silence
        if answer.status_code == 429:
            raise TooFast(_seconds(answer.headers.get("Retry-After")))
        if answer.status_code >= 500:
            raise _ServerError(f"HTTP {answer.status_code}")
        return Response(answer.status_code, answer.text, answer.headers)

    def _address(self, uri: str) -> httpx.URL:
        url = httpx.URL(uri)
        if self._api_url is None:
            return url
        there = self._api_url
        path = there.raw_path.rstrip(b"/") + url.raw_path
        return url.copy_with(scheme=there.scheme, host=there.host, port=there.port, raw_path=path)


class TwilioCarrier:
    """Sends texts and WhatsApp messages, and finds out what became of one whose sending ended uncertain.

    A seller's own sender goes before the messaging service, and that before the configured number. WhatsApp takes free
    text only; outside its 24 hours Twilio refuses it, which comes back as "window closed". Nothing is ever scheduled
    at the provider: a payment would not cancel it there.
    """

    name = "twilio"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        messaging_service: str | None = None,
        sms_sender: str | None = None,
        whatsapp_sender: str | None = None,
        base_url: str | None = None,
        api_url: str | None = None,
        seconds: float = ANSWER_SECONDS_MAX,
        per_second: float = 1.0,
    ) -> None:
        self.per_second = per_second
        self._messaging_service = messaging_service
        self._senders = {"sms": sms_sender, "whatsapp": whatsapp_sender}
        self._base_url = base_url
        # Given an environment of its own, the SDK does not look in the process's.
        own = {"TWILIO_ACCOUNT_SID": account_sid}
        self._client = Client(account_sid, auth_token, http_client=_Line(api_url, seconds), environment=own)

    def send(self, outgoing: Outgoing) -> Answer:
        """Raises: Outage, TooFast."""
        sender = self._sender(outgoing)
        if sender is None:
            return Rejected(f"There is no sender for {outgoing.channel}.", Setback.SETTINGS)
        fields: dict[str, Any] = {"to": _on(outgoing.channel, outgoing.to), "body": outgoing.text, **sender}
        if self._base_url is not None:
            path = f"/twilio/status/{outgoing.message_id}"
            fields["status_callback"] = self._base_url.rstrip("/") + path + RETRIES
        if outgoing.valid_seconds is not None:
            fields["validity_period"] = min(max(int(outgoing.valid_seconds), 1), VALID_SECONDS_MAX)
        try:
            made = self._client.messages.create(**fields)
            carrier_key, status, code = made.sid, made.status, made.error_code
        except TwilioException as no:
            return _refusal(no)
        except Outage:
            raise
        except Exception as silence:
            # It left, and what came back says nothing we can read: only a look-up can tell.
            return Uncertain(_told(silence))
        if not isinstance(carrier_key, str) or not carrier_key:
            return Uncertain("Twilio answered without an id.")
        if STATES.get(str(status)) == "failed":
            # The first state is never called back, so nobody would hear of this one again.
            return Rejected(f"Twilio says {status}.", setback_of(code, str(status)), str(code) if code else None)
        return Accepted(carrier_key)

    def look_up(self, outgoing: Outgoing) -> LookUp:
        """Whether Twilio has a message to that number with those words since the attempt began."""
        sender = self._sender(outgoing) or {}
        # Twilio filters on when a message was sent, which one in its queue does not have yet: dates are compared here.
        asked = {"to": _on(outgoing.channel, outgoing.to), "limit": LISTED_MAX, "page_size": LISTED_MAX}
        if "from_" in sender:
            asked["from_"] = sender["from_"]
        try:
            listed = list(self._client.messages.list(**asked))
        except Exception as silence:
            return CannotTell(_told(silence))
        since = outgoing.claimed_at - timedelta(seconds=CLOCKS_DIFFER_SECONDS)
        recent = [one for one in listed if one.date_created is None or one.date_created >= since]
        matching = [
            one
            for one in recent
            if one.body == outgoing.text and str(one.direction or "outbound").startswith("outbound")
        ]
        if len(matching) > 1:
            return CannotTell(f"Twilio has {len(matching)} messages like it.")
        if not matching:
            if len(recent) == LISTED_MAX:
                return CannotTell("Twilio has more messages to that number than were looked at.")
            return NotThere()
        [found] = matching
        status = str(found.status)
        state = STATES.get(status) or "sent"
        code = str(found.error_code) if found.error_code else None
        setback = setback_of(code, status) if state == "failed" else None
        return Found(str(found.sid), state, setback, code)

    def _sender(self, outgoing: Outgoing) -> dict[str, str] | None:
        """The fields that say who it is from."""
        own = outgoing.sender
        if own is not None and own.startswith("MG"):
            return {"messaging_service_sid": own}
        # For WhatsApp a number of its own is the surer way; without one the service may hold one.
        is_for_service = outgoing.channel == "sms" or self._senders["whatsapp"] is None
        if own is None and self._messaging_service is not None and is_for_service:
            return {"messaging_service_sid": self._messaging_service}
        own = own or self._senders.get(outgoing.channel)
        return {"from_": _on(outgoing.channel, own)} if own else None


def _on(channel: str, address: str) -> str:
    """The address as Twilio knows it on that channel."""
    bare = address.removeprefix("whatsapp:")
    return f"whatsapp:{bare}" if channel == "whatsapp" else bare


def _seconds(retry_after: str | None) -> float | None:
    """What Retry-After asks for; None when it names a moment or nothing that makes sense."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _refusal(no: Any) -> Answer:
    """A clear no: by its code where that is known, else by its HTTP status.

    Raises: TooFast.
    """
    status, said = _number(getattr(no, "status", None)), _number(getattr(no, "code", None))
    if said in TOO_FAST:
        raise TooFast
    # Without a code of its own the SDK repeats the HTTP status.
    code = said if said is not None and said >= 10_000 else None
    why = str(getattr(no, "msg", None) or getattr(no, "title", None) or no)
    if code is not None and code in SETBACKS:
        return Rejected(why, SETBACKS[code], str(code))
    if status == 408:
        return Uncertain(why)
    if status in (401, 403) or (status is not None and 300 <= status < 400):
        return Rejected(why, Setback.SETTINGS, str(code) if code else None)
    if status is None or not 400 <= status < 500:
        return Uncertain(why)
    return Rejected(why, Setback.UNKNOWN, str(code) if code else None)


def _number(said: object) -> int | None:
    try:
        return int(said)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return None


def _told(silence: Exception) -> str:
    """What went wrong, in words that name nobody."""
    return f"Twilio: {type(silence).__name__}{f' ({silence})' if isinstance(silence, _ServerError) else ''}"
