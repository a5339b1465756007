"""What invoices amount to and when they are due."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.documents import find_invoice, find_order
from bot.tools.tool import LAST, OfDocument, Tool
from o2c_core.cases.dispute import Dispute
from o2c_core.invoices.account import OpenInvoice, invoices_of, open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money, total

INVOICES_SHOWN = 8


def invoice_status(desk: Desk, number: str | None) -> str:
    """What one invoice amounts to, what is open on it and when it is due. Without a number: the open ones."""
    customer_id = customer_of(desk)
    with desk.store.session() as session:
        if number is None:
            still_open = invoices_of(session, customer_id, desk.today, only_open=True)
            if len(still_open) > 1:
                return _list(desk, still_open)
            if still_open:
                return describe(desk, session, still_open[0])
        if number is None or number == LAST:
            last = invoices_of(session, customer_id, desk.today, last=1)
            return describe(desk, session, last[0]) if last else desk.say("invoice.none")
        found = open_invoice(desk, session, number)
        return describe(desk, session, found) if found else desk.say("not_on_account")


def list_open_invoices(desk: Desk) -> str:
    """Every unpaid invoice, oldest due first, with the sum per currency."""
    with desk.store.session() as session:
        still_open = invoices_of(session, customer_of(desk), desk.today, only_open=True)
        return _list(desk, still_open) if still_open else desk.say("invoice.none_open")


def customer_of(desk: Desk) -> UUID:
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    return desk.customer.id


def open_invoice(desk: Desk, session: Session, number: str) -> OpenInvoice | None:
    """The customer's invoice with that number, or the one for the order with that number, and what is open on it."""
    customer_id = customer_of(desk)
    invoice = find_invoice(session, customer_id, number)
    if invoice is None:
        order = find_order(session, customer_id, number)
        if order is not None:
            query = select(Invoice).where(Invoice.order_id == order.id, Invoice.customer_id == customer_id)
            invoice = session.scalars(query.order_by(Invoice.issued_on.desc()).limit(1)).one_or_none()
    if invoice is None:
        return None
    left = session.execute(select(open_minor()).where(Invoice.id == invoice.id)).scalar_one()
    return OpenInvoice(invoice, Money(int(left), invoice.currency), desk.today)


def describe(desk: Desk, session: Session, found: OpenInvoice) -> str:
    """One invoice in words, with an open objection to it if there is one."""
    facts, invoice = desk.facts, found.invoice
    source = f"invoice {invoice.number}"
    places = {"number": facts.text(invoice.number, source), "total": facts.money(invoice.total, f"{source} total")}
    if found.state == "paid":
        said = [desk.say("invoice.paid", **places)]
    else:
        places["due_on"] = facts.day(invoice.due_on, f"{source} due")
        if found.state == "due":
            said = [desk.say("invoice.due", **places)]
        else:
            places["open"] = facts.money(found.open, f"{source} open")
            if found.state == "part_paid":
                said = [desk.say("invoice.part_paid", **places)]
            elif found.days_late == 1:
                said = [desk.say("invoice.overdue_one_day", **places)]
            else:
                places["days_late"] = facts.count(found.days_late, f"{source} days late")
                said = [desk.say("invoice.overdue", **places)]
    said += [_disputed(desk, dispute) for dispute in _disputes(session, invoice)]
    return " ".join(said)


def _disputes(session: Session, invoice: Invoice) -> list[Dispute]:
    query = select(Dispute).where(Dispute.invoice_id == invoice.id, Dispute.state == "open").order_by(Dispute.opened_at)
    return list(session.scalars(query))


def _disputed(desk: Desk, dispute: Dispute) -> str:
    source = f"dispute {dispute.number}"
    return desk.say(
        "invoice.disputed",
        dispute=desk.facts.text(dispute.number, source),
        amount=desk.facts.money(dispute.amount, f"{source} amount"),
    )


def _list(desk: Desk, still_open: list[OpenInvoice]) -> str:
    facts = desk.facts
    rows = [desk.say("invoice.list")]
    for one in still_open[:INVOICES_SHOWN]:
        source = f"invoice {one.invoice.number}"
        rows.append(
            desk.say(
                "invoice.row_overdue" if one.days_late else "invoice.row",
                number=facts.text(one.invoice.number, source),
                open=facts.money(one.open, f"{source} open"),
                due_on=facts.day(one.invoice.due_on, f"{source} due"),
            )
        )
    if len(still_open) > INVOICES_SHOWN:
        more = facts.count(len(still_open) - INVOICES_SHOWN, "open invoices on the account")
        rows.append(desk.say("invoice.more", count=more))
    if len(still_open) > 1:
        for currency in sorted({one.open.currency for one in still_open}):
            sum_ = total((one.open for one in still_open if one.open.currency == currency), currency)
            rows.append(desk.say("invoice.sum", sum=facts.money(sum_, f"open invoices in {currency}")))
    return "\n".join(rows)


TOOLS = (
    Tool(
        "invoice_status",
        "Amount, due day and what is open of one invoice; or the open ones.",
        invoice_status,
        OfDocument,
    ),
    Tool("list_open_invoices", "All unpaid invoices with what is open and when they are due.", list_open_invoices),
)
