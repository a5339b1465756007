"""What each role of a contact sees and may do on their own pages: one table.

Published in docs/portal.md; the reasons are in docs/decisions/0035-a-link-opens-a-document.md.
"""

from __future__ import annotations

from typing import Literal

# yes: with their link alone. proof: once they wrote a one-time code that was sent to an address of record. no: never.
Word = Literal["yes", "proof", "no"]

_MONEY: dict[str, Word] = {"accounts_payable": "yes", "operations": "no", "owner": "yes", "general": "proof"}
_GOODS: dict[str, Word] = {"accounts_payable": "no", "operations": "yes", "owner": "yes", "general": "proof"}
_ALL: dict[str, Word] = {"accounts_payable": "yes", "operations": "yes", "owner": "yes", "general": "yes"}
_PROVEN: dict[str, Word] = {"accounts_payable": "proof", "operations": "proof", "owner": "proof", "general": "proof"}

# A link to the account opens what says "yes" to its reader's role; a link to one document only that document. General
# contacts are told of the account what whoever proved who they are is told: see docs/decisions/0022-who-may-learn-what.md.
PAGES: dict[str, dict[str, Word]] = {
    "overview": _ALL,
    "invoices": _MONEY,
    "payments": _MONEY,
    "statement": _MONEY,
    "pay": _MONEY,
    "dispute": _MONEY,
    "promise": _MONEY,
    "orders": _GOODS,
    "change_order": _GOODS,
    "repeat_order": {**_PROVEN, "accounts_payable": "no"},
    "complaints": {**_ALL, "general": "proof"},
    "chat": _ALL,
    "details": _ALL,
    "new_address": _PROVEN,
}
# What a link to a document opens of that document, whatever the role of who it was sent to.
OF_DOCUMENT: dict[str, tuple[str, ...]] = {
    "invoice": ("invoices", "pay", "dispute", "promise", "chat"),
    "order": ("orders", "change_order", "chat"),
    "account": (),
}


def may_open(page: str, role: str | None, scope: str, *, is_proven: bool, is_its_document: bool = False) -> Word:
    """Whether that page opens: with the link of that scope, for that role, and once it `is_proven` who looks.

    `is_its_document`: the page is about the very document the link was made for. Of a link to a document everything else
    needs proof first, whatever there is, so that nobody learns from the answer what there is. Nobody's link (no role)
    opens no more than its document, until a code said whose it is.
    """
    if is_its_document and page in OF_DOCUMENT[scope]:
        return "yes"
    if not is_proven and (scope != "account" or role is None):
        return "proof"
    word = PAGES[page][role or "general"]
    return "yes" if word == "proof" and is_proven else word
