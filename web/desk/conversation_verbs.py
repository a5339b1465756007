"""What an agent does in a conversation: take it over, reply, note, hand it back, resolve it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.keep_unsent_reply import keep_unsent_reply
from o2c_core.actions.reply_as_agent import FiguresUnknown, Reply, reply_as_agent
from o2c_core.actions.resolve_conversation import resolve_conversation
from o2c_core.actions.send_document import DocumentRequest, send_document
from o2c_core.actions.take_over import take_over
from o2c_core.actions.write_note import write_note
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import Agent, NoSuchConversation
from o2c_core.conversations.page_files import FILE_BYTES_MAX, FILES_MAX, NotAPicture, PageFile, page_file
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.asked_for import InvoiceCopy, StatementOfAccount
from o2c_core.errors import Failure, NotFound, Outage, Overtaken, Refused
from o2c_core.invoices.statement import first_day
from o2c_core.staff.signed import Signed
from o2c_core.store.store import Store
from web.desk.conversation_draft import Suggest, joined
from web.desk.conversation_page import Asked, show
from web.desk.door import SignedHere, desk_router, needs
from web.reader import Reader

STATEMENT = "statement"

Words = Annotated[str, Form(max_length=20_000)]
Key = Annotated[str, Form(max_length=64)]
Tick = Annotated[bool, Form()]


class NoDocuments(Refused):
    """This conversation is nobody's we know, so there is no document to send."""


def conversation_verbs(store: Store, suggest: Suggest | None) -> APIRouter:
    """Each does one thing and leads back to the page; what cannot be done is said there, with what was typed kept."""
    router = desk_router(store)

    def doing(
        request: Request,
        who: Signed,
        conversation_id: str,
        act: Callable[[UUID], str],
        text: str | None = None,
        key: str = "",
    ) -> Response:
        try:
            done = act(_id(conversation_id))
        except NoSuchConversation:
            return show(request, who, conversation_id, store=store, suggest=suggest)
        except Failure as failure:
            # Taken by a colleague: the text they typed stands in the box again, and below it why it was not sent.
            asked = Asked(notice=failure.sentence, tone="bad", text=text, key=key)
            if isinstance(failure, FiguresUnknown):
                asked = Asked(notice=failure.sentence, tone="warn", text=text, key=key, form="figures")
            return show(request, who, conversation_id, asked, store=store, suggest=suggest, status=status_of(failure))
        return RedirectResponse(f"/conversations/{conversation_id}?done={done}#reply", 303)

    @router.post("/conversations/{conversation_id}/take-over")
    @needs("speak")
    def taking_over(request: Request, conversation_id: str, who: SignedHere, text: Words = "") -> Response:
        def act(key: UUID) -> str:
            if text.strip():
                keep_unsent_reply(key, text, user_id=who.user_id, store=store)
            take_over(key, agent=who.name, agent_id=who.user_id, store=store)
            return "taken"

        return doing(request, who, conversation_id, act)

    @router.post("/conversations/{conversation_id}/reply")
    @needs("speak")
    async def replying(
        request: Request,
        conversation_id: str,
        who: SignedHere,
        text: Words = "",
        key: Key = "",
        checked: Tick = False,
        document: Annotated[list[str] | None, Form()] = None,
        files: Annotated[list[UploadFile] | None, File()] = None,
    ) -> Response:
        came = [(one.filename or "", one.content_type or "", await one.read(FILE_BYTES_MAX + 1)) for one in files or ()]

        def act(found: UUID) -> str:
            keeping = [one for one in came if one[0] and one[2]]
            chosen = [one for one in document or () if one]
            along, by_mail = _documents(found, chosen, store)
            reply = Reply(text, key, checked, _files(keeping), along)
            reply_as_agent(found, reply, agent=Agent(who.user_id, who.name), store=store)
            for one in by_mail:
                send_document(_request(found, one, key, who, store), store=store)
            return "sent"

        return await run_in_threadpool(lambda: doing(request, who, conversation_id, act, text, key))

    @router.post("/conversations/{conversation_id}/keep")
    @needs("speak")
    def keeping(
        request: Request, conversation_id: str, who: SignedHere, text: Words = "", quietly: Tick = False
    ) -> Response:
        def act(key: UUID) -> str:
            keep_unsent_reply(key, text, user_id=who.user_id, store=store)
            return "kept"

        answer = doing(request, who, conversation_id, act, text)
        return Response("", 204) if quietly and answer.status_code == 303 else answer

    @router.post("/conversations/{conversation_id}/suggest")
    @needs("speak")
    def suggesting(
        request: Request, conversation_id: str, who: SignedHere, text: Words = "", key: Key = ""
    ) -> Response:
        if suggest is None:
            return show(request, who, conversation_id, store=store, suggest=None)
        try:
            found = suggest(_id(conversation_id))
        except Failure as failure:
            asked = Asked(notice=failure.sentence, tone="warn", text=text, key=key)
            return show(request, who, conversation_id, asked, store=store, suggest=suggest, status=status_of(failure))
        asked = Asked(
            notice="The assistant's draft stands in the box. Read it before you send it.", tone="calm",
            text=joined(text, found.text), key=key,
        )  # fmt: skip
        return show(request, who, conversation_id, asked, store=store, suggest=suggest)

    @router.post("/conversations/{conversation_id}/note")
    @needs("speak")
    def noting(request: Request, conversation_id: str, who: SignedHere, note: Words = "") -> Response:
        def act(key: UUID) -> str:
            write_note(key, note, agent=Agent(who.user_id, who.name), store=store)
            return "noted"

        return doing(request, who, conversation_id, act)

    @router.post("/conversations/{conversation_id}/hand-back")
    @needs("speak")
    def handing_back(request: Request, conversation_id: str, who: SignedHere, rating: Tick = False) -> Response:
        def act(key: UUID) -> str:
            hand_back(key, agent=who.name, agent_id=who.user_id, asks_rating=rating, store=store)
            return "back"

        return doing(request, who, conversation_id, act)

    @router.post("/conversations/{conversation_id}/resolve")
    @needs("speak")
    def resolving(request: Request, conversation_id: str, who: SignedHere, rating: Tick = False) -> Response:
        def act(key: UUID) -> str:
            resolve_conversation(key, agent=who.name, agent_id=who.user_id, asks_rating=rating, store=store)
            return "resolved"

        return doing(request, who, conversation_id, act)

    return router


