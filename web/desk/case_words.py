"""How cases are named at the desk: reasons, categories, outcomes and causes in plain words."""

from __future__ import annotations

from o2c_core.cases.causes import CAUSES
from o2c_core.cases.complaint import CATEGORIES, SEVERITIES
from o2c_core.cases.dispute import OUTCOMES, REASONS

KINDS = {"dispute": "Objection", "complaint": "Complaint"}
REASON_NAMES = {
    "PRICE": "Price", "QTY_SHORT": "Too few delivered", "QTY_OVER": "Too many delivered", "DAMAGED": "Damaged",
    "NOT_RECEIVED": "Not received", "LATE": "Late", "QUALITY": "Quality", "RETURNED": "Sent back",
    "DUPLICATE": "Billed twice", "WRONG_PO": "Wrong order number", "MISSING_POD": "No proof of delivery",
    "WRONG_ADDRESS": "Wrong address", "TAX": "Tax", "FREIGHT": "Freight", "DISCOUNT": "Discount",
    "NOT_ORDERED": "Not ordered", "CREDIT_MISSING": "Credit missing", "SERVICE": "Service", "FRAUD_CLAIM": "Fraud claimed",
    "OTHER": "Other reason",
}  # fmt: skip
CATEGORY_NAMES = {
    "product": "About a product", "delivery": "About a delivery", "invoice": "About an invoice", "service": "About service",
    "staff": "About somebody of ours", "data": "About data", "other": "About something else",
}  # fmt: skip
SEVERITY_NAMES = {
    "low": ("Low", "calm"),
    "normal": ("Normal", "calm"),
    "high": ("High", "warn"),
    "critical": ("Critical", "bad"),
}
OUTCOME_NAMES = {
    "credited": "Credited", "part_credited": "Credited in part", "valid_as_billed": "Stands as billed",
    "written_off": "Written off", "withdrawn": "Taken back",
}  # fmt: skip
OUTCOME_CHOICES = {
    "credited": "Credit all of it", "part_credited": "Credit a part of it", "valid_as_billed": "It stands as billed",
    "written_off": "Write it off", "withdrawn": "The customer took it back",
}  # fmt: skip
CAUSE_NAMES = {
    "product": "Product", "carrier": "Carrier", "price_list": "Price list", "picking": "Picking",
    "order_entry": "Order entry", "invoicing": "Invoicing", "service": "Service", "customer": "Customer's mistake",
    "other": "Something else",
}  # fmt: skip
_COMPLETE = (
    (REASON_NAMES, REASONS), (CATEGORY_NAMES, CATEGORIES), (SEVERITY_NAMES, SEVERITIES), (OUTCOME_NAMES, OUTCOMES),
    (OUTCOME_CHOICES, OUTCOMES), (CAUSE_NAMES, tuple(CAUSES)),
)  # fmt: skip
assert all(tuple(named) == codes for named, codes in _COMPLETE)


def why_named(code: str) -> str:
    """A reason of a dispute or a category of a complaint, in words."""
    return REASON_NAMES.get(code) or CATEGORY_NAMES.get(code) or code
