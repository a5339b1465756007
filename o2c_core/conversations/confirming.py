"""The one message that says a stop or start was heard, and the one that says how to get help."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from o2c_core.conversations.sms_text import plain, segments
from o2c_core.customers.customer import LANGUAGES

_TEXTED = ("sms", "whatsapp")
_NAME_LETTERS_MIN = 8


def confirmation(
    heard: Literal["stop", "start", "help"], language: str, seller_name: str, *, channel: str, link: str | None
) -> str:
    """Who we are, what has stopped or begun, and the way back; nothing else, and by SMS within one segment.

    Whoever wrote to us by phone can write again, so there the way back is the word START; elsewhere it is the link.
    Source: 47 CFR 64.1200(a)(12): one confirming text, with nothing in it to sell.
    """
    words = _words(language)
    if channel in _TEXTED:
        return _texted(words[f"{heard}_texted"].replace("{channel}", words[channel]), seller_name, channel)
    said = words[heard].format(seller=seller_name, channel=words.get(channel, words["email"]))
    return f"{said} {words[f'{heard}_link'].format(link=link) if link else words[f'{heard}_without_link']}"


def _texted(sentence: str, seller_name: str, channel: str) -> str:
    """The sentence with the seller's name, cut where a long one would make it two texts."""
    if channel != "sms":
        return sentence.format(seller=seller_name)
    name = seller_name
    while True:
        text = plain(sentence.format(seller=name)).strip()
        if segments(text).count <= 1 or len(name) <= _NAME_LETTERS_MIN:
            return text
        name = name[:-1].rstrip(" .,&-")


@cache
def _words(language: str) -> dict[str, str]:
    known = language if language in LANGUAGES else "en"
    tree: dict[str, str] = tomllib.loads(
        files(__package__).joinpath(f"confirming_words/{known}.toml").read_text("utf-8")
    )
    return tree
