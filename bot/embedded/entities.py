"""Which document numbers a message names, and whether it means the last one or all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["order", "invoice", "shipment", "purchase_order"]


@dataclass(frozen=True)
class Reference:
    """A document number as it was written; `kind` only where the words in front of it say so."""

    text: str
    kind: Kind | None = None


@dataclass(frozen=True)
class References:
    numbers: tuple[Reference, ...] = ()
    is_last: bool = False
    is_all: bool = False


@dataclass(frozen=True)
class Span:
    """A piece of a message that is a figure of some sort, and of which sort."""

    what: str
    start: int
    end: int
    reference: Reference | None = None


_MONTHS = (
    r"jan(?:uary|uari|uar|vier)?|feb(?:ruary|ruari|ruar)?|f[ée]v(?:rier)?|mar(?:ch|s)?|maart|mrt|m[äa]rz|apr(?:il)?|avr(?:il)?"
    r"|may|mei|mai|jun[ie]?|juin|jul[iy]?|juil(?:let)?|aug(?:ust(?:us)?)?|ao[uû]t|sept?(?:ember|embre)?|o[kc]t(?:ober|obre)?"
    r"|nov(?:ember|embre)?|d[eé][czk](?:ember|embre)?"
)
_CURRENCY = (
    r"(?:[€$£]|(?<![^\W\d])(?:eur|euros?|usd|gbp|chf|sek|dkk|nok|pln|francs?|franken|pounds?|dollars?|pond|quid)"
    r"(?![^\W\d]))"
)
_UNITS = (
    r"st(?:uks?|ück|\.)?|pieces?|pcs|units?|pi[eè]ces?|box(?:es)?|doz(?:en|ens)|dozijn|chairs?|stoelen|stühle|chaises|pallets?|paletten"
    r"|palettes?|kisten?|kartons?|cartons?|crates?|kratten|zakken|bags?|sacks?|säcke|sacs|flessen|bottles|flaschen|bouteilles|rolls?|rollen"
    r"|kg|kilos?|gra?m|liters?|litres?|mm|cm|m2|km|dagen|days?|tage|jours|weken|weeks?|wochen|semaines|uur|hours?|stunden|heures"
    r"|minute[ns]?|minuten|maanden|months?|monate|mois|jaar|years?|jahre?|ans|keer|times|mal|fois|invoices|orders|facturen|bestellingen"
    r"|rechnungen|bestellungen|factures|commandes|people|mensen|packs?|pakken|x|%|procent|percent|prozent|pour"
)

# What is certainly not a document number, looked for in this order; each is also hidden from the model behind one word.
_OTHER_FIGURES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern, re.IGNORECASE))
    for what, pattern in (
        ("link", r"\bhttps?://\S{1,500}|\bwww\.\S{1,300}"),
        ("email", r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"),
        ("account", r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){3,7}(?:\s?[a-z0-9]{1,3})?\b"),
        ("account", r"\b(?:NL\d{9}B\d{2}|(?:DE|BE|AT|FR)[A-Z0-9]?\d{8,11})\b"),
        ("date", r"\b(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b"),
        ("date", r"\b(?:0?[1-9]|[12]\d|3[01])\s?[-/.]\s?(?:0?[1-9]|1[0-2])\s?[-/.]\s?(?:(?:19|20)\d{2}|\d{2})\b"),
        ("date", r"\b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:(?:19|20)\d{2}|\d{2})\b"),
        (
            "date",
            rf"\b\d{{1,2}}(?:st|nd|rd|th|e|er|\.)?\s(?:of\s)?(?:{_MONTHS})\b\.?(?:\s'?(?:19|20)?\d{{2}}\b(?![.,]\d))?",
        ),
        (
            "date",
            rf"\b(?:{_MONTHS})\b\.?\s(?:\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s(?:19|20)\d{{2}}\b)?|(?:19|20)\d{{2}}\b)",
        ),
        ("date", r"\b(?:0?[1-9]|1[0-2])[-/](?:19|20)\d{2}\b"),
        ("amount", rf"{_CURRENCY}\s?-?\d{{1,9}}(?:[ .,'\u00a0\u202f]\d{{3}})*(?:[.,](?:\d{{1,2}}|-+))?\b"),
        ("amount", rf"\b\d{{1,9}}(?:[ .,'\u00a0\u202f]\d{{3}})*(?:[.,](?:\d{{1,2}}|-+))?\s?{_CURRENCY}"),
        (
            "amount",
            r"(?<![\w/-])\d{1,3}(?:[.,']\d{3})+(?:[.,]\d{1,2})?(?![\w/-])|(?<![\w/.-])\d{1,7}[.,](?:\d{2}|-)(?![\w/-]|[.,]\d)",
        ),
        ("postcode", r"\b(?!ORD|INV)[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"),
        ("phone", r"(?<![\w-])\(?(?:\+|00\s?)[1-9]\d{0,2}\)?(?:[\s()./-]{0,2}\d){7,12}(?![\w-])"),
        ("phone", r"(?<![\w/#-])\(?0[1-9]\d{0,3}\)?(?:[\s./-]{0,1}\d){6,10}(?![\w-])"),
    )
)

_KEYWORDS: tuple[tuple[Kind, str], ...] = (
    (
        "purchase_order",
        r"purchase\s?orders?|p\.?o\.?'?s?|inkoop(?:order|nummer)s?|bestelbon(?:nen|s)?|bons? de commande",
    ),
    (
        "order",
        r"(?:sales\s?|verkoop)?orders?|ord|bestel(?:ling(?:en)?)?|best|bestellung(?:en)?|auftr[aä]ge?s?|commandes?|cmde?|cde",
    ),
    ("order", r"(?:order|bestel|bestell|auftrags)(?:nummers?|nummern|nrs?|num)"),
    ("invoice", r"invoices?|inv|bills?|factu(?:ur|ren)|fact|fac|ftr|rechnung(?:en)?|rg|rechn|re|factures?|nota"),
    ("invoice", r"(?:factuur|faktuur|rechnungs)(?:nummers?|nummern|nrs?|num)"),
    (
        "shipment",
        r"tracking(?:\s?(?:number|code|id|nummer|nr))?|track\s?(?:&|and|en)\s?trace(?:[\s-]?code)?|track(?:code|nummer)",
    ),
    (
        "shipment",
        r"parcels?|shipments?|consignments?|pakket(?:je|ten)?|zending(?:en|snummer)?|pakete?|sendung(?:en|snummer|snr)?",
    ),
    (
        "shipment",
        r"colis|envois?|suivi|num[ée]ro de suivi|postnl|dhl|dpd|gls|ups|fedex|bpost|tnt|colissimo|chronopost|hermes",
    ),
)
# Codes that are no words.
_CODES: dict[str, Kind] = {"so": "order", "fa": "invoice", "fc": "invoice", "vf": "invoice"}
_FILLER = (
    r"(?:[\s.:#=(-]|n°|nº|\b(?:no|nr|nos|nrs|num|number|numbers|nummer|nummers|nummern|num[ée]ros?|met|with|mit|avec|is|ist|est"
    r"|the|the one|van|de|le|van ons)\b){0,8}"
)
_KIND_OF_GROUP = {f"k{place}": kind for place, (kind, _) in enumerate(_KEYWORDS)}
_KEYWORD_BEFORE = re.compile(
    rf"(?<!\w)(?:{'|'.join(f'(?P<k{place}>{words})' for place, (_, words) in enumerate(_KEYWORDS))}){_FILLER}$",
    re.IGNORECASE,
)
_MARKED_NUMBER = re.compile(
    r"(?:n°|nº|#|\b(?:no|nr|num|number|nummer|num[ée]ro|[a-z]+nummer|[a-z]+nr))[\s.:]{0,3}$", re.IGNORECASE
)
_NOT_A_DOCUMENT_BEFORE = re.compile(
    r"(?:\b(?:art(?:icles?|ikel[sn]?)?|items?|sku|lines?|regels?|zeilen?|positionen?|pos|lignes?|product(?:en|s)?|produkte?"
    r"|model+|mod[eè]le|(?:articl?e|artikel|klant|customer|kunden|client|debiteur(?:en)?)[\s-]?(?:nummers?|numbers?|nr|no|code)"
    r"|num[ée]ro (?:de )?client|customer|klant|kunde|client|debiteur|compte|kvk|vat|btw|ust|tva|siren|siret|iso|din|nen|en-?iso"
    r"|box|postbus|postfach|boite postale|bp|bel(?:len)?(?: (?:me|mij))?(?: op)?|call(?: me)?(?: (?:on|at))?"
    r"|tel(?:efoon|efon|ephone)?|t[ée]l(?:[ée]phone)?|phone|mobiel|mobile|gsm|fax|postcode|zip|plz|code postal|pin"
    r"|year|jaar|jahr|ann[ée]e|since|sinds|seit|depuis)"
    r"|(?:straat|street|stra(?:ß|ss)e|str\.|laan|plein|weg|gasse|\brue(?: \w+){1,3}|\broad|\bavenue|\blane))[\s.:#,-]{0,3}$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"""(?:(?<![\w@])|(?<=[º°]))(?P<hash>\#\s?)?
    (?P<body>
        (?P<letters>[A-Za-z]{1,6})(?P<joint>[-_/.–‑]|\s(?=\d{3}))?
        (?P<digits>20\d\d\s\d{3,6}(?![\w./-])|\d[A-Za-z0-9]{0,24}(?:(?:[-_.–‑]|/(?![A-Za-z]+[-_]?\d))[A-Za-z0-9]{1,24}){0,4})
      | (?P<plain>\d[A-Za-z0-9]{0,24}(?:[-_/–‑][A-Za-z0-9]{1,24}){0,4})
    )(?![\w@])""",
    re.VERBOSE,
)
# Codes that stand in front of a number with a space between; other short words in front of a number are just words.
_SPACED_CODE = re.compile(r"(?:SO|PO|INV|ORD|CN|RE|RG|FA|FC|CMD|CDE|VF|VO|IO)")
_HYPHENS = str.maketrans("–‑", "--")
# Numbers that carriers give out: PostNL, UPS, DHL, and any post office's by the rule of the Universal Postal Union (S10).
_CARRIERS_NUMBER = re.compile(
    r"\b(?:3S[A-Z0-9]{9,15}|1Z ?[A-Z0-9]{3} ?[A-Z0-9]{3} ?[A-Z0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}|J(?:JD|VGL)[0-9]{8,20}"
    r"|[A-Z]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[A-Z]{2})\b"
)
# A round figure right behind one of these is an amount; any other may be the number of what was paid.
_PAID_BEFORE = re.compile(
    r"\b(?:pay|paid|transfer(?:red)?|betaal(?:d)?|betalen|overgemaakt|zahle|bezahlt?|überwiesen|überweise|paie|payé|payer|viré)\s$",
    re.IGNORECASE,
)
_POSTCODE_AFTER = re.compile(r"\s?(?!SO\b|PO\b|IS\b|EN\b)[A-Z]{2}\b(?!\w)")
_JOINED = re.compile(
    r"[\s,&+/;]*(?:\b(?:and|en|und|et|or|of|oder|ou|plus|also|ook|auch|aussi)\b)?[\s#]*", re.IGNORECASE
)
_CITY_BEFORE = re.compile(r"(?:,|\b(?:in|nach|te|à|a|naar|to|d|f)[\s-])\s?$", re.IGNORECASE)
_UNIT_AFTER = re.compile(rf"\s?(?:{_UNITS})(?!\w)", re.IGNORECASE)
_DECIMAL_AFTER = re.compile(r",\d(?!\d)")

# "Last" before one of these is about time, not about a document.
_NOT_THE_LAST = (
    r"week|month|year|quarter|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday|time|reminder|days|weeks|months|few|\d"
    r"|keer|tijd|dagen|maand|weken|maanden|kwartaal|jaar|herinnering|woche|monat|jahr|quartal|mal|tage|wochen|monate|zeit|mahnung"
    r"|semaine|mois|ann[ée]e|fois|jours?|temps|rappel"
)
_LAST = re.compile(
    r"\b(?:last|latest|newest|most recent|laatste|meest recente|recentste|nieuwste|letzten?[rms]?|neue?ste[rnms]?"
    r"|jüngste[rnms]?|zuletzt|(?<!semaine )(?<!mois )(?<!année )(?<!annee )(?<!fois )derni[eè]re?s?|plus récente?)"
    rf"\b(?!\s(?:{_NOT_THE_LAST})\b)",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:all(?!\s(?:day|the time|right|i|we)\b)(?:es?|en|er)?|every|each|both|beide[nrs]?|allebei|elke|ieder[e]?"
    r"|jede[rnms]?|sämtliche[nrs]?|tou(?:s|tes)(?!\s(?:les jours))|chacune?|les deux|chaque)\b"
    r"(?!\s(?:goed|right|ok[ée]?|klar|gut)\b)",
    re.IGNORECASE,
)


def find_references(text: str) -> References:
    """The document numbers of a message, in order and once; not amounts, dates, phones, postcodes or quantities."""
    numbers = dict.fromkeys(span.reference for span in figures(text) if span.reference is not None)
    return References(tuple(numbers), is_last=_LAST.search(text) is not None, is_all=_ALL.search(text) is not None)


@lru_cache(maxsize=1024)
def figures(text: str) -> tuple[Span, ...]:
    """Every figure in the message: document numbers with their reference, and the rest by what they are."""
    taken = [
        Span("number", found.start(), found.end(), Reference(found[0], "shipment"))
        for found in _CARRIERS_NUMBER.finditer(text)
        if any(character.isdigit() for character in found[0][2:])
    ]
    for what, pattern in _OTHER_FIGURES:
        for found in pattern.finditer(text):
            start, end = found.span()
            if any(start < other.end and other.start < end for other in taken):
                continue
            if what in ("phone", "account", "postcode") and _kind_before(text[:start]) is not None:
                continue  # "invoice 0612345678": the words in front say what it is
            taken.append(Span(what, start, end))
    taken.extend(_documents(text, tuple(taken)))
    return tuple(sorted(taken, key=lambda span: span.start))


def _documents(text: str, taken: tuple[Span, ...]) -> Iterator[Span]:
    previous: Span | None = None
    position = 0
    while (found := _NUMBER.search(text, position)) is not None:
        start, end = found.span()
        position = end
        if found["joint"] and found["joint"].isspace() and not _SPACED_CODE.fullmatch(found["letters"]):
            position = found.start("digits")  # "order 1003": the word is not part of the number
            continue
        if any(start < other.end and other.start < end for other in taken):
            continue
        kind = _kind_of(found, text, previous)
        if kind != "no":
            spelling = found["body"].rstrip("-_/.").translate(_HYPHENS)
            previous = Span("number", start, end, Reference(spelling, kind))
            yield previous


def _kind_of(found: re.Match[str], text: str, previous: Span | None) -> Kind | Literal["no"] | None:
    """What the words say this number is of; "no" when it is no document number at all."""
    before, after = text[max(0, found.start() - 60) : found.start()], text[found.end() : found.end() + 20]
    digits = sum(character.isdigit() for character in found["body"])
    is_marked = bool(found["hash"]) or _MARKED_NUMBER.search(before) is not None
    kind = _kind_before(before)
    # "Invoice 42" is how people say INV-2026-0042; "order 12" is as often how many they want.
    is_spoken = digits == 2 and kind == "invoice" and not _UNIT_AFTER.match(after)
    if digits < 3 and not is_marked and not found["letters"]:
        return kind if is_spoken else "no"
    is_postcode = digits == 4 and found["plain"] == found["body"] and _POSTCODE_AFTER.match(after) is not None
    if (
        kind is None
        and not is_postcode
        and previous is not None
        and previous.reference
        and _JOINED.fullmatch(text[previous.end : found.start()])
    ):
        kind = previous.reference.kind  # "orders 1003 and 1004"
    if found["letters"]:
        return _kind_of_code(found, digits, kind, before)
    body = found["plain"]
    if _NOT_A_DOCUMENT_BEFORE.search(before) and kind is None and not found["hash"]:
        return "no"
    if is_marked:
        return kind
    if body.isdigit() and (_UNIT_AFTER.match(after) or (kind is None and _DECIMAL_AFTER.match(after))):
        return "no"
    if kind is not None:
        return kind if digits >= 3 else "no"
    return None if _looks_like_a_document(body, digits, before, after) else "no"


def _looks_like_a_document(body: str, digits: int, before: str, after: str) -> bool:
    """Whether a bare number, with nothing in front that explains it, is long enough and no year or postcode."""
    if not body.isdigit():
        if re.fullmatch(r"(?:19|20)\d{2}[-/_]\d{3,8}", body):
            return True
        return digits >= 6 and re.search(r"\d[-/_]\d{1,2}[-/_]", body) is None  # tracking codes
    if digits < 4 or re.fullmatch(r"(?:19|20)\d{2}", body):
        return False
    if re.fullmatch(r"\d{2,3}[05]0", body) and _PAID_BEFORE.search(before):
        return False
    if digits == 4 and _POSTCODE_AFTER.match(after):
        return False
    return not (digits in (4, 5) and _CITY_BEFORE.search(before) and re.match(r"\s[A-ZÀ-Ý]\w", after))


def _kind_of_code(found: re.Match[str], digits: int, kind: Kind | None, before: str) -> Kind | Literal["no"] | None:
    """The same for numbers that begin with letters: SO-1003, INV-2026-0042, C574019."""
    letters = found["letters"].lower()
    if letters in ("iso", "din", "nen", "a", "b", "q", "cs", "covid") and digits < 5:
        return "no"
    named = named_by_letters(found["body"])
    is_enough = digits >= 3 or (digits >= 1 and (named is not None or bool(found["hash"])) and bool(found["joint"]))
    if not is_enough or (kind is None and named is None and _NOT_A_DOCUMENT_BEFORE.search(before)):
        return "no"
    return kind or named


def named_by_letters(number: str) -> Kind | None:
    """What the letters a number begins with say it is of: SO-1003 is an order, INV-2026-0042 an invoice."""
    letters = re.match("[A-Za-z]*", number)
    assert letters is not None  # no letters match as well
    code = letters[0].lower()
    return _CODES.get(code) or _kind_before(code)


def _kind_before(before: str) -> Kind | None:
    found = _KEYWORD_BEFORE.search(before)
    return _KIND_OF_GROUP[found.lastgroup] if found and found.lastgroup else None
