"""What every command about rules is asked with, which seller is meant, and how an answer is written."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli.report import NotADay
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store

RuleName = Annotated[str, typer.Argument(help="The rule's name.")]
SellerRef = Annotated[
    str | None, typer.Option("--seller", help="The seller's reference; not needed where there is only one.")
]
By = Annotated[str, typer.Option("--by", help="Who says so, for the trail.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Version = Annotated[int | None, typer.Option("--version", help="Another version than the newest.")]


class WhichSeller(Refused):
    """There are several sellers here; say which one with --seller."""


def the_seller(session: Session, ref: str | None) -> Seller:
    """The one that is named, or the only one there is. Raises: NotFound; WhichSeller."""
    query = select(Seller).order_by(Seller.ref).limit(2)
    found = session.scalars(query.where(Seller.ref == ref) if ref else query).all()
    if not found:
        raise NotFound(f"There is no seller {ref!r} here." if ref else "There is no seller here yet.")
    if len(found) > 1:
        raise WhichSeller
    return found[0]


def seller_ref(store: Store, ref: str | None) -> str:
    with store.session() as session:
        return the_seller(session, ref).ref


def key_of(written: str, missing: type[NotFound]) -> UUID:
    try:
        return UUID(written)
    except ValueError as odd:
        raise missing(id=written) from odd


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as odd:
        raise NotADay from odd


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def tell(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        say(f"  {sentence}")


def write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
