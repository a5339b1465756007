"""A Word document of the library as blocks."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

from knowledge.apart import FileRefused
from knowledge.blocks import Block, Parts
from knowledge.limits import check_length, visible
from knowledge.markdown_document import sentences_of_table
from o2c_core.imports.xml import XmlRefused, parse_xml

_PART_BYTES_MAX = 30_000_000
_ENTRIES_MAX = 5000
_STYLES_DEEP_MAX = 20
_CELLS_MAX = 5000

# Source: ECMA-376 part 1, section 17, "WordprocessingML".
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_NOT_TOLD = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_MC}Fallback"})


def read(content: bytes) -> Parts:
    """The document's headings, paragraphs, lists and tables as they are once its tracked changes are accepted.

    Raises: FileRefused.
    """
    package = _Package(content)
    body = package.part("word/document.xml")
    reader = _Reader(_Styles(package.part_or_none("word/styles.xml")), _links(package))
    root = body.find(f"{_W}body")
    if root is None:
        raise FileRefused("unreadable")
    reader.blocks_of(root)
    check_length(block.text for block in reader.blocks)
    core = package.part_or_none("docProps/core.xml")
    told = visible(core.findtext(f"{_DC}title") or "") if core is not None else ""
    first = next((block.text for block in reader.blocks if block.kind == "heading" and block.level == 0), "")
    return Parts(
        told or first or reader.first_heading, {}, [one for one in reader.blocks if not _is_title(one)], reader.hidden
    )


def _is_title(block: Block) -> bool:
    return block.kind == "heading" and block.level == 0


class _Package:
    """The zip file that a Word document is, of which no part may unpack to more than a document holds."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as odd:
            raise FileRefused("unreadable") from odd
        if len(entries) > _ENTRIES_MAX:
            raise FileRefused("too large")
        self._names = {entry.filename for entry in entries}

    def part(self, name: str) -> etree._Element:
        if name not in self._names:
            raise FileRefused("unreadable")
        try:
            # What the directory says a part's size is proves nothing, so only so much is unpacked.
            with self._zip.open(name) as part:
                content = part.read(_PART_BYTES_MAX + 1)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, NotImplementedError) as odd:
            raise FileRefused("unreadable") from odd
        if len(content) > _PART_BYTES_MAX:
            raise FileRefused("too large")
        try:
            return parse_xml(content, name)
        except XmlRefused as odd:
            raise FileRefused("unreadable") from odd

    def part_or_none(self, name: str) -> etree._Element | None:
        return self.part(name) if name in self._names else None


def _links(package: _Package) -> dict[str, str]:
    """The web addresses that the document's links lead to, by their ids."""
    links = package.part_or_none("word/_rels/document.xml.rels")
    if links is None:
        return {}
    return {
        str(one.get("Id")): str(one.get("Target"))
        for one in links
        if str(one.get("Target", "")).startswith(("https://", "http://")) and one.get("TargetMode") == "External"
    }


class _Styles:
    """Which styles are headings. A style's id is in the language of whoever's Word made it; its name is not."""

    def __init__(self, styles: etree._Element | None) -> None:
        self._by_id: dict[str, etree._Element] = {}
        if styles is not None:
            self._by_id = {str(style.get(f"{_W}styleId")): style for style in styles.iter(f"{_W}style")}

    def level(self, paragraph: etree._Element) -> int | None:
        """0 for the title, 1 to 9 for a heading, None for anything else."""
        about = paragraph.find(f"{_W}pPr")
        if about is None:
            return None
        own = _value(about, "outlineLvl")
        if own is not None and own.isdigit() and int(own) < 9:
            return int(own) + 1
        style = _value(about, "pStyle")
        for _ in range(_STYLES_DEEP_MAX):
            if style is None:
                return None
            found = self._by_id.get(style)
            name = (_value(found, "name") or "") if found is not None else style.replace("Heading", "heading ")
            heading = _HEADING.fullmatch(name.strip())
            if heading:
                return int(heading[1])
            if name.strip().casefold() == "title":
                return 0
            style = _value(found, "basedOn") if found is not None else None
        return None


