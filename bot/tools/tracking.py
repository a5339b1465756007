"""Where a parcel is, for whoever knows its order number and the postcode it goes to; nothing else of the order."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, Field
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from bot.desk import Desk
from bot.tools.deliveries import first_shipments, order_state
from bot.tools.documents import bare, bare_column, find_order, latest_order
from bot.tools.tool import LAST, Tool
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.site import Site
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment, days_delayed

# So many times an hour one writer may look, and one order number may be looked for by everybody together: nobody finds
# out by trying which numbers and postcodes belong together.
TRIES_PER_WRITER_HOUR = 6
TRIES_PER_NUMBER_HOUR = 12
# Somebody who writes more postcodes than these in one message is guessing.
POSTCODES_MAX = 3
_DIGITS_MIN = 3
_MESSAGES_COUNTED = 2_000
_INTENT = "order_status"
_NAMES = ("track_order", "order_status")
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{4}\s?[A-Z]{2}(?![a-z])|\d{2}-\d{3}|\d{4}-\d{3}|\d{3}\s\d{2}"
    r"|(?:[A-Z]{1,2}-)?\d{4,5})\b",
    re.IGNORECASE,
)
_COUNTRY = re.compile(r"^[A-Z]{1,2}-(?=\d{4,5}$)", re.IGNORECASE)


class OfParcel(BaseModel):
    number: str | None = Field(None, description="The order number as the customer wrote it.")
    postcode: str | None = Field(None, description="The postcode it goes to, as the customer wrote it.")


def track(desk: Desk, number: str | None, postcode: str | None) -> str:
    """Where the parcel is, when both fit one order; a wrong number and a wrong postcode sound the same."""
    number = None if number == LAST else number
    if desk.customer is not None:
        return _own(desk, desk.customer, number)
    number, postcodes = _both(desk, number, postcode)
    if desk.known_customer is not None and not (number and postcodes):
        return desk.say("who_are_you")  # a code to the address on record tells more, and asks for less
    if number is None and not postcodes:
        return " ".join([desk.say("who_are_you"), desk.say("tracking.enough")])
    if number is None:
        return desk.ask_for(_INTENT, {"postcode": postcodes[0]}, desk.say("tracking.number_wanted"))
    if not postcodes:
        return desk.ask_for(_INTENT, {"number": number}, desk.say("tracking.postcode_wanted"))
    with desk.store.session() as session:
        may_look = _may_look(desk, session, number)
        order = _find(desk, session, number, postcodes if len(postcodes) <= POSTCODES_MAX else ())
        if not may_look:
            return desk.say("tracking.too_often")
        return _told(desk, order) if order is not None else desk.say("tracking.not_found")


def _both(desk: Desk, number: str | None, postcode: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The number and the postcodes of this message, with what it leaves out from the one before."""
    earlier = desk.earlier(_INTENT)
    if earlier.get("number"):
        asked_about = str(earlier["number"])
        found = postcodes_in(desk, postcode, asked_about)
        # "10115" in answer to "which postcode?" is one, whatever else such a figure could be.
        if number is None or bare(number) in found:
            return asked_about, found
    found = postcodes_in(desk, postcode, number)
    if not found and earlier.get("postcode"):
        return number, (str(earlier["postcode"]),)
    return number, found


def _own(desk: Desk, customer: Customer, number: str | None) -> str:
    """The proven need no postcode: they are told of their own orders."""
    with desk.store.session() as session:
        order = find_order(session, customer.id, number) if number else latest_order(session, customer.id)
        if order is None:
            return desk.say("not_on_account" if number else "order.none")
        return _told(desk, order)


def postcodes_in(desk: Desk, given: str | None, number: str | None) -> tuple[str, ...]:
    """The postcodes that the words name, as they are compared: letters and digits only, in capitals.

    What a model hands over counts only where the customer wrote it.
    """
    words = bare(desk.words)
    written = [*desk.mentions.postcodes, *(found[0] for found in _POSTCODE.finditer(desk.words))]
    if given and bare(given) and bare(given) in words:
        written.insert(0, given)
    found = (bare(_COUNTRY.sub("", one.strip())) for one in written)
    wanted = bare(number or "")
    return tuple(
        dict.fromkeys(
            one
            for one in found
            if one and one not in (wanted, _digits(wanted)) and not (wanted and one.isdigit() and one in wanted)
        )
    )


