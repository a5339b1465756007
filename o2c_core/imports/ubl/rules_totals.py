"""Whether the amounts of a document add up.

Source: EN 16931-1 clause 6.4.2 (BR-CO-10 to BR-CO-17) and 6.4.3 (BR-DEC). Sums of amounts with two decimals leave nothing
to round, so they are compared exactly; the VAT of a category may be off by less than one unit of the currency, as in the
schematron CEN publishes, because sellers compute it from lines that were rounded before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from o2c_core.imports.ubl.einvoice import ZERO, EInvoice, TaxRow
from o2c_core.imports.ubl.finding import Finding
from o2c_core.money import UnknownCurrency, exponent

TAX_OFF_BY_LESS_THAN = Decimal(1)
_CENT = Decimal("0.01")
_DECIMALS_MAX = 2


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The sum; what is not given adds nothing, because its absence is another rule's finding."""
    return sum((amount for amount in amounts if amount is not None), ZERO)


def _lines(e: EInvoice) -> tuple[Decimal | None, Decimal]:
    return e.totals.lines, total(line.net for line in e.lines)


def _allowances(e: EInvoice) -> tuple[Decimal | None, Decimal]:
    return e.totals.allowances or ZERO, total(each.amount for each in e.allowances())


def _charges(e: EInvoice) -> tuple[Decimal | None, Decimal]:
    return e.totals.charges or ZERO, total(each.amount for each in e.charges())


def _net(e: EInvoice) -> tuple[Decimal | None, Decimal]:
    return e.totals.net, total((e.totals.lines, e.totals.charges)) - total((e.totals.allowances,))


def _tax(e: EInvoice) -> tuple[Decimal | None, Decimal]:
    return e.totals.tax or ZERO, total(row.tax for row in e.taxes)


def _gross(e: EInvoice) -> tuple[Decimal | None, Decimal]:
    return e.totals.gross, total((e.totals.net, e.totals.tax))


def _payable(e: EInvoice) -> tuple[Decimal | None, Decimal]:
    return e.totals.payable, total((e.totals.gross, e.totals.rounding)) - total((e.totals.prepaid,))


# Each row: the rule, what is stated, what it must equal, and the two amounts.
_SUMS: tuple[tuple[str, str, str, Callable[[EInvoice], tuple[Decimal | None, Decimal]]], ...] = (
    ("BR-CO-10", "the sum of the lines (BT-106)", "the lines come to", _lines),
    ("BR-CO-11", "the sum of the allowances (BT-107)", "the allowances come to", _allowances),
    ("BR-CO-12", "the sum of the charges (BT-108)", "the charges come to", _charges),
    ("BR-CO-13", "the total without VAT (BT-109)", "lines less allowances plus charges are", _net),
    ("BR-CO-14", "the VAT in all (BT-110)", "the VAT of the categories comes to", _tax),
    ("BR-CO-15", "the total with VAT (BT-112)", "the total without VAT plus the VAT is", _gross),
    ("BR-CO-16", "the amount due (BT-115)", "the total less what was paid plus rounding is", _payable),
)


def check_totals(einvoice: EInvoice) -> Iterator[Finding]:
    """Every sum that is not what it should be. A total that is missing is left to the rules of presence."""
    for rule, what, comes_to, amounts in _SUMS:
        stated, computed = amounts(einvoice)
        if stated is not None and stated != computed:
            yield Finding(rule, f"{what} is {stated}, and {comes_to} {computed}")
    for row in einvoice.taxes:
        off = tax_off_by(row)
        if off is not None and abs(off) >= TAX_OFF_BY_LESS_THAN:
            rate = "without a rate" if row.rate is None else f"at {row.rate} %"
            yield Finding(
                "BR-CO-17", f"the VAT of category {row.category} {rate} on {row.base} is {row.tax}, {off} too much"
            )


def tax_off_by(row: TaxRow) -> Decimal | None:
    """The tax stated less the base times the rate, rounded half away from zero to cents; None where one is not given."""
    if row.base is None or row.tax is None:
        return None
    return row.tax - (row.base * (row.rate or ZERO) / 100).quantize(_CENT, ROUND_HALF_UP)


def rounded_taxes(einvoice: EInvoice) -> list[TaxRow]:
    """The rows whose tax is further from base times rate than one cent, and still within what is allowed."""
    return [row for row in einvoice.taxes if _CENT < abs(tax_off_by(row) or ZERO) < TAX_OFF_BY_LESS_THAN]


def check_decimals(einvoice: EInvoice) -> Iterator[Finding]:
    """Amounts with more than two decimals, or more than their currency has."""
    try:
        places = min(_DECIMALS_MAX, exponent(einvoice.currency))
    except UnknownCurrency:
        places = _DECIMALS_MAX
    if einvoice.accounting_tax is not None and -int(einvoice.accounting_tax.as_tuple().exponent) > _DECIMALS_MAX:
        yield Finding(
            "BR-DEC-15", f"the VAT in {einvoice.tax_currency} is {einvoice.accounting_tax}: too many decimals"
        )
    for rule, what, amount in _amounts(einvoice):
        if amount is None:
            continue
        written = -int(amount.as_tuple().exponent)
        if written > _DECIMALS_MAX:
            yield Finding(rule, f"{what} is {amount}, and amounts have at most two decimals")
        elif amount != amount.quantize(Decimal(1).scaleb(-places)):
            yield Finding(rule, f"{what} is {amount}, and {einvoice.currency} has {places or 'no'} decimals")


def _amounts(e: EInvoice) -> Iterator[tuple[str, str, Decimal | None]]:
    for each in e.adjustments:
        noun = "a charge" if each.is_charge else "an allowance"
        yield ("BR-DEC-05" if each.is_charge else "BR-DEC-01"), noun, each.amount
        yield ("BR-DEC-06" if each.is_charge else "BR-DEC-02"), f"the base of {noun}", each.base
    totals = e.totals
    yield from (
        ("BR-DEC-09", "the sum of the lines", totals.lines),
        ("BR-DEC-10", "the sum of the allowances", totals.allowances),
        ("BR-DEC-11", "the sum of the charges", totals.charges),
        ("BR-DEC-12", "the total without VAT", totals.net),
        ("BR-DEC-13", "the VAT in all", totals.tax),
        ("BR-DEC-14", "the total with VAT", totals.gross),
        ("BR-DEC-16", "what was paid", totals.prepaid),
        ("BR-DEC-17", "the rounding", totals.rounding),
        ("BR-DEC-18", "the amount due", totals.payable),
    )
    for row in e.taxes:
        yield "BR-DEC-19", f"the taxable amount of category {row.category}", row.base
        yield "BR-DEC-20", f"the VAT of category {row.category}", row.tax
    for line in e.lines:
        yield "BR-DEC-23", f"the net amount of line {line.id}", line.net
        for each in line.adjustments:
            noun = f"{'a charge' if each.is_charge else 'an allowance'} of line {line.id}"
            yield ("BR-DEC-27" if each.is_charge else "BR-DEC-24"), noun, each.amount
            yield ("BR-DEC-28" if each.is_charge else "BR-DEC-25"), f"the base of {noun}", each.base
