"""What each channel has and lacks, in sentences."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from app.settings import Settings
from channels.readiness import Readiness, readiness
from tests.payloads.sendgrid import Signer

KEY = Signer().public
STRIPE = {"stripe_key": "very-secret", "stripe_webhook_key": "very-secret", "base_url": "https://pay.example"}
TWILIO = {"twilio_account_sid": "AC1", "twilio_auth_token": "tok-secret", "base_url": "https://pay.example"}
SENDGRID = {"sendgrid_key": "SG.very-secret", "mail_sender": "ar@seller.example", "base_url": "https://pay.example/"}


def rows(**given: Any) -> dict[str, Readiness]:
    nothing: dict[str, Any] = dict.fromkeys(
        name
        for name in Settings.model_fields
        if name.startswith(
            ("twilio", "sendgrid", "smtp", "inbound", "mail_sender", "base", "reply", "stripe", "mollie")
        )
    )
    secret = (
        "twilio_auth_token", "sendgrid_key", "inbound_token", "smtp_url", "stripe_key", "stripe_webhook_key", "mollie_key"
    )  # fmt: skip
    settings = Settings.model_construct(
        **nothing | {name: SecretStr(value) if name in secret else value for name, value in given.items()}
    )
    return {row.name: row for row in readiness(settings)}


def test_with_nothing_set_everything_is_captured_and_says_so() -> None:
    assert {row.state for row in rows().values()} == {"captured"}


@pytest.mark.parametrize(
    ("given", "name", "state", "says"),
    [
        (TWILIO | {"twilio_sms_sender": "+31201234567"}, "SMS", "ok", "https://pay.example/twilio/messages"),
        (TWILIO | {"twilio_messaging_service": "MG1"}, "SMS", "ok", "MG1"),
        (TWILIO | {"twilio_sms_sender": "Bakkerij"}, "SMS", "ok", "nobody can answer it"),
        (TWILIO, "SMS", "incomplete", "PARLEY_TWILIO_MESSAGING_SERVICE or PARLEY_TWILIO_SMS_SENDER"),
        (TWILIO | {"twilio_auth_token": None, "twilio_sms_sender": "+31201234567"}, "SMS", "incomplete", "PARLEY_TWILIO_AUTH_TOKEN is not set"),
        (TWILIO | {"twilio_account_sid": "SK1", "twilio_sms_sender": "+31201234567"}, "SMS", "incomplete", "begin with AC"),
        (TWILIO | {"base_url": None, "twilio_sms_sender": "+31201234567"}, "SMS", "incomplete", "PARLEY_BASE_URL is not set"),
        (TWILIO | {"base_url": "http://pay.example", "twilio_sms_sender": "+31201234567"}, "SMS", "incomplete", "not https"),
        (TWILIO | {"twilio_whatsapp_sender": "+31201234567"}, "WhatsApp", "ok", "+31201234567"),
        (TWILIO | {"twilio_whatsapp_sender": "Bakkerij"}, "WhatsApp", "incomplete", "not a number"),
        ({"twilio_whatsapp_sender": "+31201234567"}, "WhatsApp", "incomplete", "PARLEY_TWILIO_ACCOUNT_SID is not set"),
        (SENDGRID, "Mail out", "ok", "by SendGrid from ar@seller.example"),
        (SENDGRID | {"sendgrid_key": "nonsense"}, "Mail out", "incomplete", "begin with SG."),
        (SENDGRID | {"mail_sender": None}, "Mail out", "incomplete", "PARLEY_MAIL_SENDER"),
        (SENDGRID | {"smtp_url": "smtp://u:very-secret@mail.example"}, "Mail out", "ok", "mail.example:587"),
        (SENDGRID | {"smtp_url": "mail.example very-secret"}, "Mail out", "incomplete", "smtp://user:password@host:587"),
        (SENDGRID, "Mail events", "incomplete", "PARLEY_SENDGRID_EVENTS_KEY"),
        (SENDGRID | {"sendgrid_events_key": "MFk"}, "Mail events", "incomplete", "cannot be read"),
        (SENDGRID | {"sendgrid_events_key": KEY}, "Mail events", "ok", "https://pay.example/sendgrid/events"),
        (SENDGRID | {"smtp_url": "smtp://mail.example"}, "Mail events", "captured", "come back as mails"),
        (SENDGRID | {"reply_domain": "r.example"}, "Mail in", "incomplete", "shut"),
        (STRIPE, "Paying", "ok", "https://pay.example/webhooks/stripe"),
        (STRIPE | {"stripe_webhook_key": None}, "Paying", "incomplete", "PARLEY_STRIPE_WEBHOOK_KEY"),
        (STRIPE | {"base_url": None}, "Paying", "incomplete", "PARLEY_BASE_URL is not set"),
        ({"mollie_key": "very-secret", "base_url": "https://pay.example"}, "Paying", "ok", "https://pay.example/webhooks/mollie"),
        (SENDGRID | {"inbound_token": "very-secret"}, "Mail in", "incomplete", "PARLEY_REPLY_DOMAIN"),
        (SENDGRID | {"reply_domain": "r.example", "inbound_token": "very-secret"}, "Mail in", "ok", "https://pay.example/sendgrid/inbound/"),
        (SENDGRID | {"reply_domain": "r.example", "sendgrid_inbound_key": KEY}, "Mail in", "ok", "https://pay.example/sendgrid/inbound."),
        (SENDGRID | {"reply_domain": "r.example", "sendgrid_inbound_key": "x"}, "Mail in", "incomplete", "cannot be read"),
    ],
)  # fmt: skip
def test_each_channel_says_what_it_has_or_lacks(given: dict[str, Any], name: str, state: str, says: str) -> None:
    all_rows = rows(**{key: value for key, value in given.items() if value is not None})
    assert (all_rows[name].state, says in all_rows[name].detail) == (state, True), all_rows[name]
    assert "secret" not in str(all_rows)
