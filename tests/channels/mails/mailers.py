"""Replies as the mail programs people use really write them, quoted reminder and all."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from html import escape
from random import Random

from tests.channels.mails.specimen import OUR_MAIL_ID, OUR_NAME, REPLY_TO, Specimen, addressed, both, plain
from tests.channels.mails.speech import ADDRESS, OUR_MAIL, OUR_SUBJECT, PERSON, SAID, signature

WHO = f"{OUR_NAME} <{REPLY_TO}>"
LINKED = f'{OUR_NAME} <<a href="mailto:{REPLY_TO}">{REPLY_TO}</a>>'.replace("<<a", "&lt;<a").replace("a>>", "a>&gt;")
INTROS = {
    "gmail": {
        "en": "On Mon, 16 Mar 2026 at 12:00, {who} wrote:",
        "nl": "Op ma 16 mrt 2026 om 12:00 schreef {who}:",
        "de": "Am Mo., 16. März 2026 um 12:00 Uhr schrieb {who}:",
        "fr": "Le lun. 16 mars 2026 à 12:00, {who} a écrit :",
        "es": "El lun, 16 mar 2026 a las 12:00, {round}) escribió:",
    },
    "apple_mail": {
        "en": "On 16 Mar 2026, at 12:00, {who} wrote:",
        "nl": "Op 16 mrt 2026, om 12:00 heeft {who} het volgende geschreven:",
        "de": "Am 16.03.2026 um 12:00 schrieb {who}:",
        "fr": "Le 16 mars 2026 à 12:00, {who} a écrit :",
        "es": "El 16 mar 2026, a las 12:00, {who} escribió:",
    },
    "ios": {
        "en": "On 16 Mar 2026, at 12:00, {who} wrote:",
        "nl": "Op 16 mrt 2026 om 12:00 heeft {who} het volgende geschreven:",
        "de": "Am 16.03.2026 um 12:00 schrieb {who}:",
        "fr": "Le 16 mars 2026 à 12:00, {who} a écrit :",
        "es": "El 16 mar 2026, a las 12:00, {who} escribió:",
    },
    "thunderbird": {
        "en": "On 16/03/2026 12:00, {name} wrote:",
        "nl": "Op 16-03-2026 om 12:00 schreef {name}:",
        "de": "Am 16.03.26 um 12:00 schrieb {name}:",
        "fr": "Le 16/03/2026 à 12:00, {name} a écrit :",
        "es": "El 16/3/26 a las 12:00, {name} escribió:",
    },
    "yahoo": {
        "en": "On Monday, March 16, 2026 at 12:00:00 PM GMT+1, {who} wrote:",
        "nl": "Op maandag 16 maart 2026 om 12:00:00 CET schreef {who}:",
        "de": "Am Montag, 16. März 2026 um 12:00:00 MEZ hat {who} Folgendes geschrieben:",
        "fr": "Le lundi 16 mars 2026 à 12:00:00 UTC+1, {who} a écrit :",
        "es": "En lunes, 16 de marzo de 2026, 12:00:00 CET, {who} escribió:",
    },
    "roundcube": {
        "en": "On 2026-03-16 12:00, {name} wrote:",
        "nl": "{name} schreef op 2026-03-16 12:00:",
        "de": "Am 2026-03-16 12:00, schrieb {name}:",
        "fr": "Le 2026-03-16 12:00, {name} a écrit :",
        "es": "El 2026-03-16 12:00, {name} escribió:",
    },
}
# From, sent, to, subject as Outlook names them; the moment as it writes it.
OUTLOOK = {
    "en": ("From: ", "Sent: ", "To: ", "Subject: ", "Monday, 16 March 2026 12:00"),
    "nl": ("Van: ", "Verzonden: ", "Aan: ", "Onderwerp: ", "maandag 16 maart 2026 12:00"),
    "de": ("Von: ", "Gesendet: ", "An: ", "Betreff: ", "Montag, 16. März 2026 12:00"),
    "fr": ("De : ", "Envoyé : ", "À : ", "Objet : ", "lundi 16 mars 2026 12:00"),
    "es": ("De: ", "Enviado el: ", "Para: ", "Asunto: ", "lunes, 16 de marzo de 2026 12:00"),
}
OLD_OUTLOOK = {
    "en": "-----Original Message-----", "nl": "-----Oorspronkelijk bericht-----", "de": "-----Ursprüngliche Nachricht-----",
    "fr": "-----Message d'origine-----", "es": "-----Mensaje original-----",
}  # fmt: skip
OUTLOOK_MOBILE = {
    "en": "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "nl": "Outlook voor Android downloaden<https://aka.ms/AAb9ysg>",
    "de": "Outlook für iOS beziehen<https://aka.ms/o0ukef>",
    "fr": "Télécharger Outlook pour Android<https://aka.ms/AAb9ysg>",
    "es": "Obtener Outlook para iOS<https://aka.ms/o0ukef>",
}
IPHONE = {
    "en": "Sent from my iPhone", "nl": "Verstuurd vanaf mijn iPhone", "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone", "es": "Enviado desde mi iPhone",
}  # fmt: skip
SAMSUNG = {
    "en": ("Sent from my Galaxy", "-------- Original message --------", "From: ", "Date: ", "To: ", "Subject: "),
    "nl": ("Verzonden vanaf mijn Galaxy", "-------- Oorspronkelijk bericht --------", "Van: ", "Datum: ", "Aan: ", "Onderwerp: "),
    "de": ("Von meinem/meiner Galaxy gesendet", "-------- Ursprüngliche Nachricht --------", "Von: ", "Datum: ", "An: ", "Betreff: "),
    "fr": ("Envoyé depuis mon appareil Galaxy", "-------- Message d’origine --------", "De : ", "Date : ", "À : ", "Objet : "),
    "es": ("Enviado desde mi Galaxy", "-------- Mensaje original --------", "De: ", "Fecha: ", "Para: ", "Asunto: "),
}  # fmt: skip
YAHOO_MOBILE = {
    "en": "Sent from Yahoo Mail for iPhone", "nl": "Verzonden vanaf Yahoo Mail voor iPhone",
    "de": "Von Yahoo Mail auf Android gesendet", "fr": "Envoyé à partir de Yahoo Mail pour iPhone",
    "es": "Enviado desde Yahoo Mail para iPhone",
}  # fmt: skip
GMX = {
    "en": ("Sent: Monday, March 16, 2026 at 12:00 PM", "From: ", "To: ", "Subject: "),
    "de": ("Gesendet: Montag, 16. März 2026 um 12:00 Uhr", "Von: ", "An: ", "Betreff: "),
    "fr": ("Envoyé: lundi 16 mars 2026 à 12:00", "De: ", "À: ", "Objet: "),
    "es": ("Enviado: lunes, 16 de marzo de 2026, 12:00", "De: ", "Para: ", "Asunto: "),
}

Written = tuple[str, str | None, str]
"""The text part, the HTML part if there is one, and the character set."""


def intro(mailer: str, language: str, *, is_wrapped: bool = True, who: str = WHO) -> str:
    line = INTROS[mailer][language].format(who=who, name=OUR_NAME, round=who.replace(" <", " (<"))
    if not is_wrapped:
        return line
    return "\n".join(textwrap.wrap(line, 76, break_long_words=False, break_on_hyphens=False))


def quoted(text: str, mark: str = "> ") -> str:
    return "\n".join((mark + line).rstrip() for line in text.split("\n"))


def page(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def gmail(language: str, said: str, under: str, mail: str) -> Written:
    text = f"{said}{under}\n\n{intro('gmail', language)}\n\n{quoted(mail)}\n"
    sign = (
        f'<br clear="all"><br><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature">{page(under.replace("-- ", "").strip())}</div>'
        if "\n-- \n" in under
        else page(under)
    )
    html = (
        f'<div dir="ltr">{page(said)}{sign}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'{intro("gmail", language, is_wrapped=False, who=LINKED)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>{page(mail)}</div></blockquote></div>\n'
    )
    return text, html, "utf-8"


def outlook_headers(language: str, person: str, address: str, *, is_html: bool = False) -> str:
    sender, sent, to, subject, moment = OUTLOOK[language]
    lines = [(sender, f"{WHO} "), (sent, moment), (to, f"{person} <{address}>"), (subject, OUR_SUBJECT[language])]
    if is_html:
        return "<br>".join(f"<b>{name.strip()}</b> {escape(value)}" for name, value in lines)
    return "\n".join(name + value for name, value in lines)


def outlook_desktop(language: str, said: str, under: str, mail: str) -> Written:
    headers = outlook_headers(language, PERSON[language], ADDRESS[language])
    text = f"{said}{under}\n\n{headers}\n\n{mail}\n".replace("\n", "\n")
    paragraphs = "".join(
        f'<p class="MsoNormal">{escape(line) or "<o:p>&nbsp;</o:p>"}<o:p></o:p></p>'
        for line in (said + under).split("\n")
    )
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><style><!-- '
        'p.MsoNormal{margin:0cm} --></style><!--[if gte mso 9]><xml></xml><![endif]--></head><body lang=NL link="#0563C1">'
        f'<div class="WordSection1">{paragraphs}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div style="border:none;border-top:solid #E1E1E1 1.0pt;'
        f'padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{outlook_headers(language, PERSON[language], ADDRESS[language], is_html=True)}<o:p></o:p></p></div>'
        f'<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div>{page(mail)}</div></div></body></html>'
    )
    return text, html, "windows-1252"


def outlook_old(language: str, said: str, under: str, mail: str) -> Written:
    sender, sent, to, subject, moment = OUTLOOK[language]
    text = (
        f"{said}{under}\n\n{OLD_OUTLOOK[language]}\n{sender}{OUR_NAME} [mailto:{REPLY_TO}] \n{sent}{moment}\n{to}{PERSON[language]}\n"
        f"{subject}{OUR_SUBJECT[language]}\n\n{mail}\n"
    )
    return text, None, "iso-8859-1" if "€" not in text and "’" not in text else "windows-1252"


def outlook_web(language: str, said: str, under: str, mail: str) -> Written:
    headers = outlook_headers(language, PERSON[language], ADDRESS[language]).replace("Enviado el", "Enviado")
    text = f"{said}{under}\n________________________________\n{headers}\n\n{mail}\n"
    html = (
        f'<html><body dir="ltr"><div class="elementToProof" style="font-family: Aptos">{page(said + under)}</div><div id="appendonsend"></div>'
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif">'
        f"{outlook_headers(language, PERSON[language], ADDRESS[language], is_html=True)}</font><div>&nbsp;</div></div><div>{page(mail)}</div></body></html>"
    )
    return text, html, "utf-8"


def outlook_mobile(language: str, said: str, under: str, mail: str) -> Written:
    headers = outlook_headers(language, PERSON[language], ADDRESS[language])
    text = f"{said}{under}\n\n{OUTLOOK_MOBILE[language]}\n________________________________\n{headers}\n\n{mail}\n"
    link = re.sub(r"^(.*)<(.*)>$", r'<a href="\2">\1</a>', OUTLOOK_MOBILE[language])
    html = (
        f'<html><body><div dir="ltr">{page(said + under)}</div><div id="ms-outlook-mobile-signature"><div><br></div><div dir="ltr">{link}</div></div>'
        '<div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr><div id="divRplyFwdMsg">'
        f"{outlook_headers(language, PERSON[language], ADDRESS[language], is_html=True)}</div>{page(mail)}</div></body></html>"
    )
    return text, html, "utf-8"


def apple_mail(language: str, said: str, under: str, mail: str) -> Written:
    text = f"{said}{under}\n\n> {intro('apple_mail', language, is_wrapped=False)}\n> \n{quoted(mail)}\n\n"
    if language in ("en", "nl"):  # without a signature Apple Mail leaves the sentence outside the quotation
        text = f"{said}{under}\n\n{intro('apple_mail', language, is_wrapped=False)}\n\n{quoted(mail)}\n\n"
    html = (
        f'<html><head></head><body style="overflow-wrap: break-word; line-break: after-white-space;">{page(said + under)}<br id="lineBreakAtBeginningOfMessage">'
        f'<div><br><blockquote type="cite"><div>{intro("apple_mail", language, is_wrapped=False, who=LINKED)}</div><br class="Apple-interchange-newline">'
        f"<div>{page(mail)}</div></blockquote></div><br></body></html>"
    )
    return text, html, "utf-8"


def ios(language: str, said: str, under: str, mail: str) -> Written:
    text = f"{said}{under}\n\n{IPHONE[language]}\n\n> {intro('ios', language, is_wrapped=False)}\n> \n> \ufeff{quoted(mail)[2:]}\n"
    html = (
        f'<html><head></head><body dir="auto">{page(said + under)}<br><br><div dir="ltr">{IPHONE[language]}</div><div dir="ltr"><br><blockquote type="cite">'
        f'{intro("ios", language, is_wrapped=False, who=LINKED)}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff{page(mail)}</div></blockquote></body></html>'
    )
    return text, html, "utf-8"


def thunderbird(language: str, said: str, under: str, mail: str) -> Written:
    text = f"{said}\n\n{intro('thunderbird', language)}\n{quoted(mail)}\n{under}\n"
    html = (
        f'<html><body><p>{page(said)}</p><div class="moz-cite-prefix">{intro("thunderbird", language, is_wrapped=False)}<br></div>'
        f'<blockquote type="cite" cite="mid:1@x"><div>{page(mail)}</div></blockquote><div class="moz-signature">{page(under)}</div></body></html>'
    )
    return text, html, "utf-8"


def samsung(language: str, said: str, under: str, mail: str) -> Written:
    footer, separator, sender, sent, to, subject = SAMSUNG[language]
    headers = [
        f"{sender}{WHO} ",
        f"{sent}16/03/2026  12:00  (GMT+01:00) ",
        f"{to}{ADDRESS[language]} ",
        f"{subject}{OUR_SUBJECT[language]} ",
    ]
    text = f"{said}{under}\n\n\n{footer}\n\n\n{separator}\n" + "\n".join(headers) + f"\n\n{mail}\n"
    html = (
        f'<html><body><div dir="auto">{page(said + under)}</div><div dir="auto"><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px">{footer}</div></div>'
        f'<div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>{separator}</div>'
        + "".join(f"<div>{escape(line)}</div>" for line in headers)
        + f"<div><br></div></div>{page(mail)}</body></html>"
    )
    return text, html, "utf-8"


def yahoo(language: str, said: str, under: str, mail: str) -> Written:
    inner = "\n".join(f" {line}" for line in mail.split("\n"))
    text = f" {said}{under}\n\n{YAHOO_MOBILE[language]}\n\n    {intro('yahoo', language, is_wrapped=False)}  \n \n {inner}\n  "
    html = (
        f'<html><body><div class="ydp" style="font-family:sans-serif">{page(said + under)}<br><br>{YAHOO_MOBILE[language]}</div><div id="yahoo_quoted_77" class="yahoo_quoted">'
        f'<div style="color:#26282a;"><div>{intro("yahoo", language, is_wrapped=False, who=escape(WHO))}</div><div><br></div><div>{page(mail)}</div></div></div></body></html>'
    )
    return text, html, "utf-8"


def roundcube(language: str, said: str, under: str, mail: str) -> Written:
    return f"{intro('roundcube', language)}\n{quoted(mail)}\n\n{said}{under}\n", None, "utf-8"


def gmx(language: str, said: str, under: str, mail: str) -> Written:
    first, sender, to, subject = GMX[language]
    lines = [
        first,
        f'{sender}"{OUR_NAME}" <{REPLY_TO}>',
        f"{to}{ADDRESS[language]}",
        f"{subject}{OUR_SUBJECT[language]}",
    ]
    html = (
        f'<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;"><div>{page(said + under)}</div><div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px;'
        'padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;">'
        + "<br>".join(f"<b>{escape(line).replace(':', ':</b>', 1)}" for line in lines)
        + f'</div><div name="quoted-content">{page(mail)}</div></div></div></div></body></html>'
    )
    return "", html, "utf-8"


MAILERS: dict[str, Callable[[str, str, str, str], Written]] = {
    one.__name__: one for one in (gmail, outlook_desktop, outlook_old, outlook_web, outlook_mobile, apple_mail, ios, thunderbird, samsung, yahoo, roundcube, gmx)
}  # fmt: skip


def replies(random: Random) -> Iterator[Specimen]:
    """Every mailer in every language it speaks: with each kind of signature, with both parts, one of them, and between quotes."""
    for mailer, write in MAILERS.items():
        for language in SAID:
            if mailer == "gmx" and language not in GMX:
                continue
            for kind in range(4):
                said = SAID[language][(kind + random.randrange(6)) % 6]
                under = "" if mailer == "roundcube" and kind == 0 else signature(language, kind)
                text, html, charset = write(language, said, under, OUR_MAIL[language])
                shape = "html" if not text or (html and kind == 3) else "both" if html and kind != 0 else "text"
                yield _reply(f"{mailer}-{language}-{kind}-{shape}", language, mailer, said, text, html, charset, shape)
            if mailer in ("gmail", "thunderbird", "roundcube"):
                yield _between(mailer, language)


def _reply(
    name: str, language: str, mailer: str, said: str, text: str, html: str | None, charset: str, shape: str
) -> Specimen:
    if shape == "html":
        message = plain(html or "", charset)
        message.set_type("text/html")
    elif shape == "both":
        message = both(text, html or "", charset)
    else:
        message = plain(text, charset, is_printable=True)
    prefix = {"nl": "RE: ", "de": "AW: ", "es": "RV: "}.get(language, "Re: ")
    addressed(
        message,
        PERSON[language],
        ADDRESS[language],
        prefix + OUR_SUBJECT[language],
        In_Reply_To=OUR_MAIL_ID,
        References=OUR_MAIL_ID,
    )
    return Specimen(name, language, mailer, message.as_bytes(), text=said)


def _between(mailer: str, language: str) -> Specimen:
    """Two answers, each under the lines it answers."""
    first, second = SAID[language][1], SAID[language][3]
    above, _, below = OUR_MAIL[language].partition("\n\n")
    below, _, rest = below.partition("\n\n")
    text = f"{intro(mailer, language)}\n{quoted(above)}\n>\n{quoted(below)}\n\n{first}\n\n{quoted(rest)}\n\n{second}\n\n-- \n{PERSON[language]}\n"
    message = addressed(
        plain(text), PERSON[language], ADDRESS[language], f"Re: {OUR_SUBJECT[language]}", In_Reply_To=OUR_MAIL_ID
    )
    return Specimen(f"{mailer}-{language}-between", language, mailer, message.as_bytes(), text=f"{first}\n\n{second}")
