"""What in the words of a payment may be the number of an invoice, and what is something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from stdnum import iban as ibans

from o2c_core.invoices.reference import is_creditor_reference
from o2c_core.money import Money

RUNS_MAX = 300
JOINED_MAX = 6
CHARACTERS_MAX = 30
# A shorter number alone ("12") could be anything, unless the words call it an invoice.
DIGITS_MIN = 4


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INVOICE_WORDS = _words(
    "FACTUUR FACTUREN FACTUURNUMMER FACTUURNUMMERS FACTUURNR FACT FACTNR INVOICE INVOICES INV INVNO RECHNUNG RECHNUNGEN "
    "RECHNUNGSNUMMER RECHNUNGSNR RG RGNR FACTURE FACTURES FACTURENR BILL"
)
_NUMBER_WORDS = _words("NR NRS NO NOS NUMMER NUMMERS NUMBER NUMBERS NUM NUMERO")
_AND_WORDS = _words("EN AND UND ET OG Y E N PLUS")
_OTHER_WORDS = _words(
    "ORDER ORDERNR ORDERNUMMER ORDERNO BESTELLING BESTELNR BESTELNUMMER BESTELLUNG BESTELLNR COMMANDE PO KLANT KLANTNR "
    "KLANTNUMMER KUNDE KUNDENNR KUNDENNUMMER KDNR CUSTOMER CLIENT DEBITEUR DEBITEURNR DEBITEURNUMMER DEB ACCOUNT ACCT "
    "KONTO KTO REKENING REK COMPTE TEL PHONE MANDAAT MANDATE MANDAT CASE ZAAK DOSSIER TICKET CONTRACT POLIS KVK BTW VAT "
    "SIREN SIRET WEEK WK KW PASVOLGNR TERMINAL CARD PAS"
)
_MONTHS = (
    "januari|january|januar|janvier|jan|februari|february|februar|février|fevrier|feb|févr|maart|march|märz|maerz|mars|mrt"
    "|mar|april|avril|apr|avr|mei|may|mai|juni|june|juin|jun|juli|july|juillet|juil|jul|augustus|august|août|aout|aug"
    "|september|septembre|sept|sep|oktober|october|octobre|okt|oct|november|novembre|nov|december|dezember|décembre"
    "|decembre|dec|dez|déc"
)
# A date or amount that hangs on letters by a dash is part of a number: INV-2026-03-16.
_FREE = r"(?<![A-Za-z0-9])(?<![A-Za-z0-9][-/_])"
_END = r"(?![A-Za-z0-9])(?![-/_][A-Za-z0-9])"
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_NOT_NUMBERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_FREE}{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}(?:T[\d:.]+Z?)?{_END}",
        rf"{_FREE}{_DAY}[-/. ]{_MONTH}[-/. ](?:{_YEAR}|\d\d){_END}",
        rf"{_FREE}{_YEAR}[-/.](?:0[1-9]|1[0-2]){_END}",
        rf"{_FREE}(?:0?[1-9]|1[0-2])[-/.]{_YEAR}{_END}",
        # With its day or year only: letters that are also a month may begin a number (MAR-0042).
        rf"(?<![\w-]){_DAY}(?:e|er|st|nd|rd|th|\.)?[-\s]*(?:{_MONTHS})\.?(?:[-\s,]*'?(?:{_YEAR}|\d\d))?{_END}",
        rf"(?<![\w-])(?:{_MONTHS})\.?\s+{_DAY}(?:st|nd|rd|th)?(?:,?\s*{_YEAR})?{_END}",
        rf"(?<![\w-])(?:{_MONTHS})\.?\s*'?{_YEAR}{_END}",
        rf"{_FREE}\d{{1,2}}:\d\d(?::\d\d)?{_END}",
        r"(?:(?<!\w)(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|euros?)|[€$£])\s*\d[\d.,']*(?:[ ]\d{3}(?!\d))*",
        r"(?<!\w)\d[\d.,']*\s*(?:(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|euros?)(?!\w)|[€$£%])",
        rf"{_FREE}\d{{1,3}}(?:[.,' ]\d{{3}})*[.,]\d{{2}}{_END}",
        rf"{_FREE}\d+[.,]\d{{2}}{_END}",
        rf"{_FREE}\d{{1,3}}(?:[.,']\d{{3}})+{_END}",
        r"\+\d[\d ()-]{7,}\d",
    )
)
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ A-Za-z0-9])")
# What looks like an account of a SEPA country is none of our numbers, even where its check digits are wrong.
_IBAN_SHAPE = re.compile(
    r"(?:AD|AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GI|GR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MC|MT|NL|NO|PL|PT|RO|SE|SI|SK|SM|VA)"
    r"\d{2}(?:[A-Z0-9]{11,30}(?![A-Z0-9])|(?: [A-Z0-9]{4}){3,7}(?: [A-Z0-9]{1,3}(?![A-Z0-9]))?)",
    re.I,
)
_REFERENCE_START = re.compile(r"(?<![A-Za-z0-9])RF\d{2}(?=[ A-Za-z0-9])", re.IGNORECASE)
_RUN = re.compile(r"[A-Z]+|[0-9]+")
_BREAK = "\x00"


@dataclass(frozen=True, slots=True)
class Written:
    """A stretch of the words that may be a number: its letters and digits, and which runs of them it is made of.

    `is_bare` when it has no letters. A bare one `may_be_number` unless it is a year, a date, the amount, part of the
    payer's account, too short, or called something else than an invoice.
    """

    plain: str
    first: int
    last: int
    is_bare: bool
    may_be_number: bool


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a payment hold: structured references that are valid, and what may be numbers.

    `called` are the runs of digits that the words call an invoice.
    """

    references: tuple[str, ...]
    written: tuple[Written, ...]
    called: tuple[int, ...]


