"""Which role of a contact sees which page: the table, tried through the door."""

import pytest
from sqlalchemy.orm import Session

from o2c_core.customers.contact import ROLES
from o2c_core.customers.page_rights import OF_DOCUMENT, PAGES, may_open
from o2c_core.store.store import Store
from tests.web.portal.visits import a_stage, prove, visit

# page | accounts_payable | operations | owner | general; yes: with a link to the account, proof: after a code, no: never.
TABLE = """
/my                            yes   yes   yes   yes
/my/invoices                   yes   no    yes   proof
/my/invoices/INV-A1            yes   no    yes   proof
/my/invoices/INV-A1/pdf        yes   no    yes   proof
/my/invoices/INV-A1/objection  yes   no    yes   proof
/my/invoices/INV-A1/promise    yes   no    yes   proof
/my/payments                   yes   no    yes   proof
/my/statement                  yes   no    yes   proof
/my/statement/pdf              yes   no    yes   proof
/my/orders                     no    yes   yes   proof
/my/orders/SO-A1               no    yes   yes   proof
/my/orders/SO-A1/change        no    yes   yes   proof
/my/orders/SO-A1/repeat        no    proof proof proof
/my/complaints                 yes   yes   yes   proof
/my/complaints/new             yes   yes   yes   proof
/my/details                    yes   yes   yes   yes
/my/details/address            proof proof proof proof
/my/chat                       yes   yes   yes   yes
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (path, role, word)
    for path, *words in ROWS
    for role, word in zip(("accounts_payable", "operations", "owner", "general"), words, strict=True)
]


@pytest.mark.parametrize("role", ROLES)
def test_the_table_holds_for_each_role(store: Store, session: Session, role: str) -> None:
    stage = a_stage(session)
    client = visit(store, stage, role)
    for path, whose, word in CELLS:
        if whose != role:
            continue
        answer = client.get(path)
        expected = {"yes": 200, "proof": 303, "no": 404}[word]
        assert answer.status_code == expected, (path, role)
        if word == "proof":
            assert answer.headers["location"] == f"/my/prove?next={path}"
    prove(client, session)
    for path, whose, word in CELLS:
        if whose == role:
            assert client.get(path).status_code == (404 if word == "no" else 200), (path, role)


@pytest.mark.parametrize("role", [*ROLES, None])
def test_a_link_to_a_document_opens_that_document_and_nothing_else(
    store: Store, session: Session, role: str | None
) -> None:
    stage = a_stage(session)
    to_invoice = visit(store, stage, role, invoice=stage.invoice)
    to_order = visit(store, stage, role, order=stage.order)
    opens = {path for path, *_ in ROWS if to_invoice.get(path).status_code == 200}
    assert opens == {path for path, *_ in ROWS if path.startswith("/my/invoices/INV-A1")} | {"/my/chat"}
    opens = {path for path, *_ in ROWS if to_order.get(path).status_code == 200}
    assert opens == {"/my/orders/SO-A1", "/my/orders/SO-A1/change", "/my/chat"}


def test_who_a_link_was_made_for_nobody_becomes_who_read_the_code(store: Store, session: Session) -> None:
    """The first to be written to at a customer is accounts payable, so that is whose the visit becomes."""
    stage = a_stage(session)
    client = visit(store, stage, None, order=stage.order)
    prove(client, session)
    assert client.get("/my/invoices").status_code == 200
    assert client.get("/my/orders").status_code == 404
    assert client.get("/my/orders/SO-A1").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_code_never_closes_what_was_open(page: str) -> None:
    order = {"no": 0, "proof": 1, "yes": 2}
    for role in (*ROLES, None):
        for scope in OF_DOCUMENT:
            for its in (False, True):
                before = may_open(page, role, scope, is_proven=False, is_its_document=its)
                after = may_open(page, role, scope, is_proven=True, is_its_document=its)
                assert after != "proof"
                assert before != "yes" or after == "yes"
                if scope == "account":
                    assert order[after] >= order[before] or before == "proof"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_a_word_for_every_role(page: str) -> None:
    assert set(PAGES[page]) == set(ROLES)
    assert set(PAGES[page].values()) <= {"yes", "proof", "no"}
