"""Whole files: the ledger's tables, the bank's statements, electronic invoices."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints

from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.actions.import_einvoice import import_einvoice
from o2c_core.actions.import_ledger import import_ledger
from o2c_core.cards import mask_cards
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.imports.binding import guess_profile
from o2c_core.imports.profile import Profile, load_profile, shipped_profiles
from o2c_core.imports.source import open_source
from o2c_core.store.store import Store
from web.api.door import KeyedRoute, needs
from web.api.find import seller_of
from web.api.problems import described
from web.api.shapes import Told
from web.api.writes import Write, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["imports"])
PATH = "/imports/"
# A file is held in memory while its fingerprint is taken; larger ones are for `parley import`.
FILE_BYTES_MAX = 32 * 1024 * 1024
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_WRITES = described(400, 404, 409, 413, 503)
_Name = Annotated[
    str,
    Query(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="The file's name, as reports and the trail call it.",
    ),
]
_Profile = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")] | None,
    Query(description="A profile that comes with Parley; the one that fits where it is left out."),
]
_DryRun = Annotated[bool, Query(description="Report what would happen and keep nothing.")]


class NothingSent(Refused):
    """The request has no file in it."""


class NoSuchProfile(Refused):
    """There is no such profile here."""


class ReportTold(Told):
    """What the import did: accepted, changed, unchanged and refused, with line and reason."""

    report: dict[str, Any]


@router.post("/imports/ledger", response_model=ReportTold, responses=_WRITES, openapi_extra=_BODY)
@needs("imports:write")
def post_ledger_file(
    write: WriteHere, name: _Name = "upload.csv", profile: _Profile = None, dry_run: _DryRun = False
) -> Response:
    """Customers, contacts, orders, shipments, invoices or payments, as CSV, XLSX or JSON."""

    def read(path: Path, seller: str, store: Store) -> dict[str, Any]:
        chosen = _shipped(profile) if profile is not None else guess_profile(open_source(path), path.name)
        return import_ledger(path, seller, chosen, dry_run=dry_run, by=write.who, store=store).as_tables()

    return _import(write, name, read)


@router.post("/imports/bank", response_model=ReportTold, responses=_WRITES, openapi_extra=_BODY)
@needs("imports:write")
def post_bank_file(write: WriteHere, name: _Name = "statement.xml", dry_run: _DryRun = False) -> Response:
    """A bank's file: camt.053 or MT940. What comes in waits to be matched."""

    def read(path: Path, seller: str, store: Store) -> dict[str, Any]:
        return import_bank_file(path, seller, dry_run=dry_run, by=write.who, store=store).as_tables()

    return _import(write, name, read)


@router.post("/imports/einvoice", response_model=ReportTold, responses=_WRITES, openapi_extra=_BODY)
@needs("imports:write")
def post_einvoice(
    write: WriteHere,
    name: _Name = "invoice.xml",
    dry_run: _DryRun = False,
    create_customer: Annotated[bool, Query(description="Whether to add a buyer who is not known yet.")] = False,
) -> Response:
    """An invoice or credit note in UBL 2.1, as EN 16931 and Peppol BIS Billing 3 have it."""

    def read(path: Path, seller: str, store: Store) -> dict[str, Any]:
        report = import_einvoice(
            path, seller, dry_run=dry_run, create_customer=create_customer, by=write.who, store=store
        )
        return report.as_tables()

    return _import(write, name, read)


def _import(write: Write, name: str, read: Callable[[Path, str, Store], dict[str, Any]]) -> Response:
    def act(store: Store) -> ReportTold:
        if not write.body:
            raise NothingSent
        with write.store.session() as session:
            seller: Seller = seller_of(session, write.caller.seller_id)
        # The name goes to the trail and the answer kept for a repeat.
        with _as_file(mask_cards(name), write.body) as path:
            return ReportTold(report=read(path, seller.ref, store))

    return write.carry_out(act, 200)


def _shipped(name: str) -> Profile:
    """A profile by its name only: what else is read by a name would be a file of this machine.

    Raises: NoSuchProfile.
    """
    if name.replace("-", "_") not in shipped_profiles():
        raise NoSuchProfile(f"There is no profile '{name}'; there are {', '.join(shipped_profiles())}.", name=name)
    return load_profile(name)


@contextmanager
def _as_file(name: str, body: bytes) -> Iterator[Path]:
    """The body as a file of that name in a folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="parley-import-") as folder:
        path = Path(folder) / name
        path.write_bytes(body)
        yield path
