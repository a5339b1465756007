"""A formal notice as a page: its approved wording, the figures it was approved with, and how to pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.documents.figures import Figures
from o2c_core.documents.payment import Asked, panel, reference_for
from o2c_core.documents.sheet import sheet
from o2c_core.documents.typeset import typeset
from o2c_core.documents.wording import Wording, read_wording
from o2c_core.documents.wording import wording_in as paper_wording_in
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.notices.formal_notice import FormalNotice, FormalNoticeLine
from o2c_core.notices.kinds import KINDS


@dataclass(frozen=True)
class LetterFacts:
    """All that a letter says, before any word is chosen."""

    seller: Seller
    customer: Customer
    notice: FormalNotice
    invoices: Mapping[UUID, Invoice]

    @property
    def is_consumer(self) -> bool:
        return self.notice.customer_kind == "consumer"


@cache
def letter_wording(language: str) -> Wording:
    """The approved legal wording of that language; its file is read once."""
    return read_wording(Path(__file__).parent / "wording", language)


def letter_facts(session: Session, notice: FormalNotice) -> LetterFacts:
    seller, customer = session.get_one(Seller, notice.seller_id), session.get_one(Customer, notice.customer_id)
    query = select(Invoice).where(Invoice.id.in_([line.invoice_id for line in notice.lines]))
    return LetterFacts(seller, customer, notice, {invoice.id: invoice for invoice in session.scalars(query)})


def render_notice(facts: LetterFacts, on: date, *, signed_by: str) -> bytes:
    """The letter as a PDF, dated that day. No day in it says until when to pay: that follows from its receipt."""
    return typeset("notice", notice_page(facts, on, signed_by=signed_by), on)


def notice_page(facts: LetterFacts, on: date, *, signed_by: str) -> dict[str, Any]:
    """Everything on the page as words and figures in the letter's language."""
    notice, seller, customer = facts.notice, facts.seller, facts.customer
    wording, paper = letter_wording(notice.language), paper_wording_in(notice.language)
    figures = Figures(locale_for(notice.language, customer.country))
    title = wording.say(f"{notice.kind}.title")
    said = sheet(seller, customer, paper, figures, title=title, number=notice.number, on=on)
    basis = _named(wording, facts, "basis")
    numbers = list(dict.fromkeys(facts.invoices[line.invoice_id].number for line in notice.lines))
    return said | {
        "note": basis,
        "meta": [
            [wording.say("letter.date"), figures.day(on)],
            [paper.say("sheet.customer_number"), customer.ref],
        ],
        "salutation": wording.say("letter.salutation"),
        "opening": _say(wording, facts, figures, "opening"),
        "demand": _say(wording, facts, figures, f"demand_{notice.wording}"),
        "hero": {
            "label": wording.say("letter.to_pay"),
            "note": wording.say(f"letter.deadline_{notice.wording}"),
            "amount": figures.money(notice.asked),
        },
        "table": _table(facts, wording, figures),
        "sums": _sums(notice, wording, figures),
        "paragraphs": _paragraphs(facts, wording, figures),
        "notes": _left_out(facts, wording, figures),
        "objection": wording.say("letter.objection", email=seller.email, phone=_kept_together(seller.phone)),
        "closing": wording.say("letter.closing"),
        "signed": [signed_by, wording.say("letter.for_seller", seller=seller.name)],
        "pay": panel(seller, Asked(notice.asked, reference_for(numbers, customer.ref)), paper, figures),
    }


def _say(wording: Wording, facts: LetterFacts, figures: Figures, name: str) -> str:
    notice = facts.notice
    return wording.say(
        f"{notice.kind}.{name}",
        seller=facts.seller.name,
        principal=figures.money(notice.principal),
        asked=figures.money(notice.asked),
        fixed=figures.money(Money(notice.fixed_minor, notice.currency)),
        costs=figures.money(notice.costs_with_vat),
        vat=figures.money(Money(notice.vat_minor, notice.currency)),
        vat_percent=figures.rate(Decimal(notice.vat_percent)) if notice.vat_percent else "",
        date=figures.day(notice.calculated_on),
        percent=figures.rate(Decimal(notice.percent)) if notice.percent else "",
        daily=figures.money(Money(notice.daily_minor, notice.currency)) if notice.daily_minor else "",
        many=len(facts.invoices) > 1,
    )


def _named(wording: Wording, facts: LetterFacts, name: str) -> str:
    """A sentence of the kind that consumers may have another one of."""
    kind = facts.notice.kind
    own = f"{kind}.consumer_{name}"
    return wording.say(own if facts.is_consumer and wording.has(own) else f"{kind}.{name}")


def _paragraphs(facts: LetterFacts, wording: Wording, figures: Figures) -> list[str]:
    """What the figures rest on and what follows from not paying, in the order the kind of letter has them."""
    notice, kind = facts.notice, KINDS[facts.notice.kind]
    names: list[str] = []
    if kind.asks_interest:
        names.append("consumer_interest" if facts.is_consumer else "interest")
    if notice.fixed_minor:
        names.append("fixed")
    names.append("consequence")
    if kind.announces_costs:
        names.append("vat_in" if notice.vat_minor else "vat_out")
    if not kind.asks_interest:
        names.append("interest")
    return [_say(wording, facts, figures, name) for name in names]


def _table(facts: LetterFacts, wording: Wording, figures: Figures) -> dict[str, Any]:
    has_interest = facts.notice.interest_minor > 0
    head = ["invoice", "issued", "due", "open", *(["interest"] if has_interest else [])]
    return {
        "head": [wording.say(f"letter.{name}") for name in head],
        "rows": [_row(facts, line, wording, figures, has_interest=has_interest) for line in facts.notice.lines],
    }


def _row(
    facts: LetterFacts, line: FormalNoticeLine, wording: Wording, figures: Figures, *, has_interest: bool
) -> list[str]:
    invoice, currency = facts.invoices[line.invoice_id], facts.notice.currency
    name = invoice.number
    if line.part:
        name = wording.say("letter.invoice_part", number=invoice.number, place=line.part)
    row = [name, figures.short_day(invoice.issued_on), figures.short_day(line.due_on)]
    row.append(figures.money(Money(line.principal_minor, currency)))
    return [*row, figures.money(Money(line.interest_minor, currency))] if has_interest else row


def _sums(notice: FormalNotice, wording: Wording, figures: Figures) -> list[list[str]]:
    """Rows of label, amount and weight, as documents have them."""
    rows = [[wording.say("letter.principal_row"), figures.money(notice.principal), ""]]
    if notice.interest_minor:
        label = wording.say("letter.interest_row", date=figures.day(notice.calculated_on))
        rows.append([label, figures.money(Money(notice.interest_minor, notice.currency)), ""])
    if notice.fixed_minor:
        rows.append([wording.say("letter.fixed_row"), figures.money(Money(notice.fixed_minor, notice.currency)), ""])
    rows.append([wording.say("letter.asked_row"), figures.money(notice.asked), "open"])
    return rows if len(rows) > 2 else rows[-1:]


def _left_out(facts: LetterFacts, wording: Wording, figures: Figures) -> list[str]:
    aside: dict[str, int] = {}
    for line in facts.notice.lines:
        number = facts.invoices[line.invoice_id].number
        aside[number] = aside.get(number, 0) + line.left_out_minor
    return [
        wording.say("letter.left_out", number=number, amount=figures.money(Money(minor, facts.notice.currency)))
        for number, minor in aside.items()
        if minor
    ]


def _kept_together(phone: str | None) -> str | None:
    return phone.replace(" ", "\xa0") if phone else None
