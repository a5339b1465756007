"""Which addresses deliveries may go to: public ones over https, so that nobody makes us knock on our own doors."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from o2c_core.errors import Outage, Refused

Resolve = Callable[[str, int], Iterable[str]]
"""Takes a host and a port; gives its addresses. Raises OSError when there are none."""

URL_CHARACTERS_MAX = 2_000


class NotAnEndpoint(Refused):
    """An endpoint is an https address with a host and no user name, for instance https://erp.example/parley."""


class PrivateAddress(Refused):
    """That host is inside a private network; deliveries go to public addresses only."""


class HostUnknown(Outage):
    """The name of that host cannot be found at the moment."""


@dataclass(frozen=True)
class Target:
    """Where to connect: the address that was checked, and the name it goes by.

    Connecting to the address, and not to the name a second time, keeps a name server from giving another answer.
    """

    url: str
    address: str
    host: str
    host_header: str


def resolve(host: str, port: int) -> list[str]:
    """The host's addresses, as this machine's resolver gives them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check_url(url: str, *, may_call_private: bool) -> SplitResult:
    """The parts of an address an endpoint may have; the host is not looked up.

    Raises: NotAnEndpoint, for plain http too unless private addresses may be called; PrivateAddress for an IP address.
    """
    schemes = ("https", "http") if may_call_private else ("https",)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as odd:
        raise NotAnEndpoint from odd
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not is_plain or len(url) > URL_CHARACTERS_MAX or parts.scheme not in schemes or not parts.hostname or port == 0:
        raise NotAnEndpoint
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotAnEndpoint
    try:
        ipaddress.ip_address(parts.hostname)
    except ValueError:
        return parts
    _check_address(parts.hostname, may_call_private)
    return parts


def find_target(url: str, *, may_call_private: bool, resolver: Resolve = resolve) -> Target:
    """Where to connect for that address. One private address among several is enough to refuse.

    Raises: NotAnEndpoint; PrivateAddress; HostUnknown.
    """
    parts = check_url(url, may_call_private=may_call_private)
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = list(resolver(host, port))
    except (OSError, UnicodeError) as silence:
        raise HostUnknown(host=host) from silence
    if not addresses:
        raise HostUnknown(host=host)
    for address in addresses:
        _check_address(address, may_call_private)
    chosen = addresses[0]
    literal = f"[{chosen}]" if ":" in chosen else chosen
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(f"{parts.scheme}://{literal}:{port}{path}", chosen, host, parts.netloc)


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet, also when it is an IPv4 address in IPv6's clothing."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        else:
            found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _check_address(address: str, may_call_private: bool) -> None:
    if not may_call_private and not is_public(address):
        raise PrivateAddress
