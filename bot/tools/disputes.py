"""Objections to an invoice: on which lines and to how much, offered exactly and recorded once the customer agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.embedded.mentions import Mentions, find_mentions
from bot.embedded.pointing import meant
from bot.reasons import asks_about_recorded, reason_of, says_paid, wants_back
from bot.tools.case_status import case_status, has_cases, take_back
from bot.tools.complaints import calmed
from bot.tools.dispute_words import says_dispute, says_which_line
from bot.tools.objected import (
    MoreThanOpen,
    NoSuchLineThere,
    ObjectedAlready,
    WhichLine,
    narrows,
    objection_of,
    with_prices,
)
from bot.tools.owed import invoices_numbered
from bot.tools.people import call_person
from bot.tools.products import lines_meant
from bot.tools.reminded import last_reminder
from bot.tools.said import as_json, from_json
from bot.tools.tool import Deed, Done, OfDocument, Tool
from o2c_core.actions.open_dispute import Claim, LineClaim, NothingToDispute, open_dispute
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.dispute import ClaimTooLarge, Dispute, DisputeLine
from o2c_core.conversations.proposal import Proposal
from o2c_core.errors import NotFound
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money

INTENT = "dispute_invoice"
WORDS_KEPT = 1000


@dataclass(frozen=True)
class _Told:
    """The words about the objection, and what they name: those of this message where they narrow it down, else those it
    began with."""

    words: str
    mentions: Mentions
    narrowing: str


def dispute_invoice(desk: Desk, number: str | None) -> str:
    """Offers to record an objection to what the words name. Lines, quantities and amounts are read from the customer's
    own words, and nothing a model makes of them."""
    if wants_back(desk.words):
        return take_back(desk, "dispute", [number] if number else None)
    if asks_about_recorded(desk.words) and has_cases(desk):
        return case_status(desk, None)
    earlier = desk.earlier(INTENT)
    with desk.store.session() as session:
        found = _meant(desk, session, number, earlier)
        for one in found or ():
            one.invoice.lines  # noqa: B018 -- read now, they are looked at when the session is over
    if found is None:
        return desk.say("not_on_account")
    if not found:
        slots = {"words": _words(desk, earlier)}
        return desk.ask_for(INTENT, slots, _first(desk, desk.say("dispute.which_invoice")))
    about = found[0]
    told = _told(desk, about, earlier)
    if about.open_minor <= 0:
        return _nothing_open(desk, about, told)
    if says_paid(told.words):
        call_person(desk, "disagrees", f"says that {about.invoice.number} is paid already: {told.words[:WORDS_KEPT]}")
        invoice = desk.facts.text(about.invoice.number, f"invoice {about.invoice.number}")
        return desk.say("dispute.paid_already", invoice=invoice)
    try:
        if about.free_minor <= 0:
            raise ObjectedAlready
        with desk.store.session() as session:
            return _offer(desk, session, about, told)
    except ObjectedAlready:
        return case_status(desk, about.invoice.number)


def _offer(desk: Desk, session: Session, about: Collectable, told: _Told) -> str:
    """Raises: ObjectedAlready."""
    invoice = about.invoice
    kept = {"invoice_id": str(invoice.id), "number": invoice.number, "words": told.words[:WORDS_KEPT]}
    number = desk.facts.text(invoice.number, f"invoice {invoice.number}")
    try:
        found = objection_of(invoice, about.free_minor, _taken(session, invoice), told.mentions, told.narrowing)
    except (WhichLine, NoSuchLineThere):
        return desk.ask_for(INTENT, kept, says_which_line(desk, invoice))
    except MoreThanOpen:
        left = desk.facts.money(Money(about.free_minor, invoice.currency), f"invoice {invoice.number} open")
        return desk.ask_for(INTENT, kept, desk.say("dispute.more_than_open", invoice=number, open=left))
    counts = any(one.kind in ("got", "missing") for one in told.mentions.quantities)
    reason = reason_of(told.words, counts_missing=counts)
    amount = Money(found.minor, invoice.currency)
    arguments = kept | {
        "reason": reason,
        "amount": as_json(amount),
        "lines": [
            {
                "line_id": str(one.line.id),
                "line": one.line.position,
                "quantity": f"{one.quantity.normalize():f}" if one.quantity is not None else None,
                "amount": as_json(Money(one.minor, invoice.currency)),
            }
            for one in found.lines
        ],
    }  # fmt: skip
    says = _first(desk, says_dispute(desk, session, about, found, reason))
    return desk.offer("dispute", arguments, says)


def _first(desk: Desk, says: str) -> str:
    """Anger is answered before anything else, once."""
    return f"{desk.say('complaint.angry')} {says}" if calmed(desk) else says


def _meant(desk: Desk, session: Session, number: str | None, earlier: Mapping[str, Any]) -> list[Collectable] | None:
    """The invoice that is meant first; empty when that has to be asked, None for a number that is not on the account."""
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    theirs = Invoice.customer_id == desk.customer.id
    named = [number] if number else list(meant(desk.mentions, desk.about, "invoice"))
    if (
        earlier.get("invoice_id")
        and not desk.mentions.references.numbers
        and desk.mentions.points <= {"it", "that", "all"}
    ):
        return collectable(session, theirs, Invoice.id == UUID(earlier["invoice_id"]))
    if named:
        ids = [one.id for one in invoices_numbered(session, desk.customer.id, named[0])]
        if not ids:
            return None
        return _fitting(collectable(session, theirs, Invoice.id.in_(ids)), desk.words) or None
    still_open = collectable(session, theirs, open_minor() > 0)
    words = _words(desk, earlier)
    naming = [one for one in still_open if _names_line(one, words)]
    if len(naming) != 1 and len(still_open) > 1:
        reminded = last_reminder(desk, session).invoice_ids
        naming = [one for one in still_open if one.invoice.id in reminded]
    return naming if len(naming) == 1 else still_open if len(still_open) == 1 else []


def _fitting(found: Sequence[Collectable], words: str) -> list[Collectable]:
    """Of an order's several invoices, the one whose lines are named stands first, then those with something open."""
    return sorted(found, key=lambda one: (not _names_line(one, words), one.free_minor <= 0))


