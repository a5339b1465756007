"""What the assistant may look up or do, each bound to the one customer on the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.desk import Desk
from bot.tools.accounts import account_balance, payment_methods, payment_status
from bot.tools.cases import call_person, dispute_invoice, log_complaint
from bot.tools.consent import opt_out
from bot.tools.history import account_history
from bot.tools.invoices import invoice_status, list_open_invoices
from bot.tools.orders import list_orders, order_status, proof_of_delivery
from bot.tools.policies import policy_question

Takes = Literal["nothing", "number", "words"]


@dataclass(frozen=True)
class Tool:
    """A function on the desk that returns the approved answer, with places for facts.

    `takes` says what a model may hand it: nothing, the number of a document, or words. `needs_customer` tools are
    never run for a stranger.
    """

    name: str
    does: str
    run: Callable[..., str]
    takes: Takes = "nothing"
    needs_customer: bool = True

    def __call__(self, desk: Desk, argument: str | None = None) -> str:
        if self.needs_customer and desk.customer is None:
            return desk.say("who_are_you")
        return self.run(desk) if self.takes == "nothing" else self.run(desk, argument)


_ALL = (
    Tool("order_status", "State and shipment of one order. Without a number: the latest.", order_status, "number"),
    Tool("list_orders", "The customer's most recent orders.", list_orders),
    Tool("proof_of_delivery", "Who received an order and when.", proof_of_delivery, "number"),
    Tool(
        "invoice_status", "Amount, due day and what is open of one invoice; or the open ones.", invoice_status, "number"
    ),
    Tool("payment_status", "Whether an invoice is paid. Without a number: the last payment.", payment_status, "number"),
    Tool("list_open_invoices", "All unpaid invoices with what is open and when they are due.", list_open_invoices),
    Tool("account_balance", "What the customer owes in total.", account_balance),
    Tool("account_history", "The last things that happened: orders, invoices, payments, cases.", account_history),
    Tool("payment_methods", "How to pay, with the bank account.", payment_methods, needs_customer=False),
    Tool("log_complaint", "Record a complaint, with the number it is about.", log_complaint, "number"),
    Tool("dispute_invoice", "Record an objection to an invoice, by its number.", dispute_invoice, "number"),
    Tool("opt_out", "Record that they want no more reminders or messages.", opt_out, needs_customer=False),
    Tool("policy_question", "What the library says: terms, delivery, returns.", policy_question, "words", False),
    Tool("call_person", "Ask a colleague to take over. The argument is why.", call_person, "words", False),
)
TOOLS: dict[str, Tool] = {tool.name: tool for tool in _ALL}
