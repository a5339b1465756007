"""`parley knowledge`: reading the library in, asking it, and measuring how well it answers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.chroma_server import opened_index
from app.installation import opened_store
from bot.embedded.language import detect
from knowledge.gaps import Gap, note_gap
from knowledge.gaps import gaps as most_asked
from knowledge.measuring import measure as measure_library
from knowledge.measuring import read_questions
from knowledge.search import Found, find_passages
from knowledge.sync import LIBRARY, SyncReport, make_ready
from knowledge.sync import sync as sync_library

knowledge_app = typer.Typer(
    name="knowledge", help="The library: what we know in prose.", no_args_is_help=True, rich_markup_mode=None
)
_JSON = typer.Option("--json", help="One JSON document.")
_SELLER = typer.Option(help="Leave out what only holds for other sellers than this one.")


@knowledge_app.command()
def sync(
    folder: Annotated[
        Path, typer.Argument(help="Folder of documents; the library that comes with Parley if left out.")
    ] = LIBRARY,
    is_trial: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Make the library the same as a folder of Markdown, HTML, PDF and Word documents."""
    with opened_store() as store:
        if is_trial:
            report = sync_library(folder, store=store, index=None, is_trial=True)
        else:
            with opened_index() as index:
                report = sync_library(folder, store=store, index=index)
    if as_json:
        _write_json(asdict(report) | {"dry_run": is_trial})
    else:
        _write("\n".join(_told(report, is_trial=is_trial)))


def _told(report: SyncReport, *, is_trial: bool) -> list[str]:
    lines = [
        f"{report.documents} documents: {len(report.added)} passages added, {len(report.changed)} changed, "
        f"{len(report.removed)} removed, {report.unchanged} unchanged"
    ]
    if is_trial:
        lines.append("Nothing was changed: this was a dry run.")
    elif report.indexed is None:
        lines.append("The index does not answer; full text answers until the next sync.")
    for key in [*report.added, *report.changed, *report.removed]:
        sign = "+" if key in report.added else "~" if key in report.changed else "-"
        lines.append(f"  {sign} {key}")
    lines += [f"  to review: {name}" for name in report.to_review]
    lines += [f"  expired: {name}" for name in report.expired]
    lines += [f"  behind a later version in another language: {key}" for key in report.behind]
    for odd in report.suspicious:
        where = f"{odd.document}, {odd.section}" if odd.section else odd.document
        lines.append(f"  suspicious ({odd.why}): {where}: {odd.sentence}")
    lines += [f"  answered now: {gap.question} ({gap.times} times) by {gap.answered_by}" for gap in report.gaps_closed]
    return lines


@knowledge_app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    language: Annotated[str, typer.Option(help="The language of the question: en, nl, de or fr.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=20, help="How many passages at most.")] = 3,
    audience: Annotated[
        Literal["customers", "staff"], typer.Option(help="Who asks: staff are also told what is for staff.")
    ] = "customers",
    seller: Annotated[str | None, _SELLER] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Ask the library. A question without an answer is counted as a gap."""
    with opened_store() as store, opened_index() as index:
        make_ready(store=store, index=index)
        language = language or detect(text).code
        found = find_passages(
            text, language, store=store, index=index, limit=limit, seller=seller, audience=audience
        )  # fmt: skip
        if not found:
            with store.session() as session:
                note_gap(session, text, language, at=store.clock.now(), seller=seller)
                session.commit()
    if as_json:
        _write_json({"question": text, "language": language, "found": [asdict(passage) for passage in found]})
        return
    if not found:
        _write("The library has no answer to that. The question has been noted.")
    for passage in found:
        _write(f"{passage.text}\n  {_cited(passage)} ({passage.document}; {passage.score:.2f} by {passage.by})\n")


def _cited(passage: Found) -> str:
    page = f", page {passage.page}" if passage.page is not None else ""
    return f"{passage.title}, {passage.section}{page}"


@knowledge_app.command()
def gaps(
    limit: Annotated[int, typer.Option(min=1, help="How many questions at most.")] = 50,
    answered: Annotated[bool, typer.Option("--answered", help="Those that the library answers by now.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List the questions that found no answer, the most asked first."""
    with opened_store() as store, store.session() as session:
        asked = [_gap(gap) for gap in most_asked(session, limit, answered=answered)]
    if as_json:
        _write_json({"gaps": asked})
        return
    for gap in asked:
        by = f"  answered by {gap['answered_by']}" if answered else ""
        _write(f"{gap['times']:>5}  {gap['language']}  {gap['question']}{by}")
    if not asked:
        _write("No gap has been answered yet." if answered else "Every question found an answer.")


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "question": gap.question,
        "language": gap.language,
        "seller": gap.seller or None,
        "times": gap.times,
        "first": gap.first_asked_at.isoformat(),
        "last": gap.last_asked_at.isoformat(),
        "state": "answered" if gap.answered_by else "open",
        "answered_by": gap.answered_by,
        "answered": gap.answered_at.isoformat() if gap.answered_at else None,
    }


@knowledge_app.command()
def measure(
    file: Annotated[Path, typer.Argument(help="Lines of language, section or -, and question, with tabs between.")],
    words_alone: Annotated[bool, typer.Option("--words-alone", help="As when the index is down.")] = False,
    seller: Annotated[str | None, _SELLER] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Measure the library against questions whose answers are known, by language."""
    questions = read_questions(file)
    with opened_store() as store, opened_index() as index:
        make_ready(store=store, index=index)
        told = measure_library(questions, store=store, index=None if words_alone else index, seller=seller)
    if as_json:
        _write_json(asdict(told))
        return
    _write("              right section first    right topic    off-topic answered")
    for one in told.languages:
        _write(
            f"{one.language:<8}{one.right_section:>8} of {one.questions:<4} {one.share_right:>5.1%}"
            f"{one.right_topic:>13}{one.answered_off_topic:>14} of {one.off_topic:<4} {one.share_off_topic:>5.1%}"
        )
    _write(
        f"{told.milliseconds_p50:.1f} ms a question at the median, {told.milliseconds_p95:.1f} ms at the 95th percentile"
    )
    for wrong in told.wrong:
        _write(f"  {wrong.language}  {wrong.question} -> {wrong.given}, not {wrong.wanted}")


def _write_json(answer: dict[str, Any]) -> None:
    _write(json.dumps(answer, indent=2, ensure_ascii=False))


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
