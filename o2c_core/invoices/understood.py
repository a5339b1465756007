"""What money says about itself, set beside the invoices it may be for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from o2c_core.invoices.matching_facts import Candidates, Claim, Receipt
from o2c_core.invoices.written_numbers import Words, Written, may_lack_prefix, read_words


@dataclass(frozen=True)
class Understood:
    """The receipt and its candidates, with what the one says about the other; claims are in the order they are due.

    `referenced` are the claims of the structured references given, `named` those whose number is clearly written,
    `unclear` those that a number could mean beside another. `loose` ids were named without the letters in front.
    """

    receipt: Receipt
    candidates: Candidates
    claims: tuple[Claim, ...]
    reference: str | None
    referenced: tuple[Claim, ...]
    is_reference_shared: bool
    named: tuple[Claim, ...]
    unclear: tuple[Claim, ...]
    loose: frozenset[UUID]
    has_unknown: bool

    @property
    def payer(self) -> UUID | None:
        """The one customer this account is known to belong to."""
        return next(iter(self.candidates.payers)) if len(self.candidates.payers) == 1 else None

    def open_of(self, customer_id: UUID) -> tuple[Claim, ...]:
        """What the customer has open in the currency of the money."""
        return tuple(
            claim
            for claim in self.claims
            if claim.customer_id == customer_id
            and claim.open_minor > 0
            and claim.currency == self.receipt.amount.currency
        )


def words_of(receipt: Receipt) -> Words:
    """What may be numbers in all that the payer wrote."""
    return read_words(f"{receipt.reference or ''}\n,{receipt.text}", receipt.amount, receipt.payer_account)


def references_of(receipt: Receipt, words: Words) -> tuple[str, ...]:
    """The structured references given, without spaces in upper case: in their own field, and those valid in the text."""
    given = "".join((receipt.reference or "").split()).upper()
    return tuple(dict.fromkeys((*((given,) if given else ()), *words.references)))


def understand(receipt: Receipt, candidates: Candidates) -> Understood:
    """The answer does not depend on the order of the candidates, nor on one being there twice."""
    claims = in_order({claim.invoice_id: claim for claim in candidates.claims}.values())
    words = words_of(receipt)
    references = references_of(receipt, words)
    by_reference = {one: [claim for claim in claims if one in claim.references] for one in references}
    referenced = in_order({claim.invoice_id: claim for found in by_reference.values() for claim in found}.values())
    readings = _settled(_readings(words, claims, candidates.payers))
    clear = [reading for reading in readings if reading.is_clear]
    named = {reading.claims[0].invoice_id: reading.claims[0] for reading in clear}
    strict = {reading.claims[0].invoice_id for reading in clear if not reading.is_loose}
    unclear = {claim.invoice_id: claim for reading in readings if not reading.is_clear for claim in reading.claims}
    read = {run for reading in readings for run in range(reading.written.first, reading.written.last + 1)}
    return Understood(
        receipt=receipt,
        candidates=candidates,
        claims=claims,
        reference=next((one for one in references if by_reference[one]), None),
        referenced=referenced,
        is_reference_shared=any(len(found) > 1 for found in by_reference.values()),
        named=in_order(named.values()),
        unclear=in_order(unclear.values()),
        loose=frozenset(named.keys() - strict),
        has_unknown=any(run not in read for run in words.called)
        or any(not by_reference[one] for one in words.references)
        or (bool(receipt.reference) and not referenced and not readings),
    )


def in_order(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    return tuple(sorted(claims, key=lambda claim: (claim.due_on, claim.number, claim.invoice_id)))


@dataclass(frozen=True)
class _Reading:
    written: Written
    claims: tuple[Claim, ...]
    is_loose: bool
    is_clear: bool


def _readings(words: Words, claims: tuple[Claim, ...], payers: frozenset[UUID]) -> list[_Reading]:
    exact: dict[str, list[Claim]] = {}
    bare: dict[str, list[Claim]] = {}
    for claim in claims:
        exact.setdefault(claim.plain_number, []).append(claim)
        without = claim.plain_number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if without != claim.plain_number:
            bare.setdefault(without, []).append(claim)
    readings = []
    for one in words.written:
        if not one.may_be_number:
            continue
        meant = exact.get(one.plain, [])
        loosely = bare.get(one.plain, []) if may_lack_prefix(one) else []
        if meant:
            # A number as it stands means itself, unless the payer has an open one that is it but for its letters.
            is_payers = any(claim.customer_id in payers for claim in meant)
            loosely = [
                claim for claim in loosely if claim.customer_id in payers and claim.open_minor > 0 and not is_payers
            ]
        found = (*meant, *loosely)
        if found:
            readings.append(_Reading(one, found, not meant, len(found) == 1))
    return readings


def _settled(readings: list[_Reading]) -> list[_Reading]:
    """The readings, those unclear that share some of the text with another that means something else."""
    kept = []
    for one in readings:
        others = [other for other in readings if other is not one and _overlap(one.written, other.written)]
        differs = any(other.claims != one.claims for other in others)
        kept.append(_Reading(one.written, one.claims, one.is_loose, one.is_clear and not differs))
    return kept


def _overlap(one: Written, other: Written) -> bool:
    return one.first <= other.last and other.first <= one.last
