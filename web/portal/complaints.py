"""The complaints: telling us what was bad, and what became of what was told before."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.cases.complaint import CATEGORIES, Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.page_files import FILES_MAX, NotAPicture
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from web.portal.door import Guest, Portal, VisitHere, see_other
from web.portal.forms import Sent, SentHere, keep, quoted
from web.portal.standing import standings

SHOWN_MAX = 50
NUMBERS_MAX = 15
KINDS = ("delivery", "product", "invoice", "service", "staff", "data", "other")
assert set(KINDS) == set(CATEGORIES)


def complaint_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/complaints` and a new one."""

    @router.get("/my/complaints")
    def the_complaints(guest: VisitHere, recorded: str = "") -> Response:
        guest.require("complaints")
        with portal.store.session() as session:
            query = select(Complaint).where(Complaint.customer_id == guest.customer.id)
            complaints = list(session.scalars(query.order_by(Complaint.opened_at.desc()).limit(SHOWN_MAX)))
            disputes = _disputes(session, guest) if guest.may("dispute") else []
            status = standings(session, guest, [*complaints, *(one for one, _ in disputes)])
        told = next((one for one in complaints if one.number == recorded), None)
        return guest.page(
            "my_complaints.html", here="complaints", complaints=complaints, disputes=disputes, status=status, told=told
        )

    @router.get("/my/complaints/new")
    def before_complaining(guest: VisitHere) -> Response:
        guest.require("complaints")
        with portal.store.session() as session:
            return _form(session, guest)

    @router.post("/my/complaints/new")
    def complaining(guest: VisitHere, sent: SentHere) -> Response:
        guest.require("complaints")
        say = guest.words.say
        errors: dict[str, str] = {}
        if sent.one("kind") not in KINDS:
            errors["kind"] = say("error.kind")
        if not sent.words():
            errors["words"] = say("error.words")
        try:
            files = sent.files()
        except NotAPicture:
            errors["files"] = say("error.files", count=FILES_MAX)
        with portal.store.session() as session:
            if errors:
                return _form(session, guest, 422, sent=sent, errors=errors)
            order, invoice = _about(session, guest, sent.one("about"))
        number = order.number if order else invoice.number if invoice else ""
        text = say("said.complaint", kind=say(f"kind.{sent.one('kind')}"), number=number, words=sent.words())
        about = f"order {order.number}" if order else f"invoice {invoice.number}" if invoice else None
        kept = keep(portal, guest, sent, text, about=about, files=files)
        grievance = Grievance(
            guest.customer.id, sent.words(), kept.message_id, order.id if order else None,
            invoice.id if invoice else None, sent.one("kind"),
        )  # fmt: skip
        complaint = log_complaint(grievance, store=portal.store, by=guest.who)
        return see_other(f"/my/complaints?recorded={quoted(complaint.number)}")


def _about(session: Session, guest: Guest, said: str) -> tuple[Order | None, Invoice | None]:
    """The order or invoice of theirs that was chosen from the list; what is not in it counts as nothing chosen."""
    what, _, number = said.partition(":")
    if what == "order" and guest.may("orders"):
        order = select(Order).where(Order.customer_id == guest.customer.id, Order.number == number)
        return session.scalars(order).one_or_none(), None
    if what == "invoice" and guest.may("invoices"):
        invoice = select(Invoice).where(Invoice.customer_id == guest.customer.id, Invoice.number == number)
        return None, session.scalars(invoice).one_or_none()
    return None, None


def _form(
    session: Session, guest: Guest, status: int = 200, *, sent: Sent | None = None, errors: dict[str, str] | None = None
) -> Response:
    theirs = guest.customer.id
    orders = select(Order.number).where(Order.customer_id == theirs).order_by(Order.ordered_on.desc().nulls_last())
    invoices = select(Invoice.number).where(Invoice.customer_id == theirs).order_by(Invoice.issued_on.desc())
    return guest.page(
        "my_complaint.html", status, here="complaints", kinds=KINDS, files_max=FILES_MAX,
        orders=list(session.scalars(orders.limit(NUMBERS_MAX))) if guest.may("orders") else [],
        invoices=list(session.scalars(invoices.limit(NUMBERS_MAX))) if guest.may("invoices") else [],
        sent=sent.shown() if sent else {}, errors=errors or {},
    )  # fmt: skip


def _disputes(session: Session, guest: Guest) -> list[tuple[Dispute, str]]:
    query = (
        select(Dispute, Invoice.number)
        .join(Invoice, Invoice.id == Dispute.invoice_id)
        .where(Dispute.customer_id == guest.customer.id)
        .order_by(Dispute.opened_at.desc())
        .limit(SHOWN_MAX)
    )
    return [(dispute, number) for dispute, number in session.execute(query)]
