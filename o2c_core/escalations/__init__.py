"""Finance's escalation rules: what they see, when they fire and what they do."""
