"""`parley notice`: formal notices, proposed, approved by a person, sent and followed until somebody received them."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli.document import CannotWrite, NoSuchCustomer, NoSuchInvoice, NoSuchSeller, NotADay, SellerUnclear
from app.installation import opened_store
from o2c_core.actions.approve_notice import NoSuchNotice, approve_notice
from o2c_core.actions.make_evidence_pack import make_evidence_pack
from o2c_core.actions.note_notice_delivered import note_notice_delivered, note_notice_posted
from o2c_core.actions.propose_notice import NoticeRequest, propose_notice
from o2c_core.actions.refuse_notice import refuse_notice
from o2c_core.actions.send_notice import send_notice
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.notices.formal_notice import STATES, FormalNotice
from o2c_core.notices.told import told_notice
from o2c_core.store.store import Store

notice_app = typer.Typer(help="Formal notices: off until a seller turns them on.", no_args_is_help=True)
_Number = Annotated[str, typer.Argument(help="The notice's number, as `parley notice list` shows it.")]
_By = Annotated[str, typer.Option("--by", help="Who says so, for the trail.")]
_Seller = Annotated[str | None, typer.Option(help="The seller, by its reference; needed where there are more.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


class NoSuchState(Refused):
    """That is not a state a formal notice can be in."""


class NoLetterYet(Refused):
    """The letter is made when the notice is approved."""


@notice_app.command("propose")
def propose(
    customer: Annotated[str, typer.Option(help="The customer, by its reference.")],
    by: _By,
    invoice: Annotated[list[str] | None, typer.Option(help="Only this invoice; may be given again.")] = None,
    kind: Annotated[str | None, typer.Option(help="The kind that is expected; another one is refused.")] = None,
    currency: Annotated[str | None, typer.Option(help="The customer's own if left out.")] = None,
    why: Annotated[str, typer.Option(help="What the approver should know.")] = "",
    seller: _Seller = None,
    as_json: _Json = False,
) -> None:
    """Propose a notice about what is late; nothing leaves before somebody approves it."""
    with opened_store() as store:
        with store.session() as session:
            whose = _seller(session, seller)
            about = _customer(session, whose, customer)
            ids = tuple(_invoice(session, about, number) for number in invoice or ())
        request = NoticeRequest(about.id, why, ids, currency.upper() if currency else None, kind)
        notice = propose_notice(request, store=store, by=by)
        _say(store, notice, as_json)


@notice_app.command("list")
def list_notices(
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    seller: _Seller = None,
    as_json: _Json = False,
) -> None:
    """List formal notices, newest first."""
    if state not in (None, *STATES):
        raise NoSuchState(f"'{state}' is not a state of a notice: {', '.join(STATES)}.")
    with opened_store() as store, store.session() as session:
        query = select(FormalNotice).order_by(FormalNotice.proposed_at.desc(), FormalNotice.id.desc())
        if seller is not None:
            query = query.where(FormalNotice.seller_id == _seller(session, seller).id)
        if state is not None:
            query = query.where(FormalNotice.state == state)
        told = [told_notice(session, notice) for notice in session.scalars(query)]
    if as_json:
        _write({"notices": [one.to_json() for one in told]})
        return
    for one in told:
        sys.stdout.write(f"{one.line}\n")
    sys.stdout.write(f"{len(told)} {'notice' if len(told) == 1 else 'notices'}.\n")


@notice_app.command("show")
def show(
    number: _Number,
    to: Annotated[Path | None, typer.Option(help="Write the letter, as it was approved, to this file.")] = None,
    seller: _Seller = None,
    as_json: _Json = False,
) -> None:
    """What a notice claims, how that was worked out, and where it stands."""
    with opened_store() as store:
        notice = _notice(store, seller, number)
        if to is not None:
            if notice.file is None:
                raise NoLetterYet(
                    f"Formal notice {notice.number} has no letter: it is made when the notice is approved."
                )
            _write_file(to, notice.file)
        _say(store, notice, as_json, written=to)


@notice_app.command("approve")
def approve(
    number: _Number,
    by: _By,
    role: Annotated[str, typer.Option(help="finance or manager.")],
    by_post: Annotated[
        bool, typer.Option("--by-post", help="Queue no mail: the letter is printed and posted.")
    ] = False,
    seller: _Seller = None,
    as_json: _Json = False,
) -> None:
    """Put your name to the letter; it is queued to leave by email, unless it goes by post."""
    with opened_store() as store:
        notice = approve_notice(_notice(store, seller, number).id, by=by, role=role, store=store)
        if not by_post:
            send_notice(notice.id, by=by, store=store)
        _say(store, notice, as_json)


@notice_app.command("send")
def send(number: _Number, by: _By, seller: _Seller = None, as_json: _Json = False) -> None:
    """Queue an approved notice, or one that did not arrive, to leave by email."""
    with opened_store() as store:
        notice = _notice(store, seller, number)
        send_notice(notice.id, by=by, store=store)
        _say(store, notice, as_json)


@notice_app.command("refuse")
def refuse(
    number: _Number,
    by: _By,
    why: Annotated[str, typer.Option(help="Why not, in a few words.")],
    seller: _Seller = None,
    as_json: _Json = False,
) -> None:
    """Refuse a notice, or take back one that was approved and has not left."""
    with opened_store() as store:
        _say(store, refuse_notice(_notice(store, seller, number).id, by=by, why=why, store=store), as_json)


@notice_app.command("posted")
def posted(
    number: _Number,
    by: _By,
    code: Annotated[str, typer.Option(help="The code of the registered letter.")],
    seller: _Seller = None,
    as_json: _Json = False,
) -> None:
    """The printed letter was sent by registered post."""
    with opened_store() as store:
        _say(store, note_notice_posted(_notice(store, seller, number).id, code=code, by=by, store=store), as_json)


@notice_app.command("delivered")
def delivered(
    number: _Number,
    by: _By,
    on: Annotated[str, typer.Option(help="The day it was received, as 2026-03-31.")],
    evidence: Annotated[str, typer.Option(help="What shows it: a code, a signed receipt, their own words.")],
    proof: Annotated[str, typer.Option(help="post, where the post says so; else person.")] = "person",
    seller: _Seller = None,
    as_json: _Json = False,
) -> None:
    """The letter was received: from the day after, they have fourteen days."""
    try:
        received_on = date.fromisoformat(on)
    except ValueError as odd:
        raise NotADay(text=on) from odd
    with opened_store() as store:
        id_ = _notice(store, seller, number).id
        notice = note_notice_delivered(
            id_, received_on=received_on, evidence=evidence, by=by, store=store, proof=proof
        )  # fmt: skip
        _say(store, notice, as_json)


@notice_app.command("evidence")
def evidence(
    customer: Annotated[str, typer.Option(help="The customer, by its reference.")],
    out: Annotated[Path, typer.Option(help="The ZIP file to write.")],
    by: _By = "command line",
    invoice: Annotated[list[str] | None, typer.Option(help="Only this invoice; may be given again.")] = None,
    seller: _Seller = None,
) -> None:
    """Write everything that shows a claim: orders, proof of delivery, invoices, statement, thread, disputes, notices."""
    with opened_store() as store:
        with store.session() as session:
            about = _customer(session, _seller(session, seller), customer)
            ids = [_invoice(session, about, number) for number in invoice or ()]
        pack = make_evidence_pack(about.id, store=store, by=by, invoice_ids=ids)
    _write_file(out, pack.content)
    sys.stdout.write(
        f"Written: {out} ({len(pack.content) / 1000:.0f} kB, {len(pack.files)} files about {', '.join(pack.invoices)}).\n"
    )


def _say(store: Store, notice: FormalNotice, as_json: bool, written: Path | None = None) -> None:
    with store.session() as session:
        told = told_notice(session, session.get_one(FormalNotice, notice.id, populate_existing=True))
    if as_json:
        _write(told.to_json())
        return
    sys.stdout.write(f"{told.text}\n")
    if written is not None:
        sys.stdout.write(f"Written: {written}\n")


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _write_file(to: Path, content: bytes) -> None:
    try:
        to.write_bytes(content)
    except OSError as refused:
        raise CannotWrite(f"The file {to} cannot be written: {refused.strerror}.") from refused


def _notice(store: Store, seller: str | None, number: str) -> FormalNotice:
    with store.session() as session:
        whose = _seller(session, seller)
        query = select(FormalNotice).where(FormalNotice.seller_id == whose.id, FormalNotice.number == number.strip())
        found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSuchNotice(f"There is no formal notice {number}; parley notice list shows them.", number=number)
    return found


def _customer(session: Session, seller: Seller, ref: str) -> Customer:
    found = session.scalar(select(Customer).where(Customer.seller_id == seller.id, Customer.ref == ref))
    if found is None:
        raise NoSuchCustomer(ref=ref)
    return found


def _invoice(session: Session, customer: Customer, number: str) -> Any:
    found = session.scalar(select(Invoice.id).where(Invoice.customer_id == customer.id, Invoice.number == number))
    if found is None:
        raise NoSuchInvoice(f"That customer has no invoice {number}.", number=number)
    return found


def _seller(session: Session, ref: str | None) -> Seller:
    query = select(Seller).order_by(Seller.ref)
    found = list(session.scalars(query if ref is None else query.where(Seller.ref == ref)))
    if not found:
        raise NoSuchSeller(ref=ref)
    if len(found) > 1:
        raise SellerUnclear
    return found[0]
