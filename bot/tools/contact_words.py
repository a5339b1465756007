"""What of their details somebody wants changed, read from their words: which kind it is, and never the value itself."""

from __future__ import annotations

import re
from typing import Literal

Channel = Literal["email", "sms", "whatsapp"]


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


_BANK = _any_of(
    r"bank (?:details|account)|iban|bic|swift|account number|direct debit",
    r"bankrekening\w*|rekeningnummers?|bankgegevens|incasso",
    r"bankverbindung\w*|kontonummer\w*|kontoverbindung|kontodaten|bankdaten|lastschrift\w*",
    r"coordonn[ée]es bancaires|compte bancaire|num[ée]ro de compte|rib|pr[ée]l[èe]vement",
)
_MAIL_ADDRESS = _any_of(
    r"e-?mail[\s-]?address(?:es)?|mailbox(?:es)?",
    r"e-?mail-?\s?adres(?:sen)?|mail-?\s?adres(?:sen)?|mailbox",
    r"e-?mail-?\s?adressen?|mail-?\s?adressen?|postf[aä]ch(?:er)?(?= für mails?)",
    r"adresses? (?:e-?mail|mail|[ée]lectronique)|courriels?|e-?mails?|mails?",
)
_COMPANY = _any_of(
    r"(?:company|legal|trading|business) name|legal entity|ltd|vat|tax id|company number|we moved|moved|moving|relocat\w*",
    r"premises|post ?code|zip code|street|po box|(?:postal|delivery|billing|invoicing|office|visiting) add?ress",
    r"my name|surname|last name|misspel\w*|new owner|owner|merged|peppol(?:-id)?|legal form|got married",
    r"bedrijfsnaam|tenaamstelling|btw\w*|btw-nummer|kvk\w*|kvk-nummer|verhuis\w*|verhuizen|gevestigd|postbus|vestiging|straat",
    r"eigenaar|fusie|bvba|maatschappelijke zetel|ander pand",
    r"(?:aflever|factuur|post|bezoek|vestigings)adres|naam|heet nu|bv|b\.v\.?|achternaam",
    r"firmierung|firmenname|firmensitz|umsatzsteuer\w*|ust-\w*|umgezogen|umzug|postfach|inhaber\w*|\w+anschrift|hausnummer",
    r"gmbh|plz|postleitzahl|(?:liefer|rechnungs|post|firmen)adresse|nachname|namen?|hei[ßs]+e jetzt",
    r"raison sociale|tva|siret|siren|d[ée]m[ée]nag\w*|si[èe]ge social|rue|code postal",
    r"adresse (?:de|postale)\b.*|nom(?: de famille)?|m'appelle|s'appelle",
)
# On its own it is where somebody is found, unless an address of mail stands beside it.
_PLACE = _any_of(r"add?ress", r"adres(?:wijziging)?", r"adresse|anschrift|adress(?:e|änderung)")
_SOMEBODY = _any_of(
    r"accountants?|book-?keepers?|controller|colleague|contact person|successor|took over|taken over|wife|husband|mr|mrs|ms",
    r"contact for|somebody else|our new|retired|looks after|daughter|son|partner|buyer|managing director",
    r"boekhoud(?:er|ster|ing)|accountants?kantoor|administratiekantoor|collega|contactpersoon|aanspreekpunt|opvolg(?:er|ster)",
    r"fiduciaire|dhr|mevr|mevrouw|meneer|de heer|mijn (?:man|vrouw)|met pensioen|dochter|zoon|inkoper",
    r"buchhalter(?:in)?|steuerb[üu]ro|steuerberater(?:in)?|ansprechpartner(?:in)?|kolleg(?:e|in)|nachfolger(?:in)?|herrn?|frau",
    r"in rente|tochter|sohn|partner(?:in)?|eink[äa]ufer(?:in)?|gesch[äa]ftsf[üu]hrer(?:in)?",
    r"comptable|coll[èe]gue|interlocut(?:eur|rice)|cabinet|successeur|monsieur|madame|m\.|mme",
    r"[àa] la retraite|fille|fils|associ[ée]e?|acheteu(?:r|se)|s'occupe",
)
_PHONE = _any_of(
    r"phone|mobile|cell|telephone|tel|number|nummer|telefoon\w*|telnr|mobiel|gsm\S*|06(?:-nummer)?|whatsapp-?nummer",
    r"telefon\w*|handy\w*|mobilnummer|rufnummer|nr|t[ée]l(?:[ée]phone)?|portable|num[ée]ro",
)
_MAIL = _any_of(r"e-?mails?|mails?|courriels?|mailbox|inbox|e-?mail-?\w+|mail-?\w+")
_GONE = _any_of(
    r"(?:does ?n[o']?t|doesn't|no longer|not) (?:work|exist)(?:s|ing)?(?: any ?more)?",
    r"no (?:longer|more) (?:use|have|have access|in use)|lost access|lost my phone",
    r"no access|can(?:'t|not) (?:read|reach|get into)|is dead|dead|closed down|clos(?:ed|ing)(?: down)?",
    r"werkt niet(?: meer)?|bestaat (?:straks )?niet(?: meer)?|geen toegang|opgeheven|niet meer in gebruik|kwijt|vervallen",
    r"gibt es (?:so )?nicht mehr|existiert nicht(?: mehr)?|funktioniert nicht(?: mehr)?|kein(?:en)? zugriff",
    r"abgeschaltet|verloren",
    r"n'existe plus|ne (?:marche|fonctionne) plus|plus acc[èe]s|(?:a été )?supprim[ée]e?|perdu",
)
_ADDING = _any_of(
    r"add|second|extra|another|also|as well|toevoegen|voeg|tweede|ook|erbij|hinzu\w*|zweite[nrs]?|zus[äa]tzlich\w*|auch|ajout\w*"
    r"|deuxi[èe]me|second[e]?|aussi|en plus",
)
_LANGUAGES = {
    "en": r"english|engels|englisch|anglais",
    "nl": r"dutch|nederlands|niederländisch|hollands|n[ée]erlandais",
    "de": r"german|duits|deutsch|allemand",
    "fr": r"french|frans|französisch|français|francais",
}
_OTHER_LANGUAGES = (
    r"spanish|italian|polish|turkish|arabic|portuguese|spaans|italiaans|pools|turks|spanisch|italienisch|polnisch|türkisch"
    r"|espagnol|italien|polonais|turc"
)
_BY: dict[Channel, re.Pattern[str]] = {
    "email": _any_of(
        r"(?:by|via|per|par|over|als) (?:e-?mail|mail|courriel)", r"(?:mail|e-?mail) (?:me|mij|ons|us|mir)"
    ),
    "sms": _any_of(r"(?:by|via|per|par|als) (?:sms|text(?: messages?)?|texto)", r"(?:text|sms) (?:me|mij|ons|us|mir)"),
    "whatsapp": _any_of(
        r"(?:by|via|per|par|op|auf|on|sur|over) whats?app", r"whats?app (?:me|mij|ons|us|mir)", r"app (?:me|mij)"
    ),
}
_AGAIN = re.compile(
    r"\b(?:(?:you may|you can|please|do) (?:\w+ ){0,3}(?:reminders?|remind|write|text|mail|messages?)\b.{0,40}\bagain"
    r"|reminders? again|start (?:the |sending )*reminders?"
    r"|(?:weer|opnieuw) (?:herinneringen|berichten|mailen|sms'?en)|herinneringen (?:mogen )?(?:weer|opnieuw)"
    r"|(?:wieder|erneut) (?:erinner\w*|mahnungen|schreiben|nachrichten)|erinnerungen (?:\w+ ){0,2}wieder"
    r"|(?:de|[àa]) nouveau\b.{0,40}\b(?:rappels?|messages?|[ée]crire)|rappels?\b.{0,30}\b(?:de|[àa]) nouveau)",
    re.IGNORECASE,
)


