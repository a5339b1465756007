"""Account numbers as banks write them in statements, brought to one spelling."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import iban as ibans

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_GERMAN = re.compile(r"(\d{8})/(\d{1,10})")
_CURRENCY_AFTER = re.compile(r"(?<=\d)[A-Z]{3}$")


@lru_cache(maxsize=10_000)
def account_spelled(text: str) -> str:
    """The IBAN in electronic form where the text is or means one; else the number without spaces.

    MT940 adds the currency ("NL91ABNA0417164300EUR") or the bank in front ("ABNANL2A/..."); German banks write
    bank code and account number, which make up the IBAN.
    """
    bare = re.sub(r"[\s.-]+", "", text).upper()
    for candidate in (bare, *bare.split("/")):
        for shape in (candidate, _CURRENCY_AFTER.sub("", candidate)):
            if is_iban(shape):
                return shape
    bare = _CURRENCY_AFTER.sub("", bare)
    german = _GERMAN.fullmatch(bare)
    if german is not None:
        body = german[1] + german[2].zfill(10)
        # ISO 7064 mod 97-10 with the country DE as 1314.
        return f"DE{98 - int(body + '131400') % 97:02}{body}"
    return bare


def is_iban(text: str) -> bool:
    return _IBAN.fullmatch(text) is not None and bool(ibans.is_valid(text, check_country=False))


def is_same_account(stated: str, iban: str) -> bool:
    """Whether the account a statement names is the one with that IBAN.

    Old Dutch formats state the bare number, which is the end of the IBAN; a number that is too short to mean one
    account is never accepted.
    """
    known = re.sub(r"\s+", "", iban).upper()
    if stated == known:
        return True
    return re.fullmatch(r"\d{7,10}", stated) is not None and known[4:].endswith(stated.zfill(10))
