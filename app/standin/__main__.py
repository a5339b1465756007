"""`python -m app.standin`: the stand-in in a process of its own."""

from __future__ import annotations

import binascii
import sys
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.standin.application import make_server, settings_for
from app.standin.faults import read_faults
from app.standin.signing import new_events_key
from app.standin.stage import Accounts, Stage
from o2c_core.errors import Failure, Refused


class OddEventsKey(Refused):
    """The events key is a file with a private key for the curve P-256 in PEM."""


def main(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8900,
    seed: Annotated[int, typer.Option(help="The same seed brings the same mishaps.")] = 1,
    faults: Annotated[str | None, typer.Option(help="What goes wrong: a JSON object, or a file with one.")] = None,
    doors: Annotated[str, typer.Option(help="Where Parley's doors are, for callbacks.")] = "http://127.0.0.1:8000",
    events_key: Annotated[Path | None, typer.Option(help="PEM of the key that signs events; else a fresh one.")] = None,
) -> None:
    """Stand in for Twilio and SendGrid, and print the settings that send Parley here."""
    accounts = Accounts(doors_url=doors.rstrip("/"), events_key=_key(events_key))
    for name, value in settings_for(accounts, f"http://127.0.0.1:{port}").items():
        sys.stdout.write(f"PARLEY_{name.upper()}={value}\n")
    sys.stdout.flush()
    make_server(Stage(accounts, read_faults(faults), seed), port).run()


def _key(path: Path | None) -> ec.EllipticCurvePrivateKey:
    """Raises: OddEventsKey."""
    if path is None:
        return new_events_key()
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, binascii.Error) as odd:
        raise OddEventsKey from odd
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise OddEventsKey
    return key


if __name__ == "__main__":
    try:
        typer.run(main)
    except Failure as failure:
        sys.stderr.write(f"{failure.sentence}\n")
        raise SystemExit(2) from failure
