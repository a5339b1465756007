"""Where finance decides about reminders: today's drafts, one of them to edit or skip, and the days ahead."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.approve_reminders import approve_reminders
from o2c_core.actions.edit_reminder import edit_reminder
from o2c_core.actions.skip_reminder import skip_reminder
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, NotFound, Refused
from o2c_core.reminders.ahead import DAYS_MAX
from o2c_core.reminders.drafts import OWN_WORDS, drafts_of, letter_today, look_at, recipient_of_message
from o2c_core.reminders.ladders.summary import when
from o2c_core.reminders.letter import Letter
from o2c_core.reminders.rewrite import write_reminder
from o2c_core.store.store import Store
from web.approvals import by_itself, decided_on, held_groups, totals, waiting_groups
from web.days_ahead import about
from web.decided import Decided, told_of
from web.desk.door import SignedHere, desk_router, needs
from web.kept_ahead import KeptAhead
from web.outbox import STATES
from web.reader import Reader
from web.rendering import page

AT_ONCE_MAX = 500
DAYS_SHOWN = 30

SellerRef = Annotated[str, Query(alias="seller", max_length=100)]


def reminder_pages(store: Store, doorplate: Doorplate | None) -> APIRouter:
    """For the seller's own people, as the other staff pages are. They work without script."""
    router = desk_router(store)
    kept = KeptAhead()

    @router.get("/reminders")
    @needs("see_finance")
    def the_reminders(seller: SellerRef = "") -> Response:
        return _today(store, seller)

    @router.post("/reminders")
    @needs("approve_reminders")
    def approving(
        who: SignedHere,
        ids: Annotated[list[str] | None, Form()] = None,
        do: Annotated[str, Form(max_length=20)] = "",
        seller: Annotated[str, Form(max_length=100)] = "",
    ) -> Response:
        if do == "all":
            with store.session() as session:
                of = _seller(session, seller)
                chosen = [draft.message.id for draft in drafts_of(session, of.id)] if of else []
        else:
            chosen = [key for one in ids or [] if (key := _key(one)) is not None]
        if not chosen:
            return _today(
                store, seller, Decided("Nothing was chosen. Tick the reminders that may go, then approve them.", "warn")
            )
        done = approve_reminders(
            chosen[:AT_ONCE_MAX], by=who.name, role=who.authority, store=store, doorplate=doorplate
        )
        return _today(store, seller, told_of(store, done, more=max(0, len(chosen) - AT_ONCE_MAX)))

    @router.get("/reminders/ahead")
    @needs("see_finance")
    def the_days_ahead(
        seller: SellerRef = "",
        days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = DAYS_SHOWN,
        read: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        with store.session() as session:
            of = _seller(session, seller)
        if of is None:
            return page("no_seller.html", is_demo=True)
        found = kept.answer(store, of, days, is_anew=read == "again")
        reader = Reader.of(of, store.clock.now())
        return page("ahead.html", here="reminders", is_demo=True, **about(found, reader, has_links=True))

    @router.get("/reminders/{message_id}")
    @needs("see_finance")
    def one(message_id: str) -> Response:
        return _one(store, doorplate, _key(message_id))

    @router.post("/reminders/{message_id}")
    @needs("approve_reminders")
    def deciding(
        who: SignedHere,
        message_id: str,
        do: Annotated[str, Form(max_length=20)],
        opening: Annotated[str | None, Form(max_length=5_000)] = None,
        ask: Annotated[str | None, Form(max_length=5_000)] = None,
        why: Annotated[str, Form(max_length=2_000)] = "",
    ) -> Response:
        key = _key(message_id)
        if key is None:
            return _gone("There is no such reminder.")
        written = (opening, ask)
        try:
            if do == "edit":
                edit_reminder(
                    key, opening=opening, ask=ask, by=who.name, role=who.authority, store=store, doorplate=doorplate
                )
                return _one(store, doorplate, key, Decided("Kept. Below is how the customer gets it."))
            if do == "approved-words":
                edit_reminder(key, by=who.name, role=who.authority, store=store, doorplate=doorplate)
                return _one(store, doorplate, key, Decided("It is in the approved words again."))
            if do == "skip":
                skip_reminder(key, why=why, by=who.name, role=who.authority, store=store)
            elif do == "approve":
                done = approve_reminders([key], by=who.name, role=who.authority, store=store, doorplate=doorplate)
                if done[0].outcome == "renewed":
                    return _one(store, doorplate, key, Decided(done[0].sentence, "warn"))
                return _gone(done[0].sentence) if done[0].outcome == "gone" else _today(store, "", told_of(store, done))
        except NotFound as gone:
            return _gone(gone.sentence)
        except Failure as failure:
            return _one(
                store,
                doorplate,
                key,
                Decided(failure.sentence, "bad"),
                written,
                status=409 if not isinstance(failure, Refused) else 400,
            )
        return RedirectResponse("/reminders", 303)

    return router


def _today(store: Store, seller_ref: str, told: Decided | None = None, *, status: int = 200) -> Response:
    with store.session() as session:
        seller = _seller(session, seller_ref)
        if seller is None:
            return page("no_seller.html", is_demo=True)
        sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
        reader = Reader.of(seller, store.clock.now())
        groups = waiting_groups(session, seller.id, reader.today)
        held_on = decided_on(session, seller.id, reader.today)
        rows = [row for group in groups for row in group.rows]
        return page(
            "reminders.html",
            status,
            here="reminders",
            seller=seller,
            sellers=sellers,
            reader=reader,
            told=told,
            groups=groups,
            count=len(rows),
            totals=totals(row.draft for row in rows),
            older=sum(not row.is_of_today for row in rows),
            by_itself=by_itself(session, seller.id, reader.today),
            states={name: said for name, (said, _) in STATES.items()},
            held=held_groups(session, seller.id, held_on) if held_on else [],
            held_on=held_on,
            is_demo=True,
        )


def _one(
    store: Store,
    doorplate: Doorplate | None,
    key: UUID | None,
    told: Decided | None = None,
    written: tuple[str | None, str | None] = (None, None),
    *,
    status: int = 200,
) -> Response:
    now = store.clock.now()
    with store.session() as session:
        message = session.get(Message, key) if key else None
        if message is None or message.purpose != "reminder":
            return _gone("There is no such reminder.")
        try:
            held = look_at(session, message.id, now)
        except Failure as over:
            return _gone(told.sentence if told else over.sentence, message.id)
        (draft,) = drafts_of(session, held.seller.id, [message.id])
        letter = letter_today(session, held, now)
        approved = write_reminder(letter, recipient_of_message(held), doorplate) if isinstance(letter, Letter) else None
        kept = (message.understanding or {}).get(OWN_WORDS, {})
        return page(
            "reminder.html",
            status,
            here="reminders",
            seller=held.seller,
            reader=Reader.of(held.seller, now),
            told=told,
            draft=draft,
            step=when(draft.days),
            message=message,
            is_of_today=held.is_of_today,
            overtaken=None if isinstance(letter, Letter) else letter.sentence,
            approved=approved,
            opening=written[0] or kept.get("opening") or (approved.opening if approved else ""),
            ask=written[1] or kept.get("ask") or (approved.ask if approved else ""),
            own_by=kept.get("by"),
            is_demo=True,
        )


def _gone(sentence: str, message_id: UUID | None = None) -> Response:
    return page(
        "reminder_gone.html", 404, here="reminders", seller=None, sentence=sentence, message_id=message_id, is_demo=True
    )


def _seller(session: Session, ref: str) -> Seller | None:
    sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
    return next((one for one in sellers if one.ref == ref), sellers[0] if sellers else None)


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
