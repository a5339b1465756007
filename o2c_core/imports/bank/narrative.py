"""What the bank wrote about a transaction in field :86: of MT940, taken apart where it has parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from o2c_core.imports.bank.accounts import account_spelled, is_iban
from o2c_core.imports.bank.statement import given, structured_reference

# Fields of a SWIFT line are 65 characters; a full line runs on into the next, a shorter one ends a word.
_LINE_CHARACTERS = 65

_SLASHED = re.compile(
    r"/(ADDR|BENM|BIC|CNTP|CSID|EREF|IBAN|ID|INIT|ISDT|MARF|NAME|NRTX|ORDP|PREF|PURP|REMI|RTRN|SVCL|TRCD|TRTP|ULTC|ULTD)/"
)
_LABELLED = re.compile(r"\b(IBAN|BIC|NAAM|OMSCHRIJVING|BETALINGSKENM\.?|KENMERK|MACHTIGING|INCASSANT)\s*:")
_PLUSSED = re.compile(r"\b(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|COAM|OAMT)\+")
_STRUCTURED = re.compile(r"STRD/(?:CUR|ISO|ISR|SCOR)?/?([^/]+)/?.*")


@dataclass(frozen=True, slots=True)
class Narrative:
    """Who is at the other end and what they wrote, as far as the bank says so."""

    name: str | None = None
    account: str | None = None
    reference: str | None = None
    text: str = ""
    end_to_end: str | None = None
    is_return: bool = False


# The German business codes of a direct debit or a transfer that was sent back.
_RETURN_CODES = {"108", "109", "159"}


def structured(fields: Mapping[str, Any]) -> Narrative:
    """The German subfields (?20 to ?63), which the library has already taken apart.

    Source: Deutsche Kreditwirtschaft, appendix 3 of the DFÜ agreement, field 86 of MT940.
    """
    return Narrative(
        name=_plain(fields.get("applicant_name")),
        account=_account(fields.get("applicant_iban") or fields.get("gvc_applicant_iban")),
        text=" ".join(filter(None, (_plain(fields.get("purpose")), _plain(fields.get("additional_purpose"))))),
        end_to_end=given(fields.get("end_to_end_reference")),
        is_return=str(fields.get("transaction_code") or "")[:3] in _RETURN_CODES,
    )


def narrative(lines: str) -> Narrative:
    """Any other text: Dutch codes (/NAME/../REMI/..), Dutch labels (NAAM: ..), German keywords (SVWZ+..), or just words."""
    joined = _joined(lines)
    slashed = _cut(_SLASHED, joined)
    if len(slashed) > 1:
        return _of_slashed(slashed)
    labelled = _cut(_LABELLED, joined)
    if len(labelled) > 1:
        text = " ".join(filter(None, (labelled.get(label) for label in ("OMSCHRIJVING", "BETALINGSKENM"))))
        return Narrative(
            _plain(labelled.get("NAAM")), _account(labelled.get("IBAN")), None, text, given(labelled.get("KENMERK"))
        )
    plussed = _cut(_PLUSSED, joined)
    if len(plussed) > 1:
        return Narrative(
            _plain(plussed.get("ABWA")),
            _account(plussed.get("IBAN")),
            None,
            plussed.get("SVWZ") or plussed[""],
            given(plussed.get("EREF")),
        )
    return Narrative(text=joined)


def _of_slashed(parts: Mapping[str, str]) -> Narrative:
    # The other party in one: account, bank, name and place.
    account, _, name, *_ = [*parts.get("CNTP", "").split("/"), "", "", ""]
    remitted = parts.get("REMI", "")
    exact = _STRUCTURED.fullmatch(remitted)
    text = re.sub(r"^(USTD|STRD)?/*|/+$", "", remitted) if exact is None else ""
    return Narrative(
        name=_plain(parts.get("NAME") or name),
        account=_account(parts.get("IBAN") or account),
        reference=structured_reference(exact[1]) if exact is not None else None,
        text=text.strip() or ("" if exact is not None else parts[""]),
        end_to_end=given((parts.get("EREF") or "").strip("/")),
        is_return="RTRN" in parts,
    )


def _cut(marks: re.Pattern[str], text: str) -> dict[str, str]:
    """The text after each mark up to the next; "" is what stands before the first.

    What the payer wrote comes after what the bank wrote, so the first of a repeated mark counts.
    """
    pieces = marks.split(text)
    parts = {"": pieces[0].strip()}
    for mark, value in zip(pieces[1::2], pieces[2::2], strict=True):
        parts.setdefault(mark.rstrip("."), " ".join(value.split()).removesuffix("/"))
    return parts


def _joined(lines: str) -> str:
    joined = ""
    for line in lines.splitlines():
        joined += line if len(line) >= _LINE_CHARACTERS else f"{line} "
    return " ".join(joined.split())


def _plain(text: str | None) -> str | None:
    return " ".join((text or "").strip("/ ").split()) or None


def _account(text: str | None) -> str | None:
    spelled = account_spelled(text or "")
    return spelled if is_iban(spelled) or re.fullmatch(r"[0-9]{5,18}", spelled) else None
