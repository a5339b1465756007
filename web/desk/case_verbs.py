"""What is done with a case: taken, given to somebody, put off, resolved after a look at what that posts and says, and shown
with its evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core import money
from o2c_core.actions.assign_case import assign_case
from o2c_core.actions.make_evidence_pack import make_evidence_pack
from o2c_core.actions.move_case_deadline import move_case_deadline
from o2c_core.actions.resolve_complaint import Amends, ForeseenAmends, foresee_complaint, resolve_complaint
from o2c_core.actions.resolve_dispute import Foreseen, Ruling, foresee_dispute, resolve_dispute
from o2c_core.cases.causes import Cause
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, NotFound, Refused
from o2c_core.informing.case_telling import Told
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money, NotAnAmount
from o2c_core.staff.signed import Signed
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.case_page import NOUNS, Case, colleagues, find_case, is_day
from web.desk.case_words import CAUSE_NAMES, OUTCOME_NAMES
from web.desk.door import SignedHere, desk_router, needs
from web.desk.place import Place, SellerOf, done, status_of
from web.headers import HEADERS
from web.reader import Reader

# What the page says when something was done, by the word its address ends with.
DONE = {
    "assigned": "It is theirs now.",
    "deadline": "The day has changed. The customer was told the one before, and is not told this one.",
    "resolved": "It is resolved.",
    "told": "It is resolved, and the customer is being told.",
    "logged": "It is recorded. Reminders for what is objected to have stopped.",
}
Line = Annotated[str, Form(max_length=200)]
Prose = Annotated[str, Form(max_length=2_000)]


class ColleagueUnknown(Refused):
    """There is nobody of that name at the desk."""


class DayUnclear(Refused):
    """Say the day as the calendar of the form does."""


class CauseIsMissing(Refused):
    """Say what lay behind it, and what it names; without that nothing can be learned from it."""


class Show(Protocol):
    """Shows the page of one case, with why something was not done and what was filled in."""

    def __call__(
        self, who: Signed, kind: str, number: str, seller: str, *, notice: str = "", status: int = 200, **filled: Any
    ) -> Response: ...


@dataclass(frozen=True)
class Asked:
    """What was filled in to resolve a case; `seen` is the mark of what was foreseen for it, once that has been looked at."""

    outcome: str
    words: str
    amount: str
    root_cause: str
    cause: str
    about: str
    candidate: str
    tells: str
    own_words: str
    seen: str

    @property
    def named(self) -> Cause:
        """What was ticked of what is offered, else what was written.

        Raises: CauseIsMissing.
        """
        kind, _, about = self.candidate.partition("|")
        if not kind:
            kind, about = self.cause, self.about
        if not kind or not about.strip():
            raise CauseIsMissing
        return Cause(kind, about)


def asked_of(
    outcome: Line = "",
    words: Prose = "",
    amount: Line = "",
    root_cause: Prose = "",
    cause: Line = "",
    about: Line = "",
    candidate: Line = "",
    tells: Line = "",
    own_words: Prose = "",
    seen: Line = "",
) -> Asked:
    return Asked(outcome, words, amount, root_cause, cause, about, candidate, tells, own_words, seen)


def case_verbs(store: Store, show: Show) -> APIRouter:
    """Each does one thing and goes back to the case, or shows it again with why it was not done."""
    router = desk_router(store)

    def found_of(kinds: str, number: str, seller: str) -> tuple[Case, Seller] | None:
        with store.session() as session:
            return (
                find_case(session, kinds.removesuffix("s"), number, seller)
                if kinds.removesuffix("s") in NOUNS
                else None
            )

    def doing(who: Signed, case: Case, whose: Seller, act: Callable[[], str], **filled: Any) -> Response:
        kind = case.__tablename__

        def again(sentence: str, status: int) -> Response:
            return show(who, kind, case.number, whose.ref, notice=sentence, status=status, **filled)

        return done(f"/cases/{kind}s/{quote(case.number)}", act, again, seller=whose.ref)

    @router.post("/cases/{kinds}/{number:path}/assign")
    @needs("resolve_cases")
    def assigning(who: SignedHere, kinds: str, number: str, to: Line, seller: SellerOf = "") -> Response:
        if (found := found_of(kinds, number, seller)) is None:
            return not_found("case")

        def act() -> str:
            with store.session() as session:
                if to != who.name and to not in {name for name, _ in colleagues(session)}:
                    raise ColleagueUnknown
            case = found[0]
            noun: type[Any] = NOUNS[case.__tablename__]
            assign_case(noun, case.id, owner=to, by=who.name, store=store)
            return "assigned"

        return doing(who, *found, act)

    @router.post("/cases/{kinds}/{number:path}/deadline")
    @needs("resolve_cases")
    def putting_off(
        who: SignedHere, kinds: str, number: str, to: Line = "", why: Prose = "", seller: SellerOf = ""
    ) -> Response:
        if (found := found_of(kinds, number, seller)) is None:
            return not_found("case")

        def act() -> str:
            day = is_day(to)
            if day is None:
                raise DayUnclear
            noun: type[Any] = NOUNS[found[0].__tablename__]
            move_case_deadline(noun, found[0].id, to=day, why=why, by=who.name, store=store)
            return "deadline"

        return doing(who, *found, act, deadline=to, deadline_why=why)

    @router.post("/cases/{kinds}/{number:path}/evidence")
    @needs("see_desk")
    def the_evidence(who: SignedHere, kinds: str, number: str, seller: SellerOf = "") -> Response:
        if (found := found_of(kinds, number, seller)) is None:
            return not_found("case")
        case, whose = found
        try:
            pack = make_evidence_pack(
                case.customer_id, store=store, by=who.name, invoice_ids=_invoices(store, case), only_late=False,
                message_ids=[case.message_id] if case.message_id else [], why=f"{case.__tablename__} {case.number}",
            )  # fmt: skip
        except Failure as failure:
            return show(who, case.__tablename__, number, whose.ref, notice=failure.sentence, status=status_of(failure))
        name = f"{case.number} {pack.name}"
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "Cache-Control": "no-store",
        }  # fmt: skip
        return Response(pack.content, media_type="application/zip", headers=HEADERS | headers)

    @router.post("/cases/{kinds}/{number:path}/resolve")
    @needs("resolve_cases")
    def resolving(
        who: SignedHere,
        kinds: str,
        number: str,
        asked: Annotated[Asked, Depends(asked_of)],
        seller: SellerOf = "",
    ) -> Response:
        """First shows what would be posted and said; the button under it does exactly that, or shows what changed."""
        if (found := found_of(kinds, number, seller)) is None:
            return not_found("case")
        case, whose = found
        try:
            foreseen = _foresee(store, case, whose, asked, who)
        except Failure as failure:
            return show(
                who, case.__tablename__, case.number, whose.ref, notice=failure.sentence, status=status_of(failure), asked=asked
            )  # fmt: skip
        mark = _mark(foreseen)
        if asked.seen == mark:
            return doing(who, case, whose, lambda: _do(store, case, whose, asked, who), asked=asked)
        reader = Reader.of(whose, store.clock.now())
        return Place(whose, [], reader).page(
            "case_confirm.html", here="cases", case=case, kind=case.__tablename__, asked=asked, named=asked.named,
            foreseen=foreseen, mark=mark, outcomes=OUTCOME_NAMES, causes=CAUSE_NAMES, has_changed=bool(asked.seen),
        )  # fmt: skip

    return router


def _ruling(store: Store, dispute: Dispute, whose: Seller, asked: Asked) -> Ruling:
    return Ruling(
        asked.outcome, asked.words,
        _amount(asked.amount, dispute.currency, whose, store) if asked.outcome == "part_credited" else None,
        asked.named, bool(asked.tells), asked.own_words,
    )  # fmt: skip


def _amends(store: Store, complaint: Complaint, whose: Seller, asked: Asked) -> Amends:
    credit = None
    if asked.amount.strip():
        with store.session() as session:
            currency = _currency(session, complaint)
        credit = _amount(asked.amount, currency, whose, store)
    return Amends(asked.words, asked.root_cause, asked.named, credit, bool(asked.tells), asked.own_words)


def _mark(foreseen: Foreseen | ForeseenAmends) -> str:
    """A mark of everything that would be posted and said, so that nothing else is done than was looked at."""
    told = foreseen.told
    if isinstance(told, Told):
        foreseen = replace(foreseen, told=replace(told, message_id=UUID(int=0)))
    return hashlib.sha256(repr(foreseen).encode()).hexdigest()


def _foresee(store: Store, case: Case, whose: Seller, asked: Asked, who: Signed) -> Foreseen | ForeseenAmends:
    if isinstance(case, Dispute):
        ruling = _ruling(store, case, whose, asked)
        return foresee_dispute(case.id, ruling, by=who.name, role=who.authority, store=store)
    amends = _amends(store, case, whose, asked)
    return foresee_complaint(case.id, amends, by=who.name, role=who.authority, store=store)


def _do(store: Store, case: Case, whose: Seller, asked: Asked, who: Signed) -> str:
    if isinstance(case, Dispute):
        ruling = _ruling(store, case, whose, asked)
        resolve_dispute(
            case.id, outcome=ruling.outcome, by=who.name, role=who.authority, words=ruling.words, store=store,
            amount=ruling.amount, cause=ruling.cause, tells=ruling.tells, own_words=ruling.own_words,
        )  # fmt: skip
    else:
        amends = _amends(store, case, whose, asked)
        resolve_complaint(
            case.id, resolution=amends.resolution, root_cause=amends.root_cause, by=who.name, store=store,
            role=who.authority, cause=amends.cause, credit=amends.credit, tells=amends.tells, own_words=amends.own_words,
        )  # fmt: skip
    return "told" if asked.tells else "resolved"


def _currency(session: Session, complaint: Complaint) -> str:
    """That of the invoice it is about, else the customer's."""
    if complaint.invoice_id is not None:
        return session.get_one(Invoice, complaint.invoice_id).currency
    return session.get_one(Customer, complaint.customer_id).currency


def _amount(written: str, currency: str, whose: Seller, store: Store) -> Money:
    """Raises: NotAnAmount, with an example of how it is written."""
    locale = Reader.of(whose, store.clock.now()).locale
    try:
        return money.parse(written.strip(), currency, locale)
    except NotAnAmount as odd:
        example = money.show(Money.of(12, currency), locale)
        raise NotAnAmount(f"“{written.strip()}” is no amount; write it as {example}.") from odd


def _invoices(store: Store, case: Case) -> list[UUID]:
    """The invoice it is about, or those of the order it is about.

    Raises: NotFound where there is none, since the evidence is about what was billed.
    """
    if case.invoice_id is not None:
        return [case.invoice_id]
    assert isinstance(case, Complaint)  # a dispute is always about an invoice
    with store.session() as session:
        of_order = select(Invoice.id).where(Invoice.order_id == case.order_id, Invoice.order_id.is_not(None))
        found = list(session.scalars(of_order))
    if not found:
        raise NotFound("It is about no invoice, so there is no pack of evidence for it.")
    return found
