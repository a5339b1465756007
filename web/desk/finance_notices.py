"""Where somebody with authority puts their name to a formal notice, or says why not."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.approve_notice import MAY_APPROVE, NoSuchNotice, approve_notice
from o2c_core.actions.refuse_notice import refuse_notice
from o2c_core.actions.send_notice import send_notice
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.notices.page import letter_facts, render_notice
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.door import SignedHere, desk_router, needs
from web.desk.place import SellerOf, SellerRef, done, key_of, nobodys_books, place_of
from web.headers import HEADERS

SHOWN = 100
DONE = {
    "approved": "It is approved in your name. Send it from here, or print it and post it.",
    "refused": "It is refused, and nothing was sent.",
    "sent": "It is on its way, as the letter you approved.",
}


def notice_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    def notices(seller: str, role: str, *, notice: str = "", status: int = 200) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            return place.page(
                "finance_notices.html",
                status,
                notice=notice,
                notice_tone="good" if status == 200 else "bad",
                notices=_waiting(session, place.seller.id),
                may_approve=role in MAY_APPROVE,
            )

    @router.get("/finance/notices")
    @needs("see_finance")
    def the_notices(
        who: SignedHere, seller: SellerRef = "", said: Annotated[str, Query(alias="done", max_length=20)] = ""
    ) -> Response:
        return notices(seller, who.authority, notice=DONE.get(said, ""))

    @router.get("/finance/notices/{notice_id}.pdf")
    @needs("see_finance")
    def the_letter(who: SignedHere, notice_id: str) -> Response:
        key = key_of(notice_id)
        with store.session() as session:
            found = session.get(FormalNotice, key) if key else None
            if found is None:
                return not_found("document")
            made = found.file
            if made is None:
                # As it would be if whoever looks approved it now; nothing of it is kept.
                seller = session.get_one(Seller, found.seller_id)
                on = today(store.clock, seller.time_zone)
                made = render_notice(letter_facts(session, found), on, signed_by=who.name)
        headers = {"Content-Disposition": f'inline; filename="{found.id}.pdf"', "Cache-Control": "no-store"}
        return Response(made, media_type="application/pdf", headers=HEADERS | headers)

    @router.post("/finance/notices/{notice_id}")
    @needs("approve_reminders")
    def deciding(
        who: SignedHere,
        notice_id: str,
        do: Annotated[str, Form(pattern="^(approve|refuse|send)$")],
        why: Annotated[str, Form(max_length=500)] = "",
        seller: SellerOf = "",
    ) -> Response:
        def act() -> str:
            key = key_of(notice_id)
            if key is None:
                raise NoSuchNotice(notice=notice_id)
            if do == "approve":
                approve_notice(key, by=who.name, role=who.authority, store=store)
                return "approved"
            if do == "refuse":
                refuse_notice(key, by=who.name, why=why, store=store)
                return "refused"
            send_notice(key, by=who.name, store=store)
            return "sent"

        return done(
            "/finance/notices",
            act,
            lambda sentence, status: notices(seller, who.authority, notice=sentence, status=status),
            seller=seller,
        )

    return router


def _waiting(session: Session, seller_id: UUID) -> list[tuple[FormalNotice, str, str]]:
    """What waits for a name, or to be sent; the largest amounts first."""
    query = (
        select(FormalNotice, Customer.name, Customer.ref)
        .join(Customer, Customer.id == FormalNotice.customer_id)
        .where(FormalNotice.seller_id == seller_id, FormalNotice.state.in_(("proposed", "approved", "undelivered")))
        .order_by(FormalNotice.state.desc(), FormalNotice.principal_minor.desc(), FormalNotice.id)
        .limit(SHOWN)
    )
    return [(notice, name, ref) for notice, name, ref in session.execute(query)]
