"""Paying what is open: how much, to which account, under which reference, and a page of ours that has it all."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.bank_details import about_change, bank_account
from bot.tools.claims import claim_of
from bot.tools.invoices import customer_of, describe, open_invoice
from bot.tools.tool import LAST, Tool
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.conversations.pay_links import GOOD_FOR, Payable, asked_of, items_of, pay_url
from o2c_core.invoices.account import invoices_of, open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.reference import grouped, is_creditor_reference
from o2c_core.money import Money


class OfPaying(BaseModel):
    numbers: list[str] | None = Field(
        None, description="Numbers of the invoices to pay, as the customer wrote them. Without them: all that is open."
    )


def payment_link(desk: Desk, numbers: list[str] | None) -> str:
    """What is to be paid now, the bank details with the reference, and a link to our page where there is one."""
    changed = about_change(desk)
    if changed is not None:
        return changed
    with desk.store.session() as session:
        ids = _invoices(desk, session, [number for number in numbers or [] if number])
        if isinstance(ids, str):
            return ids
        which: tuple[ColumnElement[bool], ...] = (Invoice.customer_id == customer_of(desk), open_minor() > 0)
        if ids:
            which = (*which, Invoice.id.in_(ids))
        found = collectable(session, *which)
        if not found:
            return _nothing(desk, session, ids)
        if not ids:
            found = _by_amount(desk, found) or found
        return "\n\n".join(
            _how(desk, [one for one in found if one.invoice.currency == currency], currency)
            for currency in sorted({one.invoice.currency for one in found})
        )


def _invoices(desk: Desk, session: Session, numbers: list[str]) -> list[UUID] | str:
    """The invoices with those numbers, or the sentence that says why they cannot be paid."""
    ids = []
    for number in numbers:
        if number == LAST:
            last = invoices_of(session, customer_of(desk), desk.today, last=1)
            if not last:
                return desk.say("invoice.none")
            ids.append(last[0].invoice.id)
            continue
        found = open_invoice(desk, session, number)
        if found is None:
            return desk.say("not_on_account")
        ids.append(found.invoice.id)
    return list(dict.fromkeys(ids))


def _nothing(desk: Desk, session: Session, ids: list[UUID]) -> str:
    if not ids:
        return desk.say("invoice.none_open")
    paid = [one for one in invoices_of(session, customer_of(desk), desk.today) if one.invoice.id in ids]
    return " ".join(describe(desk, session, one) for one in paid[: desk.rows_max])


def _by_amount(desk: Desk, found: list[Collectable]) -> list[Collectable]:
    """Whoever names exactly what is open on one invoice means that one."""
    said = {amount.value for amount in desk.mentions.amounts}
    fitting = [one for one in found if Money(one.open_minor, one.invoice.currency).major in said]
    return fitting if len(fitting) == 1 else []


def _how(desk: Desk, found: list[Collectable], currency: str) -> str:
    """The whole answer for the invoices of one currency."""
    customer = desk.customer
    assert customer is not None  # Tool.__call__ turned everybody else away
    items = items_of(found)
    open_ = Money(sum(amount.minor for _, amount in items), currency)
    objected = Money(sum(one.open_minor - one.free_minor for one in found), currency)
    if open_.is_zero:
        return desk.say("payment.all_objected")
    source = " ".join(invoice.number for invoice, _ in items[:3])
    said = [_amount(desk, items, open_)]
    if objected.minor > 0:
        said.append(desk.say("payment.objected", amount=desk.facts.money(objected, f"objected to on {source}")))
    part = _part(desk, open_, said)
    account = desk.seller.account_for(currency)
    if account is None:
        return " ".join([*said, desk.say("payment.no_bank")])
    ids = tuple(invoice.id for invoice, _ in items)
    # The part and what it leaves, so that the page does not ask for it again once it is there.
    leaves = sum(one.open_minor for one in found) - part.minor if part is not None else None
    payable = Payable(currency, customer.id, ids, part, leaves)
    asked = asked_of(found, payable, customer.ref)
    reference = grouped(asked.reference) if is_creditor_reference(asked.reference) else asked.reference
    is_short = desk.channel == "sms"
    said.append(
        desk.say(
            "payment.transfer_short" if is_short else "payment.transfer",
            reference=desk.facts.text(reference, f"payment reference for {source}"),
            **bank_account(desk, account),
        )
    )
    return " ".join([*said, *_link(desk, payable, source, is_short=is_short)])


def _amount(desk: Desk, items: tuple[tuple[Invoice, Money], ...], open_: Money) -> str:
    if len(items) == 1:
        number = items[0][0].number
        place = desk.facts.money(open_, f"invoice {number} to pay")
        return desk.say("payment.open_on", amount=place, number=desk.facts.text(number, f"invoice {number}"))
    return desk.say(
        "payment.open_on_several",
        amount=desk.facts.money(open_, f"open invoices in {open_.currency} to pay"),
        count=desk.facts.count(len(items), f"open invoices in {open_.currency}"),
    )


def _part(desk: Desk, open_: Money, said: list[str]) -> Money | None:
    """The part the customer wants to pay now, in their own words; what is more than is open is not asked for."""
    if "rest" in desk.mentions.points or claim_of(desk) is not None:
        return None  # "I paid 100 already, a link for the rest please": the amount is behind them
    for amount in desk.mentions.amounts:
        if amount.currency not in (None, open_.currency) or amount.value != amount.value.quantize(_unit(open_)):
            continue
        wanted = Money.of(amount.value, open_.currency)
        if wanted.minor <= 0 or wanted == open_:
            return None
        place = desk.facts.money(wanted, "the customer's own words")
        if wanted > open_:
            said.append(desk.say("payment.more_than_open", amount=place))
            return None
        said.append(desk.say("payment.part_now", amount=place))
        return wanted
    return None


def _unit(amount: Money) -> Decimal:
    return Money(1, amount.currency).major


def _link(desk: Desk, payable: Payable, source: str, *, is_short: bool) -> list[str]:
    """Our own page with all of it; nothing where this house has no public address."""
    if desk.doorplate is None:
        return []
    now = desk.store.clock.now()
    url = pay_url(desk.doorplate, payable, now)
    if url is None:
        return []
    link = desk.facts.text(url, f"pay link for {source}")
    if is_short:
        return [desk.say("payment.link_short", link=link)]
    last_day = desk.today + GOOD_FOR
    return [desk.say("payment.link", link=link, until=desk.facts.day(last_day, f"pay link for {source} ends"))]


TOOLS = (
    Tool(
        "payment_link",
        "How to pay what is open, or named invoices: amount, bank account, reference, and a link to a page of ours.",
        payment_link,
        OfPaying,
    ),
)
