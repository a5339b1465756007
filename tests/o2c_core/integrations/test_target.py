"""Where deliveries may go: out, and never to our own doors."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.errors import Failure
from o2c_core.integrations.target import HostUnknown, NotAnEndpoint, PrivateAddress, check_url, find_target, is_public


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "255.255.255.255",
    "224.0.0.1", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1", "nonsense",
])  # fmt: skip
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_outside_is(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_no_address_is_public_that_python_calls_local(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    local = address.is_loopback or address.is_link_local or address.is_private or address.is_multicast
    assert not (local and is_public(str(address))) or (
        isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    )


@pytest.mark.parametrize("url", [
    "http://erp.example/", "ftp://erp.example/", "https://", "https:///a", "erp.example", "https://me:secret@erp.example/",
    "https://me@erp.example/", "https://erp.example/#part", "https://erp.example:0/", "https://erp.example:99999/",
    "https://erp.example/a b", "https://erp.example\\@inside/", "https://erp.example/\n", "https://[::1/", "https://münchen.example/",
    "https://erp.example/" + "a" * 2_000, "",
])  # fmt: skip
def test_what_is_not_an_https_address_is_refused(url: str) -> None:
    with pytest.raises(NotAnEndpoint):
        check_url(url, may_call_private=False)


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://[::1]:8443/x", "https://169.254.169.254/latest"])
def test_an_inside_address_in_the_url_is_refused(url: str) -> None:
    with pytest.raises(PrivateAddress):
        check_url(url, may_call_private=False)
    check_url(url, may_call_private=True)


@pytest.mark.parametrize(("url", "addresses", "outcome"), [
    ("https://erp.example/a?b=1", ["93.184.215.14"], "https://93.184.215.14:443/a?b=1"),
    ("https://erp.example:8443", ["2606:4700:4700::1111"], "https://[2606:4700:4700::1111]:8443/"),
    ("https://erp.example/", ["93.184.215.14", "10.0.0.1"], PrivateAddress),
    ("https://erp.example/", [], HostUnknown),
    # The ways of writing an inside address that a resolver, and not this check, would read.
    ("https://2130706433/", ["127.0.0.1"], PrivateAddress),
    ("https://127.1/", ["127.0.0.1"], PrivateAddress),
])  # fmt: skip
def test_the_address_that_was_checked_is_the_one_that_is_called(
    url: str, addresses: list[str], outcome: str | type[Failure]
) -> None:
    def resolver(host: str, port: int) -> list[str]:
        return addresses

    if isinstance(outcome, str):
        target = find_target(url, may_call_private=False, resolver=resolver)
        assert (target.url, target.host) == (outcome, "erp.example")
    else:
        with pytest.raises(outcome):
            find_target(url, may_call_private=False, resolver=resolver)


def test_a_name_nobody_knows_is_tried_again_later() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(HostUnknown):
        find_target("https://erp.example/", may_call_private=False, resolver=resolver)
