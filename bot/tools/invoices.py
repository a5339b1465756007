"""What invoices amount to and when they are due."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.documents import find_invoice, find_order
from bot.tools.tool import LAST, OfDocument, Tool
from o2c_core.cases.dispute import Dispute
from o2c_core.invoices.account import OpenInvoice, invoices_of, open_minor, read_instalments
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money, total

_OLDEST = re.compile(r"\b(?:oldest|oudste|älteste[nr]?|plus ancienne)\b", re.IGNORECASE)
_LATE = re.compile(
    r"\b(?:(?:too |is |be |running )late|overdue|past due|te laat|over (?:de|zijn) (?:vervaldatum|tijd)|achterstallige?|verlopen"
    r"|überfällig\w*|verspätet|en retard|échue?)\b",
    re.IGNORECASE,
)


def invoice_status(desk: Desk, number: str | None) -> str:
    """What one invoice amounts to, what is open on it and when it is due. Without a number: the open ones."""
    customer_id = customer_of(desk)
    with desk.store.session() as session:
        if number is None:
            still_open = invoices_of(session, customer_id, desk.today, only_open=True)
            one = _singled_out(desk.words, still_open)
            if one is not None:
                return describe(desk, session, one)
            if len(still_open) > 1:
                return _list(desk, still_open)
            if still_open:
                return describe(desk, session, still_open[0])
        if number is None or number == LAST:
            last = invoices_of(session, customer_id, desk.today, last=1)
            return describe(desk, session, last[0]) if last else desk.say("invoice.none")
        found = open_invoice(desk, session, number)
        return describe(desk, session, found) if found else desk.say("not_on_account")


def _singled_out(words: str, still_open: list[OpenInvoice]) -> OpenInvoice | None:
    """The oldest, or the only one that is late, where the words ask about that one."""
    if still_open and _OLDEST.search(words):
        return still_open[0]
    late = [one for one in still_open if one.days_late]
    return late[0] if len(late) == 1 and _LATE.search(words) else None


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
    read_instalments(session, [invoice])
    left = session.execute(select(open_minor()).where(Invoice.id == invoice.id)).scalar_one()
    return OpenInvoice(invoice, Money(int(left), invoice.currency), desk.today)


def describe(desk: Desk, session: Session, found: OpenInvoice) -> str:
    """One invoice in words, with an open objection to it if there is one; no figure is told twice."""
    facts, invoice = desk.facts, found.invoice
    source = f"invoice {invoice.number}"
    places = {"number": facts.text(invoice.number, source), "total": facts.money(invoice.total, f"{source} total")}
    key = f"invoice.{found.state}"
    if found.state != "paid":
        places["due_on"] = facts.day(found.next_due_on, f"{source} due")
        if found.state == "overdue":
            is_whole = found.open == invoice.total
            key += "_whole" if is_whole else ""
            key += "_one_day" if found.days_late == 1 else ""
            if found.days_late > 1:
                places["days_late"] = facts.count(found.days_late, f"{source} days late")
        else:
            is_whole = found.state == "due"
        if not is_whole:
            places["open"] = facts.money(found.open, f"{source} open")
    return " ".join([desk.say(key, **places), *(_disputed(desk, one) for one in _disputes(session, invoice))])


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
    """The oldest first, as many as the channel carries; a text begins with the sums, since that may be all one reads."""
    if desk.channel == "sms" and len(still_open) > 1:
        return "\n".join([*_sums_first(desk, still_open), desk.say("invoice.oldest"), *_rows(desk, still_open)])
    lines = [desk.say("invoice.list"), *_rows(desk, still_open)]
    if len(still_open) > desk.rows_max:
        more = desk.facts.count(len(still_open) - desk.rows_max, "open invoices on the account")
        lines.append(desk.say("invoice.more", count=more))
    if len(still_open) > 1:
        lines += [desk.say("invoice.sum", sum=sum_) for _, sum_ in _sums(desk, still_open)]
    return "\n".join(lines)


def _rows(desk: Desk, still_open: list[OpenInvoice]) -> list[str]:
    facts = desk.facts
    return [
        desk.say(
            "invoice.row_overdue" if one.days_late else "invoice.row",
            number=facts.text(one.invoice.number, f"invoice {one.invoice.number}"),
            open=facts.money(one.open, f"invoice {one.invoice.number} open"),
            due_on=facts.day(one.next_due_on, f"invoice {one.invoice.number} due"),
        )
        for one in still_open[: desk.rows_max]
    ]


def _sums(desk: Desk, still_open: list[OpenInvoice]) -> list[tuple[int, str]]:
    """How many are open in each currency, and the place of their sum."""
    found = []
    for currency in sorted({one.open.currency for one in still_open}):
        amounts = [one.open for one in still_open if one.open.currency == currency]
        sum_ = desk.facts.money(total(amounts, currency), f"open invoices in {currency}")
        found.append((len(amounts), sum_))
    return found


def _sums_first(desk: Desk, still_open: list[OpenInvoice]) -> list[str]:
    return [
        desk.say("invoice.count_open", count=desk.facts.count(count, "open invoices on the account"), sum=sum_)
        if count > 1
        else desk.say("balance.owed", open=sum_)
        for count, sum_ in _sums(desk, still_open)
    ]


TOOLS = (
    Tool(
        "invoice_status",
        "Amount, due day and what is open of one invoice; or the open ones.",
        invoice_status,
        OfDocument,
    ),
    Tool("list_open_invoices", "All unpaid invoices with what is open and when they are due.", list_open_invoices),
)
