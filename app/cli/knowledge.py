"""`parley knowledge`: reading the library in, and asking it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.chroma_server import opened_index
from app.container import opened_store
from bot.embedded.language import detect
from knowledge.gaps import gaps as most_asked
from knowledge.gaps import note_gap
from knowledge.search import find_passages
from knowledge.sync import LIBRARY, make_ready
from knowledge.sync import sync as sync_library

knowledge_app = typer.Typer(
    name="knowledge", help="The library: what we know in prose.", no_args_is_help=True, rich_markup_mode=None
)
_JSON = typer.Option("--json", help="One JSON document.")


@knowledge_app.command()
def sync(
    folder: Annotated[
        Path, typer.Argument(help="Folder of Markdown documents; the library that comes with Parley if left out.")
    ] = LIBRARY,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Make the library the same as a folder of documents."""
    with opened_store() as store, opened_index() as index:
        report = sync_library(folder, store=store, index=index)
    if as_json:
        _write(json.dumps(asdict(report), indent=2, ensure_ascii=False))
        return
    _write(
        f"{report.documents} documents: {len(report.added)} passages added, {len(report.changed)} changed, "
        f"{len(report.removed)} removed, {report.unchanged} unchanged"
    )
    if report.indexed is None:
        _write("The index does not answer; full text answers until the next sync.")
    for key in [*report.added, *report.changed, *report.removed]:
        sign = "+" if key in report.added else "~" if key in report.changed else "-"
        _write(f"  {sign} {key}")
    for name in report.to_review:
        _write(f"  to review: {name}")


@knowledge_app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    language: Annotated[str, typer.Option(help="The language of the question: en, nl, de or fr.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=20, help="How many passages at most.")] = 3,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Ask the library. A question without an answer is counted as a gap."""
    with opened_store() as store, opened_index() as index:
        make_ready(store=store, index=index)
        language = language or detect(text).code
        found = find_passages(text, language, store=store, index=index, limit=limit)
        if not found:
            with store.session() as session:
                note_gap(session, text, language, at=store.clock.now())
                session.commit()
    if as_json:
        answer = {"question": text, "language": language, "found": [asdict(passage) for passage in found]}
        _write(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    if not found:
        _write("The library has no answer to that. The question has been noted.")
    for passage in found:
        _write(
            f"{passage.text}\n  {passage.title}, {passage.section} ({passage.document}; {passage.score:.2f} by {passage.by})\n"
        )


@knowledge_app.command()
def gaps(
    limit: Annotated[int, typer.Option(min=1, help="How many questions at most.")] = 50,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List the questions that found no answer, the most asked first."""
    with opened_store() as store, store.session() as session:
        asked = [
            {
                "question": gap.question,
                "language": gap.language,
                "times": gap.times,
                "last": gap.last_asked_at.isoformat(),
            }
            for gap in most_asked(session, limit)
        ]
    if as_json:
        _write(json.dumps({"gaps": asked}, indent=2, ensure_ascii=False))
        return
    for gap in asked:
        _write(f"{gap['times']:>5}  {gap['language']}  {gap['question']}")
    if not asked:
        _write("Every question found an answer.")


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
