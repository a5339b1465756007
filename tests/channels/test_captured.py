"""The carrier that keeps instead of sending."""

from channels.captured import Captured
from o2c_core.conversations.carrier import Accepted, Carrier, Outgoing
from o2c_core.keys import new_key
from tests.conftest import NOON


def test_a_captured_message_is_accepted_under_its_own_id() -> None:
    carrier: Carrier = Captured()
    outgoing = Outgoing(new_key(), new_key(), "email", "answer", "ap@bakkerij.example", "Goedendag", NOON)
    assert carrier.send(outgoing) == Accepted(f"captured:{outgoing.message_id}")
    assert carrier.name == "captured"
