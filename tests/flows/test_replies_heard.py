"""Every reply to a reminder, in four languages and by chat, text and mail: what was heard, what changed, what was said."""

import itertools
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.turn import House
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.heard import Automatic, HeardFile
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address
from o2c_core.store.rows import Row
from o2c_core.store.store import Store
from tests.build import DAY
from tests.flows.replying import MAILBOX, NEXT, OTHER, TOLD, queued_reminder, who_was_reminded

LANGUAGES = ("en", "nl", "de", "fr")
CHANNELS = ("chat", "sms", "email")
YES = {"en": "yes please", "nl": "ja graag", "de": "ja bitte", "fr": "oui merci"}


@dataclass(frozen=True)
class Kind:
    """A kind of reply: its words by language, what is heard (an intent and a tool), what is recorded, what may_contact
    then says of the invoice they were reminded of, and words of the answer by language. A kind that is `offered` is
    recorded once they say yes, and the words are those of that answer."""

    words: dict[str, str]
    intent: str
    tool: str
    row: type[Row]
    reason: str
    said: dict[str, tuple[str, ...]]
    offered: bool = False
    channels: tuple[str, ...] = CHANNELS


def _by(en: object, nl: object, de: object, fr: object) -> dict:  # type: ignore[type-arg]
    return {"en": en, "nl": nl, "de": de, "fr": fr}


KINDS: dict[str, Kind] = {
    "paid, with amount and day": Kind(
        _by("I paid 120 euro last Tuesday", "Ik heb vorige week dinsdag 120 euro betaald",
            "Ich habe letzten Donnerstag 120 Euro überwiesen", "J'ai payé 120 euros jeudi dernier"),
        "payment_status", "payment_status", PaymentSaid, "in_flight",
        _by(("Thank you", TOLD, "haven't received it", "17 March 2026"), ("Dank u", TOLD, "nog niet ontvangen", "17 maart 2026"),
            ("Vielen Dank", TOLD, "noch nicht eingegangen", "17. März 2026"), ("Merci", TOLD, "pas encore reçu", "17 mars 2026")),
    ),
    "paid yesterday": Kind(
        _by("We already paid this invoice yesterday.", "Die factuur is gisteren al overgemaakt",
            "Die Rechnung wurde gestern bereits bezahlt", "Nous avons déjà réglé cette facture hier"),
        "payment_status", "payment_status", PaymentSaid, "in_flight",
        _by(("15 March 2026", "up to 3", "18 March 2026"), ("15 maart 2026", "tot 3", "18 maart 2026"),
            ("15. März 2026", "bis zu 3", "18. März 2026"), ("15 mars 2026", "jusqu'à 3", "18 mars 2026")),
    ),
    "a promise": Kind(
        _by("We'll pay that invoice on Friday", "Wij betalen die factuur vrijdag",
            "Wir bezahlen diese Rechnung am Freitag", "Nous paierons cette facture vendredi"),
        "promise_to_pay", "promise_to_pay", Promise, "promised",
        _by(("recorded", TOLD, "20 March 2026"), ("vastgelegd", TOLD, "20 maart 2026"), (TOLD, "20. März 2026"),
            (TOLD, "20 mars 2026")),
        offered=True,
    ),
    "a day alone": Kind(
        _by("Friday", "Vrijdag", "Freitag", "Vendredi"), "promise_to_pay", "promise_to_pay", Promise, "promised",
        _by((TOLD, "20 March 2026"), (TOLD, "20 maart 2026"), (TOLD, "20. März 2026"), (TOLD, "20 mars 2026")),
        offered=True, channels=("sms", "email"),  # in a new chat a day alone says nothing
    ),
    "a plan": Kind(
        _by("Can we pay this in two parts, from 20 March?", "Kunnen we dit in twee termijnen betalen, vanaf 20 maart?",
            "Können wir das in zwei Raten zahlen, ab 20. März?", "Peut-on payer en deux fois, à partir du 20 mars ?"),
        "payment_plan", "payment_plan", PaymentPlan, "on_plan",
        _by(("P-101", "20 March 2026"), ("P-101", "20 maart 2026"), ("P-101", "20. März 2026"), ("P-101", "20 mars 2026")),
        offered=True,
    ),
    "an objection": Kind(
        _by("I dispute this invoice, the price is wrong", "Ik ben het niet eens met deze factuur, de prijs klopt niet",
            "Wir widersprechen dieser Rechnung, der Preis ist falsch", "Nous contestons cette facture, le prix est faux"),
        "dispute_invoice", "dispute_invoice", Dispute, "disputed",
        _by((TOLD, "D-101"), (TOLD, "D-101"), (TOLD, "D-101"), (TOLD, "D-101")),
        offered=True,
    ),
    "their order number is missing": Kind(
        _by("We need PO 4711 on the invoice", "We hebben PO-nummer 4711 op de factuur nodig",
            "Auf der Rechnung fehlt unsere Bestellnummer 4711", "Il manque notre numéro de commande 4711 sur la facture"),
        "dispute_invoice", "document_problem", DocumentProblem, "document_problem",
        _by((TOLD, "4711", "no reminders"), (TOLD, "4711", "geen herinnering"), (TOLD, "4711", "keine Erinnerung"),
            (TOLD, "4711", "pas de rappel")),
    ),
    "their order number is wrong": Kind(
        _by("The PO number on this invoice is wrong, it should be 4711", "Het PO-nummer op de factuur klopt niet, het moet 4711 zijn",
            "Auf der Rechnung steht die falsche Bestellnummer", "La facture porte un mauvais numéro de commande"),
        "dispute_invoice", "document_problem", DocumentProblem, "document_problem",
        _by((TOLD, "no reminders"), (TOLD, "geen herinnering"), (TOLD, "keine Erinnerung"), (TOLD, "pas de rappel")),
    ),
    "never got the invoice": Kind(
        _by("I never got the invoice", "Wij hebben deze factuur nooit gekregen", "Rechnung nicht erhalten", "Facture non reçue"),
        "invoice_copy", "document_problem", DocumentProblem, "document_problem",
        _by(("sorry", TOLD, "copy", "19 March 2026"), ("spijt", TOLD, "kopie", "19 maart 2026"),
            ("leid", TOLD, "Kopie", "19. März 2026"), ("désolé", TOLD, "copie", "19 mars 2026")),
    ),
    "no delivery note": Kind(
        _by("We can't pay without the delivery note", "Zonder pakbon kunnen we niet betalen", "Der Lieferschein fehlt",
            "Il manque le bon de livraison"),
        "proof_of_delivery", "document_problem", DocumentProblem, "document_problem",
        _by((TOLD, "delivery note"), (TOLD, "pakbon"), (TOLD, "Lieferschein"), (TOLD, "bon de livraison")),
    ),
}  # fmt: skip


