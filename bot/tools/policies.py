"""How things work here, from the library, joined with what the ledger says for this customer."""

from __future__ import annotations

from bot.desk import Desk
from knowledge.gaps import note_gap
from knowledge.search import find_passages

TERMS_TOPIC = "payment-terms"


def policy_question(desk: Desk, question: str | None) -> str:
    """The passage that answers, word for word, with its document and section; an honest no when there is none."""
    asked = question or desk.words
    found = find_passages(asked, desk.language, store=desk.store, index=desk.knowledge(), limit=1)
    if not found:
        with desk.store.session() as session:
            note_gap(session, asked, desk.language)
            session.commit()
        return desk.say("policy.unknown")
    best = found[0]
    source = f"{best.document} § {best.section}"
    said = [
        desk.say("policy.answer", passage=desk.facts.text(best.text, source)),
        desk.say(
            "policy.source", title=desk.facts.text(best.title, source), section=desk.facts.text(best.section, source)
        ),
    ]
    if best.topic == TERMS_TOPIC and desk.customer is not None:
        days = desk.customer.payment_terms_days or desk.seller.payment_terms_days
        said.insert(0, desk.say("payment.terms", days=desk.facts.count(days, f"customer {desk.customer.ref} terms")))
    return " ".join(said)
