"""Which adapter stands behind each port, as the settings say."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from fastapi import APIRouter

from app.installation import doorplate
from app.settings import Settings, settings
from channels.captured import Captured
from channels.captured_payments import CapturedPayments, captured_pages
from channels.mollie_payments import MolliePayments
from channels.payment_door import payment_router
from channels.sendgrid_carrier import SendGridCarrier
from channels.sendgrid_door import sendgrid_router
from channels.sendgrid_reading import read_sendgrid
from channels.sendgrid_signature import NotAPublicKey, SignatureKey
from channels.smtp_carrier import NotAMailServer, SmtpCarrier
from channels.stripe_payments import StripePayments
from channels.twilio_carrier import TwilioCarrier
from channels.twilio_door import twilio_router
from channels.twilio_reading import read_twilio
from o2c_core.actions.take_in import Read
from o2c_core.clock import Clock
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.backoff import Patience
from o2c_core.conversations.carrier import Carrier
from o2c_core.conversations.heard import Sense
from o2c_core.conversations.routing import own_mail_addresses
from o2c_core.invoices.pay_provider import PayProvider
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


def pay_providers(chosen: Settings, clock: Clock) -> Mapping[str, PayProvider]:
    """The providers customers can be sent to, the one that is used for new payments first; none where none is set.

    One that was replaced stays as long as its keys do: what was begun with it is settled with it. The page that plays a
    provider is the demo's alone.
    """
    found: list[PayProvider] = []
    seconds = chosen.provider_seconds
    if chosen.stripe_key is not None and chosen.stripe_webhook_key is None:
        log.warning("PARLEY_STRIPE_KEY is set without PARLEY_STRIPE_WEBHOOK_KEY: nobody is sent to Stripe")
    elif chosen.stripe_key is not None and chosen.stripe_webhook_key is not None:
        keys = chosen.stripe_key.get_secret_value(), chosen.stripe_webhook_key.get_secret_value()
        found.append(StripePayments(keys[0], webhook_key=keys[1], api_url=chosen.stripe_api_url, seconds=seconds))
    if chosen.mollie_key is not None:
        key, webhook_key = chosen.mollie_key.get_secret_value(), chosen.mollie_webhook_key
        found.append(
            MolliePayments(
                key,
                webhook_key=webhook_key.get_secret_value() if webhook_key else None,
                api_url=chosen.mollie_api_url,
                seconds=seconds,
            )
        )
    if not found and chosen.demo and chosen.base_url:
        found.append(CapturedPayments(chosen.signing_key(), page_url=chosen.base_url, clock=clock))
    return {provider.name: provider for provider in found}


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
    providers = pay_providers(chosen, store.clock)
    yield payment_router(store=store, providers=providers.values())
    if "captured" in providers:
        yield captured_pages(chosen.signing_key())


def _public_key(key: str | None, name: str) -> str | None:
    if not key:
        return None
    try:
        SignatureKey(key)
    except NotAPublicKey:
        log.warning("%s is not a public key: that door stays shut", name)
        return None
    return key
