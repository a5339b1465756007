"""How things work here, from the library, joined with what the ledger says for this customer."""

from __future__ import annotations

import re

from sqlalchemy import select

from bot.desk import Desk
from bot.tools.joined import BY_SECTION, own_terms
from bot.tools.tool import OfWords, Tool
from knowledge.gaps import note_gap
from knowledge.search import Found, find_passages
from o2c_core.customers.contact import Contact

TERMS_TOPIC = "payment-terms"
TERM_SECTION = "payment-term"

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
    """What the ledger says for this customer, and the passage that answers, word for word, with where it stands.

    An honest no when there is neither; then the question is counted as a gap.
    """
    asked = question or desk.words
    index, seller = desk.knowledge(), desk.seller.ref
    found = find_passages(asked, desk.language, store=desk.store, index=index, seller=seller, day=desk.today)
    is_about_terms = _TERMS.search(asked) is not None
    if is_about_terms:
        found = [one for one in found if one.name == TERM_SECTION] or [one for one in found if one.topic == TERMS_TOPIC]
    best = found[0] if found else None
    said = _own(desk, best, is_about_terms=is_about_terms) if desk.customer is not None else []
    if best is not None:
        said += _passage(desk, best)
    if not said:
        with desk.store.session() as session:
            note_gap(session, asked, desk.language, at=desk.store.clock.now(), seller=seller, hide=_names(desk))
            session.commit()
        return desk.say("policy.unknown")
    # Each on a line of its own, so that what is quoted is not mistaken for what we say.
    return "\n".join(said)


def _own(desk: Desk, best: Found | None, *, is_about_terms: bool) -> list[str]:
    """What the ledger says beside it, of the customer on the desk and nobody else."""
    assert desk.customer is not None  # looked at by who calls
    if is_about_terms:
        return own_terms(desk, desk.customer)
    join = BY_SECTION.get(best.name) if best is not None else None
    return join(desk, desk.customer, best) if join is not None and best is not None else []


def _passage(desk: Desk, best: Found) -> list[str]:
    """The passage as it is written, in another language where there is none in this one, and its document and section."""
    facts = desk.facts
    source = f"{best.document} § {best.section}" + (f" p. {best.page}" if best.page else "")
    said = []
    if best.language != desk.language:
        language = facts.text(desk.word(f"policy.languages.{best.language}"), source)
        said.append(desk.say("policy.other_language", in_language=language))
    said.append(desk.say("policy.answer", passage=facts.text(best.text, source)))
    places = {"title": facts.text(best.title, source)}
    key = "policy.source_document"
    if best.section != best.title:
        key, places = "policy.source", places | {"section": facts.text(best.section, source)}
    if best.page is not None:
        key, places = f"{key}_page", places | {"page": facts.count(best.page, source)}
    return [*said, desk.say(key, **places)]


def _names(desk: Desk) -> list[str]:
    """The names of whoever writes, which a question may not be kept with."""
    customer = desk.customer or desk.known_customer
    if customer is None:
        return []
    with desk.store.session() as session:
        people = session.scalars(select(Contact.name).where(Contact.customer_id == customer.id)).all()
    return [customer.name, *people, *(part for name in people for part in name.split() if len(part) > 2)]


TOOLS = (
    Tool(
        "policy_question",
        "What the library says: terms, delivery, returns.",
        policy_question,
        OfWords,
        needs="stranger",
    ),
)
