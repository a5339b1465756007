"""Where something about a person is kept, table by table, and what becomes of it: `holdings.toml`, as code reads it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Table, and_, false, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from o2c_core.store.rows import Row

TREATMENTS = ("named", "emptied", "replaced", "scrubbed", "coded", "rekeyed", "plain", "law")


@dataclass(frozen=True)
class Person:
    """A customer who is a person, or one contact of a customer; `addresses` are theirs, `seller_id` is whose ledger it is."""

    seller_id: UUID
    customer_id: UUID
    contact_id: UUID | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Holding:
    """One table: whose its rows are, the name they have in an export, which kinds of retention end them (`kept`) or why
    nothing does (`stays`), and what an erasure does with each text in it."""

    name: str
    of: tuple[str, ...] = ()
    of_contact: tuple[str, ...] | None = None
    shown: str | None = None
    not_shown: str | None = None
    kept: tuple[str, ...] = ()
    stays: str | None = None
    under: tuple[tuple[str, str], ...] = ()
    deleted: bool = False
    found_by: str | None = None
    treatment: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        return Row.metadata.tables[self.name]

    @property
    def is_somebodys(self) -> bool:
        """Whether its rows belong to persons at all."""
        return self.shown is not None

    def whose(self, person: Person) -> ColumnElement[bool]:
        """The rows that are that person's own."""
        if person.contact_id is not None:
            links = self.of_contact or ()
            return or_(false(), *(_linked(self.table, link, person) for link in links))
        if self.name == "customer":
            return self.table.c.id == person.customer_id
        return or_(false(), *(_linked(self.table, link, person) for link in self.of))


@cache
def holdings() -> Mapping[str, Holding]:
    """Every table that was decided about, in the order of the file."""
    tree = tomllib.loads(files(__package__).joinpath("holdings.toml").read_text("utf-8"))
    return {name: _holding(name, said) for name, said in tree["tables"].items()}


def undecided() -> list[str]:
    """Tables and columns of the mapping that the file says nothing about; empty when it is complete."""
    missing = []
    for name, table in Row.metadata.tables.items():
        holding = holdings().get(name)
        if holding is None:
            missing.append(name)
        else:
            missing += [f"{name}.{column}" for column in texts_in(table) if column not in holding.treatment]
    return missing


def texts_in(table: Table) -> list[str]:
    """The columns in which words can stand."""
    return [column.name for column in table.columns if isinstance(column.type, (String, JSONB))]


def _holding(name: str, said: dict[str, Any]) -> Holding:
    treatment = {column: kind for kind in TREATMENTS for column in said.get(kind, [])}
    return Holding(
        name,
        tuple(said.get("of", ())),
        tuple(said["of_contact"]) if "of_contact" in said else None,
        said.get("shown"),
        said.get("not_shown"),
        tuple(said.get("kept", ())),
        said.get("stays"),
        tuple((parent, column) for parent, _, column in (one.partition(".") for one in said.get("under", ()))),
        said.get("deleted", False),
        said.get("found_by"),
        treatment,
    )


def _linked(table: Table, link: str, person: Person) -> ColumnElement[bool]:
    if link in _SPECIAL:
        return _SPECIAL[link](table, person)
    column, _, parent = link.partition(" > ")
    if column == "id":
        return table.c.id == person.contact_id
    if parent == "customer":
        direct: ColumnElement[bool] = table.c[column] == person.customer_id
        return or_(direct, _strangers(table, person)) if table.name == "conversation" else direct
    holding = holdings()[parent]
    return table.c[column].in_(select(holding.table.c.id).where(holding.whose(person)))


def _strangers(table: Table, person: Person) -> ColumnElement[bool]:
    """Conversations from an address of theirs that nobody knew as theirs then."""
    message = Row.metadata.tables["message"]
    written = select(message.c.conversation_id).where(message.c.address.in_(person.addresses))
    return and_(table.c.seller_id == person.seller_id, table.c.customer_id.is_(None), table.c.id.in_(written))


def _from_their_addresses(table: Table, person: Person) -> ColumnElement[bool]:
    conversation = Row.metadata.tables["conversation"]
    at_the_customer = select(conversation.c.id).where(
        conversation.c.seller_id == person.seller_id,
        or_(conversation.c.customer_id == person.customer_id, conversation.c.customer_id.is_(None)),
    )
    return and_(table.c.address.in_(person.addresses), table.c.conversation_id.in_(at_the_customer))


def _said_from_their_addresses(table: Table, person: Person) -> ColumnElement[bool]:
    """What was said from an address of theirs when nobody was known to have it."""
    return and_(table.c.contact_id.is_(None), table.c.address.in_(person.addresses))


def _with_their_messages(table: Table, person: Person) -> ColumnElement[bool]:
    message = Row.metadata.tables["message"]
    return table.c.id.in_(select(message.c.conversation_id).where(_from_their_addresses(message, person)))


def _from_their_accounts(table: Table, person: Person) -> ColumnElement[bool]:
    """Money from an account they have paid from before that nobody has matched yet."""
    account = Row.metadata.tables["payer_account"]
    theirs = select(account.c.account).where(account.c.customer_id == person.customer_id)
    return and_(table.c.seller_id == person.seller_id, table.c.payment_id.is_(None), table.c.payer_account.in_(theirs))


_SPECIAL = {
    "addresses": _from_their_addresses,
    "messages": _with_their_messages,
    "payers": _from_their_accounts,
    "said_from": _said_from_their_addresses,
}
