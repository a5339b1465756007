"""Every message can be looked at before anybody gets it."""

import pytest

from o2c_core.conversations.sms_text import segments
from o2c_core.customers.customer import LANGUAGES
from o2c_core.reminders.ladder import STANDARD, Ladder, Rung
from o2c_core.reminders.preview import previews


def test_every_step_is_shown_in_every_language_with_its_code_drawn() -> None:
    shown = list(previews())
    assert [(one.rung.name, one.language) for one in shown] == [
        (rung.name, language) for rung in STANDARD.rungs for language in LANGUAGES
    ]
    for one in shown:
        assert "data:image/png;base64," in one.html
        assert "cid:" not in one.html
        assert segments(one.text.text).count <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_subjects_of_a_ladder_differ_from_step_to_step_until_there_are_several_invoices(language: str) -> None:
    subjects = [one.mail.subject for one in previews(languages=(language,))]
    assert len(set(subjects[:3])) == 3


def test_any_ladder_can_be_shown_and_a_step_of_calls_has_no_words() -> None:
    ladder = Ladder("odd", (Rung("soon", -1, says_late=False, tone="courtesy"), Rung("ring", 9, channels=("call",))))
    assert [one.rung.name for one in previews(ladder, ("en",))] == ["soon"]
