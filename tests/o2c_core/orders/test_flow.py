"""What happens to an order by itself, and what keeps it waiting."""

from __future__ import annotations

import pytest

from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.orders.flow import FlowUnclear, OrderFlow, flow_of, why_waiting


@pytest.mark.parametrize(
    ("settings", "flow"),
    [
        ({}, OrderFlow("by hand", None)),
        (None, OrderFlow("by hand", None)),
        ({"order_flow": None}, OrderFlow("by hand", None)),
        ({"order_flow": {"confirm": "automatic"}}, OrderFlow("automatic", None)),
        ({"order_flow": {"confirm": "by hand", "invoice_on": "delivery"}}, OrderFlow("by hand", "delivery")),
        ({"order_flow": {"invoice_on": "shipment"}, "authority": {}}, OrderFlow("by hand", "shipment")),
    ],
)
def test_nothing_happens_by_itself_that_the_seller_has_not_set(settings: dict[str, object], flow: OrderFlow) -> None:
    assert flow_of(Seller(settings=settings)) == flow


@pytest.mark.parametrize(
    "said",
    [{"confirm": "auto"}, {"invoice_on": "order"}, {"invoice": "shipment"}, "automatic", ["confirm"], {"confirm": 1}],
)
def test_a_flow_nobody_understands_is_refused_in_a_sentence(said: object) -> None:
    with pytest.raises(FlowUnclear, match="The order flow says confirm: automatic or by hand"):
        flow_of(Seller(settings={"order_flow": said}))


@pytest.mark.parametrize(
    ("order", "used", "limit", "hold", "reason"),
    [
        ("100 EUR", "900 EUR", "1000 EUR", None, None),
        ("101 EUR", "900 EUR", "1000 EUR", None, "above the credit limit of 10.00 EUR"),
        ("1 EUR", "0 EUR", "0 EUR", None, "above the credit limit"),
        ("100 EUR", "-500 EUR", "0 EUR", None, None),
        ("100 EUR", None, None, None, None),
        ("100 EUR", None, None, "two months late", "a credit hold is running: two months late"),
        ("100 EUR", "0 EUR", "1000 EUR", "two months late", "a credit hold is running: two months late"),
        ("100 USD", "0 EUR", "1000 EUR", None, "the order is in USD and the credit limit in EUR"),
    ],
)
def test_an_order_beyond_credit_waits_and_says_why(
    order: str, used: str | None, limit: str | None, hold: str | None, reason: str | None
) -> None:
    def money(said: str | None) -> Money | None:
        return None if said is None else Money(int(said.split()[0]), said.split()[1])

    asked = money(order)
    assert asked is not None
    why = why_waiting(asked, money(used), money(limit), hold)
    assert why is None if reason is None else reason in (why or "")
