"""One conversation: the packet first, then what was said with everything it was made of."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.take_over import take_over
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.model_call import OUTCOMES, ModelCall
from o2c_core.conversations.proposal import STATES as PROPOSAL_STATES
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice
from tests.web.opened import open_pages, words
from tests.web.talks import a_talk, answered, called, offered, said
from web.thread import CALLS, MESSAGES_SHOWN, STATES


def page_of(store: Store, talk: Conversation) -> str:
    answer = open_pages(store).get(f"/conversations/{talk.id}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_the_packet_comes_before_the_thread_and_says_everything_an_agent_needs(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session), "C1"))
    said(session, talk, "Het klopt niet")
    called(
        session, talk, "disagrees", at=store.clock.now() - timedelta(minutes=130), words="Wij kregen er maar 9",
        wants=["dispute_invoice", "human"], mood=["angry"], tried=[{"name": "proof_of_delivery", "arguments": {"numbers": ["SO-7"]}}],
        at_stake=[{"currency": "EUR", "open_minor": 124_050, "overdue_minor": 4_500}],
        proposals=[{"kind": "dispute", "says": "…", "state": "declined"}], summary="3 messages so far.",
        facts=[{"text": "12 stuks", "source": "shipment SO-7 at 2026-03-16T11:00:00Z"}],
    )  # fmt: skip
    session.commit()
    page = words(page_of(store, talk))
    in_order = [
        "Waits for a person, today", "2 h 10 min", "Disagrees with what the ledger says", "Wij kregen er maar 9",
        "Wants dispute invoice, a person", "Mood angry", "€ 1.240,50 open", "€ 45,00 of it late",
        "The assistant tried proof of delivery (SO-7)", "Had proposed dispute, declined", "3 messages so far.",
        "12 stuks", "shipment SO-7, read 12:00", "Het klopt niet",
    ]  # fmt: skip
    places = [page.find(one) for one in in_order]
    assert -1 not in places, in_order[places.index(-1)]
    assert places == sorted(places)


def test_a_packet_that_was_not_kept_still_says_why(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    called(session, talk, "machine").packet = {}
    session.commit()
    assert "Many answers within an hour" in page_of(store, talk)


def test_what_was_noted_beyond_the_reason_is_said_and_who_took_over_too(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    called(session, talk, "beyond_authority").why = "asks for 24 parts"
    session.commit()
    assert "Stopped because asks for 24 parts" in words(page_of(store, talk))
    take_over(talk.id, agent="Ilse", store=store)
    page = words(page_of(store, talk))
    assert "taken over by Ilse" in page
    assert "A colleague speaks" in page
    assert "Waits for a person" not in page


def test_an_answer_shows_its_receipts_what_was_understood_and_what_it_did(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    answered(
        session,
        said(session, talk, "Is INV-7 betaald?"),
        "Nee: € 125,00 is open.",
        receipts=[{"text": "€ 125,00", "source": "invoice INV-7.open at 2026-03-16T11:00:00Z"}],
        understanding={
            "intents": ["invoice_status", "human"],
            "tools": [{"name": "invoice_status", "arguments": {"numbers": ["INV-7", "last"]}}, {"name": "call_person"}],
        },
    )
    session.commit()
    page = words(page_of(store, talk))
    assert "invoice INV-7.open, read 12:00" in page
    assert "understood invoice status, a person" in page
    assert "did invoice status (INV-7, last), call person" in page


@pytest.mark.parametrize("state", PROPOSAL_STATES)
def test_a_proposal_says_what_became_of_it(store: Store, session: Session, state: str) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    answer = answered(session, said(session, talk, "Een klacht"), "Zal ik dat doen?")
    offered(session, answer, state=state, outcome={"number": "C-12"} if state == "done" else {})
    session.commit()
    page = words(page_of(store, talk))
    assert page.count(STATES[state][0]) >= 2  # with the answer, and beside the conversation
    assert page.count("C-12") == (2 if state == "done" else 0)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_call_of_a_providers_model_says_what_came_of_it_and_what_it_took(
    store: Store, session: Session, outcome: str
) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    asked = said(session, talk, "Hoi")
    answered(session, asked, "Goedendag")
    session.add(
        ModelCall(
            conversation_id=talk.id, message_id=asked.id, model="gpt-x", outcome=outcome, why="after 8 s",
            tokens_in=1204, tokens_out=88, cost_micro=1530, milliseconds=8001, at=MOMENT,
        )
    )  # fmt: skip
    session.commit()
    page = page_of(store, talk)
    is_fine = outcome in ("answered", "called_tools")
    assert re.search(r'<details class="receipts asked"(?! open)>' if is_fine else r'"receipts asked" open>', page)
    page = words(page)
    for part in (f"gpt-x {CALLS[outcome][0]}", "8.001 ms", "1.204 tokens in, 88 out", "cost 0.0015", "after 8 s"):
        assert part in page, part
    # What a limit kept from being asked took nothing.
    assert ("asked 1 time" in page) == (outcome != "over_limit")


def test_a_call_whose_answer_was_never_said_stands_with_the_question(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    asked = said(session, talk, "Hoi")
    session.add(
        ModelCall(
            conversation_id=talk.id, message_id=asked.id, model="gpt-x", outcome="failed", milliseconds=5, at=MOMENT
        )
    )
    session.commit()
    assert "gpt-x failed" in words(page_of(store, talk))


def test_who_was_called_took_over_and_handed_back_is_marked_where_it_happened(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    first = said(session, talk, "Mag ik iemand spreken?", created_at=store.clock.now())
    called(session, talk, "asked_for_person", at=store.clock.now())
    answered(session, first, "Ik heb een collega gevraagd.")
    session.commit()
    clock = store.clock
    clock.move(timedelta(minutes=1))  # type: ignore[attr-defined]
    take_over(talk.id, agent="Ilse", store=store)
    clock.move(timedelta(minutes=1))  # type: ignore[attr-defined]
    said(session, talk, "Met Ilse.", direction="out", author="Ilse", delivery="sent", created_at=clock.now())
    session.commit()
    clock.move(timedelta(minutes=1))  # type: ignore[attr-defined]
    hand_back(talk.id, agent="Ilse", store=store)
    page = words(page_of(store, talk))
    in_order = [
        "Mag ik iemand spreken?", "A person was called: asked for a person 12:00", "Ik heb een collega gevraagd.",
        "Ilse took over 12:01", "Ilse · Chat 12:02", "Met Ilse.", "Ilse handed back to the assistant 12:03",
    ]  # fmt: skip
    thread = page[page.index("What was said") :]
    places = [thread.find(one) for one in in_order]
    assert -1 not in places, in_order[places.index(-1)]
    assert places == sorted(places)


def test_what_was_sent_by_itself_is_not_taken_for_a_colleague(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)), channel="sms", address="+31611111111")
    for author, purpose in (("system", "confirmation"), ("assistant", "reminder")):
        said(session, talk, "…", direction="out", author=author, purpose=purpose, delivery="failed")
    session.commit()
    page = page_of(store, talk)
    assert "from-agent" not in page
    assert "Confirmation" in words(page)
    assert "Reminder" in words(page)
    assert page.count('href="/outbox/') == 2
    assert page.count(">did not arrive<") == 2
    assert "+31611111111" not in page


def test_files_that_came_along_lead_to_the_message(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)), channel="email")
    asked = said(session, talk, "Zie de foto's")
    for name in ("a.png", "b.png"):
        session.add(
            ReceivedFile(
                message_id=asked.id, name=name, media_type="image/png", claimed_type="image/png", size=1, checksum="0",
                content=b"x", created_at=MOMENT,
            )
        )  # fmt: skip
    session.commit()
    page = page_of(store, talk)
    assert f'href="/ledger/messages/{asked.id}">2 files' in page
    assert open_pages(store).get(f"/ledger/messages/{asked.id}").text.count(f"/conversations/{talk.id}") == 1


def test_the_account_stands_beside_it_as_it_is_now(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    talk = a_talk(session, customer)
    an_invoice(session, customer, total_minor=12_500, due_on=DAY - timedelta(days=3))
    session.commit()
    page = words(page_of(store, talk))
    assert "Account C1 Open € 125,00 Late € 125,00" in page
    assert "the embedded model no provider was asked" in page


def test_nothing_of_any_account_stands_beside_a_stranger(store: Store, session: Session) -> None:
    seller = a_seller(session)
    an_invoice(session, a_customer(session, seller), total_minor=12_500)
    talk = a_talk(session, seller, channel="email", address="inkoop@delinde.example")
    said(session, talk, "<b>Wie?</b>")
    session.commit()
    page = open_pages(store).get(f"/conversations/{talk.id}").text
    assert "nobody we know" in page
    assert "i•••@delinde.example" in page
    assert "&lt;b&gt;Wie?&lt;/b&gt;" in page
    for absent in ("inkoop@", "125,00", ">Account<"):
        assert absent not in page, absent


def test_of_a_very_long_conversation_the_latest_is_shown(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    for number in range(MESSAGES_SHOWN + 5):
        said(session, talk, f"bericht {number}.", created_at=MOMENT + timedelta(minutes=number))
    session.commit()
    page = page_of(store, talk)
    shown = [int(number) for number in re.findall(r"bericht (\d+)\.<", page)]
    assert shown == list(range(5, MESSAGES_SHOWN + 5))
    assert f"The latest {MESSAGES_SHOWN} messages" in page


@pytest.mark.parametrize("name", ["not-an-id", "0190b0a0-0000-7000-8000-000000000000"])
def test_a_conversation_that_is_not_there_says_so(store: Store, session: Session, name: str) -> None:
    a_seller(session)
    session.commit()
    answer = open_pages(store).get(f"/conversations/{name}")
    assert answer.status_code == 404
    assert "That conversation is not here" in answer.text


def test_the_customers_page_and_the_outbox_lead_to_it(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    talk = a_talk(session, customer, channel="email")
    letter = said(session, talk, "Dag", direction="out", author="assistant", delivery="sent")
    session.commit()
    client = open_pages(store)
    assert f'href="/conversations/{talk.id}"' in client.get(f"/outbox/{letter.id}").text
    link = re.search(r'href="(/conversations\?[^"]*)"', client.get("/ledger/customers/C1").text)
    assert link is not None
    assert f"/conversations/{talk.id}" in client.get(html.unescape(link[1])).text
