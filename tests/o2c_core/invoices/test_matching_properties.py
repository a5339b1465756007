"""Whatever comes in: no more than there is, the same answer in any order, and never on the amount alone."""

from __future__ import annotations

from itertools import combinations, product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from o2c_core.invoices.matching import match
from o2c_core.invoices.matching_facts import Candidates, Claim, Matched, Receipt, Unsure
from o2c_core.invoices.sums import STEPS_MAX, sums_to
from tests.o2c_core.invoices.money_in import ON, a_claim, a_customer, a_receipt

CUSTOMERS = ("jansen", "de vries", "smit")
PAYERS = (("jansen",), ("jansen",), ("de vries",), ("jansen", "smit"))
# Few amounts, so that they meet often.
AMOUNTS = st.sampled_from((1_000, 2_000, 3_000, 4_900, 5_000, 10_000)) | st.integers(1, 20_000)


# Most claims are plain, so that most situations could be matched.
RARELY = st.integers(0, 9).map(lambda n: n == 0)


@st.composite
def claims_(draw: st.DrawFn) -> tuple[Claim, ...]:
    numbers = draw(st.lists(st.integers(1, 30), max_size=6, unique=True))
    return tuple(
        a_claim(
            f"INV-2026-{number:04}",
            0 if draw(RARELY) else draw(AMOUNTS),
            draw(st.sampled_from(("jansen", *CUSTOMERS))),
            due=draw(st.integers(-40, 40)),
            discount=draw(st.sampled_from((0, 0, 100))),
            until=draw(st.integers(-1, 1)),
            disputed=draw(st.sampled_from((0, 0, 500))),
            instalments=draw(st.sampled_from(((), (), (500, 4_500), (1_000, 1_000, 1_000)))),
            currency="USD" if draw(RARELY) else "EUR",
        )
        for number in numbers
    )


@st.composite
def situations(draw: st.DrawFn, hints: bool = True) -> tuple[Receipt, Candidates]:
    claims = draw(claims_())
    payers: frozenset[UUID] = frozenset()
    minor, said, reference = draw(AMOUNTS), list[Claim](), None
    if claims and not draw(RARELY):
        # The amount is about that of some of one customer's.
        whose = draw(st.sampled_from(claims)).customer_id
        theirs = [claim for claim in claims if claim.customer_id == whose]
        some = draw(st.lists(st.sampled_from(theirs), min_size=1, max_size=3, unique=True))
        less = draw(st.sampled_from((0, 0, 0, 100, -100)))
        minor = max(1, sum(claim.open_minor for claim in some) - less)
        said = list(draw(st.sampled_from(([], some, some, some[:1]))))
    words = draw(st.lists(st.sampled_from(("betaling", "dank", "16-03-2026", "EUR 10,00", "order 4711")), max_size=3))
    if hints:
        if said and draw(st.booleans()):
            reference = said.pop(0).references[0]
        if claims and draw(RARELY):
            said = [*said, draw(st.sampled_from(claims))]
        words += [draw(st.sampled_from((one.number, one.plain_number, one.number[4:]))) for one in said]
        payers = draw(st.sampled_from([frozenset(), *(frozenset(map(a_customer, who)) for who in PAYERS)]))
    customers = st.frozensets(st.sampled_from(CUSTOMERS).map(a_customer), max_size=1)
    named = draw(customers) if draw(RARELY) else frozenset()
    return a_receipt(minor, " ".join(words), reference=reference), Candidates(claims, payers, named, draw(customers))


@given(situations())
def test_no_more_is_given_than_there_is_or_than_is_open(situation: tuple[Receipt, Candidates]) -> None:
    receipt, candidates = situation
    by_id = {claim.invoice_id: claim for claim in candidates.claims}
    answer = match(receipt, candidates)
    for one in [answer] if isinstance(answer, Matched) else answer.suggestions:
        assert sum(part.minor for part in one.parts) + one.rest_minor == receipt.amount.minor
        assert one.rest_minor >= 0
        assert len({part.invoice_id for part in one.parts}) == len(one.parts)
        for part in one.parts:
            claim = by_id[part.invoice_id]
            assert 0 < part.minor <= claim.open_minor
            assert (claim.currency, claim.customer_id) == (receipt.amount.currency, one.customer_id)


@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_changes_nothing(situation: tuple[Receipt, Candidates], random: object) -> None:
    receipt, candidates = situation
    answer = match(receipt, candidates)
    claims = list(candidates.claims) + list(candidates.claims[:2])
    random.shuffle(claims)  # type: ignore[attr-defined]
    shuffled = Candidates(tuple(claims), candidates.payers, candidates.named, candidates.namesakes)
    assert match(receipt, shuffled) == answer
    assert match(receipt, candidates) == answer


