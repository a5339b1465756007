"""How fast the door for texts accepts and stores, beside a bare route that makes one INSERT and commits."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import text

from app.bench.channels_house import HouseUnderMeasurement, free_port, house_under_measurement
from app.bench.channels_wire import Wire, text_post
from app.bench.turn import BenchFailed
from app.standin.stage import Accounts
from app.standin.twilio import inbound_fields

RATIO_MIN = 0.5


@dataclass(frozen=True)
class WebhookFigures:
    """Requests a second, the median of the rounds; the rounds of the two are interleaved."""

    requests: int
    clients: int
    rounds: int
    door_per_second: float
    bare_per_second: float
    door_to_bare: float
    lowest_round: float
    highest_round: float
    stored: int

    @property
    def is_kept(self) -> bool:
        """Whether what Parley promises held: everything stored, at half the bare route's rate or better."""
        return self.stored == self.requests and self.door_to_bare >= RATIO_MIN


def measure_webhook(*, requests: int = 6_000, clients: int = 8, rounds: int = 10) -> WebhookFigures:
    """Posts signed texts to our door and the same ones to the bare route, in turns, from the same clients.

    Raises: BenchFailed.
    """
    web_port, bare_port = free_port(), free_port()
    accounts = Accounts()
    signed_in = {"twilio_account_sid": accounts.twilio_account_sid, "twilio_auth_token": accounts.twilio_auth_token}
    with house_under_measurement(web_port, None, **signed_in) as house:
        house.serve(web_port)
        bare = house.start("-m", "app.bench.channels_bare", str(bare_port), log="bare")
        house.wait_for(bare_port, "/health", bare, "bare")
        each = max(clients, requests // rounds)
        door_rates: list[float] = []
        bare_rates: list[float] = []
        _round(web_port, _posts(house, 200, "/twilio/messages"), clients)  # warm
        _round(bare_port, _posts(house, 200, "/bare"), clients)
        for number in range(rounds):
            turns = [(web_port, "/twilio/messages", door_rates), (bare_port, "/bare", bare_rates)]
            # Who goes first takes turns as well.
            for port, path, rates in turns if number % 2 else reversed(turns):
                rates.append(_round(port, _posts(house, each, path), clients))
        with house.store.session() as session:
            stored = int(session.execute(text("SELECT count(*) FROM arrival")).scalar_one()) - 200
    ratios = [one / other for one, other in zip(door_rates, bare_rates, strict=True)]
    door, bare_rate = statistics.median(door_rates), statistics.median(bare_rates)
    return WebhookFigures(
        requests=each * rounds,
        clients=clients,
        rounds=rounds,
        door_per_second=round(door),
        bare_per_second=round(bare_rate),
        door_to_bare=round(door / bare_rate, 2),
        lowest_round=round(min(ratios), 2),
        highest_round=round(max(ratios), 2),
        stored=stored,
    )


def _posts(house: HouseUnderMeasurement, number: int, path: str) -> list[bytes]:
    """So many different texts, ready for the wire."""
    accounts = Accounts()
    return [
        text_post(
            inbound_fields(accounts.twilio_account_sid, f"+316{10_000_000 + n}", "+31201234567", "Wat moet ik nog betalen?"),
            base_url=house.settings["base_url"],
            token=accounts.twilio_auth_token,
            path=path,
        )
        for n in range(number)
    ]  # fmt: skip


def _round(port: int, posts: Sequence[bytes], clients: int) -> float:
    """Requests a second, from the first sent to the last answered."""
    shares = [posts[number::clients] for number in range(clients)]
    wires = [Wire(port) for _ in range(clients)]
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(_post_all, wires, shares))
    return len(posts) / (time.perf_counter() - began)


def _post_all(wire: Wire, posts: Sequence[bytes]) -> None:
    with closing(wire):
        for post in posts:
            status = wire.ask(post)
            if not 200 <= status < 300:
                raise BenchFailed(f"The server answered {status}.")
