"""The doors of one conversation: look at it, follow it, and everything an agent does in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from o2c_core.actions.note_presence import note_presence
from o2c_core.actions.see_mentions import see_mentions
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.store.store import Store
from web.desk.canned import canned_pages
from web.desk.conversation_draft import Suggest
from web.desk.conversation_mark import is_of_same, mark_of
from web.desk.conversation_page import Asked, conversation_of, others_here, rows, show
from web.desk.conversation_records import record_verbs
from web.desk.conversation_verbs import conversation_verbs
from web.desk.door import SignedHere, desk_router, needs, saw, used
from web.headers import HEADERS
from web.reader import Reader
from web.rendering import page

Text = Annotated[str, Query(max_length=100)]


def conversation_pages(store: Store, suggest: Suggest | None = None) -> APIRouter:
    """One conversation. With `suggest` an agent may ask the assistant for a draft."""
    router = desk_router(store)

    @router.get("/conversations/{conversation_id}")
    @needs("see_desk")
    def one_conversation(
        request: Request,
        conversation_id: str,
        who: SignedHere,
        done: Text = "",
        canned: Text = "",
        number: Text = "",
        objects_to: Text = "",
        alone: bool = False,
    ) -> Response:
        asked = Asked(done=done, canned=canned, number=number, objects_to=objects_to, is_alone=alone)
        answer = show(request, who, conversation_id, asked, store=store, suggest=suggest)
        if answer.status_code == 200:
            with store.session() as session:
                found = conversation_of(session, conversation_id)
            if found is not None:
                see_mentions(found.id, user_id=who.user_id, store=store)
        return answer

    @router.get("/conversations/{conversation_id}/rows")
    @needs("see_desk", is_part=True, by_itself=True)
    def what_changed(
        request: Request, conversation_id: str, who: SignedHere, mark: Text = "", alone: bool = False
    ) -> Response:
        with store.session() as session:
            of = conversation_of(session, conversation_id)
            if of is None:
                return Response("", 404)
            seller = session.get_one(Seller, of.seller_id)
            reader = Reader.of(seller, store.clock.now())
            if mark == mark_of(session, of, others_here(session, of, who, reader), is_alone=alone):
                return Response("", 204, headers={**HEADERS, "Cache-Control": "no-store"})
            about = rows(session, of, reader, who, is_alone=alone)
            # Who came to look, or left, is no more of the customer than was seen before.
            if not is_of_same(mark, about["mark"]):
                saw(request, customer_id=of.customer_id, conversation_id=of.id, seller_id=of.seller_id)
            answer = page("conversation_rows.html", seller=seller, **about)
            answer.headers["X-Mark"] = about["mark"]
            return answer

    @router.post("/conversations/{conversation_id}/presence")
    @needs("see_desk", by_itself=True)
    def is_here(
        request: Request,
        conversation_id: str,
        who: SignedHere,
        typing: Annotated[bool, Form()] = False,
        leaving: Annotated[bool, Form()] = False,
    ) -> Response:
        with store.session() as session:
            of = conversation_of(session, conversation_id)
        if of is None:
            return Response("", 404)
        if typing:
            used(request, store)
        try:
            note_presence(of.id, user_id=who.user_id, store=store, is_typing=typing, is_leaving=leaving)
        except NotFound:
            return Response("", 404)
        return Response("", 204)

    router.include_router(canned_pages(store))
    router.include_router(conversation_verbs(store, suggest))
    router.include_router(record_verbs(store, suggest))
    return router
