"""The page of figures: as of any day, each figure with its formula, and charts that need no script and no style of their own."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import openpyxl
import pytest
from lxml import etree
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from o2c_core.customers.seller import Seller
from o2c_core.figures.definitions import DEFINITIONS
from o2c_core.figures.reports import REPORTS
from o2c_core.store.store import Store
from tests.build import DAY, a_credit_note, a_customer, a_dispute, a_seller, an_invoice
from tests.web.opened import open_pages, words
from web.charts import bars

HOSTILE = "<script>alert('Jansen')</script>"


def a_book(session: Session) -> None:
    jansen = a_customer(session, a_seller(session), "C1")
    an_invoice(session, jansen, "INV-1", total_minor=10_000, due_on=DAY)
    late = an_invoice(session, jansen, "INV-2", total_minor=20_000, due_on=DAY - timedelta(days=1), paid_minor=5_000)
    a_credit_note(session, jansen, 1_000)
    a_dispute(session, late, 2_500)
    session.commit()


def test_figures_are_for_who_is_signed_in_and_may_see_them(store: Store, session: Session) -> None:
    a_book(session)
    for address in ("/figures", "/figures/ageing.csv"):
        told = {
            role: open_pages(store, is_demo=False, role=role).get(address, follow_redirects=False).status_code
            for role in (None, "agent", "finance")
        }
        assert told == {None: 303, "agent": 403, "finance": 200}


def test_the_page_says_in_words_what_its_charts_show(store: Store, session: Session) -> None:
    a_book(session)
    said = words(open_pages(store).get("/figures").text)
    assert "Not yet due € 100,00 40 % 1–30 days late € 150,00 60 %" in said
    assert "Money and credit not yet applied € -10,00 Balance € 240,00" in said
    assert "All that is open and undisputed € 225,00" in said
    assert "Left out because it is disputed: € 25,00" in said


def test_every_figure_opens_to_its_formula_and_its_source(store: Store, session: Session) -> None:
    a_book(session)
    page = open_pages(store).get("/figures").text
    opened = {words(one): html.unescape(words(rest)) for one, rest in re.findall(
        r'<span class="told-name">(.*?)</span>.*?<dl>(.*?)</dl>', page, re.S)}  # fmt: skip
    shown = [one for name, one in DEFINITIONS.items() if not name.startswith("promise")]
    assert set(opened) == {one.title for one in shown}
    for one in shown:
        assert one.formula in opened[one.title]
        assert one.source in opened[one.title]


def test_charts_bring_no_style_no_script_and_nothing_from_elsewhere(store: Store, session: Session) -> None:
    a_book(session)
    answer = open_pages(store).get("/figures")
    charts = re.findall(r"<svg.*?</svg>", answer.text, re.S)
    assert len(charts) == 2
    for chart in charts:
        root = etree.fromstring(chart)
        assert root.get("role") == "img"
        assert "€" in root.get("aria-label", "")
        for element in root.iter():
            assert etree.QName(element).localname in {"svg", "g", "rect", "path", "text", "circle"}
            assert not {"style", "href", "onload"} & set(element.attrib)
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert " style=" not in answer.text


@pytest.mark.parametrize(
    "line",
    ["on 2026-03-15  holds € 300,00", "on 2026-03-16  holds € 250,00", "on 2999-01-01  holds € 250,00",
     "on yesterday    holds € 250,00"],
)  # fmt: skip
def test_the_book_can_be_seen_as_of_a_past_day_and_never_of_one_to_come(
    store: Store, session: Session, line: str
) -> None:
    on, held = re.fullmatch(r"on (\S+) +holds (.+)", line).groups()
    a_book(session)
    said = words(open_pages(store).get("/figures", params={"on": on}).text)
    assert f"Open, by how late it is {held}" in said


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_taken_along_as_a_file(store: Store, session: Session, name: str) -> None:
    a_book(session)
    client = open_pages(store)
    csv = client.get(f"/figures/{name}.csv?on=2026-03-16")
    assert csv.headers["content-disposition"] == f'attachment; filename="{name}-2026-03-16.csv"'
    assert csv.text.splitlines()[0] == ",".join(f'"{column}"' for column in REPORTS[name].columns)
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/figures/{name}.xlsx").content)).active
    assert [cell.value for cell in sheet[1]] == list(REPORTS[name].columns)
    assert sheet.max_row == len(csv.text.splitlines())


@pytest.mark.parametrize("address", ["/figures/nothing.csv", "/figures/ageing.pdf", "/figures/..%2Fageing.csv"])
def test_a_file_that_is_not_there_is_not_found(store: Store, session: Session, address: str) -> None:
    a_book(session)
    assert open_pages(store).get(address).status_code == 404


def test_a_hostile_name_is_only_ever_text(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session, name=HOSTILE), name=HOSTILE)
    an_invoice(session, customer)
    session.commit()
    page = open_pages(store).get("/figures").text
    assert "<script>alert" not in page
    assert "<script>" not in bars(HOSTILE, [HOSTILE], [1.0], write=HOSTILE.format)


def test_an_empty_house_and_an_empty_book_say_how_to_fill_them(store: Store, session: Session) -> None:
    client = open_pages(store)
    assert "parley import" in client.get("/figures").text
    a_seller(session)
    session.commit()
    said = words(client.get("/figures").text)
    assert "No figures yet" in said
    assert "parley import FILE… --seller vandijk" in said


def test_the_database_is_asked_equally_often_for_few_and_for_many(store: Store, session: Session) -> None:
    a_book(session)
    seller = session.scalars(select(Seller)).one()
    client = open_pages(store)
    counts = []
    for _ in range(2):
        statements: list[str] = []
        engine = session.connection().engine
        heard = lambda *told, to=statements: to.append(told[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", heard)
        assert client.get("/figures").status_code == 200
        event.remove(engine, "before_cursor_execute", heard)
        counts.append(len(statements))
        for _ in range(6):
            a_dispute(session, an_invoice(session, a_customer(session, seller)))
        session.commit()
    assert counts[0] == counts[1] > 0
