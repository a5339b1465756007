"""What one message speaks of: one reader, all that happened together, and how it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.documents.asked_for import InvoiceCopy
from o2c_core.documents.wording import Wording
from o2c_core.informing.figures import Figures
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
from o2c_core.money import total
from o2c_core.reminders.recipient import Recipient


@dataclass(frozen=True)
class Notice:
    """`accounts` are what is open besides, for thanks and credits; `page_url` the customer's own page of what it is about."""

    seller: Seller
    customer: Customer
    recipient: Recipient
    parts: tuple[Part, ...]
    accounts: tuple[Account, ...]
    read_at: datetime
    page_url: str | None = None

    @property
    def language(self) -> str:
        return self.recipient.language

    @property
    def locale(self) -> str:
        return locale_for(self.language, self.customer.country)

    @property
    def invoices(self) -> list[InvoiceIssued]:
        return [one for one in self.parts if isinstance(one, InvoiceIssued)]

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The invoices as documents, which only a mail can carry."""
        if self.recipient.channel != "email":
            return []
        return [InvoiceCopy(one.invoice_id).stored() for one in self.invoices]

    @property
    def purpose(self) -> str:
        return "document" if self.attachments else "notice"

    def pay_link(self, doorplate: Doorplate | None, invoices: Sequence[InvoiceIssued]) -> str | None:
        """The page on which those invoices can be paid; None where this house has no public address."""
        currencies = {one.total.currency for one in invoices}
        if doorplate is None or len(currencies) != 1:
            return None
        ids = tuple(one.invoice_id for one in invoices)
        return pay_url(doorplate, Payable(currencies.pop(), self.customer.id, ids), self.read_at)


_NAMES: dict[type[Part], str] = {
    OrderConfirmed: "order_confirmed",
    Shipped: "shipped",
    Delayed: "delayed",
    Delivered: "delivered",
    InvoiceIssued: "invoice",
    PaymentReceived: "payment",
    CreditIssued: "credit",
    HoldEnded: "hold_ended",
}


def subject_of(notice: Notice, wording: Wording, figures: Figures) -> str:
    """Who, what and which number; where several things come together, what they are about."""
    parts, kinds = notice.parts, {type(one) for one in notice.parts}
    orders = list(dict.fromkeys(order for one in parts if (order := getattr(one, "order", None))))
    values: dict[str, str] = {}
    name = "account" if kinds <= {PaymentReceived, CreditIssued, HoldEnded} else _about_goods(orders)
    first = parts[0]
    if len(kinds) == 1:
        name = _NAMES[type(first)]
        if isinstance(first, Shipped):
            name += "_one" if len(orders) == 1 else "_many"
            values["count"] = figures.count("message.shipments", len(parts))
        elif isinstance(first, InvoiceIssued | CreditIssued):
            name += "_one" if len(parts) == 1 else "_many"
            kind = "invoice" if isinstance(first, InvoiceIssued) else "credit note"
            values["number"] = figures.word(f"{kind} {first.number}.number", first.number)
            values["count"] = figures.count(f"message.{kind}s", len(parts))
        elif isinstance(first, PaymentReceived):
            amounts = [one.amount for one in parts if isinstance(one, PaymentReceived)]
            if len({one.currency for one in amounts}) > 1:
                name = "account"
            else:
                name += "_one" if len(parts) == 1 else "_many"
                values["amount"] = figures.money(
                    f"message.received.{amounts[0].currency}", total(amounts, amounts[0].currency)
                )
        elif len(parts) > 1 and orders:
            name = _about_goods(orders)
    if orders:
        values.setdefault("order", figures.word(f"order {orders[0]}.number", orders[0]))
        values.setdefault("count", figures.count("message.orders", len(orders)))
    said = wording.say(f"subject.{name}", seller=notice.seller.name, **values)
    return " ".join(said.split())


def _about_goods(orders: Sequence[str]) -> str:
    return "goods_one" if len(orders) == 1 else "goods_many"
