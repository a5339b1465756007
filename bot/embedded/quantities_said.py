"""How many of something a message says there are, were missing or are wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.embedded.entities import figures
from bot.embedded.folded import folded
from bot.embedded.number_words import number_in_words

Place = tuple[int, int]
Kind = Literal["got", "missing", "wanted", "plain"]

TEXT_MAX = 2000  # characters that are read

# Words up to twenty; larger quantities are written in figures. "One" and "a" count nothing.
_SPELLED = (
    "two three four five six seven eight nine ten eleven twelve fifteen twenty twee drie vier vijf zes zeven acht negen tien elf"
    " twaalf vijftien twintig zwei drei funf sechs sieben neun zehn zwolf funfzehn zwanzig deux trois quatre cinq sept huit neuf"
    " dix onze douze quinze vingt none"
)
_NUMBER = rf"(?:\d{{1,6}}(?:[.,]\d{{1,3}})?|(?:{'|'.join(sorted(_SPELLED.split(), key=len, reverse=True))}))(?![\w%])"
_UNIT = (
    r"(?:pieces?|pcs|units?|items?|box(?:es)?|bags?|sacks?|bottles?|cans?|rolls?|pallets?|cases?|crates?"
    r"|cartons?|packs?|pairs?|sets?"
    r"|dozen|kgs?|kilos?|kilogram(?:me|men|s)?|gram(?:me|m|s)?|gr?|tonn?e?s?|lit(?:er|re)s?|met(?:er|re)s?|m2|cm|x"
    r"|stuk(?:s|ken)?|stuck(?:e|s)?|st|do(?:os|zen)|zak(?:ken)?|fles(?:sen)?|blik(?:ken)?|rol(?:len)?"
    r"|krat(?:ten)?|pak(?:ken)?|paar"
    r"|emmers?|karton(?:s|nen)?|kisten?|sack|sacke|flaschen?|dosen?|rollen?|paletten?|packung(?:en)?|pakete?"
    r"|paare?|eimer"
    r"|pieces|cartons?|caisses?|sacs?|bouteilles?|boites?|rouleaux?|palettes?|paquets?|paires?|colis|kist"
    r"|chairs?|stoelen?|stuhle?|chaises?)"
)
_OF = (
    r"(?P<joint> (?:out )?of(?: the)? | van(?: de| die)? | uit | von(?: den)? | sur(?: les)? | des "
    r"| instead of(?: the)? "
    r"| rather than | in plaats van(?: de)? | ipv | i\.p\.v\. | statt | anstatt | anstelle von | au lieu de(?:s)? |/)"
)
_INSTEAD = re.compile(r"instead|rather|plaats|ipv|i\.p\.v|statt|anstelle|lieu")
_OF_MANY = re.compile(rf"(?<![\w.,/-])(?P<value>{_NUMBER})(?: (?P<unit>{_UNIT})(?!\w))?{_OF}(?P<of>{_NUMBER})(?!/)")
# "15 tins instead of 12", "15 bakblikken maken ipv 12": what they are stands between.
_INSTEAD_OF = re.compile(
    rf"(?<![\w.,/-])(?P<value>{_NUMBER})(?: [^\W\d_][\w-]*){{1,4}}"
    r" (?:instead of(?: the)?|rather than|in plaats van(?: de)?|ipv|i\.p\.v\.|statt|anstatt|anstelle von|au lieu de(?:s)?)"
    rf" (?P<of>{_NUMBER})(?!/)"
)
_WITH_UNIT = re.compile(
    rf"(?<![\w.,/#-])(?P<value>{_NUMBER.replace('(?![', '(?!(?![a-z])[')}) ?(?P<unit>{_UNIT})(?!\w)"
)
_SHORT_AFTER = (
    r"(?: (?:\w+ ){0,2}?(?:are |is |were |was |zijn |ontbreken er |sind |sont )?(?:still |nog |noch |encore )?"
    r"(?:short|missing|too few|te weinig|tekort|te kort|zu wenig|zuwenig|ontbreken|ontbreekt|ontbraken|missen"
    r"|mis ik|kwijt|weg"
    r"|fehlen|fehlt|fehlten|manquants?|manquantes?|manquent|manque|en moins|de moins|trop peu)(?!\w))"
)
_SHORT = re.compile(rf"(?<![\w.,/#-])(?P<value>{_NUMBER})(?: (?P<unit>{_UNIT})(?!\w))?{_SHORT_AFTER}")
_SHORT_BEFORE = re.compile(
    r"(?<!\w)(?:missing|short (?:of|by)|lacking|we mis(?:sen)?|ik mis|mis(?:sen)?(?: er)?|ontbreken(?: er)?"
    r"|ontbreekt(?: er)?|fehlen"
    r"(?: mir| uns)?|es fehlen(?: mir| uns)?|manque(?:nt)?(?: encore)?|tekort van)"
    rf" (?:nog |noch |still )?(?P<value>{_NUMBER})(?: (?P<unit>{_UNIT})(?!\w))?"
)
_ONLY = re.compile(
    r"(?<!\w)(?:only|just|maar|slechts|enkel|alleen|nur|lediglich|blo(?:ss|ß)|seulement|que)"
    r"(?: (?:got|received|have|had|saw|counted|gekregen|ontvangen|geleverd|erhalten|bekommen|geliefert|recu"
    r"|re[cu]u?))?"
    rf" (?P<value>{_NUMBER})(?: (?P<unit>{_UNIT})(?!\w))?"
)
_GOT = re.compile(
    r"(?<!\w)(?:got|received|receive|arrived|delivered|came|counted|sent (?:me|us)|ontvangen|ontving(?:en)?"
    r"|gekregen|kreeg|kregen"
    r"|geleverd|binnengekomen|geteld|erhalten|bekommen|geliefert|angekommen|bekam|recus?|recues?|livres?"
    r"|livrees?|arrives?)(?!\w)"
)
_WANTED = re.compile(
    r"(?<!\w)(?:want|need|order(?!s|ed)|would like|i'd like|like to have|change|make (?:it|that"
    r"|them)|increase|reduce|raise"
    r"|add|wil(?:len)?|graag|nodig|bestel(?:len)?|maak (?:er|het|dat|daar)|verander|wijzig(?:en)?|verhoog"
    r"|verlaag|verminder|toevoegen"
    r"|mochten?|brauchen?|bestellen?|andern?|andere|erhohen?|reduzieren?|hinzufugen|veux|voudrais|voulons"
    r"|souhaite|besoin|commander"
    r"|modifie[rz]?|changer|passe[rz]? (?:a|de)|ajoute[rz]?|mette[zr]|augmente[rz]?|redui(?:re|sez))(?!\w)"
)
_AFTER_VERB = re.compile(
    r"(?<!\w)(?:make (?:it|that|them)|change (?:it |that |the quantity )?to|maak (?:er|het|dat|daar)(?: \w+){0,2}?"
    r"|wijzig(?:en)? naar|verander(?:en)? (?:naar|in)|andern (?:auf|in|zu)|erhohen auf|reduzieren auf"
    r"|passe[rz]? (?:a|de)|mette[zr])"
    rf" (?P<value>{_NUMBER})(?: (?P<unit>{_UNIT})(?!\w))?"
)
_GOT_NUMBER = re.compile(
    r"(?<!\w)(?:got|received|counted|ontving(?:en)?|kreeg|kregen|heb(?:ben)? er|erhielten|erhielt|bekam|bekamen"
    r"|recu|recus)"
    rf"(?: (?:er|only|just|maar|nur|que))? (?P<value>{_NUMBER})(?: (?P<unit>{_UNIT})(?!\w))?"
    rf"|(?<![\w.,/#-])(?P<value2>{_NUMBER}) (?:ontvangen|gekregen|geleverd|erhalten|bekommen|geliefert|received"
    rf"|delivered|recus|arrived)(?!\w)"
)
_BROKEN = re.compile(
    r"(?<!\w)(?:broken|damaged|defect\w*|faulty|kapot\w*|stuk(?! )|beschadigd\w*|kaputt|beschadigt\w*|casse\w*"
    r"|endommage\w*|abime\w*)"
)
_SENTENCE_END = re.compile(r"[.!?;\n](?!\d)")


@dataclass(frozen=True)
class QuantitySaid:
    """A quantity as it was said: "9 of 12" came, "3 te weinig" are missing, "make it 20" is wanted."""

    value: Decimal
    of: Decimal | None
    unit: str | None
    text: str
    kind: Kind = "plain"


_PATTERNS: tuple[tuple[re.Pattern[str], Kind | None], ...] = (
    (_OF_MANY, None),
    (_INSTEAD_OF, None),
    (_SHORT, "missing"),
    (_SHORT_BEFORE, "missing"),
    (_ONLY, "got"),
    (_AFTER_VERB, "wanted"),
    (_GOT_NUMBER, "got"),
    (_WITH_UNIT, None),
)


def quantities_said(text: str) -> tuple[QuantitySaid, ...]:
    """The quantities in the text, in order. Broken things are plainly counted: they came, though not as they should."""
    return tuple(said for _, said in quantities_found(text))


def quantities_found(text: str, *, taken: tuple[Place, ...] = ()) -> tuple[tuple[Place, QuantitySaid], ...]:
    """The quantities with where they stand; `taken` are places that mean something else, such as days and amounts."""
    text = text[:TEXT_MAX]
    small = folded(text)
    closed = [*taken, *((span.start, span.end) for span in figures(text))]
    found: list[tuple[Place, QuantitySaid]] = []
    for pattern, kind in _PATTERNS:
        for match in pattern.finditer(small):
            groups = match.groupdict()
            value = _number(groups["value"] or groups.get("value2") or "")
            of = _number(groups.get("of") or "")
            start, end = match.start("value") if groups["value"] else match.start(), match.end()
            if value is None or any(start < other[1] and other[0] < end for other in closed):
                continue
            if pattern is _OF_MANY and not _is_part(groups["joint"], value, of):
                continue
            closed.append((start, end))
            around = _sentence(small, start, end)
            said = QuantitySaid(value, of, groups.get("unit"), text[start:end].strip(), kind or _kind(match, around))
            found.append(((start, end), said))
    return tuple(sorted(found, key=lambda one: one[0]))


def _is_part(joint: str, value: Decimal, of: Decimal | None) -> bool:
    """Whether "9 of 12" is a part of a whole; "20 instead of 12" may be more, "24/7" and "3 van 2" are nothing."""
    return of is not None and (_INSTEAD.search(joint) is not None or value <= of)


def _kind(match: re.Match[str], around: str) -> Kind:
    if match.re is _OF_MANY and re.search(_SHORT_AFTER, around):
        return "missing"
    if _BROKEN.search(around):
        return "plain"
    if _WANTED.search(around) and not _GOT.search(around):
        return "wanted"
    if match.re is _INSTEAD_OF:
        return "got" if _GOT.search(around) else "wanted"
    return "got" if match.re is _OF_MANY or _GOT.search(around) else "plain"


def _sentence(small: str, start: int, end: int) -> str:
    """The sentence a place is in."""
    before = [found.end() for found in _SENTENCE_END.finditer(small, 0, start)]
    after = _SENTENCE_END.search(small, end)
    return small[before[-1] if before else 0 : after.start() if after else len(small)]


def _number(said: str) -> Decimal | None:
    if not said:
        return None
    if said[0].isdigit():
        return Decimal(said.replace(",", "."))
    number = 11 if said == "onze" else number_in_words(said)
    return Decimal(number) if number else None
