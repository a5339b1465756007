"""Stripe as the provider of payment pages: Checkout sessions, and webhooks signed with the endpoint's secret.

Sources: docs.stripe.com/checkout/fulfillment (a session may be completed while its money is still on its way: then
`payment_status` is unpaid and an `async_payment_` event follows); docs.stripe.com/webhooks (the signature is over the raw
body, five minutes long); docs.stripe.com/api/idempotent_requests; docs.stripe.com/currencies (zero-decimal currencies).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from o2c_core.invoices.pay_provider import (
    Asking,
    ForgedWord,
    Heard,
    HostedPage,
    ProviderDown,
    ProviderRefused,
    Standing,
    TakenBack,
    Word,
)
from o2c_core.money import Money, exponent

SIGNATURE_HEADER = "stripe-signature"
DESCRIPTION_CHARACTERS_MAX = 200
_OUR_ID = "online_payment"
# Stripe counts these in hundredths although they have no smaller unit, for the sake of older accounts.
_PLACES = {"ISK": 2, "UGX": 2}
_LOCALES = ("en", "nl", "de", "fr")
_EVENTS: Mapping[str, Standing] = {
    "checkout.session.async_payment_failed": "failed",
    "checkout.session.expired": "expired",
}
_PAID = ("checkout.session.completed", "checkout.session.async_payment_succeeded")


class StripePayments:
    """Checkout by Stripe's own SDK. Only its signed webhook is money: what its API answers opens a task, see the sweep."""

    name = "stripe"
    believes_look_up = False

    def __init__(self, key: str, *, webhook_key: str | None, api_url: str | None = None, seconds: float = 10.0) -> None:
        self._key, self._webhook_key, self._api_url, self._seconds = key, webhook_key, api_url, seconds

    def begin(self, asking: Asking) -> HostedPage:
        stripe = _sdk()
        mark = {_OUR_ID: str(asking.id)}
        line = {
            "quantity": 1,
            "price_data": {
                "currency": asking.amount.currency.lower(),
                "unit_amount": _units(asking.amount),
                "product_data": {"name": asking.description[:DESCRIPTION_CHARACTERS_MAX]},
            },
        }
        language = asking.locale[:2]
        params = {
            "mode": "payment",
            "line_items": [line],
            "client_reference_id": str(asking.id),
            "metadata": mark,
            # What is refunded or disputed later is told of the charge, which has its intent's metadata.
            "payment_intent_data": {"metadata": mark, "description": asking.description[:DESCRIPTION_CHARACTERS_MAX]},
            "success_url": asking.back_url,
            "cancel_url": asking.back_url,
            "locale": language if language in _LOCALES else "auto",
        }
        try:
            made = self._client().v1.checkout.sessions.create(params, {"idempotency_key": str(asking.id)})
        except (stripe.APIConnectionError, stripe.RateLimitError) as silence:
            raise ProviderDown(provider=self.name) from silence
        except stripe.StripeError as no:
            raise _said_no(no) from no
        if not made.url:
            raise ProviderRefused(provider=self.name)
        return HostedPage(made.id, made.url)

    def look_up(self, key: str) -> Word | None:
        stripe = _sdk()
        try:
            found = self._client().v1.checkout.sessions.retrieve(key)
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as no:
            raise ProviderDown(provider=self.name) from no
        session = found.to_dict()
        if session.get("payment_status") == "paid":
            return _word(session, "paid")
        return _word(session, "expired" if session.get("status") == "expired" else "open")

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Heard:
        stripe = _sdk()
        signature = headers.get(SIGNATURE_HEADER, "")
        try:
            stripe.Webhook.construct_event(body, signature, self._webhook_key or "", api_key=self._key)
            event: dict[str, Any] = json.loads(body)
        except (stripe.SignatureVerificationError, ValueError) as forged:
            raise ForgedWord(provider=self.name) from forged
        kind, about = str(event.get("type")), event.get("data", {}).get("object", {})
        if kind in _PAID:
            return Heard(_word(about, "paid" if about.get("payment_status") == "paid" else "open"))
        if kind in _EVENTS:
            return Heard(_word(about, _EVENTS[kind]))
        if kind == "charge.refunded":
            total = _money(about.get("amount_refunded"), about.get("currency"))
            # Stripe tells of each refund with the sum so far; the sum tells them apart.
            back = TakenBack("", _our_id(about), "refund", f"{about.get('id')} {total}", total)
            return Heard(taken_back=(back,))
        if kind == "charge.dispute.created":
            amount = _money(about.get("amount"), about.get("currency"))
            back = TakenBack("", self._id_of_intent(about), "dispute", str(about.get("id")), amount)
            return Heard(taken_back=(back,))
        return Heard()

    def _id_of_intent(self, dispute: Mapping[str, Any]) -> UUID | None:
        """Our id, as the disputed payment's intent keeps it: a dispute has no metadata of its own."""
        own, intent = _our_id(dispute), dispute.get("payment_intent")
        if own is not None or not isinstance(intent, str):
            return own
        stripe = _sdk()
        try:
            found = self._client().v1.payment_intents.retrieve(intent)
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as no:
            raise ProviderDown(provider=self.name) from no
        return _our_id(found.to_dict())

    def _client(self) -> Any:
        stripe = _sdk()
        # A webhook and a waiting customer are both answered soon: Stripe asks again, and the customer can transfer.
        http = stripe.RequestsClient(timeout=self._seconds)
        addresses = {"api": self._api_url.rstrip("/")} if self._api_url else None
        return stripe.StripeClient(self._key, http_client=http, base_addresses=addresses, max_network_retries=0)


def _sdk() -> Any:
    # It takes longer to load than most commands take, and hardly any needs it.
    import stripe

    return stripe


def _said_no(no: Any) -> ProviderDown | ProviderRefused:
    status = getattr(no, "http_status", None)
    is_down = status is None or status >= 500
    return ProviderDown(provider="stripe") if is_down else ProviderRefused(provider="stripe", status=status)


def _word(session: Mapping[str, Any], standing: Standing) -> Word:
    amount = _money(session.get("amount_total"), session.get("currency"))
    id_ = _our_id(session) or _uuid(session.get("client_reference_id"))
    return Word(str(session.get("id")), id_, standing, amount)


def _our_id(about: Mapping[str, Any]) -> UUID | None:
    return _uuid((about.get("metadata") or {}).get(_OUR_ID))


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _units(amount: Money) -> int:
    """The amount as Stripe counts it."""
    places = _PLACES.get(amount.currency)
    return amount.minor if places is None else amount.minor * 10 ** (places - exponent(amount.currency))


def _money(units: object, currency: object) -> Money | None:
    if not isinstance(units, int) or not isinstance(currency, str):
        return None
    code = currency.upper()
    places = _PLACES.get(code)
    if places is None:
        return Money(units, code)
    whole, rest = divmod(units, 10 ** (places - exponent(code)))
    return Money(whole, code) if rest == 0 else None
