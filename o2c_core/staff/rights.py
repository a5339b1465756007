"""The published table of rights: what each role may see and do at the desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from o2c_core.staff.user import ROLES


@dataclass(frozen=True)
class Right:
    """One thing somebody may be allowed: what it is, and the roles that may."""

    says: str
    roles: tuple[str, ...]


_EVERYBODY = ROLES
_DECIDERS = ("finance", "manager", "admin")

# Whoever records money or an agreement does so within the authority of their role: see customers/authority.py.
RIGHTS: dict[str, Right] = {
    "own_account": Right("Change one's own password and end one's own sign-ins.", _EVERYBODY),
    "see_desk": Right("See the inbox, conversations, cases, customers and their ledger.", _EVERYBODY),
    "speak": Right("Take conversations over, answer, note, assign, snooze and hand back.", _EVERYBODY),
    "record": Right("Record promises, disputes, complaints, holds and credits within one's authority.", _EVERYBODY),
    "resolve_cases": Right("Own and resolve complaints and disputes within one's authority.", _EVERYBODY),
    "revoke_links": Right("Revoke the links a customer was sent.", _EVERYBODY),
    "see_outbox": Right("See every message, the way it took and why it was written.", _EVERYBODY),
    "fix_data": Right("Close tasks: addresses that do not work, sends nobody can tell about.", _EVERYBODY),
    "see_finance": Right("See reminders, rules, unmatched money, promises, holds and the figures.", _DECIDERS),
    "approve_reminders": Right("Approve, edit and skip reminders and notices within one's authority.", _DECIDERS),
    "match_money": Right("Say what unmatched money is for.", _DECIDERS),
    "decide": Right("Decide approvals and escalations that ask for it.", _DECIDERS),
    "edit_rules": Right("Change ladders and escalation rules, and switch them on.", _DECIDERS),
    "edit_answers": Right("Change the canned replies everybody uses.", ("manager", "admin")),
    "see_audit": Right("See who saw and did what.", ("manager", "admin")),
    "manage_users": Right("Add users, change their roles and end their sign-ins.", ("admin",)),
}


def may(role: str, right: str) -> bool:
    """Whether that role has that right. Raises: KeyError for a right there is not."""
    return role in RIGHTS[right].roles


def authority_role(role: str) -> str:
    """Under which role of customers/authority.py somebody concedes money: an admin, who may do what
    finance may, concedes what finance does and no more."""
    return "finance" if role == "admin" else role


def tidy_teams(teams: Iterable[str]) -> list[str]:
    """Names of teams as they are kept: each once, in order, without spaces around them."""
    return sorted({" ".join(one.split()) for one in teams} - {""})
