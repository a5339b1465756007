"""A PDF of the library as blocks, each with the page it stands on."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

from knowledge.apart import FileRefused
from knowledge.blocks import Block, Parts
from knowledge.limits import LENGTH_MAX, check_length, visible

PAGES_MAX = 500

_HEADING_LENGTH_MAX = 140
_LARGER = 1.12  # so much higher than the text's own letters, a line is a heading
_TINY_POINTS, _PALE = 2.5, 245
_BOLD = 600
_EDGE_LINES, _APART = 2, 0.8  # heads and feet: so many lines, so many line heights from the text
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|pagina|blz\.?|p\.?)?\s*[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:of|von|van|sur|de|/)\s*\d{1,4})?",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[•▪◦‣·*–-]|\(?\d{1,2}[.)]|[a-z][.)])\s+")
_ENDS = (".", "!", "?", ":", ";", "”", '"')


@dataclass(frozen=True)
class _Line:
    """Units: points from the foot of the page; `height` is that of its letters."""

    text: str
    page: int
    height: float
    is_bold: bool
    top: float
    bottom: float
    right: float


def read(content: bytes) -> Parts:
    """The document's text without what is repeated on its pages; larger or bolder lines are headings.

    Raises: FileRefused.
    """
    try:
        with pypdfium2.PdfDocument(content) as document:
            if len(document) > PAGES_MAX:
                raise FileRefused("too large")
            told = visible(document.get_metadata_value("Title"))
            hidden: list[str] = []
            pages = []
            length = 0
            for number in range(len(document)):
                pages.append(_lines(document[number], number + 1, hidden))
                length += sum(len(line.text) for line in pages[-1])
                if length > LENGTH_MAX:
                    raise FileRefused("too large")
            outline = {_plain(entry.get_title()) for entry in document.get_toc(max_depth=4)}
    except pypdfium2.PdfiumError as odd:
        raise FileRefused("unreadable") from odd
    blocks = _blocks([line for page in _without_repeats(pages) for line in page], outline)
    check_length(block.text for block in blocks)
    headings = [block for block in blocks if block.kind == "heading" and block.level == 1]
    return Parts(told or (headings[0].text if headings else ""), {}, blocks, hidden)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _lines(page: pypdfium2.PdfPage, number: int, hidden: list[str]) -> list[_Line]:
    """The page's lines, top to bottom as the document gives them; what is too small or too pale to see is kept aside."""
    text = page.get_textpage()
    lines: list[_Line] = []
    shown: list[int] = []
    unseen: list[str] = []
    for at in range(text.count_chars()):
        character = raw.FPDFText_GetUnicode(text, at)
        if character == 0x0A:
            lines += _line(text, shown, number)
            shown = []
        elif character >= 0x20 or character in (0x02, 0x09):
            if _is_unseen(text, at):
                unseen.append(chr(character))
            else:
                shown.append(at)
    lines += _line(text, shown, number)
    if "".join(unseen).strip():
        hidden.append(visible("".join(unseen)))
    return lines


def _is_unseen(text: pypdfium2.PdfTextPage, at: int) -> bool:
    if raw.FPDFText_IsGenerated(text, at):
        return False
    red, green, blue, opaque = (ctypes.c_uint() for _ in range(4))
    has_colour = raw.FPDFText_GetFillColor(text, at, red, green, blue, opaque)
    if has_colour and (opaque.value == 0 or min(red.value, green.value, blue.value) > _PALE):
        return True
    return 0 < _height(text, at)[0] < _TINY_POINTS


def _height(text: pypdfium2.PdfTextPage, at: int) -> tuple[float, float, float, float]:
    """How high the letter's line is, and its top, bottom and right side: the same however the page is scaled."""
    box = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text, at, box):
        return 0.0, 0.0, 0.0, 0.0
    return abs(box.top - box.bottom), max(box.top, box.bottom), min(box.top, box.bottom), box.right


def _line(text: pypdfium2.PdfTextPage, shown: Sequence[int], number: int) -> Iterator[_Line]:
    # A hyphen that only breaks a word at the end of a line is told as U+0002, or as itself with the next line's word.
    words = visible("".join(chr(raw.FPDFText_GetUnicode(text, at)) for at in shown).replace("\x02", ""))
    letters = [
        at for at in shown if not raw.FPDFText_IsGenerated(text, at) and raw.FPDFText_GetUnicode(text, at) > 0x20
    ]
    if not words or not letters:
        return
    boxes = [_height(text, at) for at in letters]
    height = Counter(round(box[0], 1) for box in boxes).most_common(1)[0][0]
    bold = sum(raw.FPDFText_GetFontWeight(text, at) >= _BOLD or _is_bold_by_name(text, at) for at in letters)
    yield _Line(words.replace("\n", " "), number, height, bold * 2 > len(letters), max(box[1] for box in boxes),
                min(box[2] for box in boxes), max(box[3] for box in boxes))  # fmt: skip


