"""Bank files for tests: name only what the test is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from o2c_core.imports.bank.read_camt import parse_camt
from o2c_core.imports.bank.read_mt940 import parse_mt940
from o2c_core.imports.bank.statement import Statement
from o2c_core.imports.xml import parse_xml

OURS = "NL91ABNA0417164300"
THEIRS = "NL20INGB0001234567"
MONDAY = date(2026, 3, 16)


def major(minor: int) -> str:
    return str(Decimal(abs(minor)).scaleb(-2))


def side(minor: int) -> str:
    return "CRDT" if minor >= 0 else "DBIT"


@dataclass(frozen=True)
class Part:
    """What the details of an entry say; without an amount where the bank leaves it out."""

    minor: int | None = None
    name: str | None = "Bakkerij Jansen"
    account: str | None = THEIRS
    text: str | None = None
    reference: str | None = None
    end_to_end: str = "NOTPROVIDED"
    bank_reference: str | None = None
    raw: str = ""
    in_currency: str = "EUR"


@dataclass(frozen=True)
class Booked:
    """An entry; `minor` is signed."""

    minor: int
    on: date = MONDAY
    parts: tuple[Part, ...] = (Part(),)
    bank_reference: str | None = None
    numbered: str | None = None
    status: str = "BOOK"
    is_reversal: bool = False
    value_on: date | None = None
    in_currency: str = "EUR"
    raw: str = ""


def camt(
    *entries: Booked,
    version: str = "08",
    opening: int = 100_000,
    closing: int | None = None,
    number: str = "2026-075",
    account: str = OURS,
    day: date = MONDAY,
) -> str:
    """A statement in the shapes of that version; it closes where its booked entries lead unless told otherwise."""
    return document(
        stmt(*entries, version=version, opening=opening, closing=closing, number=number, account=account, day=day),
        version=version,
    )


def document(*statements: str, version: str = "08") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-16T19:00:00</CreDtTm></GrpHdr>"
        f"{''.join(statements)}</BkToCstmrStmt></Document>"
    )


def stmt(
    *entries: Booked,
    version: str = "08",
    opening: int = 100_000,
    closing: int | None = None,
    number: str = "2026-075",
    account: str = OURS,
    day: date = MONDAY,
) -> str:
    if closing is None:
        closing = opening + sum(entry.minor for entry in entries if entry.status == "BOOK")
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{major(minor)}</Amt>"
        f"<CdtDbtInd>{side(minor)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        for kind, minor in (("OPBD", opening), ("CLBD", closing), ("CLAV", closing + 777))
    )
    return (
        f"<Stmt><Id>{number}</Id><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balances}"
        f"{''.join(_entry(entry, version) for entry in entries)}</Stmt>"
    )


def _entry(entry: Booked, version: str) -> str:
    status = entry.status if version < "08" else f"<Cd>{entry.status}</Cd>"
    details = "".join(_part(part, entry, version) for part in entry.parts)
    return "".join([
        "<Ntry>",
        f"<NtryRef>{entry.numbered}</NtryRef>" if entry.numbered else "",
        f"<Amt Ccy='{entry.in_currency}'>{major(entry.minor)}</Amt><CdtDbtInd>{side(entry.minor)}</CdtDbtInd>",
        "<RvslInd>true</RvslInd>" if entry.is_reversal else "",
        f"<Sts>{status}</Sts>",
        f"<BookgDt><Dt>{entry.on}</Dt></BookgDt><ValDt><DtTm>{entry.value_on or entry.on}T12:00:00+01:00</DtTm></ValDt>",
        f"<AcctSvcrRef>{entry.bank_reference}</AcctSvcrRef>" if entry.bank_reference else "",
        entry.raw,
        f"<NtryDtls>{details}</NtryDtls>" if details else "",
        "</Ntry>",
    ])  # fmt: skip


def _part(part: Part, entry: Booked, version: str) -> str:
    refs = f"<AcctSvcrRef>{part.bank_reference}</AcctSvcrRef>" if part.bank_reference else ""
    amount = ""
    if part.minor is not None:
        stated = f"<Amt Ccy='{part.in_currency}'>{major(part.minor)}</Amt>"
        ways = f"<CdtDbtInd>{side(part.minor)}</CdtDbtInd>" if (part.minor < 0) != (entry.minor < 0) else ""
        amount = f"<AmtDtls><TxAmt>{stated}</TxAmt></AmtDtls>{ways}" if version < "08" else stated + ways
    who = "Dbtr" if (entry.minor >= 0) != entry.is_reversal else "Cdtr"
    name = f"<Nm>{escape(part.name)}</Nm>" if part.name else ""
    party = name if version < "08" or not name else f"<Pty>{name}</Pty>"
    parties = f"<{who}>{party}</{who}>" if party else ""
    parties += f"<{who}Acct><Id><IBAN>{part.account}</IBAN></Id></{who}Acct>" if part.account else ""
    remitted = f"<Ustrd>{escape(part.text)}</Ustrd>" if part.text else ""
    if part.reference:
        remitted += f"<Strd><CdtrRefInf><Ref>{part.reference}</Ref></CdtrRefInf></Strd>"
    return (
        f"<TxDtls><Refs>{refs}<EndToEndId>{part.end_to_end}</EndToEndId></Refs>{amount}<RltdPties>{parties}</RltdPties>"
        f"<RmtInf>{remitted}</RmtInf>{part.raw}</TxDtls>"
    )


def mt940(
    *lines: str,
    opening: str = "C260313EUR1000,00",
    closing: str = "C260316EUR1000,00",
    account: str = f"{OURS}EUR",
    number: str = "00075",
) -> str:
    """One statement of those :61: and :86: lines."""
    return "\r\n".join(
        [":20:STARTUMSE", f":25:{account}", f":28C:{number}", f":60F:{opening}", *lines, f":62F:{closing}", "-", ""]
    )


def from_camt(text: str) -> Statement:
    return parse_camt(parse_xml(text.encode(), "statement.xml"), "statement.xml")[0]


def from_mt940(text: str) -> Statement:
    return parse_mt940(text, "statement.sta")[0]


def keys(statements: Iterable[Statement]) -> list[str]:
    return [transaction.key for statement in statements for transaction in statement.transactions]
