"""The page of canned replies: what everybody at the desk may say, per language, and changing it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from o2c_core.actions.save_canned_reply import save_canned_reply
from o2c_core.conversations.canned import PLACES, canned_replies
from o2c_core.customers.customer import LANGUAGES
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.door import SignedHere, desk_router, needs
from web.rendering import page

Ref = Annotated[str, Query(alias="seller", max_length=100)]
Short = Annotated[str, Form(max_length=100)]


def canned_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    def show(ref: str, language: str, notice: str = "", tone: str = "good", status: int = 200) -> Response:
        with store.session() as session:
            sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
            seller = next((one for one in sellers if one.ref == ref), sellers[0] if sellers else None)
            if seller is None:
                return not_found()
            spoken = language if language in LANGUAGES else seller.language
            return page(
                "conversation_canned.html", status, here="inbox", seller=seller, language=spoken, languages=LANGUAGES,
                replies=canned_replies(session, seller.id, spoken), places=PLACES, notice=notice, tone=tone, is_demo=True,
            )  # fmt: skip

    @router.get("/canned-replies")
    @needs("edit_answers")
    def the_replies(
        seller: Ref = "", language: Annotated[str, Query(max_length=5)] = "", done: bool = False
    ) -> Response:
        return show(seller, language, "Saved. Everybody may use it from now on." if done else "")

    @router.post("/canned-replies")
    @needs("edit_answers")
    def saving(
        who: SignedHere, name: Short = "", language: Short = "", text: Annotated[str, Form(max_length=8_000)] = "",
        seller: Short = "",
    ) -> Response:  # fmt: skip
        with store.session() as session:
            whose = (
                session.scalars(select(Seller).where(Seller.ref == seller)).one_or_none()
                if seller.isprintable()
                else None
            )
        if whose is None:
            return not_found()
        try:
            save_canned_reply(whose.id, name, language, text, by=who.name, store=store)
        except Failure as failure:
            return show(seller, language, failure.sentence, "bad", 400)
        asked = urlencode({"seller": seller, "language": language, "done": "1"})
        return RedirectResponse(f"/canned-replies?{asked}", 303)

    return router
