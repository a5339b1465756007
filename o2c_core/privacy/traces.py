"""The traces of a person in a text: their names, addresses, numbers and accounts, found as people write them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import phonenumbers

ERASED = "[erased]"
PART_LETTERS_MIN = 3
TRACE_LETTERS_MIN = 4
# Words between the parts of names, which are nobody's.
_PARTICLES = frozenset(
    ["van", "von", "den", "der", "des", "del", "ten", "ter", "het", "and", "und", "mrs", "mme", "frau", "herr"]
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,39}")


def pseudonym_of(key: UUID) -> str:
    """The name an erased person has from then on, always the same for the same one."""
    return f"Erased person {hashlib.sha256(key.bytes).hexdigest()[:4]}"


@dataclass(frozen=True)
class Traces:
    """What a person is recognised by. `unlike` are names of others, such as their company's, whose words stay."""

    pseudonym: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()

    def scrub(self, text: str) -> str:
        """The text with the pseudonym in the place of names, and everything else they are recognised by taken out."""
        if self._numbers is not None:
            text = self._numbers.sub(ERASED, text)
        if self._whole is not None:
            text = self._whole.sub(self.pseudonym, text)
        if self._parts is not None:
            text = self._parts.sub(self.pseudonym, text)
        return text

    def scrub_all(self, value: Any) -> Any:
        """The same for every text inside a collection; names of its fields stay."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, list):
            return [self.scrub_all(one) for one in value]
        if isinstance(value, dict):
            return {name: self.scrub_all(one) for name, one in value.items()}
        return value

    def codes_only(self, value: Any) -> Any:
        """Of a collection, numbers, days, codes and ids; every other text in it was words and is replaced."""
        if isinstance(value, list):
            return [self.codes_only(one) for one in value]
        if isinstance(value, dict):
            return {name: self.codes_only(one) for name, one in value.items()}
        if isinstance(value, str):
            is_code = _CODE.fullmatch(value) is not None and self.scrub(value) == value
            return value if is_code or value == ERASED or not value else ERASED
        return value

    @property
    def likenesses(self) -> list[str]:
        """Patterns for ILIKE under which a database finds texts with a trace in them: names in full, never their parts."""
        whole = [name for name in self.names if " " in name.strip()]
        said = [*whole, *self.addresses, *self.accounts]
        escaped = (re.sub(r"([%_\\])", r"\\\1", one.strip()) for one in said if len(one.strip()) >= TRACE_LETTERS_MIN)
        return [f"%{one}%" for one in dict.fromkeys(escaped)]

    @cached_property
    def _whole(self) -> re.Pattern[str] | None:
        names = sorted({name.strip() for name in self.names if len(name.strip()) >= PART_LETTERS_MIN}, key=len)
        return _any_of(r"[\s.,]+".join(re.escape(word) for word in name.split()) for name in reversed(names))

    @cached_property
    def _parts(self) -> re.Pattern[str] | None:
        kept = {word.casefold() for name in self.unlike for word in _words(name)} | _PARTICLES
        kept |= {word.casefold() for word in _words(self.pseudonym)}
        parts = {word for name in self.names for word in _words(name) if word.casefold() not in kept}
        # As a name is written, since in small letters it may be a word like any other.
        return _any_of((re.escape(word) for word in sorted(parts, key=len, reverse=True)), flags=re.NOFLAG)

    @cached_property
    def _numbers(self) -> re.Pattern[str] | None:
        phones = [address for address in self.addresses if address.startswith("+")]
        others = [address for address in self.addresses if not address.startswith("+") and address.strip()]
        spelled = [re.escape(one.strip()) for one in sorted(others, key=len, reverse=True)]
        spelled += [_spaced_phone(phone) for phone in phones]
        spelled += [" ?".join(map(re.escape, re.sub(r"\s", "", one))) for one in self.accounts if len(one) > 3]
        return _any_of(spelled)


def _any_of(spelled: Iterable[str], flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str] | None:
    joined = "|".join(spelled)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", flags) if joined else None


def _words(name: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", name) if len(word) >= PART_LETTERS_MIN]


def _spaced_phone(phone: str) -> str:
    """The number as it is dialled from abroad or at home, with anything between its digits."""
    try:
        home = str(phonenumbers.parse(phone).national_number)
    except phonenumbers.NumberParseException:
        home = re.sub(r"\D", "", phone)
    abroad = re.sub(r"\D", "", phone).removesuffix(home)
    before = rf"(?:(?:\+|00)?{re.escape(abroad)}[\s().-]*)?(?:\(?0\)?[\s().-]*)?"
    return before + r"[\s().-]*".join(home)
