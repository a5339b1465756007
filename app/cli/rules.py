"""`parley rules`: finance's escalation rules, written in files, tried on past days, and switched on."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli.report import NotADay
from app.container import opened_store
from o2c_core.actions.acknowledge_escalation import acknowledge_escalation
from o2c_core.actions.close_escalation import close_escalation
from o2c_core.actions.decide_approval import decide_approval
from o2c_core.actions.run_escalations import run_escalations
from o2c_core.actions.save_rule import save_rule
from o2c_core.actions.switch_rule import switch_rule
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.escalations.approval import NoSuchApproval
from o2c_core.escalations.escalation import NoSuchEscalation
from o2c_core.escalations.facts import facts as published
from o2c_core.escalations.rule import newest_rules, rule_named
from o2c_core.escalations.rule_file import read_rule, rule_from
from o2c_core.escalations.shipped import shipped_rules
from o2c_core.escalations.standing import standing, waiting_approvals
from o2c_core.escalations.trial import Trial, try_rule
from o2c_core.escalations.wording import seen_in_words, summary
from o2c_core.store.store import Store

rules_app = typer.Typer(
    help="Finance's escalation rules: written in files, tried on past days, switched on.", no_args_is_help=True
)

TRIED_DAYS = 90
_Name = Annotated[str, typer.Argument(help="The rule's name.")]
_Seller = Annotated[
    str | None, typer.Option("--seller", help="The seller's reference; not needed where there is only one.")
]
_By = Annotated[str, typer.Option("--by", help="Who says so, for the trail.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_Version = Annotated[int | None, typer.Option("--version", help="Another version than the newest.")]


class CannotRead(Refused):
    """That file cannot be read."""


class WhichSeller(Refused):
    """There are several sellers here; say which one with --seller."""


@rules_app.command("facts")
def list_facts(as_json: _Json = False) -> None:
    """List what a rule may ask about."""
    rows = [
        {
            "name": fact.name,
            "type": fact.kind,
            "unit": fact.unit,
            "values": list(fact.values),
            "meaning": fact.meaning,
            "past_days": fact.past,
        }
        for fact in published().values()
    ]
    if as_json:
        _write({"facts": rows})
        return
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        unit = f"{row['type']}, {row['unit']}" if row["unit"] else row["type"]
        words = f" One of: {', '.join(row['values'])}." if row["values"] else ""
        past = "" if row["past_days"] == "known" else f" For a past day: {row['past_days']}."
        _say(f"{str(row['name']).ljust(width)}  {row['meaning']}{words}{past} ({unit})")


@rules_app.command("save")
def save(
    file: Annotated[Path, typer.Argument(help="The rule, as TOML.")],
    seller: _Seller = None,
    by: _By = "command line",
    as_json: _Json = False,
) -> None:
    """Save a rule, or a new version of it. It is off until it is switched on."""
    try:
        rule = read_rule(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as odd:
        raise CannotRead(f"{file} cannot be read as text.") from odd
    with opened_store() as store:
        saved = save_rule(rule, seller_ref=_seller_ref(store, seller), store=store, by=by)
        with store.session() as session:
            used = next((one for one in newest_rules(session, saved.seller_id) if one.name == saved.name), saved)
    if as_json:
        _write({"name": saved.name, "version": saved.version, "state": saved.state, "summary": summary(rule)})
        return
    _say(f"{saved.name}, version {saved.version}, is saved and {saved.state}.")
    if used.version != saved.version:
        _say(f"Version {used.version} stays {used.state} until you switch: parley rules on {saved.name}")
    _tell(summary(rule))


@rules_app.command("examples")
def examples(
    folder: Annotated[Path | None, typer.Argument(help="Write them to this folder as files to begin from.")] = None,
    as_json: _Json = False,
) -> None:
    """Show the rules that come with Parley, or write them to a folder."""
    if as_json:
        _write({"examples": [rule.model_dump(mode="json") for rule in shipped_rules()]})
        return
    source = Path(sys.modules[read_rule.__module__].__file__ or "").parent / "rules"
    for rule in shipped_rules():
        _say(f"{rule.name}: {rule.title}")
        if folder is None:
            _tell(summary(rule))
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{rule.name}.toml").write_bytes((source / f"{rule.name}.toml").read_bytes())
        except OSError as odd:
            raise CannotRead(f"{folder} cannot be written to: {odd.strerror}.") from odd


@rules_app.command("list")
def list_rules(seller: _Seller = None, as_json: _Json = False) -> None:
    """List the rules, and what stands open by them."""
    with opened_store() as store, store.session() as session:
        one = _seller(session, seller)
        found = [each.to_json() for each in standing(session, one.id, store.clock.now())]
        rows = [
            {
                "name": rule.name,
                "version": rule.version,
                "state": rule.state,
                "title": rule.document["title"],
                "open": sum(each["rule"] == rule.name for each in found),
            }
            for rule in newest_rules(session, one.id)
        ]
    if as_json:
        _write({"rules": rows, "escalations": found})
        return
    for row in rows:
        _say(f"{row['state']:5}  {row['name']} (version {row['version']}): {row['title']}; {row['open']} open")
    for each in found:
        late = ", late" if each["is_late"] else ""
        _say(f"\n{each['id']}\n  {each['title']}: {each['name']} ({each['customer']}), {each['stands']}{late}, {each['owner']}'s"
             f" since {each['fired_on']}\n  {each['seen']}")  # fmt: skip
    _say(f"{len(rows)} rules, {len(found)} open.")


@rules_app.command("show")
def show(name: _Name, seller: _Seller = None, version: _Version = None, as_json: _Json = False) -> None:
    """Say a rule in plain words."""
    with opened_store() as store, store.session() as session:
        kept = rule_named(session, _seller(session, seller).id, name, version)
    rule = rule_from(kept.document)
    if as_json:
        _write({"version": kept.version, "state": kept.state, "document": kept.document, "summary": summary(rule)})
        return
    _say(f"{rule.title} ({kept.name}, version {kept.version}, {kept.state})")
    _tell(summary(rule))


@rules_app.command("try")
def try_it(
    name: _Name,
    from_day: Annotated[str | None, typer.Option("--from", help="The first day; 90 days ago without it.")] = None,
    to_day: Annotated[str | None, typer.Option("--to", help="The last day; yesterday without it.")] = None,
    seller: _Seller = None,
    version: _Version = None,
    as_json: _Json = False,
) -> None:
    """Say on which past days a rule would have fired, and for whom. Nothing is changed."""
    with opened_store() as store, store.session() as session:
        one = _seller(session, seller)
        rule = rule_from(rule_named(session, one.id, name, version).document)
        last = _day(to_day) if to_day else today(store.clock, one.time_zone) - timedelta(days=1)
        first = _day(from_day) if from_day else last - timedelta(days=TRIED_DAYS - 1)
        tried = try_rule(session, one.id, rule, first, last)
    if as_json:
        _write(tried.to_json())
        return
    _tell_trial(tried)


@rules_app.command("on")
def switch_on(name: _Name, seller: _Seller = None, version: _Version = None, by: _By = "command line") -> None:
    """Switch a rule on: from the next run it acts."""
    _switch(name, "on", seller, version, by)


@rules_app.command("trial")
def switch_to_trial(name: _Name, seller: _Seller = None, version: _Version = None, by: _By = "command line") -> None:
    """Let a rule run without acting: each day it is noted for whom it would fire."""
    _switch(name, "trial", seller, version, by)


@rules_app.command("off")
def switch_off(name: _Name, seller: _Seller = None, version: _Version = None, by: _By = "command line") -> None:
    """Switch a rule off: what stands open by it is over."""
    _switch(name, "off", seller, version, by)


@rules_app.command("run")
def run(
    on: Annotated[
        str | None, typer.Option("--on", help="The day; today without it. Another day only with --dry-run.")
    ] = None,
    seller: _Seller = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: _Json = False,
) -> None:
    """Run the rules now: fire what holds, end what no longer does, take up what nobody took."""
    with opened_store() as store:
        found = run_escalations(_day(on) if on else None, store=store, seller_ref=seller, dry_run=dry_run)
    if as_json:
        _write(found.to_json())
        return
    for entry in found.entries:
        _say(entry.sentence)
    for name, why in found.unclear:
        _say(f"{name} cannot be judged: {why}")
    would = "would fire" if dry_run else "fired"
    _say(f"{found.count('fired')} {would}, {found.count('tried')} in trial, {found.count('over')} over, "
         f"{found.count('raised')} went up a level.")  # fmt: skip


@rules_app.command("acknowledge")
def acknowledge(
    escalation: Annotated[str, typer.Argument(help="The escalation's id, as `parley rules list` shows it.")],
    by: _By,
) -> None:
    """Say that you have it."""
    with opened_store() as store:
        one = acknowledge_escalation(_key(escalation, NoSuchEscalation), by=by, store=store)
    _say(f"Acknowledged by {one.acknowledged_by}.")


@rules_app.command("close")
def close(
    escalation: Annotated[str, typer.Argument(help="The escalation's id, as `parley rules list` shows it.")],
    how: Annotated[str, typer.Option("--how", help="What was done about it.")],
    by: _By = "command line",
) -> None:
    """Say what was done about it; the rule does not fire again while its condition goes on holding."""
    with opened_store() as store:
        close_escalation(_key(escalation, NoSuchEscalation), by=by, how=how, store=store)
    _say("The escalation is closed.")


@rules_app.command("approvals")
def approvals(seller: _Seller = None, as_json: _Json = False) -> None:
    """List what waits for somebody's approval."""
    with opened_store() as store, store.session() as session:
        rows = [
            {
                "id": str(one.id),
                "kind": one.kind,
                "subject": one.subject,
                "role": one.role,
                "asked_at": one.asked_at.isoformat(),
            }
            for one in waiting_approvals(session, _seller(session, seller).id)
        ]
    if as_json:
        _write({"approvals": rows})
        return
    for row in rows:
        _say(f"{row['id']}  for {row['role']}\n    {row['subject']}")
    _say(f"{len(rows)} {'waits' if len(rows) == 1 else 'wait'} for approval.")


