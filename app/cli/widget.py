"""`parley widget`: what a company puts on its own site to have the chat there."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from sqlalchemy import select

from app.installation import opened_store
from app.settings import settings
from channels.widget_door import SCRIPT
from o2c_core.actions.make_host_key import make_host_key
from o2c_core.conversations.host_token import LIFE_MAX, OLD_KEY_HOLDS, audience, host_key, numbers_good
from o2c_core.customers.chat_setting import chat_of
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound


def widget(
    seller: Annotated[str, typer.Argument(help="Reference of the seller on whose site it stands.")],
    new_key: Annotated[
        bool,
        typer.Option(
            "--new-key", help="Make the key with which the site says who is signed in there. It is shown this once."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Print the script tag, the sites it may stand on, and how the site says who is signed in there."""
    chosen = settings()
    with opened_store(chosen) as store:
        with store.session() as session:
            found = session.scalars(select(Seller).where(Seller.ref == seller)).one_or_none()
        if found is None:
            raise NotFound(f"There is no seller '{seller}' here.", seller=seller)
        key = None
        if new_key:
            seller_id, number = make_host_key(seller, who="command line", store=store)
            key = host_key(chosen.signing_key(), seller_id, number)
        has_key = key is not None or bool(numbers_good(found.settings, store.clock.now()))
    base = (chosen.base_url or f"http://{chosen.host}:{chosen.port}").rstrip("/")
    said = {
        "tag": f'<script src="{base}/widget/{SCRIPT}" data-seller="{seller}" async></script>',
        "origins": sorted(chat_of(found.settings).origins),
        "policy": {"script-src": base, "connect-src": base},
        "audience": audience(seller),
        "has_key": has_key,
        "key": key,
    }
    sys.stdout.write((json.dumps(said, indent=2) if as_json else _told(said)) + "\n")
    if key is not None and not as_json:
        hours = OLD_KEY_HOLDS.total_seconds() / 3600
        sys.stderr.write(
            f"Keep the key now: it is not shown again. The one before it holds for {hours:.0f} hours more.\n"
        )


def _told(said: dict[str, object]) -> str:
    origins = said["origins"]
    assert isinstance(origins, list)
    stands = (
        "\n".join(f"  {one}" for one in origins) or "  on none yet: name them as [chat] origins in the seller's file"
    )
    minutes = LIFE_MAX.total_seconds() / 60
    key = f"Key\n  {said['key']}\n\n" if said["key"] else ""
    who = (
        f'  A JWT with HS256: aud "{said["audience"]}", sub the customer\'s number, jti never the same twice, exp within'
        f" {minutes:.0f} minutes;\n"
        '  email as well where it is known which person it is. In the tag: data-identity="…", or data-identity-url="/…" for\n'
        "  an address of the site's own that answers with one."
    )
    no_key = "" if said["has_key"] else "\n  There is no key yet: parley widget … --new-key makes one."
    return (
        f"On every page, before </body>\n  {said['tag']}\n\nThe sites it may stand on\n{stands}\n\n"
        f"{key}Who is signed in there\n{who}{no_key}"
    )
