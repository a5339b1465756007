"""Twilio's Messages API as the stand-in has it: create, fetch, list, and the callbacks that follow."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.standin.faults import dice
from app.standin.lives import REFUSALS, Step, life_of_text, refusal
from app.standin.post import moments
from app.standin.record import Kept
from app.standin.signing import sign_form
from app.standin.stage import Stage
from o2c_core.keys import new_key

API = "/2010-04-01/Accounts/{account}/Messages"
BODY_CHARACTERS_MAX = 1600
_ROOM = {"To": 21604, "Body": 21602}
_STOPS = ("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL")
_STARTS = ("START", "YES", "UNSTOP")


class Twilio:
    """The routes under Twilio's address. Source: twilio.com/docs/messaging/api/message-resource"""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.routes = [
            Route(f"{API}.json", self._create, methods=["POST"]),
            Route(f"{API}.json", self._list, methods=["GET"]),
            Route(f"{API}/{{sid}}.json", self._fetch, methods=["GET"]),
        ]

    async def _create(self, request: Request) -> Response:
        if (no := self._stranger(request)) is not None:
            return no
        form = {name: str(value) for name, value in (await request.form()).items()}
        ours = _ours(form.get("StatusCallback"))
        befallen = self._stage.befalls("twilio", ours or f"{form.get('To')} {form.get('Body')}")
        if befallen == "too_many":
            wait = self._stage.faults.retry_after_seconds
            return _problem(429, 20429, "Too Many Requests", {"Retry-After": str(wait)})
        if befallen == "error_before":
            return _problem(500, 20500, "Internal Server Error")
        if befallen in ("silent_before", "hang_up_before"):
            return self._stage.unanswered(befallen, request) or Response()
        refused = self._refusal(form)
        if refused is not None:
            return _problem(400, refused, REFUSALS.get(refused, "A parameter is missing or wrong."))
        kept = self._accept(form, ours)
        if befallen == "error_after":
            return _problem(500, 20500, "Internal Server Error")
        return self._stage.unanswered(befallen, request) or JSONResponse(self._shown(kept), 201)

    async def _fetch(self, request: Request) -> Response:
        if (no := self._stranger(request)) is not None:
            return no
        kept = self._stage.record.kept.get(request.path_params["sid"])
        if kept is None or kept.provider != "twilio":
            return _problem(404, 20404, f"The requested resource {request.url.path} was not found")
        return JSONResponse(self._shown(kept))

    async def _list(self, request: Request) -> Response:
        if (no := self._stranger(request)) is not None:
            return no
        asked = request.query_params
        thrown = dice(self._stage.seed, "list", self._stage.record.try_of(f"list {asked}"))
        if thrown.random() < self._stage.faults.looking_up_fails:
            self._stage.record.requests["twilio list refused"] += 1
            return _problem(503, 20503, "Service Unavailable")
        self._stage.record.requests["twilio list"] += 1
        listed_until = self._stage.clock.now() - timedelta(seconds=self._stage.faults.unlisted_seconds)
        found = [
            one
            for one in self._stage.record.sent_to(asked.get("To"))
            if one.provider == "twilio" and one.at <= listed_until and _matches(one, asked)
        ]
        size = min(1000, max(1, int(asked.get("PageSize", "50"))))
        page = int(asked.get("Page", "0"))
        shown = found[page * size : (page + 1) * size]
        path = request.url.path
        rest = urlencode([(name, value) for name, value in asked.multi_items() if name not in ("Page", "PageSize")])
        is_last = (page + 1) * size >= len(found)
        return JSONResponse(
            {
                "messages": [self._shown(one) for one in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + max(0, len(shown) - 1),
                "uri": f"{path}?{rest}&PageSize={size}&Page={page}",
                "first_page_uri": f"{path}?{rest}&PageSize={size}&Page=0",
                "next_page_uri": None if is_last else f"{path}?{rest}&PageSize={size}&Page={page + 1}",
                "previous_page_uri": f"{path}?{rest}&PageSize={size}&Page={page - 1}" if page else None,
            }
        )

    def _stranger(self, request: Request) -> Response | None:
        """The refusal of a caller who is not the account."""
        accounts = self._stage.accounts
        expected = f"{accounts.twilio_account_sid}:{accounts.twilio_auth_token}"
        try:
            said = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        except (binascii.Error, UnicodeDecodeError):
            said = ""
        is_ours = request.path_params["account"] == accounts.twilio_account_sid
        if is_ours and hmac.compare_digest(said.encode(), expected.encode()):
            return None
        return _problem(401, 20003, "Authenticate")

    def _refusal(self, form: Mapping[str, str]) -> int | None:
        """Twilio's code for what cannot be sent. Source: twilio.com/docs/api/errors"""
        to, sender = form.get("To", ""), form.get("From")
        for name, code in _ROOM.items():
            if not form.get(name) and not (name == "Body" and (form.get("MediaUrl") or form.get("ContentSid"))):
                return code
        if sender is None and not form.get("MessagingServiceSid"):
            return 21603
        if len(form.get("Body", "")) > BODY_CHARACTERS_MAX:
            return 21617
        if sender is not None and to.startswith("whatsapp:") != sender.startswith("whatsapp:"):
            return 21910
        callback = urlsplit(form.get("StatusCallback", "https://parley.example/"))
        if callback.scheme not in ("http", "https") or not callback.hostname:
            return 21609
        if not re.fullmatch(r"(whatsapp:)?\+[1-9]\d{6,14}", to):
            return 21211
        if to in self._stage.record.opted_out:
            return 21610
        return refusal(to, sender)

    def _accept(self, form: dict[str, str], ours: str | None) -> Kept:
        """Takes the message, sets its life going and plans the callbacks about it."""
        stage = self._stage
        now = stage.clock.now()
        kept = Kept("twilio", f"SM{new_key().hex}", ours, form["To"], form, "", now)
        thrown = dice(stage.seed, "life", ours or kept.key)
        life = life_of_text(
            kept.to,
            by_service="MessagingServiceSid" in form,
            thrown=thrown,
            undelivered=stage.faults.undelivered,
        )
        kept.state = life[0].state
        stage.record.accept(kept)
        stage.postman.later(0, lambda: self._live(kept, life[1:]))
        callback = form.get("StatusCallback")
        if callback is not None:
            for at, step, oddity in moments(life[1:], stage.faults, thrown):
                if oddity:
                    stage.record.callbacks[oddity] += 1
                if oddity != "lost":
                    stage.postman.later(at, lambda step=step: self._tell(kept, step, callback))  # type: ignore[misc]
        return kept

    async def _live(self, kept: Kept, life: Sequence[Step]) -> None:
        for step in life:
            await asyncio.sleep(self._stage.faults.callback_seconds)
            kept.state, kept.code = step.state, step.code
            if kept.sent_at is None and step.state != "queued":
                kept.sent_at = self._stage.clock.now()

    async def _tell(self, kept: Kept, step: Step, callback: str) -> None:
        fields = {
            "AccountSid": self._stage.accounts.twilio_account_sid,
            "ApiVersion": "2010-04-01",
            "From": kept.fields.get("From", "+15017122661"),
            "MessageSid": kept.key,
            "MessageStatus": step.state,
            "SmsSid": kept.key,
            "SmsStatus": step.state,
            "To": kept.to,
        }
        if "MessagingServiceSid" in kept.fields:
            fields["MessagingServiceSid"] = kept.fields["MessagingServiceSid"]
        if step.code is not None:
            fields["ErrorCode"] = str(step.code)
        await self.post_form(callback, fields)

    async def say(self, from_number: str, to_number: str, body: str) -> str:
        """Somebody writes to one of our numbers: the provider minds its own keywords and posts the message to our door.

        Source: twilio.com/docs/messaging/tutorials/advanced-opt-out
        """
        word = body.strip().upper()
        if word in _STOPS:
            self._stage.record.opted_out.add(from_number)
        elif word in _STARTS:
            self._stage.record.opted_out.discard(from_number)
        fields = inbound_fields(self._stage.accounts.twilio_account_sid, from_number, to_number, body)
        url = f"{self._stage.accounts.doors_url}/twilio/messages"
        for at, _, oddity in moments([fields], self._stage.faults, dice(self._stage.seed, "say", fields["MessageSid"])):
            if oddity != "lost":
                self._stage.postman.later(at, lambda: self.post_form(url, fields))
        return fields["MessageSid"]

    async def post_form(self, url: str, fields: Mapping[str, str]) -> None:
        """Posts a signed form to a door."""
        await self._stage.postman.post_as_asked(
            url,
            urlencode(fields).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "I-Twilio-Idempotency-Token": str(new_key()),
                "X-Twilio-Signature": sign_form(self._stage.accounts.twilio_auth_token, url, fields.items()),
            },
        )

    def _shown(self, kept: Kept) -> dict[str, Any]:
        path = f"/2010-04-01/Accounts/{self._stage.accounts.twilio_account_sid}/Messages/{kept.key}"
        return {
            "account_sid": self._stage.accounts.twilio_account_sid,
            "api_version": "2010-04-01",
            "body": kept.fields.get("Body", ""),
            "date_created": format_datetime(kept.at),
            "date_sent": format_datetime(kept.sent_at) if kept.sent_at else None,
            "date_updated": format_datetime(kept.sent_at or kept.at),
            "direction": "outbound-api",
            "error_code": kept.code,
            "error_message": None,
            "from": kept.fields.get("From"),
            "messaging_service_sid": kept.fields.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "0" if kept.state == "accepted" else "1",
            "price": None,
            "price_unit": "USD",
            "sid": kept.key,
            "status": kept.state,
            "subresource_uris": {"media": f"{path}/Media.json"},
            "to": kept.to,
            "uri": f"{path}.json",
        }


