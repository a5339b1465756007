"""Ordering again what was ordered before, in the same or other quantities, at the prices of then until they are confirmed."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.note_form_refused import note_form_refused
from o2c_core.actions.place_order import Article, Purchase, place_order
from o2c_core.customers.site import Site
from o2c_core.errors import Refused
from o2c_core.money import Money
from o2c_core.orders.order import Order
from o2c_core.trail import TrailLine
from web.portal.door import Guest, Portal, VisitHere, see_other
from web.portal.forms import Sent, SentHere, keep, number_in, quoted
from web.portal.orders import order_named

REFERENCE_SIGNS_MAX = 60
NONE = ("", "0", "0,0", "0.0")


def repeat_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/orders/{number}/repeat`."""

    @router.get("/my/orders/{number:path}/repeat")
    def before_repeating(guest: VisitHere, number: str) -> Response:
        with portal.store.session() as session:
            return _form(guest, order_named(session, guest, number, "repeat_order"))

    @router.post("/my/orders/{number:path}/repeat")
    def repeating(guest: VisitHere, number: str, sent: SentHere) -> Response:
        say = guest.words.say
        with portal.store.session() as session:
            order = order_named(session, guest, number, "repeat_order")
            articles, errors = _articles(guest, order, sent)
            if errors:
                return _form(guest, order, 422, sent=sent, errors=errors)
            site = session.get(Site, order.site_id) if order.site_id else None
        told = "; ".join(f"{guest.figures.quantity(one.quantity)} × {one.description}" for one in articles)
        reference = sent.one("reference")[:REFERENCE_SIGNS_MAX]
        text = say("said.repeat", number=order.number, lines=told, words=reference)
        kept = keep(portal, guest, sent, text, about=f"order {order.number}", once=True)
        with portal.store.session() as session:
            # Whatever was changed on the form since: what it was sent for once is not ordered twice.
            before = _placed_by(session, guest, kept.message_id) if kept.is_repeat else None
        if before is not None:
            return see_other(f"/my/orders/{quoted(before)}?recorded=placed")
        purchase = Purchase(
            guest.customer.id, tuple(articles), purchase_order=reference or None, currency=order.currency,
            site_ref=site.ref if site is not None and site.customer_id == guest.customer.id else None,
        )  # fmt: skip
        try:
            placed = place_order(
                purchase, store=portal.store, by=guest.who, why=f"ordered again on their page, as {order.number}",
                message_id=kept.message_id,
            )  # fmt: skip
        except Refused as refused:
            told = say("error.not_ordered")
            note_form_refused(kept.message_id, refused, told, store=portal.store)
            return _form(guest, order, 422, sent=sent, errors={"form": told})
        return see_other(f"/my/orders/{quoted(placed.number)}?recorded=placed")


def _articles(guest: Guest, order: Order, sent: Sent) -> tuple[list[Article], dict[str, str]]:
    """The lines that are ordered again; those of which none are wanted are left out."""
    say, errors = guest.words.say, dict[str, str]()
    articles = []
    for line in order.lines:
        said = sent.one(f"quantity-{line.position}")
        if said in NONE:
            continue
        quantity = number_in(said, guest.figures.locale)
        if quantity is None:
            errors[f"quantity-{line.position}"] = say("error.number")
            continue
        articles.append(
            Article(line.sku, line.description, quantity, line.unit_price, line.tax_category, line.tax_rate)
        )
    if not articles and not errors:
        errors["form"] = say("error.nothing_chosen")
    return articles, errors


def _placed_by(session: Session, guest: Guest, message_id: object) -> str | None:
    """The number of the order that this form placed before."""
    query = (
        select(Order.number)
        .join(TrailLine, TrailLine.subject_id == Order.id)
        .where(TrailLine.customer_id == guest.customer.id, TrailLine.what == "order placed")
        .where(TrailLine.message_id == message_id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def _form(
    guest: Guest, order: Order, status: int = 200, *, sent: Sent | None = None, errors: dict[str, str] | None = None
) -> Response:
    amounts = {line.position: Money(line.amount_minor, order.currency) for line in order.lines}
    quantities = {line.position: guest.figures.quantity(Decimal(line.quantity)) for line in order.lines}
    return guest.page(
        "my_repeat.html", status, here="orders", order=order, amounts=amounts, quantities=quantities,
        sent=sent.shown() if sent else {}, errors=errors or {},
    )  # fmt: skip
