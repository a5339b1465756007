"""The least a webhook can do: one FastAPI route that makes one INSERT and commits. What our own door is measured against."""

from __future__ import annotations

import sys
from typing import Annotated

import uvicorn
from fastapi import Body, FastAPI, Response
from sqlalchemy import Engine, text

from app.cli.serving import UVICORN
from app.settings import settings
from o2c_core.keys import new_key
from o2c_core.store.store import open_engine

TABLE = "CREATE TABLE IF NOT EXISTS bare (id uuid PRIMARY KEY, body text NOT NULL, at timestamptz DEFAULT now())"
_INSERT = text("INSERT INTO bare (id, body) VALUES (:id, :body)")


def bare_application(engine: Engine) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/bare")
    def keep(body: Annotated[bytes, Body()]) -> Response:
        with engine.begin() as connection:
            connection.execute(_INSERT, {"id": new_key(), "body": body.decode()})
        return Response("<Response/>", media_type="application/xml")

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def main() -> None:
    """Serves it on the port named, with the server settings of `parley serve`."""
    chosen = settings()
    assert chosen.database_url is not None
    engine = open_engine(chosen.database_url.get_secret_value())
    with engine.begin() as connection:
        connection.execute(text(TABLE))
    uvicorn.run(bare_application(engine), host=chosen.host, port=int(sys.argv[1]), **UVICORN)


if __name__ == "__main__":
    main()
