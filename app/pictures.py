"""`python -m app.pictures FOLDER`: every page of the demo as a picture."""

from __future__ import annotations

import secrets
import socket
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn

from app.application import make_application
from app.container import carriers, opened_engine
from app.demo import cast
from app.demo.bank_file import write_bank_file
from app.demo.stage import TIME_ZONE, set_the_stage
from app.house import opened_house
from app.settings import Settings
from o2c_core.actions.deliver_message import deliver_queued
from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.actions.match_money import match_waiting
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import today
from web.screenshots import take


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="parley-pictures-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        chosen = Settings(data=Path(folder), secret=secrets.token_hex(16), demo=True, port=port, _env_file=None)
        with opened_engine(chosen) as engine:
            set_the_stage(engine, fresh=False, is_embedded=True)
            with opened_house(chosen) as house:
                day = today(house.store.clock, TIME_ZONE)
                run_reminders(day, store=house.store)
                deliver_queued(store=house.store, carriers=carriers())
                bank_file = write_bank_file(Path(folder), store=house.store, today=day)
                if bank_file is not None:
                    import_bank_file(bank_file, cast.SELLER, store=house.store)
                    match_waiting(store=house.store)
                probe.close()
                server = uvicorn.Server(uvicorn.Config(make_application(house, chosen), port=port, log_level="warning"))
                thread = threading.Thread(target=server.run, daemon=True)
                thread.start()
                try:
                    for picture in take(f"http://127.0.0.1:{port}", out):
                        sys.stdout.write(f"{picture}\n")
                finally:
                    server.should_exit = True
                    thread.join(10)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
