"""How the seller's people read figures, days and moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core import days, money
from o2c_core.customers.customer import locale_for
from o2c_core.customers.seller import Seller
from o2c_core.money import Money


@dataclass(frozen=True)
class Reader:
    """One seller's locale, time zone and present moment."""

    locale: str
    zone: ZoneInfo
    now: datetime

    @classmethod
    def of(cls, seller: Seller, now: datetime) -> Reader:
        return cls(locale_for(seller.language, seller.country), ZoneInfo(seller.time_zone), now)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def money(self, amount: Money) -> str:
        return money.show(amount, self.locale)

    def minor(self, minor: int, currency: str) -> str:
        return self.money(Money(minor, currency))

    def count(self, number: int) -> str:
        return format_decimal(number, locale=self.locale)

    def day(self, day: date) -> str:
        return days.show_short(day, self.locale)

    def moment(self, at: datetime) -> str:
        """ "12:04" for today and "15 mrt 2026 12:04" for other days."""
        local = at.astimezone(self.zone)
        clock = f"{local:%H:%M}"
        return clock if local.date() == self.today else f"{self.day(local.date())} {clock}"


def desk_reader(session: Session, now: datetime) -> Reader:
    """For pages that are about no seller in particular: read as the first of them reads."""
    seller = session.scalars(select(Seller).order_by(Seller.ref).limit(1)).one_or_none()
    return Reader.of(seller, now) if seller else Reader("en_GB", ZoneInfo("UTC"), now)
