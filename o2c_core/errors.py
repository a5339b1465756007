"""The ways in which the world can say no, by what can be done about it."""

from __future__ import annotations


class Failure(Exception):
    """Something went wrong outside our own code. A subclass's docstring is the sentence people read."""

    def __init__(self, sentence: str | None = None, /, **fields: object) -> None:
        self.fields = fields
        self.sentence = sentence or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return self.sentence


class Refused(Failure):
    """That cannot be done."""


class NotFound(Refused):
    """There is nothing by that name here."""


class Overtaken(Failure):
    """Something moved in the meantime; look again."""


class Outage(Failure):
    """A service that is needed does not answer right now; try again later."""
