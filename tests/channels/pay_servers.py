"""Stand-ins for the APIs of Stripe and Mollie, over HTTP, for their own SDKs to talk to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Asked:
    """One request the stand-in got."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Server:
    """`answers` are by method and path, each a status and a body, or "hang"; anything else is not found."""

    url: str = ""
    answers: dict[str, tuple[int, Any] | str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def api(content_type: str) -> Iterator[Server]:
    """A stand-in on a free port."""
    known = Server()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            body = json.loads(raw) if raw.startswith("{") else dict(parse_qsl(raw))
            headers = {name.lower(): value for name, value in self.headers.items()}
            known.asked.append(Asked(self.command, self.path, headers, body))
            answer = known.answers.get(f"{self.command} {self.path.partition('?')[0]}", (404, {}))
            if isinstance(answer, str):
                time.sleep(1.5)
                return
            status, said = answer
            text = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
