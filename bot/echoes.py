"""Whether a yes only repeats what was offered: "yes, ask them", "ja leg maar vast", "yes, just the gloves"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.embedded.folded import folded
from bot.embedded.yes_no import yes_or_no
from o2c_core.conversations.proposal import Proposal

_WORDS_MAX = 12
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
# Words of doing what was just described, and those that stand around them.
_DOING = " ".join((
    "ask them him her a an the colleague record note send mail email cancel log register book put do make arrange set"
    " up down",
    "through that it this so then please pls for me us my our to and with of on i you can may",
    "leg legt vast maar stuur mail annuleer vraag noteer regel zet door het dat die deze dit even doe graag u je mij"
    " ons voor",
    "aan een de collega op en dan mag vastleggen versturen sturen mailen annuleren noteren regelen doorzetten doen"
    " maken vragen",
    "tragen trag ein notieren notier schicken schick senden sende stornieren storniere fragen frag machen mach sie das"
    " es den",
    "der bitte so fur mich uns auf und gern gerne eintragen festhalten halten halte fest zusenden",
    "envoyez envoie notez note annulez demandez faites fais le la les l cela ca s'il vous plait svp pour moi nous et"
    " comme envoyer noter annuler demander faire enregistrez enregistrer",
)).split()  # fmt: skip
_ONLY = ("just", "only", "alleen", "nur", "seulement", "uniquement", "slechts", "enkel")
_BUT = " ".join((
    "but not if unless except without instead maar-niet niet geen behalve tenzij als aber nicht kein ohne wenn mais"
    " pas",
    "sans si",
)).split()  # fmt: skip


def repeats(words: str, offered: Sequence[Proposal]) -> bool:
    """A plain yes first, and behind it nothing but words of doing it and words of the offer itself."""
    tokens = [folded(token) for token in _TOKEN.findall(words)]
    if not 1 < len(tokens) <= _WORDS_MAX or "?" in words or set(_BUT) & set(tokens):
        return False
    first = 2 if yes_or_no(" ".join(tokens[:2])) == "yes" else 1
    if yes_or_no(" ".join(tokens[:first])) != "yes":
        return False
    said = {folded(token) for one in offered for token in _TOKEN.findall(one.says)}
    rest = set(tokens[first:])
    if rest & set(_ONLY) and any(_is_several(one.arguments) for one in offered):
        return False  # "just the first one" of several is another offer
    return rest <= said.union(_DOING, _ONLY)


def _is_several(arguments: Mapping[str, Any]) -> bool:
    """Whether more than one document or line was offered."""
    lists = [value for value in arguments.values() if isinstance(value, list)]
    lines = arguments.get("lines")
    return any(len(one) > 1 for one in lists) or (isinstance(lines, Mapping) and len(lines) > 1)
