"""`parley webhook`: who is told of what happens in a seller's ledger."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import func, select

from app.installation import opened_store
from app.settings import settings
from o2c_core.actions.add_webhook import add_webhook
from o2c_core.actions.remove_webhook import EndpointUnknown, remove_webhook
from o2c_core.actions.replay_webhooks import replay_webhooks
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.integrations.events import NAMES
from o2c_core.integrations.webhook import WebhookDelivery, WebhookEndpoint
from o2c_core.store.store import Store

webhook_app = typer.Typer(help="Who is told of what happens in a seller's ledger.", no_args_is_help=True)
_SellerRef = Annotated[str, typer.Option("--seller", help="Reference of the seller.")]
_Endpoint = Annotated[str, typer.Argument(help="The endpoint's id, as `parley webhook list` shows it.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


class NotAMoment(Refused):
    """A moment is written as 2026-03-31T12:00:00Z, or 2026-03-31 for its beginning in UTC."""


@webhook_app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where to: an https address.")],
    seller: _SellerRef,
    event: Annotated[
        list[str] | None, typer.Option(help=f"Only these; give it once per event. There are: {', '.join(NAMES)}.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Add an endpoint. The secret its deliveries are signed with is shown this once."""
    with opened_store() as store:
        may_call_private = settings().webhooks_private
        made = add_webhook(
            _seller_id(store, seller),
            url,
            event or (),
            may_call_private=may_call_private,
            who="command line",
            store=store,
        )
    if as_json:
        shown = {"id": str(made.endpoint.id), "url": url, "events": made.endpoint.events, "secret": made.secret}
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
        return
    sys.stdout.write(f"{made.secret}\n")
    sys.stderr.write(f"This is the secret of {made.endpoint.id}. Keep it now: it is not shown again.\n")


@webhook_app.command("list")
def list_endpoints(seller: _SellerRef, as_json: _Json = False) -> None:
    """Every endpoint of the seller, and what waits or failed."""
    with opened_store() as store:
        rows = _endpoints(store, _seller_id(store, seller))
    if as_json:
        listed = [
            {
                "id": str(row.id),
                "url": row.url,
                "events": row.events,
                "is_on": row.is_on,
                "failing_since": row.failing_since.isoformat() if row.failing_since else None,
                "deliveries": counts,
            }
            for row, counts in rows
        ]
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
        return
    if not rows:
        sys.stdout.write(f"{seller} has no endpoints.\n")
    for row, counts in rows:
        failing = f"failing since {row.failing_since:%Y-%m-%d %H:%M} UTC" if row.failing_since else "well"
        told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nothing told yet"
        what = ", ".join(row.events) or "all events"
        sys.stdout.write(f"{row.id}  {failing if row.is_on else 'off'}; {told}\n  {row.url} ({what})\n")


@webhook_app.command("remove")
def remove(endpoint: _Endpoint, seller: _SellerRef) -> None:
    """Remove an endpoint; what was still waiting for it is dropped."""
    with opened_store() as store:
        remove_webhook(_id(endpoint), _seller_id(store, seller), who="command line", store=store)
    sys.stdout.write(f"{endpoint} is removed.\n")


@webhook_app.command("replay")
def replay(
    endpoint: _Endpoint,
    seller: _SellerRef,
    since: Annotated[str, typer.Option(help="From this moment: 2026-03-31T12:00:00Z or 2026-03-31.")],
    until: Annotated[str | None, typer.Option(help="Up to this moment; up to now where it is left out.")] = None,
) -> None:
    """Tell an endpoint again what happened in a span of time, under the events' own ids."""
    with opened_store() as store:
        end = _moment(until) if until is not None else store.clock.now()
        count = replay_webhooks(
            _id(endpoint), _seller_id(store, seller), _moment(since), end, who="command line", store=store
        )
    sys.stdout.write(f"{count} events will be told again.\n")


def _endpoints(store: Store, seller_id: UUID) -> list[tuple[WebhookEndpoint, dict[str, int]]]:
    counted = select(WebhookDelivery.state, func.count()).group_by(WebhookDelivery.state)
    query = select(WebhookEndpoint).where(WebhookEndpoint.seller_id == seller_id).order_by(WebhookEndpoint.id)
    with store.session() as session:
        return [
            (row, {state: int(count) for state, count in session.execute(counted.where(WebhookDelivery.endpoint_id == row.id))})
            for row in session.scalars(query)
        ]  # fmt: skip


def _seller_id(store: Store, ref: str) -> UUID:
    with store.session() as session:
        found = session.scalar(select(Seller.id).where(Seller.ref == ref))
    if found is None:
        raise NotFound(f"There is no seller '{ref}' here.", seller=ref)
    return found


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as odd:
        raise EndpointUnknown from odd


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as odd:
        raise NotAMoment from odd
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
