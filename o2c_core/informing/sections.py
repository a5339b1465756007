"""What a mail says of all that happened, in the order in which its reader wants to know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from o2c_core.documents.wording import Wording
from o2c_core.informing.figures import Figures
from o2c_core.informing.goods_said import confirmed_section, delayed_section, delivered_section, shipped_section
from o2c_core.informing.money_said import (
    PayLink,
    account_said,
    credited_section,
    hold_ended_section,
    invoices_section,
    paid_section,
)
from o2c_core.informing.part import (
    Account,
    CreditIssued,
    Delayed,
    Delivered,
    HoldEnded,
    InvoiceIssued,
    OrderConfirmed,
    Part,
    PaymentReceived,
    Shipped,
)
from o2c_core.informing.section import Section


def sections_of(
    parts: Sequence[Part], accounts: Sequence[Account], wording: Wording, figures: Figures, pay_link: PayLink
) -> list[Section]:
    """One section for each thing that happened; shipments of one order, invoices, and payments each come together."""
    found: list[Section] = []
    found += [confirmed_section(one, wording, figures) for one in parts if isinstance(one, OrderConfirmed)]
    shipped = [one for one in parts if isinstance(one, Shipped)]
    for order in dict.fromkeys(one.order for one in shipped):
        found.append(shipped_section([one for one in shipped if one.order == order], wording, figures))
    # Where we are late ourselves, that comes first.
    found = [delayed_section(one, wording, figures) for one in parts if isinstance(one, Delayed)] + found
    found += [delivered_section(one, wording, figures) for one in parts if isinstance(one, Delivered)]
    invoices = [one for one in parts if isinstance(one, InvoiceIssued)]
    if invoices:
        found.append(invoices_section(invoices, wording, figures, pay_link))
    payments = [one for one in parts if isinstance(one, PaymentReceived)]
    for currency in dict.fromkeys(one.amount.currency for one in payments):
        found.append(paid_section([one for one in payments if one.amount.currency == currency], wording, figures))
    notes = [one for one in parts if isinstance(one, CreditIssued)]
    found += [credited_section(one, wording, figures) for one in notes]
    if payments or notes:
        found[-1] = _with(found[-1], account_said([*payments, *notes], accounts, wording, figures))
    found += [hold_ended_section(one, wording, figures) for one in parts if isinstance(one, HoldEnded)]
    return found


def _with(section: Section, said: Sequence[str]) -> Section:
    return replace(section, after=(*section.after, *said))
