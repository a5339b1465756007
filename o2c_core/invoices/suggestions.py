"""What money might be for, ranked by how much speaks for it, for a person to accept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from o2c_core.invoices.matching_facts import Claim, MatchedPart, Reason, Receipt, Suggestion, because
from o2c_core.invoices.sums import ITEMS_MAX, sums_to
from o2c_core.invoices.understood import Understood
from o2c_core.money import Money

SUGGESTIONS_MAX = 5
# How much each reason speaks for a suggestion. What only explains the amount speaks for nothing.
WEIGHTS = {
    "reference": 100,
    "number": 60,
    "number_loose": 45,
    "number_possible": 30,
    "payer_account": 40,
    "payer_account_shared": 20,
    "customer_number": 20,
    "payer_name": 15,
    "amount": 30,
    "amount_sum": 25,
    "amount_less_discount": 25,
    "amount_instalments": 25,
    "amount_less_disputed": 22,
    "part_payment": 5,
    "already_paid": 5,
    "oldest_first": 2,
}

_Rank = tuple[int, int, list[tuple[date, str, UUID]], Suggestion]
_Proposal = tuple[tuple[Claim, ...], tuple[MatchedPart, ...], Reason]


def suggest(known: Understood) -> tuple[Suggestion, ...]:
    """At most five, the likeliest first; of equally likely ones those of fewer and older invoices."""
    found: dict[tuple[UUID, tuple[MatchedPart, ...]], _Rank] = {}
    for claims, parts, about in _proposals(known):
        customer = claims[0].customer_id
        reasons = (*_evidence(known, claims), about)
        score = sum(WEIGHTS.get(reason.key, 0) for reason in reasons)
        rest = known.receipt.amount.minor - sum(part.minor for part in parts)
        suggestion = Suggestion(customer, parts, rest, score, reasons)
        rank = (-score, len(parts), [(claim.due_on, claim.number, claim.invoice_id) for claim in claims], suggestion)
        before = found.get((customer, parts))
        if before is None or rank[0] < before[0]:
            found[customer, parts] = rank
    ranked = sorted(found.values(), key=lambda rank: rank[:3])
    return tuple(suggestion for *_, suggestion in ranked[:SUGGESTIONS_MAX])


def about_amount(receipt: Receipt, claims: Sequence[Claim], parts: Sequence[MatchedPart]) -> Reason:
    """How the amount compares with what is open on those invoices."""
    currency = receipt.amount.currency
    open_minor = sum(claim.open_minor for claim in claims)
    paid = sum(part.minor for part in parts)
    if receipt.amount.minor > paid:
        return because("over_payment", rest=str(Money(receipt.amount.minor - paid, currency)))
    if paid == open_minor:
        return because("amount") if len(claims) == 1 else because("amount_sum", count=str(len(claims)))
    by_id = {part.invoice_id: part.minor for part in parts}
    if all(by_id[claim.invoice_id] in claim.accepted(receipt.on) for claim in claims):
        in_parts = [claim for claim in claims if by_id[claim.invoice_id] in claim.due_together()]
        if in_parts:
            return because("amount_instalments", invoices=_numbers(in_parts))
        return because("amount_less_discount", discount=str(Money(open_minor - paid, currency)))
    disputed = sum(min(claim.disputed_minor, claim.open_minor) for claim in claims)
    if disputed and paid == open_minor - disputed:
        return because("amount_less_disputed", disputed=str(Money(disputed, currency)))
    return because("part_payment", left=str(Money(open_minor - paid, currency)))


def _evidence(known: Understood, claims: Sequence[Claim]) -> list[Reason]:
    """Everything but the amount that points to those invoices or their customer."""
    customer = claims[0].customer_id
    candidates = known.candidates
    reasons = [
        because("reference", reference=known.reference or "", invoice=claim.number)
        for claim in claims
        if claim in known.referenced
    ][:1]
    written = [claim for claim in claims if claim in known.named]
    if written:
        loose = any(claim.invoice_id in known.loose for claim in written)
        reasons.append(because("number_loose" if loose else "number", invoices=_numbers(written)))
    possible = [claim for claim in claims if claim in known.unclear]
    if possible:
        reasons.append(because("number_possible", invoices=_numbers(possible)))
    if customer in candidates.payers:
        reasons.append(because("payer_account" if len(candidates.payers) == 1 else "payer_account_shared"))
    if customer in candidates.named:
        reasons.append(because("customer_number"))
    if customer in candidates.namesakes:
        reasons.append(because("payer_name"))
    return reasons


def _proposals(known: Understood) -> Iterator[_Proposal]:
    receipt = known.receipt
    pointed = [*known.referenced, *(one for one in (*known.named, *known.unclear) if one not in known.referenced)]
    payable = [claim for claim in pointed if claim.currency == receipt.amount.currency and claim.open_minor > 0]
    for customer in sorted({claim.customer_id for claim in payable}):
        yield _filled(receipt, [claim for claim in payable if claim.customer_id == customer])
    for claim in payable:
        yield _filled(receipt, [claim])
    for claim in pointed:
        if claim.open_minor <= 0:
            yield (claim,), (), because("already_paid", invoice=claim.number)
    candidates = known.candidates
    for customer in sorted(candidates.payers | candidates.named | candidates.namesakes):
        yield from _of_customer(receipt, known.open_of(customer))
    for claim in known.claims:
        if claim.open_minor > 0 and claim.currency == receipt.amount.currency and _fits(receipt, claim):
            yield _filled(receipt, [claim])


def _of_customer(receipt: Receipt, claims: Sequence[Claim]) -> Iterator[_Proposal]:
    if not claims:
        return
    # Of very many, the oldest are those that are paid.
    oldest = claims[:ITEMS_MAX]
    for choice in sums_to([claim.accepted(receipt.on) for claim in oldest], receipt.amount.minor).choices:
        chosen = [oldest[at] for at, _ in choice]
        parts = [MatchedPart(oldest[at].invoice_id, oldest[at].number, minor) for at, minor in choice]
        yield tuple(chosen), tuple(parts), about_amount(receipt, chosen, parts)
    paid, filled, about = _filled(receipt, claims)
    yield paid, filled, about if about.key in ("amount", "amount_sum") else because("oldest_first")


def _fits(receipt: Receipt, claim: Claim) -> bool:
    undisputed = claim.open_minor - claim.disputed_minor
    return receipt.amount.minor in (*claim.accepted(receipt.on), undisputed)


def _filled(receipt: Receipt, claims: Sequence[Claim]) -> _Proposal:
    """The amount over those invoices, each filled before the next, or exactly what settles them less the discounts."""
    less = [claim.open_minor - claim.discount(receipt.on) for claim in claims]
    wanted = less if sum(less) == receipt.amount.minor else [claim.open_minor for claim in claims]
    parts: list[MatchedPart] = []
    left = receipt.amount.minor
    for claim, minor in zip(claims, wanted, strict=True):
        if left > 0:
            parts.append(MatchedPart(claim.invoice_id, claim.number, min(left, minor)))
            left -= parts[-1].minor
    paid = tuple(claims[: len(parts)])
    return paid, tuple(parts), about_amount(receipt, paid, parts)


def _numbers(claims: Sequence[Claim]) -> str:
    return ", ".join(claim.number for claim in claims)
