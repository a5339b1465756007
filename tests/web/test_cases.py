"""The list of cases, one case with everything that bears on it, and the report on causes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.assign_case import assign_case
from o2c_core.actions.resolve_complaint import resolve_complaint
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.cases.causes import Cause
from o2c_core.cases.dispute import Dispute
from o2c_core.clock import MovableClock
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.figures.causes import Period, causes
from o2c_core.figures.reports import report_named
from o2c_core.keys import new_key
from o2c_core.staff.user import Look
from o2c_core.store.store import Store
from tests.build import DAY, a_seller
from tests.web.cases_told import SAID, Short, a_rough_driver, a_short_delivery, a_short_dispute
from tests.web.opened import open_pages, words


@pytest.fixture
def short(session: Session) -> Short:
    short = a_short_delivery(session)
    session.commit()
    return short


def test_open_cases_are_listed_with_what_is_at_stake_and_by_when_and_who_answers(store: Store, short: Short) -> None:
    dispute, complaint = a_short_dispute(store, short), a_rough_driver(store, short)
    assign_case(Dispute, dispute.id, owner="Eva", by="Noor", store=store)
    page = open_pages(store, role="agent").get("/cases")
    said = words(page.text)
    assert page.status_code == 200
    assert "Open 2 Mine 1 Late 0 Nobody&#39;s 1 Resolved 0 All 2" in said
    assert "D-101 , Objection Bakkerij Jansen Too few delivered INV-2026-0042" in said
    assert "At stake in what is shown: € 18,15" in said
    # The complaint is to be answered first, and so stands first.
    assert said.index(complaint.number) < said.index(dispute.number)
    assert "9 van de 12 <b>" not in page.text


@pytest.mark.parametrize(("asked", "numbers"), [
    ("", "C-101 D-101"),
    ("?sort=stake", "D-101 C-101"),
    ("?show=mine", "D-101"),
    ("?show=nobody", "C-101"),
    ("?show=late", ""),
    ("?show=resolved", "D-102"),
    ("?show=all", "C-101 D-101 D-102"),
    ("?kind=complaint", "C-101"),
    ("?kind=nonsense&severity=<b>&page=1", "C-101 D-101"),
    ("?reason=QTY_SHORT&show=all", "D-101"),
    ("?severity=high", "C-101"),
    ("?owner=Eva", "D-101"),
    ("?q=d-101", "D-101"),
    ("?q=inv-2026-0042", "C-101 D-101"),
    ("?q=hotel&show=all", "D-102"),
    ("?q=%25", ""),
    ("?show=resolved&cause=carrier&about=postnl", "D-102"),
    ("?show=resolved&cause=carrier&about=DHL", ""),
    ("?show=resolved&since=2026-03-17", ""),
])  # fmt: skip
def test_the_list_narrows_to_what_is_asked_for(
    store: Store, session: Session, short: Short, asked: str, numbers: str
) -> None:
    other = a_short_delivery(session, seller=short.seller, number="INV-2026-0043", name="Hotel Zonnezicht")
    session.commit()
    dispute = a_short_dispute(store, short)
    a_rough_driver(store, short)
    assign_case(Dispute, dispute.id, owner="Eva", by="Noor", store=store)
    done = a_short_dispute(store, other, reason="DAMAGED")
    resolve_dispute(
        done.id, outcome="withdrawn", by="Noor", role="agent", words="Found", store=store, cause=Cause("carrier", "PostNL")
    )  # fmt: skip
    rows = list(csv.reader(io.StringIO(open_pages(store).get(f"/cases.csv{asked}").text.lstrip("\ufeff"))))
    assert " ".join(row[1] for row in rows[1:]) == numbers
    said = words(open_pages(store, name="Noor").get(f"/cases{asked}").text)
    if asked not in ("?show=mine", "?q=%25"):
        assert all(f" {number} , " in said for number in numbers.split())


def test_another_sellers_cases_are_only_shown_when_that_seller_is_asked_for(
    store: Store, session: Session, short: Short
) -> None:
    other = a_short_delivery(session, seller=a_seller(session, "zzz"), number="INV-2026-0042", name="Elsewhere")
    session.commit()
    a_short_dispute(store, short)
    a_short_dispute(store, other)
    pages = open_pages(store)
    assert "Elsewhere" not in pages.get("/cases").text
    assert "Bakkerij Jansen" not in pages.get("/cases?seller=zzz").text
    # Both have a D-101, as numbers are a seller's own.
    assert "Elsewhere" in pages.get("/cases/disputes/D-101?seller=zzz").text
    assert "Elsewhere" not in pages.get("/cases/disputes/D-101?seller=vandijk").text


def test_a_case_shows_order_delivery_and_invoice_side_by_side_with_what_was_said(
    store: Store, session: Session, short: Short
) -> None:
    dispute = a_short_dispute(store, short)
    a_rough_driver(store, short)
    session.add(
        ReceivedFile(
            id=new_key(), message_id=short.message.id, name="foto.jpg", media_type="image/jpeg", claimed_type="image/jpeg",
            size=2_000, checksum="x", content=b"jpeg", created_at=short.message.created_at,
        )
    )  # fmt: skip
    session.commit()
    page = open_pages(store).get(f"/cases/disputes/{dispute.number}")
    said = words(page.text)
    assert "more billed than delivered, billed above the order&#39;s price 12 9 9 12 3 € 18,15 € 4,50 € 5,00" in said
    assert "PostNL 3SVD0001" in said
    assert "Taken in by P. Bakker, shown by signature POD-77" in said
    assert SAID not in page.text
    assert "9 van de 12 &lt;b&gt;" in page.text
    assert f'href="/conversations/{short.message.conversation_id}"' in page.text
    assert "foto.jpg" in said
    assert "C-101 About a delivery" in said
    assert "Dispute opened" in said
    assert "Open € 72,60 Disputed € 18,15 Invoiced € 72,60 May be asked for € 54,45" in said
    seen = session.scalars(select(Look).where(Look.customer_id == short.customer.id)).one()
    assert (seen.page, seen.about) == ("/cases/{kinds}/{number:path}", "dispute D-101")


def test_cases_on_the_same_article_and_with_the_same_carrier_are_shown(
    store: Store, session: Session, short: Short
) -> None:
    other = a_short_delivery(session, seller=short.seller, number="INV-2026-0043", name="Hotel Zonnezicht")
    session.commit()
    dispute = a_short_dispute(store, short)
    a_short_dispute(store, other, reason="DAMAGED")
    said = words(open_pages(store).get(f"/cases/disputes/{dispute.number}").text)
    assert "On this article D-102 Damaged, Hotel Zonnezicht" in said
    assert "With this carrier D-102 Damaged, Hotel Zonnezicht" in said


@pytest.mark.parametrize("path", [
    "/cases/disputes/D-999", "/cases/complaints/D-101", "/cases/promises/D-101", "/cases/disputes/%00", "/cases/disputes/",
])  # fmt: skip
def test_a_case_that_is_not_there_is_said_so(store: Store, short: Short, path: str) -> None:
    a_short_dispute(store, short)
    page = open_pages(store).get(path)
    assert page.status_code == 404
    assert "That case is not here" in page.text


def test_an_empty_ledger_and_a_quiet_one_say_what_comes_here(store: Store, session: Session) -> None:
    pages = open_pages(store)
    assert pages.get("/cases").status_code == 200
    a_seller(session)
    session.commit()
    assert "Nobody objects to anything" in pages.get("/cases").text
    assert "Nothing was resolved in these days" in pages.get("/cases/causes").text


def test_the_causes_of_a_period_are_counted_with_their_amounts_days_and_trend(
    store: Store, session: Session, clock: MovableClock
) -> None:
    seller = a_seller(session)
    shorts = [a_short_delivery(session, seller=seller, number=f"INV-{at}") for at in range(4)]
    session.commit()

    def resolve(short: Short, cause: Cause, outcome: str = "credited") -> None:
        dispute = a_short_dispute(store, short)
        clock.at = clock.at + timedelta(days=4)
        resolve_dispute(dispute.id, outcome=outcome, by="Eva", role="manager", words="x", store=store, cause=cause)

    resolve(shorts[0], Cause("carrier", "PostNL"))
    clock.at = clock.at + timedelta(days=40)
    resolve(shorts[1], Cause("carrier", "POSTNL "))
    resolve(shorts[2], Cause("carrier", "postnl"), "written_off")
    complaint = a_rough_driver(store, shorts[3])
    resolve_complaint(complaint.id, resolution="x", root_cause="x", by="Eva", store=store)
    today = DAY + timedelta(days=52)
    found = {(one.cause, one.about): one for one in causes(session, seller.id, Period.of(today, 30))}
    # "POSTNL" and "postnl" are one carrier, and the one of forty days ago is of the period before.
    carrier = next(one for (cause, _), one in found.items() if cause == "carrier")
    assert (carrier.disputes, carrier.before, carrier.trend) == (2, 1, 1)
    assert (carrier.disputed.minor, carrier.credited.minor, carrier.written_off.minor) == (3_630, 1_815, 1_815)
    assert carrier.median_days == 4
    assert found[None, None].complaints == 1
    page = open_pages(store).get("/cases/causes?since=2026-04-08&until=2026-05-07")
    said = words(page.text)
    assert page.status_code == 200
    assert "3 cases resolved from 8 apr 2026 to 7 mei 2026" in said
    assert "67 % 1 +1 € 36,30 € 18,15 € 18,15 written off 4" in said
    assert 'role="img"' in page.text
    rows = list(report_named("causes").rows(session, seller.id, today))
    assert sum(int(str(row[3])) + int(str(row[4])) for row in rows) == 4
    file = open_pages(store).get("/figures/causes.csv?on=2026-05-07")
    assert file.status_code == 200
    assert "postnl" in file.text.lower()


def test_a_row_of_the_causes_opens_its_cases(store: Store, short: Short) -> None:
    dispute = a_short_dispute(store, short)
    resolve_dispute(
        dispute.id, outcome="credited", by="Eva", role="manager", words="x", store=store, cause=Cause("picking", "MEEL 25 & co")
    )  # fmt: skip
    pages = open_pages(store)
    page = pages.get("/cases/causes").text
    link = page.split('class="row" href="')[1].split('"')[0].replace("&amp;", "&")
    assert " D-101 , " in words(pages.get(link).text)


def test_the_pages_stay_small_with_many_cases(store: Store, session: Session, short: Short) -> None:
    for at in range(120):
        a_rough_driver(store, short, message_id=None, about=f"Complaint {at} " + "ver " * 80)
    page = open_pages(store).get("/cases")
    assert len(page.content) < 100_000
    assert "Open 120" in words(page.text)
    assert words(open_pages(store).get("/cases?page=2").text).count(" , Complaint") == 20
