"""Whoever is erased is nowhere to be found any more, and the invoice is still there."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.assistant import Assistant
from bot.turn import House, take_turn
from knowledge.gaps import Gap
from knowledge.passages import Passage
from o2c_core.actions.erase_person import (
    BeingSent,
    Erasure,
    ErasureNeedsReason,
    ForceNeedsManager,
    NotAPerson,
    StillOpen,
    erase_person,
)
from o2c_core.actions.receive_message import Incoming
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.integrations.api_key import IdempotentCall
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Payment
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.privacy.traces import ERASED, pseudonym_of
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_seller, an_invoice, an_order
from tests.stores.persons import ACCOUNT, EMAIL, NAME, PHONE, TRACES, WORDS, a_person, found_in, said

ASKED = {"by": "Kim", "why": "asked for it by email"}


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


def test_before_an_erasure_the_search_finds_the_person_all_over_the_ledger(session: Session, seller: Seller) -> None:
    a_person(session, seller)
    assert len(found_in(session, NAME)) >= 15
    assert {
        "escalation", "approval", "payment_said", "document_problem", "reminder_skip", "ladder_choice", "task", "informing_wish",
    } <= found_in(session, NAME) | found_in(session, "parrot")  # fmt: skip
    assert {"message", "complaint", "dispute", "promise", "consent", "gap", "trail"} <= found_in(session, "parrot")


def test_after_it_no_table_has_a_trace_of_the_person(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    erased = erase_person(Erasure(person.id), **ASKED, store=store)
    assert {trace: found_in(session, trace) for trace in TRACES} == {trace: set() for trace in TRACES}
    assert erased.pseudonym == pseudonym_of(person.id)
    assert {"customer", "contact", "message", "trail", "payment", "bank_transaction", "gap"} <= set(erased.rows)


def test_the_invoice_its_payment_and_the_bookkeeping_stay(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    figures = select(
        func.count(Invoice.id), func.sum(Invoice.total_minor),
        select(func.sum(Payment.amount_minor)).scalar_subquery(),
        select(func.sum(BankTransaction.amount_minor)).scalar_subquery(),
    )  # fmt: skip
    before = session.execute(figures).one()
    erase_person(Erasure(person.id), **ASKED, store=store)
    session.expire_all()
    assert session.execute(figures).one() == before
    invoice = session.scalars(select(Invoice)).one()
    assert (invoice.number, invoice.customer_id, invoice.lines[0].description) == ("INV-777", person.id, "Kettle")
    assert session.scalars(select(Payment.source_key)).all() == [f"bank-{person.ref}"]
    assert session.get_one(Customer, person.id).ref == person.ref


def test_the_facts_of_consent_trail_and_messages_stay_without_the_words(
    session: Session, store: Store, seller: Seller
) -> None:
    person = a_person(session, seller)
    messages = session.scalar(select(func.count(Message.id)))
    erase_person(Erasure(person.id), **ASKED, store=store)
    session.expire_all()
    consent = session.scalars(select(Consent)).one()
    assert (consent.channel, consent.purpose, consent.is_given, consent.words) == ("email", "marketing", False, ERASED)
    assert session.scalar(select(func.count(Message.id))) == messages
    assert session.scalars(select(Address)).all() == []
    line = session.scalars(select(TrailLine).where(TrailLine.what == "complaint logged")).one()
    assert line.who == pseudonym_of(person.id)
    assert line.details == {"said": ERASED, "number": "C-27", "amount": 1250, "on": "2026-03-02"}


def test_the_trail_says_that_somebody_was_erased_and_not_who(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    erase_person(Erasure(person.id), by="Kim", why=f"{NAME} asked for it", store=store)
    line = session.scalars(select(TrailLine).where(TrailLine.what == "person erased")).one()
    assert (line.who, line.why) == ("Kim", f"{pseudonym_of(person.id)} asked for it")


def test_the_trail_can_be_changed_by_nothing_else_afterwards(session: Session, store: Store, seller: Seller) -> None:
    erase_person(Erasure(a_person(session, seller).id), **ASKED, store=store)
    with pytest.raises(DBAPIError, match="the trail is never changed"):
        session.execute(text("UPDATE trail SET why = 'nothing'"))


def test_erasing_twice_changes_nothing_the_second_time(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    first = erase_person(Erasure(person.id), **ASKED, store=store)
    again = erase_person(Erasure(person.id), **ASKED, store=store)
    assert (first.is_new, again.is_new, again.pseudonym) == (True, False, first.pseudonym)
    assert session.scalar(select(func.count()).where(TrailLine.what == "person erased")) == 1


def test_what_comes_in_afterwards_can_be_erased_as_well(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    erase_person(Erasure(person.id), **ASKED, store=store)
    said(session, person, "remember the parrot?", sender_key="2")
    session.commit()
    assert erase_person(Erasure(person.id), **ASKED, store=store).is_new
    assert found_in(session, "parrot") == set()


def test_other_customers_keep_everything_even_with_the_same_words(
    session: Session, store: Store, seller: Seller
) -> None:
    person = a_person(session, seller)
    other = a_customer(session, seller, name=NAME, kind="person", email="other@wael.example")
    heard = said(session, other, WORDS, address="other@wael.example", sender_key="3")
    elsewhere = a_customer(session, a_seller(session, "elsewhere"), name=NAME, kind="person", email=EMAIL)
    session.commit()
    erase_person(Erasure(person.id), **ASKED, store=store)
    session.expire_all()
    assert session.get_one(Message, heard.id).text == WORDS
    assert session.get_one(Customer, other.id).name == NAME
    assert session.get_one(Customer, elsewhere.id).contacts[0].addresses[0].value == EMAIL


def test_a_repeat_of_a_kept_answer_hears_that_it_is_not_known(session: Session, store: Store, seller: Seller) -> None:
    erase_person(Erasure(a_person(session, seller).id), **ASKED, store=store)
    calls = session.execute(select(IdempotentCall.key, IdempotentCall.status, IdempotentCall.answer)).all()
    assert sorted(map(tuple, calls)) == [("k1", None, None), ("k2", 201, {"name": "Kim"})]


def test_carriers_still_have_their_copies_and_it_says_which(session: Session, store: Store, seller: Seller) -> None:
    assert erase_person(Erasure(a_person(session, seller).id), **ASKED, store=store).carriers == (
        ("captured", "kept-1"),
    )


def test_a_contact_of_a_company_is_erased_alone(session: Session, store: Store, seller: Seller) -> None:
    company = a_customer(session, seller, name="Wael Bakeries", email="office@bakeries.example")
    sophie = _contact(session, company)
    an_invoice(session, company, "INV-1", purchase_order="PO-1")  # open: the company owes it, she does not
    mine = said(session, company, WORDS)
    theirs = said(session, company, f"{NAME} said it would come, ask her on 06 12345678", address="office@bakeries.example",
                  sender_key="2", subject="Delivery")  # fmt: skip
    session.commit()
    erased = erase_person(Erasure(company.id, sophie), **ASKED, store=store)
    assert {trace: found_in(session, trace) for trace in [NAME, "Sophie", EMAIL, "612345678", "parrot"]} == {
        trace: set() for trace in [NAME, "Sophie", EMAIL, "612345678", "parrot"]
    }
    session.expire_all()
    assert session.get_one(Customer, company.id).name == "Wael Bakeries"
    assert session.get_one(Message, mine.id).text == ERASED
    assert session.get_one(Message, theirs.id).text == f"{erased.pseudonym} said it would come, ask her on {ERASED}"
    assert session.get_one(Message, theirs.id).address == "office@bakeries.example"
    assert not erase_person(Erasure(company.id, sophie), **ASKED, store=store).is_new


def _contact(session: Session, company: Customer) -> UUID:
    contact = Contact(customer_id=company.id, name=NAME)
    contact.addresses += [Address(channel="email", value=EMAIL), Address(channel="sms", value=PHONE)]
    session.add(contact)
    session.flush()
    return contact.id


def test_what_is_open_has_to_end_first(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    open_ = an_invoice(session, person, "INV-9", total_minor=1000)
    a_dispute(session, open_, 100).number = "D-9"
    an_order(session, person, "SO-9", states=("confirmed",))
    session.commit()
    with pytest.raises(StillOpen) as no:
        erase_person(Erasure(person.id), **ASKED, store=store)
    assert no.value.sentence == (
        "They cannot be erased yet: invoice INV-9 to be paid; dispute D-9 to be resolved; order SO-9 to arrive."
    )
    assert "message" in found_in(session, NAME)


@pytest.mark.parametrize("role", ["assistant", "agent", "finance"])
def test_only_a_manager_may_force_it(session: Session, store: Store, seller: Seller, role: str) -> None:
    person = a_person(session, seller)
    an_invoice(session, person, "INV-9")
    session.commit()
    with pytest.raises(ForceNeedsManager):
        erase_person(Erasure(person.id, is_forced=True), **ASKED, role=role, store=store)
    erase_person(Erasure(person.id, is_forced=True), **ASKED, role="manager", store=store)
    assert found_in(session, NAME) == set()


@pytest.mark.parametrize("what", ["notice", "payment", "document"])
def test_a_reply_or_notice_that_is_not_over_has_to_end_first(
    session: Session, store: Store, seller: Seller, what: str
) -> None:
    person = a_person(session, seller)
    if what == "notice":
        session.add(
            FormalNotice(
                seller_id=seller.id, customer_id=person.id, number="N-7", kind="nl_14_day", country="NL",
                customer_kind="consumer", language="nl", wording="1", state="proposed", currency="EUR", principal_minor=100,
                interest_minor=0, fixed_minor=0, costs_minor=0, vat_minor=0, daily_minor=0, calculated_on=DAY, why="late",
                proposed_by="Kim", proposed_at=MOMENT,
            )
        )  # fmt: skip
        words = "formal notice N-7 to end"
    elif what == "payment":
        said_paid = session.scalars(select(PaymentSaid)).one()
        said_paid.state, said_paid.settled_on = "open", None
        words = "a payment they say they made to arrive"
    else:
        problem = session.scalars(select(DocumentProblem)).one()
        problem.state, problem.settled_on = "open", None
        words = "a document to be put right"
    session.commit()
    with pytest.raises(StillOpen) as no:
        erase_person(Erasure(person.id), **ASKED, store=store)
    assert no.value.sentence == f"They cannot be erased yet: {words}."


@pytest.mark.parametrize("delivery", ["queued", "draft"])
def test_nothing_leaves_to_them_any_more(session: Session, store: Store, seller: Seller, delivery: str) -> None:
    person = a_person(session, seller)
    waiting = said(session, person, sender_key="4")
    waiting.delivery = delivery
    session.commit()
    erase_person(Erasure(person.id), **ASKED, store=store)
    session.expire_all()
    assert session.get_one(Message, waiting.id).delivery == "withdrawn"


def test_while_a_message_is_being_sent_it_waits(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    said(session, person, sender_key="4").delivery = "sending"
    session.commit()
    with pytest.raises(BeingSent):
        erase_person(Erasure(person.id), **ASKED, store=store)


def test_a_company_nobody_and_somebody_elses_contact_are_refused(
    session: Session, store: Store, seller: Seller
) -> None:
    person, company = a_person(session, seller), a_customer(session, seller)
    session.commit()
    with pytest.raises(NotAPerson):
        erase_person(Erasure(company.id), **ASKED, store=store)
    with pytest.raises(NotFound):
        erase_person(Erasure(seller.id), **ASKED, store=store)
    with pytest.raises(NotFound):
        erase_person(Erasure(company.id, person.contacts[0].id), **ASKED, store=store)
    with pytest.raises(ErasureNeedsReason):
        erase_person(Erasure(person.id), by="Kim", why=" ", store=store)


def test_the_account_of_a_payer_goes_and_the_payment_stays_matched(
    session: Session, store: Store, seller: Seller
) -> None:
    erase_person(Erasure(a_person(session, seller).id), **ASKED, store=store)
    matched = session.scalars(select(BankTransaction).where(BankTransaction.payment_id.is_not(None))).one()
    assert (matched.payer_account, matched.text, matched.amount_minor) == (None, ERASED, 12_000)
    assert found_in(session, ACCOUNT) == set()


def test_the_library_holds_nothing_of_a_customer_and_a_mention_by_staff_is_named(
    session: Session, store: Store, seller: Seller
) -> None:
    person = a_person(session, seller)
    asked = f"What is your policy for parrots like that of {NAME}?"
    take_turn(Incoming(seller.id, "chat", asked, person.id, "proven"), House(store, lambda: None, Assistant()))
    assert session.scalars(select(Passage.key)).all() == []
    session.add(
        Passage(key="en/thanks/people", document="en/thanks.md", topic="thanks", place="thanks/people", title="Thanks", section="People", language="en",
                audience="customers", text=f"With thanks to {NAME}.", questions="", position=0, valid_from=DAY, checksum="x")
    )  # fmt: skip
    session.commit()
    erased = erase_person(Erasure(person.id, is_forced=True), **ASKED, role="manager", store=store)
    assert erased.passages == ("en/thanks/people",)
    assert found_in(session, NAME) == {"passage"}


def test_a_question_others_asked_too_stays_unless_it_has_a_trace(
    session: Session, store: Store, seller: Seller
) -> None:
    person = a_person(session, seller)
    said(session, person, "do you sell ovens or lease them", sender_key="9")
    for question, times in (("do you sell ovens", 2), ("where does sophie de wael live", 3), ("lease them", 1)):
        session.add(
            Gap(language="nl", question=question, likeness=question, times=times, first_asked_at=MOMENT,
                last_asked_at=MOMENT)
        )  # fmt: skip
    session.commit()
    erase_person(Erasure(person.id), **ASKED, store=store)
    session.expire_all()
    assert session.execute(select(Gap.question, Gap.language).order_by(Gap.id)).all() == [
        ("do you sell ovens", "nl"),
    ]
