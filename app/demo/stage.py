"""Setting up the demo, and telling a newcomer what to try."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError

from app.demo import cast
from app.demo.colleagues import sign_ins
from app.demo.history import write_history
from app.demo.ladders import choose_ladders
from app.demo.questions import questions
from app.demo.rules import IN_TRIAL, write_rules
from app.demo.talks import hold_talks
from o2c_core.actions.begin_informing import begin_informing
from o2c_core.actions.make_access_link import Linked, make_access_link
from o2c_core.clock import SystemClock, today
from o2c_core.conversations.access_links import link_url
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.free_days import is_holiday
from o2c_core.customers.seller import Seller
from o2c_core.errors import Outage, Refused
from o2c_core.orders.order import Order, OrderLine
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_store

TIME_ZONE = "Europe/Amsterdam"
# Things to have done by words alone, and what comes of them.
ACTING = (
    "Kunt u mij een kopie van de laatste factuur mailen?   then: Ja, graag   (a copy leaves for the address on record)",
    "Ik betaal volgende week vrijdag                       then: Ja          (a promise; reminders wait for it)",
    "Er ontbraken 3 stuks bij de laatste levering          then: Nee         (nothing is recorded)",
    "Ik wil een medewerker spreken                         (a person is called, with everything they need to know)",
)


class OthersLiveHere(Refused):
    """This ledger holds sellers other than the demo's; to start over, choose another folder with PARLEY_DATA."""


class NotYours(Refused):
    """--fresh empties the whole database, so it only works on the embedded one; unset PARLEY_DATABASE_URL."""


class InUse(Outage):
    """Another Parley is using this ledger; stop it first, then start over."""


def set_the_stage(engine: Engine, *, fresh: bool, is_embedded: bool) -> bool:
    """Sees to it that the demo's history is there; whether it was written just now. With `fresh` all is begun anew.

    Raises: OthersLiveHere; NotYours; InUse.
    """
    migrate(engine)
    store = open_store(engine, SystemClock())
    with store.session() as session:
        sellers = list(session.scalars(select(Seller.ref)))
    if fresh and sellers:
        if not is_embedded:
            raise NotYours
        if sellers != [cast.SELLER]:
            raise OthersLiveHere
        _empty(engine)
        migrate(engine)
    elif cast.SELLER in sellers:
        return False
    write_history(store=store, today=today(store.clock, TIME_ZONE))
    hold_talks(store=store)
    write_rules(store=store)
    choose_ladders(store=store)
    begin_informing(cast.SELLER, store=store)
    return True


def next_workday(day: date) -> date:
    """That day, or the first after it on which people work: nobody is reminded on a day of rest."""
    while day.weekday() >= 5 or is_holiday("NL", day):
        day += timedelta(days=1)
    return day


def _with_money(bank_file: Path | None) -> list[str]:
    if bank_file is None:
        return []
    return [
        f"  .venv/bin/parley import {bank_file} --seller {cast.SELLER}    # yesterday's bank statement",
        f"  .venv/bin/parley match --seller {cast.SELLER}    # what of it waits for a person; the rest was matched as it came",
        f"  .venv/bin/parley document statement {cast.BAKKERIJ_JANSEN} --to statement.pdf",
    ]


def _with_goods(store: Store) -> list[str]:
    """An order of which goods can leave, so that its customer is told of it."""
    with store.session() as session:
        number = session.scalar(
            select(Order.number)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(Customer, Customer.id == Order.customer_id)
            .join(Contact, Contact.customer_id == Customer.id)
            .join(Address, Address.contact_id == Contact.id)
            .where(OrderLine.state == "confirmed", Address.failed_at.is_(None))
            .order_by(Order.number.desc())
            .limit(1)
        )
    if number is None:
        return []
    return [
        f"  .venv/bin/parley ship {number} --tracking 3SDEMO0001    # goods leave; the customer is told within a minute or so",
        f"  .venv/bin/parley report informed --on {today(store.clock, TIME_ZONE)}    # who was told what, who was not and why",
    ]


def _phones(store: Store) -> dict[str, str]:
    with store.session() as session:
        found = session.execute(
            select(Customer.ref, Address.value)
            .join(Contact, Contact.customer_id == Customer.id)
            .join(Address, Address.contact_id == Contact.id)
            .where(Address.channel == "sms", Customer.ref.in_((cast.SOPHIE_DE_WIT, cast.HART_AND_SONS)))
        )
        return dict(found.all())


