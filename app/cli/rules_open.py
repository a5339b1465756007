"""`parley rules list, run, acknowledge, close, approvals, decide`: what stands open by the rules, and whose it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from app.cli.rules_asked import AsJson, By, SellerRef, day_of, key_of, say, the_seller, write
from app.installation import opened_store
from o2c_core.actions.acknowledge_escalation import acknowledge_escalation
from o2c_core.actions.close_escalation import close_escalation
from o2c_core.actions.decide_approval import decide_approval
from o2c_core.actions.run_escalations import run_escalations
from o2c_core.escalations.approval import NoSuchApproval
from o2c_core.escalations.escalation import NoSuchEscalation
from o2c_core.escalations.rule import newest_rules
from o2c_core.escalations.standing import standing, unfinished_approvals, waiting_approvals
from o2c_core.escalations.written import title_written


def list_rules(seller: SellerRef = None, as_json: AsJson = False) -> None:
    """List the rules, and what stands open by them."""
    with opened_store() as store, store.session() as session:
        one = the_seller(session, seller)
        found = [each.to_json() for each in standing(session, one.id, store.clock.now())]
        rows = [
            {
                "name": rule.name,
                "version": rule.version,
                "state": rule.state,
                "title": title_written(rule.document) or rule.name,
                "open": sum(each["rule"] == rule.name for each in found),
            }
            for rule in newest_rules(session, one.id)
        ]
    if as_json:
        write({"rules": rows, "escalations": found})
        return
    for row in rows:
        say(f"{row['state']:5}  {row['name']} (version {row['version']}): {row['title']}; {row['open']} open")
    for each in found:
        late = ", late" if each["is_late"] else ""
        say(f"\n{each['id']}\n  {each['title']}: {each['name']} ({each['customer']}), {each['stands']}{late}, {each['owner']}'s"
             f" since {each['fired_on']}\n  {each['seen']}")  # fmt: skip
    say(f"{len(rows)} {'rule' if len(rows) == 1 else 'rules'}, {len(found)} open.")


def run(
    on: Annotated[
        str | None, typer.Option("--on", help="The day; today without it. Another day only with --dry-run.")
    ] = None,
    seller: SellerRef = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the rules now: fire what holds, end what no longer does, take up what nobody took."""
    with opened_store() as store:
        found = run_escalations(day_of(on) if on else None, store=store, seller_ref=seller, dry_run=dry_run)
    if as_json:
        write(found.to_json())
        raise typer.Exit(code=1 if found.troubles else 0)
    for entry in found.entries:
        (sys.stderr if entry.is_trouble else sys.stdout).write(entry.sentence + "\n")
    would = "would fire" if dry_run else "fired"
    say(f"{found.count('fired')} {would}, {found.count('tried')} in trial, {found.count('over')} over, "
         f"{found.count('raised')} went up a level.")  # fmt: skip
    if found.troubles:
        raise typer.Exit(code=1)


def acknowledge(
    escalation: Annotated[str, typer.Argument(help="The escalation's id, as `parley rules list` shows it.")],
    by: By,
) -> None:
    """Say that you have it."""
    with opened_store() as store:
        one = acknowledge_escalation(key_of(escalation, NoSuchEscalation), by=by, store=store)
    say(f"Acknowledged by {one.acknowledged_by}.")


def close(
    escalation: Annotated[str, typer.Argument(help="The escalation's id, as `parley rules list` shows it.")],
    how: Annotated[str, typer.Option("--how", help="What was done about it.")],
    by: By = "command line",
) -> None:
    """Say what was done about it; the rule does not fire again while its condition goes on holding."""
    with opened_store() as store:
        close_escalation(key_of(escalation, NoSuchEscalation), by=by, how=how, store=store)
    say("The escalation is closed.")


def approvals(seller: SellerRef = None, as_json: AsJson = False) -> None:
    """List what waits for somebody's approval."""
    with opened_store() as store, store.session() as session:
        of = the_seller(session, seller).id
        rows = [
            {
                "id": str(one.id),
                "kind": one.kind,
                "state": one.state,
                "subject": one.subject,
                "role": one.role,
                "asked_at": one.asked_at.isoformat(),
            }
            for one in (*waiting_approvals(session, of), *unfinished_approvals(session, of))
        ]
    if as_json:
        write({"approvals": rows})
        return
    for row in rows:
        broke = "" if row["state"] == "waiting" else ", approved and not carried out yet: decide the same again"
        say(f"{row['id']}  for {row['role']}{broke}\n    {row['subject']}")
    waiting = sum(row["state"] == "waiting" for row in rows)
    say(f"{waiting} {'waits' if waiting == 1 else 'wait'} for approval.")


def decide(
    approval: Annotated[str, typer.Argument(help="The approval's id, as `parley rules approvals` shows it.")],
    why: Annotated[str, typer.Option("--why", help="Why; whoever asked reads it.")],
    role: Annotated[str, typer.Option("--role", help="With whose authority: agent, finance or manager.")],
    yes: Annotated[bool, typer.Option("--yes/--no", help="Approve or refuse.")],
    by: By = "command line",
) -> None:
    """Approve or refuse; what is approved is carried out at once."""
    with opened_store() as store:
        done = decide_approval(
            key_of(approval, NoSuchApproval), approve=yes, by=by, role=role, why=why, store=store
        )  # fmt: skip
    say(f"It is {done.state}." + (f" {done.outcome}" if done.outcome else ""))


COMMANDS: Mapping[str, Callable[..., None]] = {
    "list": list_rules, "run": run, "acknowledge": acknowledge, "close": close, "approvals": approvals, "decide": decide,
}  # fmt: skip
