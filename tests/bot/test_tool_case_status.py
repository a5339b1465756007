"""Where a case stands, to nobody but the customer whose it is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.reasons import asks_about_recorded, wants_back
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.actions.resolve_complaint import resolve_complaint
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.clock import MovableClock
from o2c_core.conversations.handoff import Handoff
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.bot.acting import Talk
from tests.build import a_customer, a_seller, an_invoice


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


@pytest.fixture
def talk(store: Store, seller: Seller, customer: Customer) -> Talk:
    return Talk(store, seller, customer)


def test_nothing_recorded_is_said(session: Session, talk: Talk) -> None:
    session.commit()
    assert talk.says("case_status", "what about my complaint?").startswith(
        "There is no objection or complaint of yours"
    )


@pytest.mark.parametrize(("outcome", "amount", "says"), [
    (None, None, "Your objection D-101 to £125.00 of invoice INV-1 has been with us since 16 March 2026 and is being looked at. "
     "Reminders for that amount have stopped. You get an answer by 23 March 2026."),
    ("credited", None, "Your objection D-101 to £125.00 of invoice INV-1 was closed on 16 March 2026: £125.00 was credited with "
     "credit note CN-101."),
    ("part_credited", 2_500, "Your objection D-101 to £125.00 of invoice INV-1 was closed on 16 March 2026: £25.00 was credited with "
     "credit note CN-101."),
    ("valid_as_billed", None, "Your objection D-101 to £125.00 of invoice INV-1 was closed on 16 March 2026: after looking at it, the "
     "invoice stays as it was. If you see that differently, ask for a colleague."),
    ("withdrawn", None, "Your objection D-101 to £125.00 of invoice INV-1 was closed on 16 March 2026, as it was taken back."),
    ("written_off", None, "Your objection D-101 to £125.00 of invoice INV-1 was closed on 16 March 2026: that amount does not have to "
     "be paid any more."),
])  # fmt: skip
@pytest.mark.parametrize("asked", ["D-101", "d101", "INV-1", None])
def test_every_end_of_an_objection_has_its_sentence(
    session: Session, store: Store, talk: Talk, customer: Customer, outcome: str | None, amount: int | None, says: str,
    asked: str | None,
) -> None:  # fmt: skip
    invoice = an_invoice(session, customer, "INV-1")
    session.commit()
    dispute = open_dispute(Claim(customer.id, invoice.id, "broken", reason="DAMAGED"), store=store)
    if outcome:
        resolve_dispute(
            dispute.id, outcome=outcome, by="eva", role="manager", words="internal: our driver dropped it", store=store,
            amount=Money(amount, "GBP") if amount else None,
        )  # fmt: skip
    said = talk.says("case_status", "what happened with my objection?", number=asked)
    assert said == says
    assert "driver" not in said


def test_a_complaint_open_and_closed(session: Session, store: Store, talk: Talk, customer: Customer) -> None:
    session.commit()
    complaint = log_complaint(Grievance(customer.id, "rude driver"), store=store)
    assert talk.says("case_status", "how is complaint C-101?") == (
        "Your complaint C-101 has been with us since 16 March 2026 and is being looked at. You get an answer by 18 March 2026."
    )
    resolve_complaint(complaint.id, resolution="spoke to him", root_cause="stress", by="eva", store=store)
    said = talk.says("case_status", "how is complaint C-101?")
    assert said.startswith("Your complaint C-101 of 16 March 2026 was closed on 16 March 2026.")
    assert "stress" not in said


def test_who_should_have_had_an_answer_gets_an_apology_and_a_person(
    session: Session, store: Store, talk: Talk, customer: Customer, clock: MovableClock
) -> None:
    session.commit()
    log_complaint(Grievance(customer.id, "rude driver"), store=store)
    clock.move(timedelta(days=7))
    assert talk.says("case_status", "any news about my complaint?").splitlines() == [
        "Your complaint C-101 has been with us since 16 March 2026 and is being looked at. You should have had an answer by "
        "18 March 2026.",
        "I'm sorry that you had to ask. I've asked a colleague to look at it today.",
    ]  # fmt: skip
    assert "C-101" in session.scalars(select(Handoff)).one().why


def test_promises_are_told_with_what_else_is_open(
    session: Session, store: Store, talk: Talk, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    session.commit()
    make_promise(Pledge(customer.id, date(2026, 3, 20), invoice_ids=(invoice.id,)), store=store)
    assert talk.says("case_status", "what did I promise?") == (
        "You told us that you'll pay £125.00 by 20 March 2026; until then we send no reminders for it."
    )


@pytest.mark.parametrize("number", ["C-101", "D-101", "INV-5", "C-999", "INV-999"])
def test_somebody_elses_case_sounds_like_none(
    session: Session, store: Store, talk: Talk, seller: Seller, number: str
) -> None:
    other = a_customer(session, seller, "C2")
    invoice = an_invoice(session, other, "INV-5")
    session.commit()
    log_complaint(Grievance(other.id, "x"), store=store)
    open_dispute(Claim(other.id, invoice.id, "y"), store=store)
    assert talk.says("case_status", "how does it stand?", number=number).startswith(
        "I can't find that number on your account."
    )


@pytest.mark.parametrize(("words", "asks", "back"), [
    ("What is the status of my dispute?", True, False), ("is mijn klacht al bekeken?", True, False),
    ("Hoe staat het met mijn bezwaar D-118?", True, False), ("Wie ist der Stand meiner Beschwerde?", True, False),
    ("Où en est ma réclamation ?", True, False), ("when will I hear about my complaint?", True, False),
    ("what happened with complaint K-7", True, False),
    ("I have a complaint: the bread is stale", False, False), ("Ik heb een klacht over de levering", False, False),
    ("This is my third complaint about the driver", False, False), ("I object to line 2", False, False),
    ("Ich möchte eine Beschwerde einreichen", False, False), ("je veux faire une réclamation", False, False),
    ("Please withdraw my complaint", False, True), ("trek mijn klacht maar in", False, True), ("forget the promise I made", False, True),
    ("drop dispute D-118", False, True), ("Bitte nehmen Sie meine Beschwerde zurück", False, True),
    ("annulez ma réclamation", False, True), ("cancel my order", False, False), ("I promise to pay on Friday", False, False),
])  # fmt: skip
def test_asking_and_taking_back_are_told_from_complaining(words: str, asks: bool, back: bool) -> None:
    assert (asks_about_recorded(words), wants_back(words)) == (asks, back)
