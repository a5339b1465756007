"""A stand-in for a provider of models: an OpenAI-compatible server on this machine that behaves as badly as a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Asked = dict[str, Any]
# A message, or how it fails: an HTTP status, "hang", "drip", "cut", "html", "not json".
Said = Callable[[Asked], dict[str, Any] | int | str]


class Provider:
    """It says what the test wants and remembers what it was asked."""

    def __init__(self, said: Said) -> None:
        self.asked: list[Asked] = []
        self.over = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                provider.asked.append(asked)
                answer = said(asked)
                if isinstance(answer, str):
                    provider.misbehave(self, answer)
                elif isinstance(answer, int):
                    _write(self, answer, json.dumps({"error": {"message": "no"}}).encode())
                else:
                    _write(self, 200, json.dumps(completion(answer)).encode())

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def misbehave(self, handler: BaseHTTPRequestHandler, how: str) -> None:
        if how == "hang":
            self.over.wait(20)
        elif how == "drip":
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.end_headers()
            while not self.over.wait(0.1):
                try:
                    handler.wfile.write(b" ")
                    handler.wfile.flush()
                except OSError:
                    return
        elif how == "cut":
            handler.send_response(200)
            handler.send_header("Content-Length", "5000")
            handler.end_headers()
            handler.wfile.write(b'{"id": "x", "choi')
            handler.wfile.flush()
            handler.connection.close()
        else:
            _write(handler, 200, b"<html>busy</html>" if how == "html" else b'{"choices": 3}')

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        time.sleep(0)


def _write(handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.wfile.write(body)


def completion(message: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": None, **message}}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "stub", "choices": [choice], "usage": usage}


def calls(*wanted: tuple[str, Any]) -> dict[str, Any]:
    """A message that calls these tools; arguments that are text are sent as they are."""
    return {
        "tool_calls": [
            {
                "id": f"c{at}",
                "type": "function",
                "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
            }
            for at, (name, given) in enumerate(wanted, 1)
        ]
    }


def had_tool(asked: Asked) -> bool:
    return any(message["role"] == "tool" for message in asked["messages"])


def results(asked: Asked) -> list[dict[str, Any]]:
    """What the tools said, oldest first."""
    return [json.loads(message["content"]) for message in asked["messages"] if message["role"] == "tool"]
