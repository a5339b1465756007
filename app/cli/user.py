"""`parley user`: the seller's own people, who sign in to the desk."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import func, or_, select

from app.installation import opened_store
from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.change_user import change_user
from o2c_core.actions.disable_user import disable_user
from o2c_core.actions.enable_user import enable_user
from o2c_core.actions.set_password import set_password
from o2c_core.errors import NotFound, Refused
from o2c_core.staff.passwords import check_password, hash_of
from o2c_core.staff.user import ROLES, User
from o2c_core.store.store import Store

BY = "command line"
user_app = typer.Typer(help="Your own people: who may sign in to the desk, and as what.", no_args_is_help=True)
_Who = Annotated[str, typer.Argument(metavar="EMAIL", help="Their email address.")]
_Role = Annotated[str, typer.Option("--role", help=f"One of {', '.join(ROLES)}.")]
_File = Annotated[
    Path | None,
    typer.Option(
        "--password-file", help="File with the password on its first line; - is standard input.", allow_dash=True
    ),
]


class NoPassword(Refused):
    """No password was given: type it when asked, or give --password-file."""


class TwoPasswords(Refused):
    """The two passwords are not the same; nothing was changed."""


@user_app.command("add")
def add(
    email: _Who,
    name: Annotated[str, typer.Option("--name", help="As customers and the trail read it.")],
    role: _Role = "agent",
    team: Annotated[list[str] | None, typer.Option("--team", help="A team of theirs; give it once per team.")] = None,
    password_file: _File = None,
    without: Annotated[
        bool, typer.Option("--no-password", help="They sign in with your organisation's own sign-in only.")
    ] = False,
) -> None:
    """Add somebody. The password is asked for and never shown, or read from a file or standard input."""
    kept = None
    if not without:
        password = _password(password_file)
        check_password(password, email=email, name=name)
        kept = hash_of(password)
    with opened_store() as store:
        user = add_user(NewUser(email, name, role, tuple(team or ()), kept), by=BY, store=store)
    sys.stdout.write(f"{user.name} ({user.email}) may sign in as {user.role}.\n")


@user_app.command("list")
def list_users(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Everybody who may sign in, and who may not any more."""
    with opened_store() as store, store.session() as session:
        users = list(session.scalars(select(User).order_by(func.lower(User.name))))
        now = store.clock.now()
    if as_json:
        listed = [
            {
                "email": user.email, "name": user.name, "role": user.role, "teams": user.teams,
                "state": _state(user, now), "has_password": user.password is not None,
                "signed_in_at": user.signed_in_at.isoformat() if user.signed_in_at else None,
            }
            for user in users
        ]  # fmt: skip
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
        return
    if not users:
        sys.stdout.write(
            "Nobody can sign in yet; the first is added with `parley user add EMAIL --name NAME --role admin`.\n"
        )
    for user in users:
        seen = f"last signed in {user.signed_in_at:%Y-%m-%d}" if user.signed_in_at else "never signed in"
        sys.stdout.write(f"{user.role:<8} {_state(user, now):<9} {user.email:<32} {user.name}, {seen}\n")


@user_app.command("role")
def role(email: _Who, role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")]) -> None:
    """Give somebody another role; it holds from their next click on."""
    with opened_store() as store:
        user = change_user(_found(store, email), by=BY, store=store, role=role)
    sys.stdout.write(f"{user.name} is {user.role} now.\n")


@user_app.command("disable")
def disable(email: _Who) -> None:
    """Sign somebody out everywhere, and let them in no more."""
    with opened_store() as store:
        user = disable_user(_found(store, email), by=BY, store=store)
    sys.stdout.write(f"{user.name} is signed out everywhere and cannot sign in any more.\n")


@user_app.command("enable")
def enable(email: _Who) -> None:
    """Let somebody in again who was disabled, or locked by wrong passwords."""
    with opened_store() as store:
        user = enable_user(_found(store, email), by=BY, store=store)
    sys.stdout.write(f"{user.name} may sign in again.\n")


@user_app.command("password")
def password(email: _Who, password_file: _File = None) -> None:
    """Give somebody a new password. They are signed out everywhere, and a lock is taken off."""
    with opened_store() as store:
        set_password(_found(store, email), _password(password_file), by=BY, store=store)
    sys.stdout.write(f"{email} has a new password, and is signed out everywhere.\n")


def _password(file: Path | None) -> str:
    """Typed twice on a terminal; else the first line of the file or of standard input. Never a word of the command,
    which others on this machine can read. Raises: NoPassword; TwoPasswords."""
    if file is None and sys.stdin.isatty():
        typed = str(typer.prompt("Password", hide_input=True, err=True))
        if typed != str(typer.prompt("Once more", hide_input=True, err=True)):
            raise TwoPasswords
        return typed
    try:
        read = sys.stdin.read() if file is None or str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as odd:
        raise NoPassword(f"The password file cannot be read: {file}.") from odd
    first = (read.splitlines() or [""])[0]
    if not first:
        raise NoPassword
    return first


def _found(store: Store, written: str) -> UUID:
    """Raises: NotFound."""
    with store.session() as session:
        named = or_(User.email == written.strip().lower(), func.lower(User.name) == written.strip().lower())
        key = session.scalar(select(User.id).where(named).limit(1))
    if key is None:
        raise NotFound(f"There is no user '{written}'; `parley user list` shows them.", user=written)
    return key


def _state(user: User, now: datetime) -> str:
    if user.disabled_at is not None:
        return "disabled"
    return "locked" if user.locked_until is not None and user.locked_until > now else "good"
