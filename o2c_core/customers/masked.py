"""An address as it may be shown: enough to recognise, too little to use."""

from __future__ import annotations

PHONE_DIGITS_MIN = 9


def masked(address: str | None) -> str:
    """The start and end of it: "a•••@jansen.example", "+316••••••78"; a dash when there is none."""
    if not address:
        return "–"
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    if len(address) < PHONE_DIGITS_MIN:
        return f"•••{address[-2:]}"
    return f"{address[:4]}{'•' * (len(address) - 6)}{address[-2:]}"
