"""Recording what a customer said by phone: a complaint, or an objection to an invoice with its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core import money
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.open_dispute import Claim, LineClaim, open_dispute
from o2c_core.cases.collectable import collectable
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money, NotAnAmount
from o2c_core.orders.order import Order
from o2c_core.staff.signed import Signed
from o2c_core.store.store import Store
from web.customer import find_customer
from web.customer_pages import not_found
from web.desk.case_words import CATEGORY_NAMES, REASON_NAMES, SEVERITY_NAMES
from web.desk.door import SignedHere, desk_router, needs, saw
from web.desk.place import Place, SellerOf, SellerRef, status_of
from web.reader import Reader

NUMBERS_SHOWN = 60
Said = Annotated[str, Query(max_length=100)]


class NothingSaid(Refused):
    """Write down what the customer said, in their words as far as you can."""


class NotAQuantityWritten(Refused):
    """How many of a line is a number, such as 3 or 2.5."""


@dataclass(frozen=True)
class _Form:
    """What was filled in, by the names of the form."""

    said: Mapping[str, str]

    def one(self, name: str) -> str:
        return self.said.get(name, "").strip()


def opening_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    def the_form(
        who: Signed, kind: str, customer: Customer, whose: Seller, form: _Form, *, notice: str = "", status: int = 200
    ) -> Response:
        reader = Reader.of(whose, store.clock.now())
        with store.session() as session:
            orders = select(Order.number).where(Order.customer_id == customer.id)
            invoices = select(Invoice.number).where(Invoice.customer_id == customer.id)
            invoice = _invoice(session, customer, form.one("invoice"))
            standing = collectable(session, Invoice.id == invoice.id)[0] if invoice else None
            return Place(whose, [], reader).page(
                "case_new.html", status, here="cases", kind=kind, customer=customer, form=form, notice=notice,
                notice_tone="bad", standing=standing, me=who.name, reasons=REASON_NAMES, categories=CATEGORY_NAMES,
                severities=SEVERITY_NAMES,
                orders=list(session.scalars(orders.order_by(Order.ordered_on.desc().nulls_last()).limit(NUMBERS_SHOWN))),
                invoices=list(session.scalars(invoices.order_by(Invoice.issued_on.desc()).limit(NUMBERS_SHOWN))),
            )  # fmt: skip

    @router.get("/cases/new")
    @needs("record")
    def before_recording(
        request: Request, who: SignedHere, customer: Said = "", kind: Said = "complaint", invoice: Said = "",
        seller: SellerRef = "",
    ) -> Response:  # fmt: skip
        with store.session() as session:
            found = find_customer(session, customer, seller)
        if found is None:
            return not_found("customer")
        saw(request, seller_id=found[1].id, customer_id=found[0].id)
        return the_form(who, "dispute" if kind == "dispute" else "complaint", *found, _Form({"invoice": invoice}))

    @router.post("/cases/new")
    @needs("record")
    def recording(
        who: SignedHere,
        customer: Annotated[str, Form(max_length=100)],
        kind: Annotated[str, Form(pattern="^(dispute|complaint)$")],
        seller: SellerOf = "",
        words: Annotated[str, Form(max_length=2_000)] = "",
        invoice: Annotated[str, Form(max_length=100)] = "",
        order: Annotated[str, Form(max_length=100)] = "",
        category: Annotated[str, Form(max_length=20)] = "other",
        severity: Annotated[str, Form(max_length=20)] = "normal",
        reason: Annotated[str, Form(max_length=20)] = "OTHER",
        amount: Annotated[str, Form(max_length=40)] = "",
        line: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006 (FastAPI's contract; it is never changed)
        pieces: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006
        mine: Annotated[str, Form(max_length=5)] = "",
    ) -> Response:
        with store.session() as session:
            found = find_customer(session, customer, seller)
        if found is None:
            return not_found("customer")
        said = {
            "words": words, "invoice": invoice, "order": order, "category": category, "severity": severity,
            "reason": reason, "amount": amount, "mine": mine,
        } | {f"pieces {key}": many for key, many in zip(line, pieces, strict=False)}  # fmt: skip
        form, owner = _Form(said), who.name if mine else None
        try:
            if not words.strip():
                raise NothingSaid
            case: Dispute | Complaint
            if kind == "dispute":
                case = open_dispute(
                    _claim(store, found[0], found[1], form, line, pieces, owner), store=store, by=who.name
                )
            else:
                case = log_complaint(_grievance(store, found[0], form, owner), store=store, by=who.name)
        except Failure as failure:
            return the_form(who, kind, *found, form, notice=failure.sentence, status=status_of(failure))
        query = urlencode({"done": "logged", "seller": found[1].ref})
        return RedirectResponse(f"/cases/{kind}s/{quote(case.number)}?{query}", 303)

    return router


def _claim(
    store: Store, customer: Customer, whose: Seller, form: _Form, lines: list[str], pieces: list[str], owner: str | None
) -> Claim:
    """Raises: NotFound; NotAQuantityWritten; NotAnAmount."""
    with store.session() as session:
        invoice = _invoice(session, customer, form.one("invoice"))
        if invoice is None:
            raise NotFound("Say which invoice of theirs it is about.")
        known = {str(one.id): one.id for one in invoice.lines}
    claimed = tuple(
        LineClaim(known[key], _quantity(many)) for key, many in zip(lines, pieces, strict=False) if many.strip() and key in known
    )  # fmt: skip
    amount = None
    if form.one("amount"):
        amount = _amount(form.one("amount"), invoice.currency, Reader.of(whose, store.clock.now()).locale)
    return Claim(
        customer.id, invoice.id, form.one("words"), reason=form.one("reason"), amount=amount, lines=claimed, owner=owner
    )


def _grievance(store: Store, customer: Customer, form: _Form, owner: str | None) -> Grievance:
    with store.session() as session:
        invoice = _invoice(session, customer, form.one("invoice"))
        number = form.one("order")
        order = session.scalars(
            select(Order).where(Order.customer_id == customer.id, Order.number == number)
        ).one_or_none() if number else None  # fmt: skip
    if (form.one("invoice") and invoice is None) or (number and order is None):
        raise NotFound("That number is not on the customer's account.")
    return Grievance(
        customer.id, form.one("words"), order_id=order.id if order else None,
        invoice_id=invoice.id if invoice else None, category=form.one("category"), severity=form.one("severity"),
        owner=owner,
    )  # fmt: skip


def _invoice(session: Session, customer: Customer, number: str) -> Invoice | None:
    if not number or not number.isprintable():
        return None
    query = select(Invoice).where(Invoice.customer_id == customer.id, Invoice.number == number)
    return session.scalars(query).one_or_none()


def _quantity(written: str) -> Decimal:
    """Raises: NotAQuantityWritten."""
    try:
        found = Decimal(written.strip().replace(",", "."))
    except InvalidOperation as odd:
        raise NotAQuantityWritten(said=written) from odd
    if not found.is_finite():
        raise NotAQuantityWritten(said=written)
    return found


def _amount(written: str, currency: str, locale: str) -> Money:
    """Raises: NotAnAmount, with an example of how it is written."""
    try:
        return money.parse(written, currency, locale)
    except NotAnAmount as odd:
        raise NotAnAmount(
            f"“{written}” is no amount; write it as {money.show(Money.of(12, currency), locale)}."
        ) from odd
