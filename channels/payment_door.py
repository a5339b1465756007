"""The doors at which payment providers tell what became of a payment: `POST /webhooks/stripe`, `/webhooks/mollie` …

Nothing is believed before the adapter knows it to be the provider's. It is settled at once, in one short transaction: what
cannot be settled is answered with an error, and the provider brings it again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from o2c_core.actions.count_refusal import count_refusal
from o2c_core.actions.settle_online_payment import note_taken_back, settle_online_payment
from o2c_core.errors import Outage
from o2c_core.invoices.pay_provider import ForgedWord, PayProvider
from o2c_core.store.store import Store

log = logging.getLogger("parley.payments")
BODY_BYTES_MAX = 256 * 1024
# The doors there are; one whose provider is not set up stays shut.
DOORS = ("stripe", "mollie", "captured")


def payment_router(*, store: Store, providers: Iterable[PayProvider]) -> APIRouter:
    """The doors of those providers, and shut ones for the others."""
    by_name = {provider.name: provider for provider in providers}
    router = APIRouter()

    async def taken(request: Request) -> Response:
        name = request.url.path.rsplit("/", 1)[-1]
        provider = by_name.get(name)
        if provider is None:
            await run_in_threadpool(count_refusal, name, "shut", store=store)
            return Response(status_code=403)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        status = await run_in_threadpool(_heard, provider, body, dict(request.headers), store)
        return Response(status_code=status)

    # Plain routes: nothing is to be parsed before the signature has been checked, and a provider waits for no schema.
    for name in DOORS:
        router.add_route(f"/webhooks/{name}", taken, methods=["POST"])
    return router


def _heard(provider: PayProvider, body: bytes, headers: dict[str, str], store: Store) -> int:
    try:
        heard = provider.hear(body, headers)
    except ForgedWord:
        count_refusal(provider.name, "forged", store=store)
        return 403
    except Outage:
        return 503
    outcome = settle_online_payment(heard.word, provider=provider.name, store=store) if heard.word else "nothing"
    for back in heard.taken_back:
        note_taken_back(back, provider=provider.name, store=store)
    log.info("payment heard provider=%s outcome=%s taken_back=%d", provider.name, outcome, len(heard.taken_back))
    # Also for a payment that is not ours: somebody else's account may use this address too, and asking again helps nobody.
    return 204


async def _body(request: Request) -> bytes | None:
    """The raw bytes; None when they are too many. Raises: ClientDisconnect."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)
