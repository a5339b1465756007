"""A text in small letters without accents, place for place, so that what is found in it is found in the text."""

from __future__ import annotations

_WITHOUT_ACCENTS = str.maketrans(
    "àâäáãåçèéêëìíîïñòóôöõùúûüýÿ’‘´`\u00a0\u202f\u2212", "aaaaaaceeeeiiiinooooouuuuyy''''  -"
)


def folded(text: str) -> str:
    """As long as the text itself: the few letters whose small form is longer stay as they are."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return small.translate(_WITHOUT_ACCENTS)
