"""Messages on their way out, and a server that answers them as its script says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from o2c_core.conversations.carrier import MailHeaders, Outgoing, OutgoingFile
from tests.conftest import NOON

MESSAGE = UUID("0199d3a0-0000-7000-8000-000000000007")
SELLER = UUID("0199d3a0-0000-7000-8000-000000000001")


def a_mail(**changes: Any) -> Outgoing:
    """A reminder with everything a mail can have."""
    usual: dict[str, Any] = {
        "message_id": MESSAGE,
        "seller_id": SELLER,
        "channel": "email",
        "purpose": "reminder",
        "to": "anna@bakkerij.example",
        "text": "Goedendag,\n\nFactuur INV-7 over € 1.250,00 staat open.\n.\nEinde\n",
        "html": "<p>Factuur <b>INV-7</b> over € 1.250,00 staat open.</p>",
        "subject": "Factuur INV-7 over € 1.250,00",
        "language": "nl",
        "claimed_at": NOON,
        "sender": "ar@seller.example",
        "sender_name": "Seller „Süd“ B.V., Utrecht",
        "files": (OutgoingFile("Rekening März 2026.pdf", "application/pdf", b"%PDF-1.7 ..."),),
        "mail": MailHeaders(
            mail_id=f"<{MESSAGE.hex}@replies.seller.example>",
            in_reply_to="<77@bakkerij.example>",
            references=("<1@seller.example>",),
            reply_to="t-abc@replies.seller.example",
            unsubscribe_url="https://pay.seller.example/stop/abc",
            unsubscribe_mailto="t-abc@replies.seller.example",
            auto_submitted="auto-generated",
        ),
    }
    return Outgoing(**(usual | changes))


@dataclass
class Heard:
    """What a server was asked, in order."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


Script = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(script: Script) -> Iterator[Heard]:
    """A local server that reads each request and then does what the script says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.requests.append(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null"))
            heard.headers.append(dict(self.headers))
            heard.paths.append(self.path)
            script(self)

        do_GET = do_POST  # noqa: N815 (the name the server looks for)

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    heard = Heard(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answers(status: int, body: object = None, **headers: str) -> Script:
    """A script that gives one answer."""

    def script(request: BaseHTTPRequestHandler) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return script