def is_about_bank(words: str) -> bool:
    return _BANK.search(words) is not None


def is_about_company(words: str) -> bool:
    """Whether it is about a name, an address on paper or a tax number: what stands on invoices."""
    rest = _without_addresses(words)
    bare = _MAIL_ADDRESS.sub(" ", rest)
    return _COMPANY.search(bare) is not None or (rest == words and _PLACE.search(bare) is not None)


def is_about_somebody(words: str) -> bool:
    """Whether it is about another person than the writer."""
    return _SOMEBODY.search(_without_addresses(words)) is not None


def is_gone(words: str) -> bool:
    """Whether the old address or number cannot be read any more."""
    return _GONE.search(words) is not None


def is_adding(words: str) -> bool:
    """Whether the new one comes beside the old one and not in its place."""
    return _ADDING.search(_without_addresses(words)) is not None


def field_named(words: str) -> Literal["email", "phone"] | None:
    """Which of the two is spoken of without its new value."""
    bare = _without_addresses(words)
    if _MAIL.search(bare):
        return "email"
    return "phone" if _PHONE.search(bare) else None


def language_wished(words: str) -> str | None:
    """The language that is asked for; "other" for one we do not write."""
    for language, names in _LANGUAGES.items():
        if _in_language(names, words):
            return language
    return "other" if _in_language(_OTHER_LANGUAGES, words) else None


def _in_language(names: str, words: str) -> bool:
    return re.search(rf"\b(?:in(?: het| the)?|op|auf|en|naar het|to) (?:{names})\b", words, re.IGNORECASE) is not None


def channel_wished(words: str) -> Channel | None:
    """The channel that is asked for; of "by mail and not by text" the first."""
    found = [(match.start(), channel) for channel, said in _BY.items() if (match := said.search(words))]
    return min(found)[1] if found else None


def wants_again(words: str) -> bool:
    """Whether somebody who had stopped reminders wants them again."""
    return _AGAIN.search(words) is not None


def _without_addresses(words: str) -> str:
    return re.sub(r"\S+@\S+", " ", words)
