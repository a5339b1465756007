"""A company's own site on another port than Parley's, with as strict a policy as sites have, and our script tag in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fastapi import FastAPI

from app.application import make_application
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store

KEY = "key of the widget's tests"


def parley(store: Store, assistant: Assistant) -> FastAPI:
    """The whole application, as it is served."""
    return make_application(House(store, lambda: None, assistant), Settings(secret=KEY, demo=False, _env_file=None))


@contextmanager
def company_site(tag: str, *, policy: str, language: str = "nl") -> Iterator[str]:
    """A page with that tag; at /?out the visitor has signed out, and nobody is said to be there. `policy` is its content-security policy: no style or script of the page's own may run."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown = tag.replace("data-identity", "data-was") if self.path.endswith("?out") else tag
            body = (
                f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Van Dijk</title>'
                '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
                "<body><h1>Van Dijk Groothandel</h1><p>Alles voor de bakkerij, sinds 1931.</p>"
                f'<p><a href="#aanbod">Aanbod</a></p>{shown}</body></html>'
            ).encode()
            self.send_response(200 if self.path.partition("?")[0] == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    running.join(5)


def policy_for(parley_at: str) -> str:
    return (
        f"default-src 'none'; script-src {parley_at}; connect-src {parley_at}; frame-ancestors 'none'; base-uri 'none'"
    )


def may_stand(store: Store, *origins: str, accent: str | None = "#8a2846") -> None:
    with store.session() as session:
        for seller in session.query(Seller):
            seller.settings = {**(seller.settings or {}), "chat": {"origins": list(origins), "accent": accent}}
        session.commit()
