"""`parley approve`: the reminders that wait for somebody of finance."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.installation import doorplate, opened_store
from app.settings import settings
from o2c_core import days, money
from o2c_core.actions.approve_reminders import Approved, approve_reminders
from o2c_core.actions.edit_reminder import edit_reminder
from o2c_core.actions.skip_reminder import skip_reminder
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import NoSuchMessage
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.reminders.drafts import Draft, drafts_of
from o2c_core.reminders.ladders.summary import when

_LOCALE = "en_GB"

approve_app = typer.Typer(help="The reminders that wait for somebody of finance.", no_args_is_help=True)
_Seller = Annotated[str | None, typer.Option("--seller", help="Only this seller's, by its reference.")]
_By = Annotated[str, typer.Option("--by", help="Who decides, for the trail.")]
_Role = Annotated[str, typer.Option("--role", help="In which role: finance or manager.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_Which = Annotated[str, typer.Argument(help="The reminder's id, as `parley approve list` shows it.")]


class SayWhich(Refused):
    """Name the reminders to approve by their ids, or say --all."""


@approve_app.command("list")
def list_drafts(seller: _Seller = None, as_json: _Json = False) -> None:
    """What waits, the largest amounts first."""
    with opened_store() as store, store.session() as session:
        rows = [_row(draft) for draft in _drafts(session, seller)]
    if as_json:
        _write({"reminders": rows})
        return
    for row in rows:
        numbers = ", ".join(row["invoices"])
        sys.stdout.write(
            f"{row['id']}  {row['asked']:>16}  {row['customer']} {row['name']}\n"
            f"    {row['when']} (step {row['step']} of {row['ladder']}, version {row['version']}), {row['tone']}; {numbers}\n"
        )
    sys.stdout.write(f"{len(rows)} {'reminder waits' if len(rows) == 1 else 'reminders wait'} for approval.\n")


@approve_app.command("show")
def show(message: _Which, as_json: _Json = False) -> None:
    """The reminder as the customer would get it."""
    with opened_store() as store, store.session() as session:
        found = session.get(Message, _id(message))
        if found is None or found.purpose != "reminder":
            raise NoSuchMessage(message=message)
        seller_drafts = [draft for draft in _drafts(session, None) if draft.message.id == found.id]
    about = _row(seller_drafts[0]) if seller_drafts else {"id": str(found.id)}
    about |= {"delivery": found.delivery, "to": found.address, "subject": found.subject, "text": found.text}
    if as_json:
        _write(about)
        return
    subject = f"Subject: {found.subject}\n" if found.subject else ""
    sys.stdout.write(f"To {found.address} by {found.channel} ({found.delivery})\n{subject}\n{found.text}\n")


@approve_app.command("yes")
def approve(
    messages: Annotated[list[str] | None, typer.Argument(help="The reminders' ids.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that waits.")] = False,
    seller: _Seller = None,
    by: _By = "command line",
    role: _Role = "finance",
    as_json: _Json = False,
) -> None:
    """Let them go. Each is looked at again first; what was overtaken is withdrawn, and what is of an earlier day is
    written anew and waits once more."""
    if bool(messages) == everything:
        raise SayWhich
    with opened_store() as store:
        with store.session() as session:
            waiting = _drafts(session, seller) if everything else []
        ids = [draft.message.id for draft in waiting] if everything else [_id(one) for one in messages or []]
        done = approve_reminders(ids, by=by, role=role, store=store, doorplate=doorplate(settings()))
    if as_json:
        _write({"reminders": [one.to_json() for one in done]})
        return
    for one in done:
        sys.stdout.write(f"{one.message_id}  {one.outcome}: {one.sentence}\n")
    sys.stdout.write(_told(done) + "\n")


@approve_app.command("skip")
def skip(
    message: _Which,
    why: Annotated[str, typer.Option(help="Why this step is left out.")],
    by: _By = "command line",
    role: _Role = "finance",
    as_json: _Json = False,
) -> None:
    """Leave this step out; the ladder goes on with the next one."""
    with opened_store() as store:
        skipped = skip_reminder(_id(message), why=why, by=by, role=role, store=store)
    steps = sorted({rung for rung, _ in skipped})
    if as_json:
        _write({"message": message, "skipped": steps})
        return
    sys.stdout.write(f"Skipped: {', '.join(steps)}. The next step comes on its own day.\n")


@approve_app.command("edit")
def edit(
    message: _Which,
    opening: Annotated[str | None, typer.Option(help="The first sentence; the approved one if left out.")] = None,
    ask: Annotated[str | None, typer.Option(help="What is asked; the approved sentence if left out.")] = None,
    by: _By = "command line",
    role: _Role = "finance",
    as_json: _Json = False,
) -> None:
    """Put its sentences in other words. Figures stay the ledger's: one that is not the message's own is refused."""
    with opened_store() as store:
        written = edit_reminder(
            _id(message), opening=opening, ask=ask, by=by, role=role, store=store, doorplate=doorplate(settings())
        )
    if as_json:
        _write({"message": message, "subject": written.subject, "text": written.text})
        return
    sys.stdout.write(written.text)


def _told(done: list[Approved]) -> str:
    counts = {
        outcome: sum(one.outcome == outcome for one in done) for outcome in dict.fromkeys(one.outcome for one in done)
    }
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "Nothing waited for approval."


def _drafts(session: Session, seller_ref: str | None) -> list[Draft]:
    sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
    if seller_ref is not None:
        sellers = [one for one in sellers if one.ref == seller_ref]
        if not sellers:
            raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
    return [draft for seller in sellers for draft in drafts_of(session, seller.id)]


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "id": str(draft.message.id),
        "customer": draft.customer.ref,
        "name": draft.customer.name,
        "asked": money.show_plain(draft.asked, _LOCALE),
        "currency": draft.currency,
        "invoices": list(draft.numbers),
        "step": draft.rung,
        "when": when(draft.days),
        "ladder": draft.ladder,
        "version": draft.version,
        "tone": draft.tone,
        "written_for": days.show(draft.on, _LOCALE),
        "edited_by": draft.own_words.get("by"),
    }


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as odd:
        raise NoSuchMessage(message=written) from odd


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
