"""A notice for every step, as one customer would read it; the ledger's part is made up."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.notice import Notice
from o2c_core.informing.part import (
    Account,
    CreditIssued,
    Delayed,
    Delivered,
    Goods,
    HoldEnded,
    InvoiceIssued,
    OrderConfirmed,
    Part,
    PaymentReceived,
    Settled,
    Shipped,
)
from o2c_core.money import Money
from o2c_core.reminders.recipient import Recipient

PLATE = Doorplate("key of the tests", "https://p.example")
DAY = date(2026, 3, 16)
ONE, TWO = UUID(int=1), UUID(int=2)
HOMES = {"en": "GB", "nl": "NL", "de": "DE", "fr": "FR"}


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def a_notice(
    *parts: Part, language: str = "en", channel: str = "email", accounts: tuple[Account, ...] = (), **seller: str
) -> Notice:
    return Notice(
        Seller(**{"name": "Van Dijk", "country": "NL", "currency": "EUR", "senders": [], "bank_accounts": []} | seller),
        Customer(id=UUID(int=9), ref="C1", name="Jansen", country=HOMES[language], language=language, currency="EUR"),
        Recipient("ap@jansen.example" if channel == "email" else "+31612345678", language, channel, UUID(int=8)),
        parts,
        accounts,
        datetime(2026, 3, 16, 11, 0, tzinfo=UTC),
    )


def settled(number: str = "INV-7", amount: str = "1240.50", left: str = "0", disputed: str = "0") -> Settled:
    disputes = ("D-118",) if disputed != "0" else ()
    return Settled(ONE, number, eur(amount), eur(left), eur(disputed), disputes)


def later(days: int) -> date:
    return DAY + timedelta(days=days)


GOODS = (Goods(Decimal("12.000"), "Coffee filter no. 4"), Goods(Decimal("2.500"), "Sugar, kg"))
CONFIRMED = OrderConfirmed("SO-1001", later(3), GOODS, eur("1025.21"), "PO-88")
LEFT = Shipped("SO-1001", "3SVD0001", "PostNL", later(2), GOODS, has_rest=True)
ALSO_LEFT = Shipped("SO-1001", "3SVD0002", "PostNL", None, ())
MOVED = Delayed("SO-1001", later(1), later(4), "3SVD0001")
PASSED = Delayed("SO-1001", later(-1), None, "3SVD0001")
NOT_LEFT = Delayed("SO-1001", later(-1), None)
ARRIVED = Delivered("SO-1001", "3SVD0001", DAY)
INVOICE = InvoiceIssued(ONE, "INV-7", eur("1240.50"), eur("1240.50"), eur("1240.50"), later(30), "SO-1001")
PAID_INVOICE = InvoiceIssued(ONE, "INV-7", eur("1240.50"), eur("0"), eur("0"), later(30))
PAYMENT = PaymentReceived(eur("1240.50"), DAY, (settled(),), eur("0"))
PART_PAYMENT = PaymentReceived(eur("1000"), DAY, (settled(amount="1000", left="240.50", disputed="45"),), eur("0"))
UNMATCHED = PaymentReceived(eur("1000"), DAY, (), eur("1000"))
CREDIT = CreditIssued("CN-3", eur("45"), "INV-7", (settled(amount="45", left="1195.50"),), eur("0"))
HOLD = HoldEnded(later(-1), "INV-7")
OPEN = Account(eur("310"), 2, eur("0"), later(5))
