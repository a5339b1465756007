"""Approve a formal notice: somebody with authority puts their name to exactly the letter that will leave."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.moves import move
from o2c_core.clock import today
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.notices.following import withdraw_notice
from o2c_core.notices.formal_notice import LAPSES_AFTER_DAYS, MOVES, FormalNotice, has_lapsed
from o2c_core.notices.mail import file_name
from o2c_core.notices.page import letter_facts, render_notice
from o2c_core.notices.setting import notice_setting
from o2c_core.notices.still_owed import why_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

MAY_APPROVE = ("finance", "manager")


class NoSuchNotice(NotFound):
    """There is no such formal notice."""


class MayNotApprove(BeyondAuthority):
    """A formal notice is approved by finance or a manager, and by nobody else."""


class NotWaiting(Refused):
    """That formal notice does not wait for this any more."""


class NoticeOvertaken(Refused):
    """Something was paid, disputed or agreed upon since, so the notice was withdrawn; propose another for what is left."""


class NoticeLapsed(Refused):
    """The notice waited for too long and speaks of days that have gone by; propose another."""


def approve_notice(notice_id: UUID, *, by: str, role: str, store: Store) -> FormalNotice:
    """The approved notice with its letter, dated today and signed with that name; `send_notice` sends it.

    It is looked at again first: one that claims too much by now is withdrawn, one that waited too long lapses.

    Raises: NoSuchNotice; MayNotApprove; NotWaiting; NoticesAreOff; NoticeOvertaken; NoticeLapsed.
    """
    if role not in MAY_APPROVE or not by.strip():
        raise MayNotApprove(role=role)
    now = store.clock.now()
    with store.session() as session:
        notice = notice_to_change(session, notice_id)
        if notice.state != "proposed":
            raise NotWaiting(f"Formal notice {notice.number} is {notice.state} already.", state=notice.state)
        seller = session.get_one(Seller, notice.seller_id)
        notice_setting(seller).check_on(notice.kind)
        on = today(store.clock, seller.time_zone)
        if over := _is_over(session, notice, now, why_overtaken(session, notice, on)):
            session.commit()
            raise over
        facts = letter_facts(session, notice)
        move(notice, "approved", MOVES)
        notice.approved_by, notice.approved_role, notice.approved_at = by.strip(), role, now
        notice.file = render_notice(facts, on, signed_by=by.strip())
        notice.file_name, notice.checksum = file_name(facts), hashlib.sha256(notice.file).hexdigest()
        note(
            session, "formal notice approved", notice, at=now, who=by.strip(), role=role, number=notice.number,
            kind=notice.kind, asked=str(notice.asked), checksum=notice.checksum,
        )  # fmt: skip
        session.commit()
        return notice


def notice_to_change(session: Session, notice_id: UUID) -> FormalNotice:
    """The notice as it is now; whoever else wants to change it waits until this transaction is over.

    Raises: NoSuchNotice.
    """
    query = select(FormalNotice).where(FormalNotice.id == notice_id).with_for_update(key_share=True)
    notice = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if notice is None:
        raise NoSuchNotice(notice=str(notice_id))
    return notice


def _is_over(session: Session, notice: FormalNotice, now: datetime, overtaken: str | None) -> Refused | None:
    """Ends a notice that waited too long or claims too much by now; what is said about it."""
    if has_lapsed(notice, now):
        lapse(session, notice, now)
        return NoticeLapsed(notice=notice.number)
    if overtaken is not None:
        withdraw_notice(session, notice, overtaken, now)
        return NoticeOvertaken(
            f"Formal notice {notice.number} was withdrawn: {overtaken} Propose another for what is left.",
            notice=notice.number,
        )  # fmt: skip
    return None


def lapse(session: Session, notice: FormalNotice, now: datetime) -> None:
    move(notice, "lapsed", MOVES)
    notice.closed_by, notice.closed_at = "system", now
    notice.closed_why = f"Nobody decided about it or sent it within {LAPSES_AFTER_DAYS} days."
    note(
        session, "formal notice lapsed", notice, at=now, who="system", why=notice.closed_why, number=notice.number,
        kind=notice.kind,
    )  # fmt: skip
