"""The steps a customer is kept informed of, and which of them a seller has set to happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused

# on: everybody hears of it who did not say no. asked: only who asked for it. off: nobody.
SWITCHES = ("on", "asked", "off")


@dataclass(frozen=True)
class Step:
    """One thing that happens to an order or an invoice, who at the customer hears of it, and with what it is combined."""

    name: str
    audience: str
    topic: str
    switch: str = "on"
    may_decline: bool = True


# An arrival is off unless somebody asks for it: who took the parcel in knows, and the carrier says so too. An invoice and
# a credit note are documents that have to reach the customer, so nobody can decline them.
STEPS: Mapping[str, Step] = {
    step.name: step
    for step in (
        Step("order_confirmed", "operations", "goods"),
        Step("shipped", "operations", "goods"),
        Step("delayed", "operations", "goods"),
        Step("delivered", "operations", "goods", switch="asked"),
        Step("invoice_issued", "accounts_payable", "invoice", may_decline=False),
        Step("payment_received", "accounts_payable", "account"),
        Step("credit_issued", "accounts_payable", "account", may_decline=False),
        Step("hold_ended", "accounts_payable", "account"),
    )
}


class InformingUnclear(Refused):
    """Informing says which steps are on, asked or off, within how many hours, and how long is gathered."""


@dataclass(frozen=True)
class Informing:
    """What a seller has set. `switches` has only what differs from ours.

    An event is told of when it happened at most `within_hours` ago; events are gathered for `gather_minutes`; a customer
    gets at most `messages_a_day` notices a day. Files are told of only with `imports`, and nothing of before `from_on`.
    """

    switches: Mapping[str, str] = field(default_factory=dict)
    within_hours: int = 72
    gather_minutes: int = 15
    messages_a_day: int = 4
    imports: bool = False
    from_on: date | None = None

    def switch(self, step: str) -> str:
        return self.switches.get(step, STEPS[step].switch)

    def is_wanted(self, step: str, wish: bool | None) -> bool:
        """Whether somebody hears of it who said yes, said no, or said nothing."""
        switch = self.switch(step)
        if switch == "off" or (wish is False and STEPS[step].may_decline):
            return False
        return switch == "on" or wish is True

    @property
    def within(self) -> timedelta:
        return timedelta(hours=self.within_hours)

    @property
    def gather(self) -> timedelta:
        return timedelta(minutes=self.gather_minutes)


_NUMBERS = {"within_hours": 24 * 14, "gather_minutes": 24 * 60, "messages_a_day": 50}


def informing_of(seller: Seller) -> Informing:
    """The seller's settings, ours where they say nothing.

    Raises: InformingUnclear.
    """
    said = (seller.settings or {}).get("informing") or {}
    if not isinstance(said, dict) or not said.keys() <= {"steps", "imports", "from_on", *_NUMBERS}:
        raise InformingUnclear(said=said)
    switches = said.get("steps") or {}
    numbers = {name: said[name] for name in _NUMBERS if said.get(name) is not None}
    if not switches.keys() <= STEPS.keys() or not set(switches.values()) <= set(SWITCHES):
        raise InformingUnclear(said=said)
    if any(type(value) is not int or not 0 <= value <= _NUMBERS[name] for name, value in numbers.items()):
        raise InformingUnclear(said=said)
    if type(said.get("imports", False)) is not bool:
        raise InformingUnclear(said=said)
    try:
        from_on = date.fromisoformat(said["from_on"]) if said.get("from_on") else None
    except (TypeError, ValueError) as odd:
        raise InformingUnclear(said=said) from odd
    return Informing(switches=dict(switches), imports=said.get("imports", False), from_on=from_on, **numbers)
