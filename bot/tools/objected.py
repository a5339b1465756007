"""How much of which lines of an invoice the customer objects to, by what their words name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from bot.embedded.entities import figures
from bot.embedded.mentions import AmountSaid, Mentions, QuantitySaid
from bot.tools.products import lines_meant
from bot.tools.said import in_currency
from o2c_core.cases.dispute import line_minor
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.money import Money

_WHOLE = re.compile(
    r"\b(?:whole|entire|complete(?:ly)?|full) (?:invoice|bill|amount|thing)|\bhele (?:factuur|bedrag|rekening)"
    r"|\bvolledige (?:factuur|bedrag)|\b(?:ganze|gesamte|komplette|vollständige)[nrs]? (?:rechnung|betrag)"
    r"|\btoute la facture"
    r"|\bfacture (?:enti[èe]re|compl[èe]te)|\bmontant total",
    re.IGNORECASE,
)
_TWICE = re.compile(
    r"\b(?:twice|double|two times|dubbel|twee ?(?:keer|maal)|doppelt|zweimal|deux fois|le double)\b", re.IGNORECASE
)
_SHOULD_BE = re.compile(
    r"\b(?:should (?:be|have been|cost)|agreed|quoted|instead of|supposed to|moet(?:en)? zijn|zou(?:den)? (?:zijn"
    r"|kosten)"
    r"|afgesproken|in plaats van|offerte|vereinbart|sollten?|anstatt|statt|angeboten|convenu|devrait|au lieu de"
    r"|devis|pr[ée]vu)\b",
    re.IGNORECASE,
)


_PRICE = re.compile(
    r"\b(?:prices?|priced|charged?|cost|prijs|prijzen|rekenen|berekend|kosten?|preise?|berechnet|prix|factur[ée]e?"
    r"|co[uû]te)\b",
    re.IGNORECASE,
)
_PLACE_BEFORE = re.compile(
    r"\b(?:lines?|regels?|zeilen?|positionen?|pos\.?|lignes?|items?|rows?|rij)\s$", re.IGNORECASE
)
_FIGURE = re.compile(r"(?<![\w.,/-])\d{1,6}(?:[.,]\d{1,2})?(?![\w%/-]|[.,]\d)")


class NoSuchLineThere(Refused):
    """The invoice has no line of that number."""


class WhichLine(Refused):
    """It is not clear which line of the invoice is meant."""


class MoreThanOpen(Refused):
    """That is more than is open and undisputed on the invoice."""


class ObjectedAlready(Refused):
    """All of those lines are objected to already."""


@dataclass(frozen=True)
class OnLine:
    """What is objected to on one line, tax included; without a quantity it is about its price or all of it."""

    line: InvoiceLine
    minor: int
    quantity: Decimal | None = None
    is_whole: bool = False


@dataclass(frozen=True)
class Objection:
    """What is objected to: those lines, or without lines so much of the invoice; `is_all` is everything open."""

    minor: int
    lines: tuple[OnLine, ...] = ()
    is_all: bool = False


def with_prices(mentions: Mentions, words: str) -> Mentions:
    """The mentions with bare figures read as amounts, where the words say what a price should have been: "you charged 160
    a scale, we agreed 140", "the price should be 140 instead of 160"."""
    counted = [] if _PRICE.search(words) else list(mentions.quantities)
    if counted or any(one.unit for one in mentions.quantities) or not _SHOULD_BE.search(words):
        return mentions
    taken = [(span.start, span.end) for span in figures(words)]
    for day in mentions.days:
        at = words.lower().find(day.text.lower())
        taken.append((at, at + len(day.text)))
    bare = [
        AmountSaid(Decimal(one[0].replace(",", ".")), None, one[0])
        for one in _FIGURE.finditer(words)
        if not any(start < one.end() and one.start() < end for start, end in taken)
        and not _PLACE_BEFORE.search(words[: one.start()])
    ]
    found = (*mentions.amounts, *bare)
    return replace(mentions, amounts=found, quantities=()) if bare and len(found) <= 2 else mentions


def narrows(mentions: Mentions, words: str, lines: Sequence[InvoiceLine]) -> bool:
    """Whether the words name anything less, or more, than the invoice as it is."""
    return bool(
        mentions.line_numbers or mentions.quantities or mentions.amounts or _WHOLE.search(words) or _named(words, lines)
    )


def objection_of(
    invoice: Invoice, free_minor: int, taken: Mapping[UUID, int], mentions: Mentions, words: str
) -> Objection:
    """What those words object to. `taken` is what other objections have of each line, `free_minor` what is left of all.

    Raises: NoSuchLineThere; WhichLine; MoreThanOpen; ObjectedAlready.
    """
    if _WHOLE.search(words):
        return Objection(free_minor, is_all=True)
    lines = _lines_named(invoice.lines, mentions, words)
    quantities = [one for one in mentions.quantities if one.value >= 0 and one.kind != "wanted"]
    if not lines and quantities and not mentions.amounts:
        lines = _line_of(invoice.lines, quantities)
    if lines and not mentions.amounts:
        return _on_lines(invoice, free_minor, taken, _with_quantities(lines, quantities), words)
    amounts = [
        money.minor
        for one in mentions.amounts
        if (money := in_currency(one, invoice.currency)) is not None and money.minor > 0
    ]
    if amounts:
        return _on_amount(invoice, free_minor, taken, amounts, lines, words)
    return Objection(free_minor, is_all=True)


