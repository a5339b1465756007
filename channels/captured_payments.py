"""The provider that plays one: a page that says no money moves, and whose buttons send a signed webhook as a real one would.

It is the provider of the demo and of tests, until a real one's keys are set. Its page stands on its own and can be served
from another address than ours, as a provider's is.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from html import escape
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature, URLSafeSerializer

from o2c_core.clock import Clock
from o2c_core.invoices.pay_provider import Asking, ForgedWord, Heard, HostedPage, ProviderDown, Standing, Word
from o2c_core.money import Money, show

SIGNATURE_HEADER = "x-captured-signature"
SECONDS = 10.0
GOOD_FOR = timedelta(hours=24)
_HERE = Path(__file__).parent
_ANSWERS: Mapping[str, Standing] = {"pay": "paid", "fail": "failed", "cancel": "cancelled"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    # The answer to the form sends the payer back to whoever asked for the payment, which may be anywhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
}

Deliver = Callable[[str, bytes, Mapping[str, str]], None]


class CapturedPayments:
    """The side of it that we know: pages are made without asking anybody, and words are checked by their signature."""

    name = "captured"
    believes_look_up = False

    def __init__(self, key: str, *, page_url: str, clock: Clock) -> None:
        self._key, self._page_url, self._clock = key, page_url.rstrip("/"), clock

    def begin(self, asking: Asking) -> HostedPage:
        key = f"captured_{int(self._clock.now().timestamp())}_{asking.id.hex}"
        asked = {
            "key": key, "id": str(asking.id), "minor": asking.amount.minor, "currency": asking.amount.currency,
            "for": asking.description, "locale": asking.locale, "back": asking.back_url, "word": asking.word_url,
        }  # fmt: skip
        return HostedPage(key, f"{self._page_url}/captured-payments/{_pages(self._key).dumps(asked)}")

    def look_up(self, key: str) -> Word | None:
        """It keeps nothing, so all it knows is whether the page is over."""
        _, seconds, id_ = key.split("_")
        is_over = self._clock.now().timestamp() > int(seconds) + GOOD_FOR.total_seconds()
        return Word(key, UUID(id_), "expired" if is_over else "open")

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Heard:
        if not hmac.compare_digest(signature(self._key, body).encode(), headers.get(SIGNATURE_HEADER, "").encode()):
            raise ForgedWord(provider=self.name)
        said = json.loads(body)
        amount = Money(int(said["minor"]), str(said["currency"]))
        return Heard(Word(str(said["key"]), UUID(said["id"]), said["standing"], amount))


def signature(key: str, body: bytes) -> str:
    """What a webhook of it carries in its header."""
    return hmac.new(f"parley-captured-word:{key}".encode(), body, hashlib.sha256).hexdigest()


def word_of(asked: Mapping[str, Any], standing: Standing) -> bytes:
    """The webhook's body for a page that was answered like that."""
    said = {name: asked[name] for name in ("key", "id", "minor", "currency")} | {"standing": standing}
    return json.dumps(said, sort_keys=True).encode()


def delivered(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Brings the webhook to our door over HTTP. Raises: ProviderDown when it was not taken."""
    try:
        httpx.post(url, content=body, headers=dict(headers), timeout=SECONDS).raise_for_status()
    except httpx.HTTPError as silence:
        raise ProviderDown(provider="captured") from silence


def captured_pages(key: str, *, deliver: Deliver = delivered) -> APIRouter:
    """The provider's side: the page, and what its buttons do."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/captured-payments/style.css")
    def style() -> Response:
        css = (_HERE / "captured_payments.css").read_text(encoding="utf-8")
        return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    @router.get("/captured-payments/{token}")
    def the_page(token: str) -> Response:
        asked = _asked(key, token)
        return _page(asked) if asked else HTMLResponse("<!doctype html><title>404</title>", 404, headers=_HEADERS)

    @router.post("/captured-payments/{token}")
    def answered(token: str, answer: Annotated[str, Form()] = "") -> Response:
        asked = _asked(key, token)
        standing = _ANSWERS.get(answer)
        if asked is None or standing is None:
            return HTMLResponse("<!doctype html><title>404</title>", 404, headers=_HEADERS)
        body = word_of(asked, standing)
        try:
            deliver(
                str(asked["word"]), body, {SIGNATURE_HEADER: signature(key, body), "Content-Type": "application/json"}
            )
        except ProviderDown:
            return _page(asked, is_undelivered=True)
        return RedirectResponse(str(asked["back"]), 303, headers=_HEADERS)

    return router


def _pages(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="parley-captured-page")


def _asked(key: str, token: str) -> dict[str, Any] | None:
    try:
        return dict(_pages(key).loads(token))
    except (BadSignature, ValueError):
        return None


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((_HERE / "captured_payments.toml").read_text(encoding="utf-8"))


def _page(asked: Mapping[str, Any], *, is_undelivered: bool = False) -> Response:
    language = str(asked["locale"])[:2]
    words = _words().get(language) or _words()["en"]
    amount = show(Money(int(asked["minor"]), str(asked["currency"])), str(asked["locale"]))
    buttons = "".join(f'<button name="answer" value="{name}">{escape(words[name])}</button>' for name in _ANSWERS)
    trouble = f'<p class="bad" role="alert">{escape(words["undelivered"])}</p>' if is_undelivered else ""
    return HTMLResponse(
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>'
        f'{escape(words["title"])}</title><link rel="stylesheet" href="style.css"></head><body><main>'
        f'<h1>{escape(words["title"])}</h1><p class="note">{escape(words["no_money"])}</p>'
        f'<p>{escape(str(asked["for"]))}</p><p class="amount">{escape(amount)}</p>{trouble}'
        f'<form method="post">{buttons}</form></main></body></html>',
        502 if is_undelivered else 200,
        headers=_HEADERS,
    )
