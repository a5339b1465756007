"""`parley remind`: who has earned a reminder on a day, and sending it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from app.container import carriers
from app.installation import doorplate, opened_store
from app.settings import settings
from o2c_core import days, money
from o2c_core.actions.deliver_message import deliver_queued
from o2c_core.actions.run_reminders import Progress, run_reminders
from o2c_core.conversations.outbox import delivery_states
from o2c_core.errors import Refused
from o2c_core.reminders.ahead_day import sums
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.run import CustomerEntry, InvoiceEntry, RemindersRun
from o2c_core.store.store import Store

_LOCALE = "en_GB"
TURNS_WAITED = 40

# Beside a message these are no news: the invoice is in it, is not due yet, or is done with.
_QUIET = (None, Reason.NOT_YET, Reason.PAID, Reason.CREDITED)


class NotADay(Refused):
    """Give --on as a day of the calendar, year first: 2026-03-16."""


def remind(
    on: Annotated[str, typer.Option(help="The day to remind for, where the seller is: 2026-03-16.")],
    seller: Annotated[
        str | None, typer.Option(help="Only this seller, by its reference; all sellers if left out.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show who would get what and why, and write nothing.")
    ] = False,
    brief: Annotated[
        bool,
        typer.Option("--brief", help="Only the counts, and nobody looked at of whom nothing has come to a new step."),
    ] = False,
    queue_only: Annotated[bool, typer.Option("--queue-only", help="Leave the sending to the workers.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Remind customers of what they owe: one message per customer, never twice at the same step.

    It can be started twice and in several processes at once, which share the work, and goes on where one was killed.
    """
    day = _day(on)
    links = doorplate(settings())
    with opened_store() as store:
        with _watched(quiet=as_json) as progress:
            run = run_reminders(
                day, store=store, seller_ref=seller, dry_run=dry_run, doorplate=links, in_full=not brief,
                progress=progress,
            )  # fmt: skip
        sent = 0
        if not dry_run and not queue_only:
            with _waiting("Sending …", quiet=as_json):
                deliver_queued(store=store, carriers=carriers(), doorplate=links)
                sent = _sent(run, store)
    if as_json:
        sys.stdout.write(json.dumps(run.to_json() | {"sent": sent}, ensure_ascii=False, indent=2) + "\n")
    elif brief:
        _show_counts(run, sent, _console())
    else:
        _show(run, sent, _console())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as odd:
        raise NotADay(text=text) from odd


def _waiting(what: str, *, quiet: bool) -> AbstractContextManager[Any]:
    screen = Console(stderr=True)
    return screen.status(what) if screen.is_terminal and not quiet else nullcontext()


