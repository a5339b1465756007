"""What each channel has been given and what it lacks, in sentences for the person who sets it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from channels.sendgrid_signature import NotAPublicKey, SignatureKey
from channels.smtp_carrier import MailServer, NotAMailServer

State = Literal["ok", "captured", "incomplete"]


class Secret(Protocol):
    """A setting that does not show itself."""

    def get_secret_value(self) -> str: ...


class ChannelSettings(Protocol):
    """The settings that channels are made of; None where one is not set."""

    @property
    def base_url(self) -> str | None: ...
    @property
    def reply_domain(self) -> str | None: ...
    @property
    def twilio_account_sid(self) -> str | None: ...
    @property
    def twilio_auth_token(self) -> Secret | None: ...
    @property
    def twilio_messaging_service(self) -> str | None: ...
    @property
    def twilio_sms_sender(self) -> str | None: ...
    @property
    def twilio_whatsapp_sender(self) -> str | None: ...
    @property
    def sendgrid_key(self) -> Secret | None: ...
    @property
    def sendgrid_events_key(self) -> str | None: ...
    @property
    def sendgrid_inbound_key(self) -> str | None: ...
    @property
    def inbound_token(self) -> Secret | None: ...
    @property
    def smtp_url(self) -> Secret | None: ...
    @property
    def mail_sender(self) -> str | None: ...
    @property
    def stripe_key(self) -> Secret | None: ...
    @property
    def stripe_webhook_key(self) -> Secret | None: ...
    @property
    def mollie_key(self) -> Secret | None: ...


@dataclass(frozen=True)
class Readiness:
    """One channel: it works, it keeps instead of sending, or it was set up in part and `detail` says what is missing."""

    name: str
    state: State
    detail: str


def readiness(settings: ChannelSettings) -> list[Readiness]:
    """Every channel's row, in the order people ask about them. No secret is repeated."""
    return [
        _texts(settings), _whatsapp(settings), _mail_out(settings), _mail_events(settings), _mail_in(settings),
        _paying(settings),
    ]  # fmt: skip


def _texts(settings: ChannelSettings) -> Readiness:
    if not settings.twilio_account_sid and not settings.twilio_auth_token:
        return Readiness(
            "SMS",
            "captured",
            "Texts are kept, not sent: PARLEY_TWILIO_ACCOUNT_SID and PARLEY_TWILIO_AUTH_TOKEN are not set.",
        )
    missing = _twilio_missing(settings)
    sender = settings.twilio_messaging_service or settings.twilio_sms_sender
    if not sender:
        missing.append(
            "There is no sender: set PARLEY_TWILIO_MESSAGING_SERVICE or PARLEY_TWILIO_SMS_SENDER, or give every seller a number."
        )
    if missing:
        return Readiness("SMS", "incomplete", " ".join(missing))
    detail = f"Texts go out by Twilio from {sender}."
    if not settings.twilio_messaging_service and _is_name(sender or ""):
        detail += (
            " That is a name and not a number: nobody can answer it, so its texts say no “reply STOP” but carry a link."
        )
    return Readiness("SMS", "ok", f"{detail} Twilio is to call {_public(settings)}/twilio/messages.")


def _whatsapp(settings: ChannelSettings) -> Readiness:
    if not settings.twilio_whatsapp_sender:
        return Readiness(
            "WhatsApp", "captured", "WhatsApp messages are kept, not sent: PARLEY_TWILIO_WHATSAPP_SENDER is not set."
        )
    missing = _twilio_missing(settings)
    if _is_name(settings.twilio_whatsapp_sender):
        missing.append("PARLEY_TWILIO_WHATSAPP_SENDER is not a number: it looks like +31201234567.")
    if missing:
        return Readiness("WhatsApp", "incomplete", " ".join(missing))
    return Readiness("WhatsApp", "ok", f"WhatsApp messages go out by Twilio from {settings.twilio_whatsapp_sender}.")


def _mail_out(settings: ChannelSettings) -> Readiness:
    smtp, key = settings.smtp_url, settings.sendgrid_key
    if not smtp and not key:
        return Readiness(
            "Mail out", "captured", "Mails are kept, not sent: neither PARLEY_SENDGRID_KEY nor PARLEY_SMTP_URL is set."
        )
    missing, by = [], "SendGrid"
    if smtp:
        try:
            server = MailServer.read(smtp.get_secret_value())
            by = f"the mail server {server.host}:{server.port}"
        except NotAMailServer as odd:
            missing.append(f"PARLEY_SMTP_URL cannot be read. {odd}")
    elif key and not key.get_secret_value().startswith("SG."):
        missing.append("PARLEY_SENDGRID_KEY is no key of SendGrid's: those begin with SG.")
    if not settings.mail_sender:
        missing.append(
            "There is no address mail comes from: set PARLEY_MAIL_SENDER, unless every seller has one of its own."
        )
    if missing:
        return Readiness("Mail out", "incomplete", " ".join(missing))
    return Readiness("Mail out", "ok", f"Mails go out by {by} from {settings.mail_sender}.")


