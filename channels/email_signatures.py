"""Where a person's words end and the signature begins."""

from __future__ import annotations

import re

SIGNATURE_LINES_MAX = 25
CLOSING_LINES_MAX = 18

_CLOSINGS = (
    # en
    "kind regards|kindest regards|best regards|warm regards|regards|best wishes|many thanks and kind regards|"
    "thanks and regards|thank you and regards|yours sincerely|yours faithfully|yours truly|sincerely|"
    "sincerely yours|all the best|with kind regards|with best regards|best|cheers|rgds|kr|br|"
    # nl
    "met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|vriendelijke groeten|hartelijke groet|"
    "hartelijke groeten|met hartelijke groet|groet|groeten|groetjes|gr|mvg|m\\.v\\.g|hoogachtend|"
    # de
    "mit freundlichen grüßen|mit freundlichen grüssen|mit freundlichem gruß|mit freundlichem gruss|freundliche grüße|"
    "freundliche grüsse|viele grüße|viele grüsse|beste grüße|liebe grüße|herzliche grüße|schöne grüße|"
    "mit besten grüßen|besten gruß|gruß|gruss|mfg|lg|vg|hochachtungsvoll|"
    # fr
    "cordialement|bien cordialement|très cordialement|bien à vous|sincères salutations|salutations distinguées|"
    "meilleures salutations|cdlt|cdt|bonne journée|bien à toi|"
    # es
    "saludos|un saludo|saludos cordiales|un cordial saludo|atentamente|cordialmente|reciba un cordial saludo|"
    "muchos saludos|le saluda atentamente"
)
# "Mit freundlichen Grüßen / Best regards" says it to everybody.
_CLOSING = re.compile(rf"^(?:{_CLOSINGS})(?:\s*[/|]\s*(?:{_CLOSINGS}))*\s*[,.!–-]*$", re.IGNORECASE)
# "Groet, Jan": at most three names behind it, so that "Best, but when?" stays what it is.
_CLOSING_AND_NAME = re.compile(
    rf"^(?i:{_CLOSINGS})\s*[,.–-]?\s+(?:(?:van|de|der|den|von|du|del|la)\s+){{0,3}}[A-ZÀ-Þ][\w'’.-]*(?:\s+(?:(?:van|de|der|den|von|du|del|la)\s+){{0,2}}[A-ZÀ-Þ][\w'’.-]*){{0,3}}$"
)
_FRENCH_FORMULA = re.compile(
    r"^(?:veuillez agréer|je vous prie d['’]agréer|nous vous prions d['’]agréer|dans l['’]attente de votre réponse, je "
    r"vous prie)\b.{0,200}$",
    re.IGNORECASE,
)

_DEVICE = r"(?:my|mijn|meinem|meiner|mon|mi)"
_MOBILE = re.compile(
    rf"""^(?:
      (?:sent|verzonden|verstuurd|gesendet|envoyé|enviado)\s(?:from|via|with|vanaf|vanuit|met|von|über|mit|de|depuis|
        à\spartir\sde|avec|desde|con)\s(?:{_DEVICE}\s)?.{{2,80}}
    | von\s(?:{_DEVICE}|mobil)\b.{{0,60}}\s?gesendet
    | (?:von|aus)\s.{{2,60}}\sgesendet
    | (?:get|download)\soutlook\sfor\s.{{2,40}} | outlook\s(?:voor|für|pour|para)\s.{{2,60}}\s?(?:downloaden|beziehen|
        herunterladen|aanschaffen|ophalen)? | (?:télécharger|obtenez|obtener|téléchargez|download)\soutlook\s.{{2,60}}
    | (?:gesendet|envoyé|enviado|verzonden|sent)\s(?:mit|avec|con|met|with)\s.{{2,60}}
    | (?:provenance|verzonden\svanuit)\s?:\s?.{{2,60}}
    | diese\snachricht\swurde\svon\smeinem\s.{{2,80}}
    )[.!]?$""",
    re.IGNORECASE | re.VERBOSE,
)
_DEVICES = re.compile(
    r"iphone|ipad|android|galaxy|samsung|huawei|outlook|yahoo|gmail|windows|mobiel|mobile|mobil|telefo|smartphone|handy|"
    r"proton|nokia|xiaomi|pixel|blackberry|tablet|móvil|portable|appareil|dispositivo|gerät|toestel|\bmail\b|gmx|web\.de|"
    r"orange|spark|courrier|correo",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confidential|vertrouwelijk|vertraulich|confidentiel|confidencial|disclaimer|intended (?:only|solely)|"
    r"bestemd voor de geadresseerde|think before you print|denk aan het milieu|consider the environment|"
    r"pensez à l['’]environnement|bevor sie diese e-mail drucken",
    re.IGNORECASE,
)
# What may stand below a greeting and is still something said: a postscript, a question, a word about the ledger.
_POSTSCRIPT = re.compile(r"^\s*p\.?\s?s\.?\b[ :.-]", re.IGNORECASE)
_NUMBER = re.compile(r"\b[A-Z]{2,5}-?\d{4}-?\d{2,}\b|\?\s*$")
_LEDGER_WORD = re.compile(
    r"\b(?:invoices?|factu(?:ur|ren)|rechnung(?:en)?|factures?|facturas?|orders?|bestelling|"
    r"bestellung|commande|pedido|betaald|paid|bezahlt|payée?|pagad[ao]|dispute|creditnota|gutschrift|avoir)\b",
    re.IGNORECASE,
)
_ADDRESS_LIKE = re.compile(r"@|https?://|www\.|\+\d|\b(?:tel|t|m|fax|kvk|btw|vat|iban|ust|siret|cif|nif)\b[.:\s]", re.I)


