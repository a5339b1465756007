"""SendGrid's v3/mail/send as the stand-in has it, and the events that follow."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.standin.faults import dice
from app.standin.lives import Step, life_of_mail
from app.standin.post import moments
from app.standin.record import Kept
from app.standin.signing import sign_events
from app.standin.stage import Stage
from o2c_core.keys import new_key

BODY_BYTES_MAX = 30 * 2**20
EVENTS_MAX = 100
GATHER_SECONDS = 0.25
# Headers SendGrid writes itself. Source: SendGrid's API description of mail/send.
_ITS_OWN = frozenset(
    (
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
        "subject", "reply-to", "cc", "bcc",
    )
)  # fmt: skip


class SendGrid:
    """The routes under SendGrid's address. Source: twilio.com/docs/sendgrid/api-reference/mail-send/mail-send"""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._waiting: list[dict[str, Any]] = []
        self.routes = [Route("/v3/mail/send", self._send, methods=["POST"])]

    async def _send(self, request: Request) -> Response:
        said = request.headers.get("authorization", "")
        if not hmac.compare_digest(said.encode(), f"Bearer {self._stage.accounts.sendgrid_key}".encode()):
            return _problem(401, "The provided authorization grant is invalid, expired, or revoked")
        raw = await request.body()
        if len(raw) > BODY_BYTES_MAX:
            return _problem(413, "The payload is too large")
        try:
            mail = json.loads(raw)
        except ValueError:
            return _problem(400, "Bad Request")
        ours = _ours(mail)
        befallen = self._stage.befalls("sendgrid", ours or new_key().hex)
        if befallen == "too_many":
            wait = str(self._stage.faults.retry_after_seconds)
            now = int(self._stage.clock.now().timestamp())
            limits = {"Retry-After": wait, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(now + int(wait))}
            return _problem(429, "too many requests", headers=limits)
        if befallen == "error_before":
            return _problem(500, "Internal Server Error")
        if befallen in ("silent_before", "hang_up_before"):
            return self._stage.unanswered(befallen, request) or Response()
        if (wrong := refusal(mail)) is not None:
            return _problem(400, wrong[1], wrong[0])
        key = self._accept(mail)
        if befallen == "error_after":
            return _problem(500, "Internal Server Error")
        return self._stage.unanswered(befallen, request) or Response(status_code=202, headers={"X-Message-Id": key})

    def _accept(self, mail: dict[str, Any]) -> str:
        """Takes every personalization as a mail of its own, and plans the events about it."""
        stage = self._stage
        request_key = new_key().hex[-22:]
        for number, person in enumerate(mail["personalizations"]):
            arguments = {**mail.get("custom_args", {}), **person.get("custom_args", {})}
            to = str(person["to"][0]["email"])
            ours = arguments.get("o2c_message")
            kept = Kept("sendgrid", f"{request_key}.{number}", ours, to, mail, "accepted", stage.clock.now())
            stage.record.accept(kept)
            thrown = dice(stage.seed, "life", ours or kept.key)
            life = life_of_mail(to, thrown=thrown, undelivered=stage.faults.undelivered)
            stage.postman.later(0, lambda kept=kept, life=life: self._live(kept, life))  # type: ignore[misc]
            events = [self._event(kept, step, arguments, mail) for step in life]
            for at, event, oddity in moments(events, stage.faults, thrown):
                if oddity:
                    stage.record.callbacks[oddity] += 1
                if oddity != "lost":
                    stage.postman.later(at, lambda event=event: self._gather(event))  # type: ignore[misc]
        return request_key

    async def _live(self, kept: Kept, life: Sequence[Step]) -> None:
        for step in life:
            await asyncio.sleep(self._stage.faults.callback_seconds)
            kept.state, kept.code = step.state, step.code

    def _event(self, kept: Kept, step: Step, arguments: Mapping[str, str], mail: Mapping[str, Any]) -> dict[str, Any]:
        """One event; the custom arguments stand at the top level, as SendGrid has them."""
        event: dict[str, Any] = {
            "email": kept.to,
            "timestamp": int(kept.at.timestamp()),
            "event": "bounce" if step.state == "blocked" else step.state,
            "sg_event_id": new_key().hex[-22:],
            "sg_message_id": f"{kept.key.partition('.')[0]}.recvd-standin-1-{kept.key.rpartition('.')[2]}.0",
            "smtp-id": f"<{kept.key}@standin.invalid>",
            "category": list(mail.get("categories", [])),
        }
        if step.state in ("bounce", "blocked"):
            event |= {"type": step.state, "reason": f"{step.code} {step.why}", "status": step.why.split()[0]}
        elif step.state == "dropped":
            event |= {"reason": step.why}
        elif step.state == "deferred":
            event |= {"response": f"{step.code} {step.why}", "attempt": "1"}
        elif step.state == "delivered":
            event |= {"response": "250 OK"}
        return dict(arguments) | event

    async def _gather(self, event: dict[str, Any]) -> None:
        """Events are posted together, as they come in within a moment."""
        self._waiting.append(event)
        if len(self._waiting) == 1:
            self._stage.postman.later(GATHER_SECONDS, self._post)
        elif len(self._waiting) >= EVENTS_MAX:
            await self._post()

    async def _post(self) -> None:
        events, self._waiting = self._waiting, []
        if not events or self._stage.accounts.doors_url is None:
            return
        body = json.dumps(events).encode() + b"\r\n"
        timestamp = str(int(self._stage.clock.now().timestamp()))
        await self._stage.postman.post_until_taken(
            f"{self._stage.accounts.doors_url}/sendgrid/events",
            body,
            {
                "Content-Type": "application/json",
                "X-Twilio-Email-Event-Webhook-Signature": sign_events(self._stage.accounts.events_key, timestamp, body),
                "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            },
        )


def refusal(mail: Any) -> tuple[str, str] | None:
    """The field SendGrid would refuse, and why; None when it takes the mail.

    Source: twilio.com/docs/sendgrid/api-reference/mail-send/limitations
    """
    if not isinstance(mail, dict):
        return "", "Bad Request"
    people = mail.get("personalizations")
    if not isinstance(people, list) or not 1 <= len(people) <= 1000:
        return "personalizations", "The personalizations field is required and must have at least one personalization."
    for person in people:
        if not person.get("to"):
            return "personalizations.0.to", "The to array is required for all personalization objects."
        if any("@" not in one.get("email", "") for one in person["to"]):
            return "personalizations.0.to.0.email", "Does not contain a valid address."
        arguments = person.get("custom_args", {})
        if any(not isinstance(value, str) for value in arguments.values()):
            return "personalizations.0.custom_args", "The custom_args values must be strings."
        if len(json.dumps(arguments)) > 10_000:
            return "personalizations.0.custom_args", "The custom_args are too large."
    if "@" not in str((mail.get("from") or {}).get("email", "")):
        return "from.email", "The from email does not contain a valid address."
    if not mail.get("subject") and not mail.get("template_id") and not all(one.get("subject") for one in people):
        return "subject", "The subject is required."
    content = mail.get("content") or []
    if not mail.get("template_id") and not content:
        return "content", "Unless a valid template_id is provided, the content parameter is required."
    kinds = [one.get("type") for one in content]
    if "text/plain" in kinds[1:]:
        return "content", "If present, text/plain must come first, followed by text/html."
    if any(not one.get("value") for one in content):
        return "content.0.value", "The content value must be a string at least one character in length."
    if _ITS_OWN & {name.lower() for name in (mail.get("headers") or {})}:
        return "headers", "The headers hold a name that cannot be set."
    categories = mail.get("categories") or []
    if len(categories) > 10 or any(len(one) > 255 for one in categories):
        return "categories", "There are too many categories, or one is too long."
    return None


def _ours(mail: Any) -> str | None:
    """The id the sender knows the first mail by."""
    try:
        arguments = {**mail.get("custom_args", {}), **mail["personalizations"][0].get("custom_args", {})}
    except (AttributeError, KeyError, IndexError, TypeError):
        return None
    return arguments.get("o2c_message")


def _problem(status: int, why: str, field: str | None = None, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"errors": [{"message": why, "field": field, "help": None}]}, status, headers)
