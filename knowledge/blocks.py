"""Blocks, which is what pages, PDFs and Word documents come down to, and the sections made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from knowledge.section import Section, slug

# A section longer than this becomes several, each of whole paragraphs.
SECTION_LENGTH_MAX = 900
_CHUNK_LENGTH = 650
_HEADING_LENGTH_MAX = 160

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\w„«\"'(])")


@dataclass(frozen=True)
class Block:
    """A heading with its level, a paragraph, or a question that the section above it answers."""

    kind: Literal["heading", "text", "question"]
    text: str
    level: int = 0
    name: str | None = None
    page: int | None = None


@dataclass(frozen=True)
class Parts:
    """What a file holds: its title, what it says about itself, its blocks, and words its readers would not see."""

    title: str = ""
    about: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


@dataclass
class _Open:
    title: str
    name: str
    page: int | None
    paragraphs: list[Block] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def sections_of(parts: Parts, title: str) -> list[Section]:
    """Sections that stand alone: each has the heading it stands under, long ones are several of whole paragraphs.

    A heading below another one is cited with both. What comes before the first heading is cited by the document alone.
    """
    path: list[Block] = []
    sections = [_Open(title, slug(title), None)]
    for block in parts.blocks:
        if block.kind == "heading":
            if block.level <= 1 and _same(block.text, title):
                continue
            path = [above for above in path if above.level < block.level] + [block]
            heading = ": ".join(one.text[:_HEADING_LENGTH_MAX] for one in path[-2:])
            sections.append(_Open(heading, block.name or slug(heading), block.page))
        elif block.kind == "question":
            sections[-1].questions.append(block.text)
        else:
            sections[-1].paragraphs.append(block)
    return _named_apart([one for section in sections for one in _chunks(section)])


def _same(heading: str, title: str) -> bool:
    return heading.casefold().split() == title.casefold().split()


def _chunks(section: _Open) -> Iterator[Section]:
    paragraphs = [part for block in section.paragraphs for part in _not_too_long(block)]
    if sum(len(block.text) for block in paragraphs) <= SECTION_LENGTH_MAX and not _turns_pages_without_heading(section):
        groups = [paragraphs] if paragraphs else []
    else:
        groups = _grouped(paragraphs)
    for number, group in enumerate(groups):
        yield Section(
            name=section.name if number == 0 else f"{section.name}-{number + 1}",
            title=section.title,
            text="\n".join(block.text for block in group),
            questions=tuple(section.questions) if number == 0 else (),
            page=group[0].page,
        )


def _turns_pages_without_heading(section: _Open) -> bool:
    return len({block.page for block in section.paragraphs}) > 1


def _grouped(paragraphs: list[Block]) -> list[list[Block]]:
    """Whole paragraphs together up to a length that still reads as one answer; a new page begins a new one."""
    groups: list[list[Block]] = []
    for block in paragraphs:
        last = groups[-1] if groups else []
        fits = sum(len(one.text) for one in last) + len(block.text) <= _CHUNK_LENGTH
        if last and fits and last[0].page == block.page:
            last.append(block)
        else:
            groups.append([block])
    return groups


def _not_too_long(block: Block) -> Iterator[Block]:
    """The paragraph, or where it is longer than a section may be, its sentences in a few parts."""
    if len(block.text) <= SECTION_LENGTH_MAX:
        yield block
        return
    part = ""
    for sentence in _SENTENCE_END.split(block.text):
        if part and len(part) + len(sentence) > _CHUNK_LENGTH:
            yield replace(block, text=part)
            part = ""
        part = f"{part} {sentence}".strip()
    yield replace(block, text=part)


def _named_apart(sections: list[Section]) -> list[Section]:
    """Two sections under the same heading are told apart by a number."""
    seen: dict[str, int] = {}
    apart = []
    for section in sections:
        seen[section.name] = seen.get(section.name, 0) + 1
        times = seen[section.name]
        apart.append(section if times == 1 else replace(section, name=f"{section.name}-again-{times}"))
    return apart
