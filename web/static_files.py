"""Style sheets and scripts as browsers get them: compressed, and kept for as long as their address is the same.

Only these are compressed. A page holds figures and what somebody typed, and its compressed length can tell of both.
Source: RFC 9110 section 17.6 and the BREACH attack (breachattack.com).
"""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from web.rendering import STATIC

# The address of each file has a mark of what is in it: see rendering.asset. Source: RFC 8246.
KEPT = "public, max-age=31536000, immutable"
SMALL_BYTES = 500


class _Marked(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200 and scope.get("query_string", b"").startswith(b"v="):
            answer.headers["Cache-Control"] = KEPT
        return answer


def static_files() -> ASGIApp:
    """The style sheets, the scripts and the sign, to be mounted at /static."""
    return GZipMiddleware(_Marked(directory=STATIC), minimum_size=SMALL_BYTES)