def _as_finance(store: Store, address: str, day: date) -> list[str]:
    """Reminders seen first, then approved; an answer to one; a rule before it is switched on."""
    on = next_workday(day)
    then = next_workday(on + timedelta(days=1))
    why = f".venv/bin/parley why --customer {cast.SOPHIE_DE_WIT} --on"
    return [
        "As finance: see first, approve, then let go. The segment key_account is on a ladder where a person looks first.",
        f"  {address}/reminders/ahead   the next thirty days, if nobody paid or answered",
        f"  .venv/bin/parley remind --on {on}    # most are on their way; those to key accounts wait",
        f"  {address}/reminders   approve one, put another in other words, leave a third out with a reason",
        f"  {why} {on}    # what was written to Sophie, and why",
        f'  .venv/bin/parley hear sms --from {_phones(store)[cast.SOPHIE_DE_WIT]} "Ik heb gisteren betaald"  # I paid yesterday',
        f"  {why} {then}    # she is left alone until the bank has had its days",
        f"  .venv/bin/parley rules try {IN_TRIAL}    # when that rule would have called somebody, these ninety days",
        "",
    ]


def _by_other_ways(store: Store) -> list[str]:
    """What comes in by text and mail, without any provider: a question, a stop, and a mail by a stranger."""
    phones = _phones(store)
    lines = [
        f'  .venv/bin/parley hear sms --from {phones[ref]} "{words}"'
        for ref, words in ((cast.SOPHIE_DE_WIT, "Wat staat er nog open?"), (cast.HART_AND_SONS, "no more texts please"))
        if ref in phones
    ]
    if not lines:
        return []
    mail = "From: you@elsewhere.example\\nSubject: Account\\n\\nWhat do we owe? Our customer number is C1002."
    return [
        "Write to it by text or mail; nothing leaves the machine, and it says what would be sent back:",
        *lines,
        f"  printf '{mail}' | .venv/bin/parley hear mail -",
        "",
    ]


def _empty(engine: Engine) -> None:
    try:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    except OperationalError as locked:
        raise InUse from locked
    engine.dispose()  # the types of the dropped schema are cached in its connections


def _own_pages(store: Store, plate: Doorplate) -> list[str]:
    """A customer's own pages, by a link as customers are sent them."""
    with store.session() as session:
        [jansen] = session.scalars(select(Customer).where(Customer.ref == cast.BAKKERIJ_JANSEN))
    link = link_url(plate, make_access_link(Linked(jansen.id), store=store, by="demo"))
    return [
        f"As {jansen.name}, on the customer's own pages: invoices, paying (a stand-in plays the provider), objecting, promising",
        f"  {link}",
        "",
    ]


def what_to_try(store: Store, plate: Doorplate, bank_file: Path | None = None) -> str:
    """The text printed when the demo is up: what to open, who signs in, whom to be, and five questions with their
    answers. From this installation's key follow the passwords; a link to a customer's own pages is made for it."""
    address, key = str(plate.base_url), plate.key
    day = today(store.clock, TIME_ZONE)
    with store.session() as session:
        names = {customer.ref: customer.name for customer in session.scalars(select(Customer))}
    lines = [
        "",
        "Parley is up. Open",
        f"  {address}/          the chat: pick a customer to be",
        f"  {address}/sign-in   the desk, as one of the seller's own people:",
        *sign_ins(key, store=store),
        "",
        "At the desk",
        f"  {address}/inbox     who waits for a person and why; open one to see how every answer came about",
        f"  {address}/cases     complaints and disputes, and what they come from",
        f"  {address}/finance   today's reminders, promises, unmatched money, ageing and what will come in",
        f"  {address}/reminders   which reminders wait for a person, and what goes out in the days ahead",
        f"  {address}/rules     finance's rules of who is called when; each can be tried on past days",
        f"  {address}/outbox    what was written, and what became of it (nothing really leaves)",
        f"  {address}/outbox/tasks   what only a person can put right",
        f"  {address}/ledger    what the books say",
        f"  {address}/figures   how the books are doing",
        f"  {address}/audit     who saw and did what",
        "",
        *_own_pages(store, plate),
        "Five things to try, with what the ledger says today:",
    ]
    for number, question in enumerate(questions(store, day), 1):
        lines += [
            f"  {number}. as {names[question.customer_ref]} ({question.customer_ref}): {question.text}",
            f"     {question.expected}",
        ]
    jansen = names[cast.BAKKERIJ_JANSEN]
    lines += [
        "",
        f"Nothing is done before you agree. In the chat, as {jansen} ({cast.BAKKERIJ_JANSEN}):",
        *(f"  {said}" for said in ACTING),
        f"  Then look at {address}/inbox?show=all: what was understood, looked up, proposed and done.",
        "",
        "In another terminal, in this folder:",
        f"  .venv/bin/parley chat --customer {cast.BAKKERIJ_JANSEN}",
        *_with_money(bank_file),
        *_with_goods(store),
        "",
        *_as_finance(store, address, day),
        *_by_other_ways(store),
        "Ctrl-C stops it; the data stays until `parley demo --fresh`.",
        "",
    ]
    return "\n".join(lines) + "\n"
