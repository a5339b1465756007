"""What goes out on paper: invoices and statements as PDF, reports as tables."""
