"""`parley chat`: talk with the assistant in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from sqlalchemy import select

from app.house import opened_house
from bot.turn import House, Turn, take_turn
from o2c_core.actions.receive_message import Incoming
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused


class NoSeller(Refused):
    """There is no seller yet; import a file with `parley import` or start `parley demo` first."""


class SeveralSellers(Refused):
    """There are several sellers here; say which one with --seller."""


class UnknownCustomer(NotFound):
    """There is no customer with that reference here."""


class CustomerOfSeveral(Refused):
    """Several sellers know a customer with that reference; say which seller with --seller."""


def chat(
    customer: Annotated[str | None, typer.Option(help="Customer to be, by reference; a stranger if left out.")] = None,
    seller: Annotated[str | None, typer.Option(help="Seller to talk with, where there are several.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One message per line in, one JSON object per line out.")
    ] = False,
    fresh_each: Annotated[bool, typer.Option("--fresh-each", help="Every line is a conversation of its own.")] = False,
) -> None:
    """Talk in the terminal as a verified customer, or as a stranger."""
    with opened_house() as house:
        incoming = _writer(house, customer, seller)
        say = _say_json if as_json else _say
        if not as_json and sys.stdin.isatty():
            sys.stderr.write("Type a message and press enter; an empty line or Ctrl-D ends the conversation.\n")
        conversation = None
        for line in _lines(interactive=not as_json and sys.stdin.isatty()):
            try:
                turn = take_turn(_with(incoming, line, conversation), house)
            except Refused as refused:
                say({"message": line, "error": refused.sentence}, None)
                continue
            if not fresh_each:
                conversation = turn.conversation_id
            say(turn.as_json(), turn)


def _writer(house: House, customer_ref: str | None, seller_ref: str | None) -> Incoming:
    with house.store.session() as session:
        if customer_ref is not None:
            query = select(Customer).join(Seller).where(Customer.ref == customer_ref)
            if seller_ref is not None:
                query = query.where(Seller.ref == seller_ref)
            found = list(session.scalars(query.limit(2)))
            if not found:
                raise UnknownCustomer(f"There is no customer {customer_ref!r} here.")
            if len(found) > 1:
                raise CustomerOfSeveral
            return Incoming(found[0].seller_id, "terminal", "", customer_id=found[0].id, identity="proven")
        sellers = select(Seller.id)
        if seller_ref is not None:
            sellers = sellers.where(Seller.ref == seller_ref)
        ids = list(session.scalars(sellers.limit(2)))
        if not ids:
            raise NotFound(f"There is no seller {seller_ref!r} here.") if seller_ref else NoSeller
        if len(ids) > 1:
            raise SeveralSellers
        return Incoming(ids[0], "terminal", "")


def _with(incoming: Incoming, text: str, conversation: Any) -> Incoming:
    return Incoming(incoming.seller_id, incoming.channel, text, incoming.customer_id, incoming.identity, conversation)


def _lines(*, interactive: bool) -> Iterator[str]:
    if interactive:
        while True:
            try:
                line = input("you: ").strip()
            except EOFError:
                return
            if not line:
                return
            yield line
    # Whatever bytes come, a line is a line: what is not UTF-8 becomes replacement characters.
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line.strip():
            yield line


def _say_json(said: dict[str, Any], turn: Turn | None) -> None:  # noqa: ARG001 (one signature for both ways of saying)
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _say(said: dict[str, Any], turn: Turn | None) -> None:
    if turn is None:
        sys.stdout.write(f"parley: {said['error']}\n")
        return
    reply = turn.reply or "(a colleague is answering in this conversation)"
    sys.stdout.write("parley: " + reply.replace("\n", "\n        ") + "\n")
    sys.stdout.flush()
