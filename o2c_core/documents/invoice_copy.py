"""The copy of an invoice: what was charged, what was settled since, and what is open on the day it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import LANGUAGES, Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.days import days_late
from o2c_core.documents.figures import Figures
from o2c_core.documents.payment import Asked, Disputed, panel, reference_of
from o2c_core.documents.sheet import sheet
from o2c_core.documents.typeset import typeset
from o2c_core.documents.wording import Wording, wording_in
from o2c_core.invoices.invoice import CreditNote, Invoice, TaxSubtotal
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.invoices.statement import parts_open
from o2c_core.money import Money, total


@dataclass(frozen=True)
class Settled:
    """What one payment, credit note or write-off took off the invoice."""

    kind: str
    number: str
    on: date
    amount: Money


@dataclass(frozen=True)
class InvoiceFacts:
    """All that a copy of an invoice says, before any word is chosen."""

    seller: Seller
    customer: Customer
    invoice: Invoice
    settled: tuple[Settled, ...]
    disputed: tuple[Disputed, ...]
    today: date

    @property
    def open(self) -> Money:
        return self.invoice.total - total((part.amount for part in self.settled), self.invoice.currency)

    @property
    def objected(self) -> Money:
        """How much of what is open is objected to."""
        claimed = total((part.amount for part in self.disputed), self.invoice.currency)
        return max(Money.zero(self.invoice.currency), min(self.open, claimed))

    @property
    def to_pay(self) -> Money:
        return max(Money.zero(self.invoice.currency), self.open - self.objected)

    @property
    def parts(self) -> list[tuple[int, date, int, int]]:
        """The instalments not yet filled: place, due day, amount, what is open of it."""
        parts = [(part.due_on, part.amount_minor) for part in self.invoice.instalments]
        if not self.invoice.is_in_instalments or not parts or self.open.minor <= 0:
            return []
        return parts_open(self.invoice.total_minor, self.open.minor, parts)

    @property
    def asked(self) -> Asked:
        """What is to be paid next: everything, or of an invoice in instalments what is late, else the next one."""
        why_not = "all_disputed" if self.open.minor > 0 else "nothing"
        late = [part for part in self.parts if part[1] < self.today]
        now = late or self.parts[:1]
        minor = sum(part[3] for part in now) if now else self.to_pay.minor
        by = now[-1][1] if now else self.invoice.due_on
        amount = min(Money(minor, self.invoice.currency), self.to_pay)
        return Asked(amount, reference_of(self.invoice), by if by >= self.today else None, why_not)


def invoice_facts(
    session: Session, invoice: Invoice, today: date, *, disputed: Sequence[Disputed] = ()
) -> InvoiceFacts:
    """The invoice with what settled it until now. Objections are given by who knows them."""
    seller, customer = session.get_one(Seller, invoice.seller_id), session.get_one(Customer, invoice.customer_id)
    return InvoiceFacts(seller, customer, invoice, _settled(session, invoice), tuple(disputed), today)


def render_invoice(
    session: Session,
    invoice: Invoice,
    today: date,
    *,
    language: str | None = None,
    disputed: Sequence[Disputed] = (),
) -> bytes:
    """The invoice's copy as a PDF, with what is open now; in that language, else the customer's."""
    facts = invoice_facts(session, invoice, today, disputed=disputed)
    return typeset("invoice", invoice_page(facts, language), today)


def invoice_page(facts: InvoiceFacts, language: str | None = None) -> dict[str, Any]:
    """Everything on the page as words and figures in the reader's language."""
    customer, invoice = facts.customer, facts.invoice
    spoken = next((one for one in (language, customer.language) if one in LANGUAGES), "en")
    wording, figures = wording_in(spoken), Figures(locale_for(spoken, customer.country))
    said = sheet(
        facts.seller,
        customer,
        wording,
        figures,
        title=wording.say("invoice.title"),
        number=invoice.number,
        on=facts.today,
        buyer=invoice.buyer,
    )
    return said | {
        "note": wording.say("invoice.copy", date=figures.day(facts.today)),
        "meta": _meta(facts, wording, figures),
        "hero": _hero(facts, wording, figures),
        "lines": _lines(invoice, wording, figures),
        "sums": _sums(facts, wording, figures),
        "instalments": _instalments(facts, wording, figures),
        "notes": _notes(facts, wording, figures),
        "pay": panel(facts.seller, facts.asked, wording, figures),
    }


