"""The sentences about an order's state, its shipments and who took them in."""

from __future__ import annotations

import re
from datetime import date

from bot.desk import Desk
from bot.tools.people import call_person
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment, days_delayed

_UNDELIVERED = ("ordered", "confirmed", "shipped", "part_shipped")
_DOCUMENT = re.compile(
    r"\b(?:pod|cmr|proof|document|copy|scan|signed|form|slip|bewijs|afleverbewijs|vrachtbrief|kopie|handtekening|formulier"
    r"|(?:zustell|liefer|ablieferungs)?nachweis|lieferschein|dokument|unterschrift|preuve|bon de livraison|signature)\b",
    re.IGNORECASE,
)
_SEND = re.compile(
    r"\b(?:send|sent|email|mail|forward|provide|get me|share|stuur\w*|sturen|toesturen|mailen|krijgen|ontvangen|schick\w*|send\w*"
    r"|zusenden|zukommen|erhalten|envoy\w*|transmett\w*|recevoir|fournir)\b",
    re.IGNORECASE,
)


def order_state(desk: Desk, order: Order, *, to_stranger: bool = False) -> str:
    """One sentence about the whole order; a late one is said to be late first. A stranger is not told when it was placed."""
    source = f"order {order.number}"
    number = desk.facts.text(order.number, source)
    expected_on = expected_day(order)
    if order.state in _UNDELIVERED and expected_on is not None and expected_on < desk.today:
        return desk.say("order.late", number=number, expected_on=desk.facts.day(expected_on, f"{source} expected"))
    if order.state == "ordered":
        if order.ordered_on is None or to_stranger:
            return desk.say("order.ordered_undated", number=number)
        return desk.say("order.ordered", number=number, ordered_on=desk.facts.day(order.ordered_on, f"{source} date"))
    if order.state == "confirmed" and order.expected_on is not None:
        expected = desk.facts.day(order.expected_on, f"{source} expected")
        return desk.say("order.confirmed_expected", number=number, expected_on=expected)
    return desk.say(f"order.{order.state}", number=number)


def expected_day(order: Order) -> date | None:
    """The latest day anything still under way should have come; the order's own day when nothing has left yet."""
    under_way = [one.expected_on for one in order.shipments if one.delivered_on is None and one.expected_on]
    return max(under_way) if under_way else order.expected_on


def shipments_told(desk: Desk, order: Order) -> list[str]:
    """Each shipment, those still under way first; as many as the channel carries."""
    said = [sentence for one in first_shipments(desk, order) for sentence in _shipment(desk, order, one)]
    more = len(order.shipments) - desk.rows_max
    if more > 0:
        said.append(desk.say("order.shipments_more", count=desk.facts.count(more, f"order {order.number} shipments")))
    return said


def first_shipments(desk: Desk, order: Order) -> list[Shipment]:
    """Those still under way first, then the latest delivered."""
    newest = date.min
    ordered = sorted(
        order.shipments,
        key=lambda one: (one.delivered_on is not None, -(one.delivered_on or newest).toordinal(), one.tracking_number),
    )
    return ordered[: desk.rows_max]


def _shipment(desk: Desk, order: Order, shipment: Shipment) -> list[str]:
    facts = desk.facts
    source = f"shipment {shipment.tracking_number} of order {order.number}"
    places = {"tracking": facts.text(shipment.tracking_number, source)}
    key = "order.shipment_undated"
    if shipment.carrier is not None:
        places["carrier"] = facts.text(shipment.carrier, f"{source} carrier")
        key = "order.shipment_with"
        if shipment.shipped_on is not None:
            places["shipped_on"] = facts.day(shipment.shipped_on, f"{source} shipped")
            key = "order.shipment"
    said = [desk.say(key, **places)]
    if shipment.delivered_on is not None:
        delivered_on = facts.day(shipment.delivered_on, f"{source} delivered")
        if shipment.received_by:
            receiver = facts.text(shipment.received_by, f"{source} received by")
            said.append(desk.say("order.received_by", delivered_on=delivered_on, received_by=receiver))
        else:
            said.append(desk.say("order.delivered_on", delivered_on=delivered_on))
    elif shipment.expected_on is not None and days_delayed(shipment, desk.today) == 0:
        said.append(desk.say("order.expected", expected_on=facts.day(shipment.expected_on, f"{source} expected")))
    return said


def proofs(desk: Desk, order: Order) -> list[str]:
    """Who took in which shipment, when, and how that was shown; nothing when none was delivered."""
    delivered = [one for one in first_shipments(desk, order) if one.delivered_on is not None]
    said: list[str] = []
    for one in delivered:
        assert one.delivered_on is not None
        source = f"shipment {one.tracking_number} of order {order.number}"
        places = {
            "tracking": desk.facts.text(one.tracking_number, source),
            "delivered_on": desk.facts.day(one.delivered_on, f"{source} delivered"),
        }
        if one.received_by:
            receiver = desk.facts.text(one.received_by, f"{source} received by")
            said.append(desk.say("order.proof", received_by=receiver, **places))
        else:
            said.append(desk.say("order.proof_unnamed", **places))
        if one.proof_kind:
            said.append(desk.say(f"order.proof_{one.proof_kind}"))
    if delivered and not any(one.received_by for one in delivered):
        said.append(desk.say("order.no_proof"))
    return said


def proof_document(desk: Desk, order: Order) -> list[str]:
    """The document itself is a person's to look up: at once when they ask for it, else that they may ask."""
    if not any(one.proof_kind or one.proof_reference for one in order.shipments):
        return []
    if _DOCUMENT.search(desk.words) and _SEND.search(desk.words):
        call_person(desk, "cannot", f"asks for the proof of delivery of order {order.number}")
        return [desk.say("order.proof_asked")]
    return [desk.say("order.proof_document")]
