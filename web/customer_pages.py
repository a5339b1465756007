"""The pages about one customer, their documents, the messages they wrote, and the money that waits for a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.revoke_links import revoke_links
from o2c_core.actions.send_document import open_disputes
from o2c_core.conversations.access_link import AccessLink
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.invoice_copy import render_invoice
from o2c_core.documents.statement_copy import render_statement
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.statement import first_day
from o2c_core.money import exponent
from o2c_core.reminders.why import why
from o2c_core.store.store import Store
from web.customer import account, find_customer
from web.desk.door import SignedHere, desk_router, needs, saw
from web.front import bubbles
from web.happened import FAMILIES, happened
from web.headers import HEADERS
from web.reader import Reader
from web.received import about_writer, file_bytes, files_of, whose_file
from web.rendering import page
from web.wording import words_in

MESSAGES_AROUND = 6
WHY_DAYS_MAX = 1_000
_REVOKED = "Their links are revoked: nothing that was handed out until now opens anything any more."
FIRST_DAY = date(1970, 1, 1)  # nothing in a ledger is older, and days before it can be counted back from it

SellerRef = Annotated[str, Query(alias="seller", max_length=100)]
Day = Annotated[str, Query(alias="on", max_length=10)]


def customer_pages(store: Store) -> APIRouter:
    """For the seller's own people, as the other staff pages are."""
    router = desk_router(store)

    @router.get("/ledger/customers/{ref:path}/statement-{currency}.pdf")
    @needs("see_desk")
    def the_statement(request: Request, ref: str, currency: str, on: Day = "", seller: SellerRef = "") -> Response:
        with store.session() as session:
            found = find_customer(session, ref, seller)
            if found is None:
                return not_found("customer")
            customer, whose = found
            day = day_of(on, Reader.of(whose, store.clock.now()))
            try:
                exponent(currency)
            except Refused:
                return not_found("document")
            since = first_day(session, customer.id, currency, day)
            disputed = open_disputes(session, customer.id)
            made = render_statement(session, customer, currency, since, day, disputed=disputed)
        saw(request, customer_id=customer.id, seller_id=whose.id, about=f"statement {currency}")
        return _pdf(made, f"statement-{day}-{currency}.pdf")

    @router.get("/ledger/customers/{ref:path}/invoices/{invoice_id}.pdf")
    @needs("see_desk")
    def the_invoice(request: Request, ref: str, invoice_id: str, seller: SellerRef = "") -> Response:
        with store.session() as session:
            found = find_customer(session, ref, seller)
            key = _key(invoice_id)
            invoice = session.get(Invoice, key) if key else None
            if found is None or invoice is None or invoice.customer_id != found[0].id:
                return not_found("document")
            today = Reader.of(found[1], store.clock.now()).today
            disputed = [one for one in open_disputes(session, invoice.customer_id) if one.invoice == invoice.number]
            made = render_invoice(session, invoice, today, disputed=disputed)
        saw(request, customer_id=invoice.customer_id, seller_id=invoice.seller_id, about=f"invoice {invoice.number}")
        return _pdf(made, f"invoice-{invoice.id}.pdf")

    @router.get("/ledger/customers/{ref:path}")
    @needs("see_desk")
    def the_customer(
        request: Request,
        ref: str,
        on: Day = "",
        show: Annotated[str, Query(max_length=20)] = "",
        before: Annotated[str, Query(max_length=100)] = "",
        why_on: Annotated[str, Query(alias="why", max_length=10)] = "",
        done: Annotated[str, Query(max_length=20)] = "",
        seller: SellerRef = "",
    ) -> Response:
        with store.session() as session:
            found = find_customer(session, ref, seller)
            if found is None:
                return not_found("customer")
            customer, whose = found
            saw(request, customer_id=customer.id, seller_id=whose.id)
            reader = Reader.of(whose, store.clock.now())
            day = day_of(on, reader)
            # Reminders are asked about for days to come as well.
            asked = _day_near(why_on, day)
            return page(
                "customer.html",
                here="ledger",
                seller=whose,
                reader=reader,
                account=account(session, customer, whose, reader, day),
                why=why(session, customer, asked, store.clock.now()),
                why_on=asked,
                happened=happened(session, customer.id, reader, on=day, show=show, before=before),
                is_going_on=bool(before),
                families=FAMILIES,
                links=links_open(session, customer.id, store.clock.now()),
                notice=_REVOKED if done == "revoked" else "",
                is_demo=True,
            )

    @router.post("/ledger/customers/{ref:path}/links/revoke")
    @needs("revoke_links")
    def revoking_links(
        who: SignedHere,
        ref: str,
        why: Annotated[str, Form(max_length=500)] = "",
        seller: Annotated[str, Form(max_length=100)] = "",
    ) -> Response:
        with store.session() as session:
            found = find_customer(session, ref, seller)
        if found is None:
            return not_found("customer")
        revoke_links(found[0].id, who.name, store, why=why.strip())
        query = urlencode({"seller": found[1].ref, "done": "revoked"})
        return RedirectResponse(f"/ledger/customers/{quote(ref)}?{query}#links", 303)

    @router.get("/ledger/messages/{message_id}")
    @needs("see_desk")
    def the_message(request: Request, message_id: str) -> Response:
        with store.session() as session:
            key = _key(message_id)
            found = _message(session, key) if key else None
            if found is None:
                return not_found("message")
            message, customer, whose = found
            saw(
                request, customer_id=customer.id, seller_id=whose.id, conversation_id=message.conversation_id,
                about="a message",
            )  # fmt: skip
            around = _around(session, message)
            return page(
                "message.html",
                here="ledger",
                seller=whose,
                reader=Reader.of(whose, store.clock.now()),
                customer=customer,
                message=message,
                around=[(one, bubbles([_as_said(one)])[0]) for one in around],
                words=words_in("en"),
                files=files_of(session, message.id),
                about_writer=about_writer(message),
                is_demo=True,
            )

    @router.get("/ledger/files/{file_id}")
    @needs("see_desk")
    def the_file(request: Request, file_id: str) -> Response:
        key = _key(file_id)
        with store.session() as session:
            found = file_bytes(session, key) if key else None
            of = whose_file(session, key) if key else None
        if found is None:
            return not_found("file")
        saw(request, conversation_id=of and of[0], customer_id=of and of[1], about="a file")
        # It is handed over to be saved and never shown by the browser: what a stranger sent is not run here.
        name, content = found
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return Response(content, media_type="application/octet-stream", headers=HEADERS | headers)

    @router.get("/ledger/money")
    @needs("see_finance")
    def money_waiting(seller: SellerRef = "") -> Response:
        return RedirectResponse(f"/finance/money{f'?seller={quote(seller)}' if seller else ''}", 308)

    return router


