"""`parley seller`: who sells through this installation."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core.actions.save_seller import save_seller
from o2c_core.customers.seller import Seller
from o2c_core.customers.seller_profile import SellerUnclear, read_profile
from o2c_core.imports.source import FileMissing

seller_app = typer.Typer(help="Who sells through this installation.", no_args_is_help=True)


@seller_app.command("save")
def save(
    ref: Annotated[str, typer.Argument(help="The reference the seller is known by here, such as vandijk.")],
    file: Annotated[
        Path, typer.Argument(help="A TOML file with the seller's name, currency, bank accounts and the rest.")
    ],
) -> None:
    """Open a seller, or change it, as the file says. Saving the same file again changes nothing."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise FileMissing(f"There is no file {file}.", path=str(file)) from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as odd:
        raise SellerUnclear(f"{file.name} is not proper TOML: {odd}.") from odd
    profile = read_profile(tables)
    with opened_store() as store:
        seller, changed = save_seller(ref, profile, store=store)
    sys.stdout.write(f"{seller.ref}: {', '.join(changed) if changed else 'nothing'} changed\n")


@seller_app.command("list")
def list_sellers(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Every seller with its currency, its accounts and its terms."""
    with opened_store() as store, store.session() as session:
        found = [
            {
                "seller": seller.ref,
                "name": seller.name,
                "currency": seller.currency,
                "time_zone": seller.time_zone,
                "terms": str(seller.terms),
                "accounts": [account.iban for account in seller.bank_accounts],
            }
            for seller in session.scalars(select(Seller).order_by(Seller.ref))
        ]
    if as_json:
        sys.stdout.write(json.dumps({"sellers": found}, ensure_ascii=False, indent=2) + "\n")
        return
    for one in found:
        accounts = ", ".join(one["accounts"]) or "no bank account"
        sys.stdout.write(f"{one['seller']:<12} {one['name']} · {one['currency']} · {one['terms']} · {accounts}\n")
