"""Objecting to an invoice from its page: which lines, how many or how much, why, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from o2c_core.actions.note_form_refused import note_form_refused
from o2c_core.actions.open_dispute import Claim, LineClaim, NothingToDispute, open_dispute
from o2c_core.cases.collectable import collectable
from o2c_core.cases.dispute import REASONS, ClaimTooLarge
from o2c_core.conversations.page_files import FILES_MAX, NotAPicture, PageFile
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from web.portal.door import Guest, Portal, VisitHere, see_other
from web.portal.forms import Sent, SentHere, amount_in, keep, number_in, quoted
from web.portal.invoices import invoice_named

# The commonest first; who finds none of them writes it in their own words.
ORDERED = (
    "QTY_SHORT", "DAMAGED", "NOT_RECEIVED", "PRICE", "QUALITY", "LATE", "RETURNED", "CREDIT_MISSING", "DISCOUNT", "FREIGHT",
    "TAX", "QTY_OVER", "NOT_ORDERED", "DUPLICATE", "WRONG_PO", "MISSING_POD", "WRONG_ADDRESS", "SERVICE", "FRAUD_CLAIM",
    "OTHER",
)  # fmt: skip
assert set(ORDERED) == set(REASONS)


@dataclass(frozen=True)
class Read:
    """What the form said: the lines with how much of each, and what is wrong with the form itself, by field."""

    claims: tuple[LineClaim, ...]
    told: tuple[str, ...]
    errors: dict[str, str]


def objection_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/invoices/{number}/objection`."""

    @router.get("/my/invoices/{number:path}/objection")
    def before_objecting(guest: VisitHere, number: str) -> Response:
        with portal.store.session() as session:
            invoice = invoice_named(session, guest, number, "dispute")
            return _form(session, guest, invoice)

    @router.post("/my/invoices/{number:path}/objection")
    def objecting(guest: VisitHere, number: str, sent: SentHere) -> Response:
        say = guest.words.say
        with portal.store.session() as session:
            invoice = invoice_named(session, guest, number, "dispute")
            read = _read(guest, invoice, sent)
            files: tuple[PageFile, ...] = ()
            try:
                files = sent.files()
            except NotAPicture:
                read.errors["files"] = say("error.files", count=FILES_MAX)
            if read.errors:
                return _form(session, guest, invoice, 422, sent=sent, errors=read.errors)
        reason = sent.one("reason")
        text = say(
            "said.dispute", number=invoice.number, reason=say(f"reason.{reason}"), lines="; ".join(read.told),
            words=sent.words(),
        )  # fmt: skip
        kept = keep(portal, guest, sent, text, about=f"invoice {invoice.number}", files=files)
        claim = Claim(
            guest.customer.id, invoice.id, sent.words(), reason, lines=read.claims, message_id=kept.message_id
        )
        try:
            dispute = open_dispute(claim, store=portal.store, by=guest.who)
        except (ClaimTooLarge, NothingToDispute) as refused:
            told = say("error.too_large" if isinstance(refused, ClaimTooLarge) else "error.nothing_open")
            note_form_refused(kept.message_id, refused, told, store=portal.store)
            with portal.store.session() as session:
                return _form(session, guest, invoice, 422, sent=sent, errors={"lines": told})
        return see_other(f"/my/invoices/{quoted(invoice.number)}?recorded={quoted(dispute.number)}")


def _form(
    session: Session, guest: Guest, invoice: Invoice, status: int = 200, *, sent: Sent | None = None,
    errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    found = collectable(session, Invoice.id == invoice.id)[0]
    return guest.page(
        "my_objection.html", status, here="invoices", invoice=invoice, reasons=ORDERED,
        lines=session.get_one(Invoice, invoice.id).lines, free=Money(found.free_minor, invoice.currency),
        sent=sent.shown() if sent else {}, ticked=sent.values.get("line", ()) if sent else (), errors=errors or {},
        files_max=FILES_MAX,
    )  # fmt: skip


def _read(guest: Guest, invoice: Invoice, sent: Sent) -> Read:
    say, locale = guest.words.say, guest.figures.locale
    claims: list[LineClaim] = []
    told: list[str] = []
    errors: dict[str, str] = {}
    if sent.one("reason") not in REASONS:
        errors["reason"] = say("error.reason")
    if not sent.words():
        errors["words"] = say("error.words")
    ticked = set(sent.values.get("line", ()))
    for line in invoice.lines:
        if str(line.position) not in ticked:
            continue
        quantity_said, amount_said = (sent.one(f"{what}-{line.position}") for what in ("quantity", "amount"))
        quantity = number_in(quantity_said, locale) if quantity_said else None
        amount = amount_in(amount_said, invoice.currency, locale) if amount_said else None
        if quantity_said and (quantity is None or quantity > line.quantity):
            errors[f"quantity-{line.position}"] = say("error.quantity", most=guest.figures.quantity(line.quantity))
        if amount_said and amount is None:
            errors[f"amount-{line.position}"] = say("error.amount")
        claims.append(LineClaim(line.id, quantity, amount))
        parts = [guest.figures.quantity(quantity)] if quantity is not None else []
        parts += [guest.figures.money(amount)] if amount is not None else []
        told.append(" ".join([line.description or line.sku, *(f"({part})" for part in parts)]))
    return Read(tuple(claims), tuple(told), errors)
