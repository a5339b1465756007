"""Endpoints that are told of the seller's events, what they were told, and telling them again."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import select

from o2c_core.actions.add_webhook import add_webhook
from o2c_core.actions.remove_webhook import remove_webhook
from o2c_core.actions.replay_webhooks import replay_webhooks
from o2c_core.integrations.events import NAMES
from o2c_core.integrations.target import URL_CHARACTERS_MAX
from o2c_core.integrations.webhook import DELIVERY_STATES, WebhookDelivery, WebhookEndpoint
from o2c_core.store.store import Store
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import by_id
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Asked, Moment, Told
from web.api.writes import WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["webhooks"])
_Url = Annotated[str, StringConstraints(min_length=8, max_length=URL_CHARACTERS_MAX, pattern=r"^https?://[!-~]+$")]
_Event = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=60)]
_State = Annotated[str, StringConstraints(pattern=f"^({'|'.join(DELIVERY_STATES)})$")]


class WebhookAsked(Asked):
    url: _Url = Field(description="https only, and of a host that is on the public internet.")
    events: list[_Event] = Field([], max_length=100, description=f"None is all of them: {', '.join(NAMES)}.")


class WebhookTold(Told):
    id: UUID
    url: str
    events: list[str]
    is_on: bool
    failing_since: Moment | None
    created_at: Moment


class WebhookAdded(WebhookTold):
    secret: str | None = Field(description="What deliveries are signed with. It is shown this once: a repeat has null.")


class DeliveryTold(Told):
    id: UUID
    event_id: UUID = Field(description="The id the event has wherever and however often it is told.")
    event: str
    state: str
    attempts: int
    created_at: Moment
    next_at: Moment | None
    delivered_at: Moment | None
    last_status: int | None
    last_error: str | None


class ReplayAsked(Asked):
    since: Moment
    until: Moment


class Replayed(Told):
    deliveries: int


@router.get("/webhooks", responses=described(400))
@needs("webhooks:manage")
def list_webhooks(caller: CallerHere, store: StoreHere, paging: PagingHere) -> Page[WebhookTold]:
    query = select(WebhookEndpoint).where(WebhookEndpoint.seller_id == caller.seller_id)
    with store.session() as session:
        return paging.page(
            session, query, WebhookEndpoint.id, lambda rows: [WebhookTold.model_validate(row[0]) for row in rows]
        )


@router.post("/webhooks", status_code=201, response_model=WebhookAdded, responses=described(400, 404, 409))
@needs("webhooks:manage")
def post_webhook(asked: WebhookAsked, write: WriteHere, request: Request) -> Response:
    may_call_private: bool = request.app.state.may_call_private

    def act(store: Store) -> WebhookAdded:
        made = add_webhook(
            write.caller.seller_id,
            asked.url,
            asked.events,
            may_call_private=may_call_private,
            who=write.who,
            store=store,
        )
        return WebhookAdded(**WebhookTold.model_validate(made.endpoint).model_dump(), secret=made.secret)

    return write.carry_out(act, 201, kept=_forget_secret)


@router.get("/webhooks/{webhook_id}", responses=described(404))
@needs("webhooks:manage")
def read_webhook(webhook_id: UUID, caller: CallerHere, store: StoreHere) -> WebhookTold:
    with store.session() as session:
        return WebhookTold.model_validate(by_id(session, WebhookEndpoint, caller.seller_id, webhook_id))


@router.delete("/webhooks/{webhook_id}", status_code=204, response_class=Response, responses=described(400, 404, 409))
@needs("webhooks:manage")
def delete_webhook(webhook_id: UUID, write: WriteHere) -> Response:
    def act(store: Store) -> None:
        remove_webhook(webhook_id, write.caller.seller_id, who=write.who, store=store)

    return write.carry_out(act, 204)


@router.get("/webhooks/{webhook_id}/deliveries", responses=described(400, 404))
@needs("webhooks:manage")
def list_deliveries(
    webhook_id: UUID,
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    state: Annotated[_State | None, Query()] = None,
) -> Page[DeliveryTold]:
    """Newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == webhook_id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    with store.session() as session:
        by_id(session, WebhookEndpoint, caller.seller_id, webhook_id)
        return paging.page(
            session, query, WebhookDelivery.id, lambda rows: [_delivery(row[0]) for row in rows], newest_first=True
        )


@router.post(
    "/webhooks/{webhook_id}/replay", status_code=202, response_model=Replayed, responses=described(400, 404, 409)
)
@needs("webhooks:manage")
def post_replay(webhook_id: UUID, asked: ReplayAsked, write: WriteHere) -> Response:
    """Tells the endpoint again what happened in that span, under the events' own ids."""

    def act(store: Store) -> Replayed:
        seller_id = write.caller.seller_id
        count = replay_webhooks(webhook_id, seller_id, asked.since, asked.until, who=write.who, store=store)
        return Replayed(deliveries=count)

    return write.carry_out(act, 202)


def _forget_secret(told: Any) -> BaseModel:
    """A secret that was kept with the answers would be shown again, and lie about in a second table."""
    added: WebhookAdded = told
    return added.model_copy(update={"secret": None})


def _delivery(row: WebhookDelivery) -> DeliveryTold:
    same = {name: getattr(row, name) for name in DeliveryTold.model_fields if name != "event_id"}
    return DeliveryTold(event_id=row.trail_id, **same)
