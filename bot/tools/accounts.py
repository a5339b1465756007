"""What is owed in all, and what has been paid."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.bank_details import payment_methods
from bot.tools.claims import Claim, ToNote, claim_of, going_on_with_check, noted
from bot.tools.invoices import customer_of, describe, open_invoice
from bot.tools.reminded import last_reminder
from bot.tools.said import currency_said
from bot.tools.tool import LAST, OfDocument, Tool
from o2c_core.invoices.account import Balance, OpenInvoice, balances, invoices_of, unapplied_minor
from o2c_core.invoices.invoice import CreditNote
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.money import Money

INTENT = "payment_status"


def account_balance(desk: Desk) -> str:
    """What is open and overdue per currency, and what we hold that is not set against an invoice."""
    with desk.store.session() as session:
        said = [
            sentence
            for balance in balances(session, customer_of(desk), desk.today)
            for sentence in _balance(desk, session, balance)
        ]
    return " ".join(said) or desk.say("balance.nothing")


def _balance(desk: Desk, session: Session, balance: Balance) -> list[str]:
    facts, currency = desk.facts, balance.open.currency
    source = f"account balance in {currency}"
    said: list[str] = []
    if balance.unapplied.minor < 0:
        # Paid out to the customer, and then the bank took the payment back.
        said.append(desk.say("balance.taken_back", taken=facts.money(-balance.unapplied, f"{source} taken back")))
    is_held = balance.unapplied.minor > 0
    if balance.open.minor > 0:
        open_ = facts.money(balance.open, f"{source} open")
        if balance.overdue.minor <= 0:
            said.append(desk.say("balance.owed", open=open_))
        elif balance.overdue == balance.open:
            said.append(desk.say("balance.owed_all_overdue", open=open_))
        else:
            overdue = facts.money(balance.overdue, f"{source} overdue")
            said.append(desk.say("balance.owed_overdue", open=open_, overdue=overdue))
    elif balance.unapplied.is_zero:
        said.append(desk.say("balance.nothing"))
    if is_held:
        unapplied = facts.money(balance.unapplied, f"{source} unapplied")
        key = "balance.unapplied" if balance.open.minor > 0 else "balance.credit_only"
        said.append(desk.say(key, unapplied=unapplied))
        said += _credits_in(desk, session, currency, balance.unapplied)
    return said


def _credits_in(desk: Desk, session: Session, currency: str, held: Money) -> list[str]:
    """Which credit notes are in what we hold; one that is all of it needs no figure twice."""
    left = unapplied_minor(CreditNote)
    query = (
        select(CreditNote, left)
        .where(CreditNote.customer_id == customer_of(desk), CreditNote.currency == currency, left > 0)
        .order_by(CreditNote.issued_on, CreditNote.number)
    )
    said = []
    for note, minor in session.execute(query.limit(desk.rows_max)):
        amount = Money(int(minor), currency)
        number = desk.facts.text(note.number, f"credit note {note.number}")
        if amount == held:
            return [desk.say("balance.all_credit_note", number=number)]
        said.append(
            desk.say(
                "balance.credit_note", number=number, left=desk.facts.money(amount, f"credit note {note.number} left")
            )
        )
    return said


def payment_status(desk: Desk, number: str | None) -> str:
    """Whether the invoice is paid. Without a number: the last payment that arrived, or the only open invoice.

    Somebody who says that they paid is thanked and told whether it has arrived; if not, that is noted and waited for.
    """
    checked = going_on_with_check(desk)
    if checked is not None:
        return checked
    with desk.store.session() as session:
        answer = _looked_up(desk, session, number, claim_of(desk))
    return answer if isinstance(answer, str) else noted(desk, answer)


def _looked_up(desk: Desk, session: Session, number: str | None, claim: Claim | None) -> str | ToNote:
    """The answer, or what is to be noted of what they say they paid."""
    if number is not None and number != LAST:
        found = open_invoice(desk, session, number)
        if found is None:
            return desk.say("not_on_account")
    elif number == LAST:
        last = invoices_of(session, customer_of(desk), desk.today, last=1)
        if not last:
            return desk.say("invoice.none")
        found = last[0]
    else:
        return _without_number(desk, session, claim)
    return _claimed(desk, session, found, claim) if claim else _is_paid(desk, session, found)


def _is_paid(desk: Desk, session: Session, found: OpenInvoice) -> str:
    facts, invoice = desk.facts, found.invoice
    source = f"invoice {invoice.number}"
    number = facts.text(invoice.number, source)
    if found.open.minor <= 0:
        return _paid(desk, session, found, "invoice.paid", "invoice.paid_on")
    open_ = facts.money(found.open, f"{source} open")
    received = _received(session, found)
    if received.minor > 0:
        paid = facts.money(received, f"{source} paid")
        return desk.say("invoice.part_received", number=number, paid=paid, open=open_)
    due_on = facts.day(found.next_due_on, f"{source} due")
    key = "invoice.not_paid_overdue" if found.days_late else "invoice.not_paid"
    return desk.say(key, number=number, open=open_, due_on=due_on)


def _paid(desk: Desk, session: Session, found: OpenInvoice, plain: str, dated: str) -> str:
    """That it is paid in full, by one of these two sentences, with the day of the last payment where money paid it."""
    source = f"invoice {found.invoice.number}"
    number = desk.facts.text(found.invoice.number, source)
    total = desk.facts.money(found.invoice.total, f"{source} total")
    # What was set against it and taken back again did not pay it.
    paid_on = session.execute(
        select(Payment.received_on)
        .join(Allocation, Allocation.payment_id == Payment.id)
        .where(Allocation.invoice_id == found.invoice.id)
        .group_by(Payment.id)
        .having(func.sum(Allocation.amount_minor) > 0)
        .order_by(Payment.received_on.desc())
        .limit(1)
    ).scalar_one_or_none()
    if paid_on is None:
        return desk.say(plain, number=number, total=total)
    return desk.say(dated, number=number, total=total, paid_on=desk.facts.day(paid_on, f"{source} last payment"))


def _received(session: Session, found: OpenInvoice) -> Money:
    """The money that is set against the invoice; credits and write-offs are none that arrived."""
    query = select(func.coalesce(func.sum(Allocation.amount_minor), 0)).where(
        Allocation.invoice_id == found.invoice.id, Allocation.payment_id.is_not(None)
    )
    return Money(int(session.execute(query).scalar_one()), found.open.currency)


def _claimed(desk: Desk, session: Session, found: OpenInvoice, claim: Claim) -> str | ToNote:
    """The answer to "I've paid that already": thanks, and whether it is here."""
    if found.open.minor <= 0:
        return _paid(desk, session, found, "payment.claim_arrived", "payment.claim_arrived_on")
    source = f"invoice {found.invoice.number}"
    received = _received(session, found)
    if received.minor > 0 and claim.paid_on is None and claim.amount(desk, found.open.currency) is None:
        number = desk.facts.text(found.invoice.number, source)
        open_ = desk.facts.money(found.open, f"{source} open")
        paid = desk.facts.money(received, f"{source} paid")
        return desk.say("payment.claim_part", number=number, paid=paid, open=open_)
    amount = claim.amount(desk, found.open.currency)
    invoice = found.invoice
    return ToNote(claim, amount, (invoice.id,), invoice.number, tuple(_waiting_money(desk, session)))


def _without_number(desk: Desk, session: Session, claim: Claim | None) -> str | ToNote:
    customer_id = customer_of(desk)
    still_open = invoices_of(session, customer_id, desk.today, only_open=True)
    if len(still_open) == 1:
        return _claimed(desk, session, still_open[0], claim) if claim else _is_paid(desk, session, still_open[0])
    if claim is not None and not still_open:
        return " ".join([desk.say("payment.claim_some"), *_last_payment(desk, session), desk.say("invoice.none_open")])
    if claim is not None:
        meant = _meant_by_claim(desk, session, claim, still_open)
        return _claimed(desk, session, meant, claim) if meant else _claimed_some(desk, session, claim, still_open)
    said = _last_payment(desk, session)
    if said:
        return " ".join([*said, *_waiting_money(desk, session)])
    last = invoices_of(session, customer_id, desk.today, last=1)
    none = desk.say("payment.none")
    return " ".join([none, describe(desk, session, last[0])]) if last else none


def _meant_by_claim(
    desk: Desk, session: Session, claim: Claim, still_open: Sequence[OpenInvoice]
) -> OpenInvoice | None:
    """The one open invoice whose open amount they name, else the only one the last reminder was about."""
    exactly = [one for one in still_open if claim.amount(desk, one.open.currency) == one.open]
    if len(exactly) == 1:
        return exactly[0]
    reminded = last_reminder(desk, session).invoice_ids
    asked = [one for one in still_open if one.invoice.id in reminded]
    return asked[0] if len(asked) == 1 else None


def _claimed_some(desk: Desk, session: Session, claim: Claim, still_open: Sequence[OpenInvoice]) -> str | ToNote:
    """Several are open and none is named: what arrived last is told, and whether that can be what they mean."""
    last = _last_arrived(desk, session)
    waiting = _waiting_money(desk, session)
    if claim.paid_on is not None and last is not None and last.received_on >= claim.paid_on:
        thanks = desk.say("payment.claim_some_on", paid_on=claim.fact(desk))
        return " ".join([thanks, *_last_payment(desk, session), *waiting])
    said = [*(_last_payment(desk, session) or [desk.say("payment.none")]), *waiting]
    reminded = last_reminder(desk, session).invoice_ids
    about = [one for one in still_open if one.invoice.id in reminded] or list(still_open)
    currency = _currency_of(desk, about)
    about = [one for one in about if one.open.currency == currency]
    amount = claim.amount(desk, currency)
    return ToNote(claim, amount, tuple(one.invoice.id for one in about), None, tuple(said))


def _currency_of(desk: Desk, about: Sequence[OpenInvoice]) -> str:
    """The one they name an amount in, else the customer's own, else that of the oldest."""
    assert desk.customer is not None
    there = list(dict.fromkeys(one.open.currency for one in about))
    return next(code for code in (currency_said(desk), desk.customer.currency, *there) if code in there)


