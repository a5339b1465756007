"""Cancelling and changing orders, within what has not left: done where the assistant may, else put to a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.desk import Desk
from bot.tools.documents import find_invoice, find_order, latest_order
from bot.tools.invoices import customer_of
from bot.tools.order_parts import (
    Part,
    WhichLine,
    as_kept,
    open_parts,
    parts_kept,
    parts_meant,
    row_of,
    sum_of,
)
from bot.tools.order_wishes import only_announces, read_wish, says_change, takes_off
from bot.tools.people import packet_of
from bot.tools.tool import LAST, Deed, Done, Tool
from o2c_core.actions.ask_order_change import (
    NothingLeftToChange,
    OrderWish,
    answered_by,
    ask_order_change,
    open_request,
)
from o2c_core.actions.cancel_lines import NothingToCancel, PartUnknown, cancel_lines
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.authority import CANCEL_STATES, BeyondAuthority, authority_of
from o2c_core.errors import Refused
from o2c_core.orders.order import NoSuchLine, NoSuchOrder, Order
from o2c_core.orders.states import MoreThanOpen

ROLE = "assistant"
ORDERS_LOOKED_AT = 50
Wants = Literal["cancel", "change"]
_INTENT: dict[Wants, str] = {"cancel": "cancel_order", "change": "change_order"}


class OfOrder(BaseModel):
    number: str | None = Field(None, description="Number of the order as the customer wrote it, or 'last'.")
    words: str | None = Field(None, description="What is wanted, in the customer's words.")


@dataclass(frozen=True)
class _Found:
    """The order that is meant, or what to say instead."""

    order: Order | None = None
    says: str = ""


def cancel_order(desk: Desk, number: str | None, words: str | None) -> str:  # noqa: ARG001 (their own words count)
    """Offers to cancel what has not left, or to ask a colleague to; says what cannot be cancelled any more."""
    with desk.store.session() as session:
        found = _order(desk, session, number, "cancel")
        if found.order is None:
            return found.says
        order, still_open = found.order, open_parts(found.order)
        if not still_open:
            return _nothing_open(desk, order)
        before = open_request(session, order, "cancel")
        if before is not None:
            return desk.say(
                "order_change.asked_before", answer_by=desk.facts.day(answered_by(before), f"task {before.id}")
            )
        try:
            parts = _parts_to_cancel(desk, order)
        except NoSuchLine:
            return desk.say("order_change.no_line", number=_number(desk, order))
        except WhichLine:
            says = desk.say("order_change.which_line", number=_number(desk, order))
            rows = [row_of(desk, order, one) for one in still_open]
            return desk.ask_for("cancel_order", _slots(order), "\n".join([says, *rows]))
        return _offer_to_cancel(desk, order, parts, still_open)


def change_order(desk: Desk, number: str | None, words: str | None) -> str:
    """Offers to put the wish to a colleague, in the customer's words and with what code read out of them."""
    earlier = desk.earlier("change_order")
    with desk.store.session() as session:
        found = _order(desk, session, number, "change")
        if found.order is None:
            return found.says
        order = found.order
        if not open_parts(order):
            key = "change_cancelled" if order.state == "cancelled" else "change_left"
            return desk.say(f"order_change.{key}", number=_number(desk, order))
        if not earlier.get("words") and only_announces(desk.words):
            return desk.ask_for(
                "change_order", _slots(order), desk.say("order_change.what", number=_number(desk, order))
            )
        try:
            read = {**earlier.get("read", {}), **read_wish(desk, order)}
        except NoSuchLine:
            return desk.say("order_change.no_line", number=_number(desk, order))
        if read.get("lines") and takes_off(desk.words):
            return cancel_order(desk, number, words)  # a line less is a cancellation of that line
        said = [*earlier.get("words", "").splitlines(), desk.words]
        arguments = _slots(order) | {"words": "\n".join(dict.fromkeys(filter(None, said))), "read": read}
        return desk.offer("change_order", arguments, says_change(desk, order, read))


def _order(desk: Desk, session: Session, number: str | None, wants: Wants) -> _Found:
    """The order with that number or of that invoice, the one spoken of before, else the only one that has not left."""
    customer_id = customer_of(desk)
    number = number or desk.earlier(_INTENT[wants]).get("number")
    if number == LAST:
        last = latest_order(session, customer_id)
        return _Found(last) if last else _Found(says=desk.say("order.none"))
    if number is not None:
        order = find_order(session, customer_id, number)
        if order is None:
            invoice = find_invoice(session, customer_id, number)
            order = session.get(Order, invoice.order_id) if invoice and invoice.order_id else None
        return _Found(order) if order else _Found(says=desk.say("not_on_account"))
    query = select(Order).where(Order.customer_id == customer_id).options(
        selectinload(Order.lines), selectinload(Order.shipments)
    ).order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc()).limit(ORDERS_LOOKED_AT)  # fmt: skip
    still_open = [order for order in session.scalars(query) if open_parts(order)]
    if len(still_open) == 1:
        return _Found(still_open[0])
    if not still_open:
        return _Found(says=desk.say("order_change.none_open"))
    rows = [desk.say(f"order_change.which_{wants}")]
    for order in still_open[: desk.rows_max]:
        state = desk.facts.text(desk.word(f"order.states.{order.state}"), f"order {order.number} state")
        rows.append(desk.say("order.row", number=_number(desk, order), state=state))
    slots = {"words": desk.words} if wants == "change" and not only_announces(desk.words) else {}
    return _Found(says=desk.ask_for(_INTENT[wants], slots, "\n".join(rows)))


