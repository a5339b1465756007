"""Mollie as the provider of payment pages: its webhook says which payment moved, and only Mollie's API says how.

Sources: docs.mollie.com/reference/webhooks (classic: one field `id`, unsigned, so the payment is fetched with our key and
nothing else is believed); docs.mollie.com/reference/webhooks-new (next-gen: an event, signed in X-Mollie-Signature: that is
checked, and the payment is fetched all the same); docs.mollie.com/reference/get-payment (statuses).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import httpx

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
from o2c_core.money import Money, NotAnAmount, UnknownCurrency, exponent

SIGNATURE_HEADER = "x-mollie-signature"
KEY_CHARACTERS_MAX = 64
_OUR_ID = "online_payment"
# An authorized payment has been promised and not been taken.
_STANDINGS: Mapping[str, Standing] = {
    "open": "open",
    "pending": "open",
    "authorized": "open",
    "paid": "paid",
    "canceled": "cancelled",
    "expired": "expired",
    "failed": "failed",
}
_LOCALES = {"en": "en_GB", "nl": "nl_NL", "de": "de_DE", "fr": "fr_FR"}


class MolliePayments:
    """Payments by Mollie's own SDK. What its API says, asked with our key, is what there is to believe."""

    name = "mollie"
    believes_look_up = True

    def __init__(
        self, key: str, *, webhook_key: str | None = None, api_url: str | None = None, seconds: float = 10.0
    ) -> None:
        self._key, self._webhook_key, self._api_url, self._seconds = key, webhook_key, api_url, seconds

    def begin(self, asking: Asking) -> HostedPage:
        amount = asking.amount
        request = {
            "description": asking.description,
            "amount": {"currency": amount.currency, "value": f"{amount.major:.{exponent(amount.currency)}f}"},
            "redirect_url": asking.back_url,
            "webhook_url": asking.word_url,
            "metadata": {_OUR_ID: str(asking.id)},
            "locale": _LOCALES.get(asking.locale[:2], "en_GB"),
        }
        made = self._asked("create", idempotency_key=str(asking.id), payment_request=request)
        checkout = made.links.checkout
        if checkout is None:
            raise ProviderRefused(provider=self.name)
        return HostedPage(made.id, checkout.href)

    def look_up(self, key: str) -> Word | None:
        found = self._found(key)
        return _word(found) if found is not None else None

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Heard:
        key = self._meant(body, headers.get(SIGNATURE_HEADER, ""))
        found = self._found(key) if key else None
        return Heard(_word(found), _taken_back(found)) if found is not None else Heard()

    def _meant(self, body: bytes, signature: str) -> str:
        """Which payment a delivery is about. A signature that is there has to be right; one that is not there proves as
        much as the id does, which is nothing."""
        try:
            text = body.decode()
        except UnicodeDecodeError as odd:
            raise ForgedWord(provider=self.name) from odd
        if signature:
            webhooks = _sdk()[2]
            try:
                # hmac compares text only where both are ASCII.
                if self._webhook_key is None or not signature.isascii():
                    raise ForgedWord(provider=self.name)
                webhooks.SignatureValidator.validate(text, self._webhook_key, signature)
            except webhooks.InvalidSignatureException as forged:
                raise ForgedWord(provider=self.name) from forged
        key = _entity(text) or parse_qs(text, max_num_fields=10).get("id", [""])[0]
        is_a_key = key.startswith("tr_") and key[3:].isalnum() and key.isascii() and len(key) <= KEY_CHARACTERS_MAX
        return key if is_a_key else ""

    def _found(self, key: str) -> Any:
        try:
            return self._asked("get", payment_id=key)
        except ProviderRefused:
            return None

    def _asked(self, method: str, **about: Any) -> Any:
        mollie, models, _ = _sdk()
        timeout = int(self._seconds * 1000)
        client = mollie.ClientSDK(
            security=models.Security(api_key=self._key), server_url=self._api_url, timeout_ms=timeout, retry_config=None
        )
        try:
            return getattr(client.payments, method)(**about, retries=None)
        except models.ClientError as no:
            # An answer that cannot be read is one of these as well, with whatever status it came.
            if not 400 <= no.status_code < 500 or no.status_code in (401, 403, 408, 429):
                raise ProviderDown(provider=self.name, status=no.status_code) from no
            raise ProviderRefused(provider=self.name, status=no.status_code) from no
        except (httpx.HTTPError, models.NoResponseError) as silence:
            raise ProviderDown(provider=self.name) from silence


def _sdk() -> tuple[Any, Any, Any]:
    # It takes longer to load than most commands take, and hardly any needs it.
    import mollie
    from mollie import models
    from mollie.utils import webhooks

    return mollie, models, webhooks


def _entity(text: str) -> str:
    """The payment a next-gen event is about."""
    if not text.lstrip().startswith("{"):
        return ""
    try:
        event = json.loads(text)
    except ValueError:
        return ""
    return str(event.get("entityId") or event.get("id") or "")


def _word(payment: Any) -> Word:
    # A status that came after this was written moves nothing.
    standing = _STANDINGS.get(str(getattr(payment.status, "value", payment.status)), "open")
    return Word(payment.id, _our_id(payment), standing, _money(payment.amount))


def _taken_back(payment: Any) -> tuple[TakenBack, ...]:
    """What left again, by the sums so far, which Mollie tells with the payment itself."""
    kinds = (("refund", payment.amount_refunded), ("dispute", payment.amount_charged_back))
    sums = [(kind, _money(amount)) for kind, amount in kinds if amount is not None]
    return tuple(
        TakenBack(
            payment.id, _our_id(payment), "refund" if kind == "refund" else "dispute", f"{payment.id} {sum_}", sum_
        )
        for kind, sum_ in sums
        if sum_ is not None and sum_.minor > 0
    )


def _our_id(payment: Any) -> UUID | None:
    kept = payment.metadata
    said = kept.get(_OUR_ID) if isinstance(kept, dict) else None
    try:
        return UUID(str(said))
    except ValueError:
        return None


def _money(amount: Any) -> Money | None:
    try:
        return Money.of(str(amount.value), str(amount.currency))
    except (NotAnAmount, UnknownCurrency):
        return None
