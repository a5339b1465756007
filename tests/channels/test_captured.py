"""The carrier that keeps instead of sending."""

from channels.captured import Captured
from o2c_core.conversations.carrier import Accepted, Carrier
from o2c_core.conversations.message import Message
from o2c_core.keys import new_key


def test_a_captured_message_is_accepted_under_its_own_id() -> None:
    carrier: Carrier = Captured()
    message = Message(id=new_key(), text="Goedendag")
    assert carrier.send(message) == Accepted(f"captured:{message.id}")
    assert carrier.name == "captured"
