"""Reading a file of a kind that may be hostile in a process of its own, with so much memory, time and length and no more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Literal

from knowledge.blocks import Block, Parts

SECONDS_MAX = 30
_MEMORY_BYTES_MAX = 1_500_000_000

Why = Literal["unreadable", "too large", "too slow", "no text"]

# Where each kind is read; its module is only loaded in the process that reads.
READERS: Mapping[str, str] = {
    ".html": "knowledge.html_document",
    ".htm": "knowledge.html_document",
    ".docx": "knowledge.docx_document",
    ".pdf": "knowledge.pdf_document",
}


class FileRefused(ValueError):
    """A file that is not read, and why."""

    def __init__(self, why: Why) -> None:
        self.why: Why = why


def read_apart(content: bytes, kind: str, *, seconds: float = SECONDS_MAX) -> Parts:
    """What the file holds, read by a child process that cannot harm this one. Raises: FileRefused."""
    # No shell, no argument that comes from a file, and a Python that looks at no setting of its surroundings.
    command = [sys.executable, "-I", "-c", "import sys; from knowledge.apart import main; main(sys.argv[1])", kind]
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as slow:
        raise FileRefused("too slow") from slow
    try:
        answer = json.loads(child.stdout)
    except ValueError as crash:
        # The child was ended by its limits or by a fault in the library that reads the file.
        raise FileRefused("unreadable") from crash
    if "refused" in answer:
        raise FileRefused(answer["refused"])
    return Parts(answer["title"], answer["about"], [Block(**block) for block in answer["blocks"]], answer["hidden"])


def main(kind: str) -> None:
    """The child's whole work: limits first, then one file from standard input, and what it holds as JSON."""
    _limit_this_process()
    read: Callable[[bytes], Parts] = import_module(READERS[kind]).read
    try:
        answer = asdict(read(sys.stdin.buffer.read()))
    except FileRefused as refused:
        answer = {"refused": refused.why}
    except MemoryError:
        answer = {"refused": "too large"}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time and length limits still hold
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES_MAX, _MEMORY_BYTES_MAX))
