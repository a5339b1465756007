"""What a timeline is made of: for every kind of event, where it is read and what its sentence names."""

from __future__ import annotations

from dataclasses import dataclass

_ZONE = "(SELECT zone FROM place)"


@dataclass(frozen=True)
class Branch:
    """One kind of event of one customer, in SQL.

    `when` is a date column or a moment. Of a date, rows later than the cursor's day are left to the index; a moment has no
    index of its own for one customer, who has few of them.
    """

    rank: int
    subject: str
    when: str
    is_day: bool
    source: str
    id: str
    number: str = "NULL"
    amount: str = "NULL"
    currency: str = "NULL"
    said: str = "'{}'::jsonb"
    message: str = "NULL"

    def sql(self, goes_on: bool) -> str:
        """The branch as a query; `goes_on` when it takes only what is older than a cursor."""
        at = f"({self.when}::timestamp AT TIME ZONE {_ZONE})" if self.is_day else self.when
        rows = f"""SELECT {at} AS at, {self.rank} AS rank, {self.id} AS id, '{self.subject}' AS subject,
            {"false" if self.is_day else "true"} AS is_moment, {self.number}::text AS number,
            {self.amount}::bigint AS minor, {self.currency}::text AS currency, {self.said} AS said,
            {self.message}::uuid AS message_id
            FROM {self.source}"""  # noqa: S608 (made of constants)
        if self.is_day:
            if goes_on:
                rows += f" AND {self.when} <= (:at AT TIME ZONE {_ZONE})::date"
            # Ordered by the column itself, which the index is on, and not by the moment made of it.
            rows += f" ORDER BY {self.when} DESC, {self.id} DESC"
        return rows


def _json(**values: str) -> str:
    """A JSON object of those columns, without the ones that are empty."""
    pairs = ", ".join(f"'{name}', {column}" for name, column in values.items())
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


_OF = "x.customer_id = :customer"
_INVOICE = "(SELECT i.number FROM invoice i WHERE i.id = x.invoice_id)"
_MONEY = {"amount": "x.amount_minor", "currency": "x.currency"}
_SHIPMENT = f"orders o JOIN shipment x ON x.order_id = o.id WHERE {_OF.replace('x.', 'o.')}"
_MESSAGES = "conversation c JOIN message x ON x.conversation_id = c.id WHERE c.customer_id = :customer"
_MESSAGE = _json(channel="x.channel", author="x.author", purpose="x.purpose", state="x.delivery",
                 title="coalesce(x.subject, left(x.text, 140))",
                 until_at="CASE WHEN x.delivery = 'queued' THEN x.not_before END",
                 failed_why="CASE WHEN x.delivery = 'failed' THEN x.failed_why END")  # fmt: skip
# What a person decides about before it leaves: it waits for them, or they have let it go.
_DRAFTED = "x.direction = 'out' AND x.purpose = 'reminder' AND (x.delivery = 'draft' OR x.approved_at IS NOT NULL)"
_DRAFT = _json(title="x.subject", channel="x.channel")
# A step that is taken by phone is kept as one left out, and is told as the call.
_THEIRS = "x.invoice_id IN (SELECT i.id FROM invoice i WHERE i.customer_id = :customer) AND x.by <> 'a call'"
_CALLS = f"task x WHERE {_OF} AND x.kind = 'call'"
_CALL = {"amount": "(x.details->>'asked_minor')", "currency": "(x.details->>'currency')"}
_ASKED = {"amount": "x.principal_minor + x.interest_minor + x.fixed_minor", "currency": "x.currency"}
_RULE = "(SELECT r.document->>'title' FROM escalation_rule r WHERE r.id = x.rule_id)"
_PROMISE = _json(promised_on="x.promised_on", grace_days="x.grace_days")
_PLAN = {
    "amount": "(SELECT sum(p.amount_minor) FROM plan_part p WHERE p.plan_id = x.id)",
    "currency": "x.currency",
    "said": _json(parts="(SELECT count(*) FROM plan_part p WHERE p.plan_id = x.id)",
                  until_on="(SELECT max(p.due_on) FROM plan_part p WHERE p.plan_id = x.id)"),
}  # fmt: skip


def _day(subject: str, source: str, when: str, **columns: str) -> tuple[str, str, str, bool, dict[str, str]]:
    return subject, source, when, True, columns


