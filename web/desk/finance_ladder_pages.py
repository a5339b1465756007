"""Where finance sees its ladders in words, changes one with a trial on past days first, and says for whom it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from o2c_core.actions.choose_ladder import choose_ladder
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.errors import Failure, Refused
from o2c_core.reminders.ladder import Ladder
from o2c_core.reminders.ladders.reading import LadderUnclear, checked_ladder, read_ladder
from o2c_core.reminders.ladders.shipped import SHIPPED, shipped
from o2c_core.reminders.ladders.summary import differences, summary
from o2c_core.reminders.ladders.versions import NoSuchLadder, newest_ladder, versions_of
from o2c_core.reminders.past_books import LadderTried, try_ladder
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.door import SignedHere, desk_router, needs
from web.desk.finance_ladders import (
    CHOICES,
    blank_step,
    document_from,
    fields_of,
    ladders_of,
    segments_of,
    steps_of,
    toml_of,
    words_to_choose,
)
from web.desk.place import Place, SellerOf, SellerRef, done, nobodys_books, place_of, status_of

TRIED_DAYS = 30
STEPS_MAX = 20
DONE = {
    "saved": "The new version counts from the next run on. What was sent keeps the version it was sent by.",
    "same": "It says the same as before, so there is no new version.",
    "chosen": "It holds there from the next run on.",
    "ended": "That choice is over; what is wider holds again.",
}

Why = Annotated[str, Form(max_length=500)]
Ref = Annotated[str, Form(max_length=100)]


class WhyIsMissing(Refused):
    """Say in a few words why it changes; whoever looks later wants to know."""


@dataclass(frozen=True)
class Draft:
    """What somebody is writing: the fields, or the text of a file instead of them."""

    name: str
    spacing: str
    steps: list[dict[str, str]]
    toml: str
    is_toml: bool
    why: str = ""

    @classmethod
    def of(cls, ladder: Ladder, name: str = "") -> Draft:
        named = replace(ladder, name=name) if name else ladder
        steps = [fields_of(rung) for rung in named.rungs]
        return cls(named.name, str(named.spacing_days), steps, toml_of(named), is_toml=False)

    def ladder(self) -> Ladder:
        """Raises: LadderUnclear."""
        if self.is_toml:
            return read_ladder(self.toml)
        return checked_ladder(document_from(self.name, self.spacing, self.steps))


async def _draft(request: Request) -> tuple[Draft, str, str]:
    """What the form says, what is to be done with it, and whose ladder it is; fields that repeat come in the steps' order."""
    form = await request.form()
    said: Mapping[str, Sequence[str]] = {
        key: [str(value)[:2_000] for value in form.getlist(key)[: STEPS_MAX + 1]] for key in form
    }

    def one(key: str) -> str:
        return said[key][0] if said.get(key) else ""

    toml = str(form.get("toml", ""))[:50_000]
    draft = Draft(
        one("ladder").strip(), one("spacing").strip(), steps_of(said), toml, is_toml="toml" in one("do"), why=one("why")
    )
    return draft, one("do"), one("seller")


DraftHere = Annotated[tuple[Draft, str, str], Depends(_draft)]


