"""What a browser is told about every page: load nothing from elsewhere, run nothing that stands in the page."""

from __future__ import annotations

from collections.abc import MutableMapping

from starlette.datastructures import MutableHeaders

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# A mail brings its own styles and never a script, an image from elsewhere or a form; it may only be framed by us.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def secure(headers: MutableMapping[str, str] | MutableHeaders) -> None:
    """Adds what is missing; a page that brought a stricter policy of its own keeps it."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
