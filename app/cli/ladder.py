"""`parley ladder`: which reminders go out when, kept as ladders and chosen for whom they suit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.installation import opened_store
from o2c_core.actions.choose_ladder import choose_ladder
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.imports.source import FileMissing
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.ladder import STANDARD, Ladder
from o2c_core.reminders.ladders.reading import LadderUnclear, read_ladder
from o2c_core.reminders.ladders.shipped import SHIPPED, shipped, shipped_text
from o2c_core.reminders.ladders.summary import LANGUAGES, summary
from o2c_core.reminders.ladders.versions import kept_names, ladder_at, newest_ladder, versions_of
from o2c_core.reminders.ladders.written_down import document_of
from o2c_core.reminders.reminder import LadderChoice

ladder_app = typer.Typer(
    help="Which reminders go out when: ladders, their versions, and for whom they hold.", no_args_is_help=True
)
_Seller = Annotated[str, typer.Option("--seller", help="The seller, by its reference.")]
_OneSeller = Annotated[
    str | None, typer.Option("--seller", help="The seller, by its reference; the only one if left out.")
]
_By = Annotated[str, typer.Option("--by", help="Who decides it, for the trail.")]
_Why = Annotated[str | None, typer.Option("--why", help="Why, for whoever reads the trail later.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_Language = Annotated[str, typer.Option("--language", help="The language it is told in: en or nl.")]


class NoSuchLanguage(NotFound):
    """Ladders are told in English (en) and Dutch (nl)."""


class WhichSeller(NotFound):
    """There are several sellers here; say which one with --seller."""


@ladder_app.command("save")
def save(
    file: Annotated[
        str, typer.Argument(help=f"A TOML file, or the name of one that comes with Parley: {', '.join(SHIPPED)}.")
    ],
    seller: _Seller,
    by: _By = "command line",
    why: _Why = None,
    as_json: _Json = False,
) -> None:
    """Keep a ladder as the file says: a new version if anything differs. What was sent keeps the version it was sent by."""
    ladder = shipped(file) if file in SHIPPED and not Path(file).exists() else _read(Path(file))
    with opened_store() as store:
        kept, changed = save_ladder(seller, ladder, store=store, by=by, why=why)
    if as_json:
        _write({"ladder": kept.name, "version": kept.version, "changed": changed})
        return
    if not changed:
        sys.stdout.write(f"{kept.name}: nothing changed; version {kept.version} holds.\n")
        return
    sys.stdout.write(f"{kept.name}: version {kept.version} is in force wherever this ladder is chosen.\n")
    sys.stdout.write("".join(f"  {one}\n" for one in changed))


@ladder_app.command("list")
def list_ladders(seller: _OneSeller = None, as_json: _Json = False) -> None:
    """The ladders a seller keeps, and for whom each was chosen."""
    with opened_store() as store, store.session() as session:
        found: list[dict[str, Any]] = [
            {
                "name": ladder.name,
                "version": ladder.version,
                "steps": len(ladder.rungs),
                "is_kept": is_kept,
                "holds_for": held,
            }
            for ladder, is_kept, held in _ladders(session, _seller(session, seller))
        ]
    if as_json:
        _write({"ladders": found, "shipped": list(SHIPPED)})
        return
    for one in found:
        version = f"version {one['version']}" if one["is_kept"] else "as it comes with Parley"
        sys.stdout.write(f"{one['name']:<20} {version}, {one['steps']} steps\n")
        sys.stdout.write("".join(f"    {held}\n" for held in one["holds_for"]))


@ladder_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="The ladder's name.")],
    seller: _OneSeller = None,
    version: Annotated[int | None, typer.Option(help="An earlier version; the one in force if left out.")] = None,
    language: _Language = "en",
    as_json: _Json = False,
) -> None:
    """A ladder in plain sentences, and its history."""
    with opened_store() as store, store.session() as session:
        of = _seller(session, seller)
        ladder = newest_ladder(session, of.id, name) if version is None else ladder_at(session, of.id, name, version)
        history = [
            {"version": one.version, "saved_at": one.saved_at.isoformat(), "by": one.by, "why": one.why}
            for one in versions_of(session, of.id, name)
        ]
    sentences = summary(ladder, _known(language))
    if as_json:
        _write(document_of(ladder) | {"version": ladder.version, "summary": sentences, "history": history})
        return
    sys.stdout.write("\n".join(sentences) + "\n")
    for one in history:
        why = f": {one['why']}" if one["why"] else ""
        sys.stdout.write(f"  version {one['version']}, {str(one['saved_at'])[:16]}, {one['by']}{why}\n")


@ladder_app.command("use")
def use(
    name: Annotated[str, typer.Argument(help="The ladder's name; 'none' takes the choice back.")],
    seller: _Seller,
    segment: Annotated[str | None, typer.Option(help="Only for this segment of customers.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only for this customer, by its reference.")] = None,
    invoice: Annotated[str | None, typer.Option(help="Only for this invoice, by its number.")] = None,
    by: _By = "command line",
    why: _Why = None,
    as_json: _Json = False,
) -> None:
    """Choose which ladder holds. The narrowest choice counts: invoice, customer, segment, seller."""
    ladder = None if name == "none" else name
    with opened_store() as store:
        choice = choose_ladder(
            seller, ladder, store=store, segment=segment, customer_ref=customer, invoice_number=invoice, by=by, why=why
        )
    for_whom = next(
        (
            f"{what} {which}"
            for what, which in (("segment", segment), ("customer", customer), ("invoice", invoice))
            if which
        ),
        f"everybody at {seller} for whom nothing narrower was chosen",
    )
    if as_json:
        _write({"ladder": choice.ladder if choice else None, "for": for_whom})
        return
    said = (
        f"{choice.ladder} holds for {for_whom} from now on."
        if choice
        else f"Nothing of its own holds for {for_whom} any more."
    )
    sys.stdout.write(said + "\n")


@ladder_app.command("summary")
def tell(
    file: Annotated[
        str, typer.Argument(help=f"A TOML file, or the name of one that comes with Parley: {', '.join(SHIPPED)}.")
    ],
    language: _Language = "en",
    as_toml: Annotated[bool, typer.Option("--toml", help="The file itself, to begin one of your own from.")] = False,
) -> None:
    """What a ladder file says, in plain sentences; nothing is kept. A file with faults is told them all."""
    is_shipped = file in SHIPPED and not Path(file).exists()
    if as_toml:
        sys.stdout.write(shipped_text(file) if is_shipped else Path(file).read_text(encoding="utf-8"))
        return
    ladder = shipped(file) if is_shipped else _read(Path(file))
    sys.stdout.write("\n".join(summary(ladder, _known(language))) + "\n")


def _read(file: Path) -> Ladder:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as missing:
        raise FileMissing(f"There is no file {file}.", path=str(file)) from missing
    except (UnicodeDecodeError, OSError) as odd:
        raise LadderUnclear(f"{file.name} cannot be read as text.") from odd
    return read_ladder(text)


def _seller(session: Session, ref: str | None) -> Seller:
    sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
    if ref is None:
        if len(sellers) != 1:
            raise WhichSeller
        return sellers[0]
    found = next((one for one in sellers if one.ref == ref), None)
    if found is None:
        raise NotFound(f"There is no seller '{ref}'.", seller=ref)
    return found


def _ladders(session: Session, seller: Seller) -> list[tuple[Ladder, bool, list[str]]]:
    """Every ladder of the seller with for whom it was chosen; the standard one first, kept or not."""
    kept = kept_names(session, seller.id)
    held: dict[str, list[str]] = {}
    query = (
        select(LadderChoice, Customer.ref, Invoice.number)
        .outerjoin(Customer, Customer.id == LadderChoice.customer_id)
        .outerjoin(Invoice, Invoice.id == LadderChoice.invoice_id)
        .where(LadderChoice.seller_id == seller.id, LadderChoice.ended_at.is_(None))
        .order_by(LadderChoice.chosen_at)
    )
    for choice, ref, number in session.execute(query):
        held.setdefault(choice.ladder, []).append(
            {"seller": "everybody for whom nothing narrower was chosen", "segment": f"segment {choice.segment}",
             "customer": f"customer {ref}", "invoice": f"invoice {number}"}[choice.scope]
        )  # fmt: skip
    is_elsewhere = any("everybody for whom nothing narrower was chosen" in names for names in held.values())
    if not is_elsewhere:
        held.setdefault(STANDARD.name, []).append("everybody for whom nothing else was chosen")
    names = [STANDARD.name, *(name for name in kept if name != STANDARD.name)]
    return [(newest_ladder(session, seller.id, name), name in kept, held.get(name, [])) for name in names]


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NoSuchLanguage(language=language)
    return language


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
