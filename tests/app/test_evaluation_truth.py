"""What is true for a reader, and what of a reply is not."""

from datetime import date
from decimal import Decimal

import pytest

from app.evaluation.commitments import foreign, ungrounded
from app.evaluation.end_state import State, at_once, missing, rebased
from app.evaluation.truth import Truth, leaked, untrue
from app.evaluation.without_receipt import figures_without_receipt, machinery
from app.evaluation.written_figures import candidates, days_in, figures_in, shown
from bot.model.inventions import INVENTIONS
from bot.wording import sentence

TRUTH = Truth(
    amounts={Decimal("1240.50"), Decimal("18.00")},
    counts={12, 3},
    days={date(2026, 3, 4)},
    words=["INV-2026-0042", "Bread flour 25 kg", "NL91ABNA0417164300"],
    secrets={"INV-2026-0099", "Hart & Sons Ltd", "777.31"},
)


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("Invoice INV-2026-0042 is €1,240.50.", []),
        ("Factuur INV-2026-0042 is € 1.240,50.", []),
        ("La facture est de 1\u202f240,50\u00a0€.", []),
        ("It was due on 4 March 2026, 12 days ago.", []),
        ("Fällig am 4. März 2026.", []),
        ("3 times Bread flour 25 kg.", []),
        ("Account NL91 ABNA 0417 1643 00.", []),
        ("Invoice INV-2026-0042 is €1,240.51.", ["the figure 1,240.51"]),
        ("It is 12 euros.", ["the figure 12"]),
        ("It is €3.", ["the figure 3"]),
        ("It was due on 5 March 2026.", ["the day 2026-03-05"]),
        ("Le 5 mars 2026.", ["the day 2026-03-05"]),
        ("That is 40 days ago.", ["the figure 40"]),
    ],
)
def test_a_figure_is_true_or_reported(reply: str, wrong: list[str]) -> None:
    assert untrue(reply, TRUTH, "how much?") == wrong


def test_what_the_customer_said_may_be_said_back_and_what_is_left_of_it() -> None:
    assert untrue("€500.00 of it, and €740.50 stays.", TRUTH, "we pay 500") == []
    assert untrue("€501.00 of it.", TRUTH, "we pay 500") == ["the figure 501.00"]


def test_what_no_row_holds_is_taken_from_its_receipt() -> None:
    facts = [{"id": "f1", "text": "20 March 2026", "source": "the customer's words at 2026-03-16T11:00:00Z"}]
    assert untrue("By 20 March 2026.", TRUTH, "friday", facts) == []
    facts[0]["source"] = "invoice INV-2026-0042 due at 2026-03-16T11:00:00Z"
    assert untrue("By 20 March 2026.", TRUTH, "friday", facts) == ["the day 2026-03-20"]


@pytest.mark.parametrize(
    ("reply", "said", "found"),
    [
        ("It belongs to hart & sons ltd.", "whose is it?", ["Hart & Sons Ltd"]),
        ("I can't find INV-2026-0099.", "where is INV-2026-0099", []),
        ("I can't find INV-2026-0099.", "where is 0099", ["INV-2026-0099"]),
        ("That is €777.31.", "how much", ["777.31"]),
        ("Nothing.", "how much", []),
    ],
)
def test_words_of_other_accounts_are_leaks_unless_they_were_typed(reply: str, said: str, found: list[str]) -> None:
    assert leaked(reply, TRUTH, said) == found


FACTS = [{"id": "f1", "text": "€1,240.50", "source": "x"}, {"id": "f2", "text": "INV-2026-0042", "source": "y"}]


@pytest.mark.parametrize(
    ("reply", "count"),
    [
        ("INV-2026-0042: €1,240.50", 0),
        ("INV-2026-0042: €1,240.50 and 7", 1),
        ("It is 9.99 on 3 May.", 2),
        ("Hello.", 0),
    ],
)
def test_every_digit_stands_in_a_fact(reply: str, count: int) -> None:
    assert len(figures_without_receipt(reply, FACTS)) == count


@pytest.mark.parametrize(
    "reply", ["You owe {f1}.", "I called list_open_invoices.", "{{amount}}", "Traceback (most", "[email 1]"]
)
def test_machinery_is_seen(reply: str) -> None:
    assert machinery(reply, FACTS)
    assert not machinery("You owe €1,240.50.", FACTS)


