"""How things work here, from the library, joined with what the ledger says for this customer."""

from __future__ import annotations

import re

from bot.desk import Desk
from knowledge.gaps import note_gap
from knowledge.search import find_passages
from o2c_core.customers.customer import Customer

TERMS_TOPIC = "payment-terms"

# A question about terms is answered from the ledger even where no library says anything.
_TERMS = re.compile(
    r"payment terms?|terms of payment|credit terms?|days to pay|how (?:much time|long|many days)[^.?]{0,40}\bpay"
    r"|beta(?:al|lings)(?:termijn|voorwaarde|conditie)"
    r"|(?:hoeveel (?:tijd|dagen)|hoe lang|binnen (?:hoeveel|welke))[^.?]{0,60}\bbeta"
    r"|zahlungs(?:ziel|bedingung|frist)|wie (?:lange|viel zeit|viele tage)[^.?]{0,60}\bzahl"
    r"|(?:d[ée]lais?|conditions) de (?:paiement|r[èe]glement)|combien de (?:temps|jours)[^.?]{0,60}\bpayer",
    re.IGNORECASE,
)


def policy_question(desk: Desk, question: str | None) -> str:
    """The passage that answers, word for word, with its document and section; an honest no when there is none."""
    asked = question or desk.words
    found = find_passages(asked, desk.language, store=desk.store, index=desk.knowledge(), seller=desk.seller.ref)
    if _TERMS.search(asked):
        found = [one for one in found if one.topic == TERMS_TOPIC]
    about_terms = found[0].topic == TERMS_TOPIC if found else _TERMS.search(asked) is not None
    said = [_own_terms(desk, desk.customer)] if about_terms and desk.customer is not None else []
    if found:
        best = found[0]
        facts, source = desk.facts, f"{best.document} § {best.section}"
        title, section = facts.text(best.title, source), facts.text(best.section, source)
        said.append(desk.say("policy.answer", passage=facts.text(best.text, source)))
        said.append(desk.say("policy.source", title=title, section=section))
    if not said:
        with desk.store.session() as session:
            note_gap(session, asked, desk.language, at=desk.store.clock.now())
            session.commit()
        return desk.say("policy.unknown")
    return " ".join(said)


def _own_terms(desk: Desk, customer: Customer) -> str:
    days = desk.seller.payment_terms_days if customer.payment_terms_days is None else customer.payment_terms_days
    return desk.say("payment.terms", days=desk.facts.count(days, f"customer {customer.ref} terms"))
