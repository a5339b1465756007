"""Why a customer was not told of a step."""

from __future__ import annotations

from enum import Enum

from o2c_core.reminders.answer import Reason


class WhyNot(Enum):
    """The value is the word in reports, `sentence` is what people read."""

    sentence: str

    def __new__(cls, word: str, sentence: str) -> WhyNot:
        member = object.__new__(cls)
        member._value_ = word
        member.sentence = sentence
        return member

    # About what happened.
    OFF = "off", "The seller does not tell customers of this step."
    OLD = "old", "It happened too long ago to be news."
    CANCELLED = "cancelled", "The order has been cancelled."
    LEFT = "left", "The goods have left in the meantime."
    ARRIVED = "arrived", "The goods have arrived in the meantime."
    CORRECTED = "corrected", "It was put right afterwards: it did not happen like that."
    OVERTAKEN = "overtaken", "Another day was noted in the meantime; that one is told."
    CREDITED = "credited", "The invoice has been credited or written off in full."
    TAKEN_BACK = "taken_back", "The payment was taken back."
    PAID = "paid", "Nothing is open that anybody could be reminded of."
    STILL_HELD = "still_held", "Another hold still runs."
    NEVER_HEARD = "never_heard", "The customer never heard of the hold."
    WITH_PERSON = "with_person", "A person looks after what the hold was about."
    # About who would hear of it.
    NOT_WANTED = "not_wanted", "They chose not to hear of this step."
    WALK_IN = "walk_in", "Walk-in customers are not written to."
    ERASED = "erased", "The customer has been erased."
    NO_ADDRESS = "no_address", Reason.NO_ADDRESS.sentence
    BOUNCED = "bounced", Reason.BOUNCED.sentence
    OPTED_OUT = "opted_out", Reason.OPTED_OUT.sentence
    NO_HOURS = "no_hours", Reason.NO_HOURS.sentence
    WINDOW_CLOSED = "window_closed", Reason.WINDOW_CLOSED.sentence
    # About the moment; these wait.
    REMINDED = "reminded", "They are reminded of this invoice today; it is sent tomorrow."
    TOLD_TODAY = "told_today", "They heard of a shipment of this order today; the others are told together tomorrow."
    OFTEN_ENOUGH = "often_enough", "They have had as many notices as a day may bring; it is told tomorrow."


def sentence_of(word: str) -> str:
    """What people read of a reason as a row keeps it, ours or that of writing to anybody."""
    said = {one.value: one.sentence for one in (*Reason, *WhyNot)}
    return str(said.get(word, word))
