"""What a browser calls itself, in two words that people know."""

from __future__ import annotations

# The first that fits counts: many call themselves by the names of others as well.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip


def browser_name(agent: str) -> str:
    """As "Firefox on Windows"; what it says itself, cut short, where nothing of that is known."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    if browser is None:
        return agent[:40] or "an unknown browser"
    return f"{browser} on {system}" if system else browser
