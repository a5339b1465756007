"""A question without the names of whoever asks it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PARTICLE = r"(?:van|von|de|den|der|het|ten|ter|du|des|la|le|zu|zum|te|'t|d')"
# A word in capitals only is somebody raising their voice.
_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿ][\w'’-]*[a-zß-öø-ÿ][\w'’-]*|[^\W\d_a-zß-öø-ÿ]\.)"
_NAME = rf"{_CAPITAL}(?:\s+(?:{_PARTICLE}\s+){{0,3}}{_CAPITAL}){{0,3}}"
_ANY_CASE = r"[^\W\d_][\w'’-]*"

# What comes before a name in so many words; whoever writes without capitals is heard for the word that follows.
_SAID = re.compile(
    r"\b(?P<lead>my name is|my name's|the name is|i am called|this is|i am|i'm|on behalf of|regards,?|sincerely,?|cheers,?"
    r"|mijn naam is|ik heet|u spreekt met|namens|ik ben|groet(?:en|jes)?,?|mvg,?"
    r"|mein name ist|ich hei(?:ß|ss)e|im namen von|ich bin|gr(?:ü|ue)(?:ß|ss)e?,?|mfg,?"
    r"|je m'appelle|je me nomme|mon nom est|au nom de|je suis|cordialement,?)\s+"
    rf"(?-i:(?P<name>{_NAME}))",
    re.IGNORECASE,
)
_SAID_SMALL = re.compile(
    r"\b(?P<lead>my name is|my name's|mijn naam is|ik heet|mein name ist|ich hei(?:ß|ss)e|je m'appelle|mon nom est)\s+"
    rf"(?P<name>{_ANY_CASE}(?:\s+(?:{_PARTICLE}\s+){{1,3}}{_ANY_CASE})?)",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b(?P<lead>mr|mrs|ms|miss|dr|sir|madam|dhr|mevr|mevrouw|meneer|de heer|mw|herrn?|frau|fr|hr|monsieur|madame|mme|mlle|m)"
    rf"(?:\.\s*|\s+)(?-i:(?P<name>(?:{_PARTICLE}\s+){{0,2}}{_NAME}))",
    re.IGNORECASE,
)
# A company by its legal form, and two names together within a sentence: "for Anna de Wit", "Bakkerij Jansen B.V.".
_COMPANY = re.compile(
    rf"(?:{_CAPITAL}\s+){{1,4}}(?:&\s+(?:{_CAPITAL}\s+){{1,3}})?"
    r"(?:B\.?V\.?|N\.?V\.?|V\.?O\.?F\.?|GmbH|AG|KG|UG|S\.?A\.?R\.?L\.?|S\.?A\.?S?\.?|Ltd\.?|Limited|PLC|plc|Inc\.?|LLC|LLP)(?!\w)"
)
_TWO = re.compile(rf"(?<![.!?…]\s)(?<!^)\b{_CAPITAL}\s+(?:{_PARTICLE}\s+){{0,3}}{_CAPITAL}(?:\s+{_CAPITAL})?")


def without_names(text: str, language: str, hide: Iterable[str] = ()) -> str:
    """The text with names as "…": those in `hide`, those that are introduced or titled, and those that look like one.

    In German every noun has a capital, so two in a row say nothing there.
    """
    for name in sorted((name.strip() for name in hide), key=len, reverse=True):
        if len(name) > 2:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text, flags=re.IGNORECASE)
    text = _COMPANY.sub("…", text)
    text = _SAID.sub(_keeps_lead, text)
    text = _SAID_SMALL.sub(_keeps_lead, text)
    text = _TITLED.sub(_keeps_lead, text)
    return text if language == "de" else _TWO.sub("…", text)


def _keeps_lead(said: re.Match[str]) -> str:
    return f"{said['lead']} …"
