"""What an agent records from a conversation: a promise, an objection, a complaint, a hold, a credit; within their authority."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from o2c_core.actions.issue_credit_note import issue_credit_note
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.open_dispute import Claim, LineClaim, open_dispute
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.conversations.desk_said import NoSuchConversation
from o2c_core.conversations.message import Message
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, NotFound, Refused
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.money import Money, parse
from o2c_core.staff.signed import Signed
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from web.desk.conversation_draft import Suggest
from web.desk.conversation_page import Asked, conversation_of, show
from web.desk.conversation_verbs import status_of
from web.desk.door import SignedHere, desk_router, needs
from web.reader import Reader

# The same credit asked for again within so long is the same button pressed twice.
TWICE_WITHIN = timedelta(minutes=5)

Said = Annotated[str, Form(max_length=2_000)]
Short = Annotated[str, Form(max_length=60)]
Key = Annotated[str, Form(max_length=64)]


class NobodysAccount(Refused):
    """Nobody knows whose account this is, so nothing can be recorded on it."""


class NotADay(Refused):
    """That is not a day."""


class NotANumberOf(Refused):
    """How many is said with a number, such as 3 or 2.5."""


class CreditedJustNow(Refused):
    """You issued that very credit a moment ago; nothing was done twice."""


class Desk:
    """Whose account it is, and what their last message was, for what is recorded from it."""

    def __init__(self, store: Store, conversation_id: str, who: Signed) -> None:
        self.who, self.store = who, store
        with store.session() as session:
            of = conversation_of(session, conversation_id)
            if of is None:
                raise NoSuchConversation
            if of.customer_id is None:
                raise NobodysAccount
            self.customer = session.get_one(Customer, of.customer_id)
            self.seller = session.get_one(Seller, of.seller_id)
            self.channel = of.channel
            last = select(Message).where(Message.conversation_id == of.id, Message.direction == "in")
            message = session.scalars(last.order_by(Message.id.desc()).limit(1)).one_or_none()
            self.message_id = message.id if message is not None else None
            self.words = message.text if message is not None else None
        self.reader = Reader.of(self.seller, store.clock.now())

    def invoice(self, number: str) -> Invoice | None:
        """None where none was chosen. Raises: NotFound for one that is not this customer's."""
        if not number:
            return None
        with self.store.session() as session:
            query = select(Invoice).where(Invoice.customer_id == self.customer.id, Invoice.number == number)
            found = session.scalars(query).one_or_none() if number.isprintable() else None
        if found is None:
            raise NotFound("I can't find that number on this account.")
        return found

    def amount(self, written: str, currency: str) -> Money | None:
        """None where none was written. Raises: NotAnAmount."""
        return parse(written.strip(), currency, self.reader.locale) if written.strip() else None


