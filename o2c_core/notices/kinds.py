"""The kinds of formal notice: under which law, for whom, what each asks for now and what it announces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.notices.tables import KindOfCustomer, Tables, late_payment_tables


class NoKindOfNotice(Refused):
    """There is no formal notice for this customer: the law it would stand on is not in the tables."""


@dataclass(frozen=True)
class NoticeKind:
    """`asks_interest` and `asks_fixed_sum` say what is asked beside the principal; `announces_costs` names what paying late
    would add by the scale of collection costs. `languages` are those its wording is approved in; the first is the law's own.
    """

    name: str
    country: str
    languages: tuple[str, ...]
    customers: tuple[KindOfCustomer, ...] = ("business",)
    asks_interest: bool = True
    asks_fixed_sum: bool = True
    announces_costs: bool = False

    def asks_beside_principal(self, customer_kind: KindOfCustomer) -> bool:
        """Consumers are asked for the principal alone: what else they owe begins, at the earliest, with this letter."""
        return customer_kind == "business"


KINDS: Mapping[str, NoticeKind] = {
    kind.name: kind
    for kind in (
        NoticeKind("nl_14_day", "NL", ("nl", "en"), ("consumer",), False, False, announces_costs=True),
        NoticeKind("nl_business", "NL", ("nl", "en", "de", "fr"), announces_costs=True),
        NoticeKind("uk_late_payment", "GB", ("en",)),
        NoticeKind("de_mahnung", "DE", ("de", "en"), ("business", "consumer")),
        NoticeKind("fr_mise_en_demeure", "FR", ("fr", "en"), ("business", "consumer")),
        NoticeKind("eu", "EU", ("en", "nl", "de", "fr")),
    )
}


def customer_kind(customer: Customer) -> KindOfCustomer:
    return "consumer" if customer.kind == "person" else "business"


def law_of(seller: Seller, customer: Customer) -> str:
    """The country whose law the debt goes by where nothing else was agreed: the seller's; for a consumer, their own.

    Source: Regulation (EC) 593/2008 (Rome I) art. 4(1)(a) and 6(1); the same text is law in the United Kingdom.
    """
    return (customer.country if customer.kind == "person" else seller.country).upper()


def kind_for(seller: Seller, customer: Customer, tables: Tables | None = None) -> NoticeKind:
    """The one kind of notice this customer would get.

    Raises: NoKindOfNotice.
    """
    whom = customer_kind(customer)
    country = (tables or late_payment_tables()).country_of_law(law_of(seller, customer))
    for kind in KINDS.values():
        if kind.country == country and whom in kind.customers:
            return kind
    raise NoKindOfNotice(
        f"There is no formal notice for a {whom} under the law of {law_of(seller, customer)}.",
        country=law_of(seller, customer), customer_kind=whom,
    )  # fmt: skip


def language_for(kind: NoticeKind, wished: str) -> str:
    """The reader's language where the wording was approved in it, else the law's own."""
    return wished if wished in kind.languages else kind.languages[0]
