"""Canned replies: what everybody at the desk may say, with its places filled from the ledger and a receipt for each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.desk import CannedReply
from o2c_core.customers.customer import LANGUAGES
from o2c_core.errors import Refused

PLACES = ("contact", "customer", "agent", "seller", "invoice", "amount", "due", "open")
_PLACE = re.compile(r"\{([^{}]*)\}")


class UnknownPlace(Refused):
    """A reply may have the places {contact}, {customer}, {agent}, {seller}, {invoice}, {amount}, {due} and {open}."""


@dataclass(frozen=True)
class Canned:
    """A reply before it is filled; `is_ours` came with the house and was not written here."""

    name: str
    text: str
    is_ours: bool

    @property
    def places(self) -> list[str]:
        return list(dict.fromkeys(_PLACE.findall(self.text)))


@dataclass(frozen=True)
class Filled:
    """What stands in a place, and the row it was read from."""

    text: str
    source: str


def canned_replies(session: Session, seller_id: UUID, language: str) -> list[Canned]:
    """Those of the house and the seller's own in that language, by name; the seller's stands instead of the house's.

    One whose text was emptied is not offered any more.
    """
    known = language if language in LANGUAGES else "en"
    query = select(CannedReply).where(CannedReply.seller_id == seller_id, CannedReply.language == known)
    own = {one.name: Canned(one.name, one.text, is_ours=False) for one in session.scalars(query)}
    ours = {name: Canned(name, text, is_ours=True) for name, text in _shipped(known).items()}
    return [one for _, one in sorted({**ours, **own}.items()) if one.text]


def check_places(text: str) -> None:
    """Raises: UnknownPlace."""
    odd = [name for name in _PLACE.findall(text) if name not in PLACES]
    if odd or text.count("{") != text.count("}"):
        raise UnknownPlace(places=", ".join(odd))


def filled(reply: Canned, values: Mapping[str, Filled]) -> str | None:
    """The reply as it is offered; None where something it needs is not known."""
    if any(name not in values for name in reply.places):
        return None
    return _PLACE.sub(lambda place: values[place[1]].text, reply.text)


@cache
def _shipped(language: str) -> dict[str, str]:
    tree: dict[str, str] = tomllib.loads(
        files(__package__).joinpath(f"canned_words/{language}.toml").read_text("utf-8")
    )
    return tree
