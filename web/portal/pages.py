"""Customers' own pages, put together: their orders, invoices, payments, complaints and details behind a signed link."""

from __future__ import annotations

from fastapi import APIRouter

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.store.store import Store
from web.portal.chat import chat_pages
from web.portal.complaints import complaint_pages
from web.portal.details import detail_pages
from web.portal.door import ChatToken, NotHere, Portal, portal_router
from web.portal.entrance import entrance
from web.portal.invoices import invoice_pages
from web.portal.objections import objection_pages
from web.portal.orders import order_pages
from web.portal.payments import payment_pages
from web.portal.promising import promise_pages
from web.portal.repeat import repeat_pages


def portal_pages(*, store: Store, doorplate: Doorplate, chat_token: ChatToken) -> APIRouter:
    """The pages under /my. `chat_token` makes the key with which a page takes part in a conversation."""
    portal = Portal(store, doorplate, chat_token)
    router = portal_router(portal)
    entrance(router, portal)
    # A document's number may have a slash in it, so what is done with one is looked for before the document itself.
    objection_pages(router, portal)
    promise_pages(router, portal)
    repeat_pages(router, portal)
    order_pages(router, portal)
    invoice_pages(router, portal)
    payment_pages(router, portal)
    complaint_pages(router, portal)
    detail_pages(router, portal)
    chat_pages(router, portal)

    @router.api_route("/my/{anything:path}", methods=["GET", "POST"])
    def nothing_there(anything: str) -> None:  # noqa: ARG001 (whatever it is)
        raise NotHere

    return router
