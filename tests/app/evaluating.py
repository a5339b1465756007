"""Shared by the tests of the evaluation: its stage on the tests' own server, and an assistant that lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.evaluation.scenario import Scenario, Step
from app.evaluation.stage import Stage, set_stage
from bot.assistant import Assistant
from bot.desk import Desk
from bot.embedded.understanding import Understanding
from tests.conftest import _as_admin, _clone

Draft = Callable[[Desk], str]


class Lying(Assistant):
    """Says what it is told to say, past every guard: an approved sentence with facts that nobody read."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft

    def drafts(self, desk: Desk, understood: Understanding) -> Sequence[Callable[[], str]]:
        def said() -> str:
            draft = self._draft(desk)
            desk.said.append(draft)  # as if somebody had approved it
            return draft

        return [said]


def a_stage(server_url: str, template: str, name: str, *, poisoned: bool = False) -> Iterator[Stage]:
    engine = _clone(server_url, template, name)
    yield set_stage(engine, poisoned=poisoned)
    engine.dispose()
    # Two workers share the tests out anew as they go, so that one of them may come back to this stage.
    _as_admin(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def a_scenario(*says: str | Step, writer: str = "proven", channel: str = "chat", **more: object) -> Scenario:
    steps = tuple(one if isinstance(one, Step) else Step(one) for one in says)
    return Scenario("a scenario", "to try it", "en", writer, "C1004", channel, steps, **more)  # type: ignore[arg-type]