EVERY = [(name, *each) for name, kind in KINDS.items() for each in itertools.product(LANGUAGES, kind.channels)]


@pytest.mark.parametrize(("kind", "language", "channel"), EVERY)
def test_a_reply_is_heard_changes_the_schedule_and_is_told(
    session: Session, store: Store, house: House, kind: str, language: str, channel: str
) -> None:
    reply, case = who_was_reminded(session, store, house, channel, language), KINDS[kind]
    queued = queued_reminder(session, reply)
    said = reply.says(case.words[language])
    assert (reply.intents, case.tool in reply.tools) == ([case.intent], True), said
    if case.offered:
        assert session.scalar(select(func.count()).select_from(case.row)) == 0
        said = reply.says(YES[language])
    for word in case.said[language]:
        assert word in said
    assert OTHER not in said
    assert session.scalar(select(func.count()).select_from(case.row)) == 1
    # What holds for the one they answered about does not hold for the other, and what was written is taken back.
    assert reply.may_be_reminded() == {OTHER: "second", TOLD: case.reason}
    assert session.get_one(Message, queued.id).delivery == "withdrawn"


@pytest.mark.parametrize("channel", CHANNELS)
def test_without_an_answer_both_would_be_reminded_of_again(
    session: Session, store: Store, house: House, channel: str
) -> None:
    reply = who_was_reminded(session, store, house, channel)
    assert reply.may_be_reminded() == {OTHER: "second", TOLD: "second"}


WRONG_PERSON = _by(
    "I don't work there any more",
    "Ik werk daar niet meer",
    "Ich arbeite dort nicht mehr",
    "Je ne travaille plus là-bas",
)
STOP = _by("Please stop sending me reminders", "Stuur mij geen herinneringen meer", "Bitte schicken Sie mir keine Mahnungen mehr",
           "Ne m'envoyez plus de rappels")  # fmt: skip


