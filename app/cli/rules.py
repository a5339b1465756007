"""`parley rules`: finance's escalation rules, written in files, tried on past days, and switched on."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from app.cli.rules_asked import (
    AsJson,
    By,
    RuleName,
    SellerRef,
    Version,
    day_of,
    say,
    seller_ref,
    tell,
    the_seller,
    write,
)  # fmt: skip
from app.cli.rules_open import COMMANDS
from app.installation import opened_store
from o2c_core.actions.save_rule import save_rule
from o2c_core.actions.switch_rule import switch_rule
from o2c_core.clock import today
from o2c_core.errors import Refused
from o2c_core.escalations.facts import facts as published
from o2c_core.escalations.rule import newest_rules, rule_named
from o2c_core.escalations.rule_file import read_rule, rule_from
from o2c_core.escalations.shipped import shipped_rules
from o2c_core.escalations.trial import Trial, try_rule
from o2c_core.escalations.wording import seen_in_words, summary

rules_app = typer.Typer(
    help="Finance's escalation rules: written in files, tried on past days, switched on.", no_args_is_help=True
)

TRIED_DAYS = 90


class CannotRead(Refused):
    """That file cannot be read."""


@rules_app.command("facts")
def list_facts(as_json: AsJson = False) -> None:
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
        write({"facts": rows})
        return
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        unit = f"{row['type']}, {row['unit']}" if row["unit"] else row["type"]
        words = f" One of: {', '.join(row['values'])}." if row["values"] else ""
        past = "" if row["past_days"] == "known" else f" For a past day: {row['past_days']}."
        say(f"{str(row['name']).ljust(width)}  {row['meaning']}{words}{past} ({unit})")


@rules_app.command("save")
def save(
    file: Annotated[Path, typer.Argument(help="The rule, as TOML.")],
    seller: SellerRef = None,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Save a rule, or a new version of it. It is off until it is switched on."""
    try:
        rule = read_rule(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as odd:
        raise CannotRead(f"{file} cannot be read as text.") from odd
    with opened_store() as store:
        saved = save_rule(rule, seller_ref=seller_ref(store, seller), store=store, by=by)
        with store.session() as session:
            used = next((one for one in newest_rules(session, saved.seller_id) if one.name == saved.name), saved)
    if as_json:
        write({"name": saved.name, "version": saved.version, "state": saved.state, "summary": summary(rule)})
        return
    say(f"{saved.name}, version {saved.version}, is saved and {saved.state}.")
    if used.version != saved.version:
        say(f"Version {used.version} stays {used.state} until you switch: parley rules on {saved.name}")
    tell(summary(rule))


@rules_app.command("examples")
def examples(
    folder: Annotated[Path | None, typer.Argument(help="Write them to this folder as files to begin from.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the rules that come with Parley, or write them to a folder."""
    if as_json:
        write({"examples": [rule.model_dump(mode="json") for rule in shipped_rules()]})
        return
    source = Path(sys.modules[read_rule.__module__].__file__ or "").parent / "rules"
    for rule in shipped_rules():
        say(f"{rule.name}: {rule.title}")
        if folder is None:
            tell(summary(rule))
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{rule.name}.toml").write_bytes((source / f"{rule.name}.toml").read_bytes())
        except OSError as odd:
            raise CannotRead(f"{folder} cannot be written to: {odd.strerror}.") from odd


@rules_app.command("show")
def show(name: RuleName, seller: SellerRef = None, version: Version = None, as_json: AsJson = False) -> None:
    """Say a rule in plain words."""
    with opened_store() as store, store.session() as session:
        kept = rule_named(session, the_seller(session, seller).id, name, version)
    rule = rule_from(kept.document)
    if as_json:
        write({"version": kept.version, "state": kept.state, "document": kept.document, "summary": summary(rule)})
        return
    say(f"{rule.title} ({kept.name}, version {kept.version}, {kept.state})")
    tell(summary(rule))


@rules_app.command("try")
def try_it(
    name: RuleName,
    from_day: Annotated[str | None, typer.Option("--from", help="The first day; 90 days ago without it.")] = None,
    to_day: Annotated[str | None, typer.Option("--to", help="The last day; yesterday without it.")] = None,
    seller: SellerRef = None,
    version: Version = None,
    as_json: AsJson = False,
) -> None:
    """Say on which past days a rule would have fired, and for whom. Nothing is changed."""
    with opened_store() as store, store.session() as session:
        one = the_seller(session, seller)
        rule = rule_from(rule_named(session, one.id, name, version).document)
        last = day_of(to_day) if to_day else today(store.clock, one.time_zone) - timedelta(days=1)
        first = day_of(from_day) if from_day else last - timedelta(days=TRIED_DAYS - 1)
        tried = try_rule(session, one.id, rule, first, last)
    if as_json:
        write(tried.to_json())
        return
    _tell_trial(tried)


@rules_app.command("on")
def switch_on(
    name: RuleName,
    seller: SellerRef = None,
    version: Version = None,
    by: By = "command line",
    role: Annotated[str, typer.Option("--role", help="With whose authority: finance or manager.")] = "finance",
) -> None:
    """Switch a rule on: from the next run it acts."""
    _switch(name, "on", seller, version, by, role)


@rules_app.command("trial")
def switch_to_trial(name: RuleName, seller: SellerRef = None, version: Version = None, by: By = "command line") -> None:
    """Let a rule run without acting: each day it is noted for whom it would fire."""
    _switch(name, "trial", seller, version, by)


@rules_app.command("off")
def switch_off(name: RuleName, seller: SellerRef = None, version: Version = None, by: By = "command line") -> None:
    """Switch a rule off: what stands open by it is over."""
    _switch(name, "off", seller, version, by)


def _switch(name: str, state: str, seller: str | None, version: int | None, by: str, role: str = "finance") -> None:
    with opened_store() as store:
        rule = switch_rule(
            name, state, seller_ref=seller_ref(store, seller), store=store, by=by, version=version, role=role
        )  # fmt: skip
    said = {"on": "on", "off": "off", "trial": "in trial"}[state]
    say(f"{rule.name}, version {rule.version}, is {said}.")


def _tell_trial(tried: Trial) -> None:
    say(f"{tried.rule.title}\n{tried.sentence}")
    for one in tried.firings:
        until = f"until {one.over_on - timedelta(days=1)}" if one.over_on else "and still"
        already = ", so already" if one.since_before else ""
        say(f"  {one.on}{already} {until}: {one.subject.name} ({one.subject.ref}): {seen_in_words(one.seen)}")
    for fact in tried.assumed:
        say(f"For past days nobody knows what {fact.name} was; taken instead: {fact.past}.")


for _name, _command in COMMANDS.items():
    rules_app.command(_name)(_command)
