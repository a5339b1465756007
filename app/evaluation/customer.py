"""A customer played by a model: it knows its goal and what it was told, writes until it is done, and is judged as anybody."""

from __future__ import annotations

from time import perf_counter

from app.evaluation.agreement import Agreement
from app.evaluation.door import Writer, doubt_address, say
from app.evaluation.end_state import written
from app.evaluation.judge import judge
from app.evaluation.player import Played, blame_at_the_end
from app.evaluation.scenario import Scenario
from app.evaluation.stage import Stage, move_on
from app.settings import Settings, settings
from bot.assistant import Assistant, provider_model
from bot.model.played_customer import PlayedCustomer
from bot.model.provider import needs_key

TURNS_MAX = 12
_MINUTES = 15  # between two mails; a person is no machine


def provided_customer(chosen: Settings | None = None) -> PlayedCustomer | None:
    """A customer played by the model that is set; None when none is."""
    chosen = chosen or settings()
    if chosen.model is None or (chosen.model_key is None and needs_key(chosen.model, chosen.model_base_url)):
        return None
    key = chosen.model_key.get_secret_value() if chosen.model_key else None
    return PlayedCustomer(
        provider_model(chosen.model, key=key, address=chosen.model_base_url, seconds=chosen.model_seconds)
    )


def play_customer(scenario: Scenario, stage: Stage, assistant: Assistant, customer: PlayedCustomer) -> Played:
    """The scenario's goal, in whatever words the model finds. Its ledger at the end must be the scenario's.

    What a scripted customer reads, word for word, is not demanded: another customer may ask for less or more.
    """
    played = Played(scenario.name, scenario.kind, scenario.language)
    writer = Writer(scenario.writer, scenario.customer, scenario.channel, scenario.subject)
    conversation = None
    agreement = Agreement(stage.before)
    with stage.play(assistant) as house:
        doubt_address(house, writer)
        transcript: list[tuple[str, str]] = []
        for _ in range(TURNS_MAX):
            says = customer.next_words(scenario.goal, scenario.knows, scenario.language, transcript)
            if says is None:
                break
            move_on(house, _MINUTES if scenario.channel == "email" else 1)
            began = perf_counter()
            answered = say(house, writer, says, conversation)
            played.milliseconds.append((perf_counter() - began) * 1000)
            conversation = answered.conversation_id
            transcript += [("customer", says), ("assistant", answered.words)]
            played.said.append(says)
            played.replies.append(answered.words)
            agreement.hear(answered, house)
            played.blame(judge(answered, scenario.customer, "\n".join(played.said), house, stage))
        else:
            played.wrong.append(f"not done after {TURNS_MAX} messages: {scenario.goal}")
        with house.store.session() as session:
            found = written(stage.before, session)
        blame_at_the_end(played, found, agreement, house, stage, wanted=scenario.end)
    return played
