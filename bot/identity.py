"""How a writer proves who they are in the conversation itself: a customer number, a code, and the question that waited."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select

from bot.desk import Desk
from bot.tools.tracking import names_parcel
from bot.wording import say
from o2c_core.actions.check_code import check_code
from o2c_core.actions.send_code import NoAddressForCode, TooManyCodes, send_code
from o2c_core.conversations.codes import codes_in, without_codes
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received import Received, parties
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.store.store import Store

# What an answer of ours can ask for, as it is kept with it.
CODE = "code"
CUSTOMER_NUMBER = "customer_number"

_CALLED = (
    r"(?:customer|client|account|klant(?:en)?|debiteur(?:en)?|kunden|kd)[\s.-]*(?:numbers?|nummer|nr|no|number|ref(?:erence)?)\.?"
    r"|num[ée]ro\s+(?:de\s+)?client|n°\s*(?:de\s+)?client|code\s+client"
)
_NUMBER = r"[A-Za-z]{0,8}[-.]?\d[\w.-]{0,30}\w|\d"
_NAMED = re.compile(rf"(?:{_CALLED})\s*(?:is|ist|est|:|=|#)?\s*(?P<number>{_NUMBER})", re.IGNORECASE)
_ANY = re.compile(rf"(?<![\w.-])(?:{_NUMBER})(?![\w-])")


@dataclass(frozen=True)
class Proof:
    """Where a turn stands after looking for a code or a customer number.

    `words` is what there is to answer. `sentence` is said first, and with `is_all` it is all that is said; `asks` is
    what it asks for, and `question_id` the message that waits for that.
    """

    received: Received
    words: str
    sentence: str | None = None
    is_all: bool = False
    asks: str | None = None
    question_id: UUID | None = None


def look_for_proof(received: Received, language: str, *, store: Store, key: str | None) -> Proof:
    """Hears a code that was asked for, or a customer number from somebody nobody knows.

    Whoever proves who they are gets the answer to the question that had to wait, without asking it again. Without a
    `key` no codes are sent here, so none are looked for.
    """
    words = "\n".join(received.pending)
    if key is None:
        return Proof(received, words)
    codes = codes_in(words)
    if codes and (received.asked == CODE or not without_codes(words)):
        outcome = check_code(
            codes, conversation_id=received.conversation.id, message_id=received.message_id, address=received.address,
            store=store, key=key,
        )  # fmt: skip
        if outcome == "proven":
            return _going_on(_proven(received, store), without_codes(words), store)
        if received.asked == CODE and received.customer is None:
            # Whoever only named a customer number hears the same whether a code went out for it or not.
            return Proof(received, words, "identity.code_not_good", True, CODE, received.question_id)
        if outcome == "wrong":
            return Proof(received, words, "identity.code_wrong", True, CODE, received.question_id)
        if outcome == "over":
            return Proof(received, words, "identity.code_over", is_all=True)
    if received.asked == CODE and received.identity == "proven" and received.question_id is not None:
        # The code was heard a moment ago, and somebody wrote on before it was answered.
        return _going_on(received, without_codes(words.replace("*", "")), store)
    number = _customer_number(words, received.asked) if received.identity != "proven" else None
    if number is not None and received.customer is None:
        _send_if_known(number, received, language, store, key)
        waits = received.question_id or (received.message_id if _says_more(words) else None)
        return Proof(received, words, "identity.code_sent_if", True, CODE, waits)
    return Proof(received, words)


def ask_for_proof(draft: str, desk: Desk, received: Received, *, key: str | None) -> tuple[str, UUID | None]:
    """The draft with a way to prove who they are in the place of "I can only look once I know whose it is".

    Who is known by their address is sent a code right away; who is not is asked for their customer number. The second
    part is the message that waits.
    """
    unknown = say("who_are_you", desk.language)
    if key is None or unknown not in draft:
        return draft, None
    question_id = received.question_id if received.asked in (CODE, CUSTOMER_NUMBER) else None
    if received.customer is None:
        desk.asks = CUSTOMER_NUMBER
        return draft.replace(unknown, desk.say("identity.which_customer")), question_id or received.message_id
    try:
        _send(received.customer.id, received, desk.language, desk.store, key)
    except (TooManyCodes, NoAddressForCode):
        return draft.replace(unknown, desk.say("identity.no_code")), None
    desk.asks = CODE
    return draft.replace(unknown, desk.say("identity.code_sent")), question_id or received.message_id


def _proven(received: Received, store: Store) -> Received:
    """The same, with the customer whose code it was. The version stays the one that was read."""
    with store.session() as session:
        now = session.get_one(Conversation, received.conversation.id)
        customer = parties(session, now)[1]
    return replace(received, identity="proven", customer=customer, contact_id=now.contact_id)


def _going_on(received: Received, rest: str, store: Store) -> Proof:
    question = _question(received.question_id, store) if received.question_id else ""
    words = "\n".join(part for part in (question, rest) if part)
    if not words:
        return Proof(received, words, "identity.proven", is_all=True)
    return Proof(received, words)


def _question(message_id: UUID, store: Store) -> str:
    """The texts that were asked together and had to wait, without the customer number in them."""
    with store.session() as session:
        first = session.get(Message, message_id)
        if first is None:
            return ""
        query = select(Message.text).where(Message.conversation_id == first.conversation_id)
        alike = (
            Message.id == message_id
            if first.answered_by_id is None
            else (Message.answered_by_id == first.answered_by_id) & (Message.direction == "in")
        )
        texts = session.scalars(query.where(alike).order_by(Message.id)).all()
    return "\n".join(_NAMED.sub("", text).strip() for text in texts).strip()


def _customer_number(words: str, asked: str | None) -> str | None:
    named = _NAMED.search(words)
    if named is not None:
        return named["number"]
    if asked == CUSTOMER_NUMBER and names_parcel(words):
        return None
    # In the place of a code they may write their number once more; then it is all they write.
    found = {CUSTOMER_NUMBER: _ANY.search(words), CODE: _ANY.fullmatch(words.strip(" .\n"))}.get(asked or "")
    return found[0] if found else None


def _says_more(words: str) -> bool:
    """Whether there is a question beside the number."""
    return len(re.findall(r"[^\W\d_]{2,}", _NAMED.sub("", words))) >= 2


def _send_if_known(number: str, received: Received, language: str, store: Store, key: str) -> None:
    """Whether the number is known, has an address or was asked for too often, nobody is told."""
    with store.session() as session:
        found = session.execute(
            select(Customer.id, Customer.language)
            .where(Customer.seller_id == received.seller.id, func.upper(Customer.ref) == number.upper())
            .where(Customer.erased_at.is_(None), Customer.is_walk_in.is_(False))
            .limit(2)
        ).all()
    if len(found) != 1:
        return
    customer_id, theirs = found[0]
    try:
        # It is read by whoever is on record, who need not be the writer.
        _send(customer_id, received, theirs if theirs in LANGUAGES else language, store, key)
    except (TooManyCodes, NoAddressForCode):
        return


def _send(customer_id: UUID, received: Received, language: str, store: Store, key: str) -> None:
    seller = received.seller.name

    def written(code: str) -> str:
        words = say("identity.code_text", language, code="code", seller="seller")
        return words.replace("{code}", code).replace("{seller}", seller)

    send_code(
        received.conversation.id, customer_id, store=store, key=key, written=written,
        subject=say("identity.code_subject", language, seller="seller").replace("{seller}", seller), language=language,
        asked_by=received.message_id,
    )  # fmt: skip
