"""Where a customer sees, from a link in one of our answers, how to pay what is open now.

Looking changes nothing. The page names the seller, the invoices and what is open on them, and nothing else of the account.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from babel.numbers import format_decimal
from fastapi import APIRouter, Header, Response
from fastapi.responses import HTMLResponse

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_links import ToPay, payable_of, to_pay
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.documents.figures import Figures
from o2c_core.documents.payment import panel
from o2c_core.documents.wording import wording_in
from o2c_core.money import exponent
from o2c_core.store.store import Store
from web.rendering import page
from web.wording import preferred

_WORDS = Path(__file__).parent / "pay_wording"
# A link is a key: search engines do not keep it, and it is told to no other site.
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Row:
    """One thing to type over: what it is, how it is printed, and what is copied of it."""

    label: str
    shown: str
    copied: str


def pay_pages(*, store: Store, doorplate: Doorplate) -> APIRouter:
    """The page behind the links that `pay_links` makes; who has the link needs no password."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/pay/{token}")
    def the_page(token: str, accept_language: Annotated[str | None, Header()] = None) -> Response:
        payable = payable_of(doorplate, token, store.clock.now())
        with store.session() as session:
            now = to_pay(session, payable) if payable is not None else None
            seller = session.get_one(Seller, now.customer.seller_id) if now is not None else None
            if now is None or seller is None:
                return _gone(accept_language)
            return _shown(now, seller)

    return router


@cache
def words_in(language: str) -> Mapping[str, Any]:
    """The words of this page in that language; English where there are none."""
    known = language if language in LANGUAGES else "en"
    return tomllib.loads((_WORDS / f"{known}.toml").read_text(encoding="utf-8"))


def _shown(now: ToPay, seller: Seller) -> Response:
    language = now.customer.language if now.customer.language in LANGUAGES else "en"
    figures = Figures(locale_for(language, now.customer.country))
    words = words_in(language)
    pay = panel(seller, now.asked, wording_in(language), figures)
    is_part = sum(amount.minor for _, amount in now.items) > now.asked.amount.minor
    return page(
        "pay.html",
        200,
        _PRIVATE,
        words=words,
        language=language,
        seller=seller,
        invoices=[
            (invoice.number, figures.day(invoice.due_on), figures.money(amount)) for invoice, amount in now.items
        ],
        is_part=is_part,
        pay=pay,
        rows=_rows(pay["rows"], now, figures.locale),
    )


def _rows(rows: list[list[str]], now: ToPay, locale: str) -> list[Row]:
    """The panel's rows; the amount, which comes first, is copied as a bank's form takes it: without its currency."""
    copied = [_bare(shown) for _, shown in rows]
    if copied:
        amount = now.asked.amount
        places = exponent(amount.currency)
        copied[0] = str(format_decimal(amount.major, format=f"0.{'0' * places}" if places else "0", locale=locale))
    return [Row(label, shown, copy) for (label, shown), copy in zip(rows, copied, strict=True)]


def _bare(shown: str) -> str:
    """What a bank's form takes: account numbers and references without the spaces they are printed with."""
    bare = "".join(shown.split())
    is_grouped = bare.isalnum() and bare[:2].isalpha() and bare[2:4].isdigit()
    return bare if is_grouped else shown


def _gone(accept_language: str | None) -> Response:
    language = preferred(accept_language, "en")
    return page("link_gone.html", 404, _PRIVATE, words=words_in(language), language=language, seller=None)
