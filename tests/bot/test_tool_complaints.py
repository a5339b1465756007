"""Complaints: read back in the customer's own words, and recorded when they agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.reasons import category_of, severity_of
from bot.tools.complaints import SAID_CHARACTERS_MAX, only_announces, shortened
from o2c_core.cases.complaint import Complaint
from o2c_core.conversations.handoff import Handoff
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.bot.acting import Talk, angrily
from tests.build import a_customer, a_seller, an_invoice, an_order


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")
    an_order(session, customer, "SO-1003")
    an_invoice(session, customer, "INV-1")
    session.commit()
    return customer


@pytest.fixture
def talk(store: Store, seller: Seller, customer: Customer) -> Talk:
    return Talk(store, seller, customer)


def complaints(session: Session) -> list[Complaint]:
    return list(session.scalars(select(Complaint).order_by(Complaint.id)))


def test_a_complaint_is_read_back_and_recorded_with_a_deadline_and_a_line_in_the_trail(
    session: Session, talk: Talk
) -> None:
    words = "The plates of SO-1003 arrived broken, again."
    assert talk.says("log_complaint", words, numbers=["SO-1003"]) == (
        "I'm sorry about that, and thank you for telling us. I'll record this as your complaint about SO-1003: “The plates of "
        "SO-1003 arrived broken, again.” Someone from our team then answers by 18 March 2026."
    )
    assert complaints(session) == []
    done = talk.agrees()
    assert done.says == (
        "I've recorded your complaint about SO-1003 under number C-101. Someone from our team answers by 18 March 2026."
    )
    (complaint,) = complaints(session)
    assert (complaint.about, complaint.category, complaint.severity) == (words, "product", "normal")
    assert complaint.order_id is not None
    line = session.scalars(select(TrailLine).where(TrailLine.subject_id == complaint.id)).one()
    assert (line.what, line.message_id) == ("complaint logged", talk.desk.message_id)
    assert talk.agrees() == done
    assert len(complaints(session)) == 1


@pytest.mark.parametrize(
    "words",
    [
        "I'm unhappy",
        "I have a complaint!",
        "Ik wil graag een klacht indienen",
        "Ich möchte mich beschweren",
        "je veux me plaindre",
    ],
)
def test_a_complaint_without_content_is_asked_about_first(session: Session, talk: Talk, words: str) -> None:
    assert "What went wrong" in talk.says("log_complaint", words)
    assert talk.offered == {}
    assert "“Nobody ever answers the phone.”" in talk.says("log_complaint", "Nobody ever answers the phone.")
    talk.agrees()
    assert complaints(session)[0].category == "service"


def test_a_complaint_that_only_names_an_order_is_asked_about_that_order(session: Session, talk: Talk) -> None:
    assert talk.says("log_complaint", "I have a complaint about order SO-1003", numbers=["SO-1003"]) == (
        "I'm sorry to hear that. What went wrong with SO-1003?"
    )
    talk.says("log_complaint", "It came a week late and the driver was rude.")
    talk.agrees()
    (complaint,) = complaints(session)
    assert (complaint.order_id is not None, complaint.about) == (True, "It came a week late and the driver was rude.")


def test_the_number_can_be_put_right(session: Session, talk: Talk) -> None:
    talk.says("log_complaint", "The plates of SO-1003 arrived broken.", numbers=["SO-1003"])
    talk.says("log_complaint", "no, it is about INV-1", numbers=["INV-1"])
    assert (talk.offered["number"], talk.offered["words"]) == ("INV-1", "The plates of SO-1003 arrived broken.")


def test_a_number_that_is_not_theirs_stays_in_the_words_and_tells_nothing(
    session: Session, talk: Talk, seller: Seller
) -> None:
    an_order(session, a_customer(session, seller, "C2"), "SO-5")
    session.commit()
    said = set()
    for number in ("SO-5", "SO-77"):
        talk.before = type(talk.before)()
        said.add(talk.says("log_complaint", f"{number} came broken", numbers=[number]).replace(number, "?"))
        assert "number" not in talk.offered
    assert len(said) == 1


def test_anger_is_answered_once_and_hurries(session: Session, talk: Talk) -> None:
    words = "Broken AGAIN. This is a disgrace."
    assert talk.says("log_complaint", words, understood=angrily(words)) == (
        "That's not good enough, I understand. I'll record this as your complaint: “Broken AGAIN. This is a disgrace.” "
        "Someone from our team then answers by 17 March 2026."
    )
    assert "not good enough" not in talk.says("log_complaint", words, understood=angrily(words))
    talk.agrees()
    assert complaints(session)[0].severity == "high"


@pytest.mark.parametrize("words", ["I withdraw my complaint", "Ik wil mijn klacht intrekken", "Ich ziehe meine Beschwerde zurück",
                                   "je retire ma réclamation"])  # fmt: skip
def test_taking_a_complaint_back_is_left_to_a_person(session: Session, talk: Talk, words: str) -> None:
    talk.says("log_complaint", "The plates arrived broken.")
    talk.agrees()
    talk.before = type(talk.before)()
    assert talk.says("log_complaint", words).startswith("I can't take C-101 back myself.")
    handoff = session.scalars(select(Handoff)).one()
    assert (handoff.reason, "C-101" in handoff.why) == ("cannot", True)
    assert complaints(session)[0].state == "open"


@pytest.mark.parametrize("words", ["Has my complaint been looked at yet?", "is mijn klacht al bekeken?",
                                   "Wurde meine Beschwerde schon bearbeitet?", "où en est ma réclamation ?",
                                   "what happened with complaint C-101"])  # fmt: skip
def test_a_question_about_a_complaint_is_no_new_complaint(session: Session, talk: Talk, words: str) -> None:
    talk.says("log_complaint", "The plates arrived broken.")
    talk.agrees()
    talk.before = type(talk.before)()
    assert talk.says("log_complaint", words).startswith("Your complaint C-101 has been with us since 16 March 2026")
    assert talk.offered == {}


@pytest.mark.parametrize(("words", "category", "severity"), [
    ("The bread made my guests sick", "other", "critical"), ("er zat glas in het brood", "product", "critical"),
    ("Ihr Fahrer war unverschämt", "staff", "high"), ("your driver was rude", "staff", "normal"),
    ("uw chauffeur was onbeschoft", "staff", "normal"), ("le colis est arrivé en retard", "delivery", "normal"),
    ("the delivery was late for the third time", "delivery", "high"), ("al de derde keer te laat", "delivery", "high"),
    ("you keep sending reminders", "invoice", "normal"), ("nobody calls me back", "service", "normal"),
    ("niemand belt terug", "service", "normal"), ("personne ne répond", "service", "normal"),
    ("my data were sent to somebody", "data", "normal"), ("just a small remark: the box was wet", "other", "low"),
])  # fmt: skip
def test_what_it_is_about_and_how_bad_it_is_are_read_in_four_languages(
    words: str, category: str, severity: str
) -> None:
    assert (category_of(words), severity_of(words)) == (category, severity)


@given(st.text(max_size=600))
def test_what_is_read_back_is_short_and_theirs(words: str) -> None:
    said = shortened(words)
    assert len(said) <= SAID_CHARACTERS_MAX + 2
    assert set(said) <= set(words) | set(" …")


def test_one_or_two_sentences_are_read_back_whole() -> None:
    assert shortened("It was late. The driver was rude.") == "It was late. The driver was rude."
    assert shortened("One. Two. Three.") == "One. Two …"


@pytest.mark.parametrize(
    ("words", "only"), [("I have a complaint about SO-1003", True), ("the plates are broken", False), ("", True)]
)
def test_announcing_is_told_from_telling(words: str, only: bool) -> None:
    assert only_announces(words) is only
