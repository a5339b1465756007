"""One deal as it went: ordered, packed, sent, billed and paid."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from app.demo.articles import Article, assortment
from app.demo.buyers import Buyer
from app.demo.payers import Part, settle
from o2c_core.customers.free_days import is_holiday
from o2c_core.invoices.invoice import due_day
from o2c_core.money import Money

_TRANSIT_DAYS = {"NL": 1, "DE": 2, "FR": 3, "GB": 3}
_CARRIERS = {
    "NL": ("PostNL", "PostNL", "DHL", "GLS"),
    "DE": ("DHL", "GLS", "DPD"),
    "FR": ("Colissimo", "DPD"),
    "GB": ("Royal Mail", "DPD"),
}
# What comes before the digits of an invented tracking number, how many there are, and what comes after.
_TRACKING = {
    "PostNL": ("3SVDGH", 9, ""),
    "DHL": ("JVGL", 16, ""),
    "GLS": ("", 11, ""),
    "DPD": ("0599", 10, ""),
    "Colissimo": ("8R", 11, ""),
    "Royal Mail": ("VD", 9, "GB"),
}
_DOORS = {
    "NL": ("J. Bakker", "M. de Boer", "S. Kuiper", "T. Hendriks"),
    "DE": ("A. Schmitt", "K. Wagner", "F. Lehmann"),
    "FR": ("P. Bernard", "N. Petit", "S. Garnier"),
    "GB": ("R. Wood", "H. Clarke", "D. Evans"),
}
# Articles per order, pieces per article, days between orders.
_BUYS = {
    "bakery": ((2, 4), (4, 14), (13, 24)),
    "hotel": ((3, 5), (12, 60), (14, 26)),
    "restaurant": ((2, 5), (8, 48), (14, 26)),
    "café": ((2, 4), (4, 24), (16, 28)),
    "shop": ((3, 5), (10, 40), (20, 32)),
    "office": ((1, 3), (3, 10), (24, 38)),
    "care home": ((2, 4), (10, 40), (20, 32)),
    "household": ((1, 3), (2, 6), (35, 60)),
}


@dataclass
class Item:
    """So many of one article, and how far they are."""

    article: Article
    quantity: int
    price: Decimal
    state: str = "delivered"

    def minor(self, currency: str, quantity: int | None = None) -> int:
        """What these pieces cost without tax, or so many of them."""
        return Money.rounded(self.price * (quantity or self.quantity), currency).minor


@dataclass
class Parcel:
    """What left for one deal; the days in it are those that are known on the day the history is written for."""

    carrier: str
    tracking_number: str
    shipped_on: date
    expected_on: date
    delivered_on: date | None = None
    received_by: str | None = None


@dataclass
class Deal:
    """An order with everything that followed from it. Not billed while nothing was sent."""

    buyer: Buyer
    ordered_on: date
    items: list[Item]
    expected_on: date
    parcels: list[Parcel] = field(default_factory=list)
    issued_on: date | None = None
    parts: list[Part] = field(default_factory=list)
    purchase_order: str | None = None

    @property
    def billed(self) -> list[Item]:
        return [item for item in self.items if item.state in ("shipped", "delivered")]

    @property
    def net_minor(self) -> int:
        return sum(item.minor(self.buyer.currency) for item in self.billed)

    @property
    def total_minor(self) -> int:
        return self.with_tax(self.net_minor)

    def with_tax(self, net_minor: int) -> int:
        """What the buyer pays for goods of that much."""
        tax = Money(net_minor, self.buyer.currency).major * self.buyer.tax_percent / 100
        return net_minor + Money.rounded(tax, self.buyer.currency).minor

    @property
    def due_on(self) -> date:
        assert self.issued_on is not None
        return due_day(self.issued_on, self.buyer.terms_days)


def basket(buyer: Buyer, dice: random.Random) -> list[Item]:
    """What somebody in the buyer's trade might put in one order."""
    kinds, pieces, _ = _BUYS[buyer.trade]
    choice = dice.sample(assortment(buyer.trade), dice.randint(*kinds))
    return [item(article, dice.randint(*pieces), buyer) for article in choice]


def item(article: Article, quantity: int, buyer: Buyer) -> Item:
    return Item(article, quantity, article.price(buyer.currency))


def working_days(day: date, count: int) -> date:
    """The day that many working days (Monday to Friday) after `day`, or before it when negative."""
    step = timedelta(days=1 if count > 0 else -1)
    while count:
        day += step
        if day.weekday() < 5:
            count += -1 if count > 0 else 1
    return day


