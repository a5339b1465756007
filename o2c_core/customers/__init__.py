"""Who sells, who buys, and how people there are reached."""