def _settled(session: Session, invoice: Invoice) -> tuple[Settled, ...]:
    query = (
        select(
            func.sum(Allocation.amount_minor),
            func.coalesce(
                func.min(Payment.received_on), func.min(CreditNote.issued_on), func.min(Allocation.allocated_on)
            ),
            func.min(CreditNote.number),
            Allocation.payment_id,
            Allocation.credit_note_id,
        )
        .outerjoin(Payment, Payment.id == Allocation.payment_id)
        .outerjoin(CreditNote, CreditNote.id == Allocation.credit_note_id)
        .where(Allocation.invoice_id == invoice.id)
        .group_by(Allocation.payment_id, Allocation.credit_note_id, Allocation.write_off_id)
        .having(func.sum(Allocation.amount_minor) != 0)
    )
    found = [
        Settled(
            "payment" if payment_id else "credit_note" if credit_id else "write_off",
            number or "",
            on,
            Money(int(minor), invoice.currency),
        )
        for minor, on, number, payment_id, credit_id in session.execute(query)
    ]
    return tuple(sorted(found, key=lambda one: (one.on, one.kind, one.number, one.amount.minor)))


def _meta(facts: InvoiceFacts, wording: Wording, figures: Figures) -> list[list[str]]:
    invoice = facts.invoice
    rows = [
        (wording.say("invoice.issued"), figures.day(invoice.issued_on)),
        (wording.say("invoice.due"), figures.day(invoice.due_on)),
        (wording.say("sheet.customer_number"), facts.customer.ref),
        (wording.say("invoice.purchase_order"), invoice.purchase_order),
        (wording.say("invoice.buyer_reference"), invoice.buyer_reference),
    ]
    return [[label, value] for label, value in rows if value]


def _hero(facts: InvoiceFacts, wording: Wording, figures: Figures) -> dict[str, str]:
    today = figures.day(facts.today)
    if facts.to_pay.is_zero and facts.open.minor <= 0:
        return {"label": wording.say("invoice.paid_in_full", date=today), "amount": "", "note": ""}
    label = wording.say("invoice.to_pay", date=today)
    return {"label": label, "amount": figures.money(facts.to_pay), "note": _when(facts, wording, figures)}


def _when(facts: InvoiceFacts, wording: Wording, figures: Figures) -> str:
    """Until when it is to be paid, or how late it is; of an invoice in instalments what is late or comes next."""
    if facts.to_pay.is_zero:
        return ""
    if facts.parts:
        asked, by = facts.asked, facts.asked.by
        amount = figures.money(asked.amount)
        return (
            wording.say("invoice.part_by", amount=amount, date=figures.day(by))
            if by
            else wording.say("invoice.part_late", amount=amount)
        )
    late = days_late(facts.invoice.due_on, facts.today)
    name = "by" if late == 0 else "late_one" if late == 1 else "late_many"
    return wording.say(f"invoice.{name}", date=figures.day(facts.invoice.due_on), days=late)


def _lines(invoice: Invoice, wording: Wording, figures: Figures) -> dict[str, Any]:
    has_tax = any(line.tax_rate is not None for line in invoice.lines)
    head = [wording.say(f"invoice.{name}") for name in ("description", "quantity", "price", "tax", "amount")]
    rows = [
        {
            "description": line.description or line.sku,
            "sku": line.sku if line.description else "",
            "quantity": figures.quantity(line.quantity),
            "price": figures.price(line.unit_price, invoice.currency),
            "tax": "" if line.tax_rate is None else figures.rate(line.tax_rate),
            "amount": figures.money(Money(line.amount_minor, invoice.currency)),
        }
        for line in invoice.lines
    ]
    return {"head": head, "has_tax": has_tax, "rows": rows}


