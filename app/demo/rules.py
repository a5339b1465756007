"""Finance's rules of the demo's seller: the ones that come with Parley, off, and one of them in trial."""

from __future__ import annotations

from app.demo import cast
from o2c_core.actions.save_rule import save_rule
from o2c_core.actions.switch_rule import switch_rule
from o2c_core.escalations.shipped import shipped_rules
from o2c_core.store.store import Store

IN_TRIAL = "large-and-late"
FINANCE = "finance"


def write_rules(*, store: Store) -> None:
    """Saves them in the name of finance; nobody hears of anything by them until somebody switches one on."""
    for rule in shipped_rules():
        save_rule(rule, seller_ref=cast.SELLER, store=store, by=FINANCE)
    switch_rule(IN_TRIAL, "trial", seller_ref=cast.SELLER, store=store, by=FINANCE)
