"""What the seller's own people see: the outbox, one message of it, the ledger, and the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.seller import Seller
from o2c_core.documents.shown import with_pictures
from o2c_core.errors import Refused
from o2c_core.figures.reports import REPORTS
from o2c_core.store.store import Store
from web.conversations import CONVERSATIONS_SHOWN, SHOWS, Looked, at_stake, conversations, waited
from web.conversations import counts as talk_counts
from web.customer_pages import customer_pages, day_of, not_found
from web.figures import EXPLAINED, FORMATS, figures, file_of
from web.front import beside, books
from web.headers import HEADERS, MAIL_POLICY
from web.ledger import SORTS, cases, happenings, owing, owing_nothing, waiting_count
from web.outbox import LETTERS_SHOWN, STATE_NAMES, STATES, Letter, Wanted, counts, letter, letters
from web.reader import Reader
from web.receipts import receipts_of
from web.reminders import reminder_pages
from web.rendering import page
from web.rules import rule_pages
from web.tasks import TASKS_SHOWN, silent_carriers, tasks_count, tasks_for
from web.thread import CALLS, named, thread
from web.thread import STATES as PROPOSAL_STATES
from web.wording import words_in

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


def staff_pages(store: Store, doorplate: Doorplate | None = None) -> APIRouter:
    """These pages ask nobody who they are: they belong where only the seller's people come, or in the demo."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/beside")
    def beside_the_chat() -> Response:
        with store.session() as session:
            place = _place(session, store, "")
            if place is None:
                return page("no_seller.html", is_demo=True)
            return page("beside.html", reader=place.reader, beside=beside(session, place.seller.id, place.reader))

    @router.get("/outbox")
    def the_outbox(words: Words = "", state: str = "", before: UUID | None = None, seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = _place(session, store, seller)
            if place is None:
                return page("no_seller.html", is_demo=True)
            wanted = Wanted(words.strip(), state if state in STATE_NAMES else "", before)
            found = letters(session, place.seller.id, wanted)
            by_state = counts(session, place.seller.id, wanted.words)
            waiting = tasks_count(session, place.seller.id)
        return page(
            "outbox.html",
            here="outbox",
            seller=place.seller,
            sellers=place.sellers,
            reader=place.reader,
            letters=found[:LETTERS_SHOWN],
            older=found[LETTERS_SHOWN - 1].message.id if len(found) > LETTERS_SHOWN else None,
            wanted=wanted,
            states=[(name, STATES[name][0], by_state[name]) for name in STATE_NAMES if by_state.get(name)],
            count=sum(by_state.values()),
            tasks=waiting,
            is_demo=True,
        )

    @router.get("/outbox/tasks")
    def for_a_person(seller: SellerRef = "") -> Response:
        now = store.clock.now()
        with store.session() as session:
            place = _place(session, store, seller)
            if place is None:
                return page("no_seller.html", is_demo=True)
            found = tasks_for(session, place.seller.id)
            silent = silent_carriers(session, now)
        return page(
            "tasks.html",
            here="outbox",
            seller=place.seller,
            sellers=place.sellers,
            reader=place.reader,
            tasks=found[:TASKS_SHOWN],
            has_more=len(found) > TASKS_SHOWN,
            silent=silent,
            is_demo=True,
        )

    @router.get("/outbox/{message_id}")
    def one_letter(message_id: str) -> Response:
        with store.session() as session:
            found = _letter(session, message_id)
            seller = _seller_of(session, found) if found else None
        if found is None or seller is None:
            return not_found()
        return page(
            "letter.html",
            here="outbox",
            seller=seller,
            reader=Reader.of(seller, store.clock.now()),
            letter=found,
            language=words_in(found.message.language)["language"] if found.message.language else "–",
            receipts=receipts_of(found.message.receipts),
            is_demo=True,
        )

    @router.get("/outbox/{message_id}/mail")
    def the_mail_itself(message_id: str) -> Response:
        with store.session() as session:
            found = _letter(session, message_id)
        if found is None or found.message.html is None:
            return not_found()
        headers = {
            "Content-Security-Policy": MAIL_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(with_pictures(found.message.html, found.message.attachments), headers=headers)

    @router.get("/conversations")
    def the_conversations(
        words: Words = "", show: str = "", before: UUID | None = None, seller: SellerRef = ""
    ) -> Response:
        with store.session() as session:
            place = _place(session, store, seller)
            if place is None:
                return page("no_seller.html", is_demo=True)
            looked = Looked(words.strip(), show if show in SHOWS else "", before)
            found = conversations(session, place.seller.id, looked)
            return page(
                "conversations.html",
                here="conversations",
                seller=place.seller,
                sellers=place.sellers,
                reader=place.reader,
                rows=found[:CONVERSATIONS_SHOWN],
                older=found[CONVERSATIONS_SHOWN - 1].conversation.id if len(found) > CONVERSATIONS_SHOWN else None,
                looked=looked,
                shows=SHOWS,
                counts=talk_counts(session, place.seller.id, looked.words),
                waited=waited,
                is_demo=True,
            )

    @router.get("/conversations/{conversation_id}")
    def one_conversation(conversation_id: str) -> Response:
        key = _key(conversation_id)
        with store.session() as session:
            of = session.get(Conversation, key) if key else None
            if of is None:
                return not_found("conversation")
            seller = session.get_one(Seller, of.seller_id)
            reader = Reader.of(seller, store.clock.now())
            found = thread(session, of, reader)
            return page(
                "conversation.html",
                here="conversations",
                seller=seller,
                reader=reader,
                found=found,
                stakes=at_stake(found.call.packet) if found.call else [],
                language=words_in(of.language)["language"] if of.language else None,
                states=PROPOSAL_STATES,
                calls=CALLS,
                named=named,
                waited=waited,
                is_demo=True,
            )

    @router.get("/ledger")
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

    @router.get("/figures")
    def the_figures(on: Day = "", seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = _place(session, store, seller)
            if place is None:
                return page("no_seller.html", is_demo=True)
            day = day_of(on, place.reader)
            return page(
                "all_figures.html",
                here="figures",
                seller=place.seller,
                sellers=place.sellers,
                reader=place.reader,
                on=day,
                found=figures(session, place.seller.id, place.reader, day),
                reports=tuple(REPORTS),
                is_demo=True,
                **EXPLAINED,
            )

    @router.get("/figures/{name}.{form}")
    def the_figures_as_a_file(name: str, form: str, on: Day = "", seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = _place(session, store, seller)
            if place is None or form not in FORMATS:
                return not_found()
            day = day_of(on, place.reader)
            try:
                content, media_type = file_of(session, place.seller.id, name, form, day)
            except Refused:
                return not_found()
        headers = {"Content-Disposition": f'attachment; filename="{name}-{day}.{form}"', "Cache-Control": "no-store"}
        return Response(content, media_type=media_type, headers=HEADERS | headers)

    router.include_router(rule_pages(store))
    router.include_router(customer_pages(store))
    router.include_router(reminder_pages(store, doorplate))
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


def _seller_of(session: Session, found: Letter) -> Seller:
    query = select(Seller).join(Conversation, Conversation.seller_id == Seller.id)
    return session.scalars(query.where(Conversation.id == found.message.conversation_id)).one()