def _mail_events(settings: ChannelSettings) -> Readiness:
    name = "Mail events"
    if not settings.sendgrid_key or settings.smtp_url:
        what = "bounces come back as mails" if settings.smtp_url else "no mail is sent by SendGrid"
        return Readiness(name, "captured", f"SendGrid tells nothing: {what}.")
    if not settings.sendgrid_events_key:
        why = "What bounces, and who complains of spam, is not heard: set PARLEY_SENDGRID_EVENTS_KEY."
        return Readiness(name, "incomplete", why)
    missing = _key_missing("PARLEY_SENDGRID_EVENTS_KEY", settings.sendgrid_events_key) + _address_missing(settings)
    if missing:
        return Readiness(name, "incomplete", " ".join(missing))
    return Readiness(name, "ok", f"SendGrid is to post its signed events to {_public(settings)}/sendgrid/events.")


def _mail_in(settings: ChannelSettings) -> Readiness:
    name, has_door = "Mail in", bool(settings.sendgrid_inbound_key or settings.inbound_token)
    if not settings.reply_domain and not has_door:
        return Readiness(
            name, "captured", "No mail comes in: neither PARLEY_REPLY_DOMAIN nor a key or token for its door is set."
        )
    missing = []
    if not settings.reply_domain:
        missing.append("Replies have no address: set PARLEY_REPLY_DOMAIN to the domain whose MX is mx.sendgrid.net.")
    if not has_door:
        missing.append(
            "The door for mail is shut: set PARLEY_SENDGRID_INBOUND_KEY, or PARLEY_INBOUND_TOKEN where SendGrid does not sign."
        )
    if settings.sendgrid_inbound_key:
        missing += _key_missing("PARLEY_SENDGRID_INBOUND_KEY", settings.sendgrid_inbound_key)
    missing += _address_missing(settings)
    if missing:
        return Readiness(name, "incomplete", " ".join(missing))
    door = "/sendgrid/inbound" + ("" if settings.sendgrid_inbound_key else "/ and the inbound token")
    return Readiness(name, "ok", f"Mail to {settings.reply_domain} is to be posted, raw, to {_public(settings)}{door}.")


def _paying(settings: ChannelSettings) -> Readiness:
    name, stripe, mollie = "Paying", settings.stripe_key, settings.mollie_key
    if not stripe and not mollie:
        why = "Customers pay by transfer: neither PARLEY_STRIPE_KEY nor PARLEY_MOLLIE_KEY is set."
        return Readiness(name, "captured", why)
    missing = _address_missing(settings)
    if stripe and not settings.stripe_webhook_key:
        missing.append("Stripe is believed by its webhooks alone: set PARLEY_STRIPE_WEBHOOK_KEY.")
    if missing:
        return Readiness(name, "incomplete", " ".join(missing))
    if stripe:
        detail = f"Customers can pay at Stripe, which is to call {_public(settings)}/webhooks/stripe."
    else:
        detail = f"Customers can pay at Mollie, which calls {_public(settings)}/webhooks/mollie."
    return Readiness(name, "ok", detail)


def _twilio_missing(settings: ChannelSettings) -> list[str]:
    missing = []
    if not settings.twilio_account_sid:
        missing.append("PARLEY_TWILIO_ACCOUNT_SID is not set.")
    elif not settings.twilio_account_sid.startswith("AC"):
        missing.append("PARLEY_TWILIO_ACCOUNT_SID is no account: those begin with AC.")
    if not settings.twilio_auth_token:
        missing.append("PARLEY_TWILIO_AUTH_TOKEN is not set.")
    return missing + _address_missing(settings)


def _address_missing(settings: ChannelSettings) -> list[str]:
    if not settings.base_url:
        return ["PARLEY_BASE_URL is not set, so nothing can call us: no answers, and no word of what was delivered."]
    return [] if settings.base_url.startswith("https://") else ["PARLEY_BASE_URL is not https, which providers call."]


def _key_missing(name: str, key: str) -> list[str]:
    try:
        SignatureKey(key)
    except NotAPublicKey as odd:
        return [f"{name} cannot be read. {odd}"]
    return []


def _public(settings: ChannelSettings) -> str:
    return (settings.base_url or "").rstrip("/")


def _is_name(sender: str) -> bool:
    return not sender.removeprefix("+").replace(" ", "").isdigit()
