"""The SendGrid SDK's way to the network, with what it leaves out: a timeout, no redirects, and whether it ever connected."""

from __future__ import annotations

import http.client
import logging
import ssl
import urllib.request
from typing import Any

from python_http_client.client import Client
from sendgrid import SendGridAPIClient

# Below this level the SDK writes whole mails, with their addresses, into the log.
logging.getLogger("python_http_client").setLevel(logging.INFO)


class NeverConnected(OSError):
    """The connection was not made, so nothing can have left."""


class _Plain(http.client.HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except OSError as failed:
            raise NeverConnected(str(failed) or repr(failed)) from failed


class _Secure(http.client.HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except OSError as failed:  # a certificate that is not theirs included
            raise NeverConnected(str(failed) or repr(failed)) from failed


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Plain, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Secure, req, context=ssl.create_default_context())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the key along to wherever it points."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class _Client(Client):  # type: ignore[misc]
    """The SDK's client, which makes a new one of its own kind for every step of a path."""

    def _build_client(self, name: str | None = None) -> _Client:
        return _Client(
            host=self.host,
            version=self._version,
            request_headers=dict(self.request_headers),
            url_path=[*self._url_path, name] if name else self._url_path,
            append_slash=self.append_slash,
            timeout=self.timeout,
        )

    def _make_request(self, _opener: object, request: urllib.request.Request, timeout: float | None = None) -> Any:
        ours = urllib.request.build_opener(_Http, _Https, _NoRedirect)
        return super()._make_request(ours, request, timeout=timeout)


def sendgrid_client(key: str, host: str, seconds: float) -> SendGridAPIClient:
    """The SDK's client for that key at that address; each step of a call may take that long."""
    client = SendGridAPIClient(key, host=host.rstrip("/"))
    client.client = _Client(host=client.host, version=3, request_headers=client._default_headers, timeout=seconds)
    return client
