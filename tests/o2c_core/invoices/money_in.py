"""Receipts and claims for tests of matching: name only what the test is about."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid5

from o2c_core.invoices.matching import match
from o2c_core.invoices.matching_facts import Candidates, Claim, Matched, Receipt, Unsure
from o2c_core.invoices.reference import creditor_reference
from o2c_core.money import Money

ON = date(2026, 3, 16)
THEIRS = "NL20INGB0001234567"
SPACE = UUID(int=7)


def a_customer(name: str) -> UUID:
    return uuid5(SPACE, name)


def a_claim(
    number: str,
    open_minor: int,
    customer: str = "jansen",
    *,
    due: int = 0,
    discount: int = 0,
    until: int = 0,
    disputed: int = 0,
    currency: str = "EUR",
    reference: str | None = None,
    instalments: tuple[int, ...] = (),
) -> Claim:
    """`due` and `until` are days from the day the money came."""
    plain = "".join(letter for letter in number.upper() if letter.isalnum())
    own = (creditor_reference(number), reference)
    return Claim(
        invoice_id=uuid5(SPACE, f"{customer} {number} {currency}"),
        number=number,
        plain_number=plain,
        references=tuple(one for one in own if one),
        customer_id=a_customer(customer),
        currency=currency,
        open_minor=open_minor,
        due_on=ON + timedelta(days=due),
        discount_minor=discount,
        discount_until_on=ON + timedelta(days=until) if discount else None,
        disputed_minor=disputed,
        instalments=instalments,
    )


def a_receipt(
    minor: int,
    text: str = "",
    *,
    reference: str | None = None,
    account: str | None = THEIRS,
    currency: str = "EUR",
    name: str | None = "Bakkerij Jansen",
) -> Receipt:
    return Receipt(Money(minor, currency), ON, reference, text, name, account)


def matched(
    receipt: Receipt, *claims: Claim, payers: tuple[str, ...] = (), named: tuple[str, ...] = ()
) -> Matched | Unsure:
    return match(
        receipt,
        Candidates(
            claims=claims,
            payers=frozenset(map(a_customer, payers)),
            named=frozenset(map(a_customer, named)),
        ),
    )


def shown(answer: Matched | Unsure) -> str:
    """The answer in one line: "number: INV-1 100, 5 over" or "unsure, several_fit"."""
    if isinstance(answer, Unsure):
        return f"unsure, {answer.why.key}"
    paid = " + ".join(f"{part.number} {part.minor}" for part in answer.parts)
    return f"{answer.rule}: {paid}" + (f", {answer.rest_minor} over" if answer.rest_minor else "")
