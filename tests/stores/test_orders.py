"""An order from placed to returned: every event moves its lines, is in the trail once, and triggers the next."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.cancel_lines import NothingToCancel, PartUnknown, cancel_lines
from o2c_core.actions.deliver_shipment import (
    Arrival,
    ArrivesTooEarly,
    DeliveredOtherwise,
    NoSuchProof,
    NoSuchShipment,
    deliver_shipment,
)
from o2c_core.actions.issue_invoice import Billing, issue_invoice
from o2c_core.actions.place_order import (
    place_order,
)
from o2c_core.actions.return_lines import NothingToReturn, return_lines
from o2c_core.actions.ship_order import (
    AnotherShipment,
    DeliveriesHeld,
    Departure,
    LeavesTooEarly,
    NeedsTracking,
    NothingToShip,
    ship_order,
)
from o2c_core.clock import MovableClock
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.draft import BilledLine
from o2c_core.keys import new_key
from o2c_core.orders.order import NoSuchLine, NoSuchOrder, Order
from o2c_core.orders.states import MoreThanDelivered, MoreThanOpen, NotAQuantity
from o2c_core.store.store import Store
from tests.build import DAY, a_shipment, an_order
from tests.stores.ordering import AUTOMATIC, a_purchase, buying, flour, held, jobs, placed, states, trail


def test_an_order_goes_all_the_way(store: Store, session: Session) -> None:
    order = placed(store, session)
    assert (order.number, order.ordered_on, str(order.amount)) == ("SO-101", DAY, "128.00 EUR")
    assert states(session, order) == ["confirmed", "confirmed"]
    one = ship_order(Departure(order.id, "3S1", "PostNL", {1: Decimal(4)}), store=store, by="Bas")
    assert states(session, order) == ["part_shipped", "confirmed"]
    two = ship_order(Departure(order.id, "3S2"), store=store, by="Bas")
    assert states(session, order) == ["shipped", "shipped"]
    deliver_shipment(Arrival(one.id, received_by="J. Jansen", proof_kind="signature"), store=store, by="PostNL")
    assert states(session, order) == ["shipped", "shipped"]
    deliver_shipment(Arrival(two.id), store=store, by="PostNL")
    assert states(session, order) == ["delivered", "delivered"]
    return_lines(order.id, {2: Decimal(3)}, store=store, by="Eva", why="mouldy")
    assert states(session, order) == ["delivered", "returned"]
    assert session.get_one(Order, order.id).state == "delivered"
    assert [(line.what, line.who) for line in trail(session)] == [
        ("order placed", "Eva"), ("order confirmed", "system"), ("shipment left", "Bas"), ("shipment left", "Bas"),
        ("shipment delivered", "PostNL"), ("shipment delivered", "PostNL"), ("lines returned", "Eva"), ("credit expected", "system"),
    ]  # fmt: skip
    assert {(line.customer_id, line.seller_id) for line in trail(session)} == {(order.customer_id, order.seller_id)}


def test_the_same_tracking_number_is_the_same_shipment(store: Store, session: Session) -> None:
    order = placed(store, session)
    one = ship_order(Departure(order.id, "3S1", quantities={1: Decimal(4)}), store=store, by="Bas")
    for again in (
        Departure(order.id, "3S1"),
        Departure(order.id, " 3S1 ", quantities={1: Decimal("4.000")}, shipped_on=DAY),
        Departure(order.id, "3S1", "PostNL", expected_on=DAY),
    ):
        assert ship_order(again, store=store, by="Bas").id == one.id
    assert len(trail(session, "shipment left")) == 1
    session.expire_all()
    assert session.get_one(Order, order.id).shipments[0].carrier == "PostNL"
    for other in (
        Departure(order.id, "3S1", "DHL"),
        Departure(order.id, "3S1", quantities={1: Decimal(5)}),
        Departure(order.id, "3S1", shipped_on=DAY - timedelta(days=1)),
    ):
        with pytest.raises(AnotherShipment, match=f"another shipment 3S1 of order {order.number}"):
            ship_order(other, store=store, by="Bas")


@pytest.mark.parametrize(
    ("departure", "failure"),
    [
        ({"tracking_number": " "}, NeedsTracking),
        ({"quantities": {1: Decimal(11)}}, MoreThanOpen),
        ({"quantities": {1: Decimal(0)}}, NotAQuantity),
        ({"quantities": {7: Decimal(1)}}, NoSuchLine),
        ({"quantities": {}}, NothingToShip),
        ({"shipped_on": DAY + timedelta(days=1)}, LeavesTooEarly),
        ({"expected_on": DAY - timedelta(days=1)}, LeavesTooEarly),
        ({"order_id": new_key()}, NoSuchOrder),
    ],
)
def test_what_cannot_leave_is_refused(
    store: Store, session: Session, departure: dict[str, Any], failure: type[Refused]
) -> None:
    order = placed(store, session)
    with pytest.raises(failure):
        ship_order(Departure(**({"order_id": order.id, "tracking_number": "3S1"} | departure)), store=store, by="Bas")
    assert states(session, order) == ["confirmed", "confirmed"]
    assert trail(session, "shipment left") == []


def test_nothing_leaves_during_a_hold_on_deliveries_unless_somebody_says_why(store: Store, session: Session) -> None:
    order = placed(store, session)
    held(session, session.get_one(Customer, order.customer_id), "delivery")
    with pytest.raises(DeliveriesHeld, match="on hold: two months late"):
        ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    ship_order(Departure(order.id, "3S1"), store=store, by="Bas", despite="they paid at the door")
    assert states(session, order) == ["shipped", "shipped"]


def test_another_hold_or_one_that_is_over_keeps_no_goods_back(store: Store, session: Session) -> None:
    order = placed(store, session)
    customer = session.get_one(Customer, order.customer_id)
    held(session, customer, "credit")
    held(session, customer, "delivery", until_on=DAY - timedelta(days=1))
    ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    assert states(session, order) == ["shipped", "shipped"]


def test_an_imported_shipment_is_told_what_was_in_it(store: Store, session: Session) -> None:
    order = an_order(session, buying(session), states=("confirmed", "confirmed"))
    shipment = a_shipment(session, order, "3S1", delivered_on=DAY)
    session.commit()
    assert ship_order(Departure(order.id, "3S1"), store=store, by="ERP").id == shipment.id
    assert states(session, order) == ["delivered", "delivered"]


def test_an_imported_order_arrives_with_the_last_shipment_that_does_not_say_what_is_in_it(
    store: Store, session: Session
) -> None:
    order = an_order(session, buying(session), states=("shipped", "delivered", "cancelled"))
    one, two = a_shipment(session, order, "3S1"), a_shipment(session, order, "3S2")
    session.commit()
    deliver_shipment(Arrival(two.id), store=store, by="PostNL")
    assert states(session, order) == ["shipped", "delivered", "cancelled"]
    deliver_shipment(Arrival(one.id), store=store, by="PostNL")
    assert states(session, order) == ["delivered", "delivered", "cancelled"]


def test_a_delivery_is_noted_once_with_its_proof(store: Store, session: Session) -> None:
    order = placed(store, session)
    shipment = ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    proof = {"received_by": "J. Jansen", "proof_kind": "photo", "proof_reference": "POD-9", "proof_note": "at the back"}
    deliver_shipment(Arrival(shipment.id, DAY, **proof), store=store, by="PostNL")
    for again in (
        Arrival(shipment.id, DAY, **proof),
        Arrival(shipment.id),
        Arrival(shipment.id, received_by="J. Jansen"),
    ):
        assert deliver_shipment(again, store=store, by="PostNL").proof_reference == "POD-9"
    assert len(trail(session, "shipment delivered")) == 1
    assert trail(session, "proof of delivery added") == []
    for other in (
        Arrival(shipment.id, DAY - timedelta(days=1)),
        Arrival(shipment.id, DAY, received_by="P. Smit"),
        Arrival(shipment.id, DAY, proof_kind="scan"),
    ):
        with pytest.raises(DeliveredOtherwise):
            deliver_shipment(other, store=store, by="PostNL")


def test_a_proof_that_comes_later_is_added(store: Store, session: Session, clock: MovableClock) -> None:
    order = placed(store, session)
    shipment = ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    deliver_shipment(Arrival(shipment.id), store=store, by="PostNL")
    clock.move(timedelta(days=2))
    later = deliver_shipment(Arrival(shipment.id, received_by="J. Jansen", proof_kind="code"), store=store, by="PostNL")
    assert (later.delivered_on, later.received_by) == (DAY, "J. Jansen")
    assert len(trail(session, "proof of delivery added")) == 1


@pytest.mark.parametrize(
    ("arrival", "failure"),
    [
        ({"delivered_on": DAY + timedelta(days=1)}, ArrivesTooEarly),
        ({"delivered_on": DAY - timedelta(days=1)}, ArrivesTooEarly),
        ({"proof_kind": "word of honour"}, NoSuchProof),
        ({"shipment_id": new_key()}, NoSuchShipment),
    ],
)
def test_what_cannot_have_arrived_is_refused(
    store: Store, session: Session, arrival: dict[str, Any], failure: type[Refused]
) -> None:
    order = placed(store, session)
    shipment = ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    with pytest.raises(failure):
        deliver_shipment(Arrival(**({"shipment_id": shipment.id} | arrival)), store=store, by="PostNL")
    assert states(session, order) == ["shipped", "shipped"]


def test_cancelling_the_rest_closes_a_line_at_what_was_shipped(store: Store, session: Session) -> None:
    order = placed(store, session)
    shipment = ship_order(Departure(order.id, "3S1", quantities={1: Decimal(4)}), store=store, by="Bas")
    cancel_lines(order.id, store=store, by="Eva", why="too late")
    assert states(session, order) == ["shipped", "cancelled"]
    details = trail(session, "lines cancelled")[0].details
    assert (details["quantities"], details["amount"]) == ({"1": "6", "2": "3"}, "78.00 EUR")
    deliver_shipment(Arrival(shipment.id), store=store, by="PostNL")
    assert states(session, order) == ["delivered", "cancelled"]
    with pytest.raises(NothingToCancel):
        cancel_lines(order.id, store=store, by="Eva", why="again")


def test_cancelling_what_was_invoiced_ahead_says_what_credit_is_expected(store: Store, session: Session) -> None:
    order = placed(store, session, flour("10", "12.50"))
    ahead = BilledLine(
        "FLOUR-1", "Flour", Decimal(6), Decimal("12.50"), "S", Decimal(21), order_line_id=order.lines[0].id
    )
    issue_invoice(Billing(order_id=order.id, lines=(ahead,)), store=store, by="Eva")
    cancel_lines(order.id, {1: Decimal(3)}, store=store, by="Eva", why="too late")
    cancel_lines(order.id, store=store, by="Eva", why="all of it")
    expected = [line.details for line in trail(session, "credit expected")]
    assert [(told["amount"], told["lines"][0]["quantity"]) for told in expected] == [("90.75 EUR", "6")]


def test_a_message_cancels_and_returns_once(store: Store, session: Session) -> None:
    order = placed(store, session)
    said = {"store": store, "by": "assistant", "why": "asked in the chat", "message_id": new_key()}
    for _ in range(2):
        cancel_lines(order.id, {1: Decimal(2)}, **said)
    shipment = ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    deliver_shipment(Arrival(shipment.id), store=store, by="PostNL")
    for _ in range(2):
        return_lines(order.id, {1: Decimal(3)}, **said)
    session.expire_all()
    line = session.get_one(Order, order.id).lines[0]
    assert (line.cancelled_quantity, line.returned_quantity) == (2, 3)
    cancelled_again = {1: Decimal(1)}
    with pytest.raises(MoreThanOpen):
        cancel_lines(order.id, cancelled_again, **said)


def test_what_has_left_is_not_cancelled_and_what_did_not_arrive_not_returned(store: Store, session: Session) -> None:
    order = placed(store, session)
    with pytest.raises(NothingToReturn):
        return_lines(order.id, store=store, by="Eva", why="mouldy")
    ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    with pytest.raises(NothingToCancel):
        cancel_lines(order.id, store=store, by="Eva", why="too late")
    with pytest.raises(MoreThanDelivered):
        return_lines(order.id, {1: Decimal(1)}, store=store, by="Eva", why="mouldy")


def test_an_imported_part_shipped_line_is_not_cancelled_blindly(store: Store, session: Session) -> None:
    order = an_order(session, buying(session), states=("part_shipped",))
    session.commit()
    with pytest.raises(PartUnknown):
        cancel_lines(order.id, store=store, by="Eva", why="too late")
    cancel_lines(order.id, {1: Decimal(1)}, store=store, by="Eva", why="too late")
    assert states(session, order) == ["part_shipped"]


def test_returned_goods_open_the_expectation_of_a_credit(store: Store, session: Session) -> None:
    order = placed(store, session, flour("3", "33.333333"), flour("2", "10.00", tax_category="Z", tax_rate=None))
    shipment = ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    deliver_shipment(Arrival(shipment.id), store=store, by="PostNL")
    return_lines(order.id, {1: Decimal(1), 2: Decimal(1)}, store=store, by="Eva", why="mouldy")
    return_lines(order.id, store=store, by="Eva", why="mouldy too")
    first, second = (line.details for line in trail(session, "credit expected"))
    assert (first["net_minor"], first["tax_minor"], first["amount"]) == (43_33, 7_00, "50.33 EUR")
    assert [(line["quantity"], line["net_minor"]) for line in first["lines"]] == [("1", 33_33), ("1", 10_00)]
    # Both credits together are what the lines came to: 99.99... is 100.00, and nothing is left over.
    assert [line["net_minor"] for line in second["lines"]] == [66_67, 10_00]
    assert return_lines(order.id, store=store, by="Eva", why="once more").state == "returned"
    assert len(trail(session, "lines returned")) == 2


@pytest.mark.parametrize("invoice_on", ["shipment", "delivery", None])
def test_goods_are_invoiced_when_the_seller_has_set_it(store: Store, session: Session, invoice_on: str | None) -> None:
    order = placed(store, session, settings={"order_flow": {"confirm": "automatic", "invoice_on": invoice_on}})
    shipment = ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    assert jobs(session) == (["issue_invoice"] if invoice_on == "shipment" else [])
    for _ in range(2):
        deliver_shipment(Arrival(shipment.id), store=store, by="PostNL")
    assert jobs(session) == (["issue_invoice"] if invoice_on else [])


def test_two_who_ship_at_once_never_ship_more_than_was_ordered(own_store: Store) -> None:
    with own_store.session() as session:
        customer = buying(session, AUTOMATIC)
    order = place_order(a_purchase(customer, flour("10")), store=own_store, by="Eva")
    ready = Barrier(6)

    def ship(number: int) -> str:
        ready.wait()
        try:
            leaving = Departure(order.id, f"3S{number % 3}-{number}", quantities={1: Decimal(4)})
            return ship_order(leaving, store=own_store, by="Bas").tracking_number
        except MoreThanOpen:
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(ship, range(6)))
    assert outcomes.count("refused") == 4
    with own_store.session() as session:
        assert session.get_one(Order, order.id).lines[0].state == "part_shipped"
        assert session.get_one(Seller, order.seller_id).settings == AUTOMATIC
