"""The inbox: everybody who waits for a person, what there is to do about several at once, and what is new in it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from o2c_core.actions.assign_conversation import Whose, assign_conversation
from o2c_core.actions.resolve_conversation import resolve_conversation
from o2c_core.actions.snooze_conversation import snooze_conversation
from o2c_core.conversations.business_hours import SNOOZES
from o2c_core.errors import NotFound, Overtaken, Refused
from o2c_core.staff.signed import Signed
from o2c_core.store.store import Store
from web.desk.door import SignedHere, desk_router, needs, saw
from web.desk.inbox_page import inbox, rows_again, today
from web.desk.inbox_views import ROWS_SHOWN, Asked
from web.desk.live import LiveInbox, live_route
from web.desk.place import nobodys_books, place_of
from web.rendering import page

# What was done, as the page says it next; a number stands for the first place.
TOLD = {
    "mine": ("{} is yours now.", "{} are yours now."),
    "assigned": ("{} lies with somebody else now.", "{} lie with somebody else now."),
    "freed": ("{} lies with nobody in particular now.", "{} lie with nobody in particular now."),
    "snoozed": ("{} is put off.", "{} are put off."),
    "woken": ("{} is back.", "{} are back."),
    "done": ("{} is done.", "{} are done."),
    "kept": ("{} stays: a colleague has it.", "{} stay: colleagues have them."),
    "nothing": ("Nothing was ticked, or nothing had to change.",) * 2,
}


class NothingAsked(Refused):
    """The inbox can assign, put off and finish conversations, and nothing else."""


def inbox_pages(store: Store) -> APIRouter:
    """The inbox over that ledger, for whoever may see the desk."""
    router = desk_router(store)
    live = LiveInbox(store)
    live_route(router, store, live)

    @router.get("/inbox")
    @needs("see_desk")
    def the_inbox(request: Request, who: SignedHere) -> Response:
        asked, mark = Asked.read(request.query_params), live.listening.mark
        with store.session() as session:
            place = place_of(session, store, asked.seller)
            if place is None:
                return nobodys_books()
            found = inbox(session, place.seller, asked, who, place.reader)
            is_quiet = not found.rows and asked.show == "waiting" and not asked.words and not asked.after
            saw(request, seller_id=place.seller.id, about=" ".join(filter(None, (asked.show, asked.words))))
            return place.page(
                "inbox.html",
                here="inbox",
                inbox=found,
                asked=asked,
                mark=mark,
                told=_told(request.query_params.getlist("told")),
                day=today(session, place.seller.id, place.reader) if is_quiet else None,
            )

    @router.get("/inbox/rows")
    @needs("see_desk", is_part=True, by_itself=True)
    def the_rows(request: Request, who: SignedHere, ids: str | None = None) -> Response:
        """The rows that stand there now: of the conversations that changed, or without `ids` of the whole page."""
        asked = Asked.read(request.query_params)
        with store.session() as session:
            place = place_of(session, store, asked.seller)
            if place is None:
                return nobodys_books()
            if ids is None:
                rows = inbox(session, place.seller, asked, who, place.reader).rows
            else:
                rows = rows_again(session, place.seller, asked, who, place.reader, _keys(ids.split(",")))
            return page("inbox_rows.html", rows=rows, asked=asked)

    @router.post("/inbox/do")
    @needs("speak")
    def do_it(
        request: Request,
        who: SignedHere,
        do: Annotated[str, Form()],
        ids: Annotated[list[str] | None, Form()] = None,
        to: Annotated[str, Form(max_length=100)] = "",
        until: Annotated[str, Form(max_length=20)] = "",
        day: Annotated[str, Form(max_length=20)] = "",
        back: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        keys = _keys(ids or [])
        done = _do(do, keys, to, day if until == "day" else until, who, store) if keys else Counter()
        told = [f"{word}:{count}" for word, count in done.items() if count] or ["nothing:0"]
        if request.headers.get("accept") == "application/json":
            return JSONResponse({"told": _told(told)})
        # Only ever back to a list of this inbox, whatever the form says.
        there = back if back.startswith("/inbox?") else "/inbox?"
        return RedirectResponse(there + "&" * (there[-1] != "?") + urlencode({"told": told}, doseq=True), 303)

    @router.get("/conversations")
    @needs("see_desk", is_part=True)
    def the_list_there_was(q: str = "", seller: str = "") -> Response:
        return RedirectResponse(Asked("all", q.strip()[:200], seller=seller[:100]).with_(), 303)

    return router


def _do(do: str, keys: list[UUID], to: str, until: str, who: Signed, store: Store) -> Counter[str]:
    """How many of them it was done with, by the word it is told in. Raises: NothingAsked; what the actions raise."""
    if do == "take":
        return Counter(mine=assign_conversation(keys, Whose(who.user_id), by=who.name, store=store))
    if do == "assign":
        whose, word = _whose(to, who)
        return Counter({word: assign_conversation(keys, whose, by=who.name, store=store)})
    if do == "snooze":
        word = "woken" if until == "now" else "snoozed"
        return Counter({word: snooze_conversation(keys, until or SNOOZES[0], by=who.name, store=store)})
    if do != "done":
        raise NothingAsked
    counted = Counter(done=0, kept=0)
    for key in keys:
        try:
            resolve_conversation(key, agent=who.name, agent_id=who.user_id, store=store)
            counted["done"] += 1
        except (Overtaken, NotFound):
            counted["kept"] += 1
    return counted


def _whose(to: str, who: Signed) -> tuple[Whose, str]:
    """ "me", "nobody", "team:Amsterdam" or a colleague's key, and the word in which it is told. Raises: NothingAsked."""
    if to == "me":
        return Whose(who.user_id), "mine"
    if to == "nobody":
        return Whose(), "freed"
    if to.startswith("team:"):
        return Whose(team=to.removeprefix("team:")), "assigned"
    keys = _keys([to])
    if not keys:
        raise NothingAsked
    return Whose(keys[0]), "mine" if keys[0] == who.user_id else "assigned"


def _told(words: list[str]) -> str:
    """What was done, in sentences; anything that is none of ours says nothing."""
    said = []
    for word in words:
        name, _, count = word.partition(":")
        if name in TOLD and count.isdigit():
            said.append(TOLD[name][int(count) != 1].format(int(count)))
    return " ".join(said)


def _keys(written: list[str]) -> list[UUID]:
    """The keys of conversations that are written there; at most a page of them."""
    keys = []
    for one in written[: 2 * ROWS_SHOWN]:
        try:
            keys.append(UUID(one))
        except ValueError:
            continue
    return keys
