"""What customers object to and complain about."""
