"""Where an order line stands, as its quantities have it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from o2c_core.errors import Refused

# What each state may become. Nothing runs backwards: what was delivered can only come back, and what was cancelled or
# came back is over. A part-shipped line of which the rest is cancelled closes at what was shipped: shipped while that
# is under way, delivered once it arrived, returned when all of it came back.
LINE_MOVES: dict[str, frozenset[str]] = {
    "ordered": frozenset({"confirmed", "part_shipped", "shipped", "delivered", "cancelled"}),
    "confirmed": frozenset({"part_shipped", "shipped", "delivered", "cancelled"}),
    "part_shipped": frozenset({"shipped", "delivered", "returned"}),
    "shipped": frozenset({"delivered"}),
    "delivered": frozenset({"returned"}),
    "cancelled": frozenset(),
    "returned": frozenset(),
}


def _reachable(before: str) -> frozenset[str]:
    """Every state a line in that state can still come to, by one move or several; its own too."""
    found = {before}
    for state in LINE_MOVES[before]:
        found |= _reachable(state)
    return frozenset(found)


# What another system may say of a line that is in a state here: moves it made in between do not matter.
LINE_FUTURES = {state: _reachable(state) for state in LINE_MOVES}
# In these everything that was not cancelled has left.
LEFT_WHOLE = ("shipped", "delivered", "returned")
ARRIVED_WHOLE = ("delivered", "returned")
QUANTITY_MAX = Decimal("99999999999.999")
QUANTITY_PLACES = 3


class NotAQuantity(Refused):
    """A quantity is above zero and has at most three decimals."""


class NotConfirmed(Refused):
    """The order has not been confirmed yet, so nothing of it can leave."""


class MoreThanOpen(Refused):
    """That is more than is still to be shipped."""


class MoreThanShipped(Refused):
    """That is more than is on its way."""


class MoreThanDelivered(Refused):
    """Only what was delivered and has not come back yet can be returned."""


@dataclass(frozen=True)
class Quantities:
    """How much of a line is where. Always: ordered = open + shipped + cancelled; returned <= delivered <= shipped."""

    ordered: Decimal
    shipped: Decimal = Decimal(0)
    delivered: Decimal = Decimal(0)
    cancelled: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    is_confirmed: bool = False

    @property
    def open(self) -> Decimal:
        """What may still leave or be cancelled."""
        return self.ordered - self.shipped - self.cancelled

    @property
    def under_way(self) -> Decimal:
        return self.shipped - self.delivered

    @property
    def kept(self) -> Decimal:
        """What was delivered and has not come back."""
        return self.delivered - self.returned

    def confirm(self) -> Quantities:
        return replace(self, is_confirmed=True)

    def ship(self, quantity: Decimal) -> Quantities:
        """Raises: NotAQuantity; NotConfirmed; MoreThanOpen."""
        check_quantity(quantity)
        if not self.is_confirmed:
            raise NotConfirmed
        if quantity > self.open:
            raise MoreThanOpen(quantity=str(quantity), open=str(self.open))
        return replace(self, shipped=self.shipped + quantity)

    def deliver(self, quantity: Decimal) -> Quantities:
        """Raises: NotAQuantity; MoreThanShipped."""
        check_quantity(quantity)
        if quantity > self.under_way:
            raise MoreThanShipped(quantity=str(quantity), under_way=str(self.under_way))
        return replace(self, delivered=self.delivered + quantity)

    def cancel(self, quantity: Decimal) -> Quantities:
        """Raises: NotAQuantity; MoreThanOpen, as what has left can only be returned."""
        check_quantity(quantity)
        if quantity > self.open:
            raise MoreThanOpen(quantity=str(quantity), open=str(self.open))
        return replace(self, cancelled=self.cancelled + quantity)

    def take_back(self, quantity: Decimal) -> Quantities:
        """Raises: NotAQuantity; MoreThanDelivered."""
        check_quantity(quantity)
        if quantity > self.kept:
            raise MoreThanDelivered(quantity=str(quantity), kept=str(self.kept))
        return replace(self, returned=self.returned + quantity)


def check_quantity(quantity: Decimal) -> None:
    """Raises: NotAQuantity."""
    if not quantity.is_finite() or not 0 < quantity <= QUANTITY_MAX or quantity != round(quantity, QUANTITY_PLACES):
        raise NotAQuantity(quantity=str(quantity))


def standing(at: Quantities) -> str:
    """The state those quantities give by themselves."""
    if at.open > 0:
        return "part_shipped" if at.shipped > 0 else "confirmed" if at.is_confirmed else "ordered"
    if at.shipped <= 0:
        return "cancelled"
    if at.under_way > 0:
        return "shipped"
    return "delivered" if at.kept > 0 else "returned"


def line_state(at: Quantities, before: str) -> str:
    """The state those quantities give; `before` where they would lead backwards.

    An imported line can be further than its quantities show, as an ERP's state comes without saying what was in which
    shipment: such a state stands until the quantities lead on from it.
    """
    now = standing(at)
    return now if may_become(before, now) else before


def may_become(before: str, now: str) -> bool:
    return now in LINE_MOVES[before]


def part_of(amount_minor: int, quantity: Decimal, before: Decimal, now: Decimal) -> int:
    """What the next `now` pieces of a line of that amount come to, in minor units, when `before` of them were counted.

    However a line is cut, its parts sum to its amount: each is the difference of two rounded sums.
    """
    return _up_to(amount_minor, quantity, before + now) - _up_to(amount_minor, quantity, before)


def _up_to(amount_minor: int, quantity: Decimal, counted: Decimal) -> int:
    if not quantity:
        return amount_minor if counted else 0
    # Half up, in whole numbers: Decimal division would round a long amount twice.
    return math.floor(Fraction(amount_minor) * Fraction(counted) / Fraction(quantity) + Fraction(1, 2))
