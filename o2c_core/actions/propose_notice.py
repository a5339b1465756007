"""Propose a formal notice about what a customer owes late; nothing leaves until a person approves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.numbers import next_number
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.account import unapplied_of
from o2c_core.money import Money
from o2c_core.notices.costs import check_small_claims
from o2c_core.notices.formal_notice import FormalNotice, FormalNoticeLine
from o2c_core.notices.kinds import NoticeKind, customer_kind, kind_for, language_for
from o2c_core.notices.late import LatePart, LeftOut, late_of
from o2c_core.notices.setting import NoticeSetting, notice_setting
from o2c_core.notices.working import Worked, work_out
from o2c_core.reminders.recipient import recipient_of
from o2c_core.store.store import Store
from o2c_core.trail import note

WHY_CHARACTERS_MAX = 500


class NothingToClaim(Refused):
    """Nothing of this customer's is late and free to be claimed by a formal notice."""


class MoneyWaits(Refused):
    """Money or credit of this customer is not set against an invoice yet; match it before anything is claimed."""


class NoNoticeForThem(Refused):
    """Formal notices are for customers with an account and a name of their own."""


class WrongKind(Refused):
    """That kind of formal notice is not for this customer under the law the debt goes by."""


@dataclass(frozen=True)
class NoticeRequest:
    """What is to be claimed: what is late on those invoices, or on all where none are named. `why` is for the approver.

    Without a currency it is the customer's own. `kind` says which kind is expected; another one refuses.
    """

    customer_id: UUID
    why: str = ""
    invoice_ids: tuple[UUID, ...] = ()
    currency: str | None = None
    kind: str | None = None


def propose_notice(request: NoticeRequest, *, store: Store, by: str) -> FormalNotice:
    """The proposed notice. Asking again while it waits gives the one that is there.

    What is disputed, promised, on a plan, on hold or said to be paid is left out, and so is what an earlier notice claims.

    Raises: NotFound; NoticesAreOff; NoticesUnclear; NoKindOfNotice; WrongKind; NoNoticeForThem; MoneyWaits;
    NothingToClaim; NotInTheTables; OtherMoney; TooManySmallClaims.
    """
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two proposals for one customer take turns.
        customer = session.get(Customer, request.customer_id, with_for_update={"key_share": True})
        if customer is None:
            raise NotFound("There is no such customer.", customer=str(request.customer_id))
        seller = session.get_one(Seller, customer.seller_id)
        on = today(store.clock, seller.time_zone)
        kind = _kind(seller, customer, request.kind)
        setting = notice_setting(seller)
        setting.check_on(kind.name)
        currency = request.currency or customer.currency
        if unapplied_of(session, customer.id).get(currency, 0) > 0:
            raise MoneyWaits(customer=customer.ref, currency=currency)
        only = request.invoice_ids or None
        late = late_of(
            session, customer, currency, on, only=only, days_late_min=setting.days_late_min, lock=True
        )  # fmt: skip
        before = _claimed_before(session, customer.id)
        parts = [part for part in late.parts if (part.invoice.id, part.part) not in before]
        if not parts:
            return _waiting(late.parts, before, late.left_out)
        worked = work_out(kind, customer_kind(customer), parts, currency, on, setting)
        _check_small_claims(session, customer, kind, worked, on)
        notice = _notice(seller, customer, kind, setting, worked)
        notice.calculated_on, notice.why = on, request.why.strip()[:WHY_CHARACTERS_MAX]
        notice.proposed_by, notice.proposed_at = by, now
        notice.number = next_number(session, seller, "notice", on)
        session.add(notice)
        session.flush()
        note(
            session, "formal notice proposed", notice, at=now, who=by, why=notice.why, number=notice.number,
            kind=notice.kind, invoices=sorted({part.invoice.number for part in parts}), asked=str(notice.asked),
            costs=str(notice.costs_with_vat), left_out={one.number: one.why for one in late.left_out},
        )  # fmt: skip
        session.commit()
        return notice


