"""Simulated customers: a year of trade, to see what a way of reminding does before anybody is written to."""
