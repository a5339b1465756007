"""Who in the fictional company plays which part, so that a tour, a test or a question can rely on it."""

from __future__ import annotations

SELLER = "vandijk"

# Each of these is described, with its figures, in scenes.py; tests/app/test_demo_cast.py holds it to that.
BAKKERIJ_JANSEN = (
    "C1001"  # Dutch; its last order arrives tomorrow; one invoice 12 days late, one not due, one just paid
)
HART_AND_SONS = "C1002"  # English, in pounds; one invoice 34 days late and half paid, another disputed in part
HOTEL_SEEBLICK = "C1003"  # German; owes nothing, and has a credit note that is not yet set against anything
CAFE_DES_ARTS = "C1004"  # French; its parcel should have come three days ago, and reminders are on hold for that
SOPHIE_DE_WIT = "C1005"  # a Dutch consumer with one small late invoice
GREENFIELD = "C1006"  # English; its only address bounces, and an invoice is late
NO_ADDRESS = "C1007"  # Dutch; late, and nobody ever noted down an address
TWO_CONTACTS = "C1008"  # Dutch; one person pays the invoices, another takes in the goods

JUST_ORDERED = "C1009"
CONFIRMED = "C1010"
PART_SHIPPED = "C1011"
DELIVERED_YESTERDAY = "C1012"

# How these pay, whatever the dice say. The habits themselves are in payers.py. In agreements.py who pays in parts has
# a plan for what is open, who pays very late promised a day and kept it, and who stopped promised one and did not.
ALWAYS_FOUR_DAYS_LATE = "C1008"
PAYS_IN_PARTS = "C1009"
PAYS_SEVERAL_AT_ONCE = "C1010"
OVERPAYS = "C1011"
PAYS_VERY_LATE = "C1012"
STOPPED_PAYING = "C1013"

# What happened to a reminder of each, in letters.py; what was written by and to others is in mailbox.py.
WAITS_FOR_MORNING = "C1036"  # written for the morning to come
PAID_IN_TIME = "C1037"  # paid between the writing and the sending: withdrawn
NOBODY_KNOWS = "C1038"  # the mail server closed the connection: nobody knows whether it left, and a person is asked
MAILBOX_GONE = "C1039"  # its mail came back: the address is marked, and a text went instead

# On the day the history is written for, these owe one invoice that is exactly so many days late (-3: due in three
# days) and nothing else that is late: every rung of the usual ladder has something to say in every language.
RUNGS: dict[tuple[str, int], str] = {
    ("nl", -3): "C1014", ("nl", 1): "C1015", ("nl", 7): "C1016", ("nl", 14): "C1017", ("nl", 30): "C1018",
    ("en", -3): "C1019", ("en", 1): "C1020", ("en", 7): "C1021", ("en", 14): "C1022", ("en", 30): "C1023",
    ("de", -3): "C1024", ("de", 1): "C1025", ("de", 7): "C1026", ("de", 14): "C1027", ("de", 30): "C1028",
    ("fr", -3): "C1029", ("fr", 1): "C1030", ("fr", 7): "C1031", ("fr", 14): "C1032", ("fr", 30): "C1033",
}  # fmt: skip

# The segment of large customers, and who is in it. Whatever the day, three of them are late enough for the second step of
# the enterprise ladder, which waits for a person: one writes English, one Dutch, one French.
KEY_ACCOUNT = "key_account"
KEY_ACCOUNTS = frozenset(
    {HART_AND_SONS, PAYS_SEVERAL_AT_ONCE, OVERPAYS, PAYS_VERY_LATE, RUNGS["nl", 30], RUNGS["fr", 30]}
)

# Whose earlier invoices are all paid, so that what is open is only what their part says.
SETTLED = frozenset(
    {BAKKERIJ_JANSEN, HART_AND_SONS, HOTEL_SEEBLICK, CAFE_DES_ARTS, SOPHIE_DE_WIT, GREENFIELD, NO_ADDRESS}
    | set(RUNGS.values())
)
