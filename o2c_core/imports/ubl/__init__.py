"""Electronic invoices and credit notes in UBL 2.1: reading them, and the rules they must keep."""
