"""The invoices: what is open, paid and objected to, one of them with everything about it, and its copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.actions.send_document import open_disputes
from o2c_core.cases.dispute import Dispute
from o2c_core.documents.invoice_copy import invoice_facts, invoice_page, render_invoice
from o2c_core.invoices.account import invoices_of
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.money import Money
from o2c_core.orders.order import Order
from web.portal.chat import Corner, corner
from web.portal.door import PRIVATE, Guest, NotHere, Portal, VisitHere, see_other
from web.portal.forms import SentHere, quoted
from web.portal.owed import Item, items_of, open_items, pay_path, promises_on
from web.portal.standing import standings

SHOWS = ("open", "paid", "disputed", "credit")
PAID_SHOWN = 100
PDF = {"Content-Type": "application/pdf", "Cache-Control": "no-store"}


@dataclass(frozen=True)
class Credit:
    """A credit note with the invoice it is about."""

    note: CreditNote
    invoice: str | None

    @property
    def amount(self) -> Money:
        return Money(self.note.total_minor, self.note.currency)


def invoice_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/invoices`, one of them with its copy, and paying several."""

    @router.get("/my/invoices")
    def the_invoices(guest: VisitHere, show: str = "open") -> Response:
        guest.require("invoices")
        chosen = show if show in SHOWS else "open"
        with portal.store.session() as session:
            notes = _credits(session, guest) if chosen == "credit" else []
            items = [] if chosen == "credit" else _listed(session, guest, chosen)
        return guest.page(
            "my_invoices.html", here="invoices", show=chosen, shows=SHOWS, items=items, notes=notes,
            can_pay=guest.may("pay") and any(one.to_pay.minor > 0 for one in items),
        )  # fmt: skip

    @router.post("/my/pay")
    def pay_several(guest: VisitHere, sent: SentHere) -> Response:
        guest.require("pay")
        chosen = set(sent.values.get("invoice", ()))
        with portal.store.session() as session:
            items = [one for one in open_items(session, guest) if one.invoice.number in chosen and one.to_pay.minor > 0]
        currencies = {one.open.currency for one in items}
        path = (
            pay_path(portal, guest, currencies.pop(), [one.invoice.id for one in items])
            if len(currencies) == 1
            else None
        )
        # Nothing chosen, paid meanwhile, or two currencies, which are never paid together.
        return see_other(path or "/my/invoices")

    @router.get("/my/invoices/{number:path}/pdf")
    def the_copy(guest: VisitHere, number: str) -> Response:
        with portal.store.session() as session:
            invoice = invoice_named(session, guest, number)
            disputed = [one for one in open_disputes(session, guest.customer.id) if one.invoice == invoice.number]
            content = render_invoice(session, invoice, guest.today, language=guest.language, disputed=disputed)
        return Response(
            content, headers={**PRIVATE, **PDF, "Content-Disposition": f'inline; filename="{_file(number)}"'}
        )

    @router.get("/my/invoices/{number:path}")
    def the_invoice(guest: VisitHere, number: str, recorded: str = "") -> Response:
        with portal.store.session() as session:
            invoice = invoice_named(session, guest, number)
            return shown(session, portal, guest, invoice, recorded)


def invoice_named(session: Session, guest: Guest, number: str, what: str = "invoices") -> Invoice:
    """The invoice of theirs with that number, where what they want with it opens for them.

    Raises: NotHere, also for somebody else's; ProofFirst, whether or not there is one.
    """
    query = select(Invoice).where(Invoice.customer_id == guest.customer.id, Invoice.number == number)
    invoice = session.scalars(
        query.options(selectinload(Invoice.lines), selectinload(Invoice.instalments), selectinload(Invoice.taxes))
    ).one_or_none()
    guest.require(what, invoice.id if invoice else None)
    if invoice is None:
        raise NotHere
    return invoice


def shown(session: Session, portal: Portal, guest: Guest, invoice: Invoice, recorded: str) -> Response:
    """The page of one invoice; `recorded` names what was just recorded about it."""
    disputes = _disputes(session, invoice.id)
    disputed = [one for one in open_disputes(session, guest.customer.id) if one.invoice == invoice.number]
    facts = invoice_facts(session, invoice, guest.today, disputed=disputed)
    promises = promises_on(session, guest, invoice)
    order = session.get(Order, invoice.order_id) if invoice.order_id and guest.may("orders") else None
    is_open = facts.to_pay.minor > 0
    chat: Corner = corner(session, portal, guest, f"invoice {invoice.number}")
    told: dict[str, Any] = {
        "dispute": next((one for one in disputes if one.number == recorded), None),
        "promise": promises[-1] if recorded == "promise" and promises else None,
    }
    return guest.page(
        "my_invoice.html", here="invoices", invoice=invoice, doc=invoice_page(facts, guest.language), facts=facts,
        disputes=disputes, status=standings(session, guest, disputes), promises=promises, order=order, chat=chat, told=told,
        pay=pay_path(portal, guest, invoice.currency, [invoice.id])
        if is_open and guest.may("pay", invoice.id)
        else None,
        can_dispute=facts.to_pay.minor > 0 and guest.may("dispute", invoice.id),
        can_promise=is_open and guest.may("promise", invoice.id),
    )  # fmt: skip


def _listed(session: Session, guest: Guest, show: str) -> list[Item]:
    if show == "open":
        return open_items(session, guest)
    if show == "paid":
        lately = invoices_of(session, guest.customer.id, guest.today, last=PAID_SHOWN)
        return [one for one in items_of(session, guest, lately) if one.open.minor <= 0]
    return [one for one in open_items(session, guest) if one.objected.minor > 0]


def _credits(session: Session, guest: Guest) -> list[Credit]:
    query = (
        select(CreditNote, Invoice.number)
        .outerjoin(Invoice, Invoice.id == CreditNote.invoice_id)
        .where(CreditNote.customer_id == guest.customer.id)
        .options(selectinload(CreditNote.lines))
        .order_by(CreditNote.issued_on.desc(), CreditNote.number.desc())
        .limit(PAID_SHOWN)
    )
    return [Credit(note, number) for note, number in session.execute(query)]


def _disputes(session: Session, invoice_id: UUID) -> list[Dispute]:
    query = select(Dispute).where(Dispute.invoice_id == invoice_id).options(selectinload(Dispute.lines))
    return list(session.scalars(query.order_by(Dispute.opened_at.desc(), Dispute.number.desc())))


def _file(number: str) -> str:
    return f"{''.join(sign if sign.isalnum() and sign.isascii() else '-' for sign in quoted(number))}.pdf"
