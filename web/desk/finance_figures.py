"""Where people read what the books say on a day: figures with charts, what is expected, and what reminding does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from o2c_core.errors import Refused
from o2c_core.figures.reports import REPORTS
from o2c_core.store.store import Store
from web.customer_pages import day_of, not_found
from web.desk.door import desk_router, needs
from web.desk.finance_ages import AGE_NAMES, aged_customers
from web.desk.finance_lift import HOW, trials
from web.desk.place import SellerRef, nobodys_books, place_of
from web.figures import EXPLAINED, FORMATS, figures, file_of
from web.front import AGES
from web.headers import HEADERS

Day = Annotated[str, Query(alias="on", max_length=10)]


def figure_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    @router.get("/figures")
    @needs("see_finance")
    def the_figures(on: Day = "", seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            day = day_of(on, place.reader)
            return place.page(
                "all_figures.html",
                here="figures",
                on=day,
                found=figures(session, place.seller.id, place.reader, day),
                ages=AGE_NAMES,
                reports=tuple(REPORTS),
                **EXPLAINED,
            )

    @router.get("/figures/ageing/{age}")
    @needs("see_finance")
    def of_that_age(
        age: str, currency: Annotated[str, Query(max_length=3)] = "", on: Day = "", seller: SellerRef = ""
    ) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            if age not in AGE_NAMES:
                return not_found()
            day = day_of(on, place.reader)
            found = aged_customers(
                session, place.seller.id, day, AGE_NAMES.index(age), currency or place.seller.currency
            )
            return place.page(
                "finance_ages.html",
                here="figures",
                on=day,
                age=age,
                title=AGES[AGE_NAMES.index(age)],
                ages=list(zip(AGE_NAMES, AGES, strict=True)),
                currency=currency or place.seller.currency,
                found=found,
            )

    @router.get("/figures/{name}.{form}")
    @needs("see_finance")
    def the_figures_as_a_file(name: str, form: str, on: Day = "", seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None or form not in FORMATS:
                return not_found()
            day = day_of(on, place.reader)
            try:
                content, media_type = file_of(session, place.seller.id, name, form, day)
            except Refused:
                return not_found()
        headers = {"Content-Disposition": f'attachment; filename="{name}-{day}.{form}"', "Cache-Control": "no-store"}
        return Response(content, media_type=media_type, headers=HEADERS | headers)

    @router.get("/finance/expected")
    @needs("see_finance")
    def expected_and_lift(seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            found = figures(session, place.seller.id, place.reader, place.reader.today)
            return place.page(
                "finance_expected.html",
                on=place.reader.today,
                found=[one for one in found if one.coming],
                trials=trials(session, place.seller.id, place.reader),
                how=HOW,
                **EXPLAINED,
            )

    return router