def without_signature(lines: list[str]) -> list[str]:
    """The lines up to where the signature begins. What says something about the ledger is never taken for one."""
    kept = _above_marker(lines)
    kept = _without_mobile(kept)
    kept = _above_closing(kept)
    return _without_mobile(kept)


def _above_marker(lines: list[str]) -> list[str]:
    """Up to "-- " (RFC 3676 §4.3), which many mailers send without its space."""
    for at, line in enumerate(lines):
        if line in ("-- ", "--", "--\xa0", "– ") and (line == "-- " or len(_said(lines[at:])) <= SIGNATURE_LINES_MAX):
            postscript = next((place for place in range(at, len(lines)) if _POSTSCRIPT.match(lines[place])), len(lines))
            return lines[:at] + lines[postscript:]
    return lines


def _above_closing(lines: list[str]) -> list[str]:
    for at in range(len(lines) - 1, -1, -1):
        line = " ".join(lines[at].split())
        if not (_CLOSING.match(line) or _CLOSING_AND_NAME.match(line) or _FRENCH_FORMULA.match(line)):
            continue
        below = lines[at + 1 :]
        if not _is_block(below):
            continue
        return _above_closing(lines[:at]) + _still_said(below)
    return lines


def _is_block(lines: list[str]) -> bool:
    """Whether the lines could be a name and an address: few, short, and legal text only behind them."""
    said = _said(lines)
    legal_at = next((at for at, line in enumerate(said) if _LEGAL.search(line)), len(said))
    block = said[:legal_at]
    return len(block) <= CLOSING_LINES_MAX and sum(_is_sentence(line) for line in block) <= 2


def _is_sentence(line: str) -> bool:
    return len(line.split()) > 9 and not _ADDRESS_LIKE.search(line)


def _still_said(lines: list[str]) -> list[str]:
    """From the first line that says something on, up to the legal text."""
    for at, line in enumerate(lines):
        if _LEGAL.search(line):
            return []
        if _says_something(line) and not _ADDRESS_LIKE.search(line):
            end = next((place for place in range(at, len(lines)) if _LEGAL.search(lines[place])), len(lines))
            return ["", *lines[at:end]]
        if _is_sentence(line):
            return ["", *lines[at:]]
    return []


def _says_something(line: str) -> bool:
    if _POSTSCRIPT.match(line) or _NUMBER.search(line):
        return True
    # "Invoices Department" is a place; a sentence about an invoice has more words.
    return bool(_LEDGER_WORD.search(line)) and len(line.split()) > 3


def _without_mobile(lines: list[str]) -> list[str]:
    """Without "Sent from my iPhone" and its kind at the end."""
    kept = list(lines)
    for _ in range(4):
        while kept and not kept[-1].strip():
            kept.pop()
        if not kept:
            break
        line = re.sub(r"\s*<https?://[^>]*>|\[https?://[^\]]*\]", "", kept[-1]).strip(" *_")
        is_footer = _MOBILE.match(line) and _DEVICES.search(line) and not _says_something(line)
        if not is_footer and not re.fullmatch(r"[-_–—]{2,}", line):
            break
        kept.pop()
    return kept


def _said(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip()]
