"""`parley user`: the first admin, and passwords that are never a word of a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import user as command
from o2c_core.actions.change_user import LastAdmin
from o2c_core.actions.sign_in import SignInRefused, sign_in
from o2c_core.errors import Failure
from o2c_core.staff.passwords import PasswordTooShort
from o2c_core.store.store import Store

PASSWORD = "gele fiets op dak"
ADD = ["add", "Dirk@vandijk.example", "--name", "Dirk", "--role", "admin", "--team", "Systems"]


@pytest.fixture(autouse=True)
def here(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened() -> Iterator[Store]:
        yield store

    monkeypatch.setattr(command, "opened_store", opened)


def run(*words: str, typed: str = "") -> str:
    done = CliRunner().invoke(command.user_app, words, input=typed)
    if isinstance(done.exception, Failure):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("way", ["standard input", "a dash", "a file"])
def test_the_first_admin_is_added_and_signs_in(store: Store, tmp_path: Path, way: str) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    more = {"standard input": [], "a dash": ["--password-file", "-"], "a file": ["--password-file", str(file)]}[way]
    said = run(*ADD, *more, typed=f"{PASSWORD}\n")
    assert said == "Dirk (dirk@vandijk.example) may sign in as admin.\n"
    assert sign_in("dirk@vandijk.example", PASSWORD, browser="", store=store)
    listed = json.loads(run("list", "--json"))
    assert [(one["name"], one["role"], one["teams"], one["state"]) for one in listed] == [
        ("Dirk", "admin", ["Systems"], "good")
    ]
    assert PASSWORD not in json.dumps(listed)


def test_a_colleague_is_changed_from_the_terminal(store: Store) -> None:
    run(*ADD, typed=PASSWORD)
    run("add", "eva@vandijk.example", "--name", "Eva", typed="blauwe stoel in zee")
    assert run("role", "eva@vandijk.example", "finance") == "Eva is finance now.\n"
    assert "signed out everywhere" in run("disable", "EVA@vandijk.example")
    assert "disabled" in run("list")
    run("enable", "Eva")
    run("password", "eva@vandijk.example", typed="rode lamp aan muur")
    assert sign_in("eva@vandijk.example", "rode lamp aan muur", browser="", store=store)
    with pytest.raises(LastAdmin):
        run("disable", "dirk@vandijk.example")


def test_a_user_without_a_password_comes_in_by_no_password(store: Store) -> None:
    run(*ADD, "--no-password")
    with pytest.raises(SignInRefused):
        sign_in("dirk@vandijk.example", "", browser="", store=store)


def test_what_is_wrong_is_said_and_nobody_is_added() -> None:
    for typed, refusal in (("", command.NoPassword), ("kort\n", PasswordTooShort)):
        with pytest.raises(refusal):
            run(*ADD, typed=typed)
    with pytest.raises(command.NoPassword):
        run(*ADD, "--password-file", "/nowhere/at/all")
    assert run("list").startswith("Nobody can sign in yet")