def _moment(subject: str, source: str, when: str, **columns: str) -> tuple[str, str, str, bool, dict[str, str]]:
    return subject, source, when, False, columns


# In the order in which things of one day happen: an order before its invoice, an invoice before what pays it.
_KINDS = {
    "order_placed": _day("order", f"orders x WHERE {_OF}", "x.ordered_on",
        number="x.number", said=_json(purchase_order="x.purchase_order", expected_on="x.expected_on")),
    "order_confirmed": _day("order", f"orders x WHERE {_OF}", "x.confirmed_on", number="x.number"),
    "shipment_left": _day("shipment", _SHIPMENT, "x.shipped_on", number="x.tracking_number",
        said=_json(order="o.number", carrier="x.carrier", expected_on="x.expected_on")),
    "shipment_delivered": _day("shipment", _SHIPMENT, "x.delivered_on", number="x.tracking_number",
        said=_json(order="o.number", received_by="x.received_by", proof="x.proof_kind", proof_reference="x.proof_reference")),
    "invoice_issued": _day("invoice", f"invoice x WHERE {_OF}", "x.issued_on", number="x.number",
        amount="x.total_minor", currency="x.currency", said=_json(due_on="x.due_on", purchase_order="x.purchase_order")),
    "credit_note_issued": _day("credit_note", f"credit_note x WHERE {_OF}", "x.issued_on", number="x.number",
        amount="x.total_minor", currency="x.currency", said=_json(invoice=_INVOICE)),
    "reminder_drafted": _moment("message", f"{_MESSAGES} AND {_DRAFTED}", "x.created_at", said=_DRAFT, message="x.id"),
    "reminder_approved": _moment("message", f"{_MESSAGES} AND {_DRAFTED}", "x.approved_at",
        said=_json(title="x.subject", by="x.approved_by"), message="x.id"),
    "reminder_skipped": _moment("reminder_skip", f"reminder_skip x WHERE {_THEIRS}", "x.skipped_at", number=_INVOICE,
        said=_json(rung="x.rung", why="x.why", by="x.by")),
    # What only waits, or nobody knows to have arrived, has reminded nobody yet.
    "reminded": _day("reminder",
        f"reminder x JOIN message m ON m.id = x.message_id WHERE {_OF} AND m.delivery IN ('sent', 'delivered')",
        'x."on"', number=_INVOICE, amount="x.open_minor",
        currency="(SELECT i.currency FROM invoice i WHERE i.id = x.invoice_id)", said=_json(rung="x.rung", days="x.days"),
        message="x.message_id"),
    "call_asked": _moment("task", _CALLS, "x.opened_at",
        said=_json(owner="x.owner", due_at="x.due_at", numbers="jsonb_path_query_array(x.details, '$.invoices[*].number')"),
        **_CALL),
    "call_closed": _moment("task", _CALLS, "x.done_at", said=_json(how="x.done_how", by="x.done_by"), **_CALL),
    "payment_received": _day("payment", f"payment x WHERE {_OF}", "x.received_on", number="x.reference", **_MONEY,
        said=_json(method="x.method")),
    "payment_returned": _day("payment_return", f"payment_return x WHERE {_OF}", "x.returned_on", **_MONEY,
        said=_json(kind="x.kind", reason="x.reason")),
    "written_off": _day("write_off", f"write_off x WHERE {_OF}", "x.written_off_on", number=_INVOICE, **_MONEY,
        said=_json(reason="x.reason", words="x.words", by="x.by")),
    "payment_said": _moment("payment_said", f"payment_said x WHERE {_OF}", "x.said_at", **_MONEY,
        said=_json(paid_on="x.paid_on", until_on="x.until_on", words="x.words"), message="x.message_id"),
    "promise_made": _moment("promise", f"promise x WHERE {_OF}", "x.made_at", **_MONEY, said=_PROMISE,
        message="x.message_id"),
    "promise_kept": _day("promise", f"promise x WHERE {_OF} AND x.state = 'kept'", "x.settled_on", **_MONEY, said=_PROMISE),
    "promise_broken": _day("promise", f"promise x WHERE {_OF} AND x.state = 'broken'", "x.settled_on", **_MONEY,
        said=_PROMISE),
    "plan_proposed": _moment("plan", f"payment_plan x WHERE {_OF}", "x.proposed_at", number="x.number",
        message="x.message_id", **_PLAN),
    "plan_started": _day("plan", f"payment_plan x WHERE {_OF}", "x.started_on", number="x.number", **_PLAN),
    "plan_declined": _moment("plan", f"payment_plan x WHERE {_OF} AND x.state = 'declined'", "x.answered_at",
        number="x.number", **_PLAN),
    "plan_kept": _day("plan", f"payment_plan x WHERE {_OF} AND x.state = 'kept'", "x.settled_on", number="x.number", **_PLAN),
    "plan_broken": _day("plan", f"payment_plan x WHERE {_OF} AND x.state = 'broken'", "x.settled_on", number="x.number",
        **_PLAN),
    "dispute_opened": _moment("dispute", f"dispute x WHERE {_OF}", "x.opened_at", number="x.number", **_MONEY,
        said=_json(invoice=_INVOICE, reason="x.reason", answer_by="x.answer_by"), message="x.message_id"),
    "dispute_resolved": _moment("dispute", f"dispute x WHERE {_OF}", "x.resolved_at", number="x.number", **_MONEY,
        said=_json(invoice=_INVOICE, outcome="x.outcome", resolution="x.resolution")),
    "document_problem_opened": _moment("document_problem", f"document_problem x WHERE {_OF}", "x.opened_at",
        number=_INVOICE, said=_json(kind="x.kind", wanted="x.wanted"), message="x.message_id"),
    "document_problem_closed": _day("document_problem", f"document_problem x WHERE {_OF}", "x.settled_on",
        number=_INVOICE, said=_json(kind="x.kind", outcome="x.state", resolution="x.resolution", by="x.by")),
    "complaint_opened": _moment("complaint", f"complaint x WHERE {_OF}", "x.opened_at", number="x.number",
        said=_json(category="x.category", severity="x.severity", answer_by="x.answer_by"), message="x.message_id"),
    "complaint_resolved": _moment("complaint", f"complaint x WHERE {_OF}", "x.resolved_at", number="x.number",
        said=_json(resolution="x.resolution")),
    "notice_sent": _moment("formal_notice", f"formal_notice x WHERE {_OF}", "x.sent_at", number="x.number",
        said=_json(way="x.way", by="x.approved_by"), message="x.message_id", **_ASKED),
    "notice_delivered": _day("formal_notice", f"formal_notice x WHERE {_OF} AND x.state = 'delivered'", "x.received_on",
        number="x.number", said=_json(proof="x.proof", deadline_on="x.deadline_on"), **_ASKED),
    # A trial did nothing, so nothing happened.
    "escalation_opened": _moment("escalation", f"escalation x WHERE {_OF} AND NOT x.is_trial", "x.fired_at",
        said=_json(title=_RULE, owner="x.owner")),
    "escalation_closed": _moment("escalation", f"escalation x WHERE {_OF} AND NOT x.is_trial",
        "coalesce(x.closed_at, x.ended_at)",
        said=_json(title=_RULE, how="coalesce(x.closed_how, x.ended_why)", by="x.closed_by")),
    "hold_placed": _moment("hold", f"hold x WHERE {_OF}", "x.created_at", number=_INVOICE,
        said=_json(kind="x.kind", reason="x.reason", owner="x.owner", until_on="x.until_on"), message="x.message_id"),
    "hold_ended": _day("hold", f"hold x WHERE {_OF}", "x.ended_on", number=_INVOICE,
        said=_json(kind="x.kind", why="x.ended_why")),
    "consent_noted": _moment("consent", "contact k JOIN consent x ON x.contact_id = k.id WHERE k.customer_id = :customer",
        "x.at", said=_json(is_given="x.is_given", channel="x.channel", purpose="x.purpose", how="x.how", contact="k.name"),
        message="x.message_id"),
    "message_in": _moment("message", f"{_MESSAGES} AND x.direction = 'in'", "x.created_at", said=_MESSAGE, message="x.id"),
    "message_out": _moment("message", f"{_MESSAGES} AND x.direction = 'out' AND x.delivery IS DISTINCT FROM 'draft'",
        "x.created_at", said=_MESSAGE, message="x.id"),
}  # fmt: skip

KINDS = tuple(_KINDS)
BRANCHES = {
    kind: Branch(rank, subject, when, is_day, f"{source} AND {when} IS NOT NULL", "x.id", **columns)
    for rank, (kind, (subject, source, when, is_day, columns)) in enumerate(_KINDS.items())
}
