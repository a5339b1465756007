"""What can be done on customers' own pages: recorded once, refused in their words, and noted who did it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.promise import Promise
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.task import Task
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_dispute, a_payment
from tests.web.portal.visits import Stage, a_stage, form_of, prove, said, visit

OBJECTION = "/my/invoices/INV-A1/objection"
PROMISE = "/my/invoices/INV-A1/promise"
CHANGE = "/my/orders/SO-A1/change"
REPEAT = "/my/orders/SO-A1/repeat"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def stage(session: Session) -> Stage:
    return a_stage(session)


def last_form(session: Session) -> Message:
    return session.scalars(select(Message).where(Message.purpose == "form").order_by(Message.id.desc()).limit(1)).one()


# Objecting


def test_lines_with_how_many_are_objected_to_and_told_back(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    form = form_of(client, OBJECTION)
    sent = form | {"line": "2", "quantity-2": "3", "reason": "QTY_SHORT", "words": "Er zaten er maar negen in."}
    answer = client.post(OBJECTION, data=sent)
    dispute = session.scalars(select(Dispute)).one()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/my/invoices/INV-A1?recorded={dispute.number}")
    (line,) = dispute.lines
    assert (dispute.reason, dispute.description, line.quantity) == (
        "QTY_SHORT",
        "Er zaten er maar negen in.",
        Decimal(3),
    )
    page = said(client.get(answer.headers["location"]).text)
    assert f"Uw bezwaar is vastgelegd: {dispute.number}" in page
    assert "Wij ontvingen minder dan gefactureerd" in page
    opened = session.scalars(select(TrailLine).where(TrailLine.what == "dispute opened")).one()
    assert opened.who == "Accounts_Payable A"
    assert opened.message_id == last_form(session).id
    assert "negen" in last_form(session).text


def test_without_a_line_it_is_all_that_is_open(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage)
    client.post(OBJECTION, data=form_of(client, OBJECTION) | {"reason": "OTHER", "words": "Klopt niet."})
    assert session.scalars(select(Dispute)).one().amount_minor == stage.invoice.total_minor


@pytest.mark.parametrize("times", [2, 3])
def test_an_objection_that_is_sent_twice_is_one(store: Store, session: Session, stage: Stage, times: int) -> None:
    client = visit(store, stage)
    sent = form_of(client, OBJECTION) | {"line": "1", "quantity-1": "2", "reason": "DAMAGED", "words": "Kapot."}
    answers = {client.post(OBJECTION, data=sent).headers["location"] for _ in range(times)}
    assert len(answers) == 1
    assert session.scalar(select(func.count()).select_from(Dispute)) == 1
    assert session.scalar(select(func.count()).where(Message.purpose == "form")) == 1


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"reason": ""}, "reason", "Kies wat er aan de hand is."),
        ({"reason": "ALREADY_PAID"}, "reason", "Kies wat er aan de hand is."),
        ({"words": "  "}, "words", "Schrijf in uw eigen woorden waar het om gaat."),
        ({"line": "1", "quantity-1": "veel"}, "quantity-1", "Schrijf een getal van hoogstens 12."),
        ({"line": "1", "quantity-1": "13"}, "quantity-1", "Schrijf een getal van hoogstens 12."),
        ({"line": "1", "amount-1": "1.2.3"}, "amount-1", "Schrijf een bedrag, zoals 45,00."),
        ({"line": "1", "amount-1": "500,00"}, "lines", "Dat is meer dan er op deze regels openstaat."),
    ],
)
def test_an_objection_that_cannot_be_recorded_says_why_beside_the_field(
    store: Store, session: Session, stage: Stage, fields: dict[str, str], field: str, sentence: str
) -> None:
    client = visit(store, stage)
    sent = form_of(client, OBJECTION) | {"reason": "DAMAGED", "words": "Mijn eigen woorden"} | fields
    answer = client.post(OBJECTION, data=sent)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert sentence in said(answer.text)
    assert session.scalars(select(Dispute)).all() == []
    # What was written is still there, and can be sent again.
    if fields.get("words") is None:
        assert "Mijn eigen woorden" in answer.text


def test_files_go_along_and_only_pictures_and_papers(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage)
    sent = form_of(client, OBJECTION) | {"reason": "DAMAGED", "words": "Zie de foto."}
    bad = client.post(OBJECTION, data=sent, files={"files": ("run.exe", b"MZ\x90", "image/png")})
    assert bad.status_code == 422
    assert 'id="error-files"' in bad.text
    assert client.post(OBJECTION, data=sent, files={"files": ("../a.png", PNG, "image/png")}).status_code == 303
    kept = session.scalars(select(ReceivedFile)).one()
    assert (kept.name, kept.media_type, kept.content) == ("a.png", "image/png", PNG)
    assert kept.message_id == session.scalars(select(Dispute)).one().message_id


def test_a_card_number_in_the_words_is_not_kept_in_the_thread(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage)
    words = "Ik betaalde met 4111 1111 1111 1111."
    client.post("/my/complaints/new", data=form_of(client, "/my/complaints/new") | {"kind": "invoice", "words": words})
    assert "4111 1111 1111 1111" not in last_form(session).text


# Promising


def test_a_day_is_named(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    sent = form_of(client, PROMISE) | {"day": "2026-03-20", "amount": ""}
    answers = [client.post(PROMISE, data=sent) for _ in range(2)]
    assert {one.headers["location"] for one in answers} == {"/my/invoices/INV-A1?recorded=promise"}
    promise = session.scalars(select(Promise)).one()
    assert (promise.amount_minor, promise.promised_on.isoformat()) == (12_100, "2026-03-20")
    assert session.scalars(select(TrailLine).where(TrailLine.what == "promise made")).one().who == "Accounts_Payable A"
    assert "Uw dag is vastgelegd € 121,00, uiterlijk 20 maart 2026." in said(
        client.get(answers[0].headers["location"]).text
    )


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"day": ""}, "day", "Kies een dag."),
        ({"day": "morgen"}, "day", "Kies een dag."),
        ({"day": "2026-03-15"}, "day", "Die dag is voorbij."),
        ({"day": "2026-06-01"}, "day", "Tot en met 30 maart 2026 kan"),
        ({"day": "2026-03-20", "amount": "999,00"}, "amount", "Hoogstens € 121,00 kan worden vastgelegd."),
        ({"day": "2026-03-20", "amount": "0,00"}, "amount", "Schrijf een bedrag"),
        ({"day": "2026-03-20", "amount": "abc"}, "amount", "Schrijf een bedrag"),
    ],
)
def test_a_day_that_cannot_be_agreed_on_says_what_can(
    store: Store, session: Session, stage: Stage, fields: dict[str, str], field: str, sentence: str
) -> None:
    client = visit(store, stage)
    answer = client.post(PROMISE, data=form_of(client, PROMISE) | fields)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert sentence in said(answer.text)
    assert session.scalars(select(Promise)).all() == []


def test_a_second_other_day_and_no_third(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage)
    statuses = [
        client.post(PROMISE, data=form_of(client, PROMISE) | {"day": day}).status_code
        for day in ("2026-03-18", "2026-03-19", "2026-03-20")
    ]
    assert statuses == [303, 303, 422]
    # Who reads the thread sees that it was not recorded, and what they were told.
    assert last_form(session).understanding["refused"] == "PromisedTooOften"
    assert "Er is al eerder een andere dag afgesproken." in last_form(session).text


@pytest.mark.parametrize(("path", "what"), [(OBJECTION, "dispute"), (PROMISE, "promise")])
def test_nothing_can_be_recorded_about_what_is_paid(
    store: Store, session: Session, stage: Stage, path: str, what: str
) -> None:
    client = visit(store, stage)
    form = form_of(client, path)
    a_payment(session, stage.invoice, stage.invoice.total_minor)
    session.commit()
    fields = {"reason": "OTHER", "words": "x"} if what == "dispute" else {"day": "2026-03-20", "amount": "10,00"}
    answer = client.post(path, data=form | fields)
    assert answer.status_code == 422
    assert "niets meer open" in said(answer.text)


# Paying


def test_the_chosen_invoices_are_paid_together(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage)
    answer = client.post("/my/pay", data={"invoice": ["INV-A1", "INV-NOBODYS"]})
    assert answer.headers["location"].startswith("/pay/")
    assert client.post("/my/pay", data={}).headers["location"] == "/my/invoices"
    assert 'href="/pay/' in client.get("/my/invoices/INV-A1").text


def test_what_is_all_objected_to_is_not_asked_for(store: Store, session: Session, stage: Stage) -> None:
    a_dispute(session, stage.invoice)
    session.commit()
    client = visit(store, stage)
    assert client.post("/my/pay", data={"invoice": "INV-A1"}).headers["location"] == "/my/invoices"
    assert 'href="/pay/' not in client.get("/my/invoices/INV-A1").text


# Complaining


def test_a_complaint_gets_a_number_and_a_day_once(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, "operations")
    sent = form_of(client, "/my/complaints/new") | {
        "kind": "delivery", "about": "order:SO-A1", "words": "De chauffeur was grof.",
    }  # fmt: skip
    answers = {client.post("/my/complaints/new", data=sent).headers["location"] for _ in range(2)}
    complaint = session.scalars(select(Complaint)).one()
    assert answers == {f"/my/complaints?recorded={complaint.number}"}
    assert (complaint.category, complaint.order_id) == ("delivery", stage.order.id)
    page = said(client.get(answers.pop()).text)
    assert f"Uw klacht is vastgelegd: {complaint.number} Een collega antwoordt uiterlijk 18 maart 2026." in page
    complaint.state, complaint.resolution, complaint.resolved_at = (
        "resolved",
        "Wij spraken met hem.",
        complaint.opened_at,
    )
    session.commit()
    told = said(client.get("/my/complaints").text)
    assert "Ons antwoord: Wij spraken met hem. Dit is beantwoord. Besloten op 16 maart 2026." in told


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"kind": "", "words": "x"}, "kind"), ({"kind": "prices", "words": "x"}, "kind"), ({"kind": "other"}, "words")],
)
def test_a_complaint_without_words_or_kind_is_asked_for_again(
    store: Store, session: Session, stage: Stage, fields: dict[str, str], field: str
) -> None:
    client = visit(store, stage, "owner")
    answer = client.post("/my/complaints/new", data=form_of(client, "/my/complaints/new") | fields)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert session.scalars(select(Complaint)).all() == []


def test_a_complaint_about_somebody_elses_order_is_about_none(store: Store, session: Session, stage: Stage) -> None:
    a_stage(session, stage.seller, "B")
    client = visit(store, stage, "owner")
    sent = form_of(client, "/my/complaints/new") | {"kind": "other", "about": "order:SO-B1", "words": "x"}
    assert client.post("/my/complaints/new", data=sent).status_code == 303
    assert session.scalars(select(Complaint)).one().order_id is None


# Changing an order


@pytest.mark.parametrize(
    ("wants", "words"), [("cancel", ""), ("cancel", "Te duur."), ("change", "Graag 20 in plaats van 2.")]
)
def test_a_wish_about_an_order_is_a_task_once(
    store: Store, session: Session, stage: Stage, wants: str, words: str
) -> None:
    client = visit(store, stage, "operations", order=stage.order)
    sent = form_of(client, CHANGE) | {"wants": wants, "words": words}
    answers = {client.post(CHANGE, data=sent).headers["location"] for _ in range(2)}
    task = session.scalars(select(Task).where(Task.kind == "order_request")).one()
    assert task.details["wants"] == wants
    page = said(client.get(answers.pop()).text)
    assert "Een collega antwoordt uiterlijk 18 maart 2026. Tot dan verandert er niets." in page
    assert session.scalars(select(TrailLine).where(TrailLine.what == f"{wants} asked for")).one().who == "Operations A"


@pytest.mark.parametrize("fields", [{"wants": "change"}, {"wants": "destroy", "words": "x"}, {"words": "x"}])
def test_a_wish_nobody_can_read_is_asked_for_again(
    store: Store, session: Session, stage: Stage, fields: dict[str, str]
) -> None:
    client = visit(store, stage, "owner")
    assert client.post(CHANGE, data=form_of(client, CHANGE) | fields).status_code == 422
    assert session.scalars(select(Task).where(Task.kind == "order_request")).all() == []


def test_what_has_left_cannot_be_changed_any_more(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, "owner")
    form = form_of(client, CHANGE)
    for line in session.merge(stage.order).lines:
        line.state = "shipped"
    session.commit()
    answer = client.post(CHANGE, data=form | {"wants": "cancel"})
    assert answer.status_code == 422
    assert "vertrokken of geannuleerd" in said(answer.text)


# Ordering again


def test_an_order_is_placed_again_at_its_prices_and_never_twice(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, "operations")
    prove(client, session)
    sent = form_of(client, REPEAT) | {"quantity-1": "5", "quantity-2": "0", "reference": "PO-77"}
    where = [client.post(REPEAT, data=one).headers["location"] for one in (sent, sent, sent | {"quantity-1": "6"})]
    assert len(set(where)) == 1
    placed = session.scalars(select(Order).where(Order.purchase_order == "PO-77")).one()
    (line,) = placed.lines
    assert (line.quantity, line.unit_price, line.state) == (Decimal(5), Decimal("12.50"), "ordered")
    assert where[0] == f"/my/orders/{placed.number}?recorded=placed"
    assert "onder voorbehoud van bevestiging" in said(client.get(where[0]).text)
    noted = session.scalars(
        select(TrailLine).where(TrailLine.what == "order placed", TrailLine.subject_id == placed.id)
    )
    assert noted.one().who == "Operations A"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"quantity-1": "0", "quantity-2": ""}, None),
        ({"quantity-1": "veel"}, "quantity-1"),
        ({"quantity-1": "-3"}, "quantity-1"),
        ({"quantity-1": "1,2345"}, "quantity-1"),
    ],
)
def test_an_order_nobody_can_read_is_not_placed(
    store: Store, session: Session, stage: Stage, fields: dict[str, str], field: str | None
) -> None:
    client = visit(store, stage, "owner")
    prove(client, session)
    before = session.scalar(select(func.count()).select_from(Order))
    answer = client.post(REPEAT, data=form_of(client, REPEAT) | fields)
    assert answer.status_code == 422
    assert field is None or f'id="error-{field}"' in answer.text
    assert session.scalar(select(func.count()).select_from(Order)) == before


def test_a_delivered_order_shows_who_took_it_in(store: Store, session: Session, stage: Stage) -> None:
    shipment = session.merge(stage.order).shipments[0]
    shipment.delivered_on, shipment.received_by, shipment.proof_kind = DAY - timedelta(days=1), "B. de Wit", "signature"
    session.commit()
    page = said(visit(store, stage, "operations").get("/my/orders/SO-A1").text)
    assert "PostNL TRACK-A" in page
    assert "Aangenomen door B. de Wit (handtekening)" in page


@pytest.mark.parametrize("path", ["/my/invoices/INV-A1/pdf", "/my/statement/pdf?currency=EUR"])
def test_the_papers_are_pdfs(store: Store, stage: Stage, path: str) -> None:
    answer = visit(store, stage).get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
