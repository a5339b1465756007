"""What a model might make up, put together from the sentences and pieces in inventions.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from o2c_core.customers.customer import LANGUAGES

_FILE = Path(__file__).with_name("inventions.toml")
_GO_TOGETHER = (("owes", "amounts"), ("happens", "days"), ("grants", "shares"))
_NOTHING = ""  # to say nothing at all is an invention too


def read_inventions() -> tuple[str, ...]:
    """Every sentence as it stands, and every piece in two of the sentences it goes into."""
    told = tomllib.loads(_FILE.read_text("utf-8"))
    made = (one for language in LANGUAGES for one in _made_up(told[language]))
    return tuple(dict.fromkeys(chain(chain.from_iterable(told["plain"].values()), made, (_NOTHING,))))


def _made_up(told: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for sentences, pieces in _GO_TOGETHER:
        several = told[sentences]
        for number, piece in enumerate(told[pieces]):
            for at in (number, number + 1):
                yield several[at % len(several)].format(piece)


INVENTIONS = read_inventions()
