"""`python -m app.pictures FOLDER [README_FOLDER]`: every page of the whole demo as a picture, wide and narrow, light and dark.

The few that the README shows are put into the second folder as well.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import sys
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from sqlalchemy import select

from app.application import make_application
from app.demo.colleagues import COLLEAGUES, add_colleagues
from app.demo.stage import TIME_ZONE, next_workday
from app.demo.whole import write_whole
from app.every_page import every_page, prove_visits
from app.house import opened_house
from app.installation import doorplate, opened_engine
from app.settings import Settings
from o2c_core.actions.begin_sign_in import begin_sign_in
from o2c_core.clock import MovableClock, SystemClock, today
from o2c_core.staff.user import User
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_store
from web.desk.door import COOKIE
from web.screenshots import Sight, take

# What the README shows.
SHOWN = (
    "conversation-1280-light", "inbox-1280-light", "desk-conversation-1280-light", "finance-1280-light",
    "my-invoice-390-light", "pay-390-light",
)  # fmt: skip


def main(out: Path, shown: Path | None = None) -> None:
    with tempfile.TemporaryDirectory(prefix="parley-pictures-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        address = f"http://127.0.0.1:{port}"
        chosen = Settings(
            data=Path(folder), secret=secrets.token_hex(16), demo=True, port=port, base_url=address, _env_file=None
        )
        with opened_engine(chosen) as engine:
            migrate(engine)
            at_noon = open_store(engine, MovableClock(_noon()))
            write_whole(at_noon, chosen, Path(folder), today(at_noon.clock, TIME_ZONE))
            add_colleagues(chosen.signing_key(), store=at_noon)
            pages = every_page(at_noon, doorplate(chosen))

            def prove(sight: Sight) -> None:
                if getattr(sight, "who", "") == "proven":
                    prove_visits(at_noon)

            with opened_house(chosen) as opened:
                probe.close()
                application = make_application(replace(opened, store=at_noon), chosen)
                server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="warning"))
                thread = threading.Thread(target=server.run, daemon=True)
                thread.start()
                try:
                    for picture in take(
                        address, out, pages.sights, cookies={COOKIE: _signed_in(at_noon)}, before=prove
                    ):
                        sys.stdout.write(f"{picture}\n")
                        if shown is not None and picture.stem in SHOWN:
                            shown.mkdir(parents=True, exist_ok=True)
                            shutil.copy(picture, shown / picture.name)
                finally:
                    server.should_exit = True
                    thread.join(10)


def _signed_in(store: Store) -> str:
    """The key of a browser in which the demo's admin, who sees everything, is signed in."""
    with store.session() as session:
        [admin] = session.scalars(select(User).where(User.email == COLLEAGUES[-1].email))
    return begin_sign_in(admin.id, by="password", browser="pictures", store=store)


def _noon() -> datetime:
    """Noon of the next day on which people work, today included: nobody is written to in the night or on a day of rest,
    and pictures are taken at any hour."""
    day = next_workday(today(SystemClock(), TIME_ZONE))
    return datetime.combine(day, time(12), ZoneInfo(TIME_ZONE)).astimezone(UTC)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
