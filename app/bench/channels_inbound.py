"""What becomes of texts that come in more than once, in any order, from many sides at a time: stored once, answered once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.bench.channels_house import free_port, house_under_measurement
from app.bench.channels_people import OUR_NUMBER, number_of, write_people
from app.bench.channels_wire import Wire, text_post
from app.bench.turn import BenchFailed
from app.standin.stage import Accounts
from app.standin.twilio import inbound_fields
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store

CLIENTS = 16
TIMES_MAX = 3
# Every fifth writer sends two texts, which one answer may cover.
WRITERS_PER_TEXT = 0.8
QUESTIONS = (
    "Wat moet ik nog betalen?",
    "Welke facturen staan nog open?",
    "Wanneer moet ik uiterlijk betalen?",
    "How much do I owe you?",
    "Is mijn factuur al betaald?",
    "Bedankt!",
)


@dataclass(frozen=True)
class InboundFigures:
    """How it went. One answer may cover several texts of the same writer; no text has more than one."""

    messages: int
    deliveries: int
    refused: int
    clients: int
    workers: int
    stored: int
    answered_once: int
    answered_twice: int
    unanswered: int
    answers: int
    deliveries_per_second: int
    answers_per_second: float
    seconds: int

    @property
    def is_kept(self) -> bool:
        """Whether what Parley promises held: every message stored once and answered once, no delivery refused."""
        return self.stored == self.answered_once == self.messages and not (self.refused or self.answered_twice)


def measure_inbound(
    *, messages: int = 5_000, workers: int = 2, seed: int = 1, seconds_max: int = 3600
) -> InboundFigures:
    """Delivers every text one to three times in random order to the real doors, while real workers answer.

    Answers are kept and not sent: no provider is set up. Raises: BenchFailed.
    """
    web_port = free_port()
    token = Accounts().twilio_auth_token
    # The token alone opens the doors; without the account nothing is sent.
    with house_under_measurement(web_port, None, twilio_auth_token=token) as house:
        write_people(house.store, _writers(messages))
        posts = _posts(messages, house.settings["base_url"], token, random.Random(seed))  # noqa: S311
        house.serve(web_port)
        for _ in range(workers):
            house.work()
        began = time.monotonic()
        refused = _deliver(web_port, posts)
        delivered = time.monotonic()
        answered = _wait_for_answers(house.store, messages, began + seconds_max)
        return InboundFigures(
            messages=messages,
            deliveries=len(posts),
            refused=refused,
            clients=CLIENTS,
            workers=workers,
            deliveries_per_second=round(len(posts) / (delivered - began)),
            answers_per_second=round(messages / (answered - began), 1),
            seconds=round(answered - began),
            **_counted(house.store),
        )


def _writers(messages: int) -> int:
    return max(1, round(messages * WRITERS_PER_TEXT))


def _posts(messages: int, base_url: str, token: str, dice: random.Random) -> list[bytes]:
    """Every text one to three times, shuffled."""
    posts = []
    for number in range(messages):
        writer = number_of(number % _writers(messages))
        fields = inbound_fields("AC" + "5" * 32, writer, OUR_NUMBER, f"{dice.choice(QUESTIONS)}")
        posts += [text_post(fields, base_url=base_url, token=token)] * dice.randint(1, TIMES_MAX)
    dice.shuffle(posts)
    return posts


def _deliver(port: int, posts: Sequence[bytes]) -> int:
    """How many were answered with anything but yes."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(lambda client: _post_all(port, posts[client::CLIENTS]), range(CLIENTS)))


def _post_all(port: int, posts: Sequence[bytes]) -> int:
    with closing(Wire(port)) as wire:
        return sum(not 200 <= wire.ask(post) < 300 for post in posts)


def _wait_for_answers(store: Store, messages: int, give_up_at: float) -> float:
    """The moment the last was answered. Raises: BenchFailed when nothing moves on for minutes, or it takes too long."""
    before, moved_at = -1, time.monotonic()
    while (now := time.monotonic()) < give_up_at:
        with store.session() as session:
            answered = _number(session, Message.answered_at.is_not(None))
        if answered >= messages:
            return now
        if answered != before:
            before, moved_at = answered, now
        elif now - moved_at > 300:
            break
        time.sleep(0.2)
    raise BenchFailed(f"Only {before} of {messages} messages were answered.")


def _number(session: Session, is_so: object) -> int:
    query = select(func.count()).select_from(Message).where(Message.direction == "in", is_so)  # type: ignore[arg-type]
    return int(session.execute(query).scalar_one())


def _counted(store: Store) -> dict[str, int]:
    """Answers per message, by what each answer itself and each message says of the other."""
    with store.session() as session:
        incoming = session.execute(select(Message.id, Message.answered_by_id).where(Message.direction == "in")).all()
        answering = session.scalars(
            select(Message.answers_id).where(Message.direction == "out", Message.answers_id.is_not(None))
        ).all()
        # More answers to one writer than there were texts of theirs would be answers nobody asked for.
        too_many = session.execute(
            text(
                "SELECT coalesce(sum(greatest(0, answers - texts)), 0) FROM (SELECT conversation_id,"
                " count(*) FILTER (WHERE direction = 'in') AS texts,"
                " count(*) FILTER (WHERE direction = 'out' AND purpose = 'answer') AS answers"
                " FROM message GROUP BY conversation_id) AS by_conversation"
            )
        ).scalar_one()
    covered = {row.id for row in incoming if row.answered_by_id is not None} | {one for one in answering if one}
    twice = sum(times > 1 for times in Counter(answering).values()) + int(too_many)
    return {
        "stored": len(incoming),
        "answered_once": len(covered) - twice,
        "answered_twice": twice,
        "unanswered": len(incoming) - len(covered),
        "answers": len(answering),
    }
