"""Who at a customer is written to."""

from datetime import UTC, datetime

import pytest

from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.reminders.history import History
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.recipient import call_number, choose, reach, recipient_of

BROKEN = datetime(2026, 3, 1, tzinfo=UTC)


def customer(*contacts: str, language: str = "nl", preferred: str | None = None) -> Customer:
    """Contacts as "role language addresses": an address with "!" has failed, one of digits is a phone."""
    of_customer = []
    for text in contacts:
        role, spoken, *addresses = text.split()
        contact = Contact(name="someone", role=role, language=None if spoken == "-" else spoken)
        for value in addresses:
            channel = "sms" if value.startswith("+") else "email"
            contact.addresses.append(
                Address(channel=channel, value=value.rstrip("!"), failed_at=BROKEN if value.endswith("!") else None)
            )
        of_customer.append(contact)
    return Customer(name="Jansen", language=language, contacts=of_customer, preferred_channel=preferred)


@pytest.mark.parametrize(("contacts", "address", "reached"), [
    (["accounts_payable - ap@x.nl", "owner - boss@x.nl"], "ap@x.nl", "usable"),
    (["operations - ops@x.nl", "general - info@x.nl", "owner - boss@x.nl"], "boss@x.nl", "usable"),
    (["operations - ops@x.nl", "general - info@x.nl"], "info@x.nl", "usable"),
    (["accounts_payable - ap@x.nl!", "owner - boss@x.nl"], "boss@x.nl", "usable"),
    (["accounts_payable - ap@x.nl! ap2@x.nl"], "ap2@x.nl", "usable"),
    (["accounts_payable - +31612345678"], None, "none"),
    (["accounts_payable - ap@x.nl! +31612345678"], None, "failed"),
    (["accounts_payable -"], None, "none"),
    ([], None, "none"),
])  # fmt: skip
def test_accounts_payable_first_then_owner_general_and_operations(
    contacts: list[str], address: str | None, reached: str
) -> None:
    someone = customer(*contacts)
    found = recipient_of(someone)
    assert (found.address if found else None) == address
    assert reach(someone.contacts) == reached


@pytest.mark.parametrize(("contact", "of_customer", "language"), [
    ("accounts_payable fr ap@x.nl", "nl", "fr"),
    ("accounts_payable - ap@x.nl", "de", "de"),
    ("accounts_payable es ap@x.nl", "nl", "nl"),
    ("accounts_payable - ap@x.nl", "es", "en"),
])  # fmt: skip
def test_the_language_is_the_persons_then_the_customers_then_english(
    contact: str, of_customer: str, language: str
) -> None:
    found = recipient_of(customer(contact, language=of_customer))
    assert found
    assert found.language == language


def test_one_address_can_be_asked_about() -> None:
    someone = customer("accounts_payable - ap@x.nl! other@x.nl")
    assert [reach(someone.contacts, only=value) for value in ("ap@x.nl", "other@x.nl", "gone@x.nl")] == [
        "failed",
        "usable",
        "none",
    ]


EVERYTHING = ["accounts_payable - ap@x.nl +31611111111", "owner - boss@x.nl +31622222222"]
PHONE = "+31611111111"


