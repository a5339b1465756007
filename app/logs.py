"""How the logs read: one event a line with its ids, never a message's text."""

from __future__ import annotations

import logging


def set_up_logs(level: str) -> None:
    """Sends our events to standard error; libraries speak only when something is wrong."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    logging.getLogger("parley").setLevel(level)
