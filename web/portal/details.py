"""How somebody is reached: their language and channel, and a new address once a code that was sent there comes back."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from o2c_core.actions.change_address import AddressGone, AddressThere
from o2c_core.actions.confirm_address import NotProven, Pending, Wanted, confirm_address, send_address_code
from o2c_core.actions.note_contact_wish import LanguageNotSpoken, NoAddressThere, note_contact_wish
from o2c_core.actions.send_code import TooManyCodes
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.preference_links import preferences_url
from o2c_core.customers.contact import Contact, NotAnAddress
from o2c_core.customers.customer import LANGUAGES
from o2c_core.customers.masked import masked
from o2c_core.customers.wishes import REACHED_BY
from o2c_core.errors import NotFound
from web.portal.door import Guest, NotHere, Portal, ProofFirst, VisitHere, see_other
from web.portal.forms import Sent, SentHere

PURPOSE = "my-address"
CHANNELS = tuple(REACHED_BY)
KINDS = ("email", "sms")


def detail_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/details` and `/my/details/address`."""

    @router.get("/my/details")
    def the_details(guest: VisitHere, recorded: str = "") -> Response:
        return _shown(portal, guest, recorded=recorded)

    @router.post("/my/details")
    def choose(guest: VisitHere, sent: SentHere) -> Response:
        contact = _contact(guest, "details")
        language, channel = sent.one("language") or None, sent.one("channel") or None
        try:
            note_contact_wish(
                contact.id, guest.customer.id, store=portal.store, language=language, channel=channel, who=guest.who
            )
        except LanguageNotSpoken:
            return _shown(portal, guest, 422, errors={"language": guest.words.say("error.language")})
        except NoAddressThere:
            return _shown(portal, guest, 422, errors={"channel": guest.words.say("error.channel")})
        return see_other("/my/details?recorded=saved")

    @router.get("/my/details/address")
    def before_changing(guest: VisitHere) -> Response:
        return _form(guest)

    @router.post("/my/details/address")
    def changing(guest: VisitHere, sent: SentHere) -> Response:
        contact = _contact(guest, "new_address")
        if sent.one("pending"):
            return _confirm(portal, guest, sent)
        say, seller = guest.words.say, guest.seller.name
        instead = _instead(contact, sent)
        if instead is None:
            return _form(guest, 422, sent=sent, errors={"instead": say("error.choose")})
        try:
            pending = send_address_code(
                guest.visit_id, instead, store=portal.store, key=portal.doorplate.key, language=guest.language,
                written=lambda code: say("details.code_text", seller=seller, code=code),
                subject=say("prove.code_subject", seller=seller),
            )  # fmt: skip
        except NotAnAddress:
            return _form(guest, 422, sent=sent, errors={"value": say("error.address")})
        except AddressThere:
            return _form(guest, 422, sent=sent, errors={"value": say("error.known")})
        except TooManyCodes:
            return _form(guest, 429, sent=sent, errors={"value": say("error.too_many")})
        except (NotProven, NotFound) as odd:
            raise ProofFirst from odd
        return _code_form(portal, guest, pending)


def _confirm(portal: Portal, guest: Guest, sent: Sent) -> Response:
    pending = _read(portal.doorplate, guest, sent.one("pending"))
    say = guest.words.say
    if pending is None:
        raise NotHere
    try:
        outcome = confirm_address(
            guest.visit_id, pending, sent.one("code"), store=portal.store, key=portal.doorplate.key
        )
    except NotProven as odd:
        raise ProofFirst from odd
    except (AddressGone, AddressThere, NotFound):
        return _form(guest, 422, errors={"value": say("error.moved")})
    if outcome == "changed":
        return see_other("/my/details?recorded=address")
    if outcome == "wrong":
        return _code_form(portal, guest, pending, 422, errors={"code": say("error.code_wrong")})
    return _form(guest, 422, errors={"value": say("error.code_over")})


def _contact(guest: Guest, what: str) -> Contact:
    """Raises: NotHere; ProofFirst."""
    guest.require(what)
    if guest.contact is None:
        raise NotHere
    return guest.contact


def _instead(contact: Contact, sent: Sent) -> Wanted | None:
    """What takes the place of what: "email" or "sms" for one more, or the id of one of their own addresses."""
    chosen = sent.one("instead")
    if chosen in KINDS:
        return Wanted(chosen, sent.one("value"))
    old = next((one for one in contact.addresses if str(one.id) == chosen), None)
    return Wanted(old.channel, sent.one("value"), old.id) if old is not None else None


def _shown(
    portal: Portal, guest: Guest, status: int = 200, *, recorded: str = "", errors: dict[str, str] | None = None
) -> Response:
    contact = _contact(guest, "details")
    kinds = {one.channel for one in contact.addresses}
    link = preferences_url(
        Doorplate(portal.doorplate.key, "https://here.invalid"), contact_id=contact.id,
        channel=next(iter(sorted(kinds)), "email"), address=None,
    )  # fmt: skip
    return guest.page(
        "my_details.html", status, here="details", contact=contact, languages=LANGUAGES,
        channels=[one for one in CHANNELS if REACHED_BY[one] in kinds],
        addresses=[(one.channel, one.value if guest.is_proven else masked(one.value), one.failed_at is None)
                   for one in contact.addresses],
        preferences=f"/preferences/{link.rsplit('/', 1)[-1]}" if link else None, told=recorded, errors=errors or {},
    )  # fmt: skip


def _form(
    guest: Guest, status: int = 200, *, sent: Sent | None = None, errors: dict[str, str] | None = None
) -> Response:
    contact = _contact(guest, "new_address")
    return guest.page(
        "my_address.html", status, here="details", addresses=contact.addresses, kinds=KINDS, pending=None,
        sent=sent.shown() if sent else {}, errors=errors or {},
    )  # fmt: skip


def _code_form(
    portal: Portal, guest: Guest, pending: Pending, status: int = 200, *, errors: dict[str, str] | None = None
) -> Response:
    wanted = pending.wanted
    signed = portal.doorplate.sign(
        PURPOSE, guest.visit_id.hex, wanted.channel, wanted.value, wanted.old_id.hex if wanted.old_id else "",
        pending.code_id.hex,
    )  # fmt: skip
    return guest.page(
        "my_address.html", status, here="details", addresses=(), kinds=(), pending=signed, to=wanted.value,
        errors=errors or {},
    )  # fmt: skip


def _read(doorplate: Doorplate, guest: Guest, signed: str) -> Pending | None:
    """The change that waits for its code; None when it is not ours, or another visit's."""
    parts = doorplate.read(PURPOSE, signed)
    if parts is None or len(parts) != 5 or parts[0] != guest.visit_id.hex:
        return None
    _, channel, value, old, code = parts
    return Pending(Wanted(channel, value, UUID(old) if old else None), UUID(code))
