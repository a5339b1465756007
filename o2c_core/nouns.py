"""Every mapped noun, imported once, so that the mapping is complete before the first query."""

from o2c_core.cases import complaint, dispute, numbers
from o2c_core.conversations import conversation, message
from o2c_core.customers import contact, customer, seller
from o2c_core.invoices import invoice, payment
from o2c_core.orders import order, shipment
from o2c_core.reminders import reminder
from o2c_core.store.rows import Row
from o2c_core.trail import TrailLine

__all__ = [
    "Row", "TrailLine", "complaint", "contact", "conversation", "customer", "dispute", "invoice", "message", "numbers",
    "order", "payment", "reminder", "seller", "shipment",
]  # fmt: skip

METADATA = Row.metadata
