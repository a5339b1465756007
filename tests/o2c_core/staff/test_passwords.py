"""Which passwords are taken, how they are kept, and how long wrong ones lock an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.staff.lockout import LONGEST, TRIES, locked_for
from o2c_core.staff.passwords import (
    CHARACTERS_MAX,
    CHARACTERS_MIN,
    PasswordCommon,
    PasswordIsYou,
    PasswordTooLong,
    PasswordTooShort,
    check_password,
    first_password,
    hash_of,
    is_common,
    is_outdated,
    is_right,
)

TAKEN = "taken"


@pytest.mark.parametrize("line", [
    "gele fiets op dak          taken",
    "correct horse battery      taken",
    "пароль из слов             taken",
    "k7wq-3mzt-x2pd-9fhv        taken",
    "korte zin!                 PasswordTooShort",
    "elf tekens!                PasswordTooShort",
    "password1234               PasswordCommon",
    "P@ssw0rd1234!              PasswordCommon",
    "Welkom2026!!               PasswordCommon",
    "mijnwachtwoord1            PasswordCommon",
    "wachtwoordwachtwoord       PasswordCommon",
    "aaaaaaaaaaaaaaaa           PasswordCommon",
    "abcabcabcabcabc            PasswordCommon",
    "123456789012               PasswordCommon",
    "210987654321               PasswordCommon",
    "qwertyuiopas               PasswordCommon",
    "1q2w3e4r5t6y               PasswordCommon",
    "eva@vandijk.example        PasswordIsYou",
    "EvaVanDerHeijden           PasswordIsYou",
    "eva.van.der.heijden        PasswordIsYou",
    "Eva van der Heijden 1      PasswordIsYou",
])  # fmt: skip
def test_a_password_is_long_and_not_what_everybody_tries(line: str) -> None:
    password, outcome = re.fullmatch(r"(.+?) {2,}(\w+)", line).groups()  # type: ignore[union-attr]
    try:
        check_password(password, email="eva@vandijk.example", name="Eva van der Heijden")
        found = TAKEN
    except (PasswordTooShort, PasswordTooLong, PasswordIsYou, PasswordCommon) as no:
        found = type(no).__name__
    assert found == outcome


def test_a_password_may_be_as_long_as_a_sentence_and_no_longer() -> None:
    sentence = "zes bruine paarden kijken naar de maan " * 6
    check_password(sentence[:CHARACTERS_MAX], email="a@b.example", name="Eva")
    with pytest.raises(PasswordTooLong):
        check_password(sentence[: CHARACTERS_MAX + 1], email="a@b.example", name="Eva")


@given(st.text(min_size=CHARACTERS_MIN, max_size=CHARACTERS_MAX))
def test_no_text_is_too_odd_to_be_looked_at(password: str) -> None:
    is_common(password)


def test_what_is_made_for_somebody_is_taken_and_never_twice_the_same() -> None:
    made = [first_password() for _ in range(50)]
    for password in made:
        check_password(password, email="a@b.example", name="Eva")
        assert not re.search("[il o01]", password)
    assert len(set(made)) == 50


def test_what_is_kept_is_argon2_and_tells_the_right_password_only() -> None:
    kept = hash_of("gele fiets op dak")
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", kept)
    assert "gele" not in kept
    assert kept != hash_of("gele fiets op dak")
    tried = ["gele fiets op dak", "gele fiets op da", "Gele fiets op dak", "", "gele fiets op dak "]
    assert [is_right(password, kept) for password in tried] == [True, False, False, False, False]
    # The same letters, put together on another keyboard.
    assert is_right("caf\u00e9 op de hoek", hash_of("cafe\u0301 op de hoek"))
    assert not is_right("anything", None)
    assert not is_right("nobody signs in with this one", None)
    assert not is_right("anything", "not a hash at all")


def test_what_was_kept_with_other_parameters_is_made_anew() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash("gele fiets op dak")
    assert is_right("gele fiets op dak", old)
    assert (is_outdated(old), is_outdated(hash_of("gele fiets op dak"))) == (True, False)


@pytest.mark.parametrize(
    ("wrong", "minutes"),
    [(0, None), (1, None), (4, None), (5, 1), (6, 2), (7, 4), (8, 8), (10, 32), (11, 60), (12, 60), (10_000, 60)],
)
def test_five_wrong_ones_lock_for_a_minute_and_every_further_one_for_twice_as_long(
    wrong: int, minutes: int | None
) -> None:
    assert locked_for(wrong) == (timedelta(minutes=minutes) if minutes else None)


@given(st.integers(0, 10**9))
def test_a_lock_never_gets_shorter_by_trying_and_never_longer_than_an_hour(wrong: int) -> None:
    none = timedelta(0)
    assert (locked_for(wrong) or none) <= (locked_for(wrong + 1) or none) <= LONGEST
    assert (locked_for(wrong) is None) == (wrong < TRIES)
