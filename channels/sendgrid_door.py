"""SendGrid's doors: what it tells of our mails, and the mails people send us. Verified, kept, and answered at once.

Which status makes SendGrid do what: any 2xx is done. A 5xx is tried again (mails for three days, events for one), so it is
what a ledger that is down gives, and nothing else. A 4xx is not tried again by the present documentation (older text said
it was), so 403 and 413 mean "not here". Redirects are not followed: a slash too many finds the same door.
Sources: twilio.com/docs/sendgrid/for-developers/parsing-email/inbound-email and …/tracking-events/event.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from channels.sendgrid_form import form_of
from channels.sendgrid_payload import events_in, mail_in
from channels.sendgrid_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, SignatureKey
from o2c_core.actions.count_refusal import count_refusal
from o2c_core.actions.keep_arrivals import keep_arrivals
from o2c_core.store.store import Store

# SendGrid takes mails of 30 MB; what the form adds to that fits between the two ways to count a megabyte.
MAIL_BYTES_MAX = 30 * 2**20
# An array of events is at most 768 KB.
EVENTS_BYTES_MAX = 4 * 2**20


_Take = Callable[[Request], Awaitable[None]]


class _Shut(Exception):
    """The request is turned away: with this status, counted for this reason."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def sendgrid_router(
    *,
    store: Store,
    events_key: str | None = None,
    inbound_key: str | None = None,
    inbound_token: str | None = None,
) -> APIRouter:
    """`POST /sendgrid/events` (signed), `POST /sendgrid/inbound` (signed), `POST /sendgrid/inbound/{token}` (secret address).

    A door whose key is not set stays shut. Raises: NotAPublicKey.
    """
    router = APIRouter(prefix="/sendgrid", tags=["sendgrid"])
    events_signed = SignatureKey(events_key) if events_key else None
    inbound_signed = SignatureKey(inbound_key) if inbound_key else None

    async def events(request: Request) -> Response:
        return await _opened(request, "sendgrid_events", take_events)

    async def inbound(request: Request) -> Response:
        return await _opened(request, "sendgrid_inbound", take_signed_mail)

    async def inbound_with_token(request: Request) -> Response:
        return await _opened(request, "sendgrid_inbound", take_mail_by_token)

    async def _opened(request: Request, door: str, take: _Take) -> Response:
        try:
            await take(request)
        except _Shut as no:
            await run_in_threadpool(count_refusal, door, no.why, store=store)
            return Response(status_code=no.status)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        return Response(status_code=200)

    async def take_events(request: Request) -> None:
        body = await _signed_body(request, events_signed, EVENTS_BYTES_MAX)
        await run_in_threadpool(lambda: keep_arrivals(events_in(body), store=store))

    async def take_signed_mail(request: Request) -> None:
        await _keep_mail(request, await _signed_body(request, inbound_signed, MAIL_BYTES_MAX))

    async def take_mail_by_token(request: Request) -> None:
        given = str(request.path_params["token"])
        if not inbound_token:
            raise _Shut(403, "shut")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), inbound_token.encode()):
            raise _Shut(403, "token")
        await _keep_mail(request, await _body(request, MAIL_BYTES_MAX))

    async def _keep_mail(request: Request, body: bytes) -> None:
        content_type = request.headers.get("content-type")
        await run_in_threadpool(
            lambda: keep_arrivals([mail_in(body, content_type, form_of(body, content_type))], store=store)
        )

    async def _signed_body(request: Request, key: SignatureKey | None, bytes_max: int) -> bytes:
        """The body, before anybody takes it for a form: what is signed is its bytes."""
        if key is None:
            raise _Shut(403, "shut")
        signature, timestamp = request.headers.get(SIGNATURE_HEADER), request.headers.get(TIMESTAMP_HEADER)
        if not signature or not timestamp:
            raise _Shut(403, "unsigned")  # and its body is not even read
        body = await _body(request, bytes_max)
        verdict = await run_in_threadpool(key.judge, body, signature, timestamp, store.clock.now())
        if verdict != "good":
            raise _Shut(403, verdict)
        return body

    for slash in ("", "/"):
        for path, door in (("/events", events), ("/inbound", inbound), ("/inbound/{token}", inbound_with_token)):
            router.add_api_route(path + slash, door, methods=["POST"], include_in_schema=not slash)
    return router


async def _body(request: Request, bytes_max: int) -> bytes:
    """The whole body, as far as it is not too large; a length that says so is believed before anything is read."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and (len(said) > 12 or int(said) > bytes_max):
        raise _Shut(413, "too large")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise _Shut(413, "too large")
    return bytes(body)
