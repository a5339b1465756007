"""Whether a message is angry, or speaks of lawyers and courts."""

from __future__ import annotations

import re

_ANGRY = {
    "en": r"ridiculous|unacceptable|outrageous|disgrace(?:ful)?|disgusting|furious|fed up|sick (?:and tired )?of|had enough|terrible|appalling"
    r"|pathetic|a joke|scandal(?:ous)?|useless|idiots?|bullshit|wtf|damn|fuck\w*|angry|absurd|shameful|worst (?:company|service|supplier)",
    "nl": r"belachelijk|onacceptabel|schandalig|schande|waardeloos|woedend|boos|kwaad|zat|spuugzat|beu|te gek voor woorden|bespottelijk|idioten"
    r"|godverdomme|verdomme|klote\w*|kut\w*|flikker op|ongehoord|beneden alle peil|(?:geen|niet) stijl|om te huilen|schaam",
    "de": r"lächerlich|inakzeptabel|unverschämt(?:heit)?|frechheit|skandal(?:ös)?|wütend|stinksauer|sauer|es reicht|die nase voll|unmöglich"
    r"|katastrophe|saftladen|verdammt|scheiß\w*|schei[sß]e|idioten|empörend|untragbar|zum kotzen|bodenlos",
    "fr": r"inadmissible|inacceptable|scandaleux|scandale|honte(?:ux)?|ridicule|furieux|furieuse|ras[- ]le[- ]bol|marre|en colère|lamentable"
    r"|nuls?|incapables|foutage|merde|putain|se moque[rz]? du monde|n'importe quoi|exaspér\w+",
}
_LEGAL = {
    "en": r"lawyers?|solicitors?|attorneys?|legal (?:action|steps?|proceedings|counsel|advice|department)|take (?:you|this) to court|in court"
    r"|to court|small claims|sue|suing|lawsuit|ombudsman|trading standards|liable|letter before action|bailiffs?",
    "nl": r"advoca(?:at|ten)|jurist(?:en)?|juridische (?:stappen|bijstand|actie)|rechtszaak|rechter|rechtbank|kort geding|dagvaard\w*"
    r"|ingebrekestell\w+|in gebreke|aansprakelijk|rechtsbijstand|gerechtelijk\w*|deurwaarder|geschillencommissie",
    "de": r"anw[aä]lt\w*|rechtsanw[aä]lt\w*|rechtliche[ns]? (?:schritte|mittel)|gericht(?:lich\w*)?|klagen|verklag\w+|klage (?:ein|erheb)\w*"
    r"|mahnbescheid|gerichtsvollzieher|haftbar|rechtsschutz\w*|rechtsabteilung|verbraucherzentrale|juristisch\w*|strafanzeige",
    "fr": r"avocats?|tribunal|tribunaux|justice|poursuites?|action en justice|mise en demeure|huissier|voie judiciaire|contentieux|juridiques?"
    r"|porter plainte|commissaire de justice|prud'hommes",
}


def _any(words: dict[str, str]) -> re.Pattern[str]:
    # All languages at once: people who are angry in Dutch do it with English words as well.
    return re.compile("|".join(rf"(?<!\w)(?:{pattern})(?!\w)" for pattern in words.values()), re.IGNORECASE)


_ANGRY_WORDS, _LEGAL_WORDS = _any(_ANGRY), _any(_LEGAL)
_LOUD_LETTERS = 12


def is_angry(text: str) -> bool:
    """A word of anger, a row of exclamation marks, or whole sentences in capitals."""
    if _ANGRY_WORDS.search(text) or re.search(r"!{3,}|\?!{1,}\?*!|!{2,}\?", text):
        return True
    letters = [character for character in text if character.isalpha()]
    return len(letters) > _LOUD_LETTERS and len(text.split()) > 2 and all(letter.isupper() for letter in letters)


def is_legal_threat(text: str) -> bool:
    """A word of lawyers or courts. It says only that a person should read this, not that it is a threat."""
    return _LEGAL_WORDS.search(text) is not None