def links_open(session: Session, customer_id: UUID, now: datetime) -> int:
    """How many links to the customer's own pages still open something."""
    query = select(func.count()).select_from(AccessLink)
    still = AccessLink.revoked_at.is_(None), AccessLink.expires_at > now
    return session.execute(query.where(AccessLink.customer_id == customer_id, *still)).scalar_one()


def day_of(written: str, reader: Reader) -> date:
    """The day that was asked for; today when it is none, or has not come yet."""
    try:
        return max(FIRST_DAY, min(date.fromisoformat(written), reader.today))
    except ValueError:
        return reader.today


def _day_near(written: str, usual: date) -> date:
    """The day that was asked for, within a few years of the usual one; else the usual one."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return usual
    return day if abs((day - usual).days) <= WHY_DAYS_MAX else usual


def not_found(what: str = "message") -> Response:
    """The page that says so and where to look instead."""
    return page("not_found.html", 404, here="", seller=None, is_demo=True, what=what)


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _pdf(made: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=HEADERS | headers)


def _message(session: Session, message_id: UUID) -> tuple[Message, Customer, Seller] | None:
    query = (
        select(Message, Customer, Seller)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(Seller, Seller.id == Customer.seller_id)
        .where(Message.id == message_id)
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1], found[2]) if found else None


def _around(session: Session, message: Message) -> list[Message]:
    """The message with the few before and after it in the same conversation; keys are ordered by time."""
    same = select(Message).where(Message.conversation_id == message.conversation_id)
    earlier = session.scalars(same.where(Message.id < message.id).order_by(Message.id.desc()).limit(MESSAGES_AROUND))
    later = session.scalars(same.where(Message.id > message.id).order_by(Message.id).limit(MESSAGES_AROUND))
    return [*reversed(earlier.all()), message, *later]


def _as_said(message: Message) -> dict[str, object]:
    return {
        "author": message.author,
        "text": message.text,
        "at": message.created_at.isoformat(),
        "facts": message.receipts,
    }
