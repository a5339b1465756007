"""Make the evidence pack of a claim: everything on record about it in one file, for who has to prove it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.money import Money
from o2c_core.notices.evidence import gather_evidence
from o2c_core.notices.evidence_zip import pack_name, zip_evidence
from o2c_core.store.store import Store
from o2c_core.trail import note


@dataclass(frozen=True)
class EvidencePack:
    """A ZIP file. `open` is what is open on those invoices by currency, `files` what is in it beside the index."""

    name: str
    content: bytes
    invoices: tuple[str, ...]
    open: dict[str, Money]
    files: tuple[str, ...]
    checksum: str


def make_evidence_pack(
    customer_id: UUID,
    *,
    store: Store,
    by: str,
    invoice_ids: Collection[UUID] = (),
    why: str = "",
    only_late: bool = True,
    message_ids: Collection[UUID] = (),
) -> EvidencePack:
    """The pack about those invoices, or about all of the customer's that are late. Who asked for it is in the trail.

    A case is about invoices that need not be late, and has messages whose files belong to it.

    Raises: NotFound; NothingOverdue.
    """
    with store.session() as session:
        customer = session.get(Customer, customer_id)
        if customer is None:
            raise NotFound("There is no such customer.", customer=str(customer_id))
        seller = session.get_one(Seller, customer.seller_id)
        evidence = gather_evidence(
            session, customer, today(store.clock, seller.time_zone), invoice_ids=invoice_ids, only_late=only_late,
            message_ids=message_ids,
        )  # fmt: skip
        content = zip_evidence(evidence)
        pack = EvidencePack(
            pack_name(evidence),
            content,
            tuple(one.number for one in evidence.invoices),
            evidence.open,
            tuple(file.name for file in evidence.files),
            hashlib.sha256(content).hexdigest(),
        )
        note(
            session, "evidence pack made", customer, at=store.clock.now(), who=by, why=why, customer_id=customer.id,
            invoices=list(pack.invoices), files=len(pack.files), checksum=pack.checksum,
        )  # fmt: skip
        session.commit()
        return pack
