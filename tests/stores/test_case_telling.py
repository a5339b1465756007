"""What is told when a case is resolved: once, in the transaction that decides it, where the customer is reached."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.move_case_deadline import DeadlineGone, DeadlineNeedsWhy, move_case_deadline
from o2c_core.actions.resolve_complaint import Amends, foresee_complaint, resolve_complaint
from o2c_core.actions.resolve_dispute import Ruling, foresee_dispute, resolve_dispute
from o2c_core.cases.causes import Cause, CauseNamesNothing, NoSuchCause
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.moves import Settled
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.informing.case_telling import NotTold, Told
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.crediting import MoreThanInvoiced
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_dispute, an_invoice
from tests.web.cases_told import a_message, a_rough_driver, a_short_delivery, a_short_dispute

PICKED = Cause("picking", " MEEL-25  ")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def written(session: Session) -> list[Message]:
    session.expire_all()
    return list(session.scalars(select(Message).where(Message.direction == "out").order_by(Message.id)))


def credit(store: Store, dispute: Dispute, **more: object) -> Told | NotTold | None:
    fields = {
        "outcome": "credited",
        "by": "Noor",
        "role": "finance",
        "words": "Nine arrived",
        "cause": PICKED,
        "tells": True,
    }
    return resolve_dispute(dispute.id, store=store, **(fields | more)).told  # type: ignore[arg-type]


def test_the_customer_hears_it_in_the_thread_they_wrote_in_and_in_their_language(
    store: Store, session: Session
) -> None:
    short = a_short_delivery(session)
    session.commit()
    told = credit(store, a_short_dispute(store, short), own_words="Excuses voor het ongemak.")
    assert isinstance(told, Told)
    (message,) = written(session)
    assert (message.id, message.conversation_id) == (told.message_id, short.message.conversation_id)
    assert (message.channel, message.address, message.delivery) == ("email", "ap@jansen.example", "queued")
    assert (message.author, message.purpose, message.language) == ("Noor", "notice", "nl")
    assert "€ 18,15 wordt gecrediteerd met creditnota CN-101" in message.text.replace("\xa0", " ")
    assert "Excuses voor het ongemak." in message.text
    figures = {one["id"]: one["text"] for one in message.receipts}
    assert figures["credit note CN-101.number"] == "CN-101"
    line = session.scalars(select(TrailLine).where(TrailLine.what == "dispute resolved")).one()
    assert (line.details["told"], line.details["cause"]) == (str(message.id), "picking")
    kept = session.scalars(select(Dispute)).one()
    assert (kept.cause, kept.cause_about) == ("picking", "MEEL-25")


def test_a_person_may_choose_that_nobody_is_told(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    session.commit()
    assert credit(store, a_short_dispute(store, short), tells=False) is None
    assert written(session) == []


def test_deciding_twice_tells_once(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    session.commit()
    dispute = a_short_dispute(store, short)
    credit(store, dispute)
    with pytest.raises(Settled):
        credit(store, dispute)
    assert len(written(session)) == 1


@pytest.mark.parametrize(("more", "odd"), [
    ({"role": "agent", "outcome": "written_off", "words": "x"}, None),
    ({"role": "assistant"}, BeyondAuthority),
    ({"cause": Cause("weather", "rain")}, NoSuchCause),
    ({"cause": Cause("carrier", "  ")}, CauseNamesNothing),
])  # fmt: skip
def test_what_was_refused_is_told_to_nobody(
    store: Store, session: Session, more: dict[str, object], odd: type[Exception] | None
) -> None:
    short = a_short_delivery(session)
    session.commit()
    dispute = a_short_dispute(store, short)
    if odd is None:
        credit(store, dispute, **more)
        assert len(written(session)) == 1
        return
    with pytest.raises(odd):
        credit(store, dispute, **more)
    assert written(session) == []
    assert session.scalars(select(Dispute.state)).one() == "open"


def test_whoever_is_in_the_chat_reads_it_there_and_whoever_left_gets_it_at_their_address(
    store: Store, session: Session, clock: MovableClock
) -> None:
    short = a_short_delivery(session)
    here, gone = (a_message(session, short.customer, "chat", None) for _ in range(2))
    here.created_at, gone.created_at = store.clock.now(), store.clock.now()
    session.commit()
    first = a_short_dispute(store, short, message_id=here.id)
    told = credit(store, first)
    assert isinstance(told, Told)
    assert (told.channel, told.address) == ("chat", None)
    (message,) = written(session)
    assert (message.delivery, message.conversation_id) == ("sent", here.conversation_id)
    second = a_rough_driver(store, short, message_id=gone.id)
    clock.at = clock.at + timedelta(hours=1)
    resolve_complaint(
        second.id, resolution="Spoken to", root_cause="A driver", by="Noor", store=store, tells=True
    )  # fmt: skip
    message = written(session)[-1]
    assert (message.channel, message.address, message.delivery) == ("email", "ap@jansen.example", "queued")


def test_an_address_nobody_has_on_record_and_nobody_proved_is_not_written_to(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    odd = a_message(session, short.customer, "email", "somebody@else.example")
    session.get_one(Conversation, odd.conversation_id).identity = "known"
    session.commit()
    told = credit(store, a_short_dispute(store, short, message_id=odd.id))
    assert isinstance(told, Told)
    assert told.address == "ap@jansen.example"


def test_where_nobody_can_be_reached_it_is_resolved_and_the_trail_says_why_nobody_was_told(
    store: Store, session: Session
) -> None:
    short = a_short_delivery(session, email=None)
    session.delete(short.message)
    session.commit()
    told = credit(store, a_short_dispute(store, short, message_id=None))
    assert told == NotTold("There is no address that works and may be written to.")
    line = session.scalars(select(TrailLine).where(TrailLine.what == "dispute resolved")).one()
    assert line.details["not_told"] == told.why
    assert session.scalars(select(Dispute.state)).one() == "resolved"


def test_what_is_foreseen_is_what_is_done_and_foreseeing_it_does_nothing(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    session.commit()
    dispute = a_short_dispute(store, short)
    trail = session.scalar(select(func.count()).select_from(TrailLine))
    ruling = Ruling("part_credited", "Two of three", eur(1_210), PICKED, tells=True)
    seen = foresee_dispute(dispute.id, ruling, by="Noor", role="finance", store=store)
    assert (seen.posted, seen.credit_number, seen.open_after, seen.unapplied) == (
        eur(1_210),
        "CN-101",
        eur(6_050),
        eur(0),
    )
    assert [(sku, amount) for sku, _, amount in seen.credit_lines] == [("MEEL-25", eur(1_000))]
    session.expire_all()
    assert session.scalars(select(Dispute.state)).one() == "open"
    assert session.scalar(select(func.count()).select_from(CreditNote)) == 0
    assert session.scalar(select(func.count()).select_from(TrailLine)) == trail
    assert written(session) == []
    done = resolve_dispute(
        dispute.id, outcome=ruling.outcome, by="Noor", role="finance", words=ruling.words, store=store,
        amount=ruling.amount, cause=ruling.cause, tells=True,
    )  # fmt: skip
    assert done.credit_note is not None
    assert (done.posted, done.credit_note.number, done.still_due) == (seen.posted, seen.credit_number, seen.still_due)
    assert isinstance(seen.told, Told)
    assert written(session)[0].text == seen.told.text


def test_what_may_not_be_decided_is_not_foreseen_either(store: Store, session: Session) -> None:
    invoice = an_invoice(session, a_short_delivery(session).customer, total_minor=500_000)
    dispute = a_dispute(session, invoice, 200_000)
    session.commit()
    with pytest.raises(BeyondAuthority):
        foresee_dispute(dispute.id, Ruling("credited", "x"), by="Noor", role="agent", store=store)


def test_a_complaint_is_made_good_within_authority_in_the_same_transaction(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    session.commit()
    complaint = a_rough_driver(store, short)
    amends = Amends("Spoken to PostNL", "A driver", Cause("carrier", "PostNL"), eur(1_000), tells=True)
    for role, amount, odd in (("agent", 10_001, BeyondAuthority), ("manager", 7_261, MoreThanInvoiced)):
        with pytest.raises(odd):
            resolve_complaint(
                complaint.id, resolution="x", root_cause="x", by="Noor", role=role, store=store, credit=eur(amount)
            )
    seen = foresee_complaint(complaint.id, amends, by="Noor", role="agent", store=store)
    assert (seen.credit, seen.credit_number, seen.unapplied) == (eur(1_000), "CN-101", eur(0))
    done = resolve_complaint(
        complaint.id, resolution=amends.resolution, root_cause=amends.root_cause, by="Noor", role="agent", store=store,
        cause=amends.cause, credit=amends.credit, tells=True,
    )  # fmt: skip
    session.expire_all()
    note = session.scalars(select(CreditNote)).one()
    assert (done.credit_note_id, note.total_minor, note.invoice_id) == (note.id, 1_000, short.invoice.id)
    assert session.execute(select(open_minor()).where(Invoice.id == short.invoice.id)).scalar_one() == 6_260
    (message,) = written(session)
    assert "€ 10,00 gecrediteerd met creditnota CN-101" in message.text.replace("\xa0", " ")
    # The answer says it; news of a credit, read off such a line, would be the same a second time.
    assert session.scalars(select(TrailLine).where(TrailLine.what == "credit note issued")).all() == []


def test_a_credit_nobody_was_told_of_here_is_news_like_any_other(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    session.commit()
    resolve_complaint(
        a_rough_driver(store, short).id, resolution="x", root_cause="x", by="Noor", role="agent", store=store,
        credit=eur(1_000),
    )  # fmt: skip
    assert len(session.scalars(select(TrailLine).where(TrailLine.what == "credit note issued")).all()) == 1


def test_a_deadline_moves_with_a_reason_and_the_day_before_stays_in_the_trail(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    session.commit()
    dispute, to = a_short_dispute(store, short), DAY + timedelta(days=20)
    for day, why, odd in ((to, " ", DeadlineNeedsWhy), (DAY - timedelta(days=1), "late", DeadlineGone)):
        with pytest.raises(odd):
            move_case_deadline(Dispute, dispute.id, to=day, why=why, by="Noor", store=store)
    for _ in range(2):
        moved = move_case_deadline(Dispute, dispute.id, to=to, why="PostNL answers next week", by="Noor", store=store)
        assert moved.answer_by == to
    line = session.scalars(select(TrailLine).where(TrailLine.what == "dispute deadline moved")).one()
    assert (line.who, line.why) == ("Noor", "PostNL answers next week")
    assert (line.details["before"], line.details["answer_by"]) == ("2026-03-23", to.isoformat())
    assert written(session) == []
    credit(store, dispute)
    with pytest.raises(Settled):
        move_case_deadline(Dispute, dispute.id, to=DAY, why="again", by="Noor", store=store)


def test_a_complaint_has_a_deadline_that_moves_as_well(store: Store, session: Session) -> None:
    short = a_short_delivery(session)
    other = a_customer(session, short.seller)
    session.commit()
    complaint = a_rough_driver(store, short)
    assert move_case_deadline(Complaint, complaint.id, to=DAY, why="today", by="Noor", store=store).answer_by == DAY
    assert other.id != complaint.customer_id