def _names_line(one: Collectable, words: str) -> bool:
    lines = one.invoice.lines
    return bool(lines_meant([line.description for line in lines], words, skus=[line.sku for line in lines]))


def _words(desk: Desk, earlier: Mapping[str, Any]) -> str:
    """What was said about it in all, the first words first."""
    before = str(earlier.get("words") or "")
    return desk.words if not before or desk.words in before else f"{before}\n{desk.words}"


def _told(desk: Desk, about: Collectable, earlier: Mapping[str, Any]) -> _Told:
    words, before = _words(desk, earlier), str(earlier.get("words") or "")
    named = with_prices(desk.mentions, desk.words)
    if not before or narrows(named, desk.words, about.invoice.lines):
        return _Told(words, named, desk.words)
    country = desk.customer.country if desk.customer else desk.seller.country
    mentions = find_mentions(before, language=desk.language, today=desk.today, country=country)
    return _Told(words, with_prices(mentions, before), before)


def _nothing_open(desk: Desk, about: Collectable, told: _Told) -> str:
    call_person(
        desk, "disagrees", f"objects to {about.invoice.number}, on which nothing is open: {told.words[:WORDS_KEPT]}"
    )
    invoice = desk.facts.text(about.invoice.number, f"invoice {about.invoice.number}")
    return _first(desk, desk.say("dispute.nothing_open", invoice=invoice))


def _taken(session: Session, invoice: Invoice) -> dict[UUID, int]:
    """What open objections have of each line already, in minor units."""
    query = (
        select(DisputeLine.invoice_line_id, func.sum(DisputeLine.amount_minor))
        .join(Dispute, Dispute.id == DisputeLine.dispute_id)
        .where(Dispute.invoice_id == invoice.id, Dispute.state == "open")
        .group_by(DisputeLine.invoice_line_id)
    )
    return {line_id: int(minor) for line_id, minor in session.execute(query)}


def record_dispute(desk: Desk, proposal: Proposal) -> Done:
    """Opens the dispute as it was offered; where the invoice was paid or objected to meanwhile, says so instead."""
    asked = proposal.arguments
    claim = Claim(
        customer_id=proposal.customer_id,
        invoice_id=UUID(asked["invoice_id"]),
        description=asked["words"],
        reason=asked["reason"],
        amount=from_json(asked["amount"]),
        lines=tuple(
            LineClaim(
                UUID(one["line_id"]),
                Decimal(one["quantity"]) if one.get("quantity") else None,
                from_json(one["amount"]),
            )
            for one in asked["lines"]
        ),
        message_id=proposal.message_id,
    )
    invoice = desk.facts.text(asked["number"], f"invoice {asked['number']}")
    try:
        dispute = open_dispute(claim, store=desk.store)
    except NothingToDispute:
        call_person(desk, "disagrees", f"objects to {asked['number']}, which was paid meanwhile: {asked['words']}")
        return Done(desk.say("dispute.nothing_open", invoice=invoice), {"refusal": "NothingToDispute"}, is_refused=True)
    except (ClaimTooLarge, NotFound) as refused:
        said = desk.say("dispute.changed", invoice=invoice)
        return Done(said, {"refusal": type(refused).__name__}, is_refused=True)
    source = f"dispute {dispute.number}"
    places = {
        "number": desk.facts.text(dispute.number, source),
        "invoice": invoice,
        "amount": desk.facts.money(dispute.amount, f"{source} amount"),
    }
    said = desk.say("dispute.recorded", **places)
    if dispute.answer_by is not None:
        answered = desk.say("dispute.answered_by", answer_by=desk.facts.day(dispute.answer_by, f"{source} answer by"))
        said = f"{said} {answered}"
    return Done(said, {"number": dispute.number, "id": str(dispute.id)})


TOOLS = (
    Tool(
        "dispute_invoice",
        "Offer to record an objection to an invoice or lines of it. It is recorded once the customer agrees.",
        dispute_invoice,
        OfDocument,
        acts=True,
    ),
)
DEEDS: Mapping[str, Deed] = {"dispute": record_dispute}
