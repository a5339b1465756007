"""Mails no person wrote: absences, acknowledgements, lists and loops, in five languages; and mails of people that look like them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart

from tests.channels.mails.specimen import CONVERSATION, DOORPLATE, OUR_MAIL_ID, OWN, Specimen, addressed, both, plain
from tests.channels.mails.speech import ADDRESS, BLOCKS, FAREWELLS, OUR_SUBJECT, PERSON, SAID

# What is said, when the writer is back, and who is there meanwhile.
AWAY = {
    "en": [
        ("Thank you for your email. I am out of the office until Monday 23 March 2026 with limited access to email.\n\nFor urgent matters please contact Tom Hill at tom.hill@baker.example.", date(2026, 3, 23), "tom.hill@baker.example"),
        ("Hi,\n\nI'm on annual leave and will be back on March 30th. If it cannot wait, contact my colleague Sarah Webb (sarah@baker.example).", date(2026, 3, 30), "sarah@baker.example"),
        ("I am away from the office from 16/03/2026 to 20/03/2026 and will reply on my return.", date(2026, 3, 20), None),
    ],
    "nl": [
        ("Bedankt voor uw bericht. Ik ben afwezig tot en met vrijdag 27 maart en lees mijn mail niet.\n\nVoor dringende zaken kunt u contact opnemen met Karin Visser via karin@bakker.example.", date(2026, 3, 28), "karin@bakker.example"),
        ("Hallo,\n\nIk ben op vakantie. Vanaf 6 april ben ik weer bereikbaar. Met spoed? Mail naar administratie@bakker.example.", date(2026, 4, 6), "administratie@bakker.example"),
        ("Momenteel ben ik niet aanwezig. Ik ben weer terug op 23-03-2026.", date(2026, 3, 23), None),
    ],
    "de": [
        ("Sehr geehrte Damen und Herren,\n\nich bin bis einschließlich 20.03.2026 nicht im Büro. Ihre E-Mail wird nicht weitergeleitet. In dringenden Fällen wenden Sie sich bitte an Frau Petra Schulz (p.schulz@baecker.example).", date(2026, 3, 21), "p.schulz@baecker.example"),
        ("Guten Tag,\n\nvielen Dank für Ihre Nachricht. Ich bin im Urlaub und ab dem 7. April wieder erreichbar.", date(2026, 4, 7), None),
        ("Ich bin derzeit abwesend und am Montag, den 23. März wieder für Sie da. Vertretung: einkauf@baecker.example", date(2026, 3, 23), "einkauf@baecker.example"),
    ],
    "fr": [
        ("Bonjour,\n\nJe suis absente du bureau jusqu'au 27 mars inclus. En cas d'urgence, merci de contacter Paul Martin : p.martin@boulanger.example.", date(2026, 3, 28), "p.martin@boulanger.example"),
        ("Bonjour, je suis en congés et serai de retour le lundi 30 mars. En mon absence, adressez-vous à compta@boulanger.example.", date(2026, 3, 30), "compta@boulanger.example"),
        ("Actuellement absent, je vous répondrai dès le 1er avril.", date(2026, 4, 1), None),
    ],
    "es": [
        ("Buenos días,\n\nEstaré fuera de la oficina hasta el 27 de marzo de 2026. Para temas urgentes, póngase en contacto con Ana Ruiz en ana@panadero.example.", date(2026, 3, 27), "ana@panadero.example"),
        ("Hola:\n\nEstoy de vacaciones y vuelvo el lunes 30 de marzo. Durante mi ausencia puede escribir a pedidos@panadero.example.", date(2026, 3, 30), "pedidos@panadero.example"),
        ("Me encuentro fuera de la oficina. Estaré de vuelta el 06/04/2026.", date(2026, 4, 6), None),
    ],
}  # fmt: skip
SUBJECT = {
    "en": ("Automatic reply: ", "Out of Office: "), "nl": ("Automatisch antwoord: ", "Afwezig: "),
    "de": ("Automatische Antwort: ", "Abwesenheitsnotiz: "), "fr": ("Réponse automatique : ", "Absence du bureau : "),
    "es": ("Respuesta automática: ", "Fuera de la oficina: "),
}  # fmt: skip
RECEIPT = {
    "en": (
        "Ticket #48211 received",
        "Thank you for contacting us. Your message has been received and registered under number 48211.",
    ),
    "nl": ("Uw melding 48211 is ontvangen", "Bedankt voor uw bericht. We hebben het geregistreerd onder nummer 48211."),
    "de": ("Eingangsbestätigung: Ticket 48211", "Vielen Dank. Ihre Anfrage wurde unter der Nummer 48211 erfasst."),
    "fr": ("Accusé de réception : demande 48211", "Merci pour votre message. Votre demande porte le numéro 48211."),
    "es": ("Acuse de recibo: solicitud 48211", "Gracias por su mensaje. Lo hemos registrado con el número 48211."),
}
MACHINE_SAYS = {
    "en": "This is an automated message, please do not reply.\n\nYour delivery has been booked in.",
    "nl": "Dit is een automatisch gegenereerd bericht, u kunt hier niet op antwoorden.\n\nUw levering is ingeboekt.",
    "de": "Dies ist eine automatisch erstellte Nachricht, bitte antworten Sie nicht.\n\nIhre Lieferung wurde gebucht.",
    "fr": "Ceci est un message automatique, merci de ne pas y répondre.\n\nVotre livraison a été enregistrée.",
    "es": "Este es un mensaje automático, por favor no responda.\n\nSu entrega ha sido registrada.",
}
# Subjects of people that begin as an out-of-office might.
MISSING = {
    "en": "OOO Romashka: delivery incomplete", "nl": "Afwezige factuur 42", "de": "Eingangsbestätigung fehlt",
    "fr": "Absence de facture", "es": "Ausencia de la factura 42",
}  # fmt: skip
NEWS = {
    "en": "Baker's news, spring",
    "nl": "Bakkersnieuws, lente",
    "de": "Bäckernachrichten",
    "fr": "Les nouvelles du pain",
    "es": "Noticias del pan",
}


def machines() -> Iterator[Specimen]:
    for language in SAID:
        yield from _absences(language)
        yield from _acknowledgements(language)
        yield from _lists_and_loops(language)


def _absences(language: str) -> Iterator[Specimen]:
    person, address, ours = PERSON[language], ADDRESS[language], OUR_SUBJECT[language]
    automatic, out_of_office = SUBJECT[language]
    one, two, three = AWAY[language]
    ways = [
        ("exchange", one, automatic + ours, {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All", "X_MS_Exchange_Generated_Message_Source": "Mailbox Rules Agent"}),
        ("gmail", two, f"{out_of_office.rstrip(': ')} Re: {ours}", {"Auto_Submitted": "auto-replied", "Precedence": "bulk", "X_Autoreply": "yes"}),
        ("sieve", three, automatic + ours, {"Auto_Submitted": "auto-replied (vacation)"}),
        ("stripped", two, out_of_office + ours, {}),
        ("suppressing", one, f"Re: {ours}", {"X_Auto_Response_Suppress": "DR, OOF, AutoReply", "Precedence": "bulk"}),
        ("postfix_vacation", three, f"Re: {ours}", {"Precedence": "junk", "X_Mail_Autoreply": "vacation"}),
    ]  # fmt: skip
    for mailer, (said, back_on, deputy), subject, headers in ways:
        under = f"\n\n{FAREWELLS[language][0]}\n\n{person}\n{BLOCKS[language]}"
        message = addressed(plain(said + under), person, address, subject, In_Reply_To=OUR_MAIL_ID, **headers)
        yield Specimen(f"away-{mailer}-{language}", language, mailer, message.as_bytes(), automatic="out_of_office", back_on=back_on, deputy=deputy,
                       envelope_from="" if mailer in ("exchange", "sieve") else None)  # fmt: skip


def _acknowledgements(language: str) -> Iterator[Specimen]:
    person, address, ours = PERSON[language], ADDRESS[language], OUR_SUBJECT[language]
    subject, said = RECEIPT[language]
    yield _machine(
        f"ticket-{language}",
        language,
        "auto_reply",
        addressed(plain(said), "Helpdesk", "help@baker.example", subject, Auto_Submitted="auto-replied"),
    )
    yield _machine(
        f"says-so-{language}",
        language,
        "auto_reply",
        addressed(plain(MACHINE_SAYS[language]), "Baker", "system@baker.example", f"RE: {ours}"),
    )
    yield _machine(
        f"no-reply-{language}",
        language,
        "auto_reply",
        addressed(plain(said), "Baker", "no-reply@baker.example", subject),
    )
    yield _machine(
        f"x-auto-{language}",
        language,
        "auto_reply",
        addressed(plain(said), person, address, f"Re: {ours}", X_Autorespond=ours),
    )
    yield _machine(
        f"precedence-{language}",
        language,
        "auto_reply",
        addressed(plain(said), person, address, f"Re: {ours}", Precedence="auto_reply"),
    )
    report = MIMEMultipart("report")
    report.set_param("report-type", "disposition-notification")
    report.attach(plain(said))
    disposition = MIMEBase("message", "disposition-notification")
    disposition.set_payload(
        f"Final-Recipient: rfc822; {address}\nOriginal-Message-ID: {OUR_MAIL_ID}\nDisposition: manual-action/MDN-sent-manually; displayed\n"
    )
    report.attach(disposition)
    yield _machine(
        f"read-receipt-{language}", language, "auto_reply", addressed(report, person, address, f"Gelezen: {ours}")
    )


def _lists_and_loops(language: str) -> Iterator[Specimen]:
    ours = OUR_SUBJECT[language]
    news = addressed(
        both("Hi", "<p>Hi</p>"),
        "Baker",
        "news@baker.example",
        NEWS[language],
        List_Unsubscribe="<https://x.example/u>",
        Precedence="bulk",
    )
    yield _machine(f"newsletter-{language}", language, "list", news)
    listed = addressed(
        plain("Hello all"),
        "Bread list",
        "bread@lists.example",
        f"[bread] {NEWS[language]}",
        List_Id="Bread <bread.lists.example>",
        Precedence="list",
    )
    yield _machine(f"list-{language}", language, "list", listed)
    yield _machine(
        f"own-{language}",
        language,
        "loop",
        addressed(plain("Hi"), "Van Dijk", OWN, ours, Auto_Submitted="auto-generated"),
    )
    thread = DOORPLATE.reply_address(CONVERSATION) or ""
    yield _machine(f"thread-{language}", language, "loop", addressed(plain("Hi"), "Van Dijk", thread.upper(), ours))
    yield _machine(
        f"returned-{language}",
        language,
        "loop",
        addressed(plain("Hi"), "Forwarder", "fwd@baker.example", ours, Message_ID=OUR_MAIL_ID),
    )
    hopping = addressed(plain("Hi"), "Forwarder", "fwd@baker.example", ours)
    for hop in range(35):
        hopping["Received"] = f"from a{hop}.example by b{hop}.example; Mon, 16 Mar 2026 12:00:00 +0100"
    yield _machine(f"hops-{language}", language, "loop", hopping)


def people() -> Iterator[Specimen]:
    """Mails of people that have something of a machine about them."""
    for language, said in SAID.items():
        person, address, ours = PERSON[language], ADDRESS[language], OUR_SUBJECT[language]
        automatic = SUBJECT[language][0]
        away = AWAY[language][0][0]
        for name, text, subject, headers, expected in [
            ("suppressing", said[0], f"Re: {ours}", {"X_Auto_Response_Suppress": "All"}, said[0]),
            ("not-submitted", said[1], f"Re: {ours}", {"Auto_Submitted": "no"}, said[1]),
            ("answers-an-absence", said[1], f"Re: {automatic}{ours}", {}, said[1]),
            ("vacation-footer", f"{said[0]}\n\n-- \n{person}\n{away.splitlines()[0]}", f"Re: {ours}", {}, said[0]),
            (
                "mentions-absence",
                f"{said[1]}\n\n{away.splitlines()[0]}",
                f"Re: {ours}",
                {},
                f"{said[1]} {away.splitlines()[0]}",
            ),
            (
                "quotes-an-absence",
                f"{said[1]}\n\n> {automatic}\n> {MACHINE_SAYS[language].splitlines()[0]}",
                f"Re: {ours}",
                {},
                said[1],
            ),
            (
                "forwards-a-bounce",
                f"{said[1]}\n\n550 5.1.1 User unknown",
                f"Fwd: Undeliverable: {ours}",
                {},
                f"{said[1]} 550 5.1.1 User unknown",
            ),
            ("misses-something", said[1], MISSING[language], {}, said[1]),
            (
                "high-priority",
                said[2],
                f"Re: {ours}",
                {"X_Priority": "1", "Importance": "high", "Precedence": "first-class"},
                said[2],
            ),
        ]:
            sender = "Systemadministrator" if name == "misses-something" else person
            message = addressed(plain(text), sender, address, subject, **headers)
            yield Specimen(f"person-{name}-{language}", language, "person", message.as_bytes(), text=expected)


def _machine(name: str, language: str, kind: str, message: object) -> Specimen:
    return Specimen(name, language, "machine", message.as_bytes(), automatic=kind)  # type: ignore[attr-defined]
