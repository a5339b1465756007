"""An address as a list may show it: enough to recognise, too little to use."""

from __future__ import annotations


def masked(address: str | None) -> str:
    """The start and end of it: "a•••@jansen.example", "+316•••••78"; a dash when there is none."""
    if not address:
        return "–"
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    hidden = max(len(address) - 6, 3)
    return f"{address[: min(4, len(address) - hidden)]}{'•' * hidden}{address[-2:]}" if len(address) > 5 else "•••"