def _last_arrived(desk: Desk, session: Session) -> Payment | None:
    """The last payment that stayed."""
    returned = (
        select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0))
        .where(PaymentReturn.payment_id == Payment.id, PaymentReturn.kind != "refund")
        .correlate(Payment)
        .scalar_subquery()
    )
    query = select(Payment).where(Payment.customer_id == customer_of(desk), Payment.amount_minor > returned)
    return session.scalars(query.order_by(Payment.received_on.desc(), Payment.id.desc()).limit(1)).one_or_none()


def _last_payment(desk: Desk, session: Session) -> list[str]:
    payment = _last_arrived(desk, session)
    if payment is None:
        return []
    amount = desk.facts.money(Money(payment.amount_minor, payment.currency), f"payment {payment.id} amount")
    received_on = desk.facts.day(payment.received_on, f"payment {payment.id} date")
    return [desk.say("payment.last", amount=amount, received_on=received_on)]


def _waiting_money(desk: Desk, session: Session) -> list[str]:
    """Payments that arrived and wait to be set against an invoice, newest first."""
    left = unapplied_minor(Payment)
    query = (
        select(Payment, left)
        .where(Payment.customer_id == customer_of(desk), left > 0)
        .order_by(Payment.received_on.desc(), Payment.id.desc())
        .limit(min(desk.rows_max, 3))
    )
    return [
        desk.say(
            "payment.waiting",
            amount=desk.facts.money(Money(int(minor), one.currency), f"payment {one.id} unapplied"),
            received_on=desk.facts.day(one.received_on, f"payment {one.id} date"),
        )
        for one, minor in session.execute(query)
    ]


TOOLS = (
    Tool(
        INTENT,
        "Whether an invoice is paid, and what to say to somebody who paid. Without a number: the last payment.",
        payment_status,
        OfDocument,
    ),
    Tool("account_balance", "What the customer owes in total.", account_balance),
    Tool("payment_methods", "How to pay, with the bank account.", payment_methods, needs="stranger"),
)
