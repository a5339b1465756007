"""Where people see what went out and why, and put right what only a person can."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.close_task import HowIsMissing, NoSuchTask, close_task
from o2c_core.actions.confirm_sent import confirm_sent
from o2c_core.actions.correct_address import correct_address
from o2c_core.actions.send_again import send_again
from o2c_core.actions.take_task import TaskIsDone, take_task
from o2c_core.actions.withdraw_uncertain import withdraw_uncertain
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.shown import with_pictures
from o2c_core.errors import NotFound, Refused
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.why import why
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.door import SignedHere, desk_router, needs, saw
from web.desk.finance_log import PURPOSES, SHOWN, Sought, log, why_written
from web.desk.place import Place, SellerOf, SellerRef, done, key_of, nobodys_books, place_of
from web.headers import MAIL_POLICY
from web.outbox import CHANNEL_NAMES, LETTERS_SHOWN, STATE_NAMES, STATES, Letter, Wanted, counts, letter, letters
from web.receipts import receipts_of
from web.tasks import KINDS, TASKS_SHOWN, address_id_of, silent_carriers, tasks_by_kind, tasks_count, tasks_for
from web.wording import words_in

DONE = {
    "close": "It is done.",
    "correct": "The address is corrected, and the task done. Correct it where your customer data come from, too.",
    "arrived": "It counts as sent.",
    "again": "It is sent again, after one more look whether it still holds.",
    "drop": "It is not sent again, and counts as not sent.",
    "take": "It is yours.",
}

Words = Annotated[str, Query(alias="q", max_length=100)]
Name = Annotated[str, Query(max_length=30)]
Kept = Annotated[str, Form(max_length=30)]


class NotAboutAnAddress(Refused):
    """That task is not about an address that can be corrected here."""


def outbox_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    def tasks(seller: str, who: str, kind: str, whose: str, *, notice: str = "", status: int = 200) -> Response:
        now = store.clock.now()
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            chosen = kind if kind in KINDS else ""
            mine = "mine" if whose == "mine" else ""
            found = tasks_for(session, place.seller.id, kind=chosen, owner=who if mine else "")
            return place.page(
                "tasks.html",
                status,
                here="outbox",
                notice=notice,
                notice_tone="good" if status == 200 else "bad",
                tasks=found[:TASKS_SHOWN],
                has_more=len(found) > TASKS_SHOWN,
                by_kind=tasks_by_kind(session, place.seller.id),
                kinds=KINDS,
                kind=chosen,
                whose=mine,
                silent=silent_carriers(session, now),
            )

    @router.get("/outbox")
    @needs("see_outbox")
    def the_outbox(words: Words = "", state: str = "", before: UUID | None = None, seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            wanted = Wanted(words.strip(), state if state in STATE_NAMES else "", before)
            found = letters(session, place.seller.id, wanted)
            by_state = counts(session, place.seller.id, wanted.words)
            return place.page(
                "outbox.html",
                here="outbox",
                letters=found[:LETTERS_SHOWN],
                older=found[LETTERS_SHOWN - 1].message.id if len(found) > LETTERS_SHOWN else None,
                wanted=wanted,
                states=[(name, STATES[name][0], by_state[name]) for name in STATE_NAMES if by_state.get(name)],
                count=sum(by_state.values()),
                tasks=tasks_count(session, place.seller.id),
            )

    @router.get("/finance/log")
    @needs("see_outbox")
    def the_log(
        words: Words = "",
        channel: Name = "",
        purpose: Name = "",
        state: Name = "",
        before: UUID | None = None,
        seller: SellerRef = "",
    ) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            sought = Sought(
                words.strip(),
                channel if channel in CHANNEL_NAMES else "",
                purpose if purpose in PURPOSES else "",
                state if state in STATE_NAMES else "",
                before,
            )
            found = log(session, place.seller.id, sought)
            return place.page(
                "finance_log.html",
                entries=found[:SHOWN],
                older=found[SHOWN - 1].letter.message.id if len(found) > SHOWN else None,
                sought=sought,
                channels=CHANNEL_NAMES,
                purposes=PURPOSES,
                states={name: said for name, (said, _) in STATES.items()},
            )

    @router.get("/outbox/tasks")
    @needs("see_outbox")
    def for_a_person(
        who: SignedHere, kind: Name = "", whose: Name = "", said: Annotated[str, Query(alias="done", max_length=20)] = "",
        seller: SellerRef = "",
    ) -> Response:  # fmt: skip
        return tasks(seller, who.name, kind, whose, notice=DONE.get(said, ""))

    @router.post("/outbox/tasks/{task_id}")
    @needs("fix_data")
    def dealing(
        who: SignedHere,
        task_id: str,
        do: Annotated[str, Form(pattern="^(close|correct|arrived|again|drop|take)$")],
        how: Annotated[str, Form(max_length=500)] = "",
        address: Annotated[str, Form(max_length=200)] = "",
        kind: Kept = "",
        whose: Kept = "",
        seller: SellerOf = "",
    ) -> Response:
        def act() -> str:
            _deal(store, task_id, do, by=who.name, how=how, address=address)
            return do

        return done(
            "/outbox/tasks",
            act,
            lambda sentence, status: tasks(seller, who.name, kind, whose, notice=sentence, status=status),
            kind=kind,
            whose=whose,
            seller=seller,
        )

    @router.get("/outbox/{message_id}")
    @needs("see_outbox")
    def one_letter(request: Request, message_id: str) -> Response:
        with store.session() as session:
            found = _letter(session, message_id)
            if found is None:
                return not_found()
            thread = session.get_one(Conversation, found.message.conversation_id)
            place = place_of(session, store, session.get_one(Seller, thread.seller_id).ref)
            assert place is not None, "the message's own seller is there"
            saw(request, customer_id=thread.customer_id, conversation_id=thread.id, seller_id=thread.seller_id)
            return place.page(
                "letter.html",
                here="outbox",
                letter=found,
                language=words_in(found.message.language)["language"] if found.message.language else "–",
                receipts=receipts_of(found.message.receipts),
                why=_why(session, found, thread, place),
            )

    @router.get("/outbox/{message_id}/mail")
    @needs("see_outbox")
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

    return router


def _deal(store: Store, task_id: str, do: str, *, by: str, how: str, address: str) -> None:
    """Raises: NoSuchTask; TaskIsDone; HowIsMissing; NotAboutAnAddress, and what the action it asks for raises."""
    key = key_of(task_id)
    with store.session() as session:
        task = session.get(Task, key) if key else None
    if task is None:
        raise NoSuchTask(task=task_id)
    if task.state != "open":
        raise TaskIsDone(f"{task.done_by} has done that already: {task.done_how}", task=task_id)
    match do:
        case "take":
            take_task(task.id, owner=by, store=store)
        case "correct":
            about = address_id_of(task)
            if about is None:
                raise NotAboutAnAddress(task=task_id)
            correct_address(about, address, by=by, store=store)
        case "close":
            # A message nobody can tell about is decided about, and not merely called done.
            if task.kind == "uncertain_send" and task.message_id is not None and _is_uncertain(store, task.message_id):
                raise HowIsMissing("Say whether it arrived, is sent again, or stays unsent.", task=task_id)
            close_task(task.id, store=store, by=by, how=how)
        case _:
            if task.kind != "uncertain_send" or task.message_id is None:
                raise NotFound("That task is not about a message nobody can tell about.", task=task_id)
            settle = {"arrived": confirm_sent, "again": send_again, "drop": withdraw_uncertain}[do]
            settle(task.message_id, store=store, by=by)


def _is_uncertain(store: Store, message_id: UUID) -> bool:
    with store.session() as session:
        found = letter(session, message_id)
    return found is not None and found.message.delivery == "uncertain"


def _why(session: Session, found: Letter, thread: Conversation, place: Place) -> list[str]:
    """Everything there is to say of why it was written: of a reminder all that finance may ask, else a sentence."""
    message = found.message
    step = session.scalars(
        select(Reminder).where(Reminder.customer_id == thread.customer_id, Reminder.message_id == message.id).limit(1)
    ).one_or_none()
    customer = session.get(Customer, thread.customer_id) if thread.customer_id else None
    if step is not None and customer is not None:
        told = why(session, customer, step.on, place.reader.now)
        sentences = next((one.sentences for one in told if one.message_id == message.id), None)
        if sentences:
            return list(sentences)
    return [why_written(session, [(message, thread.customer_id)])[message.id]]


def _letter(session: Session, message_id: str) -> Letter | None:
    key = key_of(message_id)
    return letter(session, key) if key else None