@pytest.mark.parametrize(("language", "channel"), list(itertools.product(LANGUAGES, ("sms", "email"))))
def test_the_wrong_person_is_told_nothing_and_the_next_address_is_used(
    session: Session, store: Store, house: House, language: str, channel: str
) -> None:
    reply = who_was_reminded(session, store, house, channel, language)
    said = reply.says(WRONG_PERSON[language])
    assert reply.intents == ["wrong_contact"]
    assert not [one for one in (TOLD, OTHER, "120", "200", "Jansen") if one in said]
    failed = session.scalars(select(Address.channel).where(Address.failed_at.is_not(None))).all()
    assert failed == [channel]
    assert session.scalars(select(Task.kind)).all() == ["data_fix"]
    assert reply.written_to() == {"sms": "email", "email": "sms"}[channel]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_the_wrong_person_in_the_chat_reaches_somebody_of_ours(
    session: Session, store: Store, house: House, language: str
) -> None:
    reply = who_was_reminded(session, store, house, "chat", language)
    said = reply.says(WRONG_PERSON[language])
    assert reply.turn is not None
    assert not [one for one in (TOLD, OTHER, "120", "200", "Jansen") if one in said]
    assert (reply.intents, reply.turn.handoff and reply.turn.handoff["reason"]) == (
        ["wrong_contact"],
        "contact_unclear",
    )
    assert reply.written_to() == "email"


@pytest.mark.parametrize(("language", "channel"), list(itertools.product(LANGUAGES, CHANNELS)))
def test_stop_is_noted_and_confirmed(session: Session, store: Store, house: House, language: str, channel: str) -> None:
    reply = who_was_reminded(session, store, house, channel, language)
    said = reply.says(STOP[language])
    refused = {
        one.channel for one in session.scalars(select(Consent)) if not one.is_given and one.purpose == "reminders"
    }
    assert refused == {"chat": {"email", "sms", "whatsapp"}}.get(channel, {channel})
    assert said
    assert OTHER not in said
    assert reply.written_to() == {"sms": "email", "email": "sms"}.get(channel)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_out_of_office_shifts_the_step_to_the_return_and_its_deputy_is_suggested_to_a_person(
    session: Session, store: Store, house: House, language: str
) -> None:
    reply = who_was_reminded(session, store, house, "email", language)
    back = DAY + timedelta(days=9)
    deputy = "K. de Boer <k.deboer@jansen.example>"
    said = reply.says("…", automatic=Automatic("out_of_office", back_on=back, deputy=deputy))
    assert said == ""
    assert reply.may_be_reminded() == {OTHER: "away", TOLD: "away"}
    assert reply.may_be_reminded(back) != reply.may_be_reminded()
    task = session.scalars(select(Task)).one()
    assert (task.kind, task.details["deputy"], task.details["back_on"]) == ("data_fix", deputy, back.isoformat())
    addresses = session.scalars(select(Address.value).where(Address.channel == "email")).all()
    assert addresses == [MAILBOX]


PROOF = _by(
    ("Paid on 12 March, see attached", "Your file is kept with it."),
    ("Betaald op 12 maart, zie bijlage", "Uw bestand is erbij bewaard."),
    ("Bezahlt am 12. März, siehe Anhang", "Ihre Datei ist dazu abgelegt."),
    ("Payé le 12 mars, voir pièce jointe", "Votre fichier est conservé avec cette note."),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_proof_that_came_along_is_kept_with_what_was_said(
    session: Session, store: Store, house: House, language: str
) -> None:
    reply = who_was_reminded(session, store, house, "email", language)
    words, kept_with_it = PROOF[language]
    slip = HeardFile("slip.pdf", "application/pdf", "application/pdf", 9_000, "c0ffee", b"%PDF")
    said = reply.says(words, files=(slip,))
    kept = session.scalars(select(PaymentSaid)).one()
    assert kept.proof_file_id is not None
    assert (kept.paid_on, kept.amount_minor) == (DAY - timedelta(days=4), 12_000)
    assert kept_with_it in said
    assert reply.may_be_reminded(NEXT)[TOLD] == "in_flight"