def inbound_fields(account: str, from_number: str, to_number: str, body: str) -> dict[str, str]:
    """The form Twilio posts when a text comes in. Source: twilio.com/docs/messaging/guides/webhook-request"""
    sid = f"SM{new_key().hex}"
    return {
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": from_number,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to_number,
    }


def _ours(callback: str | None) -> str | None:
    """The id in the status callback's address, which is how the sender knows the message."""
    path = urlsplit(callback or "").path
    return path.rpartition("/")[2] or None


def _matches(kept: Kept, asked: Mapping[str, str]) -> bool:
    """Whether a list asked for this way holds it. What has not been sent yet has no day of sending to be found by."""
    if "From" in asked and kept.fields.get("From") != asked["From"]:
        return False
    for name in ("DateSent", "DateSent>", "DateSent<"):
        if name not in asked:
            continue
        if kept.sent_at is None:
            return False
        since, until = _span(asked[name])
        if name == "DateSent>" and kept.sent_at < since:
            return False
        if name == "DateSent<" and kept.sent_at >= until:
            return False
        if name == "DateSent" and not since <= kept.sent_at < until:
            return False
    return True


def _span(text: str) -> tuple[datetime, datetime]:
    """The day, or the second, a filter names."""
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return moment, moment + (timedelta(days=1) if len(text) == len("2026-03-16") else timedelta(seconds=1))


def _problem(status: int, code: int, why: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": why, "more_info": more, "status": status}, status, headers)
