"""Whether a form was sent from one of our own pages: what changes something is heard from nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request


def is_from_here(request: Request) -> bool:
    """True when the browser says so: by the site that asks, or by the origin of the page where it does not say that.

    A request that says neither is not a browser's own, and is turned away too.
    Source: W3C Fetch Metadata Request Headers; RFC 6454 (Origin).
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")