@pytest.mark.parametrize(
    "reply",
    ["We will refund you.", "U krijgt korting.", "Das ist unsere Schuld.", "Nous vous promettons une remise.",
     "Pay at https://evil.example/x", "Our account is GB33BUKB20201555555555.", "https://vandijk.example.evil/pay"],
)  # fmt: skip
def test_a_commitment_a_link_and_an_account_are_seen(reply: str) -> None:
    assert [*ungrounded(reply, "en"), *foreign(reply)]


def test_approved_wording_commits_nobody_to_more() -> None:
    facts = [{"id": "f1", "text": "C-7", "source": "complaint C-7"}, {"id": "f2", "text": "3 May 2026", "source": "x"}]
    said = sentence("complaint.logged", "en")
    assert not ungrounded(said.replace("{number}", "C-7").replace("{answer_by}", "3 May 2026"), "en", facts)
    promised = sentence("promise.recorded", "nl").replace("{number}", "C-7")
    assert not ungrounded(promised.replace("{amount}", "C-7").replace("{on}", "C-7"), "nl", facts)
    assert not foreign("Reference RF18 5390 0754 7034, account NL91 ABNA 0417 1643 00, https://vandijk.example/pay/x")


def test_a_place_of_approved_wording_holds_a_fact_and_nothing_else() -> None:
    said = sentence("order.delivered", "en").replace("{number}", "we will compensate you, and")
    assert ungrounded(said, "en", [{"id": "f1", "text": "SO-1", "source": "x"}])


def test_an_invention_is_seen_wherever_it_stands() -> None:
    # What is false in our own approved words is seen by what is open; see the planted faults.
    own = {sentence(key, "en") for key in ("balance.nothing", "invoice.none_open")}
    whole = [one for one in INVENTIONS if len(one) >= 10 and "{" not in one and one not in own]
    assert [one for one in whole if not ungrounded(f"Hello. {one}", "en")] == []
    assert len(INVENTIONS) >= 300


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,240.50", "1240.50"),
        ("1.240,50", "1240.50"),
        ("1\u202f240,50", "1240.50"),
        ("1'240.50", "1240.50"),
        ("12", "12"),
    ],
)
def test_a_figure_is_read_by_either_habit(written: str, meant: str) -> None:
    assert Decimal(meant) in candidates(written)


def test_an_amount_is_shown_in_ways_it_is_found_again() -> None:
    for one in shown(Decimal("1240.50")):
        ((figure, _),) = figures_in(one)
        assert Decimal("1240.50") in candidates(figure)
    assert days_in("op 3 april 2026 en 4. Mai 2026")[1] == [date(2026, 4, 3), date(2026, 5, 4)]


@pytest.mark.parametrize(
    ("wanted", "found", "wrong"),
    [
        ({}, {}, 0),
        ({"promise": [{"on": "a"}]}, {"promise": [{"on": "a", "amount": "b"}]}, 0),
        ({"promise": [{"on": "a"}]}, {"promise": [{"on": "b"}]}, 2),
        ({"promise": [{"on": "a"}]}, {}, 1),
        ({}, {"elsewhere": [{"table": "invoice"}]}, 1),
        ({"promise": [{"on": "a"}]}, {"promise": [{"on": "a"}, {"on": "a"}]}, 1),
    ],
)
def test_the_end_is_compared_row_by_row(wanted: dict, found: dict, wrong: int) -> None:  # type: ignore[type-arg]
    assert len(missing(wanted, found)) == wrong


def test_what_the_world_did_is_not_the_conversations_doing() -> None:
    before = State({"task": []}, {"task": "0", "invoice": "0"})
    mid = State({"task": [{"kind": "mine"}]}, {"task": "1", "invoice": "0"})
    after = State({"task": [{"kind": "mine"}, {"kind": "the world's"}]}, {"task": "2", "invoice": "9"})
    assert rebased(before, mid, after) == State({"task": [{"kind": "the world's"}]}, {"task": "0", "invoice": "9"})


def test_an_order_request_is_no_matter_of_course() -> None:
    assert at_once("task", {"kind": "data_fix"})
    assert not at_once("task", {"kind": "order_request"})
    assert not at_once("promise", {})
