"""What each tool tells or does for a stranger, for an address on record and for whoever proved who they are.

A known address learns no more of the account than a stranger does: it can be forged, and a mailbox can be shared. What it
may do is speak for itself. The reasons are in docs/decisions/0022-who-may-learn-what.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from o2c_core.conversations.identity import Identity

# may: all the tool does. some: only what `why` says. proof: nothing; they are told how to prove who they are.
Word = Literal["may", "some", "proof"]


@dataclass(frozen=True)
class Right:
    """What writers may have from one tool; the proven may always use it, for their own account alone."""

    stranger: Word
    known: Word
    why: str

    @property
    def needs(self) -> Identity:
        """The least that is needed to get anything from the tool."""
        if self.stranger != "proof":
            return "stranger"
        return "proven" if self.known == "proof" else "known"


_ACCOUNT = "what stands on an account is told to whoever proved that it is theirs, and to nobody else"
_PROOF = Right("proof", "proof", _ACCOUNT)
_BINDS = Right("proof", "proof", "it speaks for the customer, so it takes the customer's word")
_SENDS = Right("proof", "proof", "whoever asks for a document learns that there is one, and where it goes")

RIGHTS: dict[str, Right] = {
    # Reading the account.
    "order_status": Right(
        "some", "some", "with the order number and the postcode it goes to: where the parcel is; all else needs proof"
    ),
    "track_order": Right(
        "some", "some", "with the order number and the postcode it goes to: where the parcel is, a few times an hour"
    ),
    "look_up": _PROOF,
    "list_orders": _PROOF,
    "proof_of_delivery": Right("proof", "proof", "it names the person who took the goods in"),
    "invoice_status": _PROOF,
    "list_open_invoices": _PROOF,
    "payment_status": Right("proof", "proof", "it tells what was paid, and notes what they say they paid"),
    "account_balance": _PROOF,
    "account_history": _PROOF,
    "refund_status": _PROOF,
    "case_status": _PROOF,
    "payment_link": Right("proof", "proof", "it says what is open; how to pay in general is another tool"),
    # For everybody.
    "payment_methods": Right("may", "may", "the seller's own account, as the ledger has it, is on every invoice"),
    "policy_question": Right("may", "may", "the library's public part; terms of their own only for the proven"),
    "ask_back": Right("may", "may", "it asks what is meant and tells nothing"),
    "call_person": Right("may", "may", "a person can be asked for by anybody at any time"),
    # Acting.
    "opt_out": Right("some", "may", "a known address stops what is sent to itself; a stranger is told how to do that"),
    "wrong_contact": Right("some", "some", "a known address says so of itself; of anybody else a person decides"),
    "invoice_copy": _SENDS,
    "statement": _SENDS,
    "promise_to_pay": _BINDS,
    "payment_plan": _BINDS,
    "dispute_invoice": _BINDS,
    "document_problem": Right(
        "proof", "proof", "it says that there is such an invoice, sends its copy and spares the account a reminder"
    ),
    "log_complaint": _BINDS,
    "cancel_order": _BINDS,
    "change_order": _BINDS,
    "update_contact": Right(
        "proof", "proof", "a new address is where codes and invoices go; bank details never change here"
    ),
}
