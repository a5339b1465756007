"""Recording what was agreed with a customer: promises, plans, holds and what a person said about being written to."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from o2c_core.actions.answer_plan import answer_plan
from o2c_core.actions.end_hold import end_hold
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.note_consent import Said, note_consent
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.propose_plan import Wish, propose_plan
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.store.store import Store
from web.api.case_shapes import HoldTold, PlanTold, PromiseTold, tell_holds, tell_plans, tell_promises
from web.api.door import KeyedRoute, needs
from web.api.find import by_id, by_number, contact_by, customer_by, day_here, ids_by_number
from web.api.problems import described
from web.api.shapes import AmountAsked, Asked, Currency, Day, Line, Moment, Prose, Ref, Told
from web.api.writes import ROLE, Write, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["cases"])
_WRITES = described(400, 404, 409)


class PromiseAsked(Asked):
    """Without an amount it is all that is open and undisputed; without invoices it is about the account."""

    customer: Ref
    promised_on: Day
    amount: AmountAsked | None = None
    invoices: list[Ref] = Field([], max_length=200)
    channel: Line | None = None
    words: Prose | None = None


class PlannedPart(Asked):
    due_on: Day
    amount: AmountAsked


class PlanAsked(Asked):
    """Either `parts` monthly parts, the first on `first_on`, or a schedule of days and amounts."""

    customer: Ref
    invoices: list[Ref] = Field([], max_length=200)
    parts: int | None = Field(None, ge=2, le=60)
    first_on: Day | None = None
    schedule: list[PlannedPart] = Field([], max_length=60)
    currency: Currency | None = None


class PlanAnswer(Asked):
    is_accepted: bool


class HoldAsked(Asked):
    customer: Ref
    kind: Literal["reminders", "credit", "delivery"]
    reason: Prose
    owner: Line
    until_on: Day
    from_on: Day | None = None
    invoice: Ref | None = None


class HoldEnd(Asked):
    why: Prose


class ConsentAsked(Asked):
    channel: Literal["email", "sms", "whatsapp", "chat"]
    purpose: Literal["service", "reminders", "marketing"]
    is_given: bool
    how: Line = Field(description="Where it was said: a form, an email, the telephone.")
    words: Prose = Field(description="What was said, word for word.")


class ConsentTold(Told):
    id: UUID
    channel: str
    purpose: str
    is_given: bool
    at: Moment
    how: str
    words: str


@router.post("/promises", status_code=201, response_model=PromiseTold, responses=_WRITES)
@needs("cases:write")
def post_promise(asked: PromiseAsked, write: WriteHere) -> Response:
    def act(store: Store) -> PromiseTold:
        seller_id = write.caller.seller_id
        with write.store.session() as session:
            customer = customer_by(session, seller_id, asked.customer)
            numbers = ids_by_number(session, seller_id, asked.invoices)
        pledge = Pledge(
            customer_id=customer.id,
            promised_on=asked.promised_on,
            amount=asked.amount.money() if asked.amount else None,
            invoice_ids=tuple(numbers.values()),
            channel=asked.channel,
            words=asked.words,
        )
        promised = make_promise(pledge, role=ROLE, by=write.who, store=store)
        with write.store.session() as session:
            return tell_promises(session, [session.get_one(Promise, promised.promise.id)])[0]

    return write.carry_out(act, 201)


@router.post("/plans", status_code=201, response_model=PlanTold, responses=_WRITES)
@needs("cases:write")
def post_plan(asked: PlanAsked, write: WriteHere) -> Response:
    """Proposes a payment plan, which the customer has to accept, within what finance may grant."""

    def act(store: Store) -> PlanTold:
        seller_id = write.caller.seller_id
        with write.store.session() as session:
            customer = customer_by(session, seller_id, asked.customer)
            numbers = ids_by_number(session, seller_id, asked.invoices)
        wish = Wish(
            customer_id=customer.id,
            invoice_ids=tuple(numbers.values()),
            parts=asked.parts,
            first_on=asked.first_on,
            schedule=tuple((part.due_on, part.amount.money()) for part in asked.schedule),
            currency=asked.currency,
        )
        return _plan(write, propose_plan(wish, role=ROLE, by=write.who, store=store).id)

    return write.carry_out(act, 201)


@router.post("/plans/{number}/answer", response_model=PlanTold, responses=_WRITES)
@needs("cases:write")
def post_plan_answer(number: Ref, asked: PlanAnswer, write: WriteHere) -> Response:
    def act(store: Store) -> PlanTold:
        with write.store.session() as session:
            plan = by_number(session, PaymentPlan, write.caller.seller_id, number)
        return _plan(write, answer_plan(plan.id, accepted=asked.is_accepted, by=write.who, store=store).id)

    return write.carry_out(act, 200)


@router.post("/holds", status_code=201, response_model=HoldTold, responses=_WRITES)
@needs("cases:write")
def post_hold(asked: HoldAsked, write: WriteHere) -> Response:
    def act(store: Store) -> HoldTold:
        seller_id = write.caller.seller_id
        with write.store.session() as session:
            customer = customer_by(session, seller_id, asked.customer)
            numbers = ids_by_number(session, seller_id, [asked.invoice] if asked.invoice else [])
        pause = Pause(
            customer_id=customer.id,
            kind=asked.kind,
            reason=asked.reason,
            owner=asked.owner,
            until_on=asked.until_on,
            from_on=asked.from_on,
            invoice_id=numbers.get(asked.invoice or ""),
        )
        return _hold(write, place_hold(pause, role=ROLE, by=write.who, store=store).id)

    return write.carry_out(act, 201)


@router.post("/holds/{hold_id}/end", response_model=HoldTold, responses=_WRITES)
@needs("cases:write")
def post_hold_end(hold_id: UUID, asked: HoldEnd, write: WriteHere) -> Response:
    def act(store: Store) -> HoldTold:
        with write.store.session() as session:
            by_id(session, Hold, write.caller.seller_id, hold_id)
        return _hold(write, end_hold(hold_id, why=asked.why, by=write.who, store=store).id)

    return write.carry_out(act, 200)


@router.post(
    "/customers/{ref}/contacts/{contact_id}/consents",
    tags=["customers"],
    status_code=201,
    response_model=ConsentTold,
    responses=_WRITES,
)
@needs("customers:write")
def post_consent(ref: Ref, contact_id: UUID, asked: ConsentAsked, write: WriteHere) -> Response:
    """Notes what a person agreed to or refused; the latest note about a channel and purpose holds."""

    def act(store: Store) -> ConsentTold:
        with write.store.session() as session:
            contact_by(session, customer_by(session, write.caller.seller_id, ref), contact_id)
        said = Said(contact_id, **asked.model_dump())
        return ConsentTold.model_validate(note_consent(said, by=write.who, store=store))

    return write.carry_out(act, 201)


def _plan(write: Write, plan_id: UUID) -> PlanTold:
    with write.store.session() as session:
        return tell_plans(session, [session.get_one(PaymentPlan, plan_id)])[0]


def _hold(write: Write, hold_id: UUID) -> HoldTold:
    with write.store.session() as session:
        day = day_here(session, write.caller.seller_id, write.store)
        return tell_holds(session, [session.get_one(Hold, hold_id)], day)[0]