@contextmanager
def _watched(*, quiet: bool) -> Iterator[Progress | None]:
    """A bar over the customers for somebody who is looking; nothing where standard error is a file or a pipe."""
    screen = Console(stderr=True)
    if quiet or not screen.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("Customers", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _console() -> Console:
    """Plain and as wide as its lines where nobody is looking, so that nothing is cut off in a file."""
    watched = sys.stdout.isatty()
    return Console(markup=False, highlight=False, emoji=False, width=None if watched else 10_000)


def _sent(run: RemindersRun, store: Store) -> int:
    """How many of the run's messages were sent: by this command, or by a worker that was quicker.

    Those that wait for their hour are not waited for.
    """
    written = [entry.message_id for entry in run.reminded if entry.message_id and entry.waits_until is None]
    for _ in range(TURNS_WAITED):
        with store.session() as session:
            states = delivery_states(session, written)
        if not states["queued"] and not states["sending"]:
            break
        time.sleep(0.25)
    return states["sent"]


def _show(run: RemindersRun, sent: int, screen: Console) -> None:
    # What waits for approval asks nobody for anything yet.
    asked = ", ".join(money.show_plain(amount, _LOCALE) for amount in sums(entry.asked for entry in run.reminded))
    head = f"Reminders on {days.show(run.on, _LOCALE)}: {_count(len(run.reminded), 'message')}"
    screen.print(head + (f", asking for {asked}." if asked else "."))
    if run.reminded:
        screen.print(_reminded(run.reminded, screen))
    if run.drafted:
        screen.print(f"Waiting for approval: {_count(len(run.drafted), 'message')}.")
        screen.print(_reminded(run.drafted, screen))
    if run.calls:
        screen.print(f"To be called by a person: {_count(len(run.calls), 'customer')}.")
        screen.print(_reminded(run.calls, screen))
    # A customer with nothing due yet is the normal case and would bury the others.
    early = [entry for entry in run.skipped if entry.reason is Reason.NOT_YET]
    told = [entry for entry in run.skipped if entry.reason is not Reason.NOT_YET]
    if told:
        screen.print(f"Not reminded: {_count(len(told), 'customer')}.")
        screen.print(_skipped(told, screen))
    if early:
        screen.print(f"Nothing due yet: {_count(len(early), 'customer')}.")
    if run.waiting:
        screen.print(f"Waiting for their hour: {_count(len(run.waiting), 'message')}.")
        screen.print(_waits(run.waiting, screen))
    _show_unplanned(run, screen)
    if run.dry_run:
        for entry in (*run.reminded, *run.drafted):
            subject = f"Subject: {entry.subject}\n" if entry.subject else ""
            screen.print(f"\n--- To {entry.address} by {entry.channel}\n{subject}\n{entry.text}", soft_wrap=True)
        screen.print("This was a dry run: nothing was written and nothing was sent.")
    else:
        screen.print(f"Written: {_count(len(run.reminded), 'message')}. Sent: {_count(sent, 'message')}.")


def _show_counts(run: RemindersRun, sent: int, screen: Console) -> None:
    """What came of it in one line each, for a book too large to be listed."""
    said = run.to_json()
    asked = ", ".join(money.show_plain(amount, _LOCALE) for amount in run.totals.values()) or "nothing"
    screen.print(f"Reminders on {days.show(run.on, _LOCALE)}: {_count(run.messages, 'message')}, asking for {asked}.")
    screen.print(
        f"Waiting for approval: {said['drafts']}. Calls: {said['calls']}. Not reminded: {said['customers_skipped']}."
    )
    for reason, count in run.reasons.most_common():
        screen.print(f"  {_count(count, 'invoice')}: {reason.sentence}")
    _show_unplanned(run, screen)
    screen.print(f"Waiting for their hour: {said['waiting']}. Sent: {sent}.")


def _show_unplanned(run: RemindersRun, screen: Console) -> None:
    """Whom the run broke on, and who was somebody else's: never left unsaid, whatever else is shown."""
    if run.overtaken:
        others = _count(run.overtaken, "customer")
        screen.print(f"Left out, since somebody else was reminding them at that moment: {others}.")
    if run.unplanned:
        screen.print(f"Broke on what is on record, a person has to look: {_count(len(run.unplanned), 'customer')}.")
    for one in run.unplanned:
        screen.print(f"  {one.customer_id}: {one.broke}")


def _reminded(entries: Iterable[CustomerEntry], screen: Console) -> Table:
    table = _table(screen, "Customer", "Name", "Step", "To", "Language", "Invoices", "Asked", "Left out")
    table.columns[-2].justify = "right"
    for entry in entries:
        numbers = ", ".join(_named(line) for line in entry.invoices if line.rung)
        asked = money.show_plain(entry.asked, _LOCALE)
        left = [f"{_named(line)}: {line.sentence}" for line in entry.invoices if line.reason not in _QUIET]
        left += [f"Not to {one.address} by {one.channel}: {one.reason.sentence}" for one in entry.passed_over]
        left_out = "\n".join(left)
        table.add_row(
            entry.customer,
            entry.name,
            entry.rung or "",
            entry.address or "",
            entry.language or "",
            numbers,
            asked,
            left_out,
        )
    return table


def _waits(entries: Iterable[CustomerEntry], screen: Console) -> Table:
    table = _table(screen, "Customer", "Name", "To", "Until (UTC)", "Why")
    for entry in entries:
        until = entry.waits_until.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if entry.waits_until else ""
        table.add_row(entry.customer, entry.name, entry.address or "", until, entry.waits_why or "")
    return table


def _skipped(entries: Iterable[CustomerEntry], screen: Console) -> Table:
    table = _table(screen, "Customer", "Name", "Why", "Invoices")
    for entry in entries:
        lines = [line for line in entry.invoices if line.reason is not Reason.NOT_YET]
        same = all(line.sentence == entry.sentence for line in lines)
        told = [_named(line) if same else f"{_named(line)}: {line.sentence}" for line in lines]
        table.add_row(entry.customer, entry.name, entry.sentence or "", (", " if same else "\n").join(told))
    return table


def _named(line: InvoiceEntry) -> str:
    return f"{line.number} (part {line.part} of {line.parts})" if line.part else line.number


def _table(screen: Console, *columns: str) -> Table:
    watched = screen.is_terminal
    table = Table(box=box.SIMPLE if watched else None, pad_edge=watched, padding=(0, 1) if watched else (0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
