"""The approved words of documents and of the mail they go with, one file per language, with the figures left open."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

# A sentence whose value is missing is an error and never a blank: an empty amount must not reach a customer.
_SENTENCES = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 (plain text; documents and mail escape)


@dataclass(frozen=True)
class Wording:
    """Every sentence of one language by its name, such as "invoice.title"."""

    language: str
    sentences: Mapping[str, Template]

    def say(self, name: str, /, **values: object) -> str:
        """The sentence with its figures filled in.

        Raises: jinja2.UndefinedError when a value it needs was not given; KeyError for a sentence that is not there.
        """
        return self.sentences[name].render(values)

    def has(self, name: str) -> bool:
        return name in self.sentences


@cache
def wording_in(language: str) -> Wording:
    """The approved wording of that language; its file is read once."""
    return read_wording(Path(__file__).parent, language)


def read_wording(folder: Path, language: str) -> Wording:
    """The sentences of that language's file in the folder, in tables of named sentences."""
    text = (folder / f"{language}.toml").read_text(encoding="utf-8")
    sentences = {
        f"{group}.{name}": _SENTENCES.from_string(sentence)
        for group, of_group in tomllib.loads(text).items()
        for name, sentence in of_group.items()
    }
    return Wording(language, sentences)
