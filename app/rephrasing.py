"""Whether drafts of reminders may be put in other words by the provider's model, and who does it."""

from __future__ import annotations

from collections.abc import Callable

from app.settings import Settings
from bot.model.provider import needs_key, provider_model
from bot.model.rewording import writer
from bot.rephrasing import rephrase
from o2c_core.reminders.letter import Letter
from o2c_core.reminders.prose import placed_prose_of
from o2c_core.reminders.written import Words

Rephraser = Callable[[Letter], Words | None]


def rephraser(chosen: Settings) -> Rephraser | None:
    """What puts a letter's sentences in other words; None where that is not switched on, or no model is set."""
    if not chosen.rephrase_reminders or chosen.model is None:
        return None
    if chosen.model_key is None and needs_key(chosen.model, chosen.model_base_url):
        return None
    key = chosen.model_key.get_secret_value() if chosen.model_key else None
    model = provider_model(chosen.model, key=key, address=chosen.model_base_url, seconds=chosen.model_seconds)
    write = writer(model)

    def rephrased(letter: Letter) -> Words | None:
        return rephrase(placed_prose_of(letter), letter.language, write, is_informal=letter.is_informal)

    return rephrased
