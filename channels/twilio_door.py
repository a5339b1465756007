"""Twilio's doors: what it calls when somebody wrote to us, and when something became of a message of ours.

Sources: twilio.com/docs/usage/webhooks/webhooks-security; twilio/request_validator.py (SDK 9.13).
Everything is stored under Twilio's own id and answered at once; sense is made of it later, by a job.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from channels.twilio_gathering import Gathering
from o2c_core.actions.count_refusal import count_refusal
from o2c_core.actions.keep_arrivals import Arrived
from o2c_core.store.store import Store

BODY_BYTES_MAX = 64 * 1024
KEY_CHARACTERS_MAX = 200
EMPTY_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

Fields = list[tuple[str, str]]


class _Refusal(Exception):
    """A request the door turns away."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why


def twilio_router(
    *, store: Store, base_url: str | None, auth_token: str | None, webhook_key: str | None = None
) -> APIRouter:
    """`POST /twilio/messages` and `POST /twilio/status/{message_id}`.

    Signatures are checked over the public address from the settings, never over what a proxy made of it. Without a
    token the doors are shut; there is no way to leave the check out.
    """
    check = _Check(base_url, auth_token, webhook_key)
    gathering = Gathering(store)
    router = APIRouter()

    async def taken(request: Request, arrive: Callable[[Fields], Arrived], answer: Response) -> Response:
        try:
            fields = check(request, await _body(request))
        except _Refusal as no:
            await run_in_threadpool(count_refusal, "twilio", no.why, store=store)
            return Response(status_code=no.status)
        except ClientDisconnect:
            return Response(status_code=400)
        await gathering.keep(arrive(fields))
        return answer

    async def messages(request: Request) -> Response:
        return await taken(request, _message, Response(EMPTY_ANSWER, media_type="text/xml"))

    async def status(request: Request) -> Response:
        message_id: UUID = request.path_params["message_id"]
        return await taken(request, lambda fields: _word(fields, message_id), Response(status_code=204))

    # Plain routes: nothing is to be parsed before the signature has been checked, and a provider waits for no schema.
    router.add_route("/twilio/messages", messages, methods=["POST"])
    router.add_route("/twilio/status/{message_id:uuid}", status, methods=["POST"])
    return router


class _Check:
    """Whether Twilio signed a request; its fields, in the order and as often as they came.

    Raises: _Refusal.
    """

    def __init__(self, base_url: str | None, auth_token: str | None, webhook_key: str | None) -> None:
        self._base_url = base_url.rstrip("/") if base_url else None
        self._token = RequestValidator(auth_token) if auth_token else None
        self._key = RequestValidator(webhook_key) if webhook_key else None

    def __call__(self, request: Request, body: bytes) -> Fields:
        if self._base_url is None or self._token is None:
            raise _Refusal(403, "shut")
        validator, algorithm = self._signer(request)
        url = self._base_url + _path(request)
        signature = request.headers.get(SIGNATURE_HEADER, "")
        if not signature:
            raise _Refusal(403, "unsigned")
        is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
        try:
            # Every byte can be told apart again: what is not UTF-8 fails the check instead of being mended before it.
            text = body.decode()
            fields: Fields = [] if is_json else parse_qsl(text, keep_blank_values=True, errors="replace")
            if is_json and "bodySHA256" not in parse_qs(url.partition("?")[2]):
                raise _Refusal(403, "no body hash")
            is_good = validator.validate(url, text if is_json else FormData([*fields]), signature, algorithm)
        except ValueError:
            is_good = False
        if not is_good:
            raise _Refusal(403, "forged")
        return _json_fields(text) if is_json else fields

    def _signer(self, request: Request) -> tuple[RequestValidator, str]:
        """Which secret and hash it says it was signed with: the newer kind names its hash in a header."""
        settings = request.headers.get(SIGNATURE_SETTINGS_HEADER, "")
        if not settings.strip():
            assert self._token is not None
            return self._token, HMAC_SHA1
        algorithm = str(get_signature_algorithm(settings)).upper()
        is_named = re.search(r"(^|,)\s*algorithm\s*=", settings) is not None
        if not is_named or algorithm not in (HMAC_SHA1, HMAC_SHA256):
            raise _Refusal(403, "odd signature settings")
        if self._key is None:
            raise _Refusal(403, "no webhook key")
        return self._key, algorithm


async def _body(request: Request) -> bytes:
    """Raises: _Refusal when it is too large; ClientDisconnect when it is cut short."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise _Refusal(413, "too large")
    return bytes(body)


def _path(request: Request) -> str:
    """The path and query as they were received, letter for letter."""
    path: str = (request.scope.get("raw_path") or request.scope["path"].encode()).decode("latin-1").partition("?")[0]
    path = path.removeprefix(request.scope.get("root_path", ""))
    query: str = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _json_fields(text: str) -> Fields:
    try:
        said = json.loads(text)
    except ValueError:
        return [("", text)]
    if not isinstance(said, dict):
        return [("", text)]
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in said.items()]


def _first(fields: Fields, *names: str) -> str:
    return next((value for wanted in names for name, value in fields if name == wanted and value), "")


def _message(fields: Fields) -> Arrived:
    key = _first(fields, "MessageSid", "SmsMessageSid", "SmsSid")
    channel = "whatsapp" if _first(fields, "From").startswith("whatsapp:") else "sms"
    return Arrived("twilio", "message", channel, _key(key, fields), {"fields": fields})


def _word(fields: Fields, message_id: UUID) -> Arrived:
    key = _first(fields, "MessageSid", "SmsSid")
    status = _first(fields, "MessageStatus", "SmsStatus")
    channel = "whatsapp" if _first(fields, "To").startswith("whatsapp:") else "sms"
    payload = {"fields": fields, "message_id": str(message_id)}
    return Arrived("twilio", "word", channel, _key(f"{key}:{status}" if key and status else "", fields), payload)


def _key(said: str, fields: Fields) -> str:
    """Twilio's id; a fingerprint of the whole where there is none that could be one."""
    if said and len(said) <= KEY_CHARACTERS_MAX and said.isprintable():
        return said
    return hashlib.sha256(repr(fields).encode("utf-8", "surrogatepass")).hexdigest()