def place(
    buyer: Buyer, ordered_on: date, today: date, dice: random.Random, items: Sequence[Item] | None = None
) -> Deal:
    """An order of that day as far as it has come by `today`: usually on time, one in sixteen late, billed when sent."""
    shipped_on = working_days(ordered_on, dice.randint(1, 2))
    expected_on = working_days(shipped_on, _TRANSIT_DAYS[buyer.country])
    late_days = dice.randint(1, 3) if dice.random() < 1 / 16 else 0
    deal = Deal(buyer, ordered_on, list(items or basket(buyer, dice)), expected_on)
    if buyer.kind == "company" and dice.random() < 0.4:
        deal.purchase_order = f"PO-{dice.randint(3000, 9999)}"
    parcel = send(deal, shipped_on, expected_on, dice)
    if shipped_on > today:
        return hold_back(deal, "confirmed")
    deliver(deal, parcel, working_days(expected_on, late_days), today, dice)
    return deal


def workday_before(country: str, today: date) -> date:
    """The last day before that one on which people there work."""
    day = today - timedelta(days=1)
    while day.weekday() >= 5 or is_holiday(country, day):
        day -= timedelta(days=1)
    return day


def owe(buyer: Buyer, due_on: date, today: date, dice: random.Random, items: Sequence[Item] | None = None) -> Deal:
    """A deal that was sent and came on time, whose bill falls due on exactly that day and is not paid."""
    issued_on = due_on - timedelta(days=buyer.terms_days)
    # Bills may go out in a weekend; parcels do not.
    shipped_on = working_days(issued_on + timedelta(days=1), -1)
    expected_on = working_days(shipped_on, _TRANSIT_DAYS[buyer.country])
    deal = Deal(buyer, working_days(shipped_on, -2), list(items or basket(buyer, dice)), expected_on)
    parcel = send(deal, shipped_on, expected_on, dice)
    deal.issued_on = issued_on
    deliver(deal, parcel, expected_on, today, dice)
    return deal


def send(deal: Deal, shipped_on: date, expected_on: date, dice: random.Random, carrier: str | None = None) -> Parcel:
    """Everything leaves on that day and is billed with it."""
    carrier = carrier or dice.choice(_CARRIERS[deal.buyer.country])
    before, digits, after = _TRACKING[carrier]
    number = f"{before}{dice.randrange(10**digits):0{digits}}{after}"
    parcel = Parcel(carrier, number, shipped_on, expected_on)
    deal.parcels.append(parcel)
    deal.issued_on = shipped_on
    for one in deal.items:
        one.state = "shipped"
    return parcel


def deliver(deal: Deal, parcel: Parcel, on: date, today: date, dice: random.Random) -> None:
    """The parcel is taken in on that day, if it has come by `today`."""
    if on >= today:
        return
    name = deal.buyer.name if deal.buyer.kind == "person" else dice.choice(_DOORS[deal.buyer.country])
    parcel.delivered_on, parcel.received_by = on, name
    for one in deal.items:
        one.state = "delivered"


def hold_back(deal: Deal, state: str) -> Deal:
    """Nothing was sent or billed yet; every line is in that state."""
    deal.parcels, deal.issued_on = [], None
    for one in deal.items:
        one.state = state
    return deal


def pay(deal: Deal, today: date, dice: random.Random) -> bool:
    """Records what the buyer's habit has paid before `today`, and says whether that is everything."""
    if deal.issued_on is None:
        return False
    plan = settle(deal.buyer.habit, deal.due_on, deal.total_minor, today=today, dice=dice)
    deal.parts = [part for part in plan if part.on < today]
    return sum(part.minor for part in deal.parts) == deal.total_minor


def regular(buyer: Buyer, start: date, end: date, today: date, dice: random.Random, *, only_paid: bool) -> list[Deal]:
    """The buyer's ordinary deals from `start` to before `end`; with `only_paid` only those that are paid in full."""
    _, _, between = _BUYS[buyer.trade]
    deals = []
    day = start + timedelta(days=dice.randint(0, between[1]))
    while day < end:
        ordered_on = working_days(day, 1)
        deal = place(buyer, ordered_on, today, dice)
        is_paid = pay(deal, today, dice)
        if ordered_on < end and (is_paid or not only_paid):
            deals.append(deal)
        day += timedelta(days=dice.randint(*between))
    return deals
