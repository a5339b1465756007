"""Hearing the code that a change of contact details waits for, and then making the change."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.people import call_person
from o2c_core.actions.change_address import AddressGone, AddressThere, NewAddress, change_address
from o2c_core.actions.check_code import check_code
from o2c_core.actions.settle_proposal import settle_proposal
from o2c_core.conversations.codes import codes_in, without_codes
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.received import Received
from o2c_core.customers.contact import NotAnAddress
from o2c_core.errors import NotFound

_CALLED = "code"
_KIND = {"email": "email", "sms": "phone"}


def change_awaiting_code(waiting: Iterable[Proposal]) -> Proposal | None:
    """The newest change that was agreed to and is made once its code comes back."""
    agreed = [
        one
        for one in waiting
        if one.kind == "change_contact" and one.state == "confirmed" and one.arguments.get("what") == "address"
    ]
    return agreed[-1] if agreed else None


def is_code_for_change(received: Received) -> bool:
    """Whether the message is to be read as the code of a change, and not as one that says who writes."""
    words = "\n".join(received.pending)
    is_waited_for = received.identity == "proven" and change_awaiting_code(received.before.waiting) is not None
    return is_waited_for and _has_code(words)


def hear_code(desk: Desk, received: Received) -> str | None:
    """What is said when the message holds the code of a change; None when it does not, or none is waited for.

    The right code makes the change. A wrong one is counted; after too many, or too late, nothing is changed. Only the
    customer of the proposal is listened to, proven in this conversation, and the code proves nothing else.
    """
    proposal = change_awaiting_code(received.before.waiting)
    if proposal is None or desk.doorplate is None or desk.customer is None or desk.customer.id != proposal.customer_id:
        return None
    with desk.store.session() as session:
        was_right = _was_right(session, proposal)
    if was_right:
        # A turn that was cut short after the code was heard.
        return _make(desk, proposal)
    words = "\n".join(received.pending)
    if not _has_code(words):
        return None
    outcome = check_code(
        codes_in(words), conversation_id=desk.conversation_id, message_id=desk.message_id, address=received.address,
        store=desk.store, key=desk.doorplate.key, proposal=proposal,
    )  # fmt: skip
    if outcome == "proven":
        return _make(desk, proposal)
    if outcome == "wrong":
        return desk.say("contact.code_wrong")
    return _settled(desk, proposal, "contact.code_over", "CodeOver")


def _has_code(words: str) -> bool:
    """Six digits among other words are only a code where it is called one."""
    return bool(codes_in(words)) and (not without_codes(words) or _CALLED in words.lower())


def _was_right(session: Session, proposal: Proposal) -> bool:
    query = select(OneTimeCode.id).where(OneTimeCode.proposal_id == proposal.id, OneTimeCode.used_at.is_not(None))
    return session.scalars(query.limit(1)).one_or_none() is not None


def _make(desk: Desk, proposal: Proposal) -> str:
    arguments = proposal.arguments
    old_id = UUID(arguments["old"]) if arguments["old"] else None
    new = NewAddress(
        proposal.customer_id,
        UUID(arguments["contact"]),
        arguments["channel"],
        arguments["new"],
        old_id,
        desk.message_id,
    )
    try:
        changed = change_address(new, store=desk.store)
    except (AddressGone, AddressThere, NotAnAddress, NotFound) as refused:
        call_person(desk, "contact_unclear", f"a change that was confirmed by code could not be made: {refused}")
        return _settled(desk, proposal, "contact.verify", type(refused).__name__)
    settle_proposal(
        proposal.id, "done", store=desk.store, message_id=desk.message_id, outcome={"address": str(changed.id)}
    )
    value = desk.facts.text(changed.value, f"address of contact {changed.contact_id}")
    return desk.say(f"contact.changed_{_KIND[changed.channel]}", new=value)


def _settled(desk: Desk, proposal: Proposal, key: str, refused: str) -> str:
    settle_proposal(proposal.id, "refused", store=desk.store, message_id=desk.message_id, outcome={"refused": refused})
    return desk.say(key)
