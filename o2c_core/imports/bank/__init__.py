"""Bank files: what a statement of camt.053 or MT940 says happened on an account, the same way for both."""