def read_words(text: str, amount: Money, payer_account: str | None) -> Words:
    """The references and possible numbers in what a payer wrote."""
    references, rest = _references(text)
    rest = _without_ibans(rest)
    for pattern in _NOT_NUMBERS:
        rest = pattern.sub(_BREAK, rest)
    runs = _runs(rest.upper())
    not_these = _amount_digits(amount)
    account = re.sub(r"[^A-Z0-9]", "", (payer_account or "").upper())
    written = tuple(_stretches(runs, not_these, account))
    called = tuple(
        at
        for at, run in enumerate(runs)
        if run.called == "invoice" and run.text.isdigit() and len(run.text) >= 3 and not _is_year(run.text)
    )
    return Words(references, written, called)


def spellings(words: Words, prefixes: Iterable[str]) -> set[str]:
    """The plain numbers to look for in the ledger: as written, and with a prefix the payer may have left out."""
    found = {one.plain for one in words.written if one.may_be_number}
    bare = [one.plain for one in words.written if may_lack_prefix(one)]
    return found | {prefix + plain for prefix in prefixes for plain in bare}


def may_lack_prefix(one: Written) -> bool:
    return one.is_bare and one.may_be_number and len(one.plain) >= DIGITS_MIN


def _references(text: str) -> tuple[tuple[str, ...], str]:
    """The valid structured references in the text, and the text without them."""
    found: list[str] = []
    kept, at = [], 0
    for start in _REFERENCE_START.finditer(text):
        if start.start() < at:
            continue
        end = _longest(text, start.start(), 25, is_creditor_reference)
        if end is not None:
            found.append("".join(text[start.start() : end].split()).upper())
            kept += [text[at : start.start()], _BREAK]
            at = end
    return tuple(dict.fromkeys(found)), "".join(kept) + text[at:]


def _without_ibans(text: str) -> str:
    kept, at = [], 0
    for start in _IBAN_START.finditer(text):
        if start.start() < at:
            continue
        end = _longest(text, start.start(), 34, lambda said: len(said) >= 15 and _is_iban(said))
        shape = _IBAN_SHAPE.match(text, start.start())
        if end is None and shape is not None:
            end = shape.end()
        if end is not None:
            kept += [text[at : start.start()], _BREAK]
            at = end
    return "".join(kept) + text[at:]


