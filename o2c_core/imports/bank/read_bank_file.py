"""A bank file of either format, opened by what its bytes are rather than by its name."""

from __future__ import annotations

import re
from pathlib import Path

from o2c_core.imports.bank.read_camt import parse_camt
from o2c_core.imports.bank.read_mt940 import parse_mt940
from o2c_core.imports.bank.statement import BankFileRefused, NotAStatement, Statement
from o2c_core.imports.encoding import FileEmpty, chunks, letters_of, open_bytes
from o2c_core.imports.xml import looks_like_xml, read_xml

MT940_BYTES_MAX = 64 * 1024 * 1024
_START_BYTES = 4096

_CASH_MESSAGE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.|<(\w+:)?BkToCstmr")
_MT940 = re.compile(rb"(?:^|[\r\n]|\{4:)\s*:20:[^\r\n]*[\r\n](?:(?s:.){0,200}[\r\n])?:25P?:")


def bank_format(start: bytes) -> str | None:
    """ "camt.053" or "mt940" for a bank file that begins so (4 kB will do, unpacked), else None.

    Other messages of the camt family count as camt.053: its reader says in a sentence why they are not statements.
    """
    # In UTF-16 every other byte of plain letters is zero.
    plain = start.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    if looks_like_xml(plain):
        return "camt.053" if _CASH_MESSAGE.search(plain) else None
    return "mt940" if _MT940.search(plain) else None


def read_bank_file(path: Path) -> tuple[Statement, ...]:
    """Every statement in the file, which may be compressed with gzip; sums checked, transactions with their keys.

    Raises: FileMissing, FileEmpty, FileUnreadable, XmlRefused; BankFileRefused, saying why.
    """
    with open_bytes(path) as file:
        start = next(chunks(file, path.name), b"")[:_START_BYTES]
    if not start.strip():
        raise FileEmpty(f"{path.name} is empty.", path=str(path))
    if looks_like_xml(start) or start.startswith((b"\xff\xfe<", b"\xfe\xff\0<")):
        return parse_camt(read_xml(path), path.name)
    if bank_format(start) != "mt940":
        raise NotAStatement(f"{path.name} is not a bank statement: it is neither camt.053 nor MT940.", name=path.name)
    return parse_mt940(_text_of(path), path.name)


def _text_of(path: Path) -> str:
    with open_bytes(path) as file:
        content = file.read(MT940_BYTES_MAX + 1)
    if len(content) > MT940_BYTES_MAX:
        raise BankFileRefused(
            f"{path.name} is larger than {MT940_BYTES_MAX // 1024 // 1024} MB, which no statement is.", name=path.name
        )
    letters = letters_of(path)
    return content.decode(letters.encoding)
