"""What is new in a mail: its text without the mails it quotes and without the signature under it."""

from __future__ import annotations

import re

import quotequail

from channels.email_html import CUT
from channels.email_signatures import without_signature

LINES_MAX = 5_000
LINE_SIGNS_MAX = 1_000
INTRO_LINES_MAX = 4
INTRO_SIGNS_MAX = 500
_HEADER_LINES_MAX = 14

_QUOTED = re.compile(r"^[ \t]{0,3}(?:>|\|[ \t])")
# "On 16 March … wrote:", in the word orders mailers have. Each is tried on up to four lines put together, as mailers
# break the sentence wherever their line is full.
_INTROS = re.compile(
    r"""^(?:-\ )?(?:
      (?:on|op|am|le|el|em|il|den|en|em|a|dne|dnia|pe)\b.{6,}?
        (?:wrote|schreef|schrieb|a\ écrit|escribió|escreveu|ha\ scritto|skrev|geschreven|geschrieben|napisał|écrivait)
        [^:]{0,200}:
    | .{2,200}[<\[(][^>\])]{1,200}@[^>\])]{1,200}[>\])][^:]{0,60}
        (?:wrote|schreef|schrieb|a\ écrit|escribió|geschreven|geschrieben).{0,120}:
    | .{2,120}\b(?:wrote\ on|schreef\ op|schrieb\ am|a\ écrit\ le|escribió\ el)\b.{6,160}:
    | 20\d\d-\d\d-\d\d\ \d{1,2}:\d\d\ .{0,40}<[^>]{1,200}@[^>]{1,200}>:
    | (?:van|from|von|de)\ .{2,80}\ (?:op|on|am|le|el)\ .{6,80}\ (?:het\ volgende\ geschreven):
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_INTRO_STARTS = re.compile(
    r"""^(?:-\ )?(?:(?:on|op|am|le|el|em|il|den|en|a|dne|dnia|pe)\b\s.*\d|.*@|.*\b(?:wrote|schreef|schrieb|escribió|écrit)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_HAS_MOMENT = re.compile(r"\d{1,2}[:.h]\d{2}|@|\b20\d\d\b")
_MESSAGE = (
    r"(?:original\s+message|reply\s+message|forwarded\s+message|oorspronkelijk\s+bericht|originele\s+bericht|"
    r"origineel\s+bericht|doorgestuurd\s+bericht|ursprüngliche\s+nachricht|original-?nachricht|"
    r"weitergeleitete\s+nachricht|message\s+d['’]origine|message\s+d['’]origine|message\s+original|message\s+initial|"
    r"message\s+transféré|mensaje\s+original|mensaje\s+reenviado)"
)
_SEPARATOR = re.compile(
    rf"^(?:[-_=*\s]{{2,}}\s*{_MESSAGE}\s*[-_=*\s]*"
    r"|(?:begin\s+forwarded\s+message|begin\s+doorgestuurd\s+bericht|anfang\s+der\s+weitergeleiteten\s+\S+"
    r"|début\s+du\s+message\s+(?:réexpédié|transféré)|inicio\s+del\s+mensaje\s+reenviado)\s*:"
    # Zoho: "---- On Tue, 03 Mar 2026 10:00:00 +0100 Jan <…> wrote ---".
    r"|-{3,}\s\S.{6,300}\d{1,2}:\d\d.{2,200}\s(?:wrote|schreef|schrieb|a écrit|escribió)\s?-{3,})$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[\s_\-=*─—]{5,}$")

_HEADER_NAMES = {
    "from": "from|van|von|de",
    "sent": "sent|date|verzonden|verstuurd|datum|gesendet|envoyé|envoyé le|enviado|enviado el|enviados|fecha",
    "to": "to|aan|an|à|a|para|pour",
    "subject": "subject|onderwerp|betreff|objet|sujet|asunto",
    "copy": "cc|kopie|bcc|importance|urgentie|priorität|wichtigkeit|importancia|reply-to|antwoord aan|antwort an",
}
_HEADER = re.compile(
    "^[*_ \t]{0,3}(?:" + "|".join(f"(?P<{kind}>{names})" for kind, names in _HEADER_NAMES.items()) + r")[*_]?"
    r"[ \xa0]?:[*_]?(?:[ \t\xa0]+(?P<value>\S.*)|[ \t]*)$",
    re.IGNORECASE,
)


def new_text(marked: str) -> str:
    """The words the sender wrote now: above, below or between what is quoted. Empty when there are none."""
    stretches = _stretches(marked.split("\n")[:LINES_MAX])
    said = [without_signature(stretch) for stretch in stretches]
    text = "\n\n".join("\n".join(lines).strip("\n") for lines in said if any(line.strip() for line in lines))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _stretches(lines: list[str]) -> list[list[str]]:
    """The lines that are not quoted, in the stretches the quotes cut them into."""
    found: list[list[str]] = [[]]
    # A paragraph may be one long line and is kept whole; what a mailer writes above a quote is short.
    whole, lines = lines, [line[:LINE_SIGNS_MAX] for line in lines]
    is_quoting = sum(bool(_QUOTED.match(line)) for line in lines) > 1
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.strip() == CUT:
            break
        if _QUOTED.match(line) and is_quoting:
            if found[-1]:
                found.append([])
            at += 1
            continue
        skipped = _opening_of_quote(lines, at)
        if skipped:
            _drop_rule(found[-1])
            if not _is_quoted_next(lines, at + skipped):
                break
            is_quoting = True
            at += skipped
            continue
        found[-1].append(whole[at])
        at += 1
    return [_as_quotequail_sees(stretch) for stretch in found]


def _opening_of_quote(lines: list[str], at: int) -> int:
    """How many lines here introduce a mail that is quoted; none when they do not."""
    line = lines[at].strip()
    if not line:
        return 0
    if _SEPARATOR.match(line):
        return 1 + _header_lines(lines, at + 1, is_announced=True)
    if (count := _header_lines(lines, at, is_announced=False)) > 0:
        return count
    return _intro_lines(lines, at)


def _intro_lines(lines: list[str], at: int) -> int:
    if not _INTRO_STARTS.match(lines[at].strip()):
        return 0
    joined = ""
    for count in range(1, INTRO_LINES_MAX + 1):
        if at + count > len(lines) or not lines[at + count - 1].strip():
            return 0
        joined = f"{joined} {lines[at + count - 1].strip()}".strip()
        if len(joined) > INTRO_SIGNS_MAX:
            return 0
        if joined.endswith(":") and _INTROS.match(" ".join(joined.split())):
            # Where the quoted lines carry no mark, everything below would go: only for what a mailer wrote.
            return count if _is_quoted_next(lines, at + count) or _HAS_MOMENT.search(joined) else 0
    return 0


def _header_lines(lines: list[str], at: int, *, is_announced: bool) -> int:
    """How many lines of "From: … Sent: … Subject: …" stand here; a person's own list of "Van: … Aan: …" is none."""
    kinds: set[str] = set()
    values = ""
    end = at
    wrapped = 0
    for place in range(at, min(len(lines), at + _HEADER_LINES_MAX)):
        line = lines[place].strip()
        if not line:
            if place == at and not is_announced:
                return 0
            continue
        header = _HEADER.match(line)
        if header is None:
            # A long list of recipients goes on in the next line.
            wrapped += 1
            if not kinds or wrapped > 2 or not re.search(r"[@;<>]", line):
                break
            continue
        wrapped = 0
        kinds.add(next(kind for kind in _HEADER_NAMES if header[kind]))
        values += f" {header['value'] or ''}"
        end = place + 1
    if is_announced:
        return end - at
    is_mail = {"from", "sent"} <= kinds and bool(kinds & {"to", "subject"}) and _HAS_MOMENT.search(values)
    return end - at if is_mail and ("subject" in kinds or "@" in values) else 0


def _is_quoted_next(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return bool(_QUOTED.match(following))


def _drop_rule(lines: list[str]) -> None:
    """Takes off the line mailers draw above what they quote."""
    while lines and (not lines[-1].strip() or _RULE.match(lines[-1].strip())):
        lines.pop()


def _as_quotequail_sees(lines: list[str]) -> list[str]:
    """The stretch without what quotequail knows and we do not: the mailers of more languages than our five.

    Its patterns also fit "On Monday he wrote:", so a cut needs a moment in the line that introduces it.
    """
    if not lines or any(len(line) > LINE_SIGNS_MAX for line in lines):
        return lines
    parts: list[tuple[bool, str]] = quotequail.quote("\n".join(lines), limit=LINES_MAX + 1, quote_intro_line=True)
    if len(parts) < 2 or not _HAS_MOMENT.search("\n".join(parts[1][1].split("\n")[:2])):
        return lines
    return parts[0][1].split("\n")
