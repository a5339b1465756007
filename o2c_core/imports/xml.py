"""Reading XML that strangers send: no document type, no entities, no network, no endless file."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

from lxml import etree

from o2c_core.errors import Refused
from o2c_core.imports.encoding import open_bytes

XML_BYTES_MAX = 64 * 1024 * 1024
# Where a document type stands when it is written as it mostly is; any other spelling is found after parsing.
_DOCTYPE, _PROLOG_BYTES = re.compile(rb"<!DOCTYPE", re.IGNORECASE), 4096


class XmlRefused(Refused):
    """That is not XML that can be read safely."""


def read_xml(path: Path) -> etree._Element:
    """The root of the file, which may be compressed with gzip.

    A document type is refused whole: it is the only door for entities, and neither e-invoices nor bank files have one.
    Raises: FileMissing, FileUnreadable; XmlRefused, saying where. Source: OWASP, "XML External Entity Prevention".
    """
    return parse_xml(_bytes_of(path), path.name)


def parse_xml(content: bytes, name: str) -> etree._Element:
    """The root of the content; `name` is what the refusal calls it. Raises: XmlRefused."""
    if len(content) > XML_BYTES_MAX:
        raise _too_large(name)
    if _DOCTYPE.search(content[:_PROLOG_BYTES]):
        raise _has_doctype(name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as odd:
        raise XmlRefused(f"{name} is not XML that can be read: {odd.msg}.", name=name) from odd
    except ValueError as odd:
        raise XmlRefused(f"{name} is not XML that can be read: {odd}.", name=name) from odd
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise XmlRefused(
            f"{name} has a document type declaration, which is refused: it could name entities.", name=name
        )
    return root


def looks_like_xml(start: bytes) -> bool:
    """Whether a file that begins so is meant to be XML."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _bytes_of(path: Path) -> bytes:
    with open_bytes(path) as file:
        try:
            content = file.read(XML_BYTES_MAX + 1)
        except (OSError, EOFError, zlib.error) as odd:
            raise XmlRefused(f"{path.name} cannot be read: {odd}.", name=path.name) from odd
    if len(content) > XML_BYTES_MAX:
        raise _too_large(path.name)
    return content


def _has_doctype(name: str) -> XmlRefused:
    return XmlRefused(f"{name} has a document type declaration, which is refused: it could name entities.", name=name)


def _too_large(name: str) -> XmlRefused:
    return XmlRefused(
        f"{name} is larger than {XML_BYTES_MAX // 1024 // 1024} MB, which no statement or invoice is.", name=name
    )
