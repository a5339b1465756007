"""A number of which nobody said what it is of: the customer's invoice or order, whichever there is."""

from __future__ import annotations

from bot.desk import Desk
from bot.tools.documents import find_invoice, find_order
from bot.tools.invoices import customer_of, invoice_status
from bot.tools.orders import order_status
from bot.tools.tool import OfDocument, Tool


def look_up(desk: Desk, number: str | None) -> str:
    """The invoice of that number, else the order; the same sentence for a number of nobody's or somebody else's."""
    if number is None:
        return desk.say("not_on_account")
    customer_id = customer_of(desk)
    with desk.store.session() as session:
        is_order = find_invoice(session, customer_id, number) is None and find_order(session, customer_id, number)
    return order_status(desk, number) if is_order else invoice_status(desk, number)


TOOLS = (
    Tool(
        "look_up", "What a number is, when it is not said whether it is of an order or an invoice.", look_up, OfDocument
    ),
)