def record_verbs(store: Store, suggest: Suggest | None) -> APIRouter:
    """Each records one thing and leads back to the page; a refusal stands next to the form, with what is possible."""
    router = desk_router(store)

    def recording(
        request: Request,
        who: Signed,
        conversation_id: str,
        what: str,
        values: Mapping[str, str],
        act: Callable[[Desk], object],
    ) -> Response:
        try:
            act(Desk(store, conversation_id, who))
        except Failure as failure:
            sentence = failure.sentence
            if isinstance(failure, BeyondAuthority):
                sentence = f"{sentence} Call a colleague who may with a note (@name)."
            asked = Asked(notice=sentence, tone="bad", form=what, values=values, objects_to=values.get("lines_of", ""))
            return show(request, who, conversation_id, asked, store=store, suggest=suggest, status=status_of(failure))
        return RedirectResponse(f"/conversations/{conversation_id}?done={what}#record", 303)

    @router.post("/conversations/{conversation_id}/promise")
    @needs("record")
    def promising(
        request: Request, conversation_id: str, who: SignedHere, on: Short = "", number: Short = "", amount: Short = ""
    ) -> Response:
        def act(desk: Desk) -> object:
            invoice = desk.invoice(number)
            currency = invoice.currency if invoice else desk.customer.currency
            pledge = Pledge(
                desk.customer.id, _day(on), desk.amount(amount, currency), (invoice.id,) if invoice else (), desk.channel,
                desk.words,
            )  # fmt: skip
            return make_promise(pledge, store=store, role=who.authority, by=who.name)

        return recording(request, who, conversation_id, "promise", {"on": on, "number": number, "amount": amount}, act)

    @router.post("/conversations/{conversation_id}/dispute")
    @needs("record")
    async def objecting(
        request: Request, conversation_id: str, who: SignedHere, number: Short = "", amount: Short = "", reason: Short = "OTHER",
        about: Said = "",
    ) -> Response:  # fmt: skip
        form = await request.form()
        counted = {str(key)[4:]: str(value) for key, value in form.items() if str(key).startswith("line") and value}

        def act(desk: Desk) -> object:
            invoice = desk.invoice(number)
            if invoice is None:
                raise NotFound("Choose the invoice it is about.")
            claim = Claim(
                desk.customer.id, invoice.id, about or desk.words or "", reason, desk.amount(amount, invoice.currency),
                _lines(store, invoice, counted), desk.message_id, who.name,
            )  # fmt: skip
            return open_dispute(claim, store=store, by=who.name)

        values = {"number": number, "amount": amount, "reason": reason, "about": about}
        if counted:
            values["lines_of"] = number
        return await run_in_threadpool(lambda: recording(request, who, conversation_id, "dispute", values, act))

    @router.post("/conversations/{conversation_id}/complaint")
    @needs("record")
    def complaining(
        request: Request, conversation_id: str, who: SignedHere, about: Said = "", category: Short = "other",
        severity: Short = "normal", number: Short = "",
    ) -> Response:  # fmt: skip
        def act(desk: Desk) -> object:
            invoice = desk.invoice(number)
            grievance = Grievance(
                desk.customer.id, about.strip() or desk.words or "", desk.message_id,
                invoice_id=invoice.id if invoice else None, category=category, severity=severity, owner=who.name,
            )  # fmt: skip
            return log_complaint(grievance, store=store, by=who.name)

        values = {"about": about, "category": category, "severity": severity, "number": number}
        return recording(request, who, conversation_id, "complaint", values, act)

    @router.post("/conversations/{conversation_id}/hold")
    @needs("record")
    def holding(
        request: Request, conversation_id: str, who: SignedHere, kind: Short = "reminders", until: Short = "", reason: Said = "",
        number: Short = "",
    ) -> Response:  # fmt: skip
        def act(desk: Desk) -> object:
            invoice = desk.invoice(number)
            pause = Pause(
                desk.customer.id, kind, reason, who.name, _day(until), invoice_id=invoice.id if invoice else None,
                message_id=desk.message_id,
            )  # fmt: skip
            return place_hold(pause, store=store, role=who.authority, by=who.name)

        values = {"kind": kind, "until": until, "reason": reason, "number": number}
        return recording(request, who, conversation_id, "hold", values, act)

    @router.post("/conversations/{conversation_id}/credit")
    @needs("record")
    def crediting(
        request: Request,
        conversation_id: str,
        who: SignedHere,
        number: Short = "",
        amount: Short = "",
        reason: Said = "",
        key: Key = "",
    ) -> Response:
        def act(desk: Desk) -> object:
            invoice = desk.invoice(number)
            if invoice is None or not reason.strip():
                raise Refused("A credit needs its invoice, an amount and a reason.")
            worth = desk.amount(amount, invoice.currency)
            if worth is None:
                raise Refused("A credit needs its invoice, an amount and a reason.")
            if not key:
                _check_not_twice(store, desk, invoice, worth)
            return issue_credit_note(
                desk.customer.id, reason=reason.strip(), by=who.name, role=who.authority, store=store, invoice_id=invoice.id,
                amount=worth, message_id=desk.message_id,
                form=key and f"desk:{who.user_id}:{key}",
            )  # fmt: skip

        values = {"number": number, "amount": amount, "reason": reason, "key": key}
        return recording(request, who, conversation_id, "credit", values, act)

    return router


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as odd:
        raise NotADay(written=written) from odd


def _lines(store: Store, invoice: Invoice, counted: Mapping[str, str]) -> tuple[LineClaim, ...]:
    """What was counted on which line of the invoice."""
    if not counted:
        return ()
    with store.session() as session:
        query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)
        lines = {str(one.position): one.id for one in session.scalars(query)}
    claims: list[tuple[UUID, Decimal]] = []
    for position, written in counted.items():
        try:
            claims.append((lines[position], Decimal(written.replace(",", "."))))
        except (KeyError, InvalidOperation) as odd:
            raise NotANumberOf(line=position) from odd
    return tuple(LineClaim(line_id, quantity) for line_id, quantity in claims if quantity != 0)


def _check_not_twice(store: Store, desk: Desk, invoice: Invoice, amount: Money) -> None:
    since = store.clock.now() - TWICE_WITHIN
    same = select(TrailLine).where(
        TrailLine.customer_id == desk.customer.id, TrailLine.what == "credit note issued", TrailLine.at >= since,
        TrailLine.who == desk.who.name, TrailLine.details["invoice"].astext == invoice.number,
        TrailLine.details["amount"].astext == str(amount),
    )  # fmt: skip
    with store.session() as session:
        if session.scalars(same.limit(1)).one_or_none() is not None:
            raise CreditedJustNow
