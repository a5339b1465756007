"""Where somebody goes after signing in: the page they were on their way to, and never out of this house."""

from __future__ import annotations

from urllib.parse import urlsplit

HOME = "/inbox"
CHARACTERS_MAX = 2_000


def way_back(written: str) -> str:
    """The path that was asked for where it is one of ours; else the inbox.

    Browsers read a backslash as a slash, leave out tabs and line ends, and take two slashes for another host.
    Source: WHATWG URL Standard, section 4.4 (basic URL parser).
    """
    if not written.startswith("/") or written.startswith("//") or len(written) > CHARACTERS_MAX:
        return HOME
    if "\\" in written or any(not "!" <= letter <= "~" for letter in written):
        return HOME
    try:
        parts = urlsplit(written)
    except ValueError:
        return HOME
    is_ours = not parts.scheme and not parts.netloc
    return written if is_ours and not parts.path.startswith(("/sign-in", "/sign-out")) else HOME
