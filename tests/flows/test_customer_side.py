"""What a customer lives through: one word of theirs, a file, a wrong code, and what we make of it."""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.assistant import Assistant
from channels.smtp_carrier import SmtpCarrier
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.send_document import DocumentRequest, send_document
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.channels.test_smtp_carrier import Server, serving
from tests.flows.providers import THEIRS, Providers, a_mail, known_by_both, providers

AP = "ap@jansen.example"
STRANGER = "+31687654321"


@pytest.fixture
def house(own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path) -> Iterator[Providers]:
    known_by_both(own_store, AP)
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


def write(house: Providers, text: str, *, subject: str = "Vraag", file: tuple[str, bytes] | None = None) -> list[str]:
    """The texts of the mails that are sent after a mail of the customer came in."""
    mail = a_mail(text, AP, subject=subject)
    if file is not None:
        kind = "pdf" if file[0].endswith("pdf") else "png"
        mail.add_attachment(file[1], maintype={"png": "image"}.get(kind, "application"), subtype=kind, filename=file[0])
    before = len(house.carrier.sent)
    assert house.mail(mail, vouched="jansen.example").status_code == 200
    house.work()
    return house.carrier.texts[before:]


def consents(house: Providers) -> list[tuple[str, bool]]:
    with house.store.session() as session:
        return [(one.purpose, one.is_given) for one in session.scalars(select(Consent).order_by(Consent.id))]


def waiting(house: Providers) -> list[str | None]:
    with house.store.session() as session:
        return list(session.scalars(select(Conversation.handoff_reason).where(Conversation.state == "waiting")))


@pytest.mark.parametrize("more", [{}, {"OptOutType": "START"}])
@pytest.mark.parametrize("word", ["YES", "Yes!", "yes."])
def test_a_yes_of_somebody_who_never_said_stop_is_a_message_and_no_consent(
    house: Providers, word: str, more: dict[str, str]
) -> None:
    (answer,) = house.hear(word, **more)
    assert "Kan ik nog iets voor u opzoeken?" in answer
    assert consents(house) == []


def test_a_yes_after_a_stop_begins_again(house: Providers, clock: MovableClock) -> None:
    house.hear("STOP")
    clock.move(timedelta(hours=1))
    assert house.hear("YES") == []  # the provider has answered that itself
    assert ("reminders", True) in consents(house)
    clock.move(timedelta(hours=1))
    (answer,) = house.hear("yes")
    assert "Kan ik nog iets" in answer, "it was begun again, so this is an answer to something"


@pytest.mark.parametrize("word", ["Cancel", "End", "Quit", "END."])
def test_a_mail_with_a_word_of_everyday_business_stops_nothing(house: Providers, word: str) -> None:
    (answer,) = write(house, word)
    assert consents(house) == []
    assert "herinneringen" not in answer


@pytest.mark.parametrize("word", ["Stop", "afmelden", "uitschrijven"])
def test_a_mail_with_a_word_that_means_only_that_stops_reminders(house: Providers, word: str) -> None:
    (confirmed,) = write(house, word, subject="Re: Vraag")
    assert "geen herinneringen meer per e-mail" in confirmed
    assert house.carrier.sent[-1].subject == "Re: Vraag", "one Re: is enough"
    assert consents(house) == [("reminders", False), ("marketing", False)]


@pytest.mark.parametrize("hour", [0, 13])
@pytest.mark.parametrize(
    ("prefix", "words"), [("whatsapp:", "STOP"), ("whatsapp:", "please stop"), ("", "geen sms meer")]
)
def test_a_stop_is_confirmed_at_any_hour_also_where_it_refuses_everything(
    house: Providers, clock: MovableClock, prefix: str, words: str, hour: int
) -> None:
    clock.move(timedelta(hours=hour))
    assert len(house.hear(words, prefix=prefix)) == 1
    assert house.carrier.sent[-1].purpose == "confirmation"


def test_a_stop_said_again_is_not_confirmed_again_the_same_day(house: Providers, clock: MovableClock) -> None:
    assert len(house.hear("graag geen sms meer sturen")) == 1
    clock.move(timedelta(minutes=3))
    assert house.hear("graag geen sms meer sturen") == []
    clock.move(timedelta(days=1))
    assert len(house.hear("graag geen sms meer sturen")) == 1


@pytest.mark.parametrize(("words", "begins"), [
    ("please stop texting me", "you get no more reminders"), ("bitte keine SMS mehr", "Sie erhalten keine"),
    ("je ne veux plus de SMS", "vous ne recevrez plus"), ("graag geen sms meer", "u krijgt geen"), ("arrêt", "u krijgt geen"),
])  # fmt: skip
def test_a_stop_is_confirmed_in_the_language_it_was_said_in(house: Providers, words: str, begins: str) -> None:
    (confirmed,) = house.hear(words, STRANGER)
    assert begins in confirmed


