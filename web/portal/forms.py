"""What a form sent in: its fields, its files, and what could not be read of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated
from urllib.parse import quote

from babel.numbers import NumberFormatError, parse_decimal
from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from o2c_core import money
from o2c_core.actions.keep_form import KeptForm, SentForm, keep_form
from o2c_core.conversations.page_files import FILES_MAX, PageFile, page_file
from o2c_core.money import Money, NotAnAmount
from o2c_core.orders.states import QUANTITY_PLACES
from web.portal.door import Guest, Portal

FIELDS_MAX = 400
WORDS_MAX = 2000
QUANTITY_BELOW = 10**9


@dataclass(frozen=True)
class Upload:
    """A file as the browser sent it."""

    name: str
    claimed_type: str
    content: bytes


@dataclass(frozen=True)
class Sent:
    """The fields by name, in the order in which they came."""

    values: Mapping[str, tuple[str, ...]]
    uploads: tuple[Upload, ...] = ()

    def one(self, name: str) -> str:
        """The field's value without spaces around it; empty where it is not there."""
        return next(iter(self.values.get(name, ())), "").strip()

    def words(self, name: str = "words") -> str:
        return self.one(name)[:WORDS_MAX]

    def shown(self) -> dict[str, str]:
        """For filling the form in again as it was sent."""
        return {name: values[-1] for name, values in self.values.items() if values}

    def files(self) -> tuple[PageFile, ...]:
        """Raises: NotAPicture."""
        return tuple(page_file(one.name, one.claimed_type, one.content) for one in self.uploads[:FILES_MAX])


async def _posted(request: Request) -> Sent:
    values: dict[str, list[str]] = {}
    uploads = []
    async with request.form(max_files=FILES_MAX, max_fields=FIELDS_MAX) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    uploads.append(Upload(value.filename, value.content_type or "", await value.read()))
            else:
                # A field can carry halves of characters and NULs, which no text may hold.
                tidy = value.encode("utf-8", "ignore").decode().replace("\x00", "")
                values.setdefault(name, []).append(tidy)
    return Sent({name: tuple(all_) for name, all_ in values.items()}, tuple(uploads))


SentHere = Annotated[Sent, Depends(_posted)]


def keep(
    portal: Portal, guest: Guest, sent: Sent, text: str, *, about: str | None = None, files: tuple[PageFile, ...] = (),
    once: bool = False,
) -> KeptForm:  # fmt: skip
    """What was sent in, in the thread that agents read, once for each form and what is in it; with `once` for each form,
    whatever is in it."""
    inside = repr(sorted((name, value) for name, value in sent.values.items() if name != "form_key"))
    mark = "" if once else "." + hashlib.sha256(inside.encode()).hexdigest()[:16]
    form = SentForm(guest.visit_id, sent.one("form_key")[:64] + mark, text, guest.language, about, files)
    return keep_form(form, store=portal.store)


def number_in(text: str, locale: str) -> Decimal | None:
    """A quantity as it is written in that locale, or with a point; None where it is no quantity above zero."""
    bare = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    try:
        number = Decimal(parse_decimal(bare, locale=locale, strict=True))
    except NumberFormatError:
        try:
            number = Decimal(bare)
        except InvalidOperation:
            return None
    is_quantity = number.is_finite() and 0 < number < QUANTITY_BELOW and number == round(number, QUANTITY_PLACES)
    return number if is_quantity else None


def amount_in(text: str, currency: str, locale: str) -> Money | None:
    """The amount as it is written in that locale; None where it is no amount above zero."""
    try:
        amount = money.parse(text, currency, locale)
    except NotAnAmount:
        return None
    return amount if 0 < amount.minor <= money.MINOR_MAX else None


def quoted(number: str) -> str:
    """A document's number in an address."""
    return quote(number, safe="")
