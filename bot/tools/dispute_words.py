"""How an objection is put before the customer: which lines, how much, what our own record says, and what stays due."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.delivered import Delivered, delivered
from bot.tools.objected import Objection, OnLine
from o2c_core.cases.collectable import Collectable
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.money import Money

LINES_SHOWN = 8
_ABOUT_ARRIVAL = ("QTY_SHORT", "NOT_RECEIVED", "MISSING_POD")


def says_dispute(desk: Desk, session: Session, about: Collectable, found: Objection, reason: str) -> str:
    """Exactly what will be recorded, after what our record says where it says otherwise."""
    said = [_record(desk, session, about.invoice, found, reason), _claim(desk, about, found), _rest(desk, about, found)]
    return " ".join(part for part in said if part)


def says_which_line(desk: Desk, invoice: Invoice) -> str:
    """Asks which line is meant, with the lines to choose from."""
    number = desk.facts.text(invoice.number, f"invoice {invoice.number}")
    if not 0 < len(invoice.lines) <= LINES_SHOWN:
        return desk.say("dispute.which_line", invoice=number)
    rows = [desk.say("dispute.line", **_line(desk, invoice, line)) for line in invoice.lines]
    return "\n".join([desk.say("dispute.which_line", invoice=number), *rows])


def _claim(desk: Desk, about: Collectable, found: Objection) -> str:
    invoice = about.invoice
    number = desk.facts.text(invoice.number, f"invoice {invoice.number}")
    source = f"invoice {invoice.number} objected to"
    amount = desk.facts.money(Money(found.minor, invoice.currency), source)
    if not found.lines:
        key = "dispute.offer_all" if found.is_all else "dispute.offer_amount"
        return desk.say(key, invoice=number, amount=amount)
    if len(found.lines) > 1:
        rows = [_on_line(desk, invoice, one, "dispute.row") for one in found.lines]
        return "\n".join([desk.say("dispute.offer_lines", invoice=number, amount=amount), *rows]) + "\n"
    one = found.lines[0]
    places = {"invoice": number, "amount": amount, **_line(desk, invoice, one.line)}
    if one.quantity is not None and one.quantity < one.line.quantity:
        quantity = quantity_fact(desk, one.quantity, f"{source} quantity")
        return desk.say("dispute.offer_quantity", quantity=quantity, **places)
    return desk.say("dispute.offer_line" if one.is_whole else "dispute.offer_line_amount", **places)


def _on_line(desk: Desk, invoice: Invoice, one: OnLine, key: str) -> str:
    source = f"invoice {invoice.number} line {one.line.position} objected to"
    places = {"amount": desk.facts.money(Money(one.minor, invoice.currency), source), **_line(desk, invoice, one.line)}
    if one.quantity is not None and one.quantity < one.line.quantity:
        return desk.say(f"{key}_quantity", quantity=quantity_fact(desk, one.quantity, f"{source} quantity"), **places)
    return desk.say(key, **places)


def _line(desk: Desk, invoice: Invoice, line: InvoiceLine) -> dict[str, str]:
    source = f"invoice {invoice.number} line {line.position}"
    return {
        "line": desk.facts.count(line.position, f"{source} position"),
        "product": desk.facts.text(line.description, source),
    }


def _rest(desk: Desk, about: Collectable, found: Objection) -> str:
    """What stops while it is looked at, and what stays due."""
    left = about.free_minor - found.minor
    if left <= 0:
        return desk.say("dispute.stops")
    invoice = about.invoice
    return desk.say(
        "dispute.rest" if invoice.due_on >= desk.today else "dispute.rest_late",
        rest=desk.facts.money(Money(left, invoice.currency), f"invoice {invoice.number} open and undisputed"),
        due_on=desk.facts.day(invoice.due_on, f"invoice {invoice.number} due"),
    )


def _record(desk: Desk, session: Session, invoice: Invoice, found: Objection, reason: str) -> str:
    """What our record of the delivery says, where the objection is about what arrived; else nothing."""
    if reason not in _ABOUT_ARRIVAL:
        return ""
    one = found.lines[0] if len(found.lines) == 1 else None
    ours = delivered(session, invoice, one.line if one else None)
    if ours is None:
        return ""
    if one is None:
        return " ".join([_arrived(desk, "dispute.record_order", ours), desk.say("dispute.all_the_same")])
    assert ours.quantity is not None  # of a line our record knows how much arrived
    theirs = one.line.quantity - (one.quantity if one.quantity is not None else one.line.quantity)
    if ours.quantity <= theirs:
        return desk.say("dispute.record_agrees")
    source = f"order {ours.order} delivered"
    said = _arrived(
        desk, "dispute.record_line", ours, quantity=quantity_fact(desk, ours.quantity, f"{source} quantity")
    )
    return " ".join([said, desk.say("dispute.all_the_same")])


def _arrived(desk: Desk, key: str, ours: Delivered, **places: str) -> str:
    source = f"order {ours.order}"
    places["on"] = desk.facts.day(ours.on, f"{source} delivered on")
    if key == "dispute.record_order":
        places["order"] = desk.facts.text(ours.order, source)
    if not ours.received_by:
        return desk.say(f"{key}_unsigned", **places)
    return desk.say(key, by=desk.facts.text(ours.received_by, f"{source} received by"), **places)


def quantity_fact(desk: Desk, quantity: Decimal, source: str) -> str:
    """A quantity as the reader's locale writes it."""
    return desk.facts.text(format_decimal(quantity.normalize(), locale=desk.facts.locale), source)
