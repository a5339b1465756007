"""A client that costs next to nothing, so that what is measured is the server."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlencode

from app.bench.turn import BenchFailed
from app.standin.signing import sign_form

MESSAGES = "/twilio/messages"


class Wire:
    """One connection that is kept. A request is bytes made beforehand; of the answer only the status is looked at."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> int:
        """The status of the answer.

        Raises: BenchFailed when the server hangs up.
        """
        self._line.sendall(request)
        said = b""
        while b"\r\n\r\n" not in said:
            said += self._more()
        head, _, body = said.partition(b"\r\n\r\n")
        left = _length(head) - len(body)
        while left > 0:
            left -= len(self._more())
        return int(head[9:12])

    def _more(self) -> bytes:
        block = self._line.recv(65536)
        if not block:
            raise BenchFailed("The server hung up.")
        return block

    def close(self) -> None:
        self._line.close()


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0] or 0)


def post_bytes(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def text_post(fields: Mapping[str, str], *, base_url: str, token: str, path: str = MESSAGES) -> bytes:
    """A text coming in, signed as the provider signs it for that public address."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": sign_form(token, base_url + MESSAGES, fields.items()),
    }
    return post_bytes(path, urlencode(fields).encode(), headers)
