"""What a credit for a dispute comes to: the disputed lines with their own tax, or a share of the whole invoice."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from o2c_core.cases.dispute import Dispute
from o2c_core.invoices.crediting import CreditLine, Worth, worth_of_amount
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.invoices.tax import TaxPart
from o2c_core.money import Money


def spread(minor: int, weights: Sequence[int]) -> list[int]:
    """The amount in proportion to the weights, in whole units that come to exactly the amount."""
    whole = sum(weights)
    up_to = [minor * reached // whole for reached in itertools.accumulate(weights)]
    return [reached - before for before, reached in itertools.pairwise([0, *up_to])]


def worth_of_dispute(invoice: Invoice, dispute: Dispute, amount: Money) -> Worth:
    """So much of the invoice, tax included, taken back on the disputed lines; on the whole invoice where there are
    none, or where only the invoice says its taxes and not its lines."""
    lines = {line.id: line for line in invoice.lines}
    disputed = [lines[claimed.invoice_line_id] for claimed in dispute.lines]
    if not disputed or (invoice.taxes and any(line.tax_category is None for line in disputed)):
        taxes = [TaxPart(tax.category, tax.rate, tax.base_minor, tax.tax_minor) for tax in invoice.taxes]
        words = f"{invoice.number}, {dispute.number}"
        return worth_of_amount(amount, words, taxes, invoice.tax_minor, invoice.total_minor)
    credited: list[CreditLine] = []
    taxed: dict[tuple[str, Decimal], tuple[int, int]] = {}
    net_minor = 0
    shares = spread(amount.minor, [claimed.amount_minor for claimed in dispute.lines])
    for claimed, line, share in zip(dispute.lines, disputed, shares, strict=True):
        if share == 0:
            continue
        net = _net(line, invoice, share)
        net_minor += net
        # A part of what was claimed is an amount, no longer a number of pieces.
        pieces = claimed.quantity if claimed.quantity and share == claimed.amount_minor else Decimal(1)
        credited.append(_line(line, pieces, Money(net, amount.currency)))
        if line.tax_category is not None:
            key = (line.tax_category, line.tax_rate or Decimal(0))
            base, tax = taxed.get(key, (0, 0))
            taxed[key] = (base + net, tax + share - net)
    parts = tuple(TaxPart(category, rate, base, tax) for (category, rate), (base, tax) in sorted(taxed.items()))
    return Worth(tuple(credited), net_minor, amount.minor - net_minor, parts)


def _net(line: InvoiceLine, invoice: Invoice, minor: int) -> int:
    """What of that amount is not tax: by the line's own rate, or else as on the whole invoice."""
    if line.tax_rate is not None:
        net = Decimal(minor) / (1 + line.tax_rate / 100)
    else:
        net = Decimal(minor) * invoice.net_minor / invoice.total_minor
    return int(net.quantize(Decimal(1), ROUND_HALF_UP))


def _line(line: InvoiceLine, pieces: Decimal, net: Money) -> CreditLine:
    """The credited line; where the pieces do not come to the amount at a price that can be written, it is one amount."""
    price = (net.major / pieces).quantize(Decimal("0.000001"))
    if Money.rounded(pieces * price, net.currency) != net:
        pieces, price = Decimal(1), net.major
    return CreditLine(line.description, pieces, price, line.sku, line.tax_category, line.tax_rate)
