"""The shapes that requests and answers of the API have in common."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from o2c_core.cards import mask_cards
from o2c_core.money import MINOR_MAX, Money, NotAnAmount, UnknownCurrency, exponent

# No control characters: PostgreSQL keeps no NUL, and a name with a line break is not a name. Nothing but spaces says nothing,
# and two references that differ in the spaces around them look the same to everybody.
_SEEN = r"[^\s\x00-\x1f\x7f]"
_LINE = rf"^[^\x00-\x1f\x7f]*{_SEEN}[^\x00-\x1f\x7f]*$"
_REF = rf"^{_SEEN}([^\x00-\x1f\x7f]*{_SEEN})?$"
_PROSE = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*{_SEEN}[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Ref = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_REF)]
# A key of another system is kept as it is; in whatever people may have typed, card numbers are masked before it goes on.
Key = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_LINE)]
Line = Annotated[Key, AfterValidator(mask_cards)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=_PROSE), AfterValidator(mask_cards)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _iso_day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("A day is written as 2026-03-31")
    if not isinstance(value, str | date) or isinstance(value, datetime):
        raise ValueError("A day is written as 2026-03-31")
    return value


def _sensible_day(day: date) -> date:
    if not 1970 <= day.year <= 2199:
        raise ValueError("A day lies between 1970-01-01 and 2199-12-31")
    return day


def _sensible_moment(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 2199:
        raise ValueError("A moment lies between 1970 and 2199")
    return moment


def _iso_moment(value: Any) -> Any:
    if not isinstance(value, str | datetime) or (isinstance(value, str) and "T" not in value.upper()):
        raise ValueError("A moment is written as 2026-03-31T12:00:00Z")
    return value


Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(_sensible_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_iso_moment), AfterValidator(_sensible_moment)]
Quantity = Annotated[Decimal, Field(gt=0, le=Decimal(10) ** 10, decimal_places=3, max_digits=14)]
Price = Annotated[Decimal, Field(ge=-(Decimal(10) ** 11), le=Decimal(10) ** 11, decimal_places=6, max_digits=18)]
TaxRate = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


class Asked(BaseModel):
    """What comes in: exactly what is described, and nothing else."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Told(BaseModel):
    """What goes out."""

    model_config = ConfigDict(from_attributes=True)


class Amount(Told):
    """Money. `minor` counts the currency's smallest unit and is what to reckon with; `decimal` is the same, written out."""

    minor: int = Field(examples=[1234])
    currency: str = Field(description="ISO 4217 code.", examples=["EUR"])
    decimal: str = Field(examples=["12.34"])


class AmountAsked(Asked):
    """Money. `decimal` may be left out; where it is there, it must say the same as `minor`."""

    minor: int = Field(gt=0, le=MINOR_MAX, examples=[1234])
    currency: Currency = Field(examples=["EUR"])
    decimal: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, examples=["12.34"])

    def money(self) -> Money:
        """Raises: UnknownCurrency; NotAnAmount when `decimal` says something else."""
        said = Money(self.minor, self.currency)
        if self.decimal is not None and self.decimal != str(said.major):
            raise NotAnAmount("The decimal of an amount must say the same as its minor units.")
        return said


def amount(minor: int, currency: str) -> Amount:
    return shown(Money(int(minor), currency))


def shown(money: Money) -> Amount:
    return Amount(minor=money.minor, currency=money.currency, decimal=str(money.major))


def plain(number: Decimal | None) -> str | None:
    """A quantity, price or rate without trailing zeros: 2.000 is "2"."""
    return None if number is None else f"{number.normalize():f}"


def check_currency(code: str) -> str:
    """Raises: UnknownCurrency."""
    exponent(code)
    return code


__all__ = [
    "MINOR_MAX", "Amount", "AmountAsked", "Asked", "Country", "Currency", "Day", "Line", "Moment", "Price", "Prose",
    "Quantity", "Ref", "TaxRate", "Told", "UnknownCurrency", "amount", "check_currency", "plain", "shown",
]  # fmt: skip
