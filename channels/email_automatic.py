"""Whether a machine wrote a mail, and which kind of machine: such a mail is used and never answered."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from channels.email_absence import back_on, deputy
from channels.email_bounces import bounced, is_bounce, is_from_daemon
from channels.email_parts import Taken
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Automatic

RECEIVED_MAX = 30

# How out-of-offices begin their subject. "Re: Automatic reply: …" is a person again.
_AWAY_SUBJECTS = {
    "en": r"automatic reply\b|auto(?:matic)?[- ]?reply:|out[- ]of[- ](?:the )?office\b|vacation reply",
    "nl": r"automatisch antwoord\b|afwezigheids?(?:bericht|melding|assistent)",
    "de": r"automatische (?:rück)?antwort\b|abwesenheits(?:notiz|nachricht|meldung|benachrichtigung|assistent)",
    "fr": r"réponse automatique\b|absence du bureau|message d['’]absence",
    "es": r"respuesta automática\b|fuera de (?:la )?oficina\b|autorespuesta",
}
# These begin an out-of-office too, and "Ausencia de la factura" as well: the mail itself must speak of an absence.
_MAYBE_AWAY_SUBJECT = re.compile(
    r"^(?:ooo\b|on (?:annual )?leave\b|afwezig\b|niet aanwezig\b|abwesend\b|absent(?:e)?\b|en congés?\b|ausen(?:cia|te)\b)",
    re.I,
)
_AUTO_SUBJECT = re.compile(
    r"^(?:auto(?:matic)?[- ]?(?:reply|response)|autoreply|auto:|automatisch(?:e)? (?:antwoord|reactie|antwort)|"
    r"réponse automatique|respuesta automática)",
    re.IGNORECASE,
)
_AWAY_WORDS = {
    "en": r"out of (?:the )?office|on (?:annual |parental |maternity |sick )?(?:leave|vacation|holiday)|"
    r"away from (?:the office|my desk)|"
    r"limited access to (?:my )?e-?mail|not in the office",
    "nl": r"(?:ben|is) (?:ik )?(?:\w+ ){0,4}(?:afwezig|niet aanwezig|met (?:verlof|vakantie)|op vakantie|niet op kantoor)|"
    r"afwezig (?:van|tot|t/m)|tijdens mijn afwezigheid",
    "de": r"nicht im (?:büro|hause)|abwesend|im urlaub|während meiner abwesenheit|nicht erreichbar|außer haus",
    "fr": r"absent(?:e)?\b|en congés?|en vacances|pendant mon absence|de retour",
    "es": r"fuera de (?:la )?oficina|de vacaciones|ausente|durante mi ausencia|estaré de vuelta",
}
# Sentences only a machine says of itself, at the head of its mail.
_SAYS_SO = re.compile(
    r"^\W*(?:(?:please note:? )?this is an (?:automated|automatic|auto-generated)\b|"
    r"this (?:e-?mail|message) (?:was|is|has been) "
    r"(?:automatically generated|generated automatically|sent automatically)|dit is een automatisch(?:e)? (?:gegenereerd )?"
    r"(?:bericht|antwoord|e-?mail|mail|reactie)|dit bericht is automatisch|dies ist eine automatisch(?:e)?\b|"
    r"diese (?:e-?mail|nachricht) "
    r"wurde automatisch|ceci est un(?:e)? (?:réponse|message) automatique|"
    r"ce message (?:est|a été) (?:généré|envoyé) automatiquement|"
    r"este es un (?:mensaje|correo) automático|esta es una respuesta automática|este (?:mensaje|correo) (?:se )?ha (?:sido )?"
    r"(?:generado|enviado) automáticamente)",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(
    r"^(?:no-?_?\.?reply|do-?not-?reply|donotreply|niet-?beantwoorden|nicht-?antworten|ne-?pas-?repondre)\b", re.I
)
_AUTO_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoreply-From",
    "X-Autoresponder",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_LIST_HEADERS = ("List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID", "X-Mailing-List")
_OWN_ID = re.compile(r"<[0-9a-f]{32}@([^>]+)>")


def automatic(
    taken: Taken,
    *,
    from_address: str,
    from_name: str | None,
    subject: str,
    words: str,
    own: Collection[str],
    doorplate: Doorplate,
    envelope_from: str | None,
    received_at: datetime,
) -> Automatic | None:
    """What kind of automatic mail this is; None for one a person wrote.

    `words` is what is new in it, so that nothing a person quotes makes a machine of them. X-Auto-Response-Suppress alone
    says how the sender wants to be treated and not who wrote (see `wants_no_automatic_answer`).

    Source: RFC 3834 §2 and §5.
    """
    is_daemon = is_from_daemon(from_address, from_name, envelope_from)
    if is_bounce(taken, from_address, subject, is_daemon=is_daemon):
        found = bounced(taken, own)
        return Automatic("bounce", bounced=found) if found or not taken.statuses else Automatic("auto_reply")
    if _is_loop(taken, from_address, own, doorplate):
        return Automatic("loop")
    if taken.report_type == "disposition-notification":
        return Automatic("auto_reply")
    language = _away_in(subject, words)
    submitted = taken.first("Auto-Submitted").split(";")[0].strip().lower()
    precedence = {value.strip().lower() for value in taken.all("Precedence")}
    is_reply = (
        submitted not in ("", "no")
        or "auto_reply" in precedence
        or any(taken.first(name) for name in _AUTO_HEADERS)
        or bool(language and (_AWAY_SUBJECT.match(subject) or _MAYBE_AWAY_SUBJECT.match(subject)))
        or bool(_AUTO_SUBJECT.match(subject) or _SAYS_SO.match(_opening(words)))
        # By its address only: a person may well be called "Systemadministrator".
        or is_from_daemon(from_address, None, envelope_from)
    )
    # A machine that is careful not to be answered, or posts in bulk, and speaks of an absence, is an out-of-office.
    is_careful = bool(taken.first("X-Auto-Response-Suppress") or precedence & {"bulk", "junk"})
    if language and (is_reply or (is_careful and not taken.first("List-Id") and _begins_with_absence(words))):
        not_these = {from_address, *own}
        return Automatic("out_of_office", back_on(words, language, received_at), deputy(words, not_these))
    if any(taken.first(name) for name in _LIST_HEADERS) or precedence & {"list", "bulk", "junk"}:
        return Automatic("list")
    if is_reply or _NO_REPLY.match(from_address):
        return Automatic("auto_reply")
    return None


def wants_no_automatic_answer(taken: Taken) -> bool:
    """Whether the sender's system asks not to be answered by a machine; the mail itself is a person's and is taken in."""
    asked = {part.strip().lower() for part in taken.first("X-Auto-Response-Suppress").split(",")}
    return bool(asked & {"all", "autoreply", "oof"})


_AWAY_SUBJECT = re.compile(rf"^(?:{'|'.join(_AWAY_SUBJECTS.values())})", re.IGNORECASE)


def _away_in(subject: str, words: str) -> str | None:
    """The language in which the mail speaks of an absence."""
    opening = " ".join(words[:1_500].split())
    spoken = [language for language, said in _AWAY_WORDS.items() if re.search(said, opening, re.IGNORECASE)]
    named = [language for language, said in _AWAY_SUBJECTS.items() if re.match(said, subject, re.IGNORECASE)]
    both = [language for language in named if language in spoken]
    # "Automatic reply" alone may be a ticket number; "Abwesenheitsnotiz" alone is an absence.
    if both or spoken:
        return (both or spoken)[0]
    return named[0] if named and not _AUTO_SUBJECT.match(subject) else None


def _begins_with_absence(words: str) -> bool:
    opening = _opening(words)
    return any(re.search(said, opening, re.IGNORECASE) for said in _AWAY_WORDS.values())


def _opening(words: str) -> str:
    """The first sentences, without the greeting."""
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    if len(lines) > 1 and len(lines[0].split()) <= 6:
        lines = lines[1:]
    return " ".join(lines)[:200]


def _is_loop(taken: Taken, from_address: str, own: Collection[str], doorplate: Doorplate) -> bool:
    if from_address in own or doorplate.thread_of(from_address) is not None:
        return True
    domain = (doorplate.reply_domain or "").lower()
    mail_id = _OWN_ID.search(taken.first("Message-ID").lower())
    if mail_id and domain and mail_id[1] == domain:
        return True
    loops = {value.strip().lower() for value in taken.all("X-Loop")}
    return bool(loops & set(own)) or len(taken.all("Received")) > RECEIVED_MAX
