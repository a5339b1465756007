"""Which words are a rating: one figure from one to five, and perhaps a few words with it that ask for nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from o2c_core.conversations.rating import SCORE_MAX

WORDS_MAX = 15
_FIGURES = {
    word: at + 1
    for at, words in enumerate(
        (
            "one één eins",
            "two twee zwei deux",
            "three drie drei trois",
            "four vier quatre",
            "five vijf fünf cinq",
        )
    )
    for word in words.split()
}
_OUT_OF = r"(?:\s*(?:/|out of|of|van de|van|von|sur|op)\s*(?:5|five|vijf|fünf|cinq)\b)?"
_RATING = re.compile(
    rf"\s*(?:(?P<figure>\d+)|(?P<word>{'|'.join(_FIGURES)})){_OUT_OF}"
    r"(?:\s*(?:sterren|sterne|stars?|étoiles?|points?|punten|punkte|⭐|\*)(?!\w))?"
    r"(?P<rest>(?:[\s.,;:!)\-–—].*)?)",
    re.IGNORECASE | re.DOTALL,
)
# After a figure these make it a count, a day or a sum and not what somebody thought.
_COUNTED = frozenset(
    word
    for words in (
        "x stuks stuk dozen doos dagen dag weken week maanden maand uur keer facturen factuur bestellingen euro eur",
        "pieces piece boxes box days day weeks months month hours times invoices invoice orders order pallets units",
        "stück kartons karton tage tag wochen woche monate monat stunden mal rechnungen rechnung lieferungen",
        "pièces cartons carton jours jour semaines semaine mois heures fois factures commandes",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "january february march may june july august october januar februar märz mai oktober dezember",
        "janvier février mars avril juin juillet août septembre octobre novembre décembre",
    )
    for word in words.split()
)


@dataclass(frozen=True)
class RatingSaid:
    """The score, with the words beside it; `is_bare` when there are none."""

    score: int
    words: str | None

    @property
    def is_bare(self) -> bool:
        return self.words is None


def rating_in(text: str) -> RatingSaid | None:
    """The rating that the whole message is; None for everything that may be about something else.

    A question, another figure beside it or a word that is counted ("4 boxes") makes it no rating.
    """
    found = _RATING.fullmatch(text.strip())
    if found is None:
        return None
    score = int(found["figure"]) if found["figure"] else _FIGURES[found["word"].lower()]
    rest = found["rest"].strip(" \t\n.,;:!)-–—")
    words = rest.split()
    if not 1 <= score <= SCORE_MAX or (found["word"] and words):
        return None
    is_about_else = "?" in rest or any(sign.isdigit() for sign in rest) or len(words) > WORDS_MAX
    if is_about_else or (words and words[0].strip(".,!€").lower() in _COUNTED):
        return None
    return RatingSaid(score, rest or None)
