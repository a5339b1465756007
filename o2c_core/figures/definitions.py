"""What each figure is called, how it is counted and where that comes from, as the page and the reports say it."""

from __future__ import annotations

from dataclasses import dataclass

_CRF = "Credit Research Foundation, KPI definitions (crfonline.org)"


@dataclass(frozen=True)
class Definition:
    """A figure in words. `unit` is days or %; `better` says which way is good."""

    title: str
    unit: str
    meaning: str
    formula: str
    source: str
    better: str


DEFINITIONS: dict[str, Definition] = {
    "dso": Definition(
        "DSO", "days", "How many days of sales are still to be paid.",
        "Open on invoices × 365 ÷ credit sales of the last 365 days", _CRF, "lower"),
    "best_possible_dso": Definition(
        "Best-possible DSO", "days", "What the DSO would be if nobody paid late.",
        "Open and not yet due × 365 ÷ credit sales of the last 365 days", _CRF, "lower"),
    "average_days_delinquent": Definition(
        "Average days delinquent", "days", "How many days of the DSO come from paying late.",
        "DSO − best-possible DSO", _CRF, "lower"),
    "count_back_dso": Definition(
        "Count-back DSO", "days", "The same by the months in which it was really sold; a busy month does not distort it.",
        "The days of the latest months whose sales make up what is open; of the last of them, the part that is needed",
        "The count-back (exhaustion) method, as in Oracle Financial Management's documentation", "lower"),
    "collection_effectiveness": Definition(
        "Collection effectiveness (CEI)", "%", "How much of what could be collected in the last 30 days was collected.",
        "(Open 30 days ago + sales since − open now) ÷ (open 30 days ago + sales since − open now and not yet due) × 100", _CRF,
        "higher"),
    "average_days_to_pay": Definition(
        "Average days to pay", "days", "From the invoice to the money that completed its payment.",
        "Days from issue to full payment, summed ÷ invoices paid in full in the last 365 days; instalments are left out",
        "docs.upflow.io, average days to pay", "lower"),
    "percent_current": Definition(
        "Not yet due", "%", "The part of what is open that nobody is late with.",
        "Open and not yet due ÷ open on invoices × 100", _CRF, "higher"),
    "at_risk": Definition(
        "At risk", "%", "What was billed and is unpaid 90 days past its due day.",
        "Still open ÷ billed × 100, of invoices that fell due in the year that ended 90 days ago",
        "docs.upflow.io, at-risk rate", "lower"),
    "promises_kept": Definition(
        "Promises kept", "%", "Of the promises to pay that were settled, those that were kept.",
        "Kept ÷ (kept + broken) × 100 in the last 365 days; open and replaced ones are left out",
        "Promise-to-pay kept rate of collections practice", "higher"),
    "promised_amounts_kept": Definition(
        "Promised amounts kept", "%", "The same by amount.",
        "Amount of kept promises ÷ amount of kept and broken ones × 100 in the last 365 days",
        "Promise-to-pay kept rate of collections practice", "higher"),
    "dispute_median": Definition(
        "Dispute cycle, median", "days", "Half of the disputes were resolved within so many days.",
        "Median of calendar days from opening to resolving, of disputes resolved in the last 365 days",
        "Dispute cycle time of deductions management", "lower"),
    "dispute_mean": Definition(
        "Dispute cycle, mean", "days", "The average number of days until a dispute was resolved.",
        "Mean of calendar days from opening to resolving, of disputes resolved in the last 365 days",
        "Dispute cycle time of deductions management", "lower"),
}  # fmt: skip

EXPECTED = (
    "Every open and undisputed amount is expected on its due day plus the days its customer usually takes. Those are the "
    "quartiles of days late of the invoices the customer paid in the last year, leaning on its segment's and on all "
    "customers' while there are few (five invoices weigh as much as the others' habit). What was promised or is part of "
    "a payment plan is expected on its own day. Where the usual day has passed, what is left to wait grows with the time "
    "since: a third of it, as long again, or three times as long. Low is when everybody is slow, high when everybody is "
    "quick; together all weeks and what comes later are what is open and undisputed."
)
EXPECTED_SOURCE = "Empirical quantiles with shrinkage (Efron and Morris, 1977); docs/figures.md"
