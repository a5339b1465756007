"""`parley doctor`: what is set, what is missing, and what it would take."""

from __future__ import annotations

import json
import re
import sys
from http.client import HTTPException
from typing import Annotated, Any
from urllib.error import URLError
from urllib.request import urlopen

import typer
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app.settings import Settings, settings
from bot.model.provider import needs_key, package_missing
from channels.readiness import readiness
from o2c_core.errors import Failure
from o2c_core.store.schema import schema_is_current
from o2c_core.store.store import check_reachable, open_engine


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Say what is set, what is missing, and what it would take. Secrets are never printed."""
    chosen = settings()
    found = {
        "settings": _settings(chosen),
        "checks": [_database(chosen), _knowledge(chosen), _assistant(chosen), *_desk(chosen), *_channels(chosen)],
    }
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        _print(found)
    if any(check["state"] == "broken" for check in found["checks"]):
        raise typer.Exit(1)


def _settings(chosen: Settings) -> list[dict[str, Any]]:
    rows = []
    for name, field in type(chosen).model_fields.items():
        value = getattr(chosen, name)
        shown = "(set, not shown)" if isinstance(value, SecretStr) else None if value is None else str(value)
        is_set = name in chosen.model_fields_set
        rows.append({"name": f"PARLEY_{name.upper()}", "value": shown, "set": is_set, "about": field.description})
    return rows


def _database(chosen: Settings) -> dict[str, str]:
    if chosen.database_url is None:
        return _check("database", "ok", f"embedded PostgreSQL, files below {chosen.data / 'postgres'}")
    try:
        engine = open_engine(chosen.database_url.get_secret_value())
        check_reachable(engine)
        current = schema_is_current(engine)
        engine.dispose()
    except Failure as failure:
        return _check("database", "broken", failure.sentence)
    where = make_url(chosen.database_url.get_secret_value())
    place = f"{where.database} on {where.host or 'the local socket'}"
    return _check("database", "ok" if current else "behind", place if current else f"{place}; run `parley migrate`")


def _knowledge(chosen: Settings) -> dict[str, str]:
    if chosen.chroma_url is None:
        return _check("knowledge", "ok", f"embedded Chroma server, files below {chosen.data / 'chroma'}")
    try:
        if not chosen.chroma_url.startswith(("http://", "https://")):
            return _check("knowledge", "broken", "PARLEY_CHROMA_URL must begin with http:// or https://")
        with urlopen(f"{chosen.chroma_url.rstrip('/')}/api/v2/heartbeat", timeout=3):  # noqa: S310 (scheme checked above)
            return _check("knowledge", "ok", chosen.chroma_url)
    except (ValueError, HTTPException):
        return _check("knowledge", "broken", "PARLEY_CHROMA_URL is not an address; it looks like http://localhost:8000")
    except (URLError, OSError):
        return _check(
            "knowledge", "broken", f"no Chroma server answers at {chosen.chroma_url}; full text answers meanwhile"
        )


def _assistant(chosen: Settings) -> dict[str, str]:
    if chosen.model is None:
        return _check(
            "assistant", "ok", "the embedded model; set PARLEY_MODEL and PARLEY_MODEL_KEY to use a provider's"
        )
    if chosen.model_key is None and needs_key(chosen.model, chosen.model_base_url):
        return _check(
            "assistant", "missing", "PARLEY_MODEL is set without PARLEY_MODEL_KEY; the embedded model answers"
        )
    package = package_missing(chosen.model, chosen.model_base_url)
    if package is not None:
        return _check("assistant", "broken", f"{chosen.model} takes the package {package}; install it")
    costs = chosen.model_price_in is not None and chosen.model_price_out is not None
    priced = "" if costs else "; with PARLEY_MODEL_PRICE_IN and PARLEY_MODEL_PRICE_OUT its cost is kept"
    return _check("assistant", "ok", f"{chosen.model}, with the embedded model behind it{priced}")


def _desk(chosen: Settings) -> list[dict[str, str]]:
    """Whether anybody could sign in who lets others in, and whether the organisation's own sign-in answers."""
    from app.cli.desk_checks import admins, organisation

    return [_check("desk", *admins(chosen)), _check("sign-in", *organisation(chosen))]


def _channels(chosen: Settings) -> list[dict[str, str]]:
    """Each channel's row, with settings called what they are called in the environment."""
    names = sorted(type(chosen).model_fields, key=len, reverse=True)
    written = re.compile(rf"\b({'|'.join(name for name in names if '_' in name)})\b")
    return [
        _check(ready.name, ready.state, written.sub(lambda name: f"PARLEY_{name[0].upper()}", ready.detail))
        for ready in readiness(chosen)
    ]


def _check(name: str, state: str, detail: str) -> dict[str, str]:
    return {"name": name, "state": state, "detail": detail}


def _print(found: dict[str, Any]) -> None:
    for check in found["checks"]:
        sys.stdout.write(f"{check['name']:<11} {check['state']:<10} {check['detail']}\n")
    sys.stdout.write("\nSettings (environment variables, or lines in a file .env):\n")
    for row in found["settings"]:
        value = row["value"] if row["value"] is not None else "(not set)"
        sys.stdout.write(f"  {row['name']} = {value}{'' if row['set'] else '  (default)'}\n      {row['about']}\n")
