"""A reminders run on the demo's own day has something to say on every rung in every language."""

from __future__ import annotations

from datetime import date

from app.demo import cast
from app.demo.history import write_history
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.customers.customer import LANGUAGES
from o2c_core.reminders.ladder import LADDER
from o2c_core.store.store import Store

TODAY = date(2026, 3, 16)


def test_every_rung_is_used_in_every_language_and_those_out_of_reach_are_named(store: Store) -> None:
    write_history(store=store, today=TODAY)
    entries = run_reminders(TODAY, store=store, dry_run=True).entries
    said = {(entry.language, entry.rung) for entry in entries if entry.is_reminded}
    assert said >= {(language, rung.name) for language in LANGUAGES for rung in LADDER}
    reminded = {entry.customer for entry in entries if entry.is_reminded}
    assert reminded >= {*cast.RUNGS.values(), cast.BAKKERIJ_JANSEN, cast.HART_AND_SONS, cast.SOPHIE_DE_WIT}
    for ref in (cast.NO_ADDRESS, cast.GREENFIELD, cast.HOTEL_SEEBLICK, cast.CAFE_DES_ARTS):
        assert ref not in reminded
    assert {cast.NO_ADDRESS, cast.GREENFIELD} <= {entry.customer for entry in entries}
