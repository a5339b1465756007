"""What a letter says between its salutation and its signature; courtesies are no wishes."""

from __future__ import annotations

import re

from bot.embedded.yes_no import says_something

_SALUTATION = re.compile(
    r"\s*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening|day)|to whom it may concern|beste|geachte|hallo|hoi"
    r"|goedemorgen"
    r"|goedemiddag|goedenavond|goedendag|sehr geehrte[rs]?|liebe[rs]?|guten (?:tag|morgen|abend)|bonjour|bonsoir"
    r"|madame|monsieur"
    r"|cher|ch[èe]re)\b[^\n?!.]{0,60}[,:!]?[ \t]*\n",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\s*(?:i hope (?:this|you|all)|hope (?:this|you)|(?:ik|wij) hoop(?:en)? dat (?:het|alles|u)|hopelijk gaat"
    r"|ich hoffe,? (?:es|sie|ihnen)"
    r"|j'espère que (?:vous|tout))[^\n?]{0,60}[.!,]?[ \t]*\n",
    re.IGNORECASE,
)
# What a line of a signature never begins with.
_GOES_ON = (
    r"also|and|but|p\.?s|please|can|could|i|we|my|our|ook|en|maar|kan|kunt|kunnen|ik|wij|we|mijn|onze|graag|und|auch|aber|bitte"
    r"|ich|wir|können|et|aussi|mais|je|nous|merci de|pouvez"
)
_CLOSING = re.compile(
    r"\n\s*(?:(?:kind|best|warm|many)?\s*regards|best(?: wishes)?|yours(?: \w+)?|sincerely|cheers|thanks(?: (?:a lot"
    r"|in advance|again))?"
    r"|thank you(?: (?:very much|in advance))?|many thanks|(?:met )?(?:vriendelijke|hartelijke) groeten?|groet(?:en"
    r"|jes)?|mvg|bedankt"
    r"|alvast (?:bedankt|dank)|bij voorbaat dank|hoogachtend|(?:mit )?(?:freundlichen|besten|herzlichen|viele[nr]?"
    r"|liebe[nr]?) gr[üu](?:ß|ss)en?"
    r"|mfg|vielen dank|danke|(?:bien )?cordialement|bien à vous|salutations(?: distinguées)?"
    r"|merci(?: d'avance)?)[ \t]*[,.!]?[ \t]*"
    rf"(?:\n(?!\s*(?:{_GOES_ON})\b)[^\n?]{{0,60}}){{0,6}}\s*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"\n[ \t]*\n\s*(?P<name>[^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*){0,2})\s*$")


# Words on a line of their own that are nobody's name.
_NO_NAME = frozenset(" ".join((
    "wait stop hold later tomorrow today never nothing only but please urgent wacht even morgen vandaag nooit niets alleen maar",
    "warte warten halt stopp heute nie nichts nur aber bitte attendez attends demain jamais rien seulement mais urgence",
)).split())  # fmt: skip
# A paragraph that stands in quotation marks is somebody else's, or a note that was passed on.
_QUOTED = re.compile(r"(?:^|\n[ \t]*\n)\s*[\"“„«][^\n\"”»]{20,}[\"”“»][ \t]*(?=\n[ \t]*\n|\s*$)")


def body_of(words: str) -> str:
    """The words without a salutation, courtesies and quotations in lines of their own, and without closing and name; all of
    them where nothing else would be left."""
    body = _SALUTATION.sub("", words.replace("\r\n", "\n"), count=1)
    body = _COURTESY.sub("\n", f"\n{body}", count=1)
    body = _CLOSING.sub("", body, count=1)
    name = _NAME.search(body)
    if name is not None and body[: name.start()].rstrip()[-1:] in (".", "!", ",") and _is_name(name["name"]):
        body = body[: name.start()]
    body = _QUOTED.sub("\n\n", body)
    return body.strip() or words


def _is_name(written: str) -> bool:
    """Whether the last line can only be who wrote it: capitals, and no word that agrees, refuses or doubts."""
    words = written.split()
    return all(word[0].isupper() and word.lower() not in _NO_NAME for word in words) and not says_something(written)
