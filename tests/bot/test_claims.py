"""Whoever says they have paid is thanked and told whether it is here; whoever speaks of another bank account is warned."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.conversations.remembered import Remembered
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk, ask, say
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


@pytest.mark.parametrize(("language", "words", "on"), [
    ("en", "I already paid that on 10 March", "10 March 2026"),
    ("en", "we paid this last week!", None),
    ("en", "The payment was made yesterday", "15 March 2026"),
    ("nl", "Die heb ik al betaald op 10 maart", "10 maart 2026"),
    ("nl", "is al overgemaakt hoor", None),
    ("de", "Ich habe das schon überwiesen, am 10. März", "10. März 2026"),
    ("fr", "J'ai déjà payé cette facture le 10 mars", "10 mars 2026"),
    # Said short, with slips of the pen, of the invoice itself, or of who paid it.
    ("en", "Its payed already!!", None),
    ("en", "Invoice INV-1 was paid on 10 March, reference 4471", "10 March 2026"),
    ("en", "our bookkeeper settled this on 10 March", "10 March 2026"),
    ("en", "that one's been settled already", None),
    ("nl", "is al betaalt!!", None),
    ("nl", "heb ik gisteren al overgemaakt hoor", "15 maart 2026"),
    ("nl", "Onze administratie heeft het bedrag op 10 maart overgeboekt", "10 maart 2026"),
    ("de", "ist schon bezalt!!", None),
    ("de", "Unsere Buchhaltung hat den Betrag am 10. März überwiesen", "10. März 2026"),
    ("fr", "deja payé !!", None),
    ("fr", "La facture INV-1 a été payée le 10 mars, référence 4471", "10 mars 2026"),
    ("fr", "notre comptable a réglé cela le 10 mars", "10 mars 2026"),
])  # fmt: skip
def test_who_says_they_paid_is_thanked_and_told_whether_it_is_here(
    session: Session, store: Store, seller: Seller, customer: Customer, language: str, words: str, on: str | None
) -> None:
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=2))
    session.commit()
    desk = a_desk(store, seller, customer, words=words, language=language)
    said = ask(desk, "payment_status", "INV-1")
    thanks = {"en": "Thank you", "nl": "Dank u", "de": "Vielen Dank", "fr": "Merci"}[language]
    assert said.startswith(thanks)
    assert not re.search(r"\b(?:No|Nee|Nein|Non),", said)
    # Three banking days after the day they name, or after today without one, and at least while somebody looks.
    until = {"en": "March 2026", "nl": "maart 2026", "de": "März 2026", "fr": "mars 2026"}[language]
    days = [int(day) for day in re.findall(rf"(\d+)\.? {until}", said)]
    assert days == ([int(on.split()[0].strip(".")), 17] if on else [19]) or days == [15, 18]
    assert desk.asks == "meant:payment_status"
    assert session.scalars(select(PaymentSaid)).one().paid_on == (DAY.replace(day=days[0]) if on else None)


@pytest.mark.parametrize("words", [
    "Have you received my payment?", "Is INV-1 paid?", "did I pay this already", "We haven't paid it yet",
    "Heb ik die al betaald?", "Kunt u zien of wij die al betaald hebben?", "When did we pay it?", "Wir haben noch nicht bezahlt", "Est-ce que la facture est payée ?",
    "We will have paid it by Friday", "Which of our invoices have been paid?", "We pay once our client has paid us",
    "How do I know it was paid by my predecessor", "Graag bevestigen of dit is voldaan", "Hij is nog niet betaald, sorry",
    "Wij hebben zelf nog niets betaald gekregen", "Bitte bestätigen, ob das bezahlt ist", "Zahlung geht Montag raus",
    "mark INV-1 as paid", "Markeer INV-1 als betaald", "Markieren Sie INV-1 als bezahlt", "Marquez INV-1 comme payée",
    "Merci de confirmer si c'est payé", "Elle n'est pas encore payée, désolé", "Notre client ne nous a pas encore payés",
])  # fmt: skip
def test_a_question_is_no_claim(session: Session, store: Store, seller: Seller, customer: Customer, words: str) -> None:
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=2))
    session.commit()
    said = ask(a_desk(store, seller, customer, words=words), "payment_status", "INV-1")
    assert said.startswith("No, invoice INV-1 is not paid yet")


def test_a_claim_that_is_right_is_confirmed(session: Session, store: Store, seller: Seller, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", paid_minor=12_500)
    session.commit()
    desk = a_desk(store, seller, customer, words="I paid that one last week")
    assert ask(desk, "payment_status", "INV-1") == (
        "Thank you, it has arrived: invoice INV-1 for £125.00 is paid in full since 16 March 2026."
    )
    assert desk.asks is None


@pytest.mark.parametrize(("answer", "said", "handoff"), [
    ("yes please", "I've asked a colleague to check with the bank", "disagrees"),
    ("check with the bank", "I've asked a colleague to check with the bank", "disagrees"),
    ("is it paid?", "No, invoice INV-1 is not paid yet", None),
])  # fmt: skip
def test_a_payment_we_cannot_see_is_checked_by_a_person_when_they_want_that(
    session: Session, store: Store, seller: Seller, customer: Customer, answer: str, said: str, handoff: str | None
) -> None:
    an_invoice(session, customer, "INV-1")
    session.commit()
    first = a_desk(store, seller, customer, words="I paid it on 10 March")
    ask(first, "payment_status", "INV-1")
    before = Remembered(asked=first.asks, slots=first.slots)
    desk = a_desk(store, seller, customer, words=answer, before=before)
    assert ask(desk, "payment_status").startswith(said)
    assert desk.handoff == handoff
    if desk.packet:
        assert desk.packet.why == "says they paid invoice INV-1 on 2026-03-10; please check with the bank"


def test_money_that_waits_is_named_to_who_says_they_paid(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1")
    paid = an_invoice(session, customer, "INV-0", total_minor=1_000)
    a_payment(session, paid, 1_000, DAY - timedelta(days=4)).amount_minor = 13_500
    session.commit()
    said = ask(a_desk(store, seller, customer, words="I've already paid INV-1"), "payment_status", "INV-1")
    assert "A payment of £125.00 of 12 March 2026 has arrived and is not set against an invoice yet." in said


OURS = "NL91 ABNA 0417 1643 00"


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("words", [
    "Has your bank account changed?", "I got a mail with a new IBAN for you, is that right?",
    "Is NL02ABNA0123456789 your account?", "Jullie rekeningnummer is gewijzigd, klopt dat?",
    "Stimmt Ihre neue Bankverbindung?", "On m'a envoyé un nouveau RIB, c'est normal ?",
])  # fmt: skip
def test_a_changed_account_is_met_with_the_one_on_record_a_warning_and_a_person(
    session: Session, store: Store, seller: Seller, customer: Customer, words: str, proven: bool
) -> None:
    session.commit()
    desk = a_desk(store, seller, customer if proven else None, words=words)
    said = say(desk, "payment_methods")
    assert f"Our bank account on record, in the name of Van Dijk Groothandel B.V., is {OURS}." in said
    assert "We never announce a new account in a message." in said
    assert desk.handoff == "payment_fraud"
    assert "NL02" not in said


def test_our_own_account_is_confirmed_and_theirs_is_not_taken_down(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    session.commit()
    desk = a_desk(store, seller, customer, words=f"Do I pay to {OURS}?")
    assert say(desk, "payment_methods").startswith(
        f"The account you wrote, in the name of Van Dijk Groothandel B.V., is ours: {OURS}."
    )
    assert desk.handoff is None
    desk = a_desk(store, seller, customer, words="Our new bank account is NL02 ABNA 0123 4567 89")
    assert say(desk, "payment_methods").startswith("I don't take down bank details from a message")
    assert desk.handoff == "cannot"


@pytest.mark.parametrize("words", [
    "How can I pay?", "What is your IBAN?", "Can I pay from another account?", "Kan ik ook vanaf een andere rekening betalen?",
    "Wie kann ich bezahlen?",
])  # fmt: skip
def test_an_ordinary_question_about_paying_calls_nobody(
    session: Session, store: Store, seller: Seller, customer: Customer, words: str
) -> None:
    session.commit()
    desk = a_desk(store, seller, customer, words=words)
    assert say(desk, "payment_methods").startswith("You can pay by bank transfer")
    assert desk.handoff is None


def test_a_change_of_their_own_account_is_not_taken_down_either(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    session.commit()
    desk = a_desk(store, seller, customer, words="Wij hebben ons bankrekeningnummer gewijzigd")
    assert say(desk, "payment_methods").startswith("I don't take down bank details from a message")
    assert desk.handoff == "cannot"
