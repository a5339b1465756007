"""`parley privacy`: what is kept about a person given out or erased, and what is old let go of."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core.actions.apply_retention import Retention, apply_retention
from o2c_core.actions.erase_person import Erased, Erasure, erase_person
from o2c_core.actions.export_person import export_person
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store

BY = "command line"


class NoSuchCustomer(NotFound):
    """That seller has no customer with that reference."""


class NoSuchContact(NotFound):
    """That customer has no contact of that name."""


class ContactUnclear(Refused):
    """That customer has several contacts of that name; rename the one that is meant first."""


class NotConfirmed(Refused):
    """Nothing was erased. An erasure cannot be taken back: say so with --yes."""


class CannotWrite(Refused):
    """The file cannot be written there."""


class NotADay(Refused):
    """A day is written as year-month-day, for instance 2026-03-31."""


privacy_app = typer.Typer(help="What is kept about people: give out, erase, let go.", no_args_is_help=True)
_CustomerRef = Annotated[str, typer.Argument(help="Reference of the customer.")]
_SellerRef = Annotated[str, typer.Option("--seller", help="Reference of the seller.")]
_ContactName = Annotated[
    str | None, typer.Option("--contact", help="Only this person at the customer, by the name they are kept under.")
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@privacy_app.command("export")
def export(
    customer: _CustomerRef,
    seller: _SellerRef,
    to: Annotated[Path, typer.Option("--to", help="The JSON file to write; one that is there is replaced.")],
    contact: _ContactName = None,
    why: Annotated[str, typer.Option(help="Who asked for it, and when.")] = "asked for access",
) -> None:
    """Write everything that is kept about a person to a file only you can read."""
    with opened_store() as store:
        customer_id, contact_id = _who(store, seller, customer, contact)
        exported = export_person(customer_id, contact_id, by=BY, why=why, store=store)
    _write(to, json.dumps(exported, indent=2, ensure_ascii=False) + "\n")
    rows = sum(len(rows) for rows in exported["data"].values())
    sys.stdout.write(f"Wrote {to}: {rows} rows, format {exported['format']} {exported['version']}.\n")


@privacy_app.command("erase")
def erase(
    customer: _CustomerRef,
    seller: _SellerRef,
    why: Annotated[str, typer.Option(help="Who asked for it, and when.")],
    contact: _ContactName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, erase; it cannot be taken back.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even while something is open; needs --role manager.")] = False,
    role: Annotated[str, typer.Option(help="In which role: agent, finance or manager.")] = "agent",
    by: Annotated[str, typer.Option(help="Your name, for the trail.")] = BY,
    as_json: _Json = False,
) -> None:
    """Put a name that says nothing in the place of a person everywhere; invoices stay, as the law asks."""
    with opened_store() as store:
        customer_id, contact_id = _who(store, seller, customer, contact)
        if not yes:
            raise NotConfirmed
        erased = erase_person(Erasure(customer_id, contact_id, force), by=by, why=why, role=role, store=store)
    sys.stdout.write(_as_json(erased) if as_json else _in_words(erased))


@privacy_app.command("retention")
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    on: Annotated[str | None, typer.Option(help="Count from this day; each seller's own today when left out.")] = None,
    as_json: _Json = False,
) -> None:
    """Let go of what has been kept long enough. The worker does the same once a day."""
    with opened_store() as store:
        done = apply_retention(_day(on), store=store, dry_run=dry_run)
    sys.stdout.write(_retention_json(done) if as_json else _retention_words(done))


def _who(store: Store, seller: str, customer: str, contact: str | None) -> tuple[UUID, UUID | None]:
    with store.session() as session:
        query = select(Customer.id).join(Seller, Seller.id == Customer.seller_id)
        customer_id = session.scalars(query.where(Seller.ref == seller, Customer.ref == customer)).one_or_none()
        if customer_id is None:
            raise NoSuchCustomer(seller=seller, customer=customer)
        if contact is None:
            return customer_id, None
        named = select(Contact.id).where(Contact.customer_id == customer_id, Contact.name == contact)
        found = session.scalars(named.limit(2)).all()
    if len(found) != 1:
        raise ContactUnclear if found else NoSuchContact(customer=customer)
    return customer_id, found[0]


def _write(path: Path, text: str) -> None:
    """Raises: CannotWrite. The file is all there or not there, and readable by its owner alone from the start."""
    beside = path.with_name(f".{path.name}.new")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    except OSError as no:
        raise CannotWrite(f"{path} cannot be written: {no.strerror}.") from no


def _as_json(erased: Erased) -> str:
    said = {
        "pseudonym": erased.pseudonym,
        "rows": erased.rows,
        "passages": erased.passages,
        "carriers": [{"carrier": carrier, "key": key} for carrier, key in erased.carriers],
    }
    return json.dumps(said, indent=2) + "\n"


def _in_words(erased: Erased) -> str:
    if not erased.is_new:
        return f"There was nothing left to erase: they are '{erased.pseudonym}'.\n"
    lines = [f"Erased: they are '{erased.pseudonym}' from now on. Rows changed: {sum(erased.rows.values())}."]
    if erased.passages:
        lines.append(f"The library mentions them; change its documents: {', '.join(erased.passages)}.")
    if erased.carriers:
        lines.append(f"Carriers may still have copies of {len(erased.carriers)} messages; --json lists their ids.")
    return "\n".join(lines) + "\n"


def _day(said: str | None) -> date | None:
    """Raises: NotADay."""
    try:
        return None if said is None else date.fromisoformat(said)
    except ValueError as odd:
        raise NotADay from odd


def _retention_json(done: Retention) -> str:
    lines = [
        {
            "seller": line.seller,
            "kind": line.kind,
            "then": line.then,
            "before": line.before.isoformat(),
            "count": line.count,
        }
        for line in done.lines
    ]
    return json.dumps({"dry_run": done.is_dry_run, "lines": lines}, indent=2) + "\n"


def _retention_words(done: Retention) -> str:
    if not done.lines:
        return "Nothing has been kept too long.\n"
    would = "would be " if done.is_dry_run else ""
    return "".join(
        f"{line.seller}: {line.count} of {line.kind} from before {line.before.isoformat()} {would}{line.then}.\n"
        for line in done.lines
    )
