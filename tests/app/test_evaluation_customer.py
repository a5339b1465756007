"""A customer played by a model: it writes until it is done, and the ledger at the end is compared all the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from app.evaluation.customer import TURNS_MAX, play_customer, provided_customer
from app.evaluation.stage import Stage
from app.settings import Settings
from bot.assistant import Assistant
from bot.model.played_customer import PlayedCustomer
from tests.app.evaluating import a_scenario, a_stage

PROMISED = {"promise": [{"customer": "C1004", "on": "2026-03-20", "amount": "1240.50 EUR"}]}


class Customer(BaseChatModel):
    """Says its lines in turn, and keeps what it was told."""

    lines: tuple[str, ...]
    heard: list[list[BaseMessage]] = []  # noqa: RUF012 (pydantic copies it for each model)

    @property
    def _llm_type(self) -> str:
        return "parley-customer"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.heard.append(list(messages))
        line = self.lines[min(len(self.heard), len(self.lines)) - 1]
        return ChatResult(generations=[ChatGeneration(message=AIMessage(line))])


@pytest.fixture(scope="module")
def stage(server_url: str, template: str) -> Iterator[Stage]:
    yield from a_stage(server_url, template, "evaluation_customer")


def test_a_played_customer_reaches_the_goal_and_says_when_it_is_done(stage: Stage) -> None:
    model = Customer(lines=("we'll pay INV-2026-0142 on friday", "yes please", "DONE"))
    scenario = a_scenario("(what a script would say)", end=PROMISED)
    found = play_customer(scenario, stage, Assistant(), PlayedCustomer(model))
    assert found.is_good, found
    assert found.said == ["we'll pay INV-2026-0142 on friday", "yes please"]
    first, _, last = model.heard
    assert scenario.goal in first[0].text
    assert last[-1].text == found.replies[-1]  # it hears what the assistant answered


def test_a_goal_that_is_not_reached_is_reported(stage: Stage) -> None:
    model = Customer(lines=("we'll pay INV-2026-0142 on friday", "DONE"))
    found = play_customer(a_scenario("…", end=PROMISED), stage, Assistant(), PlayedCustomer(model))
    assert found.wrong == [f"no promise like {PROMISED['promise'][0]}"]


def test_a_customer_who_never_ends_is_cut_off(stage: Stage) -> None:
    model = Customer(lines=("what do we owe?",))
    found = play_customer(a_scenario("…"), stage, Assistant(), PlayedCustomer(model))
    assert len(found.said) == TURNS_MAX
    assert any(f"not done after {TURNS_MAX} messages" in what for what in found.wrong)


@pytest.mark.parametrize(
    ("said", "words"), [("DONE", None), ("", None), ("  ", None), ("thanks! DONE", "thanks!"), ("hello", "hello")]
)
def test_the_last_word_is_not_sent(said: str, words: str | None) -> None:
    assert PlayedCustomer(Customer(lines=(said,))).next_words("goal", (), "en", []) == words


def test_without_a_model_there_is_no_played_customer() -> None:
    assert provided_customer(Settings(_env_file=None)) is None
    assert provided_customer(Settings(model="openai:gpt-x", _env_file=None)) is None
