"""An event of the timeline as a sentence, the same for the assistant, an agent and finance."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from o2c_core import days, money
from o2c_core.customers.customer import LANGUAGES
from o2c_core.figures.timeline import Event


@cache
def sentences(language: str) -> dict[str, str]:
    """The sentence of each kind of event, with its places; in English where there are none in that language."""
    known = language if language in LANGUAGES else "en"
    written = (Path(__file__).parent / "wording" / f"{known}.toml").read_text(encoding="utf-8")
    return {kind: str(sentence) for kind, sentence in tomllib.loads(written).items()}


def tell(event: Event, language: str, locale: str) -> str:
    """What happened, in that language, with amounts and days as that locale writes them; "–" where nothing is known."""
    values = {name: _shown(name, value, locale) for name, value in event.values.items()}
    if event.amount is not None:
        values["amount"] = money.show(event.amount, locale)
    if event.number:
        values["number"] = event.number
    told = sentences(language)
    return told[_sentence_of(event, told)].format_map(_Known(values))


def _sentence_of(event: Event, told: Mapping[str, str]) -> str:
    """A message of ours is told by where it is on its way: what waits, or was withdrawn, was not sent."""
    on_its_way = f"message_{event.values.get('state')}"
    return on_its_way if event.kind == "message_out" and on_its_way in told else event.kind


def _shown(name: str, value: object, locale: str) -> str:
    return days.show(date.fromisoformat(str(value)), locale) if name.endswith("_on") else str(value)


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "–"
