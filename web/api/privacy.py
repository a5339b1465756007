"""A person's rights: to have what is known of them, and to be forgotten."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from o2c_core.actions.erase_person import Erasure, erase_person
from o2c_core.actions.export_person import export_person
from o2c_core.store.store import Store
from web.api.door import KeyedRoute, needs
from web.api.find import customer_by
from web.api.problems import described
from web.api.shapes import Asked, Prose, Ref, Told
from web.api.writes import ROLE, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["privacy"])


class ExportAsked(Asked):
    why: Prose = Field(description="Who asked for it.")
    contact: UUID | None = Field(None, description="One contact and nothing else; the whole customer if left out.")


class ExportTold(Told):
    export: dict[str, Any] | None = Field(description="The rows, what was concluded, how long each kind is kept.")


class ErasureAsked(Asked):
    why: Prose = Field(description="Who asked for it, or why.")
    contact: UUID | None = Field(None, description="One contact; the customer, who is a person, where it is left out.")


class CopyTold(Told):
    """A copy that a carrier may still have."""

    carrier: str
    key: str


class ErasedTold(Told):
    pseudonym: str
    rows: dict[str, int] = Field(
        description="How many rows were changed, by table; empty when nothing was left to erase."
    )
    passages: list[str] = Field(description="Passages of the library that mention the person and need an editor.")
    carriers: list[CopyTold]


@router.post("/customers/{ref}/export", response_model=ExportTold, responses=described(400, 404, 409))
@needs("privacy:manage")
def post_export(ref: Ref, asked: ExportAsked, write: WriteHere) -> Response:
    """Everything that is known of a person. The trail says that it was given out; a repeat is answered with null."""

    def act(store: Store) -> ExportTold:
        with write.store.session() as session:
            customer = customer_by(session, write.caller.seller_id, ref)
        return ExportTold(export=export_person(customer.id, asked.contact, by=write.who, why=asked.why, store=store))

    # Everything about a person is not kept a second time for repeats.
    return write.carry_out(act, 200, kept=lambda _: ExportTold(export=None))


@router.post("/customers/{ref}/erase", response_model=ErasedTold, responses=described(400, 404, 409))
@needs("privacy:manage")
def post_erasure(ref: Ref, asked: ErasureAsked, write: WriteHere) -> Response:
    """Pseudonymises a person in the whole ledger and keeps what the law keeps. What is open has to end first."""

    def act(store: Store) -> ErasedTold:
        with write.store.session() as session:
            customer = customer_by(session, write.caller.seller_id, ref)
        erasure = Erasure(customer.id, asked.contact)
        erased = erase_person(erasure, by=write.who, why=asked.why, role=ROLE, store=store)
        return ErasedTold(
            pseudonym=erased.pseudonym,
            rows=dict(erased.rows),
            passages=list(erased.passages),
            carriers=[CopyTold(carrier=carrier, key=key) for carrier, key in erased.carriers],
        )

    return write.carry_out(act, 200)
