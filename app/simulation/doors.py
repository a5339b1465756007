"""How what customers write and what providers say comes in: as the providers' own posts, through the real doors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from sqlalchemy import select

from app.simulation.books import OUR_MAILBOX, OUR_NUMBER
from app.simulation.letters import Letter
from channels.sendgrid_reading import read_sendgrid
from channels.twilio_reading import read_twilio
from o2c_core.actions.keep_arrivals import Arrived, keep_arrivals
from o2c_core.actions.take_in import take_in
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Sense
from o2c_core.store.store import Store


@dataclass(frozen=True)
class Thread:
    """What of a message of ours an answer goes back to."""

    reply_to: str | None
    mail_id: str | None


@dataclass
class Doors:
    """The doors of one simulated installation."""

    store: Store
    doorplate: Doorplate
    _number: int = 0

    def letter(self, letter: Letter, now: datetime) -> UUID | None:
        """The message it became; None where it was set aside or only noted."""
        self._number += 1
        arrived = self._mail(letter, now) if letter.channel == "email" else self._text(letter)
        arrival_id = self._let_in(arrived)
        if arrival_id is None:
            return None
        with self.store.session() as session:
            return session.scalar(select(Arrival.message_id).where(Arrival.id == arrival_id))

    def word(
        self, state: str, message_id: UUID, channel: str, key: str, address: str, now: datetime, nth: int = 0
    ) -> None:
        """The provider's word about a message of ours: delivered, or it bounced."""
        event = f"{key}-{state}-{nth}"
        if channel == "email":
            payload: dict[str, object] = {
                "event": "delivered" if state == "delivered" else "bounce", "sg_event_id": event, "sg_message_id": key,
                "o2c_message": str(message_id), "email": address, "timestamp": int(now.timestamp()),
                "reason": "" if state == "delivered" else "550 5.1.1 no such mailbox",
            }  # fmt: skip
            arrived = Arrived("sendgrid", "word", "email", event, payload)
        else:
            fields = [
                ["MessageSid", key], ["MessageStatus", "delivered" if state == "delivered" else "undelivered"],
                ["To", address], *([] if state == "delivered" else [["ErrorCode", "30005"]]),
            ]  # fmt: skip
            arrived = Arrived("twilio", "word", "sms", event, {"fields": fields, "message_id": str(message_id)})
        self._let_in(arrived)

    def _let_in(self, arrived: Arrived) -> UUID | None:
        """What it was kept as; None where it came before."""
        for arrival_id in keep_arrivals([arrived], store=self.store):
            take_in(arrival_id, store=self.store, read=self._read, doorplate=self.doorplate)
            return arrival_id
        return None

    def _read(self, arrival: Arrival) -> Sense:
        if arrival.provider == "twilio":
            return read_twilio(arrival)
        return read_sendgrid(arrival, doorplate=self.doorplate, own_addresses={OUR_MAILBOX})

    def _text(self, letter: Letter) -> Arrived:
        key = f"SM{self._number:032}"
        fields = [
            ["MessageSid", key], ["From", letter.address], ["To", OUR_NUMBER], ["Body", letter.text], ["NumMedia", "0"],
        ]  # fmt: skip
        return Arrived("twilio", "message", "sms", key, {"fields": fields})

    def _mail(self, letter: Letter, now: datetime) -> Arrived:
        thread = letter.handle if isinstance(letter.handle, Thread) else Thread(None, None)
        mail = EmailMessage()
        mail["From"], mail["To"] = letter.address, thread.reply_to or OUR_MAILBOX
        mail["Subject"], mail["Date"] = letter.subject or "Re:", format_datetime(now)
        mail["Message-ID"] = mail_id = f"<{self._number}@{_domain(letter.address)}>"
        if thread.mail_id:
            mail["In-Reply-To"] = mail["References"] = thread.mail_id
        if letter.kind == "away":
            mail["Auto-Submitted"] = "auto-replied"
        mail.set_content(letter.text)
        domain = _domain(letter.address)
        payload: Mapping[str, str] = {
            "mode": "raw", "dkim": f"{{@{domain} : pass}}", "SPF": "pass",
            "envelope": json.dumps({"to": [str(mail["To"])], "from": "" if letter.kind == "away" else letter.address}),
        }  # fmt: skip
        return Arrived("sendgrid", "message", "email", mail_id, dict(payload), mail.as_bytes())


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
