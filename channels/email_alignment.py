"""Whether the domain in a mail's From was vouched for, by DKIM or by SPF."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

import authres
from publicsuffixlist import PublicSuffixList

from channels.email_parts import Taken

_DOOR_DKIM = re.compile(r"@([\w.-]{1,253})\s*:\s*(\w+)")


def is_aligned(
    from_address: str,
    *,
    dkim: str | None,
    spf: str | None,
    envelope_from: str | None,
    vouched: Collection[tuple[str, str]] = (),
) -> bool:
    """True when a pass speaks for the domain in From, or for another name of the same organisation.

    `dkim` and `spf` are the door's ("{@example.com : pass}", "pass"); `vouched` are (method, domain) pairs that passed by
    the word of a server of our own. A pass for somebody else's domain says nothing about this sender.

    Source: RFC 7489 §3.1 (relaxed alignment).
    """
    ours = organisation_of(from_address.rpartition("@")[2])
    if ours is None:
        return False
    passed = [domain for domain, result in _DOOR_DKIM.findall(dkim or "") if result.lower() == "pass"]
    if (spf or "").strip().lower() == "pass" and envelope_from:
        passed.append(envelope_from.strip("<> \t").rpartition("@")[2])
    passed.extend(domain for _, domain in vouched)
    return any(organisation_of(domain) == ours for domain in passed)


def vouched_by(taken: Taken, trusted_servers: Collection[str]) -> list[tuple[str, str]]:
    """What our own receiving servers found, from the topmost Authentication-Results of theirs.

    Anybody can write that header: one from a server that is not ours is not read, and a server of ours writes above
    what came in with the mail (RFC 8601 §5).
    """
    trusted = {name.lower() for name in trusted_servers}
    for value in taken.all("Authentication-Results") if trusted else ():
        try:
            read = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
        except Exception:  # noqa: S112 (a header that cannot be read vouches for nobody)
            continue
        if str(read.authserv_id).lower() in trusted:
            return list(_passes(read))
    return []


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def organisation_of(domain: str) -> str | None:
    """The domain somebody registered: "mail.shop.co.uk" belongs to "shop.co.uk". None for a suffix or no domain at all."""
    name = domain.strip().rstrip(".").lower()
    if not re.fullmatch(r"[\w.-]{1,253}", name) or ".." in name:
        return None
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    organisation = _suffixes().privatesuffix(name)
    return str(organisation) if organisation else None


def _passes(read: authres.AuthenticationResultsHeader) -> Iterator[tuple[str, str]]:
    wanted = {("dkim", "d"), ("dkim", "i"), ("spf", "mailfrom")}
    for result in read.results:
        if str(result.result).lower() != "pass":
            continue
        for of in result.properties:
            if (str(result.method).lower(), str(of.name).lower()) in wanted:
                yield str(result.method), str(of.value).rpartition("@")[2]
