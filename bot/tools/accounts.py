"""What is owed in all, what has been paid, and how to pay."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.desk import Desk
from bot.tools.invoices import customer_of, describe, open_invoice
from bot.tools.tool import LAST, OfDocument, Tool
from o2c_core.invoices.account import OpenInvoice, balances, invoices_of
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.invoices.reference import grouped
from o2c_core.money import Money


def account_balance(desk: Desk) -> str:
    """What is open and overdue per currency, and what we hold that is not set against an invoice."""
    with desk.store.session() as session:
        said: list[str] = []
        for balance in balances(session, customer_of(desk), desk.today):
            source = f"account balance in {balance.open.currency}"
            held = (
                {"unapplied": desk.facts.money(balance.unapplied, f"{source} unapplied")}
                if balance.unapplied.minor > 0
                else {}
            )
            if balance.unapplied.minor < 0:
                # Paid out to the customer, and then the bank took the payment back.
                taken = desk.facts.money(-balance.unapplied, f"{source} taken back")
                said.append(desk.say("balance.taken_back", taken=taken))
            if balance.open.is_zero:
                if held:
                    said.append(desk.say("balance.credit_only", **held))
                elif balance.unapplied.is_zero:
                    said.append(desk.say("balance.nothing"))
                continue
            open_ = desk.facts.money(balance.open, f"{source} open")
            if balance.overdue.minor > 0:
                overdue = desk.facts.money(balance.overdue, f"{source} overdue")
                said.append(desk.say("balance.owed_overdue", open=open_, overdue=overdue))
            else:
                said.append(desk.say("balance.owed", open=open_))
            if held:
                said.append(desk.say("balance.unapplied", **held))
        return " ".join(said) or desk.say("balance.nothing")


def payment_status(desk: Desk, number: str | None) -> str:
    """Whether the invoice is paid. Without a number: the last payment that arrived, or the only open invoice."""
    customer_id = customer_of(desk)
    with desk.store.session() as session:
        if number is not None and number != LAST:
            found = open_invoice(desk, session, number)
            if found is None:
                return desk.say("not_on_account")
        elif number == LAST:
            last = invoices_of(session, customer_id, desk.today, last=1)
            if not last:
                return desk.say("invoice.none")
            found = last[0]
        else:
            return _last_payment(desk)
        return _is_paid(desk, found)


def payment_methods(desk: Desk) -> str:
    """The seller's bank account, exactly as it is kept, and the customer's terms when we know who it is."""
    account = desk.seller.account_for(desk.seller.currency)
    if account is None:
        return desk.say("payment.no_bank")
    source = f"seller {desk.seller.ref}"
    return desk.say(
        "payment.bank",
        iban=desk.facts.text(grouped(account.iban), f"{source} iban"),
        holder=desk.facts.text(account.holder, f"{source} account holder"),
    )


def _is_paid(desk: Desk, found: OpenInvoice) -> str:
    facts, invoice = desk.facts, found.invoice
    source = f"invoice {invoice.number}"
    number = facts.text(invoice.number, source)
    if found.open.minor <= 0:
        total = facts.money(invoice.total, f"{source} total")
        with desk.store.session() as session:
            # What was set against it and taken back again did not pay it.
            paid_on = session.execute(
                select(Payment.received_on)
                .join(Allocation, Allocation.payment_id == Payment.id)
                .where(Allocation.invoice_id == invoice.id)
                .group_by(Payment.id)
                .having(func.sum(Allocation.amount_minor) > 0)
                .order_by(Payment.received_on.desc())
                .limit(1)
            ).scalar_one_or_none()
        if paid_on is None:
            return desk.say("invoice.paid", number=number, total=total)
        day = facts.day(paid_on, f"{source} last payment")
        return desk.say("invoice.paid_on", number=number, total=total, paid_on=day)
    open_ = facts.money(found.open, f"{source} open")
    received = _received(desk, found)
    if received.minor > 0:
        paid = facts.money(received, f"{source} paid")
        return desk.say("invoice.part_received", number=number, paid=paid, open=open_)
    due_on = facts.day(invoice.due_on, f"{source} due")
    key = "invoice.not_paid_overdue" if found.days_late else "invoice.not_paid"
    return desk.say(key, number=number, open=open_, due_on=due_on)


def _received(desk: Desk, found: OpenInvoice) -> Money:
    """The money that is set against the invoice; credits and write-offs are none that arrived."""
    query = select(func.coalesce(func.sum(Allocation.amount_minor), 0)).where(
        Allocation.invoice_id == found.invoice.id, Allocation.payment_id.is_not(None)
    )
    with desk.store.session() as session:
        return Money(int(session.execute(query).scalar_one()), found.open.currency)


def _last_payment(desk: Desk) -> str:
    customer_id = customer_of(desk)
    with desk.store.session() as session:
        still_open = invoices_of(session, customer_id, desk.today, only_open=True)
        if len(still_open) == 1:
            return _is_paid(desk, still_open[0])
        returned = (
            select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0))
            .where(PaymentReturn.payment_id == Payment.id, PaymentReturn.kind != "refund")
            .correlate(Payment)
            .scalar_subquery()
        )
        payment = session.scalars(
            select(Payment)
            .where(Payment.customer_id == customer_id, Payment.amount_minor > returned)
            .order_by(Payment.received_on.desc(), Payment.id.desc())
            .limit(1)
        ).one_or_none()
        if payment is None:
            last = invoices_of(session, customer_id, desk.today, last=1)
            said = [desk.say("payment.none")]
            return " ".join([*said, describe(desk, session, last[0])] if last else said)
        amount = desk.facts.money(Money(payment.amount_minor, payment.currency), f"payment {payment.id} amount")
        received_on = desk.facts.day(payment.received_on, f"payment {payment.id} date")
        return desk.say("payment.last", amount=amount, received_on=received_on)


TOOLS = (
    Tool(
        "payment_status",
        "Whether an invoice is paid. Without a number: the last payment.",
        payment_status,
        OfDocument,
    ),
    Tool("account_balance", "What the customer owes in total.", account_balance),
    Tool("payment_methods", "How to pay, with the bank account.", payment_methods, needs="stranger"),
)
