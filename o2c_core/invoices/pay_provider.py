"""The port to a payment provider: somebody else's page on which a customer pays, and what the provider says became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from o2c_core.errors import Outage, Refused
from o2c_core.money import Money

Standing = Literal["open", "paid", "failed", "expired", "cancelled"]


class ProviderDown(Outage):
    """The payment provider does not answer right now; a bank transfer always works."""


class ProviderRefused(Refused):
    """The payment provider does not take this payment; a bank transfer always works."""


class ForgedWord(Refused):
    """What was delivered was not signed by the payment provider."""


@dataclass(frozen=True)
class Asking:
    """What a provider is asked to take: our id of it (also the key under which asking twice is asking once), how much, what
    for in a few words, the reader's locale, where the payer comes back to and where the provider tells us of it."""

    id: UUID
    amount: Money
    description: str
    locale: str
    back_url: str
    word_url: str


@dataclass(frozen=True)
class HostedPage:
    """The provider's own id of the payment, and its page."""

    key: str
    url: str


@dataclass(frozen=True)
class Word:
    """What a provider says of one payment. `id` is our own id as the provider kept it, where it says it.

    `amount` is what was taken, in its own currency. Anything but `paid` moves no money.
    """

    key: str
    id: UUID | None
    standing: Standing
    amount: Money | None = None
    why: str | None = None


@dataclass(frozen=True)
class TakenBack:
    """What a provider says left again: a refund somebody made there, or a payer's dispute. `return_key` is its own id."""

    key: str
    id: UUID | None
    kind: Literal["refund", "dispute"]
    return_key: str
    amount: Money | None


@dataclass(frozen=True)
class Heard:
    """What one delivery says: of a payment, of money that left again, both or nothing that concerns us."""

    word: Word | None = None
    taken_back: tuple[TakenBack, ...] = ()


class PayProvider(Protocol):
    """One provider. `believes_look_up` says whether what its API answers us is as good as its webhook: it is for one whose
    webhooks carry no more than an id; elsewhere only the signed webhook is money."""

    @property
    def name(self) -> str: ...

    @property
    def believes_look_up(self) -> bool: ...

    def begin(self, asking: Asking) -> HostedPage:
        """Raises: ProviderDown; ProviderRefused."""
        ...

    def look_up(self, key: str) -> Word | None:
        """What it says of that payment now; None when it knows of none. Raises: ProviderDown."""
        ...

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Heard:
        """What a delivery to our door says, once it is known to be the provider's own.

        Raises: ForgedWord; ProviderDown when the provider has to be asked and does not answer.
        """
        ...
