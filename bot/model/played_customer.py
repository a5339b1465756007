"""A provider's model in the part of a customer, for evaluation: it has a goal, and says when it is done."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

DONE = "DONE"
CHARACTERS_MAX = 1_000
_LANGUAGES = {"en": "English", "nl": "Dutch", "de": "German", "fr": "French"}
_PART = """You play a customer who writes to a supplier's assistant. Your goal: {goal}
What you know: {knows}
Write in {language}, as people type: short, one thing at a time, sometimes with a slip. Write only your next message, nothing
about yourself as a model. Invent no numbers, days or amounts beside what you know. Agree to what the assistant proposes when
it is what you want, put it right when it is not. When you have what you came for, or when you were told that a person will
answer, write only {done}."""


class PlayedCustomer:
    """Says the customer's next message; the assistant's answers are what the model hears."""

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def next_words(
        self, goal: str, knows: Sequence[str], language: str, transcript: Sequence[tuple[str, str]]
    ) -> str | None:
        """None once the customer is done. `transcript` holds (who, words), who being customer or assistant."""
        known = "; ".join(knows) or "nothing else"
        messages: list[BaseMessage] = [
            SystemMessage(
                _PART.format(goal=goal, knows=known, language=_LANGUAGES.get(language, "English"), done=DONE)
            ),
            HumanMessage("(The conversation begins. Write your first message.)"),
        ]
        for who, words in transcript:
            messages.append(AIMessage(words) if who == "customer" else HumanMessage(words or "(no answer)"))
        said = str(self._model.invoke(messages).text).strip()
        words = said.replace(DONE, "").strip()
        return words[:CHARACTERS_MAX] if words and not said.startswith(DONE) else None