@pytest.mark.parametrize(("contacts", "preferred", "refused", "on_whatsapp", "chosen"), [
    (EVERYTHING, None, [], [], "email ap@x.nl"),
    (EVERYTHING, "email", [], [], "email ap@x.nl"),
    (EVERYTHING, "sms", [], [], "sms +31611111111"),
    # Nobody is asked for money in a chat.
    (EVERYTHING, "chat", [], [], "email ap@x.nl"),
    # WhatsApp only to who wrote there within the day.
    (EVERYTHING, "whatsapp", [], [], "email ap@x.nl"),
    (EVERYTHING, "whatsapp", [], [PHONE], "whatsapp +31611111111"),
    (EVERYTHING, "whatsapp", [("whatsapp", PHONE)], [PHONE], "email ap@x.nl"),
    (EVERYTHING, "sms", [("sms", PHONE)], [], "sms +31622222222"),
    (EVERYTHING, "sms", [("sms", PHONE), ("sms", "+31622222222")], [], "email ap@x.nl"),
    # A no by email is none by phone, and the other way around.
    (EVERYTHING, None, [("email", "ap@x.nl"), ("email", "boss@x.nl")], [], "sms +31611111111"),
    (["accounts_payable - ap@x.nl! +31611111111"], None, [], [], "sms +31611111111"),
    (["accounts_payable - +31611111111!", "general - info@x.nl"], "sms", [], [], "email info@x.nl"),
])  # fmt: skip
def test_the_preferred_channel_is_used_where_it_may_be_then_email_then_texts(
    contacts: list[str],
    preferred: str | None,
    refused: list[tuple[str, str]],
    on_whatsapp: list[str],
    chosen: str,
) -> None:
    choice = choose(customer(*contacts, preferred=preferred), refused=refused, on_whatsapp=on_whatsapp)
    assert choice.recipient
    assert f"{choice.recipient.channel} {choice.recipient.address}" == chosen


@pytest.mark.parametrize(("of_customer", "of_first", "of_second", "order"), [
    (None, None, None, ["email ap@x.nl", "email boss@x.nl", "sms +31611111111", "sms +31622222222"]),
    (None, "sms", None, ["sms +31611111111", "email boss@x.nl", "email ap@x.nl", "sms +31622222222"]),
    (None, None, "sms", ["email ap@x.nl", "sms +31622222222", "sms +31611111111", "email boss@x.nl"]),
    ("sms", "email", None, ["email ap@x.nl", "sms +31622222222", "sms +31611111111", "email boss@x.nl"]),
    ("email", "sms", "sms", ["sms +31611111111", "sms +31622222222", "email ap@x.nl", "email boss@x.nl"]),
])  # fmt: skip
def test_what_a_person_prefers_comes_before_what_their_customer_does(
    of_customer: str | None, of_first: str | None, of_second: str | None, order: list[str]
) -> None:
    someone = customer(*EVERYTHING, preferred=of_customer)
    for contact, wish in zip(someone.contacts, (of_first, of_second), strict=True):
        contact.preferred_channel = wish
    found: list[tuple[str, str]] = []
    while (choice := choose(someone, tried=found)).recipient is not None:
        found.append((choice.recipient.channel, choice.recipient.address))
    assert [f"{channel} {address}" for channel, address in found] == order


def test_only_that_address_is_taken_where_one_is_named() -> None:
    someone = customer("accounts_payable - ap@x.nl gone@x.nl!", "owner - boss@x.nl")
    found = [recipient_of(someone, only=value) for value in ("boss@x.nl", "ap@x.nl", "gone@x.nl", "other@y.nl")]
    assert [one.address if one else None for one in found] == ["boss@x.nl", "ap@x.nl", None, None]


@pytest.mark.parametrize(("contacts", "refused", "reason"), [
    ([], [], Reason.NO_ADDRESS),
    (["owner -"], [], Reason.NO_ADDRESS),
    (["owner - boss@x.nl! +31611111111!"], [], Reason.BOUNCED),
    (["owner - boss@x.nl! +31611111111"], [("sms", PHONE)], Reason.OPTED_OUT),
    (["owner - boss@x.nl"], [("email", "boss@x.nl")], Reason.OPTED_OUT),
])  # fmt: skip
def test_where_nobody_can_be_written_to_the_reason_is_said(
    contacts: list[str], refused: list[tuple[str, str]], reason: Reason
) -> None:
    choice = choose(customer(*contacts), refused=refused)
    assert (choice.recipient, choice.reason) == (None, reason)


def test_who_would_have_come_first_is_said_with_the_reason() -> None:
    someone = customer("accounts_payable - ap@x.nl! +31611111111", "owner - boss@x.nl", preferred="sms")
    choice = choose(someone, refused=[("sms", PHONE)])
    assert choice.reason is None
    assert [(one.channel, one.address, one.reason) for one in choice.passed_over] == [
        ("sms", PHONE, Reason.OPTED_OUT),
        ("email", "ap@x.nl", Reason.BOUNCED),
    ]


