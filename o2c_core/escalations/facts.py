"""The one list of facts that finance's rules may ask about, as facts.toml publishes it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

Value = Decimal | bool | str
Kind = Literal["amount", "number", "yes_no", "text"]
KNOWN = "known"
_BLANKS: dict[str, Value] = {"amount": Decimal(0), "number": Decimal(0), "yes_no": False, "text": ""}


@dataclass(frozen=True)
class Fact:
    """One thing a rule may ask about. `past` is "known" where a past day gives what held then, else what is taken instead."""

    name: str
    kind: Kind
    meaning: str
    source: str
    adds: str
    said: str
    said_not: str
    unit: str = ""
    past: str = KNOWN
    values: tuple[str, ...] = ()

    @property
    def blank(self) -> Value:
        """What it is where nothing was found."""
        return self.values[0] if self.adds == "worst" else _BLANKS[self.kind]

    @property
    def is_known_for_the_past(self) -> bool:
        return self.past == KNOWN


@cache
def facts() -> Mapping[str, Fact]:
    """Every fact by its name, in the order of the file."""
    tree = tomllib.loads(files(__package__).joinpath("facts.toml").read_text("utf-8"))
    found = {}
    for name, said in tree.items():
        words = said["said"] if isinstance(said["said"], list) else [said["said"], ""]
        found[name] = Fact(
            name,
            said["type"],
            said["meaning"],
            said["source"],
            said["adds"],
            words[0],
            words[1],
            said.get("unit", ""),
            said.get("past", KNOWN),
            tuple(said.get("values", ())),
        )
    return found
