"""The carrier that keeps instead of sending."""

from __future__ import annotations

from o2c_core.conversations.carrier import Accepted, Outgoing


class Captured:
    """Nothing leaves the house: the message's own row is the record, and the desk shows it as captured.

    It is the carrier for every channel whose provider has not been set up.
    """

    name = "captured"

    def send(self, outgoing: Outgoing) -> Accepted:
        return Accepted(f"captured:{outgoing.message_id}")
