"""The words by which a message points at documents that it does not name."""

from __future__ import annotations

import re

_NOUN = (
    r"(?:invoices?|bills?|orders?|shipments?|parcels?|deliver(?:y|ies)|factuur|facturen|rekening(?:en)?"
    r"|bestelling(?:en)?|zending(?:en)?"
    r"|pakket(?:je)?|levering(?:en)?|rechnung(?:en)?|bestellung(?:en)?|auftrage?|sendung(?:en)?"
    r"|lieferung(?:en)?|factures?|commandes?"
    r"|colis|envois?|livraisons?)"
)
_ENDS = r"(?= *(?:$|[^\w ]))"  # the noun is left out: "the last, please"
_PATTERNS = {
    "last": rf"(?:the )?(?:last|latest) ones?|the latter|the last{_ENDS}|(?:de|het) laatste{_ENDS}|laatstgenoemde"
    rf"|(?:die|das|den|der|dem) letzte[nrs]?{_ENDS}|letztere[rns]?|l[ae] derniere?{_ENDS}",
    "first": rf"(?:the )?first one|the former|the first{_ENDS}|(?:de|het) eerste{_ENDS}|eerstgenoemde"
    rf"|(?:die|das|den|der|dem) erste[nrs]?{_ENDS}|erstere[rns]?|l[ae] premiere?{_ENDS}",
    "both": r"both|beide[nrs]?|allebei|alle twee|alle zwei|les deux|the two(?: of them)?",
    "all": rf"all(?: of)?(?: (?:the|my|our|your|these|those|open|three|four|unpaid|overdue))* {_NOUN}"
    rf"|all(?: of)? (?:them|those|these)|them all"
    rf"|(?:every|each) (?:one|{_NOUN})|everything|all(?: three| four)?{_ENDS}|alle(?: (?:mijn|onze|drie|vier"
    rf"|deze|die|meine|unsere|drei"
    rf"|open\w*))* {_NOUN}|alle(?: drie| vier| drei)?{_ENDS}|allemaal|alles|samtliche[nrs]?"
    rf"|(?:tous|toutes)(?: (?:les|mes|nos|ces|trois))* {_NOUN}|tou(?:s|tes){_ENDS}",
    "other": r"(?:the|that|my|your|our) other(?: one|(?: \w+))?|another one|(?:de|die|het|mijn) andere|(?:die"
    r"|den|das|der|meine) andere[nrs]?"
    r"|l'autre|(?:mon|ma) autre",
    "rest": r"(?:and|en|und) rest"
    r"|(?:the|all the) (?:rest|remainder|remaining|others)|remainder|(?:de|het) (?:rest|restant|overige"
    r"|resterende)|der rest"
    r"|(?:den|dem) rest|restlichen?|restbetrag|le (?:reste|restant)|du reste",
    "that": rf"(?:that|this|these|those|the same|said) (?:same )?{_NOUN}|(?:that|this) one|(?:die|deze|dit|dat"
    rf"|diezelfde|dezelfde"
    rf"|bovenstaande|genoemde) (?:{_NOUN}|order)|(?:diese[rnms]?|jene[rnms]?|(?:die|der)selben?"
    rf"|genannten?) (?:{_NOUN}|order)"
    rf"|(?:ces|cette|cet|ce|ladite|(?:la|cette) meme) {_NOUN}|cell?e?s?-(?:ci|la)|celui-(?:ci|la)",
}
_POINTS = {name: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for name, pattern in _PATTERNS.items()}
_IT = {
    language: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
    for language, pattern in {
        "en": r"(?:it|its|them|that|this)(?! (?:week|month|year|morning|afternoon|time|way|day)(?!\w))",
        "nl": r"(?:hem|die|deze|dit|dat|'m|ervan|daarvan|erover|daarover|ervoor|daarvoor|ze)"
        r"(?! (?:week|maand|keer|dag|maandag|dinsdag|woensdag|donderdag|vrijdag|jaar|middag|ochtend)(?!\w))",
        "de": r"(?:sie|ihn|es|das|diese[rsn]?|davon|daruber|dafur|damit)(?! (?:woche|monat|jahr|mal|montag"
        r"|dienstag|mittwoch"
        r"|donnerstag|freitag)(?!\w))",
        "fr": r"(?:ca|cela|elle|celle-ci|celui-ci|(?:l'(?=ai|avons|a |as|envoyer|annuler|attends))"
        r"|l[ae](?= (?:payer|regler|paie|paye"
        r"|paierai|recevoir|voir|renvoyer|contester|conteste)))",
    }.items()
}


def points_of(small: str, language: str) -> frozenset[str]:
    """What the folded text points with: "last", "first", "all", "both", "that", "it", "other" and "rest"."""
    found = {name for name, pattern in _POINTS.items() if pattern.search(small)}
    if _IT.get(language, _IT["en"]).search(small):
        found.add("it")
    return frozenset(found)
