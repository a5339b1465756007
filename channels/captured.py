"""The carrier that keeps instead of sending."""

from __future__ import annotations

from o2c_core.conversations.carrier import Accepted, Outgoing


class Captured:
    """Nothing leaves the house: the message's own row is the record, and the desk shows it as captured.

    It is the carrier for every channel whose provider has not been set up. With `steps_back` it leaves alone what a
    provider carried lately: that is for a worker that has its keys.
    """

    name = "captured"

    def __init__(self, *, steps_back: bool = False) -> None:
        self.steps_back = steps_back

    def send(self, outgoing: Outgoing) -> Accepted:
        return Accepted(f"captured:{outgoing.message_id}")
