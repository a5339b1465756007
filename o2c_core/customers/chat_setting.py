"""What a company has set for the chat on its own site: on which sites it may stand, and its colour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import urlsplit

Side = Literal["left", "right"]
_DEFAULT_PORTS = {"http": 80, "https": 443}
_COLOUR = re.compile("#[0-9a-f]{6}")


class NotAnOrigin(ValueError):
    """A site is named as a browser names it: https://www.example.com, with a port where there is one and no path."""


@dataclass(frozen=True)
class ChatSetting:
    """`origins` are exactly those sites on which the chat may stand; on others it does not begin."""

    origins: frozenset[str] = frozenset()
    accent: str | None = None
    side: Side = "right"

    def may_stand_on(self, origin: str) -> bool:
        """Whether the page that asks is on one of those sites. Every sign counts: scheme, host and port."""
        return origin in self.origins


def chat_of(settings: Mapping[str, Any] | None) -> ChatSetting:
    """The seller's own setting; without one the chat stands on no other site."""
    said: Mapping[str, Any] = (settings or {}).get("chat") or {}
    side = cast(Side, said.get("side") or "right")
    return ChatSetting(frozenset(said.get("origins") or ()), said.get("accent") or None, side)


def tidy_origin(text: str) -> str:
    """The origin as browsers write it in the Origin header.

    Source: html.spec.whatwg.org, "serialization of an origin"; RFC 6454 section 6.2.
    Raises: NotAnOrigin.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError) as odd:
        raise NotAnOrigin(f"'{text}' is not a site") from odd
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in _DEFAULT_PORTS or not host or "*" in host or has_more:
        raise NotAnOrigin(f"'{text}' is not a site: write https://www.example.com, with a port where there is one")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, _DEFAULT_PORTS[parts.scheme]) else "")


def tidy_colour(text: str) -> str:
    """Raises: ValueError."""
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"'{text}' is not a colour: write #1f5f4a")
    return colour
