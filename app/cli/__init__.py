"""The command line: `parley`."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from app.logs import set_up_logs
from app.settings import settings
from o2c_core.errors import Failure

# Where each command lives. Only the one that was asked for is imported: the assistant takes a second or two to load,
# and `parley doctor` should not wait for it.
COMMANDS = {
    "demo": "app.cli.serving:demo",
    "serve": "app.cli.serving:serve",
    "work": "app.cli.serving:work",
    "migrate": "app.cli.migrate:migrate_database",
    "seller": "app.cli.seller:seller_app",
    "import": "app.cli.import_:import_files",
    "match": "app.cli.match:match",
    "chat": "app.cli.chat:chat",
    "hear": "app.cli.hear:hear_app",
    "ladder": "app.cli.ladder:ladder_app",
    "approve": "app.cli.approve:approve_app",
    "ahead": "app.cli.ahead:look_ahead",
    "why": "app.cli.why:why",
    "remind": "app.cli.remind:remind",
    "rules": "app.cli.rules:rules_app",
    "ship": "app.cli.ship:ship",
    "inform": "app.cli.inform:inform",
    "report": "app.cli.report:report",
    "timeline": "app.cli.timeline:timeline",
    "document": "app.cli.document:document",
    "key": "app.cli.key:key_app",
    "webhook": "app.cli.webhook:webhook_app",
    "task": "app.cli.task:task_app",
    "notice": "app.cli.notice:notice_app",
    "privacy": "app.cli.privacy:privacy_app",
    "knowledge": "app.cli.knowledge:knowledge_app",
    "train": "app.cli.train:train",
    "eval": "app.cli.eval:eval_app",
    "simulate": "app.cli.simulate:simulate",
    "bench": "app.cli.bench:bench",
    "doctor": "app.cli.doctor:doctor",
}


def command_line(asked: str | None = None) -> typer.Typer:
    """The command line with the one command asked for; with all of them when that is none of them (`--help`)."""
    cli = typer.Typer(
        name="parley",
        help="A conversational order-to-cash assistant.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    cli.callback()(lambda: None)
    for name in [asked] if asked in COMMANDS else COMMANDS:
        module, _, attribute = COMMANDS[str(name)].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            cli.add_typer(found, name=name)
        else:
            cli.command(name)(found)
    return cli


def main() -> None:
    """Runs a command. A refusal or outage is one sentence on standard error and exit code 1."""
    try:
        set_up_logs(settings().log_level)
        command_line(sys.argv[1] if len(sys.argv) > 1 else None)()
    except Failure as failure:
        sys.stderr.write(f"parley: {failure.sentence}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(141)
