"""The figures in somebody's words: amounts, days, and numbers of documents, in one form whatever the locale."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from o2c_core.cards import without_hidden

# A number of a document has letters and figures and a sign between them: INV-2026-0042, SO-1003, C-12, 2026/118.
_DOCUMENT = re.compile(
    r"(?<![\w])(?=[A-Z0-9/-]*\d)[A-Z]{1,6}[-/][A-Z0-9][A-Z0-9/-]*[A-Z0-9]|(?<!\w)[A-Z]{1,4}-\d+\b", re.IGNORECASE
)
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:[.\u00a0\u202f' ,]\d{3})+(?:[.,]\d{1,2})?(?![\w])|(?<![\w.,])\d+(?:[.,]\d{1,2})?(?![\w])"
)
_MONTHS = {
    word: at + 1
    for at, words in enumerate(
        (
            "january januari januar janvier", "february februari februar février", "march maart märz mars",
            "april avril", "may mei mai", "june juni juin", "july juli juillet", "august augustus août",
            "september septembre", "october oktober octobre", "november novembre", "december dezember décembre",
        )
    )
    for word in words.split()
}  # fmt: skip
_NAMED_DAY = re.compile(
    rf"(?<![\w.,])(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er)?\s+(?P<month>{'|'.join(_MONTHS)})\b(?:\s+(?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_NUMBERED_DAY = re.compile(r"(?<![\w.,-])(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})(?![\w-])")
_ISO_DAY = re.compile(r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?![\w-])")
# Below this a number on its own counts things ("2 invoices", "line 3") and is nobody's money.
_COUNT_MAX = 31
_MONEY_SIGN = re.compile(r"(?:[€£$¥]|\b(?:EUR|GBP|USD|CHF))\s*$", re.IGNORECASE)
_MONEY_AFTER = re.compile(r"\s*(?:[€£$¥]|(?:EUR|GBP|USD|CHF|euro|euros)\b)", re.IGNORECASE)


@dataclass(frozen=True)
class FigureSaid:
    """A figure as it was written, and in the form in which two of them are compared: "1240.50", "2026-03-03", "INV-7"."""

    text: str
    key: str


def figures_in(text: str) -> list[FigureSaid]:
    """Every figure of the text, in its order, each once. Small bare counts, links and addresses are none."""
    rest = _LINK.sub(lambda link: " " * len(link[0]), without_hidden(text))
    found: list[tuple[int, FigureSaid]] = []

    def take(pattern: re.Pattern[str], keyed: object) -> None:
        nonlocal rest
        for one in pattern.finditer(rest):
            key = keyed(one)  # type: ignore[operator]
            if key is not None:
                found.append((one.start(), FigureSaid(one[0].strip(), key)))
                rest = rest[: one.start()] + " " * len(one[0]) + rest[one.end() :]

    take(_ISO_DAY, _day_key)
    take(_NUMBERED_DAY, _day_key)
    take(_NAMED_DAY, _day_key)
    take(_DOCUMENT, lambda one: one[0].upper())
    whole = rest
    take(_NUMBER, lambda one: _amount_key(one, whole))
    return list(dict.fromkeys(figure for _, figure in sorted(found, key=lambda pair: pair[0])))


def without_receipt(said: Iterable[FigureSaid], known: Collection[str]) -> list[FigureSaid]:
    """Those that are not among the keys; a day without its year is known when that day of any year is."""
    days = {key[5:] for key in known if _is_day(key)}
    return [one for one in said if one.key not in known and not (one.key.startswith("--") and one.key[2:] in days)]


def amount_key(major: str) -> str:
    """ "1.240,50", "1,240.50" and "1240.5" are one figure: "1240.50"."""
    bare = re.sub(r"[\s\u00a0\u202f']", "", major)
    tail = re.search(r"[.,](\d{1,2})$", bare)
    whole = re.sub(r"[.,]", "", bare[: tail.start()] if tail else bare)
    return f"{int(whole)}.{tail[1].ljust(2, '0') if tail else '00'}"


def _amount_key(one: re.Match[str], whole: str) -> str | None:
    key = amount_key(one[0])
    is_money = _MONEY_SIGN.search(whole[: one.start()]) or _MONEY_AFTER.match(whole[one.end() :])
    is_count = not is_money and re.fullmatch(r"\d+", one[0]) is not None and int(one[0]) <= _COUNT_MAX
    return None if is_count else key


def _day_key(one: re.Match[str]) -> str | None:
    said = one.groupdict()
    month = said["month"]
    number = int(month) if month.isdigit() else _MONTHS[month.lower()]
    try:
        # The year a leap day needs, where none is said.
        day = date(int(said.get("year") or 2024), number, int(said["day"]))
    except ValueError:
        return None
    return day.isoformat() if said.get("year") else f"--{day:%m-%d}"


def _is_day(key: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", key) is not None
