"""What a company says of itself when it begins to sell through Parley, checked before any of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    model_validator,
)
from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban
from stdnum.exceptions import ValidationError as NotValid

from o2c_core.customers.authority import DEFAULTS
from o2c_core.customers.chat_setting import Side, tidy_colour, tidy_origin
from o2c_core.customers.contact import NotAnAddress, tidy_email, tidy_phone
from o2c_core.customers.customer import LANGUAGES
from o2c_core.customers.working_time import HoursUnclear, read_hours
from o2c_core.errors import Refused
from o2c_core.money import UnknownCurrency, exponent


class SellerUnclear(Refused):
    """What is said about the seller cannot be used."""


def _currency(code: str) -> str:
    try:
        exponent(code)
    except UnknownCurrency as unknown:
        raise ValueError(f"'{code}' is not a currency of ISO 4217") from unknown
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError(f"'{name}' is not a time zone") from unknown
    return name


def _iban(text: str) -> str:
    try:
        return str(stdnum_iban.validate(text))
    except NotValid as odd:
        raise ValueError(f"'{text}' is not an IBAN: its check digits do not fit") from odd


def _bic(text: str) -> str:
    try:
        return str(stdnum_bic.validate(text))
    except NotValid as odd:
        raise ValueError(f"'{text}' is not a BIC") from odd


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError(f"'{text}' is not one of {', '.join(LANGUAGES)}")
    return text


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Currency = Annotated[str, AfterValidator(_currency)]
Language = Annotated[str, AfterValidator(_language)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Account(_Said):
    iban: Annotated[str, AfterValidator(_iban)]
    bic: Annotated[str, AfterValidator(_bic)] | None = None
    holder: Words
    currency: Currency
    is_default: bool = False


class Sender(_Said):
    channel: Literal["email", "sms", "whatsapp"]
    value: Words
    name: Words | None = None
    is_default: bool = False


class OrderFlow(_Said):
    confirm: Literal["automatic", "by hand"] = "by hand"
    invoice_on: Literal["shipment", "delivery"] | None = None


class Informing(_Said):
    """Which steps customers hear of; what each setting means is said where they are told (docs/informing.md)."""

    steps: dict[str, Literal["on", "asked", "off"]] = {}
    within_hours: Annotated[int, Field(ge=0, le=24 * 14)] | None = None
    gather_minutes: Annotated[int, Field(ge=0, le=24 * 60)] | None = None
    messages_a_day: Annotated[int, Field(ge=0, le=50)] | None = None
    imports: bool = False
    from_on: Annotated[date, PlainSerializer(date.isoformat)] | None = None


class Notices(_Said):
    """Which formal notices are on, and what they say of VAT and of the deadline; the kinds are those of `notices/kinds.py`."""

    kinds: list[Words] = []
    may_reclaim_vat: bool = True
    vat_percent: Annotated[str, StringConstraints(pattern=r"^\d{1,2}(\.\d{1,2})?$")] = "21"
    wording: Literal["fourteen", "fifteen"] = "fourteen"
    days_late_min: Annotated[int, Field(ge=1, le=365)] = 1


class Chat(_Said):
    """On which sites the chat may stand and in which colour (docs/widget.md)."""

    origins: Annotated[list[Annotated[str, AfterValidator(tidy_origin)]], Field(max_length=50)] = []
    accent: Annotated[str, AfterValidator(tidy_colour)] | None = None
    side: Side = "right"


def _hours(text: str) -> str:
    try:
        return str(read_hours(text))
    except HoursUnclear as odd:
        raise ValueError(odd.sentence) from odd


class AnswerMinutes(_Said):
    """In how many working minutes somebody who waits for a person is answered, by how urgent it is."""

    now: Annotated[int, Field(ge=1, le=10_000)] = 15
    today: Annotated[int, Field(ge=1, le=10_000)] = 120
    normal: Annotated[int, Field(ge=1, le=10_000)] = 480


class Desk(_Said):
    """When people answer at the desk, and how soon (docs/desk.md)."""

    hours: Annotated[str, AfterValidator(_hours)] = "mon-fri 09:00-17:00"
    answer_minutes: AnswerMinutes = AnswerMinutes()


class SellerProfile(_Said):
    """A seller as a file or another system describes it."""

    name: Words
    country: Country
    currency: Currency
    language: Language
    languages: list[Language] = []
    time_zone: Annotated[str, AfterValidator(_zone)]
    payment_terms_days: Annotated[int, Field(ge=0, le=365)] = 30
    email: Words | None = None
    phone: Words | None = None
    street: Words | None = None
    postcode: Words | None = None
    city: Words | None = None
    vat_number: Words | None = None
    company_number: Words | None = None
    endpoint: Words | None = None
    bank_accounts: list[Account] = []
    senders: list[Sender] = []
    numbering: dict[str, str] = {}
    order_flow: OrderFlow | None = None
    informing: Informing | None = None
    authority: dict[str, dict[str, Annotated[int, Field(ge=0)]]] = {}
    owners: dict[str, Annotated[str, Field(min_length=1, max_length=100)]] = {}
    transfer_days: Annotated[int, Field(ge=1, le=15)] | None = None
    tax_exemptions: dict[str, Words] = {}
    notices: Notices | None = None
    chat: Chat | None = None
    desk: Desk | None = None

    @model_validator(mode="after")
    def _whole(self) -> SellerProfile:
        for role, limits in self.authority.items():
            if role not in DEFAULTS:
                raise ValueError(f"'{role}' is not a role: {', '.join(DEFAULTS)}")
            unknown = limits.keys() - vars(DEFAULTS[role]).keys()
            if unknown:
                raise ValueError(f"'{min(unknown)}' is not a limit: {', '.join(vars(DEFAULTS[role]))}")
        try:
            self.email = tidy_email(self.email) if self.email else None
            for sender in self.senders:
                is_mail = sender.channel == "email"
                sender.value = tidy_email(sender.value) if is_mail else tidy_phone(sender.value, self.country)
        except NotAnAddress as odd:
            raise ValueError(f"'{odd.fields['text']}' is neither an email address nor a phone number") from odd
        return self


def read_profile(tables: Mapping[str, Any]) -> SellerProfile:
    """The profile from the tables of a TOML file or a JSON object. Raises: SellerUnclear, naming the first thing wrong."""
    try:
        return SellerProfile.model_validate(dict(tables))
    except ValidationError as odd:
        first = odd.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the seller"
        why = str(first["msg"]).removeprefix("Value error, ")
        raise SellerUnclear(f"{where}: {why}.", where=where) from odd
