"""The pages of finance: today, and everything today leads to."""

from __future__ import annotations

from fastapi import APIRouter, Response

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.store.store import Store
from web.desk.door import SignedHere, desk_router, needs
from web.desk.finance_ages import AGE_NAMES
from web.desk.finance_agreements import agreement_pages
from web.desk.finance_figures import figure_pages
from web.desk.finance_ladder_pages import ladder_pages
from web.desk.finance_money_pages import money_pages
from web.desk.finance_notices import notice_pages
from web.desk.finance_outbox import outbox_pages
from web.desk.finance_rule_pages import rule_edit_pages
from web.desk.finance_today import LOOKS_SHOWN, REASONS_SHOWN, next_run, today_of
from web.desk.place import SellerRef, nobodys_books, place_of
from web.outbox import STATES
from web.reminders import reminder_pages
from web.rules import rule_pages


def finance_pages(store: Store, doorplate: Doorplate | None) -> APIRouter:
    """For those who may see finance; the outbox and its tasks are everybody's. They work without script."""
    router = desk_router(store)

    @router.get("/finance")
    @needs("see_finance")
    def today(who: SignedHere, seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            return place.page(
                "finance.html",
                found=today_of(session, place.seller, who.authority, place.reader),
                states={name: said for name, (said, _) in STATES.items()},
                next_run=next_run(place.seller),
                ages=AGE_NAMES,
                looks=LOOKS_SHOWN,
                reasons=REASONS_SHOWN,
            )

    for pages in (
        money_pages(store),
        agreement_pages(store),
        figure_pages(store),
        ladder_pages(store),
        notice_pages(store),
        outbox_pages(store),
        rule_pages(store),
        rule_edit_pages(store),
        reminder_pages(store, doorplate),
    ):
        router.include_router(pages)
    return router
