"""The words of four languages that days are said with, each with the sign the grammar of days knows it by.

A sign is one letter, so that a message becomes a short line of signs in which `days_said` looks for sayings:
W weekday · A short weekday · D today, tomorrow · M month · N number · O "15th" · Q "first" · Y year · X "3-4-2026"
n next · c coming · t this · l last · d day · K working day · B working · k week · m month · y year · w weekend · Z month-end
i within · a ago · v before (or ago) · f after · e end · s start · h middle · o, p, P words between (P: before a bare day)
u "a" · q a few · & another · ~ about · j now · 8 "en huit" · + words that may follow a bare day · g nouns that are counted
"""

from __future__ import annotations

import re
from functools import lru_cache

Word = tuple[str, int]

_WEEKDAYS = (
    "monday maandag montag lundi", "tuesday tues dinsdag dienstag mardi", "wednesday woensdag mittwoch mercredi",
    "thursday thurs donderdag donnerstag jeudi", "friday vrijdag vrydag freitag vendredi",
    "saturday zaterdag samstag sonnabend samedi", "sunday zondag sonntag dimanche",
)  # fmt: skip
_SHORT_WEEKDAYS = {
    "en": "mon tue wed thu fri sat sun", "nl": "ma di wo do vr za zo", "de": "mo di mi do fr sa so",
    "fr": "lun mar mer jeu ven sam dim",
}  # fmt: skip
_MONTHS = (
    "jan january januari januar janvier janv janner", "feb february februari februar fevrier fev fevr",
    "mar march maart mrt marz maerz mars mrz", "apr april avril avr", "may mei mai", "jun june juni juin",
    "jul july juli juillet juil", "aug august augustus aout", "sep sept september septembre",
    "oct okt october oktober octobre", "nov november novembre", "dec dez december dezember decembre",
)  # fmt: skip
_COUNTED = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
    "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien",
    "eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn",
    "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze",
)
_ORDINAL = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth",
    "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende veertiende vijftiende",
    "ersten zweiten dritten vierten funften sechsten siebten achten neunten zehnten elften zwolften dreizehnten"
    " vierzehnten funfzehnten",
    "premier",
)
_SIGNS = {
    "n": "next nxt volgende volgend nachsten nachste nachster nachstes nachstem naechsten naechste prochain prochaine",
    "c": "coming upcoming komende komend aanstaande aanst a_s_ eerstkomende eerstvolgende kommenden kommende kommender"
    " kommendes kommendem",
    "t": "this deze dit dieser diesen diese dieses diesem ce cet cette current lopende huidige laufenden",
    "l": "last past previous vorige vorig afgelopen verleden jl j_l_ laatstleden laatste letzten letzte letzter letztes"
    " vergangenen vergangene dernier derniere passe passee",
    "d": "day days dag dagen dgn tag tage tagen jour jours",
    "K": "workday workdays werkdag werkdagen werktag werktage werktagen werktags bankwerkdagen arbeitstage arbeitstagen",
    "B": "working business ouvres ouvre ouvrables ouvrable",
    "k": "week weeks wk wks weken weekje woche wochen semaine semaines kw",
    "m": "month months maand maanden mnd monat monate monaten monats mois",
    "y": "year years jaar jahr jahre jahres jahren annee annees",
    "w": "weekend week_end wochenende weekeinde",
    "Z": "maandeinde monatsende eom",
    "i": "in within binnen dans sous innerhalb ici",
    "a": "ago geleden terug",
    "f": "after na nach apres",
    "e": "end eind einde ende fin ultimo",
    "s": "start beginning begin early anfang beginn debut",
    "h": "mid middle halverwege medio midden mitte milieu half",
    "o": "v_d vd the of het der die das des la les l d van von de s",
    "p": "on by before until till op tegen uiterlijk per ab spatestens pour jusqu jusque du for from since sinds seit"
    " vanaf plus tard latest dated",
    "P": "am zum bis den dem vom le au",
    "u": "a an een ein eine einer einem un une",
    "&": "another more nog noch encore extra",
    "~": "around about roughly approximately approx ongeveer rond omstreeks circa ca etwa ungefahr zirka gegen vers environ"
    " maybe perhaps misschien wellicht vielleicht peut",
    "j": "now nu jetzt",
    "8": "en_huit",
    "+": "and or if because but please at with is then en als maar omdat is dan aan om met und oder wenn aber weil"
    " ist dann um mit et ou si mais car est alors via",
    "g": "invoice invoices bill reminder reminders order orders time times line lines delivery payment payments instalment"
    " installment letter email mail message call floor person part quarter party warning"
    " factuur facturen herinnering aanmaning bestelling keer maal regel levering betaling termijn brief bericht"
    " verdieping helft deel kwartaal rechnung mahnung bestellung mal zeile lieferung zahlung rate uhr stuck stock teil"
    " facture relance rappel commande fois ligne livraison paiement echeance lettre heures heure pieces etage moitie partie",
}
_FROM_TODAY = {
    0: "today 2day tonight vandaag vanavond vanmiddag vanochtend vanmorgen heute heut aujourd_hui auj ce_soir ce_matin",
    1: "tomorrow tomorow tommorow tommorrow tomorro tmrw tmr tmw 2morrow morgen morgenochtend morgenmiddag morgenavond"
    " morgenvroeg morge morgn demain demin",
    2: "overmorgen ubermorgen uebermorgen",
    -1: "yesterday yesteday yesturday gisteren gister gisteravond gisterenavond gisterochtend gistermiddag gestern",
    -2: "eergisteren vorgestern",
}
_FEW = {2: "couple_of a_couple_of", 3: "few a_few een_paar enkele ein_paar einigen einige wenigen quelques several"}
# "vor 3 Tagen" is ago, "vor Freitag" is before; "before 3 days" and "voor 3 dagen" are not ago.
_BEFORE = {1: "vor il_y_a", 0: "before voor avant"}
# Words that are next to a weekday by one letter, and are none.
_NO_WEEKDAYS = frozenset(["montage", "sundry", "sundae", "sundays", "friary"])


