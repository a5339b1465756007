"""One worker of the reminders bench: a process of its own that takes part in a seller's run."""

from __future__ import annotations

import json
import resource
import sys
from time import process_time

from app.bench.remind_book import NOW, ON
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.free_days import is_holiday
from o2c_core.store.store import open_engine, open_store

# Links are signed in the real run too.
_PLATE = Doorplate(key="the key of the bench, and of nothing else", base_url="https://pay.example")


def main() -> None:
    """Says "ready", waits for a line, takes part in the run and prints what it did as JSON."""
    url, seller_ref = sys.argv[1:3]
    engine = open_engine(url)
    store = open_store(engine, MovableClock(NOW))
    # A worker that is up has read the calendars: that takes a second, once, however long the book is.
    is_holiday("NL", ON)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = process_time()
    run = run_reminders(ON, store=store, seller_ref=seller_ref, doorplate=_PLATE, in_full=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"messages": run.messages, "memory_mb": round(peak), "cpu_seconds": round(process_time() - began, 1)}
    sys.stdout.write(json.dumps(figures))
    engine.dispose()


if __name__ == "__main__":
    main()