def _sums(facts: InvoiceFacts, wording: Wording, figures: Figures) -> list[list[str]]:
    """Rows of label, amount and weight ("", "total" or "open"), from the net amount to what is left to pay."""
    invoice = facts.invoice
    net, tax = Money(invoice.net_minor, invoice.currency), Money(invoice.tax_minor, invoice.currency)
    rows: list[list[str]] = []
    if invoice.taxes or not tax.is_zero:
        rows.append([wording.say("invoice.net"), figures.money(net), ""])
    rows.extend(
        [
            _tax_label(part, invoice.currency, wording, figures),
            figures.money(Money(part.tax_minor, invoice.currency)),
            "",
        ]
        for part in invoice.taxes
    )
    if not invoice.taxes and not tax.is_zero:
        rows.append([wording.say("invoice.tax_total"), figures.money(tax), ""])
    rows.append([wording.say("invoice.total"), figures.money(invoice.total), "total"])
    rows.extend(
        [
            wording.say(f"settled.{part.kind}", number=part.number, date=figures.short_day(part.on)),
            figures.money(-part.amount),
            "",
        ]
        for part in facts.settled
    )
    is_last = "" if facts.objected.minor > 0 else "open"
    rows.append([wording.say("invoice.open", date=figures.short_day(facts.today)), figures.money(facts.open), is_last])
    if facts.objected.minor > 0:
        numbers = ", ".join(part.number for part in facts.disputed)
        rows.append([wording.say("invoice.objected", number=numbers), figures.money(-facts.objected), ""])
        rows.append([wording.say("invoice.to_pay_row"), figures.money(facts.to_pay), "open"])
    return rows


def _tax_label(part: TaxSubtotal, currency: str, wording: Wording, figures: Figures) -> str:
    name = f"tax.{part.category}"
    rate = figures.rate(Decimal(part.rate))
    base = figures.money(Money(part.base_minor, currency))
    return wording.say(name if wording.has(name) else "tax.other", category=part.category, rate=rate, base=base)


def _instalments(facts: InvoiceFacts, wording: Wording, figures: Figures) -> dict[str, Any] | None:
    invoice = facts.invoice
    if not invoice.is_in_instalments:
        return None
    left = {place: open_minor for place, _, _, open_minor in facts.parts}
    count = len(invoice.instalments)
    rows = [
        [
            wording.say("invoice.instalment", place=place, count=count),
            figures.day(part.due_on),
            figures.money(Money(part.amount_minor, invoice.currency)),
            figures.money(Money(left.get(place, 0), invoice.currency)),
        ]
        for place, part in enumerate(invoice.instalments, 1)
    ]
    heads = ("instalments", "instalment_due", "instalment_amount", "instalment_open")
    return {"head": [wording.say(f"invoice.{name}") for name in heads], "rows": rows}


def _notes(facts: InvoiceFacts, wording: Wording, figures: Figures) -> list[str]:
    invoice = facts.invoice
    notes = [part.exemption_reason for part in invoice.taxes if part.exemption_reason]
    until = invoice.discount_until_on
    rest = facts.open - Money(invoice.discount_minor, invoice.currency)
    if until is not None and until >= facts.today and invoice.discount_minor > 0 and rest.minor > 0:
        discount = figures.money(Money(invoice.discount_minor, invoice.currency))
        notes.append(
            wording.say("invoice.discount", date=figures.day(until), discount=discount, rest=figures.money(rest))
        )
    if facts.objected.minor > 0:
        numbers = ", ".join(part.number for part in facts.disputed)
        notes.append(wording.say("invoice.disputed", amount=figures.money(facts.objected), number=numbers))
    return notes
