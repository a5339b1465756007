"""What lay behind a complaint or a dispute, in a closed list that can be counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from o2c_core.errors import Refused

# Each with what `cause_about` then names.
CAUSES: dict[str, str] = {
    "product": "the article",
    "carrier": "the carrier",
    "price_list": "the article or the price agreement",
    "picking": "the warehouse or the article",
    "order_entry": "how the order came in",
    "invoicing": "what the invoice had wrong",
    "service": "the team",
    "customer": "what the customer had mistaken",
    "other": "what it was",
}
ABOUT_CHARACTERS_MAX = 120
# Which causes are likely behind a reason or a category, the likeliest first; the others are offered after them.
_LIKELY: dict[str, tuple[str, ...]] = {
    "PRICE": ("price_list", "order_entry", "invoicing"),
    "DISCOUNT": ("price_list", "invoicing"),
    "FREIGHT": ("price_list", "carrier", "invoicing"),
    "QTY_SHORT": ("picking", "carrier", "invoicing"),
    "QTY_OVER": ("picking", "order_entry"),
    "DAMAGED": ("carrier", "product", "picking"),
    "NOT_RECEIVED": ("carrier", "picking"),
    "LATE": ("carrier", "picking"),
    "MISSING_POD": ("carrier",),
    "QUALITY": ("product",),
    "RETURNED": ("product", "order_entry"),
    "NOT_ORDERED": ("order_entry", "picking"),
    "WRONG_ADDRESS": ("order_entry", "invoicing"),
    "DUPLICATE": ("invoicing", "order_entry"),
    "WRONG_PO": ("invoicing", "order_entry"),
    "TAX": ("invoicing",),
    "CREDIT_MISSING": ("invoicing", "service"),
    "SERVICE": ("service",),
    "FRAUD_CLAIM": ("other", "order_entry"),
    "product": ("product", "carrier"),
    "delivery": ("carrier", "picking"),
    "invoice": ("invoicing", "price_list"),
    "service": ("service",),
    "staff": ("service",),
    "data": ("order_entry", "service"),
}


class NoSuchCause(Refused):
    """What lay behind it is product, carrier, price_list, picking, order_entry, invoicing, service, customer or other."""


class CauseNamesNothing(Refused):
    """Say what the cause names as well: the article, the carrier, the price agreement; without it nothing can be counted."""


@dataclass(frozen=True)
class Cause:
    """What lay behind a case, and what it names: an article, a carrier, a price agreement."""

    kind: str
    about: str


@dataclass(frozen=True)
class Seen:
    """What the ledger says of the documents a case is about, for saying what may have caused it."""

    articles: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()


def check_cause(cause: str) -> None:
    """Raises: NoSuchCause."""
    if cause not in CAUSES:
        raise NoSuchCause(cause=cause)


def tidy_cause(cause: Cause) -> Cause:
    """The cause as it is kept, so that the same thing is counted as one.

    Raises: NoSuchCause; CauseNamesNothing.
    """
    check_cause(cause.kind)
    about = " ".join(cause.about.split())[:ABOUT_CHARACTERS_MAX]
    if not about:
        raise CauseNamesNothing(cause=cause.kind)
    return Cause(cause.kind, about)


def likely(reason: str) -> tuple[str, ...]:
    """All causes, with those first that are likely for that reason of a dispute or category of a complaint."""
    first = _LIKELY.get(reason, ())
    return (*first, *(cause for cause in CAUSES if cause not in first))


def candidates(reason: str, seen: Seen) -> list[Cause]:
    """What can be named by what the documents have, the likeliest cause first; a person may name something else."""
    return [Cause(kind, about) for kind in likely(reason) for about in _named(kind, seen)]


def _named(kind: str, seen: Seen) -> Sequence[str]:
    if kind == "carrier":
        return seen.carriers
    if kind in ("product", "picking"):
        return seen.articles
    if kind == "price_list":
        return [*seen.articles, *(f"prices of order {number}" for number in seen.orders)]
    if kind in ("order_entry", "invoicing"):
        return [f"order {number}" for number in seen.orders] if kind == "order_entry" else []
    return ()
