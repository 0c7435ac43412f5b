"""What the workflows of these tests do to the world: a line in a file for each time it is done."""

import asyncio
import os
import time
from pathlib import Path

from segue import Call


def _effects() -> Path:
    return Path(os.environ["EFFECTS"])


def _write(line: str) -> None:
    with _effects().open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def once(call: Call, turn: int = 0) -> int:
    """Do something that must not be done again once it is known to be done."""
    _write(call.idempotency_key)
    return turn


def together(call: Call) -> int:
    """Say that it begins, and wait until two processes have said so."""
    _write(f"begun {call.idempotency_key} {os.getpid()}")
    until = time.monotonic() + 30
    while len({line.split()[2] for line in _effects().read_text().splitlines()}) < 2:
        assert time.monotonic() < until, "nobody else has come"
        time.sleep(0.01)
    return os.getpid()


async def hang_once(call: Call) -> str:
    """Keep the event loop from going on, the first time."""
    begun = _effects().exists()
    _write(f"begun {call.idempotency_key} {os.getpid()}")
    if not begun:
        time.sleep(1000)  # noqa: ASYNC251 (what it is for)
    return "done"


async def slowly(call: Call, seconds: float) -> str:
    """Say that it begins, and take its time."""
    _write(f"begun {call.idempotency_key} {os.getpid()}")
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        _write(f"ended {time.time()}")
        raise
    return f"done by {os.getpid()}"
