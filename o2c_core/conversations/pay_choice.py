"""What somebody chooses to pay of what they may be asked for: some of the invoices, all of them, or a part."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from o2c_core.conversations.pay_links import ToPay
from o2c_core.documents.payment import Asked, reference_for, reference_of
from o2c_core.errors import Refused
from o2c_core.invoices.allocation import OpenItem, allocate_oldest_first
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money, total


class NothingChosen(Refused):
    """Choose at least one invoice."""


class NothingToPay(Refused):
    """An amount to pay is more than zero."""


class MoreThanChosen(Refused):
    """That is more than is to be paid on what was chosen."""


@dataclass(frozen=True)
class Choice:
    """The invoices chosen with what may be asked for on each, oldest due first, and the amount to pay of it."""

    items: tuple[tuple[Invoice, Money], ...]
    amount: Money

    @property
    def asked(self) -> Money:
        return total((amount for _, amount in self.items), self.amount.currency)

    @property
    def parts(self) -> Mapping[UUID, Money]:
        """How the amount is spread: what is due first is paid first."""
        open_items = [
            OpenItem(invoice.id, invoice.number, invoice.due_on, amount.minor, amount.currency)
            for invoice, amount in self.items
        ]
        spread = allocate_oldest_first(open_items, self.amount.minor)
        return {part.invoice_id: Money(part.minor, self.amount.currency) for part in spread}

    def transfer(self, customer_ref: str) -> Asked:
        """The same by one bank transfer, under a reference that says which invoices it is for."""
        paid = self.parts
        invoices = [invoice for invoice, _ in self.items if invoice.id in paid]
        if len(invoices) == 1:
            return Asked(self.amount, reference_of(invoices[0]))
        return Asked(self.amount, reference_for([invoice.number for invoice in invoices], customer_ref))


def choose(now: ToPay, numbers: Collection[str] | None, amount: Money | None) -> Choice:
    """What was chosen: the invoices of those numbers (None: all there are), and that amount of them (None: all of it).

    A number that is not among them chooses nothing: it was paid meanwhile, or was never theirs.

    Raises: NothingChosen; NothingToPay; MoreThanChosen.
    """
    items = tuple(one for one in now.items if numbers is None or one[0].number in numbers)
    if not items:
        raise NothingChosen
    all_of_it = total((one for _, one in items), now.asked.amount.currency)
    if amount is None:
        return Choice(items, all_of_it)
    if amount.minor <= 0:
        raise NothingToPay
    if amount > all_of_it:
        raise MoreThanChosen(amount=str(amount), chosen=str(all_of_it))
    return Choice(items, amount)
