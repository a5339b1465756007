"""Note that a formal notice was posted, or that it was received, with the evidence for it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from o2c_core.actions.approve_notice import NotWaiting, notice_to_change
from o2c_core.cases.moves import move
from o2c_core.clock import today
from o2c_core.conversations.tasks import close_tasks
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.notices.following import about
from o2c_core.notices.formal_notice import MOVES, FormalNotice, deadline_day
from o2c_core.store.store import Store
from o2c_core.trail import note

EVIDENCE_CHARACTERS_MAX = 500


class EvidenceIsMissing(Refused):
    """Say what shows it: a code of registered post, a signed receipt, their own words; whoever sends a notice proves receipt."""


class ReceivedOnAnotherDay(Refused):
    """A notice is received between the day it was approved and today."""


def note_notice_posted(notice_id: UUID, *, code: str, by: str, store: Store) -> FormalNotice:
    """The notice, sent by registered post under that code; a person printed the letter as it was approved.

    Raises: NoSuchNotice; EvidenceIsMissing; NotWaiting, also while its mail is on its way.
    """
    if not code.strip():
        raise EvidenceIsMissing
    now = store.clock.now()
    with store.session() as session:
        notice = notice_to_change(session, notice_id)
        if notice.state not in ("approved", "undelivered") or (notice.state == "approved" and notice.message_id):
            where = "on its way by email" if notice.state == "approved" else notice.state
            raise NotWaiting(f"Formal notice {notice.number} is {where}.", state=notice.state)
        move(notice, "sent", MOVES)
        notice.way, notice.post_code, notice.sent_at = "post", code.strip()[:EVIDENCE_CHARACTERS_MAX], now
        note(
            session, "formal notice posted", notice, at=now, who=by, number=notice.number, kind=notice.kind,
            post_code=notice.post_code,
        )  # fmt: skip
        close_tasks(
            session, "review", about(notice), at=now, by=by, how=f"Sent by registered post, {notice.post_code}."
        )
        session.commit()
        return notice


def note_notice_delivered(
    notice_id: UUID, *, received_on: date, evidence: str, by: str, store: Store, proof: str = "person"
) -> FormalNotice:
    """The notice with the day it was received and the last day to pay. The fourteen days begin the day after receipt.

    `proof` is "post" for the post's own word, else "person". Saying the same again changes nothing; another day than the
    one on record is refused, as a deadline that was told does not move.

    Raises: NoSuchNotice; EvidenceIsMissing; ReceivedOnAnotherDay; NotWaiting.
    """
    if not evidence.strip() or proof not in ("post", "person"):
        raise EvidenceIsMissing
    now = store.clock.now()
    with store.session() as session:
        notice = notice_to_change(session, notice_id)
        if notice.state == "delivered" and notice.received_on == received_on:
            return notice
        if notice.state not in ("sent", "undelivered"):
            raise NotWaiting(f"Formal notice {notice.number} is {notice.state}, not sent.", state=notice.state)
        seller = session.get_one(Seller, notice.seller_id)
        assert notice.approved_at is not None
        approved_on = notice.approved_at.astimezone(ZoneInfo(seller.time_zone)).date()
        # A day's grace for a customer whose day begins before the seller's.
        if not approved_on <= received_on <= today(store.clock, seller.time_zone) + timedelta(days=1):
            raise ReceivedOnAnotherDay(received_on=received_on)
        move(notice, "delivered", MOVES)
        notice.received_on, notice.deadline_on = received_on, deadline_day(received_on)
        notice.proof, notice.evidence = proof, evidence.strip()[:EVIDENCE_CHARACTERS_MAX]
        note(
            session, "formal notice delivered", notice, at=now, who=by, why=notice.evidence, number=notice.number,
            kind=notice.kind, proof=proof, received_on=received_on.isoformat(),
            deadline_on=notice.deadline_on.isoformat(),
        )  # fmt: skip
        close_tasks(session, "review", about(notice), at=now, by=by, how="It was received.")
        session.commit()
        return notice
