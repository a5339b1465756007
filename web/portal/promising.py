"""Naming a day on which an invoice will be paid, within what may be agreed to without a person."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from o2c_core.actions.make_promise import NothingToPromise, Pledge, PromisedTooMuch, make_promise
from o2c_core.actions.note_form_refused import note_form_refused
from o2c_core.cases.collectable import collectable
from o2c_core.cases.promise import PromisedInThePast, PromisedTooFar, PromisedTooOften
from o2c_core.customers.authority import BeyondAuthority, authority_of
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from web.portal.door import Guest, Portal, VisitHere, see_other
from web.portal.forms import Sent, SentHere, amount_in, keep, quoted
from web.portal.invoices import invoice_named

ROLE = "assistant"
# Which field a refusal stands beside, and the sentence that says what is possible instead.
_REFUSALS: dict[type[Refused], tuple[str, str]] = {
    PromisedInThePast: ("day", "error.day_past"),
    PromisedTooFar: ("day", "error.day_far"),
    PromisedTooOften: ("day", "error.too_often"),
    PromisedTooMuch: ("amount", "error.amount_most"),
    NothingToPromise: ("amount", "error.nothing_open"),
    BeyondAuthority: ("amount", "error.person"),
}


def promise_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/invoices/{number}/promise`."""

    @router.get("/my/invoices/{number:path}/promise")
    def before_promising(guest: VisitHere, number: str) -> Response:
        with portal.store.session() as session:
            invoice = invoice_named(session, guest, number, "promise")
            return _form(session, guest, invoice)

    @router.post("/my/invoices/{number:path}/promise")
    def promising(guest: VisitHere, number: str, sent: SentHere) -> Response:
        say, figures = guest.words.say, guest.figures
        with portal.store.session() as session:
            invoice = invoice_named(session, guest, number, "promise")
            day = _day(sent.one("day"))
            said = sent.one("amount")
            amount = amount_in(said, invoice.currency, figures.locale) if said else _free(session, invoice)
            errors = {} if day else {"day": say("error.day")}
            if amount is None:
                errors["amount"] = say("error.amount")
            if errors or day is None or amount is None:
                return _form(session, guest, invoice, 422, sent=sent, errors=errors)
            latest = _latest(guest, invoice)
        text = say("said.promise", number=invoice.number, amount=figures.money(amount), date=figures.day(day))
        kept = keep(portal, guest, sent, text, about=f"invoice {invoice.number}")
        pledge = Pledge(guest.customer.id, day, amount, (invoice.id,), "chat", text, kept.message_id)
        try:
            make_promise(pledge, store=portal.store, role=ROLE, by=guest.who)
        except tuple(_REFUSALS) as refused:
            field, key = _REFUSALS[type(refused)]
            with portal.store.session() as session:
                free = _free(session, invoice)
            told = say(key, date=figures.day(latest), amount=figures.money(free))
            note_form_refused(kept.message_id, refused, told, store=portal.store)
            with portal.store.session() as session:
                return _form(session, guest, invoice, 422, sent=sent, errors={field: told})
        return see_other(f"/my/invoices/{quoted(invoice.number)}?recorded=promise")


def _form(
    session: Session, guest: Guest, invoice: Invoice, status: int = 200, *, sent: Sent | None = None,
    errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    return guest.page(
        "my_promise.html", status, here="invoices", invoice=invoice, free=_free(session, invoice),
        latest=_latest(guest, invoice), sent=sent.shown() if sent else {}, errors=errors or {},
    )  # fmt: skip


def _free(session: Session, invoice: Invoice) -> Money:
    """What is open and not objected to."""
    return Money(collectable(session, Invoice.id == invoice.id)[0].free_minor, invoice.currency)


def _latest(guest: Guest, invoice: Invoice) -> date:
    """The last day that may be agreed to without a person."""
    days = authority_of(ROLE, guest.seller).promise_days_max
    return max(invoice.due_on, guest.today) + timedelta(days=days)


def _day(text: str) -> date | None:
    """The day as a browser sends it, or as people in Europe write it: 2026-03-31, 31-3-2026, 31.3.2026, 31/3/2026."""
    parts = text.replace("/", "-").replace(".", "-").split("-")
    if len(parts) != 3 or not all(part.strip().isdigit() for part in parts):
        return None
    year, month, day = (int(part) for part in (parts if len(parts[0].strip()) == 4 else parts[::-1]))
    try:
        return date(year, month, day)
    except ValueError:
        return None
