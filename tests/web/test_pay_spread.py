"""However an amount is chosen over invoices, it is spread over them exactly, oldest first and never more than is asked."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.conversations.pay_choice import MoreThanChosen, NothingChosen, NothingToPay, choose
from o2c_core.conversations.pay_links import ToPay
from o2c_core.customers.customer import Customer
from o2c_core.documents.payment import Asked
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money

DAY = date(2026, 3, 16)


def to_pay(minors: list[int]) -> ToPay:
    items = tuple(
        (
            Invoice(id=UUID(int=at), number=f"INV-{at}", due_on=DAY + timedelta(days=at), payment_reference=None),
            Money(minor, "EUR"),
        )
        for at, minor in enumerate(minors, 1)
    )
    return ToPay(Customer(ref="C1"), items, Asked(Money(sum(minors), "EUR"), "x"))


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8), st.data())
def test_every_cent_chosen_goes_to_one_chosen_invoice(minors: list[int], data: st.DataObject) -> None:
    now = to_pay(minors)
    picked = data.draw(st.sets(st.sampled_from([invoice.number for invoice, _ in now.items]), min_size=1))
    most = sum(amount.minor for invoice, amount in now.items if invoice.number in picked)
    minor = data.draw(st.integers(1, most))
    choice = choose(now, picked, Money(minor, "EUR"))
    free = {invoice.id: amount for invoice, amount in choice.items}
    assert sum(amount.minor for amount in choice.parts.values()) == minor
    assert all(Money(0, "EUR") < amount <= free[id_] for id_, amount in choice.parts.items())
    # Only the last that gets anything is not paid whole.
    assert sum(amount < free[id_] for id_, amount in choice.parts.items()) <= 1
    assert choice.transfer("C1").amount == choice.amount


@pytest.mark.parametrize(
    ("numbers", "minor", "refusal"),
    [
        (set(), None, NothingChosen), ({"INV-9"}, None, NothingChosen), (None, 0, NothingToPay), (None, -1, NothingToPay),
        (None, 301, MoreThanChosen), ({"INV-1"}, 101, MoreThanChosen),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen(numbers: set[str] | None, minor: int | None, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        choose(to_pay([100, 200]), numbers, Money(minor, "EUR") if minor is not None else None)