def _kind(seller: Seller, customer: Customer, expected: str | None) -> NoticeKind:
    if customer.is_walk_in or customer.erased_at is not None:
        raise NoNoticeForThem(customer=customer.ref)
    kind = kind_for(seller, customer)
    if expected not in (None, kind.name):
        raise WrongKind(
            f"A notice of the kind {expected} is not for this customer; theirs would be {kind.name}.", kind=expected
        )
    return kind


def _claimed_before(session: Session, customer_id: UUID) -> dict[tuple[UUID, int], FormalNotice]:
    """The invoices and instalments that a notice of this customer claims already, wherever that notice stands."""
    query = (
        select(FormalNoticeLine.invoice_id, FormalNoticeLine.part, FormalNotice)
        .join(FormalNotice, FormalNotice.id == FormalNoticeLine.notice_id)
        .where(FormalNotice.customer_id == customer_id, FormalNotice.state.not_in(("refused", "withdrawn", "lapsed")))
    )
    return {(invoice_id, part): notice for invoice_id, part, notice in session.execute(query)}


def _check_small_claims(session: Session, customer: Customer, kind: NoticeKind, worked: Worked, on: date) -> None:
    """Raises: TooManySmallClaims."""
    if not kind.announces_costs:
        return
    query = select(FormalNotice).where(
        FormalNotice.customer_id == customer.id, FormalNotice.currency == worked.principal.currency,
        FormalNotice.state.not_in(("refused", "withdrawn", "lapsed")),
    )  # fmt: skip
    before = [
        (notice.calculated_on, notice.principal, Money(notice.costs_minor, notice.currency))
        for notice in session.scalars(query)
    ]
    whom = customer_kind(customer)
    check_small_claims(worked.costs, worked.principal, before, country=kind.country, kind=whom, on=on)


def _waiting(
    late: Sequence[LatePart], before: Mapping[tuple[UUID, int], FormalNotice], left_out: Sequence[LeftOut]
) -> FormalNotice:
    """The one notice that waits for a person and claims all of it already.

    Raises: NothingToClaim, with the reasons.
    """
    claimed = {before[part.invoice.id, part.part].id: before[part.invoice.id, part.part] for part in late}
    if len(claimed) == 1 and (only := next(iter(claimed.values()))).state == "proposed":
        return only
    reasons = [f"Notice {notice.number} is {notice.state} already." for notice in claimed.values()]
    reasons += [f"Invoice {one.number}: {one.why}" for one in left_out]
    raise NothingToClaim(" ".join(["There is nothing to claim.", *reasons]) if reasons else None)


def _notice(
    seller: Seller, customer: Customer, kind: NoticeKind, setting: NoticeSetting, worked: Worked
) -> FormalNotice:
    reader = recipient_of(customer)
    return FormalNotice(
        seller_id=seller.id,
        customer_id=customer.id,
        kind=kind.name,
        country=kind.country,
        customer_kind=customer_kind(customer),
        language=language_for(kind, reader.language if reader else customer.language),
        wording=setting.wording,
        state="proposed",
        currency=worked.principal.currency,
        principal_minor=worked.principal.minor,
        interest_minor=worked.interest.minor,
        fixed_minor=worked.fixed.minor,
        costs_minor=worked.costs.minor,
        vat_minor=worked.vat.minor,
        vat_percent=str(setting.vat_percent) if worked.vat.minor else None,
        percent=None if worked.percent is None else str(worked.percent),
        daily_minor=worked.daily.minor,
        lines=[
            FormalNoticeLine(
                invoice_id=line.late.invoice.id,
                part=line.late.part,
                due_on=line.late.due_on,
                principal_minor=line.late.principal.minor,
                left_out_minor=line.late.left_out.minor,
                interest_minor=line.interest_minor,
                working=line.working,
            )
            for line in worked.lines
        ],
    )