def names_parcel(words: str) -> bool:
    """Whether the words have an order number and a postcode in them, and so can be nobody's customer number alone."""
    found = _POSTCODE.search(words)
    if found is None:
        return False
    rest = words[: found.start()] + " " + words[found.end() :]
    return any(len(_digits(part)) >= _DIGITS_MIN for part in re.findall(r"[\w-]+", rest)) or any(
        _POSTCODE.search(words[: each.start()] + words[each.end() :]) for each in re.finditer(r"\S*\d{3,}\S*", words)
    )


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _find(desk: Desk, session: Session, number: str, postcodes: Collection[str]) -> Order | None:
    """One query looks at both, so that a wrong number takes as long as a wrong postcode."""
    wanted = bare(number)
    is_it = bare_column(Order.number) == wanted
    if wanted.isdigit() and len(wanted) >= _DIGITS_MIN:
        # "1003" is SO-1003: all its digits, and not only its last few, which would fit more than one order.
        is_it = or_(is_it, func.regexp_replace(Order.number, "[^0-9]", "", "g") == wanted)
    goes_to = func.regexp_replace(func.upper(func.coalesce(Site.postcode, Customer.postcode)), "[^0-9A-Z]", "", "g")
    query = (
        select(Order)
        .join(Customer, Customer.id == Order.customer_id)
        .outerjoin(Site, Site.id == Order.site_id)
        .where(Order.seller_id == desk.seller.id, Customer.erased_at.is_(None), is_it, goes_to.in_(postcodes))
        .options(selectinload(Order.lines), selectinload(Order.shipments))
        .limit(2)
    )
    found = session.scalars(query).all()
    return found[0] if len(found) == 1 else None


@dataclass
class _Tries:
    by_writer: int = 0
    of_number: int = 0


def _may_look(desk: Desk, session: Session, number: str) -> bool:
    """Whether this writer, and everybody together for this number, looked few enough times within the hour."""
    since = desk.store.clock.now() - timedelta(hours=1)
    query = (
        select(Message.conversation_id, Message.address, Message.understanding)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.seller_id == desk.seller.id,
            Conversation.updated_at > since,
            Conversation.identity != "proven",
            Message.direction == "out",
            Message.purpose == "answer",
            Message.created_at > since,
            or_(*(Message.understanding.contains({"tools": [{"name": name}]}) for name in _NAMES)),
        )
        .limit(_MESSAGES_COUNTED)
    )
    wanted, tries = bare(number), _Tries()
    for conversation_id, address, understanding in session.execute(query):
        mine = conversation_id == desk.conversation_id or (address is not None and address == desk.address)
        # An answer that asked for the postcode looked for nothing yet.
        tries.by_writer += mine and understanding.get("asks") != _INTENT
        tries.of_number += wanted in _numbers(understanding)
    now = sum(call.get("name") in _NAMES for call in desk.calls)
    return tries.by_writer + max(0, now - 1) < TRIES_PER_WRITER_HOUR and tries.of_number < TRIES_PER_NUMBER_HOUR


def _numbers(understanding: dict[str, object]) -> set[str]:
    """The order numbers that one answer looked for, or that it asked the postcode of."""
    calls = understanding.get("tools")
    handed = (
        [call.get("arguments") or {} for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    )
    slots = understanding.get("slots")
    if isinstance(slots, dict):
        handed.append(slots)
    return {bare(str(each["number"])) for each in handed if each.get("number")}


def _told(desk: Desk, order: Order) -> str:
    """State, carrier, tracking number and days. No name, no product, no price: whoever has the parcel's label knows more."""
    said = [order_state(desk, order, to_stranger=True)]
    for shipment in first_shipments(desk, order):
        said += _parcel(desk, order, shipment)
    return " ".join(said)


def _parcel(desk: Desk, order: Order, shipment: Shipment) -> list[str]:
    facts, source = desk.facts, f"shipment {shipment.tracking_number} of order {order.number}"
    tracking = facts.text(shipment.tracking_number, source)
    if shipment.carrier is None:
        said = [desk.say("tracking.parcel", tracking=tracking)]
    else:
        carrier = facts.text(shipment.carrier, f"{source} carrier")
        said = [desk.say("tracking.parcel_with", tracking=tracking, carrier=carrier)]
    if shipment.delivered_on is not None:
        day = facts.day(shipment.delivered_on, f"{source} delivered")
        said.append(desk.say("tracking.delivered_on", delivered_on=day))
    elif shipment.expected_on is not None and days_delayed(shipment, desk.today) == 0:
        day = facts.day(shipment.expected_on, f"{source} expected")
        said.append(desk.say("tracking.expected_on", expected_on=day))
    return said


TOOLS = (
    Tool(
        "track_order",
        "Where a parcel is, by order number and the postcode it goes to, for somebody who has not proven who they are.",
        track,
        OfParcel,
        needs="stranger",
    ),
)
