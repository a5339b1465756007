"""Which lines of an order somebody means, and how much of each: by their place, the name of the article or a quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal

from bot.desk import Desk
from bot.tools.products import lines_meant
from o2c_core.errors import Refused
from o2c_core.money import Money, total
from o2c_core.orders.order import NoSuchLine, Order, OrderLine, quantities_of
from o2c_core.orders.states import Quantities
from o2c_core.orders.told import plain


@dataclass(frozen=True)
class Part:
    """How much of one line, all of which may still be cancelled or changed."""

    line: OrderLine
    at: Quantities
    quantity: Decimal

    @property
    def is_whole(self) -> bool:
        """Whether it is all that was ordered of the line and not cancelled before."""
        return self.quantity == self.at.ordered - self.at.cancelled

    def amount(self, currency: str) -> Money:
        """What it comes to: counted from the line's end, as cancelling does."""
        return Money(self.line.amount_of(self.at.ordered - self.at.cancelled - self.quantity, self.quantity), currency)


class WhichLine(Refused):
    """Several lines could be meant; say which one."""


def open_parts(order: Order) -> list[Part]:
    """Everything of the order that has not left and was not cancelled."""
    places = [(line, quantities_of(line, order.shipments)) for line in order.lines]
    return [Part(line, at, at.open) for line, at in places if at.open > 0]


def parts_meant(desk: Desk, order: Order) -> list[Part] | None:
    """The parts that the words name; None where they name none.

    Raises: NoSuchLine; WhichLine.
    """
    still_open = open_parts(order)
    lines = lines_named(desk, order)
    quantity = quantity_named(desk)
    if not lines:
        if quantity is None:
            return None
        fitting = [one for one in still_open if quantity <= one.quantity]
        if len(still_open) != 1 or not fitting:
            raise WhichLine(order=order.number)
        lines = [fitting[0].line]
    here = [one for one in still_open if one.line in lines]
    if len(here) != len(lines):
        raise NoSuchLine(order=order.number)
    if quantity is not None and len(here) == 1 and quantity <= here[0].quantity:
        return [Part(here[0].line, here[0].at, quantity)]
    return here


def lines_named(desk: Desk, order: Order) -> list[OrderLine]:
    """The lines named by their place or by their article, in the order's own order.

    Raises: NoSuchLine.
    """
    places = desk.mentions.line_numbers
    by_place = [line for line in order.lines if line.position in places]
    if len(by_place) != len(set(places)):
        raise NoSuchLine(order=order.number)
    if by_place:
        return by_place
    named = lines_meant([line.description for line in order.lines], desk.words, skus=[line.sku for line in order.lines])
    return [line for place, line in enumerate(order.lines) if place in named]


def quantity_named(desk: Desk) -> Decimal | None:
    """The one quantity that is named; None for none or several. What somebody got is no wish."""
    named = {said.value for said in desk.mentions.quantities if said.kind != "got" and said.value > 0}
    return named.pop() if len(named) == 1 else None


def parts_kept(order: Order, kept: Mapping[str, str]) -> list[Part]:
    """The parts as a proposal keeps them, as far as they can still be taken."""
    quantities = {int(position): Decimal(quantity) for position, quantity in kept.items()}
    return [
        Part(one.line, one.at, min(quantities[one.line.position], one.quantity))
        for one in open_parts(order)
        if one.line.position in quantities
    ]


def as_kept(parts: Sequence[Part]) -> dict[str, str]:
    return {str(one.line.position): plain(one.quantity) for one in parts}


def sum_of(parts: Sequence[Part], currency: str) -> Money:
    return total((one.amount(currency) for one in parts), currency)


def row_of(desk: Desk, order: Order, one: Part) -> str:
    """The article with how much of it, as a row of a list."""
    source = f"order {order.number} line {one.line.position}"
    return desk.say(
        "order_change.row", article=article_of(desk, order, one.line), quantity=quantity_of(desk, one.quantity, source)
    )


def article_of(desk: Desk, order: Order, line: OrderLine) -> str:
    return desk.facts.text(line.description, f"order {order.number} line {line.position} article")


def quantity_of(desk: Desk, quantity: Decimal, source: str) -> str:
    """Units: pieces, or whatever the article is counted in."""
    return desk.facts.text(format_decimal(quantity.normalize(), locale=desk.facts.locale), source)