def status_of(failure: Failure) -> int:
    """404 for what is not there, 409 where somebody was quicker, 503 for an outage, 400 for everything else."""
    if isinstance(failure, NotFound):
        return 404
    if isinstance(failure, Overtaken):
        return 409
    return 503 if isinstance(failure, Outage) else 400


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as odd:
        raise NoSuchConversation from odd


def _files(came: Sequence[tuple[str, str, bytes]]) -> tuple[PageFile, ...]:
    if len(came) > FILES_MAX:
        raise NotAPicture(f"At most {FILES_MAX} files go with one message.")
    return tuple(page_file(*one) for one in came)


def _documents(
    conversation_id: UUID, chosen: Sequence[str], store: Store
) -> tuple[tuple[InvoiceCopy | StatementOfAccount, ...], list[str]]:
    """What goes along in the mail itself; and what is mailed beside a reply on another channel.

    Raises: NoDocuments; NotFound for what is no document.
    """
    if not chosen:
        return (), []
    with store.session() as session:
        of = session.get(Conversation, conversation_id)
        customer = session.get(Customer, of.customer_id) if of is not None and of.customer_id else None
        if of is None or customer is None:
            raise NoDocuments
        if of.channel != "email":
            return (), list(chosen)
        seller_today = Reader.of(session.get_one(Seller, of.seller_id), store.clock.now()).today
        return (
            tuple(
                StatementOfAccount(
                    customer.id, customer.currency, first_day(session, customer.id, customer.currency, seller_today)
                )
                if one == STATEMENT
                else InvoiceCopy(_document_id(one))
                for one in chosen
            ),
            [],
        )


def _request(conversation_id: UUID, chosen: str, key: str, who: Signed, store: Store) -> DocumentRequest:
    with store.session() as session:
        of = session.get_one(Conversation, conversation_id)
    assert of.customer_id is not None  # looked at before the reply was sent
    invoice_id = None if chosen == STATEMENT else _document_id(chosen)
    return DocumentRequest(of.customer_id, f"desk:{key}", invoice_id, who=who.name)


def _document_id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as odd:
        raise NotFound from odd
