"""Passwords: which are taken, how they are kept, and how one is checked without telling anything by the time it takes.

Source: NIST SP 800-63B section 5.1.1.2 (length over composition, a list of what everybody tries); RFC 9106 section 4
(Argon2id, the profile for machines with little memory); OWASP Password Storage Cheat Sheet.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from o2c_core.errors import Refused
from o2c_core.staff.common_passwords import ROWS, WORDS

CHARACTERS_MIN = 12
CHARACTERS_MAX = 200
DIFFERENT_MIN = 5
# Each takes 64 MiB and all it can get of a core: more at once would only wait for each other.
AT_ONCE = 2
# What nobody mistakes for something else: no i, l, o, 0 and 1.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

# Letters that people put for others so that a word looks less like one.
_PUT_FOR = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i"}
)
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_TURN = threading.BoundedSemaphore(AT_ONCE)


class PasswordTooShort(Refused):
    """A password has at least 12 characters; a few words in a row are easy to remember."""


class PasswordTooLong(Refused):
    """A password has at most 200 characters."""


class PasswordIsYou(Refused):
    """A password is not your own name or email address."""


class PasswordCommon(Refused):
    """That is one of the passwords everybody tries first; choose a few words that have nothing to do with each other."""


def check_password(password: str, *, email: str, name: str) -> None:
    """Whether somebody may have that password. What signs it is made of is nobody's business.

    Raises: PasswordTooShort; PasswordTooLong; PasswordIsYou; PasswordCommon.
    """
    said = _folded(password)
    if len(said) < CHARACTERS_MIN:
        raise PasswordTooShort
    if len(password) > CHARACTERS_MAX:
        raise PasswordTooLong
    own = {_letters_and_digits(one) for one in (email, email.partition("@")[0], name)}
    if _letters_and_digits(said).strip("0123456789") in {one.strip("0123456789") for one in own} - {""}:
        raise PasswordIsYou
    if is_common(said):
        raise PasswordCommon


def is_common(password: str) -> bool:
    """Whether it is what everybody tries: few different signs, a row of keys, or one common word with signs around it."""
    said = _folded(password)
    plain = _letters_and_digits(said)
    if len(set(said)) < DIFFERENT_MIN:
        return True
    if any(plain and plain in row for row in _rows()):
        return True
    bare = said.strip("".join(one for one in said if not one.isalpha()))
    readings = (said, bare, said.translate(_PUT_FOR), bare.translate(_PUT_FOR))
    return any(_is_words("".join(filter(str.isalpha, reading))) for reading in readings)


def hash_of(password: str) -> str:
    """What is kept of a password."""
    with _TURN:
        return _HASHER.hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the password that was kept. Where nothing is kept it takes the same time to say no."""
    wanted = kept if kept is not None else _nobodys()
    with _TURN:
        try:
            right = _HASHER.verify(wanted, _normal(password)[: CHARACTERS_MAX * 4])
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was kept with other parameters than are used now, so that it is made anew when next it is heard."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has, which is verified for users there are not."""
    return hash_of("nobody signs in with this one")


@cache
def _rows() -> tuple[str, ...]:
    """Rows of keys, forwards and backwards, as long as a password may be."""
    long = [row * (CHARACTERS_MAX // len(row) + 1) for row in ROWS]
    return (*long, *(row[::-1] for row in long))


def _is_words(letters: str) -> bool:
    """Whether there is nothing in it but common words, one after another."""
    if not letters:
        return False
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in WORDS for start in reached):
            reached.add(end)
    return len(letters) in reached


def _normal(password: str) -> str:
    """The same letters are the same bytes on every keyboard. Source: NIST SP 800-63B section 5.1.1.2 (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _folded(password: str) -> str:
    return _normal(password).casefold()


def _letters_and_digits(text: str) -> str:
    return "".join(filter(str.isalnum, _folded(text)))


def first_password() -> str:
    """A password for somebody else, to be read out or typed once: 79 random bits, and no letter that looks like another."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
