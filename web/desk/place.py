"""Whose books a page of the desk shows, and how one of its forms is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.moves import Settled
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, NotFound, Outage, Overtaken
from o2c_core.store.store import Store
from web.reader import Reader
from web.rendering import page

SellerRef = Annotated[str, Query(alias="seller", max_length=100)]
SellerOf = Annotated[str, Form(alias="seller", max_length=100)]
Done = Annotated[str, Query(max_length=40)]
Words = Annotated[str, Form(max_length=2_000)]


@dataclass(frozen=True)
class Place:
    """One seller's books, the other sellers there are, and how their people read figures and days."""

    seller: Seller
    sellers: list[Seller]
    reader: Reader

    def page(self, template: str, status: int = 200, /, *, here: str = "finance", **about: Any) -> Response:
        return page(
            template,
            status,
            here=here,
            seller=self.seller,
            sellers=self.sellers,
            reader=self.reader,
            is_demo=True,
            **about,
        )


def place_of(session: Session, store: Store, ref: str) -> Place | None:
    """The books of the seller of that reference, else of the first; None in an empty ledger."""
    sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
    if not sellers:
        return None
    seller = next((one for one in sellers if one.ref == ref), sellers[0])
    return Place(seller, sellers, Reader.of(seller, store.clock.now()))


def nobodys_books() -> Response:
    """What is shown where no seller is in the ledger yet."""
    return page("no_seller.html", is_demo=True)


def key_of(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def done(address: str, act: Callable[[], str], again: Callable[[str, int], Response], **asked: str) -> Response:
    """Does it and goes on to the page, which says so by the word `act` gives; else the page again, with why not."""
    try:
        word = act()
    except Failure as failure:
        return again(failure.sentence, status_of(failure))
    query = {"done": word} | {name: value for name, value in asked.items() if value}
    path, mark, part = address.partition("#")
    return RedirectResponse(f"{path}?{urlencode(query)}{mark}{part}", 303)


def status_of(failure: Failure) -> int:
    if isinstance(failure, NotFound):
        return 404
    if isinstance(failure, Overtaken | Settled):
        return 409
    return 503 if isinstance(failure, Outage) else 400
