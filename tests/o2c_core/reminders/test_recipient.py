"""Who at a customer is written to."""

from datetime import UTC, datetime

import pytest

from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.reminders.recipient import reach, recipient_of

BROKEN = datetime(2026, 3, 1, tzinfo=UTC)


def customer(*contacts: str, language: str = "nl") -> Customer:
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
    return Customer(name="Jansen", language=language, contacts=of_customer)


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