def _is_bold_by_name(text: pypdfium2.PdfTextPage, at: int) -> bool:
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(text, at, name, 128, None)
    return b"bold" in name.value.lower() or b"black" in name.value.lower()


def _without_repeats(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The pages without page numbers, and without the heads and feet that most of them share."""
    edges = Counter(
        edge for page in pages for edge in {_edge(line) for line in page[:_EDGE_LINES] + page[-_EDGE_LINES:]}
    )
    often = max(2, len(pages) // 2 + 1)
    shared = {edge for edge, times in edges.items() if times >= often}
    return [_without_foot(_without_foot(page, shared)[::-1], shared)[::-1] for page in pages]


def _without_foot(page: list[_Line], shared: set[str]) -> list[_Line]:
    """The lines without the shared ones at the end, which stand apart from the text itself."""
    kept = len(page)
    while kept > max(0, len(page) - _EDGE_LINES):
        line = page[kept - 1]
        if not (_PAGE_NUMBER.fullmatch(line.text) or _edge(line) in shared):
            break
        kept -= 1
    if 0 < kept < len(page):
        inner, outer = page[kept - 1], page[kept]
        apart = max(inner.bottom - outer.top, outer.bottom - inner.top)
        kept = kept if apart > outer.height * _APART else len(page)
    return page[:kept]


def _edge(line: _Line) -> str:
    return re.sub(r"\d+", "#", _plain(line.text))


def _blocks(lines: list[_Line], outline: set[str]) -> list[Block]:
    letters: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    for line in lines:
        letters[line.height] += len(line.text)
        bold[line.is_bold] += len(line.text)
    if not letters:
        return []
    usual = letters.most_common(1)[0][0]
    is_all_bold = bold[True] > bold[False]
    headings = [line for line in lines if _is_heading(line, usual, is_all_bold, outline)]
    # Where half of the words look like headings, none of them is one.
    is_told_apart = sum(len(line.text) for line in headings) * 2 < sum(letters.values())
    marked = {id(line) for line in headings} if is_told_apart else set()
    sizes = sorted({line.height for line in headings}, reverse=True)
    blocks: list[Block] = []
    before: _Line | None = None
    for line in lines:
        goes_on = before is not None and (id(before) in marked) == (id(line) in marked)
        if id(line) in marked:
            level = 1 + sizes.index(line.height)
            if goes_on and before is not None and before.height == line.height and _is_next(before, line, 1.0):
                blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text} {line.text}")
            else:
                blocks.append(Block("heading", line.text, level, page=line.page))
        elif goes_on and before is not None and _is_same_paragraph(before, line, lines):
            blocks[-1] = replace(blocks[-1], text=_joined(blocks[-1].text, line.text))
        else:
            blocks.append(Block("text", line.text, page=line.page))
        before = line
    return blocks


def _is_heading(line: _Line, usual: float, is_all_bold: bool, outline: set[str]) -> bool:
    if (
        len(line.text) > _HEADING_LENGTH_MAX
        or not re.search(r"[^\W\d_]", line.text)
        or line.text.endswith((".", ";", ","))
    ):
        return False
    stands_out = line.height > usual * _LARGER or (line.is_bold and not is_all_bold and line.height >= usual * 0.98)
    return stands_out or _plain(line.text) in outline


def _is_next(before: _Line, line: _Line, lines_apart: float) -> bool:
    """Whether the line follows on the same page with less than so much room between."""
    return before.page == line.page and -line.height < before.bottom - line.top < line.height * lines_apart


def _is_same_paragraph(before: _Line, line: _Line, lines: list[_Line]) -> bool:
    if _BULLET.match(line.text):
        return False
    if before.page != line.page or line.top > before.top:
        # A sentence may go on in the next column or on the next page.
        return not before.text.endswith(_ENDS) and line.text[:1].islower()
    if not _is_next(before, line, 0.55):
        return False
    right = max(one.right for one in lines if one.page == line.page)
    is_short = before.right < right * 0.8
    return not (is_short and before.text.endswith(_ENDS))


def _joined(text: str, more: str) -> str:
    if text.endswith("\u00ad") or (re.search(r"[a-zà-ÿ]-$", text) and more[:1].islower()):
        return text[:-1] + more
    return f"{text} {more}"