def _parts_to_cancel(desk: Desk, order: Order) -> list[Part]:
    """What is named now; else what was named before this message; else all that has not left.

    Raises: NoSuchLine; WhichLine.
    """
    meant = parts_meant(desk, order)
    if meant is not None:
        return meant
    earlier = desk.earlier("cancel_order")
    if earlier.get("number") == order.number and earlier.get("is_part") and not desk.mentions.references.is_all:
        return parts_kept(order, earlier["lines"]) or open_parts(order)
    return open_parts(order)


def _nothing_open(desk: Desk, order: Order) -> str:
    state = order.state if order.state in ("cancelled", "delivered", "returned") else "left"
    return desk.say(f"order_change.is_{state}", number=_number(desk, order))


def _offer_to_cancel(desk: Desk, order: Order, parts: list[Part], still_open: list[Part]) -> str:
    is_part = any(not one.is_whole for one in parts) or len(parts) != len(order.lines)
    may = _may_cancel(desk, parts)
    key = f"{'cancel' if may else 'ask_cancel'}_{'part' if is_part else 'one' if len(parts) == 1 else 'all'}"
    places = {
        "number": _number(desk, order),
        "amount": desk.facts.money(sum_of(parts, order.currency), f"order {order.number} lines"),
    }
    if not is_part and len(parts) > 1:
        places["count"] = desk.facts.count(len(parts), f"order {order.number} lines")
    says = desk.say(f"order_change.{key}", **places)
    if is_part:
        says = "\n".join([says, *(row_of(desk, order, one) for one in parts)])
    if _has_left(order):
        says = f"{says}{chr(10) if is_part else ' '}{desk.say('order_change.part_left')}"
    arguments = _slots(order) | {
        "lines": as_kept(parts),
        "is_part": len(parts) != len(still_open) or any(one.quantity != one.at.open for one in parts),
        "by": ROLE if may else "colleague",
        "words": desk.words,
    }
    return desk.offer("cancel_order", arguments, says)


def _may_cancel(desk: Desk, parts: list[Part]) -> bool:
    limit = authority_of(ROLE, desk.seller).cancel_state_max
    # An imported part-shipped line does not say how much of it has left; who packs it has to look.
    is_unsaid = any(one.line.state == "part_shipped" and not one.at.shipped for one in parts)
    return not is_unsaid and all(CANCEL_STATES.get(one.line.state, 0) <= limit for one in parts)


def _has_left(order: Order) -> bool:
    return any(line.state in ("shipped", "part_shipped", "delivered") for line in order.lines)


def _slots(order: Order) -> dict[str, Any]:
    return {"order": str(order.id), "number": order.number}


def _number(desk: Desk, order: Order) -> str:
    return desk.facts.text(order.number, f"order {order.number}")


def _cancel(desk: Desk, proposal: Proposal) -> Done:
    """Exactly what was proposed, or nothing: what has moved on meanwhile is said."""
    arguments = proposal.arguments
    if arguments["by"] != ROLE:
        return _ask(desk, proposal, "cancel")
    number = desk.facts.text(arguments["number"], f"order {arguments['number']}")
    quantities = {int(position): Decimal(quantity) for position, quantity in arguments["lines"].items()}
    try:
        cancel_lines(
            UUID(arguments["order"]), quantities, store=desk.store, by=ROLE, why="the customer asked",
            message_id=proposal.message_id, role=ROLE,
        )  # fmt: skip
    except (NothingToCancel, MoreThanOpen, PartUnknown, NoSuchLine, NoSuchOrder) as refused:
        return _refused(desk.say("order_change.moved_on", number=number), refused)
    except BeyondAuthority as refused:
        return _refused(desk.say("order_change.confirmed_meanwhile", number=number), refused)
    with desk.store.session() as session:
        is_over = session.get_one(Order, UUID(arguments["order"])).state == "cancelled"
    says = desk.say("order_change.is_cancelled_now" if is_over else "order_change.part_cancelled", number=number)
    return Done(says, {"number": arguments["number"], "lines": arguments["lines"]})


def _change(desk: Desk, proposal: Proposal) -> Done:
    return _ask(desk, proposal, "change")


def _ask(desk: Desk, proposal: Proposal, wants: Wants) -> Done:
    arguments = proposal.arguments
    number = desk.facts.text(arguments["number"], f"order {arguments['number']}")
    read = arguments.get("read") or {"lines": arguments.get("lines")}
    wish = OrderWish(
        proposal.customer_id, UUID(arguments["order"]), wants, arguments["words"], str(proposal.id), read,
        packet_of(desk, "beyond_authority", "asks for a change of an order").as_json(), proposal.message_id,
    )  # fmt: skip
    try:
        task = ask_order_change(wish, store=desk.store)
    except (NothingLeftToChange, NoSuchOrder) as refused:
        return _refused(desk.say("order_change.moved_on", number=number), refused)
    answer_by = answered_by(task)
    says = desk.say("order_change.asked", number=number, answer_by=desk.facts.day(answer_by, f"task {task.id}"))
    return Done(says, {"task": str(task.id), "number": arguments["number"], "answer_by": answer_by.isoformat()})


def _refused(says: str, refused: Refused) -> Done:
    return Done(says, {"refused": type(refused).__name__}, is_refused=True)


TOOLS = (
    Tool("cancel_order", "Offer to cancel an order or some of its lines.", cancel_order, OfOrder, acts=True),
    Tool("change_order", "Offer to put a change of an order to a colleague.", change_order, OfOrder, acts=True),
)
DEEDS: dict[str, Deed] = {"cancel_order": _cancel, "change_order": _change}
