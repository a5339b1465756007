"""The API put together: every address, who keeps the door, and how it describes itself."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from o2c_core.integrations.rate import Rate
from o2c_core.store.store import Store
from web.api import (
    accounts,
    agreement_writes,
    bank,
    bank_writes,
    case_writes,
    cases,
    imports,
    invoice_writes,
    invoices,
    order_writes,
    orders,
    parties,
    payment_writes,
    payments,
    privacy,
    reports,
    trail,
    webhooks,
)
from web.api.door import Doorkeeper
from web.api.openapi import describe
from web.api.problems import answer_problems

_ROUTERS = (
    parties.router, accounts.router, orders.router, order_writes.router, invoices.router, invoice_writes.router,
    payments.router, payment_writes.router, cases.router, case_writes.router, agreement_writes.router, bank.router,
    bank_writes.router, imports.router, reports.router, trail.router, webhooks.router, privacy.router,
)  # fmt: skip


def make_api(store: Store, *, may_call_private: bool = False, rate: Rate | None = None) -> FastAPI:
    """The application to mount at /api/v1. Webhooks may go to private addresses only where that is said."""
    app = FastAPI(title="Parley", version="1", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.doorkeeper = Doorkeeper(store, rate or Rate())
    app.state.may_call_private = may_call_private
    routes: list[APIRoute] = []
    for router in _ROUTERS:
        app.include_router(router)
        routes += [route for route in router.routes if isinstance(route, APIRoute)]
    said: dict[str, Any] = {}

    @app.get("/openapi.json", include_in_schema=False)
    def description() -> JSONResponse:
        if not said:
            said.update(describe(app, routes))
        return JSONResponse(said)

    answer_problems(app)
    return app
