"""What finance does on the page of rules: take an escalation, close it, decide what is asked, switch a rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from o2c_core.actions.acknowledge_escalation import acknowledge_escalation
from o2c_core.actions.close_escalation import close_escalation
from o2c_core.actions.decide_approval import decide_approval
from o2c_core.actions.switch_rule import switch_rule
from o2c_core.cases.moves import Settled
from o2c_core.errors import Failure, NotFound
from o2c_core.escalations.approval import NoSuchApproval
from o2c_core.escalations.escalation import NoSuchEscalation
from o2c_core.staff.signed import Signed
from o2c_core.store.store import Store
from web.desk.door import SignedHere, desk_router, needs

# What the page says when something was done, by the word its address ends with.
DONE = {
    "acknowledged": "It is yours now, and no longer goes up a level for want of an answer.",
    "closed": "It is closed. The rule does not fire again for it while its condition goes on holding.",
    "approved": "It is approved and carried out.",
    "refused": "It is refused, and nothing was done.",
    "saved": "The version is saved and off. It is used once somebody switches to it below.",
    "on": "The rule is on: from its next run it acts.",
    "trial": "The rule is in trial: each day it is noted for whom it would fire, and nobody hears of it.",
    "off": "The rule is off, and what stood open by it is over.",
}

Why = Annotated[str, Form(max_length=500)]
Key = Annotated[str, Form(max_length=60)]
SellerRef = Annotated[str, Form(alias="seller", max_length=100)]
Say = Callable[[str, str, str, int], Response]
Missing = TypeVar("Missing", bound=NotFound)


def rule_verbs(store: Store, say: Say) -> APIRouter:
    """Each does one thing and shows the page again; `say` shows it with why something was not done."""
    router = desk_router(store)

    def doing(who: Signed, seller: str, act: Callable[[], str]) -> Response:
        try:
            done = act()
        except Failure as failure:
            return say(who.authority, seller, failure.sentence, _status(failure))
        asked = {"done": done} | ({"seller": seller} if seller else {})
        return RedirectResponse(f"/rules?{urlencode(asked)}", 303)

    @router.post("/rules/acknowledge")
    @needs("decide")
    def acknowledging(who: SignedHere, escalation: Key, seller: SellerRef = "") -> Response:
        def act() -> str:
            acknowledge_escalation(_key(escalation, NoSuchEscalation), by=who.name, store=store)
            return "acknowledged"

        return doing(who, seller, act)

    @router.post("/rules/close")
    @needs("decide")
    def closing(who: SignedHere, escalation: Key, how: Why = "", seller: SellerRef = "") -> Response:
        def act() -> str:
            close_escalation(_key(escalation, NoSuchEscalation), by=who.name, how=how, store=store)
            return "closed"

        return doing(who, seller, act)

    @router.post("/rules/decide")
    @needs("decide")
    def deciding(
        who: SignedHere,
        approval: Key,
        do: Annotated[str, Form(pattern="^(approve|refuse)$")],
        why: Why = "",
        seller: SellerRef = "",
    ) -> Response:
        def act() -> str:
            key = _key(approval, NoSuchApproval)
            return decide_approval(
                key, approve=do == "approve", by=who.name, role=who.authority, why=why, store=store
            ).state

        return doing(who, seller, act)

    @router.post("/rules/switch")
    @needs("edit_rules")
    def switching(
        who: SignedHere,
        rule: Annotated[str, Form(max_length=100)],
        version: Annotated[int, Form(ge=1, le=1_000_000)],
        to: Annotated[str, Form(pattern="^(on|trial|off)$")],
        seller: SellerRef,
    ) -> Response:
        def act() -> str:
            return switch_rule(
                rule, to, seller_ref=seller, store=store, by=who.name, version=version, role=who.authority
            ).state  # fmt: skip

        return doing(who, seller, act)

    return router


def _status(failure: Failure) -> int:
    if isinstance(failure, NotFound):
        return 404
    return 409 if isinstance(failure, Settled) else 400


def _key(written: str, missing: type[Missing]) -> UUID:
    try:
        return UUID(written)
    except ValueError as odd:
        raise missing(id=written) from odd