def ladder_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    def all_of_them(seller: str, *, notice: str = "", status: int = 200) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            return place.page(
                "ladders.html",
                status,
                notice=notice,
                notice_tone="good" if status == 200 else "bad",
                ladders=ladders_of(session, place.seller.id),
                segments=segments_of(session, place.seller.id),
                summary=summary,
                shipped=SHIPPED,
            )

    @router.get("/ladders")
    @needs("see_finance")
    def the_ladders(seller: SellerRef = "", said: Annotated[str, Query(alias="done", max_length=20)] = "") -> Response:
        return all_of_them(seller, notice=DONE.get(said, ""))

    @router.post("/ladders/choose")
    @needs("edit_rules")
    def choosing(
        who: SignedHere,
        ladder: Ref = "",
        where: Annotated[str, Form(pattern="^(seller|segment|customer|invoice)$")] = "seller",
        target: Ref = "",
        why: Why = "",
        seller: SellerOf = "",
    ) -> Response:
        def act() -> str:
            with store.session() as session:
                place = place_of(session, store, seller)
            if place is None:
                return "ended"
            if not why.strip():
                raise WhyIsMissing
            chosen: dict[str, Any] = {
                "seller": {}, "segment": {"segment": target.strip()}, "customer": {"customer_ref": target.strip()},
                "invoice": {"invoice_number": target.strip()},
            }[where]  # fmt: skip
            choose_ladder(place.seller.ref, ladder or None, store=store, by=who.name, why=why.strip(), **chosen)
            return "chosen" if ladder else "ended"

        return done(
            "/ladders", act, lambda sentence, status: all_of_them(seller, notice=sentence, status=status), seller=seller
        )

    @router.get("/ladders/{name}")
    @needs("see_finance")
    def one_ladder(
        name: str, seller: SellerRef = "", said: Annotated[str, Query(alias="done", max_length=20)] = ""
    ) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            found = next((one for one in ladders_of(session, place.seller.id) if one.ladder.name == name), None)
            if found is None:
                return not_found("ladder")
            return place.page(
                "ladder.html",
                notice=DONE.get(said, ""),
                notice_tone="good",
                one=found,
                sentences=summary(found.ladder),
                versions=versions_of(session, place.seller.id, name),
            )

    @router.get("/ladders/{name}/edit")
    @needs("edit_rules")
    def editing(
        name: str, begin: Annotated[str, Query(alias="from", max_length=40)] = "", seller: SellerRef = ""
    ) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            try:
                whole = shipped(begin) if begin in SHIPPED else newest_ladder(session, place.seller.id, name)
            except NoSuchLadder:
                return not_found("ladder")
            return _form(session, place, name, Draft.of(whole, name if begin in SHIPPED else ""))

    @router.post("/ladders/{name}/edit")
    @needs("edit_rules")
    def changing(who: SignedHere, name: str, posted: DraftHere) -> Response:
        draft, do, seller = posted
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            if do == "add" and len(draft.steps) < STEPS_MAX:
                return _form(session, place, name, replace(draft, steps=[*draft.steps, blank_step(draft.steps)]))
            if do.startswith("remove-"):
                left = [step for at, step in enumerate(draft.steps) if f"remove-{at}" != do]
                return _form(session, place, name, replace(draft, steps=left))
            try:
                ladder = draft.ladder()
            except LadderUnclear as unclear:
                found = unclear.fields.get("faults")
                faults = found if isinstance(found, list) else [unclear.sentence]
                return _form(session, place, name, draft, faults=faults, status=400)
            if not do.startswith("save"):
                return _form(session, place, name, draft, tried=_try(session, place, ladder))
        if not draft.why.strip():
            return _again(store, seller, name, draft, WhyIsMissing())
        try:
            _, changed = save_ladder(place.seller.ref, ladder, store=store, by=who.name, why=draft.why.strip())
        except Failure as failure:
            return _again(store, seller, name, draft, failure)
        word = "saved" if changed else "same"
        return RedirectResponse(f"/ladders/{quote(ladder.name)}?done={word}&seller={quote(place.seller.ref)}", 303)

    return router


def _try(session: Session, place: Place, ladder: Ladder) -> LadderTried:
    last = place.reader.today - timedelta(days=1)
    first: date = last - timedelta(days=TRIED_DAYS - 1)
    return try_ladder(session, place.seller, ladder, first, last)


def _again(store: Store, seller: str, name: str, draft: Draft, failure: Failure) -> Response:
    with store.session() as session:
        place = place_of(session, store, seller)
        assert place is not None, "it was there a moment ago"
        return _form(session, place, name, draft, faults=[failure.sentence], status=status_of(failure))


def _form(
    session: Session,
    place: Place,
    name: str,
    draft: Draft,
    *,
    faults: Sequence[str] = (),
    tried: LadderTried | None = None,
    status: int = 200,
) -> Response:
    """The form as it is being written, with what is wrong with it, or what it would have changed."""
    try:
        before: Ladder | None = newest_ladder(session, place.seller.id, draft.name)
    except NoSuchLadder:
        before = None
    try:
        proposed: Ladder | None = draft.ladder()
    except LadderUnclear:
        proposed = None
    return place.page(
        "ladder_edit.html",
        status,
        name=name,
        draft=draft,
        faults=faults,
        tried=tried,
        before=before,
        changes=differences(before, proposed) if proposed is not None else [],
        sentences=summary(proposed) if proposed is not None else [],
        choices=CHOICES,
        wordings=words_to_choose(),
        days=TRIED_DAYS,
    )
