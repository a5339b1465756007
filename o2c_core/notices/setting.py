"""What a seller has set about formal notices; where nothing is set, there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.notices.kinds import KINDS

# Both are valid: HR 25-11-2016, ECLI:NL:HR:2016:2704. A number of days "from the date of this letter" is not.
Wording = Literal["fourteen", "fifteen"]


class NoticesUnclear(Refused):
    """What the seller's settings say about formal notices cannot be used."""


class NoticesAreOff(Refused):
    """Formal notices of that kind are off for this seller; a person turns them on in the seller's settings."""


@dataclass(frozen=True)
class NoticeSetting:
    """`kinds` are on. VAT is put on collection costs only where the seller may not reclaim it. Units: percent, days."""

    kinds: frozenset[str] = frozenset()
    may_reclaim_vat: bool = True
    vat_percent: Decimal = Decimal(21)
    wording: Wording = "fourteen"
    days_late_min: int = 1

    def check_on(self, kind: str) -> None:
        """Raises: NoticesAreOff."""
        if kind not in self.kinds:
            raise NoticesAreOff(
                f"Formal notices of the kind {kind} are off for this seller; a person turns them on in its settings.",
                kind=kind,
            )  # fmt: skip


def notice_setting(seller: Seller) -> NoticeSetting:
    """The setting under "notices" of the seller's settings. Raises: NoticesUnclear."""
    return read_setting((seller.settings or {}).get("notices"))


def read_setting(written: Mapping[str, Any] | None) -> NoticeSetting:
    """The setting as it was written; nothing written is everything off.

    Raises: NoticesUnclear for a kind, wording or rate that is none.
    """
    said = written or {}
    if extra := said.keys() - {"kinds", "may_reclaim_vat", "vat_percent", "wording", "days_late_min"}:
        raise NoticesUnclear(f"'{min(extra)}' is not a setting of formal notices.")
    kinds = said.get("kinds", [])
    if not isinstance(kinds, list) or not set(kinds) <= KINDS.keys():
        raise NoticesUnclear(f"The kinds of formal notice are: {', '.join(KINDS)}.")
    wording = said.get("wording", "fourteen")
    if wording not in ("fourteen", "fifteen"):
        raise NoticesUnclear("The wording of the deadline is 'fourteen' or 'fifteen'.")
    days, reclaims = said.get("days_late_min", 1), said.get("may_reclaim_vat", True)
    if not isinstance(reclaims, bool) or not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise NoticesUnclear("may_reclaim_vat is true or false, and days_late_min a whole number of at least 1.")
    return NoticeSetting(frozenset(kinds), reclaims, _percent(said.get("vat_percent", "21")), wording, days)


def _percent(said: object) -> Decimal:
    """A rate written as text or whole number; one written with a binary fraction is refused as everywhere."""
    try:
        percent = Decimal(said) if isinstance(said, str | int) and not isinstance(said, bool) else Decimal("NaN")
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise NoticesUnclear("vat_percent is a percentage between 0 and 100, written as text.")
    return percent
