"""What the seller's own people see: the outbox, one message of it, the ledger, and the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from web.customer_pages import customer_pages
from web.desk.cases import case_pages
from web.desk.conversation import conversation_pages
from web.desk.conversation_draft import Suggest
from web.desk.door import desk_router, needs
from web.desk.finance import finance_pages
from web.desk.inbox import inbox_pages
from web.front import books
from web.ledger import SORTS, cases, happenings, owing, owing_nothing, waiting_count
from web.outbox import Letter, letter
from web.reader import Reader
from web.rendering import page

HAPPENINGS_SHOWN = 30

Words = Annotated[str, Query(alias="q", max_length=100)]
SellerRef = Annotated[str, Query(alias="seller", max_length=100)]
Day = Annotated[str, Query(alias="on", max_length=10)]


@dataclass(frozen=True)
class _Place:
    """Whose ledger is looked at."""

    seller: Seller
    sellers: list[Seller]
    reader: Reader


def staff_pages(store: Store, doorplate: Doorplate | None = None, suggest: Suggest | None = None) -> APIRouter:
    """The pages the seller's people read the outbox, the conversations, the ledger and the figures on."""
    router = desk_router(store)

    @router.get("/ledger")
    @needs("see_desk")
    def the_ledger(words: Words = "", sort: str = "owed", seller: SellerRef = "") -> Response:
        chosen = sort if sort in SORTS else "owed"
        with store.session() as session:
            place = _place(session, store, seller)
            if place is None:
                return page("no_seller.html", is_demo=True)
            return page(
                "ledger.html",
                here="ledger",
                seller=place.seller,
                sellers=place.sellers,
                reader=place.reader,
                books=books(session, place.seller.id, place.reader),
                owing=owing(session, place.seller.id, place.reader.today, sort=chosen, words=words.strip()),
                owing_nothing=owing_nothing(session, place.seller.id, place.reader.today, words.strip()),
                sort=chosen,
                words=words.strip(),
                cases=cases(session, place.seller.id),
                happenings=happenings(session, place.seller.id, place.reader, HAPPENINGS_SHOWN),
                waiting=waiting_count(session, place.seller.id),
                is_demo=True,
            )

    router.include_router(inbox_pages(store))
    router.include_router(conversation_pages(store, suggest))
    router.include_router(case_pages(store))
    router.include_router(customer_pages(store))
    router.include_router(finance_pages(store, doorplate))
    return router


def _place(session: Session, store: Store, ref: str) -> _Place | None:
    """The seller of that reference, or the first; None in an empty ledger."""
    sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
    if not sellers:
        return None
    seller = next((one for one in sellers if one.ref == ref), sellers[0])
    return _Place(seller, sellers, Reader.of(seller, store.clock.now()))


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _letter(session: Session, message_id: str) -> Letter | None:
    key = _key(message_id)
    return letter(session, key) if key else None
