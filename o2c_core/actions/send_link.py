"""Send a link to their own pages to whoever is on record with an email address or phone number; nobody is told who is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.access_link import AccessLink
from o2c_core.conversations.access_links import ASKED_GOOD_FOR, LinkWish, link_url, make_link
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.notice import queue_notice
from o2c_core.customers.contact import Address, Contact, NotAnAddress, tidy_email, tidy_phone
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.threads import threads_for
from o2c_core.reminders.recipient import Recipient
from o2c_core.store.store import Store

PURPOSE = "link"
LINKS_PER_HOUR = 3
LINKS_PER_DAY = 8
# An address that so many customers have is a bookkeeper's; they get a link for each.
CUSTOMERS_MAX = 5


@dataclass(frozen=True)
class LinkWords:
    """What the message with the link says: its subject for a mail, and its text with the link in it."""

    subject: str
    text: str


def send_link(
    written: str, *, doorplate: Doorplate, store: Store, words: Callable[[str, Seller, str], LinkWords]
) -> int:
    """How many links were queued: one for each customer that has the address. `words` puts a link into a language.

    Few are sent to one person within an hour and a day; who asks for more gets none, and is not told so.
    """
    now = store.clock.now()
    queued = 0
    with store.session() as session:
        for address, contact, customer in _known(session, written):
            # Two requests at once are counted one after the other.
            session.execute(select(Contact.id).where(Contact.id == contact.id).with_for_update())
            if not _may_send(session, contact, now):
                continue
            link = make_link(
                session, LinkWish(customer, contact), now=now, by="customer", why="asked for it on our page",
                good_for=ASKED_GOOD_FOR,
            )  # fmt: skip
            url = link_url(doorplate, link)
            if url is None:
                return 0
            _queue(session, words, address, contact, customer, url, now)
            queued += 1
        session.commit()
    return queued


def _known(session: Session, written: str) -> list[tuple[Address, Contact, Customer]]:
    """The addresses of record that may be meant; a phone number is read as dialled in the countries we sell from."""
    meant: set[tuple[str, str]] = set()
    found: list[tuple[Address, Contact, Customer]] = []
    if "@" in written:
        try:
            meant.add(("email", tidy_email(written)))
        except NotAnAddress:
            return []
    else:
        for country in sorted(set(session.scalars(select(Seller.country)))):
            try:
                meant.add(("sms", tidy_phone(written, country)))
            except NotAnAddress:
                continue
    for channel, value in sorted(meant):
        query = (
            select(Address, Contact, Customer)
            .join(Contact, Contact.id == Address.contact_id)
            .join(Customer, Customer.id == Contact.customer_id)
            .where(Address.channel == channel, Address.value == value, Address.failed_at.is_(None))
            .where(Customer.erased_at.is_(None), Customer.is_walk_in.is_(False))
            .order_by(Address.verified_at.is_(None), Address.id)
            .limit(CUSTOMERS_MAX)
        )
        found += [(address, contact, customer) for address, contact, customer in session.execute(query)]
    return found


def _may_send(session: Session, contact: Contact, now: datetime) -> bool:
    hour = func.count().filter(AccessLink.made_at > now - timedelta(hours=1))
    query = select(hour, func.count()).where(
        AccessLink.contact_id == contact.id,
        AccessLink.scope == "account",
        AccessLink.made_at > now - timedelta(days=1),
    )
    within_hour, within_day = session.execute(query).one()
    return int(within_hour) < LINKS_PER_HOUR and int(within_day) < LINKS_PER_DAY


def _queue(
    session: Session,
    words: Callable[[str, Seller, str], LinkWords],
    address: Address,
    contact: Contact,
    customer: Customer,
    url: str,
    now: datetime,
) -> None:
    seller = session.get_one(Seller, customer.seller_id)
    language = next((one for one in (contact.language, customer.language) if one in LANGUAGES), "en")
    said = words(language, seller, url)
    subject = said.subject if address.channel == "email" else None
    to = Recipient(address.value, language, address.channel, contact.id, contact.name)
    (thread,) = threads_for(session, [(customer, to, subject)], now).of.values()
    queue_notice(
        session, thread, said.text, channel=address.channel, address=address.value, contact_id=contact.id,
        language=language, now=now, purpose=PURPOSE, subject=subject,
    )  # fmt: skip
