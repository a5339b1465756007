"""`parley key`: keys by which other systems use the API."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core.actions.make_api_key import make_api_key
from o2c_core.actions.revoke_api_key import revoke_api_key
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.integrations.api_key import SCOPES, ApiKey
from o2c_core.store.store import Store

key_app = typer.Typer(help="Keys by which other systems use the API.", no_args_is_help=True)
_SellerRef = Annotated[str, typer.Option("--seller", help="Reference of the seller whose ledger it opens.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@key_app.command("make")
def make(
    seller: _SellerRef,
    name: Annotated[str, typer.Option(help="Whose key it is, for people.")],
    scope: Annotated[
        list[str], typer.Option(help=f"What it may do; give it once per scope. There are: {', '.join(SCOPES)}.")
    ],
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help="After how many days it expires.")] = None,
    as_json: _Json = False,
) -> None:
    """Make a key. It is shown this once and cannot be shown again."""
    with opened_store() as store:
        expires_at = store.clock.now() + timedelta(days=days) if days is not None else None
        made = make_api_key(seller, name, scope, expires_at, who="command line", store=store)
    if as_json:
        shown = {"key": made.key, "start": made.row.start, "name": made.row.name, "scopes": made.row.scopes}
        until = expires_at.isoformat() if expires_at else None
        sys.stdout.write(json.dumps({**shown, "expires_at": until}, indent=2) + "\n")
        return
    sys.stdout.write(f"{made.key}\n")
    sys.stderr.write(f"This is the key '{made.row.name}'. Keep it now: it is not shown again.\n")


@key_app.command("list")
def list_keys(seller: _SellerRef, as_json: _Json = False) -> None:
    """Every key of the seller, with its first letters."""
    with opened_store() as store:
        now = store.clock.now()
        rows = [(row, row.is_good(now)) for row in _keys(store, seller)]
    if as_json:
        listed = [
            {
                "start": row.start,
                "name": row.name,
                "scopes": row.scopes,
                "is_good": is_good,
                "created_at": row.created_at.isoformat(),
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
                "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
                "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
            }
            for row, is_good in rows
        ]
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
        return
    if not rows:
        sys.stdout.write(f"{seller} has no keys.\n")
    for row, is_good in rows:
        state = "good" if is_good else "revoked" if row.revoked_at else "expired"
        used = f"used {row.last_used_at:%Y-%m-%d}" if row.last_used_at else "never used"
        sys.stdout.write(f"{row.start}…  {state:<8} {used:<16} {row.name}: {', '.join(row.scopes)}\n")


@key_app.command("revoke")
def revoke(
    start: Annotated[str, typer.Argument(help="The key's first letters, as `parley key list` shows them.")],
    seller: _SellerRef,
) -> None:
    """Revoke a key: from now on it opens nothing."""
    with opened_store() as store:
        row = revoke_api_key(seller, start, who="command line", store=store)
    sys.stdout.write(f"{row.start}… ({row.name}) is revoked.\n")


def _keys(store: Store, seller: str) -> list[ApiKey]:
    with store.session() as session:
        found = session.scalars(select(Seller).where(Seller.ref == seller)).one_or_none()
        if found is None:
            raise NotFound(f"There is no seller '{seller}' here.", seller=seller)
        return list(session.scalars(select(ApiKey).where(ApiKey.seller_id == found.id).order_by(ApiKey.id)))
