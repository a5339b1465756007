"""Whose money it is and what it pays, when that is certain; else what it might be, for a person to say."""

from __future__ import annotations

from collections.abc import Sequence

from o2c_core.invoices.matching_facts import (
    Candidates,
    Claim,
    Matched,
    MatchedPart,
    Reason,
    Receipt,
    Unsure,
    because,
)
from o2c_core.invoices.suggestions import about_amount, suggest
from o2c_core.invoices.sums import ITEMS_MAX, sums_to
from o2c_core.invoices.understood import Understood, in_order, understand
from o2c_core.money import Money


def match(receipt: Receipt, candidates: Candidates) -> Matched | Unsure:
    """The answer of the first rule that has one: structured reference, numbers in the text, account of the payer.

    The amount alone never decides. The same facts in any order give the same answer.
    Source: docs/matching.md
    """
    known = understand(receipt, candidates)
    for rule in (_by_reference, _by_numbers, _by_account):
        answer = rule(known)
        if isinstance(answer, Matched):
            return answer
        if answer is not None:
            return Unsure(answer, suggest(known))
    suggestions = suggest(known)
    return Unsure(because("amount_alone" if suggestions else "nothing_named"), suggestions)


def _by_reference(known: Understood) -> Matched | Reason | None:
    """A structured reference is that of one invoice, so it decides even where the amount is another."""
    if not known.referenced:
        return None
    if known.is_reference_shared:
        return because("reference_ambiguous")
    claim, amount = known.referenced[0], known.receipt.amount
    said = because("reference", reference=known.reference or "", invoice=claim.number)
    beside = in_order({one.invoice_id: one for one in (*known.referenced, *known.named)}.values())
    if len(beside) > 1:
        # It names others too: then the amount has to say whether it pays one or all of them.
        together = _settles_all(known, beside)
        if together is not None:
            return _matched(known, together, "reference", said)
        if len(known.referenced) > 1 or not _is_payable(known, claim) or amount.minor != claim.open_minor:
            return because("reference_and_numbers_differ")
    trouble = _trouble(known, [claim])
    if trouble is not None:
        return trouble
    return _matched(known, [_part(claim, min(amount.minor, claim.open_minor))], "reference", said)


def _by_numbers(known: Understood) -> Matched | Reason | None:
    """Numbers decide with the amount: all that is open on what they name, or that less the discount still allowed."""
    if known.unclear:
        return because("number_unclear")
    if not known.named:
        return None
    trouble = _trouble(known, known.named)
    if trouble is not None:
        return trouble
    customer = known.named[0].customer_id
    payers = known.candidates.payers
    if known.loose and payers and customer not in payers:
        return because("other_payer")
    said = because("number_loose" if known.loose else "number", invoices=_numbers(known.named))
    parts = _settles_all(known, known.named)
    if parts is not None:
        return _matched(known, parts, "number" if len(parts) == 1 else "numbers_sum", said)
    amount, open_minor = known.receipt.amount, sum(claim.open_minor for claim in known.named)
    # One number, and the account of that customer: nothing is left to doubt but why it is less.
    is_part = len(known.named) == 1 and amount.minor < open_minor
    if is_part and known.payer == customer and not known.has_unknown:
        parts = [_part(known.named[0], amount.minor)]
        return _matched(known, parts, "number_part", said, because("payer_account"))
    return because("amount_differs", invoices=_numbers(known.named), open=str(Money(open_minor, amount.currency)))


def _by_account(known: Understood) -> Matched | Reason | None:
    """The account says whose it is; the amount says what it pays, where there is only one way to read it."""
    payers = known.candidates.payers
    if not payers:
        return None
    if known.payer is None:
        return because("account_shared")
    if known.has_unknown:
        return because("unknown_named")
    if known.candidates.named - payers:
        return because("other_customer_named")
    claims = known.open_of(known.payer)
    if not claims:
        return because("nothing_open")
    if known.payer in known.candidates.cut:
        return because("too_many_open")
    amount, on = known.receipt.amount, known.receipt.on
    fitting = [claim for claim in claims if amount.minor in claim.accepted(on)]
    if len(fitting) > 1:
        return because("several_fit")
    if fitting:
        return _matched(known, [_part(fitting[0], amount.minor)], "account", because("payer_account"))
    if sum(claim.open_minor for claim in claims) < amount.minor:
        return because("nothing_fits")
    if len(claims) > ITEMS_MAX:
        return because("too_many_open")
    sums = sums_to([claim.accepted(on) for claim in claims], amount.minor)
    if len(sums.choices) > 1:
        return because("several_fit")
    if not sums.is_complete:
        return because("too_many_open")
    if not sums.choices:
        return because("nothing_fits")
    parts = [_part(claims[at], minor) for at, minor in sums.choices[0]]
    return _matched(known, parts, "account_sum", because("payer_account"))


def _trouble(known: Understood, claims: Sequence[Claim]) -> Reason | None:
    """Why money cannot be set against those invoices at all, if so."""
    for claim in claims:
        if claim.currency != known.receipt.amount.currency:
            return because("other_currency", invoice=claim.number, currency=claim.currency)
    if len({claim.customer_id for claim in claims}) > 1:
        return because("several_customers")
    for claim in claims:
        if claim.open_minor <= 0:
            return because("nothing_open_on", invoice=claim.number)
    return None


def _is_payable(known: Understood, claim: Claim) -> bool:
    return _trouble(known, [claim]) is None


def _settles_all(known: Understood, claims: Sequence[Claim]) -> list[MatchedPart] | None:
    """The parts when the amount is exactly what is open on all of them, or that less every discount still allowed.

    Of one invoice it may also be the next instalments.
    """
    if _trouble(known, claims) is not None:
        return None
    amount, on = known.receipt.amount.minor, known.receipt.on
    if sum(claim.open_minor for claim in claims) == amount:
        return [_part(claim, claim.open_minor) for claim in claims]
    if len(claims) == 1 and amount in claims[0].accepted(on):
        return [_part(claims[0], amount)]
    if sum(claim.open_minor - claim.discount(on) for claim in claims) == amount:
        return [_part(claim, claim.open_minor - claim.discount(on)) for claim in claims]
    return None


def _part(claim: Claim, minor: int) -> MatchedPart:
    return MatchedPart(claim.invoice_id, claim.number, minor)


def _matched(known: Understood, parts: list[MatchedPart], rule: str, *reasons: Reason) -> Matched:
    by_id = {claim.invoice_id: claim for claim in known.claims}
    claims = [by_id[part.invoice_id] for part in parts]
    rest = known.receipt.amount.minor - sum(part.minor for part in parts)
    return Matched(
        claims[0].customer_id, tuple(parts), rest, rule, (*reasons, about_amount(known.receipt, claims, parts))
    )


def _numbers(claims: Sequence[Claim]) -> str:
    return ", ".join(claim.number for claim in claims)