@given(situations(hints=False))
def test_without_reference_number_or_account_nothing_is_matched(situation: tuple[Receipt, Candidates]) -> None:
    receipt, candidates = situation
    assert isinstance(match(receipt, candidates), Unsure)


@given(situations(hints=False), st.integers(1, 9), st.sampled_from((*CUSTOMERS, "a stranger")))
def test_one_more_candidate_never_makes_a_match_of_the_amount(
    situation: tuple[Receipt, Candidates], number: int, customer: str
) -> None:
    receipt, candidates = situation
    more = a_claim(f"FA{number:06}", receipt.amount.minor, customer)
    with_it = Candidates((*candidates.claims, more), frozenset(), candidates.named, candidates.namesakes)
    assert isinstance(match(receipt, with_it), Unsure)


@given(situations())
def test_suggestions_are_few_ranked_and_reasoned(situation: tuple[Receipt, Candidates]) -> None:
    answer = match(*situation)
    if isinstance(answer, Matched):
        assert answer.reasons
        return
    scores = [suggestion.score for suggestion in answer.suggestions]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= 5
    assert len({(one.customer_id, one.parts) for one in answer.suggestions}) == len(scores)
    assert all(one.to_json()["sentence"].endswith(".") and one.reasons for one in answer.suggestions)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(1, 200))
def test_by_account_an_amount_that_can_be_read_in_two_ways_is_left_to_a_person(amounts: list[int], minor: int) -> None:
    claims = [a_claim(f"A-{n}", each * 100, due=n) for n, each in enumerate(amounts)]
    answer = match(a_receipt(minor * 100), Candidates(tuple(claims), frozenset({a_customer("jansen")})))
    fitting = [one for one in amounts if one == minor]
    sets = sum(sum(chosen) == minor for size in range(2, 7) for chosen in combinations(amounts, size))
    assert isinstance(answer, Matched) == (len(fitting) == 1 or (not fitting and sets == 1))


@given(situations())
def test_what_was_matched_is_never_matched_to_the_same_invoices_again(situation: tuple[Receipt, Candidates]) -> None:
    receipt, candidates = situation
    answer = match(receipt, candidates)
    if isinstance(answer, Unsure):
        return
    paid = {part.invoice_id: part.minor for part in answer.parts}
    settled = [
        a_claim(one.number, 0, currency=one.currency)
        if one.invoice_id not in paid
        else Claim(
            one.invoice_id, one.number, one.plain_number, one.references, one.customer_id, one.currency, 0, one.due_on
        )
        for one in candidates.claims
    ]
    again = match(receipt, Candidates(tuple(settled), candidates.payers, candidates.named, candidates.namesakes))
    assert isinstance(again, Unsure)
    assert all(not suggestion.parts for suggestion in again.suggestions)


OPTIONS = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=2), max_size=6)


@given(OPTIONS, st.integers(1, 120))
def test_sets_are_found_exactly_when_there_are_any(options: list[list[int]], target: int) -> None:
    every = set()
    for chosen in product(*[[None, *sorted(set(one))] for one in options]):
        taken = tuple((at, amount) for at, amount in enumerate(chosen) if amount is not None)
        if len(taken) > 1 and sum(amount for _, amount in taken) == target:
            every.add(taken)
    found = sums_to(options, target, choices_max=10_000)
    assert found.is_complete
    assert set(found.choices) == every
    two = sums_to(options, target)
    assert len(two.choices) == min(2, len(every))
    assert set(two.choices) <= every


@given(st.lists(st.integers(1, 1_000), max_size=60), st.integers(1, 30_000), st.integers(1, 3_000))
def test_the_work_of_looking_for_sets_is_bounded(amounts: list[int], target: int, steps_max: int) -> None:
    found = sums_to([[amount] for amount in amounts], target, steps_max=steps_max)
    assert found.steps <= steps_max
    assert all(sum(minor for _, minor in choice) == target for choice in found.choices)


def test_forty_odd_amounts_for_an_even_sum_end_at_the_limit() -> None:
    found = sums_to([[2 * n + 1_001] for n in range(41)], 20_024)
    assert (found.is_complete, found.steps) == (False, STEPS_MAX) or len(found.choices) == 2
    hopeless = sums_to([[2 * n] for n in range(1, 60)], 1_771)
    assert (hopeless.choices, hopeless.is_complete, hopeless.steps) == ((), False, STEPS_MAX)


def test_a_late_discount_is_not_kept() -> None:
    for until, is_matched in ((0, True), (-1, False)):
        claim = a_claim("INV-2026-0001", 5_000, discount=100, until=until)
        answer = match(a_receipt(4_900), Candidates((claim,), frozenset({a_customer("jansen")})))
        assert isinstance(answer, Matched) is is_matched
        assert claim.discount(ON) == (100 if is_matched else 0)