@pytest.mark.parametrize("sender", [THEIRS, STRANGER])
def test_a_stop_with_a_question_is_confirmed_once_and_the_question_answered(house: Providers, sender: str) -> None:
    confirmed, answer = house.hear("Please stop texting me. How much do we owe you?", sender)
    assert "you get no more reminders by text" in confirmed
    assert "reminders" not in answer
    assert ("1,240.50" in answer) is (sender == THEIRS)
    assert ("which address or number" in answer) is False


def test_a_number_that_is_known_and_one_that_is_not_sound_the_same_after_wrong_codes(
    house: Providers, clock: MovableClock
) -> None:
    heard = {}
    for sender, number in ((STRANGER, "C1001"), ("+31687654322", "C9999")):
        said = house.hear("Hoeveel staat er open?", sender)
        said += [text for text in house.hear(f"klantnummer {number}", sender) if "uw code is" not in text]
        for _ in range(6):
            said += house.hear("123456", sender)
        clock.move(timedelta(minutes=11))
        said += house.hear("123456", sender)
        said += [text for text in house.hear(number, sender) if "uw code is" not in text]
        heard[number] = said
    assert heard["C1001"] == heard["C9999"]
    assert "Die code klopt niet of geldt niet meer." in heard["C1001"][2]
    assert "Als dat nummer hier bekend is" in heard["C1001"][-1]


def test_the_right_code_is_still_good_after_a_wrong_one(house: Providers) -> None:
    house.hear("Hoeveel staat er open?", STRANGER)
    house.hear("klantnummer C1001", STRANGER)
    code = next(found[0] for text in house.carrier.texts if (found := re.findall(r"\b\d{6}\b", text)))
    house.hear(f"{(int(code) + 1) % 10**6:06}", STRANGER)
    (answer,) = house.hear(code, STRANGER)
    assert "EUR 1.240,50" in answer


@pytest.mark.parametrize(("subject", "text", "file", "is_left"), [
    ("Vraag", "Zie bijlage", ("bon.pdf", b"%PDF-1.4 bon"), True),
    ("Vraag", "", ("bon.pdf", b"%PDF-1.4 bon"), True),
    ("Belege", "Anbei die Unterlagen, danke", ("bon.pdf", b"%PDF-1.4 bon"), True),
    ("Documents", "Please see attached.", ("bon.pdf", b"%PDF-1.4 bon"), True),
    ("Vraag", "Hoeveel staat er nog open?", ("bon.pdf", b"%PDF-1.4 bon"), False),
    ("Vraag", "Bedankt!", ("logo.png", b"\x89PNG\r\n\x1a\n logo"), False),
])  # fmt: skip
def test_a_file_with_nothing_to_answer_beside_it_is_left_to_a_person(
    house: Providers, subject: str, text: str, file: tuple[str, bytes], is_left: bool
) -> None:
    (answer,) = write(house, text, subject=subject, file=file)
    assert waiting(house) == (["sent_files"] if is_left else [])
    assert any(word in answer for word in ("bestand", "Datei", "your file")) is is_left


@pytest.mark.parametrize("text", ["", "😀", "??", "x" * 10_000, "Quanto devo?", "こんにちは", "\u200b", "\x00 hallo"])
@pytest.mark.parametrize("prefix", ["", "whatsapp:"])
def test_whatever_is_sent_gets_one_answer(house: Providers, text: str, prefix: str) -> None:
    assert len(house.hear(text, prefix=prefix)) == 1


def test_an_answer_goes_to_who_wrote_and_to_nobody_they_named(house: Providers) -> None:
    mail = a_mail("Hoeveel staat er nog open?", AP, Reply_To="evil@evil.example", Cc="third@elsewhere.example")
    house.mail(mail, vouched="jansen.example")
    house.work()
    assert [one.to for one in house.carrier.sent] == [AP]


def test_a_copy_of_an_invoice_arrives_with_its_file_by_smtp(house: Providers) -> None:
    with house.store.session() as session:
        customer, invoice = session.scalars(select(Customer.id)).one(), session.scalars(select(Invoice.id)).one()
    message_id = send_document(DocumentRequest(customer, "asked", invoice), store=house.store)
    server = Server()
    with serving(server) as at:
        carrier = SmtpCarrier(f"smtp://{at}", seconds=20)
        state = deliver_message(
            message_id, store=house.store, carriers={"email": carrier}, doorplate=house.house.doorplate
        )
    assert state == "sent"
    (envelope,) = server.taken
    assert envelope.rcpt_tos == [AP]
    assert isinstance(envelope.content, bytes)
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("Factuur-INV-2026-0042.pdf", "application/pdf")
    assert file.get_content().startswith(b"%PDF-")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Bijlage: Factuur INV-2026-0042.pdf" in text.get_content()
    with house.store.session() as session:
        assert session.get_one(Message, message_id).mail_id == mail["Message-ID"]
