"""The first pages: the chat with what it rests on beside it, the outbox, and the ledger's figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Header, Query, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, Outage
from o2c_core.store.store import Store
from web.desk.conversation_draft import Suggest
from web.desk.oidc import OidcTerms
from web.desk.people_pages import people_pages
from web.front import Ask, Question, beside, bubbles, starters
from web.people import people
from web.reader import Reader
from web.rendering import page
from web.staff import staff_pages
from web.wording import preferred, words_in

VISITOR = "visitor"


def pages(
    *,
    store: Store,
    session_for: Callable[[UUID | None], str],
    is_demo: bool,
    questions: Callable[[], Sequence[Question]] = tuple,
    ask: Ask | None = None,
    doorplate: Doorplate | None = None,
    oidc: OidcTerms | None = None,
    suggest: Suggest | None = None,
) -> APIRouter:
    """The pages over this ledger; `session_for` gives the chat token of a customer, or of a stranger for None.

    In the demo anybody may be one of the customers, and sees beside the chat what it rests on; elsewhere there is only
    the chat, as a stranger. The desk asks everybody who they are, by `oidc` too where the organisation has one. Without
    `ask` the chat needs script.
    """
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    front = _Front(store, session_for, is_demo, questions, ask)

    @router.get("/")
    def the_front(
        who: Annotated[str, Query(alias="as", max_length=100)] = "",
        accept_language: Annotated[str | None, Header()] = None,
    ) -> Response:
        return front.show(who, accept_language)

    if ask is not None:

        @router.post("/chat")
        def chat_without_script(
            session: Annotated[str, Form()],
            text: Annotated[str, Form()] = "",
            choice: Annotated[str, Form()] = "",
            who: Annotated[str, Form(alias="as", max_length=100)] = "",
            accept_language: Annotated[str | None, Header()] = None,
        ) -> Response:
            return front.show(who, accept_language, token=session, written=choice or text)

    if is_demo:

        @router.get("/beside")
        def beside_the_chat() -> Response:
            with store.session() as session:
                seller = session.scalars(select(Seller).order_by(Seller.ref).limit(1)).one_or_none()
                if seller is None:
                    return page("no_seller.html", is_demo=True)
                reader = Reader.of(seller, store.clock.now())
                return page("beside.html", reader=reader, beside=beside(session, seller.id, reader))

    router.include_router(people_pages(store, doorplate, oidc))
    router.include_router(staff_pages(store, doorplate, suggest))
    return router


class _Front:
    """The front page, looked at or answered."""

    def __init__(
        self,
        store: Store,
        session_for: Callable[[UUID | None], str],
        is_demo: bool,
        questions: Callable[[], Sequence[Question]],
        ask: Ask | None,
    ) -> None:
        self._store, self._session_for, self._is_demo = store, session_for, is_demo
        self._questions, self._ask = questions, ask

    def show(
        self, who: str, accept_language: str | None, *, token: str | None = None, written: str | None = None
    ) -> Response:
        """The page as `who`; with `written`, that is asked first and the conversation stands in the page."""
        status, notice, said = 200, "", []
        if written is not None and token is not None and self._ask is not None:
            try:
                token, messages = self._ask(token, written)
                said, written = bubbles(messages), None
            except Failure as failure:
                status, notice = 503 if isinstance(failure, Outage) else 400, failure.sentence
        with self._store.session() as session:
            sellers = list(session.scalars(select(Seller).order_by(Seller.ref).limit(2)))
            if not sellers:
                return page("no_seller.html", is_demo=self._is_demo)
            seller = sellers[0]
            reader = Reader.of(seller, self._store.clock.now())
            everybody = people(session, seller.id, reader, who or None) if self._is_demo else []
            person = next((one for one in everybody if one.customer.ref == who), None)
            if person is None and who not in ("", VISITOR) and self._is_demo:
                status, notice = 404, f"There is no customer {who} here; you are a visitor now."
            elif person is None and not who and everybody:
                person = everybody[0]
            language = person.customer.language if person else preferred(accept_language, seller.language)
            words = words_in(language)
            return page(
                "front.html",
                status,
                is_demo=self._is_demo,
                # Without the demo a visitor is not told which of several sellers is which.
                seller=seller if self._is_demo or len(sellers) == 1 else None,
                reader=reader,
                here="chat",
                people=everybody,
                person=person,
                who=person.customer.ref if person else VISITOR,
                language=language if language in ("en", "nl", "de", "fr") else "en",
                words=words,
                starters=starters(words, person, self._questions() if self._is_demo else ()),
                token=token or self._session_for(person.customer.id if person else None),
                said=said,
                written=written or "",
                notice=notice,
                has_fallback=self._ask is not None,
                beside=beside(session, seller.id, reader) if self._is_demo else None,
            )
