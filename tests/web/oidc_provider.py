"""A small OpenID provider on this machine, which can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "parley", "a secret between two"
KEY, OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class Provider:
    """Who signs in there, what its tokens say, and what is wrong with them."""

    now: datetime
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    discovery: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    redeemed: int = 0

    def sign_in(self, url: str) -> str:
        """Somebody signs in at that address; what their browser is sent back with."""
        self.asked = {name: said[0] for name, said in parse_qs(urlsplit(url).query).items()}
        return urlencode({"code": "a code", "state": self.asked["state"], "iss": self.issuer})

    def token(self) -> str:
        now = int(self.now.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": "eva-at-work", "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": self.asked["nonce"], "email": "eva@vandijk.example", "email_verified": True, "name": "Eva",
        } | self.claims  # fmt: skip
        claims = {name: said for name, said in claims.items() if said is not None}
        if self.wrong == "alg none":
            return ".".join([*(_part(one) for one in ({"alg": "none"}, claims)), ""])
        if self.wrong == "unsigned":
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY).rpartition(".")[0] + "."
        if self.wrong == "changed":
            head, _, signature = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY).split(".")
            return f"{head}.{_part(claims | {'sub': 'somebody-else'})}.{signature}"
        if self.wrong.startswith("signed with "):
            # A key that is no secret between the two of them, or not the provider's alone.
            key = KEY.as_pem(private=False) if "public" in self.wrong else SECRET.encode()
            said = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
            mark = hmac.digest(key, said.encode(), hashlib.sha256)
            return f"{said}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
        if self.wrong == "not a token":
            return "not.a.token"
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, OTHER_KEY if self.wrong == "other key" else KEY)

    def redeem(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The tokens for a code, for who has the client's secret and the verifier of what was asked."""
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        )
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        is_right = (given, form["code"], challenge) == (f"{CLIENT}:{SECRET}", "a code", self.asked["code_challenge"])
        if not is_right or form["redirect_uri"] != self.asked["redirect_uri"]:
            return {"error": "invalid_grant"}
        self.redeemed += 1
        token = {} if self.wrong == "no token" else {"id_token": self.token()}
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 60, **token}

    def describes_itself(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            **({"userinfo_endpoint": f"{self.issuer}/userinfo"} if self.userinfo is not None else {}),
        } | self.discovery  # fmt: skip


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@contextmanager
def provider(now: datetime) -> Iterator[Provider]:
    one = Provider(now)

    class Doors(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers: dict[str, Callable[[], object]] = {
                "/.well-known/openid-configuration": one.describes_itself,
                "/keys": lambda: {"keys": [KEY.as_dict(private=False)]},
                "/userinfo": lambda: one.userinfo,
            }
            found = answers.get(self.path)
            self._say(found() if found else None, 200 if found else 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: said[0] for name, said in parse_qs(body).items()}
            answer = one.redeem(form, self.headers.get("authorization", ""))
            self._say(answer, 400 if "error" in answer else 200)

        def _say(self, said: object, status: int) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *about: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Doors)
    one.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield one
    server.shutdown()
    thread.join()
    server.server_close()
