"""Card numbers are hidden before anything is kept."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stdnum import ean, iban, luhn

# What people put between the digits of one number, a few at most. A comma or a semicolon lists numbers instead.
_BETWEEN = r"[^\w,;+#()\[\]€$£]|_"
_RUN = re.compile(rf"\d+(?:(?:{_BETWEEN}){{1,3}}\d+)*")
# Twelve digits and one more, with little between them: most texts have nothing of the kind and are left at that.
_MAYBE = re.compile(r"\d(?:\D{0,3}+\d){12}")
_MAYBE_ASCII = re.compile(r"[0-9](?:[^0-9]{0,3}+[0-9]){12}")
_IBAN_START = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}")
# The ranges that card schemes issue from, with the lengths they use. Source: ISO/IEC 7812-1; the schemes' own tables.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-59]|[689]\d)\d{11,16}|35\d{14,17}|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|(?:62|8[12])\d{14,17}"
    r"|(?:50|5[6-9]|6\d)\d{11,17}|220[0-4]\d{12,15}|9792\d{12}"
)
_CODE_WORD = re.compile(
    r"(\b(?:cvv2?|cvc2?|cv2|csc|card (?:security|verification) code|security code|beveiligingscode|kaartcode"
    r"|(?:karten)?pr(?:ü|ue)f(?:nummer|ziffer|code)|sicherheitscode|code de s[ée]curit[ée]|cryptogramme(?: visuel)?)\b"
    r"[^\d\n]{0,15}?)(?<!\d)(?<!•••• )\d{3,4}(?!\d)",
    re.IGNORECASE,
)
_HIDDEN = r"(?:•••• \d{4}|••••(?! \d{4}))"
_EXPIRY = r"(?:0[1-9]|1[0-2])\s?[/.-]\s?(?:20)?\d\d"
# Behind a card number three digits are its code when they close the line or follow its month of expiry.
_CODE_BEHIND = re.compile(
    rf"({_HIDDEN}\W{{1,4}}(?:\w+\W{{1,3}}){{0,2}}{_EXPIRY}\W{{1,4}})\d{{3,4}}(?!\d)"
    rf"|({_HIDDEN}[\s,;/|-]{{1,3}})\d{{3,4}}(?=[ .]*(?:\n|$))"
)
_SHOWN = re.compile(r"••••(?: \d{4}(?!\d))?|•••")
HIDDEN_CODE = "•••"


@dataclass(frozen=True)
class _Found:
    """A card number in a text: from the first digit up to behind the last one. Without `digits` it is not clear which."""

    start: int
    end: int
    digits: str


def mask_cards(text: str) -> str:
    """The text with every payment card number in it replaced by dots and its last four digits, its code by dots alone.

    A card number has 13 to 19 digits (what little stands between them does not matter), a range that a scheme issues
    from and a right check digit. Account numbers (IBAN) and phone numbers with their country stay, and so do unbroken
    article numbers (EAN-13), unless they could be an old Visa number.
    Source: PCI DSS 4.0 requirements 3.3.1 and 3.4.1; ISO/IEC 7812-1 annex B (Luhn).
    """
    if not may_have_card(text):
        return _without_named_code(text)
    shown, at = [], 0
    for card in _cards(text):
        shown += [text[at : card.start], f"•••• {card.digits[-4:]}".rstrip()]
        at = card.end
    if not shown:
        return _without_named_code(text)
    masked = "".join([*shown, text[at:]])
    return _CODE_BEHIND.sub(lambda code: (code[1] or code[2]) + HIDDEN_CODE, _without_named_code(masked))


def mask_across(texts: Sequence[str]) -> list[str]:
    """The same for texts that follow each other, oldest first: a number that runs on from one into the next is hidden too.

    A part of such a number becomes dots; its last four digits are not shown.
    """
    masked = [mask_cards(text) for text in texts]
    starts = list(itertools.accumulate((len(text) + 1 for text in masked), initial=0))
    joined = "\n".join(masked)
    if not may_have_card(joined):
        return masked
    for card in reversed(list(_cards(joined))):
        for place, text in enumerate(masked):
            begin, end = max(card.start - starts[place], 0), card.end - starts[place]
            if begin < len(text) and end > 0:
                masked[place] = f"{text[:begin]}••••{text[end:]}" if end < len(text) else f"{text[:begin]}••••"
    return masked


def without_hidden(text: str) -> str:
    """A masked text without the dots and the last four digits, which are no number of anything that is asked about."""
    return _SHOWN.sub("", text) if "•••" in text else text


def has_card(text: str) -> bool:
    """Whether the text has a payment card number in it."""
    return may_have_card(text) and next(_cards(text), None) is not None


def may_have_card(text: str) -> bool:
    """Whether there are digits enough for one; cheap, so that the many texts without are let through at once."""
    return len(text) >= 13 and (_MAYBE_ASCII if text.isascii() else _MAYBE).search(text) is not None


def _cards(text: str) -> Iterator[_Found]:
    """Every card number, from left to right. Readings that overlap are one, of which no digit may be shown."""
    whole: _Found | None = None
    for card in _readings(text):
        if whole is None:
            whole = card
        elif card.start < whole.end:
            whole = _Found(whole.start, max(whole.end, card.end), "")
        else:
            yield whole
            whole = card
    if whole is not None:
        yield whole


def _readings(text: str) -> Iterator[_Found]:
    for run in _RUN.finditer(text):
        if run.end() - run.start() < 13:
            continue
        groups = [(run.start() + each.start(), run.start() + each.end()) for each in re.finditer(r"\d+", run[0])]
        for first in range(len(groups)):
            for card in _cards_from(text, groups[first : first + 19]):
                if not _is_in_account(text, card):
                    yield card


def _cards_from(text: str, groups: list[tuple[int, int]]) -> Iterator[_Found]:
    """The card numbers that are made up of whole groups of digits from the first one on."""
    start = groups[0][0]
    if text[max(0, start - 5) : start].endswith(("+", "•••• ")):  # a phone number, or what was left of a card
        return
    digits = ""
    for place, (begin, end) in enumerate(groups):
        if len(digits) + end - begin > 19:
            return
        digits += "".join(str(int(digit)) for digit in text[begin:end])
        if len(digits) >= 13 and _is_card(digits, is_unbroken=place == 0):
            yield _Found(start, end, digits)


def _is_card(digits: str, *, is_unbroken: bool) -> bool:
    if _ISSUED.fullmatch(digits) is None or not luhn.is_valid(digits):
        return False
    is_article = len(digits) == 13 and is_unbroken and digits[0] != "4" and ean.is_valid(digits)
    return not is_article


def _is_in_account(text: str, card: _Found) -> bool:
    """Whether those digits belong to an account number (IBAN), written in one piece or in groups."""
    for start in _IBAN_START.finditer(text, max(0, card.start - 45), card.end):
        signs = [at for at in range(start.start(), min(len(text), start.start() + 45)) if text[at].isalnum()][:34]
        ends = [at + 1 for at in signs[14:] if at + 1 >= card.end]
        if any(iban.is_valid(text[start.start() : end]) for end in ends):
            return True
    return False


def _without_named_code(text: str) -> str:
    """Three or four digits that are called a card's code are never kept, whatever stands beside them."""
    return _CODE_WORD.sub(lambda code: code[1] + HIDDEN_CODE, text)
