"""A Markdown document's front matter and sections."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.section import Section, slug

_NAMED = re.compile(r"(.*?)(?:\s*\{#([a-z0-9-]+)\})?", re.DOTALL)
_FACT = re.compile(r"!fact\s+([a-z_]+)\s*=\s*(\d{1,9})")


class BadMarkdown(ValueError):
    """Markdown that is no document of the library."""

    def __init__(self, where: Literal["front", "sections", "fact"]) -> None:
        self.where = where


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """What the document says about itself, and the rest. Raises: BadMarkdown."""
    opening, _, rest = text.replace("\r\n", "\n").partition("+++\n")
    head, fence, body = rest.partition("\n+++\n")
    if opening.strip() or not fence:
        raise BadMarkdown("front")
    try:
        return tomllib.loads(head), body
    except tomllib.TOMLDecodeError as odd:
        raise BadMarkdown("front") from odd


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def markdown_sections(body: str, *, needs_text: bool) -> tuple[Section, ...]:
    """A section for each ## heading. Raises: BadMarkdown."""
    names: list[str] = []
    titles: list[str] = []
    texts: list[list[str]] = []
    questions: list[list[str]] = []
    facts: list[dict[str, int]] = []
    tokens = _markdown().parse(body)
    in_quote = 0
    table: list[list[str]] | None = None
    for place, token in enumerate(tokens):
        if token.type in ("blockquote_open", "blockquote_close"):
            in_quote += token.nesting
        elif token.type == "table_open":
            table = []
        elif token.type == "tr_open" and table is not None:
            table.append([])
        elif token.type == "table_close" and table and titles:
            texts[-1] += sentences_of_table(table, has_header=True)
            table = None
        if token.type not in ("inline", "fence", "code_block"):
            continue
        if tokens[place - 1].type == "heading_open" and tokens[place - 1].tag == "h2":
            named = _NAMED.fullmatch(_plain(token))
            assert named is not None  # any text at all matches
            title, written = named.groups()
            titles.append(title)
            names.append(written or slug(title))
            texts.append([])
            questions.append([])
            facts.append({})
        elif not titles:
            raise BadMarkdown("sections")
        elif table:
            table[-1].append(_plain(token))
        elif in_quote:
            for line in filter(None, map(str.strip, _plain(token).splitlines())):
                if line.startswith("!fact"):
                    facts[-1].update([_fact(line)])
                else:
                    questions[-1].append(line)
        else:
            texts[-1].append(_plain(token))
    unanswered = needs_text and not all(texts)
    if not titles or not all(titles) or unanswered or len(set(names)) < len(names):
        raise BadMarkdown("sections")
    return tuple(
        Section(section, title, "\n".join(paragraphs), tuple(asked), known)
        for section, title, paragraphs, asked, known in zip(names, titles, texts, questions, facts, strict=True)
    )


def _fact(line: str) -> tuple[str, int]:
    fact = _FACT.fullmatch(line)
    if fact is None:
        raise BadMarkdown("fact")
    return fact[1], int(fact[2])


def sentences_of_table(rows: list[list[str]], *, has_header: bool) -> list[str]:
    """A table as lines that read without it: "Country: Germany; Costs: € 19.50." A bare pair is "Germany: € 19.50."."""
    header, body = (rows[0], rows[1:]) if has_header and len(rows) > 1 else ([], rows)
    lines = []
    for row in body:
        cells = [" ".join(cell.split()) for cell in row]
        if header:
            named = [
                f"{column.rstrip(':')}: {cell}" if column.strip() else cell
                for column, cell in zip([*header, *[""] * len(cells)], cells, strict=False)
                if cell
            ]
            line = "; ".join(named)
        elif len(cells) == 2 and all(cells):
            line = f"{cells[0].rstrip(':')}: {cells[1]}"
        else:
            line = "; ".join(filter(None, cells))
        if line:
            lines.append(line if line.endswith((".", "!", "?")) else f"{line}.")
    return lines


def _plain(token: Token) -> str:
    """The words without the marks, for a text message as well as a page; a link keeps its address behind its words."""
    if token.children is None:
        return token.content.strip()
    words = []
    address = ""
    for child in token.children:
        if child.type in ("softbreak", "hardbreak"):
            words.append("\n")
        elif child.type == "link_open":
            address = str(child.attrGet("href") or "")
        elif child.type == "link_close":
            words.append(f" ({address})" if address and words[-1] != address else "")
        else:
            words.append(child.content)
    return "".join(words).strip()
