"""Every mapped noun, imported once, so that the mapping is complete before the first query."""

from o2c_core.cases import complaint, dispute, document_problem, hold, numbers, payment_said, plan, promise
from o2c_core.conversations import (
    access_link,
    arrival,
    conversation,
    desk,
    door_count,
    handoff,
    host_token,
    message,
    model_call,
    one_time_code,
    proposal,
    rating,
    received_file,
    road,
    task,
)
from o2c_core.customers import consent, contact, customer, seller, site
from o2c_core.escalations import approval, escalation, rule
from o2c_core.informing import informed
from o2c_core.integrations import api_key, webhook
from o2c_core.invoices import bank, invoice, online_payment, payment
from o2c_core.notices import formal_notice
from o2c_core.orders import order, shipment
from o2c_core.reminders import reminder
from o2c_core.staff import user
from o2c_core.store.rows import Row
from o2c_core.trail import TrailLine

__all__ = [
    "Row", "TrailLine", "access_link", "api_key", "approval", "arrival", "bank", "complaint", "consent", "contact",
    "conversation", "customer", "desk", "dispute", "document_problem", "door_count", "escalation", "formal_notice",
    "handoff", "hold", "host_token", "informed", "invoice", "message", "model_call", "numbers", "one_time_code",
    "online_payment", "order", "payment", "payment_said", "plan", "promise", "proposal", "rating", "received_file",
    "reminder", "road", "rule", "seller", "shipment", "site", "task", "user", "webhook",
]  # fmt: skip

METADATA = Row.metadata
