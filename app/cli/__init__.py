"""The command line: `parley`."""

from __future__ import annotations

import sys

import typer

from app.cli import bench, chat, doctor, serving
from app.cli.import_ import import_files
from app.cli.knowledge import knowledge_app
from app.cli.remind import remind
from app.cli.report import report
from app.cli.train import train
from app.logs import set_up_logs
from app.settings import settings
from o2c_core.errors import Failure

cli = typer.Typer(
    name="parley",
    help="A conversational order-to-cash assistant.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.command("demo")(serving.demo)
cli.command("serve")(serving.serve)
cli.command("work")(serving.work)
cli.command("migrate")(serving.migrate_database)
cli.command("import")(import_files)
cli.command("chat")(chat.chat)
cli.command("remind")(remind)
cli.command("report")(report)
cli.add_typer(knowledge_app, name="knowledge")
cli.command("train")(train)
cli.command("bench")(bench.bench)
cli.command("doctor")(doctor.doctor)


def main() -> None:
    """Runs a command. A refusal or outage is one sentence on standard error and exit code 1."""
    try:
        set_up_logs(settings().log_level)
        cli()
    except Failure as failure:
        sys.stderr.write(f"parley: {failure.sentence}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(141)
