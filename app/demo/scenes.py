"""What is special about the named customers on the day the history is written for."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.demo import cast
from app.demo.articles import ARTICLES
from app.demo.buyers import Buyer
from app.demo.deals import (
    Deal,
    Item,
    basket,
    deliver,
    hold_back,
    item,
    owe,
    pay,
    place,
    send,
    workday_before,
    working_days,
)
from app.demo.payers import Part

_MUGS, _TUMBLERS, _PLATES = "COF-5006", "TBL-1022", "TBL-1010"


@dataclass
class Credit:
    """Some pieces of a deal's first line, taken back and not yet set against anything."""

    deal: Deal
    quantity: int
    on: date
    reason: str


@dataclass
class Objection:
    """Some pieces of a deal's first line that the customer says never came."""

    deal: Deal
    quantity: int
    on: date
    words: str


@dataclass
class Scenes:
    """What the named customers add to the ordinary history."""

    deals: list[Deal] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)


# How many days late the invoice is that each is reminded of in letters.py: so many that on the last workday before, even
# after a row of holidays, the step was reached.
FAILS_DAYS, PAID_DAYS, UNSURE_DAYS, WAITS_DAYS = 12, 12, 19, 1

# Since when the addresses here do not work, in days before the day of the history, and what the mail server said.
BOUNCES = {cast.GREENFIELD: (20, "hard bounce: 550 5.1.1 mailbox does not exist")}


def scenes(buyers: dict[str, Buyer], today: date, dice: random.Random) -> Scenes:
    """The part of every named customer, with days counted from `today`."""
    result = Scenes()
    for play in _PLAYS:
        play(result, buyers, today, dice)
    for (_, late_days), ref in cast.RUNGS.items():
        result.deals.append(owe(buyers[ref], today - timedelta(days=late_days), today, dice))
    return result


def _few(sku: str, quantity: int, buyer: Buyer) -> Item:
    return item(next(article for article in ARTICLES if article.sku == sku), quantity, buyer)


def _owed_and_on_its_way(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:
    buyer = buyers[cast.BAKKERIJ_JANSEN]
    paid = owe(buyer, today - timedelta(days=4), today, dice)
    paid.parts = [Part(today - timedelta(days=6), paid.total_minor)]
    late = owe(buyer, today - timedelta(days=12), today, dice)
    sent_on = working_days(today, -1)
    last = Deal(buyer, working_days(sent_on, -2), basket(buyer, dice), today + timedelta(days=1))
    send(last, sent_on, last.expected_on, dice, carrier="PostNL")
    to.deals += [paid, late, last]


def _half_paid_and_disputed(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:
    buyer = buyers[cast.HART_AND_SONS]
    half = owe(buyer, today - timedelta(days=34), today, dice)
    half.parts = [Part(today - timedelta(days=24), half.total_minor // 200 * 100)]  # whole pounds
    short = owe(buyer, today - timedelta(days=6), today, dice, [_few(_PLATES, 24, buyer), _few(_TUMBLERS, 36, buyer)])
    to.deals += [half, short]
    words = "We received 21 of the 24 dinner plates."
    to.objections.append(Objection(short, 3, today - timedelta(days=9), words))


def _credit_to_use(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:
    buyer = buyers[cast.HOTEL_SEEBLICK]
    deal = owe(buyer, today - timedelta(days=10), today, dice, [_few(_TUMBLERS, 48, buyer), _few(_MUGS, 24, buyer)])
    deal.parts = [Part(today - timedelta(days=13), deal.total_minor)]
    to.deals.append(deal)
    to.credits.append(Credit(deal, 6, today - timedelta(days=5), "Sechs Gläser kamen zerbrochen an"))


def _parcel_overdue(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:
    buyer = buyers[cast.CAFE_DES_ARTS]
    expected_on = today - timedelta(days=3)
    deal = Deal(buyer, today - timedelta(days=10), basket(buyer, dice), expected_on)
    send(deal, today - timedelta(days=7), expected_on, dice, carrier="Colissimo")
    to.deals.append(deal)


def _simply_late(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:
    sophie = buyers[cast.SOPHIE_DE_WIT]
    to.deals += [
        owe(sophie, today - timedelta(days=9), today, dice, [_few(_MUGS, 4, sophie)]),
        owe(buyers[cast.GREENFIELD], today - timedelta(days=16), today, dice),
        owe(buyers[cast.NO_ADDRESS], today - timedelta(days=10), today, dice),
    ]


def _under_way(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:
    asked = hold_back(place(buyers[cast.JUST_ORDERED], today, today, dice), "ordered")
    confirmed = hold_back(place(buyers[cast.CONFIRMED], today - timedelta(days=1), today, dice), "confirmed")
    for deal in (asked, confirmed):
        deal.expected_on = working_days(today, 3)

    buyer = buyers[cast.PART_SHIPPED]
    partly = Deal(buyer, today - timedelta(days=4), basket(buyer, dice), working_days(today, 5))
    send(partly, today - timedelta(days=1), working_days(today, 1), dice, carrier="DHL")
    partly.items[-1].state = "confirmed"

    buyer = buyers[cast.DELIVERED_YESTERDAY]
    yesterday = today - timedelta(days=1)
    came = Deal(buyer, today - timedelta(days=4), basket(buyer, dice), yesterday)
    deliver(came, send(came, today - timedelta(days=2), yesterday, dice, carrier="PostNL"), yesterday, today, dice)
    to.deals += [asked, confirmed, partly, came]


def _kept_habits(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:
    """The habits that a tour points at show on the day itself, whatever the dice did."""
    stopped = buyers[cast.STOPPED_PAYING]
    to.deals += [owe(stopped, today - timedelta(days=days), today, dice) for days in (52, 24)]
    for ref, days in ((cast.PAYS_IN_PARTS, 15), (cast.OVERPAYS, 8), (cast.ALWAYS_FOUR_DAYS_LATE, 21)):
        deal = owe(buyers[ref], today - timedelta(days=days), today, dice)
        pay(deal, today, dice)
        to.deals.append(deal)
    # Two bills of one month, so that there is one transfer for both.
    month_end = today.replace(day=1) - timedelta(days=1)
    for day in (8, 19):
        deal = owe(buyers[cast.PAYS_SEVERAL_AT_ONCE], month_end.replace(day=day), today, dice)
        pay(deal, today, dice)
        to.deals.append(deal)


def _written_to(to: Scenes, buyers: dict[str, Buyer], today: date, dice: random.Random) -> None:  # noqa: ARG001
    """What the messages of letters.py are about, with dice of their own so that nobody else's history changes."""
    own = random.Random(today.toordinal())  # noqa: S311 (reproducible on purpose)
    for ref, late_days in (
        (cast.WAITS_FOR_MORNING, WAITS_DAYS), (cast.NOBODY_KNOWS, UNSURE_DAYS), (cast.MAILBOX_GONE, FAILS_DAYS),
        (cast.PAID_IN_TIME, PAID_DAYS),
    ):  # fmt: skip
        deal = owe(buyers[ref], today - timedelta(days=late_days), today, own)
        if ref == cast.PAID_IN_TIME:
            deal.parts = [Part(workday_before("NL", today), deal.total_minor)]
        to.deals.append(deal)


_PLAYS: tuple[Callable[[Scenes, dict[str, Buyer], date, random.Random], None], ...] = (
    _owed_and_on_its_way,
    _half_paid_and_disputed,
    _credit_to_use,
    _parcel_overdue,
    _simply_late,
    _under_way,
    _kept_habits,
    _written_to,
)