def _value(above: etree._Element, name: str) -> str | None:
    one = above.find(f"{_W}{name}")
    return None if one is None else one.get(f"{_W}val")


def _is_on(above: etree._Element | None, name: str) -> bool:
    one = None if above is None else above.find(f"{_W}{name}")
    return one is not None and one.get(f"{_W}val", "true").lower() not in ("false", "0", "off", "none")


class _Reader:
    def __init__(self, styles: _Styles, links: dict[str, str]) -> None:
        self.blocks: list[Block] = []
        self.hidden: list[str] = []
        self.first_heading = ""
        self._styles = styles
        self._links = links
        self._cells = 0

    def blocks_of(self, above: etree._Element) -> None:
        for element in _paragraphs_and_tables(above):
            if element.tag == f"{_W}tbl":
                rows, has_header = self._rows(element)
                self.blocks += [Block("text", line) for line in sentences_of_table(rows, has_header=has_header)]
                continue
            text = self._text(element)
            if not text:
                continue
            level = self._styles.level(element)
            if level is None:
                self.blocks.append(Block("text", text))
            else:
                heading = " ".join(text.split())
                self.first_heading = self.first_heading or heading
                self.blocks.append(Block("heading", heading, level))

    def _text(self, paragraph: etree._Element) -> str:
        return visible("".join(self._words(paragraph)))

    def _words(self, above: etree._Element) -> Iterator[str]:
        """What the paragraph says, in order; runs marked as hidden are kept aside."""
        walk: Any = etree.iterwalk(above, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                if element.tag == f"{_W}hyperlink" and element.get(f"{_R}id") in self._links:
                    yield f" ({self._links[element.get(f'{_R}id')]})"
                continue
            if element.tag in _NOT_TOLD or (element is not above and element.tag in (f"{_W}p", f"{_W}tbl")):
                walk.skip_subtree()
            elif element.tag == f"{_W}r" and _is_on(element.find(f"{_W}rPr"), "vanish"):
                self.hidden += filter(None, [visible("".join(element.itertext(f"{_W}t")))])
                walk.skip_subtree()
            elif element.tag == f"{_W}t":
                yield element.text or ""
            elif element.tag == f"{_W}tab":
                yield " "
            elif element.tag in (f"{_W}br", f"{_W}cr"):
                yield "\n"
            elif element.tag == f"{_W}noBreakHyphen":
                yield "-"

    def _rows(self, table: etree._Element) -> tuple[list[list[str]], bool]:
        rows: list[list[str]] = []
        has_header = False
        for row in table.iterchildren(f"{_W}tr"):
            about = row.find(f"{_W}trPr")
            if not rows:
                has_header = _is_on(about, "tblHeader")
            told: list[str] = []
            for cell in row.iterchildren(f"{_W}tc", f"{_W}sdt"):
                own = cell.find(f"{_W}tcPr")
                text = " ".join(filter(None, (self._text(one).replace("\n", " ") for one in cell.iter(f"{_W}p"))))
                merged = own.find(f"{_W}vMerge") if own is not None else None
                if merged is not None and merged.get(f"{_W}val") != "restart" and rows and len(told) < len(rows[-1]):
                    text = rows[-1][len(told)]
                across = (_value(own, "gridSpan") if own is not None else None) or "1"
                told += [text] * (min(20, max(1, int(across))) if across.isdigit() else 1)
            self._cells += len(told)
            if self._cells > _CELLS_MAX:
                raise FileRefused("too large")
            rows.append(told)
        # Word marks the first row of nearly every table; of a table of pairs that says little.
        return rows, has_header or (bool(rows) and len(rows[0]) > 2)


def _paragraphs_and_tables(above: etree._Element) -> Iterator[etree._Element]:
    """Those of the text itself, also within content controls, but not those within other paragraphs and tables."""
    walk: Any = etree.iterwalk(above, events=("start",))
    for _, element in walk:
        if element.tag in (f"{_W}p", f"{_W}tbl"):
            yield element
            walk.skip_subtree()
        elif element.tag in _NOT_TOLD:
            walk.skip_subtree()
