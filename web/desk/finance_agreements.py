"""Where finance records what was agreed: promises, answers to plans, and holds with their end."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core import money
from o2c_core.actions.answer_plan import answer_plan
from o2c_core.actions.end_hold import end_hold
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.cases.hold import KINDS, Hold
from o2c_core.customers.authority import DEFAULTS, authority_of
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import NotAnAmount
from o2c_core.store.store import Store
from web.desk.door import SignedHere, desk_router, needs
from web.desk.finance_holds import DONE as HOLD_DONE
from web.desk.finance_holds import KEEPS_BACK, SHOWN, holds_shown
from web.desk.finance_promises import DONE, SHOWS, plans_shown, promise_counts, promises_shown
from web.desk.finance_promises import SHOWN as PROMISES_SHOWN
from web.desk.place import Place, SellerOf, SellerRef, done, key_of, nobodys_books, place_of

Ref = Annotated[str, Form(max_length=100)]
Number = Annotated[str, Form(max_length=100)]
Day = Annotated[str, Form(max_length=10)]
Why = Annotated[str, Form(max_length=500)]
Said = Annotated[str, Query(alias="done", max_length=20)]


class NoSuchDay(Refused):
    """Say the day as the calendar of the form does."""


class WhyIsMissing(Refused):
    """Say in a few words why, for whoever looks later."""


def agreement_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    def promises(seller: str, show: str = "due", *, notice: str = "", status: int = 200) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            chosen = show if show in SHOWS else "due"
            today = place.reader.today
            found = [] if chosen == "plans" else promises_shown(session, place.seller.id, chosen, today)
            return place.page(
                "finance_promises.html",
                status,
                notice=notice,
                notice_tone="good" if status == 200 else "bad",
                show=chosen,
                shows=SHOWS,
                counts=promise_counts(session, place.seller.id, today),
                promises=found[:PROMISES_SHOWN],
                has_more=len(found) > PROMISES_SHOWN,
                plans=plans_shown(session, place.seller.id) if chosen == "plans" else [],
            )

    def holds(seller: str, role: str, *, notice: str = "", status: int = 200) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            found = holds_shown(session, place.seller.id, place.reader.today)
            return place.page(
                "finance_holds.html",
                status,
                notice=notice,
                notice_tone="good" if status == 200 else "bad",
                holds=found[:SHOWN],
                has_more=len(found) > SHOWN,
                kinds=KEEPS_BACK,
                days_max=authority_of(role, place.seller).hold_days_max if role in DEFAULTS else 0,
            )

    @router.get("/finance/promises")
    @needs("see_finance")
    def the_promises(
        seller: SellerRef = "", show: Annotated[str, Query(max_length=20)] = "due", said: Said = ""
    ) -> Response:
        return promises(seller, show, notice=DONE.get(said, ""))

    @router.post("/finance/promises")
    @needs("record")
    def recording(
        who: SignedHere,
        customer: Ref = "",
        amount: Annotated[str, Form(max_length=40)] = "",
        on: Day = "",
        invoices: Annotated[str, Form(max_length=1_000)] = "",
        words: Why = "",
        seller: SellerOf = "",
    ) -> Response:
        def act() -> str:
            with store.session() as session:
                place = _books(session, store, seller)
                whose = _customer(session, place.seller, customer)
                about = [
                    _invoice(session, whose, number)
                    for number in invoices.replace(";", ",").split(",")
                    if number.strip()
                ]
                currency = about[0].currency if about else whose.currency
                pledge = Pledge(
                    whose.id,
                    _day(on),
                    _amount(amount, currency, place) if amount.strip() else None,
                    tuple(one.id for one in about),
                    words=words.strip() or None,
                )
            make_promise(pledge, store=store, role=who.authority, by=who.name)
            return "promised"

        return done(
            "/finance/promises",
            act,
            lambda sentence, status: promises(seller, notice=sentence, status=status),
            seller=seller,
            show="open",
        )

    @router.post("/finance/plans/{plan_id}")
    @needs("record")
    def answering(
        who: SignedHere,
        plan_id: str,
        do: Annotated[str, Form(pattern="^(accept|decline)$")],
        seller: SellerOf = "",
    ) -> Response:
        def act() -> str:
            key = key_of(plan_id)
            if key is None:
                raise NotFound("There is no such plan.", plan=plan_id)
            answer_plan(key, accepted=do == "accept", store=store, by=who.name)
            return "accepted" if do == "accept" else "declined"

        return done(
            "/finance/promises",
            act,
            lambda sentence, status: promises(seller, "plans", notice=sentence, status=status),
            seller=seller,
            show="plans",
        )

    @router.get("/finance/holds")
    @needs("see_finance")
    def the_holds(who: SignedHere, seller: SellerRef = "", said: Said = "") -> Response:
        return holds(seller, who.authority, notice=HOLD_DONE.get(said, ""))

    @router.post("/finance/holds")
    @needs("record")
    def placing(
        who: SignedHere,
        customer: Ref = "",
        kind: Annotated[str, Form(max_length=20)] = KINDS[0],
        until: Day = "",
        why: Why = "",
        invoice: Number = "",
        owner: Ref = "",
        seller: SellerOf = "",
    ) -> Response:
        def act() -> str:
            with store.session() as session:
                place = _books(session, store, seller)
                whose = _customer(session, place.seller, customer)
                about = _invoice(session, whose, invoice).id if invoice.strip() else None
            pause = Pause(whose.id, kind, why, owner.strip() or who.name, _day(until), invoice_id=about)
            place_hold(pause, store=store, role=who.authority, by=who.name)
            return "placed"

        return done(
            "/finance/holds",
            act,
            lambda sentence, status: holds(seller, who.authority, notice=sentence, status=status),
            seller=seller,
        )

    @router.post("/finance/holds/{hold_id}")
    @needs("record")
    def ending(
        who: SignedHere,
        hold_id: str,
        do: Annotated[str, Form(pattern="^(end|prolong)$")],
        until: Day = "",
        why: Why = "",
        seller: SellerOf = "",
    ) -> Response:
        def act() -> str:
            if not why.strip():
                raise WhyIsMissing
            key = key_of(hold_id)
            with store.session() as session:
                held = session.get(Hold, key) if key else None
            if held is None:
                raise NotFound("There is no such hold.", hold=hold_id)
            if do == "prolong":
                # The longer one first: at no moment is nothing held.
                longer = Pause(held.customer_id, held.kind, why, held.owner, _day(until), invoice_id=held.invoice_id)
                placed = place_hold(longer, store=store, role=who.authority, by=who.name)
                if placed.id == held.id:
                    return "prolonged"
            end_hold(held.id, why=why.strip(), by=who.name, store=store)
            return "prolonged" if do == "prolong" else "ended"

        return done(
            "/finance/holds",
            act,
            lambda sentence, status: holds(seller, who.authority, notice=sentence, status=status),
            seller=seller,
        )

    return router


def _books(session: Session, store: Store, ref: str) -> Place:
    place = place_of(session, store, ref)
    if place is None:
        raise NotFound("There is no seller here yet.")
    return place


def _customer(session: Session, seller: Seller, ref: str) -> Customer:
    """Raises: NotFound."""
    query = select(Customer).where(Customer.seller_id == seller.id, Customer.ref == ref.strip())
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no customer “{ref.strip()}” at {seller.name}; write their number.", customer=ref)
    return found


def _invoice(session: Session, customer: Customer, number: str) -> Invoice:
    """Raises: NotFound."""
    query = select(Invoice).where(Invoice.customer_id == customer.id, Invoice.number == number.strip())
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"{customer.name} has no invoice {number.strip()}.", invoice=number)
    return found


def _day(written: str) -> date:
    """Raises: NoSuchDay."""
    try:
        return date.fromisoformat(written)
    except ValueError as odd:
        raise NoSuchDay(day=written) from odd


def _amount(written: str, currency: str, place: Place) -> money.Money:
    """Raises: NotAnAmount."""
    try:
        return money.parse(written.strip(), currency, place.reader.locale)
    except NotAnAmount as odd:
        example = money.show(money.Money.of(1240, currency), place.reader.locale)
        raise NotAnAmount(f"“{written.strip()}” is no amount; write it as {example}.") from odd
