"""Turns a document's words and figures into a PDF."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parent / "templates"

# Long-term archives want PDF/A; part 3 also allows an e-invoice to be put inside. UA-1 is for readers who listen.
STANDARDS = ["a-3b", "ua-1"]

# Characters that no font draws are no text: a name with one in it must not keep a customer from their invoice.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")

_here = threading.local()


def typeset(template: str, page: Mapping[str, Any], on: date) -> bytes:
    """The PDF of that template, dated `on`. The same words and figures give the same bytes.

    What is on the page reaches the template as JSON and is never part of its source, so nothing in it is markup.
    Only the typesetter's own fonts are used. Text those cannot draw (Chinese, say) leaves boxes, in a plain PDF:
    an archive copy must not have them.
    """
    inputs = {"page": json.dumps(_clean(page), ensure_ascii=False)}
    try:
        return _compile(template, inputs, on, STANDARDS)
    except typst.TypstError as refused:
        if "PDF/" not in str(refused):
            raise
        return _compile(template, inputs, on, [])


def _compile(template: str, inputs: dict[str, str], on: date, standards: list[Any]) -> bytes:
    made = _compiler(template).compile(
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=standards,
        timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
    )
    assert isinstance(made, bytes)
    return made


def _compiler(template: str) -> typst.Compiler:
    """The compiler of a template, one per thread: it keeps what was laid out before, and cannot be shared."""
    kept: dict[str, typst.Compiler] = _here.__dict__.setdefault("compilers", {})
    if template not in kept:
        kept[template] = typst.Compiler(TEMPLATES / f"{template}.typ", root=TEMPLATES, ignore_system_fonts=True)
    return kept[template]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, Mapping):
        return {key: _clean(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(part) for part in value]
    return value
