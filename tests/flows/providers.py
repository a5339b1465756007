"""What providers do to us in tests: signed posts at the real doors, the jobs behind them, and what leaves the house."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import httpx2
from fastapi.testclient import TestClient
from procrastinate import App
from twilio.request_validator import RequestValidator

from app.application import make_application
from app.container import readers
from app.settings import Settings
from app.worker import make_worker
from bot.assistant import Assistant
from bot.turn import House, answer_waiting
from o2c_core.conversations.carrier import Accepted, Outgoing
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Address
from o2c_core.customers.seller import SenderIdentity
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller, an_invoice

BASE = "https://parley.example"
TOKEN = "twilio-token-of-the-tests"
INBOUND = "inbound-token-of-the-tests"
OURS = "+31201234567"
THEIRS = "+31612345678"
_number = count(1)


@dataclass
class Kept:
    """A carrier that accepts everything and remembers what it was handed: what a customer would have received."""

    name: str = "kept"
    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Accepted:
        self.sent.append(outgoing)
        return Accepted(f"K{len(self.sent)}")

    @property
    def texts(self) -> list[str]:
        return [outgoing.text for outgoing in self.sent]


@dataclass
class Providers:
    """Twilio and SendGrid, as seen from here. `work` carries out every job that was asked for."""

    client: TestClient
    url: str
    store: Store
    house: House
    carrier: Kept
    settings: Settings

    def text(
        self, words: str, sender: str = THEIRS, *, sid: str | None = None, prefix: str = "", **more: str
    ) -> httpx2.Response:
        """A text (or, with the prefix "whatsapp:", such a message) that Twilio posts, signed."""
        fields = {"MessageSid": sid or f"SM{next(_number):032}", "From": prefix + sender, "To": prefix + OURS}
        return self.post_text({**fields, "Body": words, **more})

    def post_text(self, fields: Mapping[str, str], signature: str | None = None) -> httpx2.Response:
        signed = signature or RequestValidator(TOKEN).compute_signature(f"{BASE}/twilio/messages", dict(fields))
        return self.client.post("/twilio/messages", data=dict(fields), headers={"X-Twilio-Signature": signed})

    def mail(self, mail: EmailMessage, *, vouched: str | None = None) -> httpx2.Response:
        """A mail that SendGrid posts in raw mode; `vouched` is the domain whose DKIM signature was good."""
        fields = {
            "email": mail.as_bytes(),
            "to": str(mail["To"]).encode(),
            "from": str(mail["From"]).encode(),
            "envelope": f'{{"to":["x@reply.parley.example"],"from":"bounces@{vouched or "nobody.example"}"}}'.encode(),
            "dkim": b"{@" + vouched.encode() + b" : pass}" if vouched else b"none",
            "SPF": b"pass" if vouched else b"none",
        }
        return self.client.post(f"/sendgrid/inbound/{INBOUND}", files={n: (None, v) for n, v in fields.items()})

    def work(self) -> None:
        worker = make_worker(
            self.url, self.store, dict.fromkeys(("email", "sms", "whatsapp"), self.carrier),
            doorplate=self.house.doorplate, readers=readers(self.settings, self.store),
            answer=lambda message_id: answer_waiting(message_id, self.house),
        )  # fmt: skip
        # Only what was asked for: what the hour brings (the morning's reminders, say) would depend on when tests run.
        worker.periodic_registry.periodic_tasks.clear()

        async def until_done() -> None:
            async with worker.open_async():
                # A worker that does not wait ends when there is nothing to do, also when a job in hand asks for another.
                while await _is_asked(worker):
                    await worker.run_worker_async(wait=False, install_signal_handlers=False, concurrency=2)

        asyncio.run(until_done())

    def hear(self, words: str, sender: str = THEIRS, **more: str) -> list[str]:
        """What is sent after a text came in and all work was done."""
        before = len(self.carrier.sent)
        assert self.text(words, sender, **more).status_code == 200
        self.work()
        return self.carrier.texts[before:]


async def _is_asked(worker: App) -> bool:
    """Whether a job waits that is not for later."""
    waiting = await worker.job_manager.list_jobs_async(status="todo")
    return any(job.scheduled_at is None for job in waiting)


@contextmanager
def providers(url: str, store: Store, assistant: Assistant, folder: Path) -> Iterator[Providers]:
    settings = Settings(
        data=folder, secret="a-key-for-the-tests", base_url=BASE, reply_domain="reply.parley.example",
        twilio_account_sid="AC1", twilio_auth_token=TOKEN, inbound_token=INBOUND, mail_sender="hello@parley.example",
        _env_file=None,
    )  # fmt: skip
    plate = Doorplate("a-key-for-the-tests", BASE, "reply.parley.example")
    house = House(store, lambda: None, assistant, plate)
    with TestClient(make_application(house, settings)) as client:
        yield Providers(client, url, store, house, Kept(), settings)


def known_by_both(store: Store, email: str) -> None:
    """Jansen, who owes 1,240.50, with a verified number and that mailbox, and a seller with a sender on both."""
    with store.session() as session:
        seller = a_seller(session)
        seller.senders.append(SenderIdentity(channel="sms", value=OURS, is_default=True))
        seller.senders.append(SenderIdentity(channel="email", value="hello@parley.example", is_default=True))
        jansen = a_customer(session, seller, "C1001", email=email)
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050)
        jansen.contacts[0].addresses.append(Address(channel="sms", value=THEIRS, verified_at=MOMENT))
        session.commit()


def a_mail(
    text: str, sender: str, *, to: str = "hello@parley.example", subject: str = "Vraag", **headers: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = headers.pop("Message_ID", f"<{next(_number)}@mail.example>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail
