"""The command line: `parley`."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from app.logs import set_up_logs
from app.settings import settings
from o2c_core.errors import Failure

# Where each command lives, and the sentence `parley --help` has about it. Only the one that was asked for is imported: all
# of them together take seconds to load.
COMMANDS = {
    "demo": (
        "app.cli.serving:demo",
        "Show Parley with a fictional seller, six months of history, and five things to try.",
    ),
    "serve": ("app.cli.serving:serve", "Serve the web application, with a worker inside."),
    "work": ("app.cli.serving:work", "Carry out jobs: a worker alone, as many as you like."),
    "migrate": ("app.cli.migrate:migrate_database", "Bring the database to the newest schema."),
    "user": ("app.cli.user:user_app", "Your own people: who may sign in to the desk, and as what."),
    "seller": ("app.cli.seller:seller_app", "Who sells through this installation."),
    "import": ("app.cli.import_:import_files", "Import files of other systems; each is one transaction."),
    "match": (
        "app.cli.match:match",
        "Match money from the bank with invoices, and list what waits for a person with what it might be.",
    ),
    "chat": ("app.cli.chat:chat", "Talk in the terminal as a verified customer, or as a stranger."),
    "hear": ("app.cli.hear:hear_app", "Let a message in as a provider would deliver it."),
    "ladder": (
        "app.cli.ladder:ladder_app",
        "Which reminders go out when: ladders, their versions, and for whom they hold.",
    ),
    "approve": ("app.cli.approve:approve_app", "The reminders that wait for somebody of finance."),
    "ahead": (
        "app.cli.ahead:look_ahead",
        "What would go out on each of the coming days, on the ledger as it is; nothing is written.",
    ),
    "why": (
        "app.cli.why:why",
        "What was sent, what was not, what would be, and why: for finance, and as the customer may read it.",
    ),
    "remind": (
        "app.cli.remind:remind",
        "Remind customers of what they owe: one message per customer, never twice at the same step.",
    ),
    "rules": (
        "app.cli.rules:rules_app",
        "Finance's escalation rules: written in files, tried on past days, switched on.",
    ),
    "ship": ("app.cli.ship:ship", "Let goods leave."),
    "inform": ("app.cli.inform:inform", "Queue what is ripe to be told."),
    "report": (
        "app.cli.report:report",
        "What is open, by how late it is, and every other figure and list, per seller.",
    ),
    "timeline": (
        "app.cli.timeline:timeline",
        "Orders, shipments, invoices, payments, reminders, promises, disputes and messages up to today, newest first.",
    ),
    "document": (
        "app.cli.document:document",
        "Write an invoice copy or a statement of account as a PDF, with what is open now and how to pay it.",
    ),
    "link": (
        "app.cli.link:link",
        "A link to one invoice, one order, or everything that the contact's role sees.",
    ),
    "key": ("app.cli.key:key_app", "Keys by which other systems use the API."),
    "widget": (
        "app.cli.widget:widget",
        "Print the script tag, the sites it may stand on, and how the site says who is signed in there.",
    ),
    "webhook": ("app.cli.webhook:webhook_app", "Who is told of what happens in a seller's ledger."),
    "task": ("app.cli.task:task_app", "What only a person can put right about messages."),
    "notice": ("app.cli.notice:notice_app", "Formal notices: off until a seller turns them on."),
    "privacy": ("app.cli.privacy:privacy_app", "What is kept about people: give out, erase, let go."),
    "knowledge": ("app.cli.knowledge:knowledge_app", "The library: what we know in prose."),
    "train": (
        "app.cli.train:train",
        "Learn the intents from the example files (about five minutes), or check what was learned.",
    ),
    "eval": ("app.cli.eval:eval_app", "How well the assistant understands and does."),
    "simulate": (
        "app.cli.simulate:simulate",
        "Try a way of reminding on simulated customers, and check every message it sends.",
    ),
    "bench": (
        "app.cli.bench:bench",
        "Measure Parley through its real doors, on embedded defaults, in a temporary folder.",
    ),
    "doctor": ("app.cli.doctor:doctor", "Say what is set, what is missing, and what it would take."),
}


def command_line(asked: str | None = None) -> typer.Typer:
    """The command line with the one command asked for; with all of them when that is none of them."""
    cli = _empty()
    for name in [asked] if asked in COMMANDS else COMMANDS:
        module, _, attribute = COMMANDS[str(name)][0].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            cli.add_typer(found, name=name)
        else:
            cli.command(name)(found)
    return cli


def overview() -> typer.Typer:
    """The command line as `parley --help` shows it, with nothing behind its commands."""
    cli = _empty()
    for name, (_, sentence) in COMMANDS.items():
        cli.command(name, help=sentence)(lambda: None)
    return cli


def _empty() -> typer.Typer:
    cli = typer.Typer(
        name="parley",
        help="A conversational order-to-cash assistant.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    cli.callback()(lambda: None)
    return cli


def main() -> None:
    """Runs a command. A refusal or outage is one sentence on standard error and exit code 1."""
    try:
        set_up_logs(settings().log_level)
        asked = next((word for word in sys.argv[1:] if word != "--"), None)
        (command_line(asked) if asked in COMMANDS else overview())()
    except Failure as failure:
        sys.stderr.write(f"parley: {failure.sentence}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(141)