def _lines_named(lines: Sequence[InvoiceLine], mentions: Mentions, words: str) -> list[InvoiceLine]:
    at = {line.position: line for line in lines}
    if mentions.line_numbers:
        unknown = [number for number in mentions.line_numbers if number not in at]
        if unknown:
            raise NoSuchLineThere(line=unknown[0])
        return [at[number] for number in mentions.line_numbers]
    return _named(words, lines)


def _named(words: str, lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    found = lines_meant([line.description for line in lines], words, skus=[line.sku for line in lines])
    return [lines[at] for at in found]


def _line_of(lines: Sequence[InvoiceLine], quantities: Sequence[QuantitySaid]) -> list[InvoiceLine]:
    """The one line those quantities can be of; none where they may be of anything ("I called 3 times").

    Raises: WhichLine.
    """
    if len(lines) == 1:
        return [lines[0]]
    whole = {one.of for one in quantities if one.of is not None}
    fitting = [line for line in lines if line.quantity in whole]
    if len(whole) == 1 and len(fitting) == 1:
        return fitting
    if not lines or all(one.kind == "plain" for one in quantities):
        return []
    raise WhichLine


def _with_quantities(
    lines: Sequence[InvoiceLine], quantities: Sequence[QuantitySaid]
) -> list[tuple[InvoiceLine, Decimal | None]]:
    """Each line with how many of it are objected to; None for all of it, or where no quantity fits."""
    if len(lines) == 1 and quantities:
        fitting = [count for one in quantities if (count := _missing(one, lines[0])) is not None]
        return [(lines[0], fitting[0] if fitting else None)]
    if len(lines) == len(quantities):
        return [(line, _missing(one, line)) for line, one in zip(lines, quantities, strict=True)]
    return [(line, None) for line in lines]


def _missing(said: QuantitySaid, line: InvoiceLine) -> Decimal | None:
    """How many of the line are objected to: of "9 of 12" it is 3."""
    count = (said.of or line.quantity) - said.value if said.kind == "got" else said.value
    return count if 0 < count <= line.quantity else None


def _on_lines(
    invoice: Invoice,
    free_minor: int,
    taken: Mapping[UUID, int],
    lines: Sequence[tuple[InvoiceLine, Decimal | None]],
    words: str,
) -> Objection:
    """Raises: ObjectedAlready."""
    found: list[OnLine] = []
    for line, quantity in lines:
        whole = line_minor(line, invoice)
        left = whole - taken.get(line.id, 0)
        share = whole if quantity is None else _rounded(whole * quantity / line.quantity)
        is_whole = quantity is None or quantity == line.quantity
        if quantity is None and _TWICE.search(words) and len(lines) == 1:
            share, is_whole = whole // 2, False  # twice too much is half of what was charged
        minor = min(share, left)
        if minor > 0:
            found.append(OnLine(line, minor, quantity, is_whole and minor == whole))
    if not found:
        raise ObjectedAlready
    return _within(free_minor, found)


def _within(free_minor: int, found: Sequence[OnLine]) -> Objection:
    """Not more than is free: tax is rounded once per invoice, so that all lines may be a few cents more than there is;
    of a partly paid invoice what is left is objected to."""
    total = sum(one.minor for one in found)
    over = total - free_minor
    if over <= 0:
        return Objection(total, tuple(found))
    largest = max(found, key=lambda one: one.minor)
    if over > len(found) or largest.minor <= over:
        return Objection(free_minor, is_all=True)
    kept = tuple(
        OnLine(one.line, one.minor - over, one.quantity, one.is_whole) if one is largest else one for one in found
    )
    return Objection(free_minor, kept)


def _on_amount(
    invoice: Invoice,
    free_minor: int,
    taken: Mapping[UUID, int],
    amounts: Sequence[int],
    lines: Sequence[InvoiceLine],
    words: str,
) -> Objection:
    """Raises: MoreThanOpen."""
    line = lines[0] if len(lines) == 1 else _charged_at(invoice, amounts) if len(amounts) > 1 and not lines else None
    minor = amounts[0]
    if _SHOULD_BE.search(words) or len(amounts) > 1:
        minor = _too_much(invoice, line, amounts) or minor
    if line is not None:
        left = line_minor(line, invoice) - taken.get(line.id, 0)
        if 0 < minor <= min(left, free_minor):
            return Objection(minor, (OnLine(line, minor, None, minor == line_minor(line, invoice)),))
    if minor in (free_minor, invoice.total_minor):
        return Objection(free_minor, is_all=True)
    if minor > free_minor:
        raise MoreThanOpen(claimed=minor, left=free_minor)
    return Objection(minor)


def _charged_at(invoice: Invoice, amounts: Sequence[int]) -> InvoiceLine | None:
    """The only line with that price, of which another is named beside it."""
    named = max(amounts)
    fitting = [one for one in invoice.lines if Money.rounded(one.unit_price, invoice.currency).minor == named]
    return fitting[0] if len(fitting) == 1 and named != invoice.total_minor else None


def _too_much(invoice: Invoice, line: InvoiceLine | None, amounts: Sequence[int]) -> int | None:
    """What was charged too much, where the words name what it should have been: per piece, for the line, or in all."""
    right = min(amounts)
    if line is None:
        charged = invoice.total_minor
        return charged - right if right < charged else None
    whole = line_minor(line, invoice)
    per_piece = Money.rounded(line.unit_price, invoice.currency).minor
    is_per_piece = line.quantity > 1 and right < per_piece
    if is_per_piece:
        return _rounded(Decimal(whole) * (per_piece - right) / per_piece)
    return whole - right if right < whole else None


def _rounded(minor: Decimal) -> int:
    return int(minor.quantize(Decimal(1), ROUND_HALF_UP))
