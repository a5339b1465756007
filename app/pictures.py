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
from app.container import opened_engine
from app.demo.stage import set_the_stage
from app.house import opened_house
from app.settings import Settings
from o2c_core.actions.deliver_message import deliver_queued
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
                from app.container import carriers

                run_reminders(today(house.store.clock, "Europe/Amsterdam"), store=house.store)
                deliver_queued(store=house.store, carriers=carriers())
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
