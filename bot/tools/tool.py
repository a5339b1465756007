"""A tool: what it is called, what it may be handed, who may use it, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from bot.desk import Desk
from o2c_core.conversations.identity import Identity
from o2c_core.conversations.proposal import Proposal

# The last one of its sort; what "my last order" means.
LAST = "last"


class Nothing(BaseModel):
    pass


class OfDocument(BaseModel):
    number: str | None = Field(None, description="Number of the document as the customer wrote it, or 'last'.")


class OfWords(BaseModel):
    words: str | None = Field(None, description="The question, or the reason, in the customer's words.")


@dataclass(frozen=True)
class Tool:
    """A function on the desk that returns the approved answer, with places for facts.

    `args` says what a model may hand it; its fields are what `run` is handed after the desk, in
    their order. `needs` is how sure we must be of the
    writer: tools of the proven say "I can only look once I know whose it is" to anybody else. A tool that `acts` does
    not do it: it offers, and what was offered is done when the customer agrees.
    """

    name: str
    does: str
    run: Callable[..., str]
    args: type[BaseModel] = Nothing
    needs: Identity = "proven"
    acts: bool = False

    def __call__(self, desk: Desk, /, **given: Any) -> str:
        if self.needs == "proven" and desk.customer is None:
            return desk.say("who_are_you")
        if self.needs == "known" and desk.known_customer is None:
            return desk.say("who_are_you")
        fields = self.args.model_validate({name: value for name, value in given.items() if value is not None})
        return self.run(desk, *(getattr(fields, name) for name in self.args.model_fields))


@dataclass(frozen=True)
class Done:
    """What came of carrying out a proposal: the sentence to say (with places), and what was recorded.

    With `is_refused` it could not be done after all, and the sentence says why and what is possible instead.
    """

    says: str
    outcome: Mapping[str, Any] = field(default_factory=dict)
    is_refused: bool = False


# Carries out a proposal the customer agreed to. It must find what it did before when it is called again for the same
# proposal: a turn that was cut short is taken again.
Deed = Callable[[Desk, Proposal], Done]
