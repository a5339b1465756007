"""What both providers of the stand-in share: their accounts, the faults, the record and the postman."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import Response

from app.standin.faults import Faults, Mishap, dice, mishap
from app.standin.line import NoAnswer
from app.standin.post import Postman
from app.standin.record import Record
from app.standin.signing import new_events_key
from o2c_core.clock import Clock, SystemClock


@dataclass(frozen=True)
class Accounts:
    """Who may use the stand-in, and what it signs with. Parley's settings are given the same."""

    twilio_account_sid: str = "AC" + "5" * 32
    twilio_auth_token: str = "standin-token"  # noqa: S105 (of the stand-in's own account)
    sendgrid_key: str = "SG.standin"
    doors_url: str | None = None
    events_key: ec.EllipticCurvePrivateKey = field(default_factory=new_events_key, repr=False)


@dataclass
class Stage:
    """Everything a provider's routes work with. The faults may be changed while the stand-in runs."""

    accounts: Accounts
    faults: Faults
    seed: int
    record: Record = field(default_factory=Record)
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self._postman: Postman | None = None

    @property
    def postman(self) -> Postman:
        """Made when first asked for, since it belongs to the running event loop."""
        if self._postman is None:
            self._postman = Postman(self.record)
        return self._postman

    def befalls(self, provider: str, ours: str) -> Mishap | None:
        """What goes wrong with this attempt at that message; the same with the same seed."""
        befallen = mishap(self.faults, dice(self.seed, "send", ours, self.record.try_of(ours)))
        self.record.requests[f"{provider} {befallen or 'answered'}"] += 1
        return befallen

    def unanswered(self, befallen: Mishap | None, request: Request) -> Response | None:
        """No answer, where that is what befell the request."""
        if befallen in ("silent_before", "silent_after"):
            return NoAnswer(request, self.faults.silent_seconds)
        return NoAnswer(request) if befallen in ("hang_up_before", "hang_up_after") else None
