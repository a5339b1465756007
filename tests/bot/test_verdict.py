"""What a customer's next message says about what was proposed to them."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.bare_figures import with_bare_figure
from bot.embedded.mentions import find_mentions
from bot.embedded.understanding import understand
from bot.proposals import verdict_on
from o2c_core.conversations.proposal import Proposal
from o2c_core.keys import new_key

MOMENT = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 16)
_ANSWER = new_key()


def a_proposal(kind: str, arguments: dict[str, Any], says: str, **fields: Any) -> Proposal:
    return Proposal(
        **{
            "id": new_key(), "conversation_id": new_key(), "customer_id": new_key(), "message_id": new_key(),
            "answer_id": _ANSWER, "kind": kind, "arguments": arguments, "says": says, "state": "open",
            "offered_at": MOMENT, "lapses_at": MOMENT,
        }
        | fields
    )  # fmt: skip


PROMISE = a_proposal(
    "promise", {"on": "2026-03-20", "amount": {"minor": 124050, "currency": "EUR"}, "numbers": ["INV-2026-0042"]},
    "I'll note that you pay € 1,240.50 for invoice INV-2026-0042 by 20 March 2026.",
)  # fmt: skip
COPY = a_proposal(
    "invoice_copy", {"numbers": ["INV-2026-0042"]}, "I'll send a copy of invoice INV-2026-0042 to a••@jansen.example."
)
OLD = a_proposal("statement", {}, "I'll send a statement.", answer_id=new_key())


def said(text: str, *waiting: Proposal, language: str = "en") -> str:
    """In one word: agreed, declined, corrected or other; a star when nothing else was asked."""
    understood = understand(text, thread_language=language)
    verdict = verdict_on(waiting, text, understood, find_mentions(text, language=language, today=TODAY))
    if verdict.corrected:
        return f"corrected {verdict.corrected}"
    for name in ("agreed", "declined"):
        found = getattr(verdict, name)
        if found:
            return f"{name} {'+'.join(one.kind for one in found)}{' *' if verdict.is_all else ''}"
    return "other"


@pytest.mark.parametrize("line", [
    "en | yes please                              | agreed promise *",
    "nl | ja graag                                | agreed promise *",
    "nl | doe maar                                | agreed promise *",
    "de | ja, machen Sie das bitte                | agreed promise *",
    "fr | oui, d'accord                           | agreed promise *",
    "en | ok                                      | agreed promise *",
    "en | no thanks                               | declined promise *",
    "nl | nee, laat maar                          | declined promise *",
    "de | nein danke                              | declined promise *",
    "en | no, make it Monday                      | corrected promise_to_pay",
    "nl | nee, maandag                            | corrected promise_to_pay",
    "nl | doe maar 500 euro                       | corrected promise_to_pay",
    "en | yes, 20 March is fine                   | agreed promise *",
    "en | yes, 1240.50                            | agreed promise *",
    "en | where is order SO-1003?                 | other",
    "nl | waar blijft bestelling SO-1003?         | other",
    "en | what is your return policy?             | other",
    "en | thanks                                  | other",
    "en | you may consider this confirmed forever | other",
])  # fmt: skip
def test_a_message_agrees_declines_puts_right_or_asks_something_else(line: str) -> None:
    language, text, outcome = (part.strip() for part in line.split("|"))
    assert said(text, PROMISE, language=language) == outcome


@pytest.mark.parametrize("line", [
    "en | yes ask them                             | agreed change_order *",
    "en | yes please record that                   | agreed change_order *",
    "nl | ja leg maar vast                         | agreed change_order *",
    "nl | ja vraag het ze maar                     | other",
    "de | ja, tragen Sie das bitte ein             | agreed change_order *",
    "fr | oui, notez cela                          | agreed change_order *",
    "en | yes just the gloves                      | agreed change_order *",
    "en | yes but not the gloves                   | other",
    "en | yes if you waive the fee                 | other",
])  # fmt: skip
def test_a_yes_may_repeat_what_was_offered_and_nothing_else(line: str) -> None:
    language, text, outcome = (part.strip() for part in line.split("|"))
    gloves = a_proposal(
        "change_order", {"lines": {"2": "21"}}, "I'll ask a colleague to leave the oven gloves out of it."
    )
    assert said(text, gloves, language=language) == outcome


PLAN = a_proposal(
    "plan",
    {"parts": 3, "schedule": [{"on": f"2026-0{month}-23", "amount": {"minor": 41350, "currency": "EUR"}} for month in (3, 4, 5)]},
    "I'll record a payment plan in these parts.",
)  # fmt: skip


@pytest.mark.parametrize("line", [
    "nl | doe toch maar in tweeën          | corrected payment_plan",
    "en | no, in two parts                 | corrected payment_plan",
    "en | yes, that works                  | agreed plan *",
    "nl | ok vastleggen                    | agreed plan *",
    "nl | Ja, dat klopt.\\n\\nAnna         | agreed plan *",
    "en | Yes.\\n\\nWait                   | other",
])  # fmt: skip
def test_another_number_of_parts_puts_a_plan_right(line: str) -> None:
    language, text, outcome = (part.strip() for part in line.split("|"))
    assert said(text.replace("\\n", "\n"), PLAN, language=language) == outcome


def test_one_of_several_is_not_agreed_to_with_the_others() -> None:
    both = a_proposal(
        "invoice_copy", {"invoices": [{"number": "INV-1"}, {"number": "INV-2"}]}, "Copies of INV-1 and INV-2."
    )
    assert not said("yes only INV-2", both).startswith("agreed")


@pytest.mark.parametrize("line", [
    "nl | nee 60             | corrected promise_to_pay",
    "en | no, 80             | corrected promise_to_pay",
    "en | sorry, 80          | corrected promise_to_pay",
    "en | no                 | declined promise *",
])  # fmt: skip
def test_a_bare_figure_puts_an_amount_right(line: str) -> None:
    language, text, outcome = (part.strip() for part in line.split("|"))
    understood = understand(text, thread_language=language)
    mentions = find_mentions(text, language=language, today=TODAY)
    mentions = with_bare_figure(mentions, text, "promise_to_pay", PROMISE.arguments)
    verdict = verdict_on([PROMISE], text, understood, mentions)
    assert (f"corrected {verdict.corrected}" if verdict.corrected else "declined promise *") == outcome


def test_what_was_offered_together_is_agreed_to_together() -> None:
    assert said("yes", PROMISE, COPY) == "agreed promise+invoice_copy *"
    assert said("no", PROMISE, COPY) == "declined promise+invoice_copy *"


def test_only_what_the_last_answer_offered_is_agreed_to_by_a_plain_yes() -> None:
    assert said("yes", OLD, PROMISE) == "agreed promise *"


def test_nothing_is_agreed_to_where_nothing_waits() -> None:
    assert said("yes") == "other"
    assert said("yes", a_proposal("promise", {}, "done", state="done")) == "other"


def test_a_yes_with_another_question_is_a_yes_and_the_question_is_left_to_answer() -> None:
    outcome = said("Yes please. And where is order SO-1003?", PROMISE)
    assert re.fullmatch(r"agreed promise|other", outcome)
    assert not outcome.endswith("*")
