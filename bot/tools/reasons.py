"""Why somebody objects or complains, and how bad it is, by their words in four languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

# By reason code of o2c_core/cases/dispute.py; what is looked for first stands first. Beginnings of words, unless a
# dollar sign says that the word ends there.
_OBJECTS: Mapping[str, str] = {
    "FRAUD_CLAIM": "fraud|scam|never (?:a )?customer|oplicht|fraude|betrug|betrüg|escroquerie",
    "DUPLICATE": "(?:charged|billed|invoiced|invoice) (?:\\w+ ){0,2}twice|double[- ]?(?:charged|billed|invoiced|invoice)|duplicate"
    "|billed (?:\\w+ )?already|dubbel(?:e)? (?:gefactureerd|berekend|in rekening|factuur)|twee ?(?:keer|maal) (?:gefactureerd|berekend"
    "|in rekening)|tweemaal|doppelt (?:berechnet|in rechnung|abgerechnet|fakturiert)|zweimal (?:berechnet|in rechnung|abgerechnet)"
    "|doppelte rechnung|factur[ée]e? (?:deux fois|en double)|en double|doublon",
    "NOT_ORDERED": "(?:never|not|did ?n[o']?t|didnt|have ?n[o']?t) (?:\\w+ ){0,2}order(?:ed)?(?!s? has|s? was| arriv)|wrong (?:item|product|article|goods)"
    "|(?:nooit|niet) (?:\\w+ )?besteld|verkeerde? (?:artikel|product|goederen)|(?:nie|nicht) (?:\\w+ )?bestellt"
    "|falsche(?:r|n|s)? (?:artikel|ware|produkt)|(?:jamais|pas) (?:\\w+ )?command[ée]|mauvais (?:article|produit)",
    "RETURNED": "(?:sent|gave|brought) (?:\\w+ ){0,4}back$|returned|teruggestuurd|geretourneerd|retour gestuurd|zurückgeschickt"
    "|zurückgesandt|retourniert|renvoy[ée]|retourn[ée]",
    "CREDIT_MISSING": "credit (?:note )?(?:is |was |has )?(?:missing|not|never)|(?:missing|no|without) (?:the |our )?credit|creditnota (?:ontbreekt|niet)"
    "|credit(?:ering|nota)? (?:niet|nooit)|gutschrift (?:fehlt|nicht)|fehlende gutschrift|avoir (?:manquant|non|n'est pas|pas)",
    "WRONG_PO": "(?:wrong|missing|no|incorrect|other|different) (?:po$|p\\.o\\.|purchase order|order number|reference)|po (?:number )?(?:is |was )?(?:wrong"
    "|missing|incorrect)|(?:verkeerd|ontbrekend|geen|onjuist)e? (?:po$|inkoop|ordernummer|referentie)|(?:falsche|fehlende|keine)[rsn]?"
    " (?:bestellnummer|po$|referenz)|(?:mauvais|sans|faux) (?:num[ée]ro de commande|bon de commande|r[ée]f[ée]rence)",
    "MISSING_POD": "proof of delivery|no (?:signature|pod$)|who signed|afleverbewijs|handtekening|zustellnachweis|unterschrift"
    "|liefernachweis|preuve de livraison|signature",
    "WRONG_ADDRESS": "wrong (?:delivery )?address|(?:verkeerd|onjuist|fout)e? (?:aflever)?adres|falsche[rn]? (?:liefer)?(?:adresse|anschrift)"
    "|mauvaise adresse|wrong (?:branch|location|site)",
    "TAX": "vat$|tax$|taxes$|tax rate|btw|mwst|mehrwertsteuer|umsatzsteuer|steuersatz|tva$|taxe",
    "FREIGHT": "freight|shipping (?:cost|charge|fee)|delivery (?:cost|charge|fee)|carriage|verzendkosten|vrachtkosten|bezorgkosten"
    "|transportkosten|versandkosten|frachtkosten|liefergebühr|frais de (?:port|livraison|transport)",
    "DISCOUNT": "discount|rebate|korting|staffel|rabatt|skonto|nachlass|remise|ristourne|rabais|escompte",
    "DAMAGED": "damag|broken|dented|cracked|crushed|torn|leak|smashed|beschadig|kapot|gebroken|gedeukt|gescheurd|lek$|lekt|lekk"
    "|beschädigt|kaputt|zerbrochen|defekt|verbeult|undicht|gerissen|endommag|cass[ée]|ab[îi]m[ée]|bris[ée]|d[ée]chir",
    "QTY_OVER": "too many|more than (?:we |i )?ordered|te veel (?:geleverd|ontvangen|stuks|dozen)|meer dan (?:we |wij |ik )?besteld"
    "|zu viel(?:e)? (?:geliefert|erhalten|stück)|mehr als bestellt|en trop|plus que command[ée]",
    "QTY_SHORT": "short(?:age|$)|only (?:got|received|had|\\w+ of|came)|too few|(?:is|are|were|was) missing|missing|short[- ]?shipped"
    "|incomplete|not all|part of|te weinig|ontbre(?:ek|ken|kt)|tekort|maar \\w+ (?:ontvangen|gekregen|van)|slechts|onvolledig|incompleet"
    "|niet alles|fehl(?:en|t|te|menge)|zu wenig|nur \\w+ (?:erhalten|bekommen|von|statt|stück)|unvollständig|nicht alles|manqu|incompl[eè]t"
    "|seulement|(?:re[çc]u|eu) que|pas tout",
    "NOT_RECEIVED": "(?:never|not|n[o']t|nothing) (?:\\w+ ){0,2}(?:arriv|deliver|receiv|came|come|got$|get$|here$|turn)|did ?n[o']t (?:arrive|get|receive|come)"
    "|no delivery|nothing came|(?:nooit|niet|niets|nog niet) (?:\\w+ ){0,2}(?:geleverd|ontvangen|aangekomen|gekregen|bezorgd|binnen)"
    "|(?:nie|nicht|nichts|keine) (?:\\w+ ){0,2}(?:geliefert|erhalten|angekommen|bekommen|lieferung)"
    "|(?:jamais|pas|rien) (?:\\w+ ){0,3}(?:livr|re[çc]u|arriv)",
    "LATE": "late$|too late|delay|te laat|vertraag|vertraging|zu spät|verspät|retard|trop tard",
    "QUALITY": "quality|rotten|mould|mold|stale|sour$|spoil|off$|inferior|kwaliteit|bedorven|beschimmel|schimmel|verrot|slecht$|slechte$"
    "|qualität|verdorben|schimmlig|verfault|minderwertig|qualit[ée]|pourri|moisi|p[ée]rim|avari[ée]",
    "PRICE": "price|priced|expensive|overcharg|over-?charged|too (?:much|high|dear)|twice too|as agreed|quoted|quote$|charged|dear$|agreed"
    "|prijs|prijzen|te duur|te hoog|te veel (?:berekend|gefactureerd|in rekening)|afgesproken|offerte|duurder|preis|zu teuer|zu hoch"
    "|zu viel (?:berechnet|verlangt)|vereinbart|angebot|teurer|prix|trop cher|trop [ée]lev|surfactur|convenu|devis",
    "SERVICE": "service$|installation|dienstverlening|werkzaamheden|montage|dienstleistung|einbau|prestation|main d'œuvre",
}  # fmt: skip
_PAID = (
    "(?:already|have|had|has been|was|is|been) paid|paid (?:it|this|that|already)|(?:al|reeds|allang) (?:lang )?(?:betaald|voldaan|overgemaakt)"
    "|(?:is|hebben|heb) (?:\\w+ ){0,2}betaald|(?:schon|bereits|längst) (?:\\w+ )?(?:bezahlt|überwiesen|beglichen)"
    "|d[ée]j[àa] (?:\\w+ )?(?:pay[ée]|r[ée]gl[ée])"
)
_NOT_PAID = "(?:won't|will not|not|never|nicht|niet|pas|refuse|until|before|bevor|avant|voordat) (?:\\w+ ){0,4}(?:pay|paid|betal|zahl|bezahlt|pay[ée]|r[ée]gl)"

# What a complaint is about.
_CATEGORIES: Mapping[str, str] = {
    "data": "privacy|gdpr|avg$|dsgvo|rgpd|personal data|persoonsgegevens|datenschutz|personenbezogen|donn[ée]es personnelles|data leak|datalek"
    "|my data|mijn gegevens|meine daten|mes donn[ée]es|someone else's (?:invoice|order)",
    "staff": "rude|unfriendly|shout|yell|insult|impolite|disrespect|attitude|your (?:driver|employee|colleague|staff|man|rep)|onbeschoft|onvriendelijk"
    "|schold|uitgescholden|onbeleefd|uw (?:chauffeur|medewerker|collega|vertegenwoordiger)|unhöflich|unfreundlich|beleidig|beschimpf|angeschrien"
    "|ihr(?:e)? (?:fahrer|mitarbeiter|kollege)|impoli|grossier|insult[ée]|votre (?:chauffeur|livreur|employ[ée]|coll[èe]gue)",
    "product": "broken|damag|rotten|mould|mold|stale|quality|defect|faulty|does ?n[o']t work|leak|cracked|kapot|beschadig|bedorven|schimmel|kwaliteit"
    "|werkt niet|lekt|gebroken|kaputt|beschädigt|verdorben|schimm|qualität|defekt|funktioniert nicht|zerbrochen|cass[ée]|endommag|pourri|moisi|qualit[ée]"
    "|d[ée]fectueu|ne (?:fonctionne|marche) pas|wrong (?:item|product|article)|verkeerde? (?:artikel|product)|glass|glas|verre|worm|insect|taste|smak|geschmack",
    "delivery": "deliver|late$|too late|arriv|driver|courier|parcel|pallet|on time|bezorg|lever|te laat|pakket|transport|op tijd|liefer|spät|zustell"
    "|paket|pünktlich|livr|retard|colis|à l'heure",
    "invoice": "invoice|bill$|billed|billing|charged|factu|berekend|rechnung|berechnet|abgebucht|prélèvement|reminder|aanmaning|herinnering|mahnung|relance",
    "service": "answer|phone|call back|called back|reply|respon|service|waiting|on hold|bereikbaar|antwoord|terugbel|telefon|telefoon|wacht|rückruf|antwort"
    "|erreich|warte|r[ée]pon|rappel[ée]|attend|t[ée]l[ée]phone|nobody|niemand|personne",
}  # fmt: skip
_CRITICAL = (
    "injur|hospital|allerg|poison|unsafe|danger|fire|burnt|burned|glass in|gewond|ziekenhuis|vergiftig|gevaarlijk|brand|onveilig|glas in"
    "|verletzt|krankenhaus|vergift|gefährlich|feuer|bless[ée]|h[ôo]pital|empoisonn|dangereu|incendie|got sick|made (?:\\w+ )?(?:sick|ill)|ziek (?:ge)?word|krank"
    "|tomb[ée]e?s? malade|data leak|datalek|data breach|datenleck|fuite de donn"
)
_HIGH = (
    "(?:second|third|fourth|fifth|umpteenth|hundredth) time|again and again|every time|keeps? happening|weeks? (?:without|of)|unacceptable|outrage|disgrace"
    "|(?:tweede|derde|vierde|vijfde|zoveelste|honderdste) keer|elke keer|telkens|steeds weer|onacceptabel|schande|(?:zweite|dritte|vierte|x-te|zigste)[ns]? mal"
    "|jedes mal|immer wieder|inakzeptabel|unzumutbar|frechheit|(?:deuxi[èe]me|troisi[èe]me|quatri[èe]me|[éè]ni[èe]me) fois|à chaque fois|inacceptable|honte|scandal"
    "|schandal|skandal|several times|meerdere keren|mehrfach|plusieurs fois"
)
_LOW = "suggestion|small (?:thing|remark)|minor|just so you know|kleinigheid|suggestie|opmerking|kleinigkeit|anmerkung|hinweis|petite remarque|d[ée]tail$"


@lru_cache(maxsize=64)
def _looks_for(beginnings: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{beginnings.replace('$', chr(92) + 'b')})", re.IGNORECASE)


def _has(words: str, beginnings: str) -> bool:
    return _looks_for(beginnings).search(words.replace("’", "'")) is not None


def reason_of(words: str, *, counts_missing: bool = False) -> str:
    """The reason code of an objection; with `counts_missing` a quantity of it was said to be missing."""
    found = next((code for code, beginnings in _OBJECTS.items() if _has(words, beginnings)), "OTHER")
    if counts_missing and found in ("NOT_RECEIVED", "OTHER", "LATE", "PRICE"):
        return "QTY_SHORT"
    return found


def says_paid(words: str) -> bool:
    """Whether they say that it was paid already, which is looked for and not objected to."""
    return _has(words, _PAID) and not _has(words, _NOT_PAID)


def category_of(words: str) -> str:
    """What a complaint is about."""
    return next((name for name, beginnings in _CATEGORIES.items() if _has(words, beginnings)), "other")


def severity_of(words: str, *, is_angry: bool = False) -> str:
    """How bad it is: critical where somebody came to harm or may, high where it goes on and on or makes them angry."""
    if _has(words, _CRITICAL):
        return "critical"
    if is_angry or _has(words, _HIGH):
        return "high"
    return "low" if _has(words, _LOW) else "normal"
