"""Where the articles of an order are, each by its own quantities."""

from __future__ import annotations

from decimal import Decimal

from bot.desk import Desk
from o2c_core.documents.figures import Figures
from o2c_core.orders.order import Order, OrderLine, quantities_of
from o2c_core.orders.states import Quantities


def article_rows(desk: Desk, order: Order) -> list[str]:
    """A row for each article where they stand differently, or where one stands in several places; else none."""
    standing = [(line, quantities_of(line, order.shipments)) for line in order.lines]
    pieces = [_pieces(here) for _, here in standing]
    alike = len({tuple(name for name, _ in each) for each in pieces}) <= 1
    if alike and all(len(each) <= 1 for each in pieces):
        return []
    # What is still to come is what somebody asks about, so those rows are kept when not all fit.
    places = sorted(range(len(standing)), key=lambda at: (standing[at][1].open <= 0, at))[: desk.rows_max]
    rows = [_row(desk, order, standing[at][0], pieces[at]) for at in sorted(places)]
    if len(standing) > desk.rows_max:
        left = desk.facts.count(len(standing) - desk.rows_max, f"order {order.number} articles")
        rows.append(desk.say("order.lines_more", count=left))
    return rows


def article_named(desk: Desk, order: Order, line: OrderLine) -> str:
    """That the article is on the order, and how much of it has left where that is a part."""
    source = f"order {order.number}"
    product = desk.facts.text(line.description, f"{source} line {line.position}")
    here = quantities_of(line, order.shipments)
    said = desk.say("order.contains", product=product, number=desk.facts.text(order.number, source))
    if here.open > 0 and here.shipped > 0:
        left = _quantity(desk, here.shipped, f"{source} line {line.position} left")
        ordered = _quantity(desk, here.ordered, f"{source} line {line.position} ordered")
        said += " " + desk.say("order.left_of", product=product, left=left, ordered=ordered)
    return said


def _pieces(here: Quantities) -> list[tuple[str, Decimal]]:
    """How much is where; what is nowhere is left out."""
    each = [
        ("delivered", here.kept),
        ("under_way", here.under_way),
        ("open", here.open),
        ("cancelled", here.cancelled),
        ("returned", here.returned),
    ]
    return [(name, quantity) for name, quantity in each if quantity > 0]


def _row(desk: Desk, order: Order, line: OrderLine, pieces: list[tuple[str, Decimal]]) -> str:
    source = f"order {order.number} line {line.position}"
    begins = desk.say("order.line", product=desk.facts.text(line.description, source))
    told = [desk.say(f"order.piece_{name}", count=_quantity(desk, much, f"{source} {name}")) for name, much in pieces]
    row = f"{begins} {', '.join(told)}"
    desk.said.append(row)  # approved sentences in a row, and nothing else
    return row


def _quantity(desk: Desk, quantity: Decimal, source: str) -> str:
    return desk.facts.text(Figures(desk.facts.locale).quantity(quantity), source)