def test_what_was_tried_is_not_tried_again() -> None:
    tried: list[tuple[str, str]] = []
    while found := choose(customer(*EVERYTHING), tried=tried).recipient:
        tried.append((found.channel, found.address))
    assert [address for _, address in tried] == ["ap@x.nl", "boss@x.nl", "+31611111111", "+31622222222"]


@pytest.mark.parametrize(("order", "preferred", "chosen"), [
    (("email", "sms"), None, "email ap@x.nl"),
    (("sms", "email"), None, "sms +31611111111"),
    (("sms", "email"), "email", "email ap@x.nl"),
    # A wish counts among the channels of the step, and what is not one of them is not used.
    (("email",), "sms", "email ap@x.nl"),
    (("sms",), "email", "sms +31611111111"),
    (("sms", "email"), "whatsapp", "whatsapp +31611111111"),
    (("email",), "whatsapp", "email ap@x.nl"),
    (("chat", "email"), None, "whatsapp +31611111111"),
    (("whatsapp", "email"), None, "whatsapp +31611111111"),
    (("call", "email"), None, "email ap@x.nl"),
    (("call",), None, None),
])  # fmt: skip
def test_the_step_says_which_channels_and_in_which_order(
    order: tuple[str, ...], preferred: str | None, chosen: str | None
) -> None:
    choice = choose(customer(*EVERYTHING, preferred=preferred), order=order, on_whatsapp=[PHONE])
    found = choice.recipient
    assert (f"{found.channel} {found.address}" if found else None) == chosen


@pytest.mark.parametrize(("role", "address"), [
    ("accounts_payable", "ap@x.nl"), ("owner", "boss@x.nl"), ("operations", "ops@x.nl"), ("general", "ap@x.nl"),
])  # fmt: skip
def test_the_step_says_who_hears_it_and_the_others_come_after(role: str, address: str) -> None:
    someone = customer("accounts_payable - ap@x.nl", "owner - boss@x.nl", "operations - ops@x.nl")
    found = choose(someone, role=role).recipient
    assert found
    assert (found.address, found.name) == (address, "someone")


@pytest.mark.parametrize(("preferred", "replied", "delivered", "chosen"), [
    (None, None, [], "email ap@x.nl"),
    (None, ("sms", "+31611111111"), [], "sms +31611111111"),
    # What they said they want is stronger than where they happened to write from.
    ("email", ("sms", "+31611111111"), [], "email ap@x.nl"),
    (None, ("sms", "+31699999999"), [], "email ap@x.nl"),
    (None, None, [("email", "ap2@x.nl")], "email ap2@x.nl"),
    (None, None, [("email", "boss@x.nl")], "email ap@x.nl"),
    (None, None, [("sms", "+31611111111")], "email ap@x.nl"),
])  # fmt: skip
def test_what_worked_before_is_tried_first(
    preferred: str | None, replied: tuple[str, str] | None, delivered: list[tuple[str, str]], chosen: str
) -> None:
    someone = customer("accounts_payable - ap@x.nl ap2@x.nl +31611111111", "owner - boss@x.nl", preferred=preferred)
    history = History(replied=replied, delivered=frozenset(delivered))
    found = choose(someone, history=history).recipient
    assert found
    assert f"{found.channel} {found.address}" == chosen


def test_an_address_that_failed_is_not_used_because_they_once_wrote_from_it() -> None:
    someone = customer("accounts_payable - ap@x.nl +31611111111!")
    found = choose(someone, history=History(replied=("sms", PHONE))).recipient
    assert found
    assert found.address == "ap@x.nl"


def test_who_is_called_is_the_role_that_is_asked_for_with_a_number_that_works() -> None:
    someone = customer("accounts_payable - ap@x.nl +31611111111!", "owner - +31622222222", "general - +31633333333")
    for role, number in (("accounts_payable", "+31622222222"), ("general", "+31633333333")):
        found = call_number(someone, role)
        assert found
        assert found[1] == number
    assert call_number(customer("owner - boss@x.nl")) is None
