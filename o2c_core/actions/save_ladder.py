"""Keep a ladder: a new version when something about it differs, and nothing when it is so already."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.reminders.ladder import STANDARD, Ladder
from o2c_core.reminders.ladders.reading import checked_ladder
from o2c_core.reminders.ladders.summary import differences
from o2c_core.reminders.ladders.versions import newest_ladders
from o2c_core.reminders.ladders.written_down import document_of
from o2c_core.reminders.reminder import LadderVersion
from o2c_core.store.store import Store
from o2c_core.trail import note


def save_ladder(
    seller_ref: str, ladder: Ladder, *, store: Store, by: str = "command line", why: str | None = None
) -> tuple[Ladder, list[str]]:
    """The ladder as it is in force from now on, and what is different about it: everything, for a new one.

    Its version is the one before and one more. Reminders that were written keep the version they were written by.

    Raises: NotFound; LadderUnclear.
    """
    document = document_of(ladder)
    checked_ladder(document)
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two people who save at once take turns.
        seller = session.scalars(
            select(Seller).where(Seller.ref == seller_ref).with_for_update(key_share=True)
        ).one_or_none()
        if seller is None:
            raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
        before = newest_ladders(session, [(seller.id, ladder.name)]).get((seller.id, ladder.name))
        # What comes with the house is the first version of its name, though nobody had to keep it.
        if before is None and ladder.name == STANDARD.name:
            before = STANDARD
        changed = differences(before, ladder)
        if before is not None and not changed:
            return before, []
        version = before.version + 1 if before else 1
        kept = LadderVersion(
            seller_id=seller.id, name=ladder.name, version=version, document=document, by=by, why=why, saved_at=now
        )
        session.add(kept)
        session.flush()
        note(
            session, "ladder saved", kept, at=now, who=by, why=why or "", name=ladder.name, version=version,
            changed=changed,
        )  # fmt: skip
        session.commit()
        return Ladder(ladder.name, ladder.rungs, version, ladder.spacing_days), changed