@rules_app.command("decide")
def decide(
    approval: Annotated[str, typer.Argument(help="The approval's id, as `parley rules approvals` shows it.")],
    why: Annotated[str, typer.Option("--why", help="Why; whoever asked reads it.")],
    role: Annotated[str, typer.Option("--role", help="With whose authority: agent, finance or manager.")],
    yes: Annotated[bool, typer.Option("--yes/--no", help="Approve or refuse.")],
    by: _By = "command line",
) -> None:
    """Approve or refuse; what is approved is carried out at once."""
    with opened_store() as store:
        done = decide_approval(
            _key(approval, NoSuchApproval), approve=yes, by=by, role=role, why=why, store=store
        )  # fmt: skip
    _say(f"It is {done.state}." + (f" {done.outcome}" if done.outcome else ""))


def _switch(name: str, state: str, seller: str | None, version: int | None, by: str) -> None:
    with opened_store() as store:
        rule = switch_rule(name, state, seller_ref=_seller_ref(store, seller), store=store, by=by, version=version)
    said = {"on": "on", "off": "off", "trial": "in trial"}[state]
    _say(f"{rule.name}, version {rule.version}, is {said}.")


def _seller_ref(store: Store, ref: str | None) -> str:
    with store.session() as session:
        return _seller(session, ref).ref


def _seller(session: Session, ref: str | None) -> Seller:
    """The one that is named, or the only one there is. Raises: NotFound; WhichSeller."""
    query = select(Seller).order_by(Seller.ref).limit(2)
    found = session.scalars(query.where(Seller.ref == ref) if ref else query).all()
    if not found:
        raise NotFound(f"There is no seller {ref!r} here." if ref else "There is no seller here yet.")
    if len(found) > 1:
        raise WhichSeller
    return found[0]


def _key(written: str, missing: type[NotFound]) -> UUID:
    try:
        return UUID(written)
    except ValueError as odd:
        raise missing(id=written) from odd


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as odd:
        raise NotADay from odd


def _tell_trial(tried: Trial) -> None:
    _say(f"{tried.rule.title}\n{tried.sentence}")
    for one in tried.firings:
        until = f"until {one.over_on - timedelta(days=1)}" if one.over_on else "and still"
        already = ", so already" if one.since_before else ""
        _say(f"  {one.on}{already} {until}: {one.subject.name} ({one.subject.ref}): {seen_in_words(one.seen)}")
    for fact in tried.assumed:
        _say(f"For past days nobody knows what {fact.name} was; taken instead: {fact.past}.")


def _tell(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        _say(f"  {sentence}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
