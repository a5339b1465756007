"""Every setting of Parley, read from the environment once: the only place that looks there."""

from __future__ import annotations

import os
import secrets
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from o2c_core.errors import Refused


class BadSetting(Refused):
    """A setting has a value it cannot have."""


class Settings(BaseSettings):
    """The settings; each is an environment variable `PARLEY_…` or a line in a file `.env` in the working folder."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", env_file=".env", extra="ignore")

    data: Path = Field(
        Path(".parley"), description="Folder of the embedded database, the embedded Chroma and the signing key."
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL to use instead of the embedded one: postgresql://user:password@host/name."
    )
    chroma_url: str | None = Field(
        None, description="Chroma server to use instead of the embedded one: http://host:8000."
    )
    host: str = Field("127.0.0.1", description="Address the web application listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web application listens on.")
    web_processes: int = Field(1, ge=1, le=64, description="How many processes serve the web application.")
    base_url: str | None = Field(
        None, description="Public address of this installation, as customers see it: https://…."
    )
    secret: SecretStr | None = Field(
        None, description="Key that signs chat tokens; made and kept in the data folder when not set."
    )
    demo: bool = Field(False, description="Whether visitors may pick a demo customer to be. Set by `parley demo` only.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")
    model: str | None = Field(
        None,
        description="Chat model for the assistant: openai:gpt-…, anthropic:claude-…, ollama:…; embedded if not set.",
    )
    model_key: SecretStr | None = Field(None, description="Key for that model's provider.")
    model_base_url: str | None = Field(
        None, description="Address of an OpenAI-compatible server, or of Ollama, for that model."
    )
    model_seconds: float = Field(
        12.0, gt=0, description="Seconds that model may take for one turn in all, before the embedded one answers."
    )
    model_calls_per_turn: int = Field(6, ge=1, description="How often that model may be called for one message.")
    model_tokens_per_turn: int = Field(
        40_000, ge=1, description="Tokens after which that model is not called again for one message."
    )
    model_calls_per_conversation: int = Field(
        200, ge=1, description="Calls of that model after which the embedded one answers the rest of a conversation."
    )
    model_tokens_per_conversation: int = Field(
        600_000, ge=1, description="Tokens after which the embedded model answers the rest of a conversation."
    )
    model_price_in: Decimal | None = Field(
        None,
        ge=0,
        description="What that model's provider asks for a million tokens it reads: the cost is kept per call.",
    )
    model_price_out: Decimal | None = Field(None, ge=0, description="The same for a million tokens it writes.")
    model_price_currency: str = Field(
        "USD", pattern="^[A-Z]{3}$", description="Currency of those two prices, as ISO 4217 writes it."
    )
    rephrase_reminders: bool = Field(
        False, description="Whether that model may put a reminder in other words, for a draft that a person approves."
    )
    reply_domain: str | None = Field(
        None, description="Domain whose mail SendGrid's Inbound Parse brings here; replies are addressed to it."
    )
    twilio_account_sid: str | None = Field(
        None, description="Twilio account: AC…. Texts are kept, not sent, without it."
    )
    twilio_auth_token: SecretStr | None = Field(
        None, description="Twilio's token: signs in there, and checks its calls."
    )
    twilio_webhook_key: SecretStr | None = Field(
        None, description="Key of Twilio's HMAC-SHA256 webhook signatures, where the account uses them."
    )
    twilio_messaging_service: str | None = Field(None, description="Twilio messaging service to send from: MG….")
    twilio_sms_sender: str | None = Field(
        None,
        description="Number or name texts come from, where the seller has none of its own and there is no service.",
    )
    twilio_whatsapp_sender: str | None = Field(None, description="Number WhatsApp messages come from: +31….")
    twilio_api_url: str | None = Field(None, description="Another address for Twilio's API: a region, or a stand-in.")
    sendgrid_key: SecretStr | None = Field(None, description="SendGrid key: SG…. Mail is kept, not sent, without it.")
    sendgrid_api_url: str | None = Field(
        None, description="Another address for SendGrid's API: https://api.eu.sendgrid.com."
    )
    sendgrid_events_key: str | None = Field(
        None, description="Public key SendGrid signs its events with. Without it that door stays shut."
    )
    sendgrid_inbound_key: str | None = Field(None, description="Public key SendGrid signs inbound mail with.")
    inbound_token: SecretStr | None = Field(
        None, description="Secret in the address of the inbound mail door, where SendGrid does not sign it."
    )
    smtp_url: SecretStr | None = Field(
        None, description="Mail server to send by instead of SendGrid: smtp://user:password@host:587."
    )
    mail_sender: str | None = Field(None, description="Address mail comes from, where the seller has none of its own.")
    stripe_key: SecretStr | None = Field(
        None, description="Stripe's key: sk_…. Customers pay on its page; without a provider they transfer."
    )
    stripe_webhook_key: SecretStr | None = Field(
        None, description="Key of Stripe's webhook endpoint: whsec_…. Nothing it says is believed without it."
    )
    stripe_api_url: str | None = Field(None, description="Another address for Stripe's API: a stand-in.")
    mollie_key: SecretStr | None = Field(
        None, description="Mollie's key: live_…. Customers pay on its page, where Stripe is not set."
    )
    mollie_webhook_key: SecretStr | None = Field(
        None, description="Key of Mollie's next-gen webhooks, where they are used; the others carry no signature."
    )
    mollie_api_url: str | None = Field(None, description="Another address for Mollie's API: a stand-in.")
    sms_per_second: float = Field(1.0, gt=0, description="How many texts a second one sender may send.")
    mails_per_second: float = Field(10.0, gt=0, description="How many mails a second one sender may send.")
    provider_seconds: float = Field(10.0, gt=0, description="Seconds to wait for a provider's answer to a message.")
    stuck_seconds: float = Field(
        300.0, gt=0, description="Seconds after which a message that is still being sent counts as uncertain."
    )
    look_up_seconds: float = Field(
        60.0,
        gt=0,
        description="Seconds before a provider is first asked about an uncertain message; it is asked ever less often.",
    )
    ask_person_seconds: float = Field(
        1800.0, gt=0, description="Seconds after which a message nobody can tell about is put before a person."
    )
    gather_seconds: float = Field(
        3.0, ge=0, le=60, description="Seconds a text that seems unfinished waits for the rest before it is answered."
    )
    webhooks_private: bool = Field(
        False, description="Whether webhooks may go to http and to private addresses: for an intranet, and for tests."
    )

    oidc_issuer: str | None = Field(
        None, description="The organisation's own sign-in for the desk: the issuer's address, as it writes it itself."
    )
    oidc_client_id: str | None = Field(None, description="What that sign-in calls this installation.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Secret of that client; a public client has none, as PKCE is always used."
    )
    oidc_role_claim: str = Field("groups", description="Claim of its tokens that names somebody's groups.")
    oidc_roles: str | None = Field(
        None,
        description="Role of each group: Parley-Agents=agent, Parley-Admins=admin. Set, the groups decide who comes in.",
    )
    oidc_trust_email: bool = Field(
        False, description="Whether its email addresses count as verified where it does not say, as with Entra ID."
    )

    @property
    def is_embedded_database(self) -> bool:
        return self.database_url is None

    def signing_key(self) -> str:
        """The key that signs chat tokens; the same for every process that shares the data folder."""
        if self.secret is not None:
            return self.secret.get_secret_value()
        kept = self.data / "secret"
        if not kept.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            fresh = kept.with_name(f"secret.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:
                kept.hardlink_to(fresh)  # whoever comes second finds the first one's key
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return kept.read_text()


@lru_cache
def settings() -> Settings:
    """The settings of this process.

    Raises: BadSetting, naming the setting and never its value.
    """
    try:
        return Settings()
    except ValidationError as odd:
        first = odd.errors()[0]
        name = "PARLEY_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadSetting(f"{name} has a value it cannot have: {first['msg']}.") from odd


def pass_on(chosen: Settings) -> None:
    """Lets processes started from here find the same settings, also those that came from the command line."""
    for name in chosen.model_fields_set:
        value = getattr(chosen, name)
        if value is not None:
            shown = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            os.environ[f"PARLEY_{name.upper()}"] = shown


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment with other Parley settings, for a process started with them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return kept | {f"PARLEY_{name.upper()}": value for name, value in changes.items()}
