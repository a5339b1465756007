"""Which adapter stands behind each port, as the settings say."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from fastapi import APIRouter

from app.installation import doorplate
from app.settings import Settings, settings
from channels.captured import Captured
from channels.sendgrid_carrier import SendGridCarrier
from channels.sendgrid_door import sendgrid_router
from channels.sendgrid_reading import read_sendgrid
from channels.sendgrid_signature import NotAPublicKey, SignatureKey
from channels.smtp_carrier import NotAMailServer, SmtpCarrier
from channels.twilio_carrier import TwilioCarrier
from channels.twilio_door import twilio_router
from channels.twilio_reading import read_twilio
from o2c_core.actions.take_in import Read
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.backoff import Patience
from o2c_core.conversations.carrier import Carrier
from o2c_core.conversations.heard import Sense
from o2c_core.conversations.routing import own_mail_addresses
from o2c_core.store.store import Store

log = logging.getLogger("parley.container")


def carriers(chosen: Settings | None = None) -> Mapping[str, Carrier]:
    """The carrier of each channel. Until a channel's keys are set, all of them, its messages are kept instead of sent."""
    chosen = chosen or settings()
    # Another worker of the same ledger may have the keys this one lacks.
    captured = Captured(steps_back=True)
    phone = _phone_carrier(chosen) or captured
    whatsapp = phone if chosen.twilio_whatsapp_sender else captured
    return {"email": _mail_carrier(chosen) or captured, "sms": phone, "whatsapp": whatsapp}


def _phone_carrier(chosen: Settings) -> Carrier | None:
    """Twilio for texts and WhatsApp, once there is an account with its token."""
    if chosen.twilio_account_sid is None or chosen.twilio_auth_token is None:
        return None
    return TwilioCarrier(
        account_sid=chosen.twilio_account_sid,
        auth_token=chosen.twilio_auth_token.get_secret_value(),
        messaging_service=chosen.twilio_messaging_service,
        sms_sender=chosen.twilio_sms_sender,
        whatsapp_sender=chosen.twilio_whatsapp_sender,
        base_url=chosen.base_url,
        api_url=chosen.twilio_api_url,
        seconds=chosen.provider_seconds,
        per_second=chosen.sms_per_second,
    )


def _mail_carrier(chosen: Settings) -> Carrier | None:
    """The mail server where one is set, else SendGrid where its key is; None where that setting cannot be one."""
    sender, seconds, per_second = chosen.mail_sender, chosen.provider_seconds, chosen.mails_per_second
    if chosen.smtp_url is None:
        if chosen.sendgrid_key is None:
            return None
        key = chosen.sendgrid_key.get_secret_value()
        return SendGridCarrier(key, sender=sender, url=chosen.sendgrid_api_url, seconds=seconds, per_second=per_second)
    try:
        return SmtpCarrier(chosen.smtp_url.get_secret_value(), sender=sender, seconds=seconds, per_second=per_second)
    except NotAMailServer:
        log.warning("PARLEY_SMTP_URL is not the address of a mail server: mail is kept, not sent")
        return None


def patience(chosen: Settings) -> Patience:
    """How long is waited before an unsure send is looked into, and before people are asked."""
    return Patience(
        stuck=chosen.stuck_seconds,
        look_up=chosen.look_up_seconds,
        not_there=chosen.ask_person_seconds / 3,
        cannot_tell=chosen.ask_person_seconds,
    )


def readers(chosen: Settings, store: Store) -> Mapping[str, Read]:
    """How what each provider delivers is made sense of."""
    plate = doorplate(chosen)

    def sendgrid(arrival: Arrival) -> Sense:
        with store.session() as session:
            own = own_mail_addresses(session)
        return read_sendgrid(arrival, doorplate=plate, own_addresses=own | _set(chosen.mail_sender))

    return {"twilio": read_twilio, "sendgrid": sendgrid}


def _set(address: str | None) -> set[str]:
    return {address.strip().lower()} if address else set()


def doors(chosen: Settings, store: Store) -> Iterator[APIRouter]:
    """The doors providers knock at; one whose key is not set, or cannot be a key, stays shut."""
    yield twilio_router(
        store=store,
        base_url=chosen.base_url,
        auth_token=chosen.twilio_auth_token.get_secret_value() if chosen.twilio_auth_token else None,
        webhook_key=chosen.twilio_webhook_key.get_secret_value() if chosen.twilio_webhook_key else None,
    )
    yield sendgrid_router(
        store=store,
        events_key=_public_key(chosen.sendgrid_events_key, "PARLEY_SENDGRID_EVENTS_KEY"),
        inbound_key=_public_key(chosen.sendgrid_inbound_key, "PARLEY_SENDGRID_INBOUND_KEY"),
        inbound_token=chosen.inbound_token.get_secret_value() if chosen.inbound_token else None,
    )


def _public_key(key: str | None, name: str) -> str | None:
    if not key:
        return None
    try:
        SignatureKey(key)
    except NotAPublicKey:
        log.warning("%s is not a public key: that door stays shut", name)
        return None
    return key
