"""What the assistant may look up or do, each bound to the one customer on the desk."""

from __future__ import annotations

from collections.abc import Mapping

from bot.tools import (
    accounts,
    case_status,
    complaints,
    consent,
    contact_changes,
    disputes,
    document_problems,
    history,
    invoices,
    look_up,
    order_changes,
    orders,
    payment_links,
    people,
    plans,
    policies,
    promises,
    refunds,
    send_documents,
    tracking,
)
from bot.tools.tool import Deed, Tool

__all__ = ["DEEDS", "TOOLS", "Tool"]

_ROOMS = (
    orders,
    invoices,
    look_up,
    accounts,
    refunds,
    tracking,
    payment_links,
    history,
    promises,
    plans,
    disputes,
    document_problems,
    complaints,
    case_status,
    send_documents,
    order_changes,
    contact_changes,
    consent,
    policies,
    people,
)

TOOLS: Mapping[str, Tool] = {tool.name: tool for room in _ROOMS for tool in room.TOOLS}
# What is done when the customer agrees, by kind of proposal.
DEEDS: Mapping[str, Deed] = {kind: deed for room in _ROOMS for kind, deed in getattr(room, "DEEDS", {}).items()}