def _longest(text: str, start: int, characters_max: int, is_one: Callable[[str], bool]) -> int | None:
    """Where the longest stretch of words from `start` ends that is one, with its spaces left out."""
    bare, best, end = "", None, 0
    for word in re.finditer(r"[A-Za-z0-9]+| ", text[start : start + 2 * characters_max]):
        if word.start() != end:
            break
        end = word.end()
        bare += word[0].strip()
        if len(bare) > characters_max:
            break
        if word[0] != " " and is_one(bare):
            best = start + word.end()
    return best


def _is_iban(text: str) -> bool:
    return bool(ibans.is_valid(text, check_country=False))


@dataclass(frozen=True, slots=True)
class _Run:
    """Letters or digits in a row; `joint` is what stands before it: nothing, tight, loose, or a break."""

    text: str
    joint: str
    called: str | None
    is_word: bool


def _runs(text: str) -> list[_Run]:
    runs: list[_Run] = []
    called: str | None = None
    end = 0
    for found in _RUN.finditer(text):
        word = found[0]
        joint = _joint(text[end : found.start()]) if runs else "break"
        end = found.end()
        is_word = word in _INVOICE_WORDS or word in _NUMBER_WORDS
        if word in _INVOICE_WORDS:
            called = "invoice"
        elif word in _OTHER_WORDS:
            called = "other"
        elif word in _NUMBER_WORDS:
            called = called or "invoice"
        elif not word.isdigit() and word not in _AND_WORDS:
            called = None
        runs.append(_Run(word, joint, called, is_word))
        if len(runs) == RUNS_MAX:
            break
    return runs


def _joint(between: str) -> str:
    if between.strip(" \t\r\n-._/:#"):
        return "break"
    return "loose" if between.strip("-._") else "tight"


def _stretches(runs: list[_Run], amounts: frozenset[str], account: str) -> Iterator[Written]:
    for first in range(len(runs)):
        # Half of what hangs together is another number: XYZ-1042 does not name invoice 1042.
        if runs[first].joint == "tight" and not runs[first - 1].is_word:
            continue
        plain = ""
        for last in range(first, min(first + JOINED_MAX, len(runs))):
            if last > first and runs[last].joint == "break":
                break
            plain += runs[last].text
            if len(plain) > CHARACTERS_MAX:
                break
            if last + 1 < len(runs) and runs[last + 1].joint == "tight":
                continue
            if any(letter.isdigit() for letter in plain):
                is_bare = plain.isdigit()
                may_be = not is_bare or _may_be_number(plain, runs[first].called, amounts, account)
                yield Written(plain, first, last, is_bare, may_be)


def _may_be_number(plain: str, called: str | None, amounts: frozenset[str], account: str) -> bool:
    if called == "other" or _is_year(plain):
        return False
    if called == "invoice":
        return True
    return len(plain) >= DIGITS_MIN and not (plain in amounts or plain in account or _is_compact_date(plain))


def _is_year(plain: str) -> bool:
    return len(plain) == 4 and "1990" <= plain <= "2099"


def _is_compact_date(plain: str) -> bool:
    """Whether the digits could be a day: 20260316, 16032026, 160326, 260316; or a month: 202603, 032026."""
    if len(plain) == 8:
        return _is_day(plain[:4], plain[4:6], plain[6:]) or _is_day(plain[4:], plain[2:4], plain[:2])
    if len(plain) != 6:
        return False
    return (
        _is_day("20" + plain[4:], plain[2:4], plain[:2])
        or _is_day("20" + plain[:2], plain[2:4], plain[4:])
        or _is_day(plain[:4], plain[4:], "01")
        or _is_day(plain[2:], plain[:2], "01")
    )


def _is_day(year: str, month: str, day: str) -> bool:
    if not _is_year(year):
        return False
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _amount_digits(amount: Money) -> frozenset[str]:
    """How the amount itself reads when only its digits are left."""
    whole = str(int(amount.major))
    return frozenset({whole, str(amount.minor), str(amount.major).replace(".", "")})
