"""Bounces as the servers of the world write them: by the standard, by Exchange, by qmail, by Exim and in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart

from tests.channels.mails.specimen import OUR_MAIL_ID, OWN, Specimen, addressed, plain
from tests.channels.mails.speech import ADDRESS, OUR_MAIL, OUR_SUBJECT, SAID

# What the server says above its report, which Exchange and Google translate.
ABOVE = {
    "en": ("Undeliverable: ", "Delivery has failed to these recipients or groups:"),
    "nl": ("Onbestelbaar: ", "De bezorging aan de volgende geadresseerden of groepen is mislukt:"),
    "de": ("Unzustellbar: ", "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:"),
    "fr": ("Non remis : ", "Échec de la remise pour ces destinataires ou groupes :"),
    "es": ("No se puede entregar: ", "No se pudo entregar a estos destinatarios o grupos:"),
}


def bounces() -> Iterator[Specimen]:
    for language in SAID:
        gone = ADDRESS[language].replace("@", ".old@")
        yield from (_report(language, gone, *of) for of in [
            ("hard", "failed", "5.1.1", "550 5.1.1 <x>: Recipient address rejected: User unknown", True),
            ("full", "failed", "4.2.2", "452 4.2.2 The email account that you tried to reach is over quota", False),
            ("delayed", "delayed", "4.4.1", "connect to mx.example[192.0.2.1]:25: Connection timed out", False),
        ])  # fmt: skip
        yield _exchange(language, gone)
        yield _gmail(language, gone)
        yield _qmail(language, gone)
        yield _postfix_in_words(language, gone)
        yield _exim(language, gone)
        yield _exchange_2003(language, gone)


def _returned(language: str) -> str:
    return f"From: Van Dijk Groothandel <{OWN}>\nTo: x\nSubject: {OUR_SUBJECT[language]}\nMessage-ID: {OUR_MAIL_ID}\nDate: Mon, 16 Mar 2026 11:00:00 +0100\n"


def _dsn(language: str, words: str, fields: str, *, has_whole_mail: bool) -> MIMEMultipart:
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report.attach(plain(words))
    status = MIMEBase("message", "delivery-status")
    status.set_payload(
        [
            _fields("Reporting-MTA: dns; mail.bakker.example\nArrival-Date: Mon, 16 Mar 2026 12:00:00 +0100"),
            _fields(fields),
        ]
    )
    report.attach(status)
    if has_whole_mail:
        back = MIMEBase("message", "rfc822")
        inner = plain(OUR_MAIL[language])
        addressed(inner, "Van Dijk", OWN, OUR_SUBJECT[language], Message_ID=OUR_MAIL_ID)
        back.set_payload([inner])
    else:
        back = MIMEBase("text", "rfc822-headers")
        back.set_payload(_returned(language).encode("ascii", "replace").decode())
    report.attach(back)
    return report


def _fields(text: str) -> Message:
    part = Message()
    for line in text.split("\n"):
        name, _, value = line.partition(": ")
        part[name] = value
    return part


def _report(language: str, gone: str, name: str, action: str, status: str, said: str, is_hard: bool) -> Specimen:
    words = f"This is the mail system at host mail.bakker.example.\n\nI'm sorry to have to inform you that your message could not\nbe delivered.\n\n<{gone}>: {said}\n"
    fields = f"Final-Recipient: rfc822; {gone}\nOriginal-Recipient: rfc822;{gone}\nAction: {action}\nStatus: {status}\nRemote-MTA: dns; mx.example\nDiagnostic-Code: smtp; {said}"
    subject = "Delayed Mail (still being retried)" if action == "delayed" else "Undelivered Mail Returned to Sender"
    message = addressed(
        _dsn(language, words, fields, has_whole_mail=name != "hard"),
        "Mail Delivery System",
        "MAILER-DAEMON@mail.bakker.example",
        subject,
        Auto_Submitted="auto-replied",
    )
    return _bounce(f"postfix-{name}-{language}", language, message, gone, is_hard)


def _exchange(language: str, gone: str) -> Specimen:
    subject, words = ABOVE[language]
    said = f"{words}\n\n{gone}\nThe email address you entered couldn't be found.\n\nDiagnostic information for administrators:\n\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'"
    fields = f"Final-Recipient: RFC822; {gone}\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"
    message = addressed(
        _dsn(language, said, fields, has_whole_mail=True),
        "Microsoft Outlook",
        "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@bakker.example",
        subject + OUR_SUBJECT[language],
        Auto_Submitted="auto-replied",
    )
    return _bounce(f"exchange-{language}", language, message, gone, True)


def _gmail(language: str, gone: str) -> Specimen:
    words = f"** Address not found **\n\nYour message wasn't delivered to {gone} because the address couldn't be found.\n\nThe response was:\n\n550 5.1.1 The email account that you tried to reach does not exist. gsmtp"
    fields = f"Final-Recipient: rfc822; {gone}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist."
    message = addressed(
        _dsn(language, words, fields, has_whole_mail=True),
        "Mail Delivery Subsystem",
        "mailer-daemon@googlemail.com",
        "Delivery Status Notification (Failure)",
        X_Failed_Recipients=gone,
        Auto_Submitted="auto-replied",
    )
    return _bounce(f"gmail-bounce-{language}", language, message, gone, True)


def _qmail(language: str, gone: str) -> Specimen:
    words = (
        "Hi. This is the qmail-send program at mail.bakker.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
        f"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<{gone}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\nReturn-Path: <{OWN}>\n{_returned(language)}\n{OUR_MAIL[language]}\n"
    )
    message = addressed(plain(words), "", "MAILER-DAEMON@mail.bakker.example", "failure notice")
    return _bounce(f"qmail-{language}", language, message, gone, True)


def _postfix_in_words(language: str, gone: str) -> Specimen:
    words = (
        "This is the Postfix program at host mail.bakker.example.\n\nI'm sorry to have to inform you that the message returned\nbelow could not be delivered to one or more destinations.\n\n"
        "For further assistance, please send mail to <postmaster>\n\nIf you do so, please include this problem report. You can\ndelete your own text from the message returned below.\n\n"
        f"\t\t\tThe Postfix program\n\n<{gone}>: host mx.example[192.0.2.1] said: 550 5.1.1 <{gone}>:\n    Recipient address rejected: User unknown (in reply to RCPT TO command)\n\n{_returned(language)}"
    )
    message = addressed(
        plain(words), "Mail Delivery System", "MAILER-DAEMON@mail.bakker.example", "Undelivered Mail Returned to Sender"
    )
    return _bounce(f"postfix-words-{language}", language, message, gone, True)


def _exim(language: str, gone: str) -> Specimen:
    words = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        f"  {gone}\n    host mx.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<{gone}>:\n    550 No such user here\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\n{_returned(language)}\n{OUR_MAIL[language]}\n"
    )
    message = addressed(
        plain(words),
        "Mail Delivery System",
        "Mailer-Daemon@mail.bakker.example",
        "Mail delivery failed: returning message to sender",
        X_Failed_Recipients=gone,
        Auto_Submitted="auto-replied",
    )
    return _bounce(f"exim-{language}", language, message, gone, True)


def _exchange_2003(language: str, gone: str) -> Specimen:
    words = (
        "Your message did not reach some or all of the intended recipients.\n\n      Subject:\tinvoice\n      Sent:\t16-3-2026 12:00\n\nThe following recipient(s) could not be reached:\n\n"
        f"      {gone} on 16-3-2026 12:00\n            The e-mail account does not exist at the organization this message was sent to.\n            <mail.bakker.example #5.1.1>\n"
    )
    message = addressed(
        plain(words), "System Administrator", "postmaster@bakker.example", ABOVE[language][0] + OUR_SUBJECT[language]
    )
    return _bounce(f"exchange-2003-{language}", language, message, gone, True, returned_id=None)


def _bounce(
    name: str, language: str, message: Message, gone: str, is_hard: bool, *, returned_id: str | None = OUR_MAIL_ID
) -> Specimen:
    del message["Received"]
    return Specimen(
        name,
        language,
        "bounce",
        message.as_bytes(),
        automatic="bounce",
        bounced=((gone, is_hard),),
        returned_id=returned_id,
        envelope_from="",
    )