def _vocabulary() -> dict[str, Word]:
    words: dict[str, Word] = {}
    for sign, first, families in (("N", 1, _COUNTED), ("Q", 1, _ORDINAL)):
        for family in families:
            words |= {word: (sign, value) for value, word in enumerate(family.split(), first)}
    for sign, listed in _SIGNS.items():  # after the numbers, since "een" and "un" are articles first
        words |= dict.fromkeys(listed.split(), (sign, 0))
    for sign, first, lists in (("W", 0, _WEEKDAYS), ("M", 1, _MONTHS)):
        for value, names in enumerate(lists, first):
            words |= dict.fromkeys(names.split(), (sign, value))
    for sign, valued in (("D", _FROM_TODAY), ("q", _FEW), ("v", _BEFORE)):
        for value, names in valued.items():
            words |= dict.fromkeys(names.split(), (sign, value))
    return words


_ALL = _vocabulary()


def _of_language(language: str) -> dict[str, Word]:
    words = dict(_ALL)
    for value, name in enumerate(_SHORT_WEEKDAYS.get(language, _SHORT_WEEKDAYS["en"]).split()):
        words.setdefault(name, ("A", value))
    if language == "nl":
        words |= {"over": ("i", 0), "as": ("c", 0), "of": ("+", 0)}
    if language == "fr":
        words |= {"hier": ("D", -1), "mi": ("h", 0), "a": ("p", 0), "second": ("x", 0)}
    if language in ("en", "other"):
        words["am"] = ("x", 0)
    return words


_WORDS = {language: _of_language(language) for language in ("en", "nl", "de", "fr")}
_OTHER = _of_language("other")
_NAMES = {
    name: value for value, names in enumerate(_WEEKDAYS) for name in names.split() if len(name) > 5 or name == "lundi"
}


def sign_of(word: str, language: str) -> Word:
    """The sign and value of a folded word; "x" for a word that says nothing about days."""
    return _WORDS.get(language, _OTHER).get(word) or _misspelled(word)


@lru_cache(maxsize=8192)
def _misspelled(word: str) -> Word:
    """A weekday with one letter wrong, missing, too many or swapped; not its plural, which is a habit."""
    if 5 <= len(word) <= 11 and word not in _NO_WEEKDAYS:
        for name, value in _NAMES.items():
            if word[0] in name[:2] and word != name + "s" and _is_one_letter_off(word, name):
                return "W", value
    return "x", 0


def _is_one_letter_off(word: str, name: str) -> bool:
    if abs(len(word) - len(name)) > 1:
        return False
    start = next((at for at, (one, two) in enumerate(zip(word, name, strict=False)) if one != two), None)
    if start is None:
        return True
    return (
        word[start + 1 :] in (name[start + 1 :], name[start:])
        or word[start:] == name[start + 1 :]
        or (word[start : start + 2] == name[start : start + 2][::-1] and word[start + 2 :] == name[start + 2 :])
    )


# Several words that are one, joined without changing the length of the text.
_JOINED = re.compile(
    r"\b(?:il y a|aujourd'hui|aujourd hui|week[- ]end|a\.s\.|j\.l\.|(?:a )?couple of|v/d|a few|een paar|ein paar|en huit"
    r"|ce soir|ce matin)(?!\w)"
)
_NOT_LETTERS = re.compile(r"\W")


def joined(text: str) -> str:
    """The folded text with "il y a", "a.s." and their like made one word each."""
    return _JOINED.sub(lambda found: _NOT_LETTERS.sub("_", found[0]), text)
