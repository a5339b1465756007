"""The part of a document that says how to pay: account, reference, amount and a code to scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum import iban as ibans

from o2c_core.customers.seller import Seller
from o2c_core.documents.epc import TEXT_CHARACTERS_MAX, NotPayableByCode, Transfer, epc_svg
from o2c_core.documents.figures import Figures
from o2c_core.documents.wording import Wording
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.reference import creditor_reference, grouped, is_creditor_reference
from o2c_core.money import Money


@dataclass(frozen=True)
class Disputed:
    """A part of an invoice the customer objected to; `number` is the objection's."""

    number: str
    invoice: str
    amount: Money


@dataclass(frozen=True)
class Asked:
    """What a document asks to be paid, under which reference and by when. `why_not` names a sentence when it is nothing."""

    amount: Money
    reference: str
    by: date | None = None
    why_not: str = "nothing"


def reference_of(invoice: Invoice) -> str:
    """What to write on the payment: the invoice's own reference, else a structured one from its number, else that."""
    return invoice.payment_reference or creditor_reference(invoice.number) or invoice.number


def reference_for(numbers: Sequence[str], customer_ref: str) -> str:
    """What to write on one payment for several invoices: their numbers, or the customer's where they are too many."""
    if len(numbers) == 1:
        return creditor_reference(numbers[0]) or numbers[0]
    said = " ".join(numbers)
    return said if 0 < len(said) <= TEXT_CHARACTERS_MAX else customer_ref


def transfer_for(seller: Seller, asked: Asked) -> Transfer | None:
    """The euro transfer that is asked for; None without something to pay or an account in euros for it."""
    account = seller.account_for(asked.amount.currency)
    if account is None or asked.amount.minor <= 0 or {account.currency, asked.amount.currency} != {"EUR"}:
        return None
    structured = is_creditor_reference(asked.reference)
    return Transfer(
        holder=account.holder,
        iban=account.iban,
        bic=account.bic,
        amount=asked.amount,
        reference=asked.reference if structured else None,
        text=None if structured else asked.reference[:TEXT_CHARACTERS_MAX],
    )


def panel(seller: Seller, asked: Asked, wording: Wording, figures: Figures) -> dict[str, Any]:
    """The panel's words and figures. Without a code everything in it is still there to be typed over.

    The name is the account holder's, not the trading name: banks compare it (Verification of Payee, since 9 October
    2025, Regulation (EU) 2024/886).
    """
    if asked.amount.minor <= 0:
        return _panel(sentence=wording.say(f"pay.{asked.why_not}"))
    account = seller.account_for(asked.amount.currency)
    if account is None:
        return _panel(title=wording.say("pay.title"), sentence=wording.say("pay.no_account", email=seller.email))
    is_iban = ibans.is_valid(account.iban)
    reference = grouped(asked.reference) if is_creditor_reference(asked.reference) else asked.reference
    number = grouped(account.iban) if is_iban else account.iban
    rows = [
        (wording.say("pay.amount"), figures.money(asked.amount)),
        (wording.say("pay.holder"), account.holder),
        (wording.say("pay.iban" if is_iban else "pay.account"), number),
    ]
    if account.bic:
        rows.append((wording.say("pay.bic"), account.bic))
    rows.append((wording.say("pay.reference"), reference))
    if asked.by is not None:
        rows.append((wording.say("pay.by"), figures.day(asked.by)))
    drawing = _drawing(seller, asked)
    return _panel(
        title=wording.say("pay.title"),
        rows=[list(row) for row in rows],
        qr=drawing,
        scan=wording.say("pay.scan") if drawing else "",
        alt=wording.say(
            "pay.qr", amount=figures.money(asked.amount), holder=account.holder, iban=number, reference=reference
        ),
    )


def _drawing(seller: Seller, asked: Asked) -> str | None:
    transfer = transfer_for(seller, asked)
    if transfer is None:
        return None
    try:
        return epc_svg(transfer)
    except NotPayableByCode:
        # An account written down wrongly must not keep a customer from their invoice; the page names it as it is.
        return None


def _panel(
    title: str = "",
    rows: list[list[str]] | None = None,
    sentence: str = "",
    qr: str | None = None,
    scan: str = "",
    alt: str = "",
) -> dict[str, Any]:
    return {"title": title, "rows": rows or [], "sentence": sentence, "qr": qr, "scan": scan, "alt": alt}
